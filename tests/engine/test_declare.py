"""A declaration and its function must agree, and the description must carry everything."""

import json
from typing import Annotated

import pytest

from tinct.declare import Context, EnabledWhen, Image, Input, Mask, Operation, Output, Range, Result
from tinct.errors import ParameterError


def brighten(
    image: Image,
    region: Mask | None = None,
    *,
    gain: Annotated[float, Range(0.0, 4.0, 0.1)] = 1.5,
    context: Context = Context(),
) -> Result:
    """Multiply every value.

    More words that are not the summary.
    """
    return {"colors": image * gain}


IMAGE = Input("image", "rgba", "Image", source="active-layer")
REGION = Input("region", "mask", "Region", source="selection", optional=True)
COLORS = Output("colors", "rgba", "Bright")


def declare(function=brighten, *, name="brighten", inputs=(IMAGE, REGION), outputs=(COLORS,)):
    return Operation.of(
        function,
        id=name,
        title="Brighten",
        menu="Test",
        action="Go",
        inputs=inputs,
        outputs=outputs,
    )


def test_declaration_reads_the_signature():
    operation = declare()
    assert operation.summary == "Multiply every value."
    assert [parameter.name for parameter in operation.parameters] == ["gain"]
    assert brighten is operation.function  # still an ordinary function


def test_info_travels_as_json():
    info = declare().to_info()
    assert json.loads(json.dumps(info)) == info
    assert info["inputs"][1]["optional"] is True
    assert info["parameters"][0]["default"] == 1.5


@pytest.mark.parametrize("name", ["Brighten", "brighten_it", "-brighten", "brighten--it", ""])
def test_ids_are_words_joined_by_hyphens(name):
    with pytest.raises(TypeError, match="hyphens"):
        declare(name=name)


def test_roles_must_be_the_arguments():
    with pytest.raises(TypeError, match="declares"):
        declare(inputs=(IMAGE,))
    with pytest.raises(TypeError, match="declares"):
        declare(inputs=(REGION, IMAGE))


def test_optional_inputs_need_a_default_and_others_none():
    with pytest.raises(TypeError, match="optional"):
        declare(inputs=(IMAGE, Input("region", "mask", "Region")))


def test_base_is_always_one_picture():
    many = Input("image", "rgba", "Image", many=True)
    with pytest.raises(TypeError, match="base"):
        declare(inputs=(many, REGION))


def test_outputs_are_distinct_and_present():
    for outputs in ((), (COLORS, COLORS)):
        with pytest.raises(TypeError, match="outputs"):
            declare(outputs=outputs)


def test_summary_is_required():
    def silent(image: Image) -> Result:
        return {}

    with pytest.raises(TypeError, match="docstring"):
        declare(silent, inputs=(IMAGE,))


def test_parameter_without_default_or_kind_is_refused():
    def bare(image: Image, *, gain: Annotated[float, Range(0.0, 1.0)]) -> Result:
        """Lack a default."""
        return {}

    def odd(image: Image, *, gain: str = "x") -> Result:
        """Have a text parameter, which is no kind."""
        return {}

    for function in (bare, odd):
        with pytest.raises(TypeError, match="gain"):
            declare(function, inputs=(IMAGE,))


def test_parameters_are_parsed_and_filled_in():
    operation = declare()
    assert operation.parse_parameters({}) == {"gain": 1.5}
    assert operation.parse_parameters({"gain": 2}) == {"gain": 2.0}
    with pytest.raises(ParameterError, match=r"no parameter 'strength'; it has gain\."):
        operation.parse_parameters({"strength": 1})


def test_context_narrows_progress():
    seen = []
    context = Context(progress=lambda fraction, stage: seen.append((fraction, stage)))
    inner = context.within(0.5, 1.0)
    for fraction in (0.0, 0.5, 7.0):
        inner(fraction, "Solving")
    assert seen == [(0.5, "Solving"), (0.75, "Solving"), (1.0, "Solving")]


def test_parameters_that_wait_in_vain_are_refused():
    def alone(
        image: Image, *, gain: Annotated[bool, EnabledWhen("nothing", True)] = True
    ) -> Result:
        """Wait for a parameter that is not there."""
        return {}

    def circle(
        image: Image,
        *,
        first: Annotated[bool, EnabledWhen("second", True)] = True,
        second: Annotated[bool, EnabledWhen("first", True)] = True,
    ) -> Result:
        """Wait for each other."""
        return {}

    for function in (alone, circle):
        with pytest.raises(TypeError, match="in vain"):
            declare(function, inputs=(IMAGE,))
