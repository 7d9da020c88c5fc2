"""Every parameter kind: declared, described, parsed, refused."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinct.declare import (
    Advanced,
    Angle,
    Box,
    Boxes,
    BoxPair,
    Color,
    EnabledWhen,
    FilePattern,
    Label,
    Palette,
    Parameter,
    Range,
    Seed,
    Titles,
)
from tinct.errors import ParameterError

RED = Color(1.0, 0.0, 0.0)
CASES = {
    "number": (
        Annotated[float, Range(0.0, 2.0, 0.5)],
        1.0,
        [0, 0.25, 2],
        [-0.1, 2.1, "1", True, None],
    ),
    "integer": (Annotated[int, Range(1, 9)], 3, [1, 9, 4.0], [0, 10, 1.5, False, "3"]),
    "boolean": (bool, False, [True, False], [0, 1, "true", None]),
    "choice": (Literal["soft", "hard-edged"], "soft", ["hard-edged"], ["SOFT", "", None, 1]),
    "color": (Color, RED, ["#00ff7f", "#ABCDEF"], ["red", "#fff", "00ff7f", 5, [1, 0, 0]]),
    "palette": (Palette, (RED,), [[], ["#000000", "#ffffff"]], ["#000000", ["x"], [1]]),
    "angle": (Annotated[float, Angle()], 90.0, [0, 359.5, 360], [-1, 361, "90"]),
    "seed": (Annotated[int, Seed()], 0, [7, 2**32 - 1], [-1, 2**32, 0.5]),
    "file": (Annotated[Path | None, FilePattern("*.gpl")], None, [None, "a.gpl"], [3, "a\0b"]),
    "boxes": (
        Boxes,
        (),
        [[], [[[0, 0, 3, 4], [1, 2, 5, 6]]]],
        [[[[0, 0, 0, 4], [1, 2, 5, 6]]], [[[0, 0, 3, 4]]], "x", [[[0, 0, 3, 4.5], [1, 2, 5, 6]]]],
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_kind_is_read_from_the_annotation(kind):
    annotation, default, _, _ = CASES[kind]
    parameter = Parameter.of("strength", annotation, default)
    assert parameter.kind == kind
    assert parameter.default == default
    assert parameter.to_info()["kind"] == kind


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, c in CASES.items() for v in c[2]])
def test_good_values_survive_a_round_trip(kind, value):
    annotation, default, _, _ = CASES[kind]
    parameter = Parameter.of("strength", annotation, default)
    parsed = parameter.parse(value)
    assert parameter.parse(parameter.to_wire(parsed)) == parsed


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, c in CASES.items() for v in c[3]])
def test_bad_values_get_one_sentence_that_says_what_is_allowed(kind, value):
    annotation, default, _, _ = CASES[kind]
    parameter = Parameter.of("strength", annotation, default)
    with pytest.raises(ParameterError, match="strength must be") as caught:
        parameter.parse(value)
    assert parameter.allowed in str(caught.value)
    assert caught.value.data()["parameter"] == "strength"


def test_not_a_number_is_refused():
    number = Parameter.of("strength", CASES["number"][0], 1.0)
    for value in (float("nan"), float("inf")):
        with pytest.raises(ParameterError):
            number.parse(value)


def test_boxes_become_named_tuples():
    parameter = Parameter.of("boxes", Boxes, ())
    pair = parameter.parse([[[0, 1, 3, 4], [1, 2, 5, 6]]])[0]
    assert pair == BoxPair(Box(0, 1, 3, 4), Box(1, 2, 5, 6))
    assert pair.reference.width == 5


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_colors_keep_every_8_bit_value(parts):
    text = "#" + "".join(f"{part:02x}" for part in parts)
    assert Color.from_hex(text).to_hex() == text


def test_info_speaks_json_schema():
    parameter = Parameter.of(
        "edge_strength",
        Annotated[
            float,
            Range(0.0, 1.0, 0.01),
            Label("Edge strength", "Higher stops color at fainter edges."),
            Advanced(),
            EnabledWhen("method", "soft"),
        ],
        0.5,
    )
    assert parameter.to_info() == {
        "name": "edge_strength",
        "kind": "number",
        "title": "Edge strength",
        "description": "Higher stops color at fainter edges.",
        "default": 0.5,
        "minimum": 0.0,
        "maximum": 1.0,
        "multipleOf": 0.01,
        "advanced": True,
        "enabledWhen": {"parameter": "method", "values": ["soft"]},
    }


def test_choices_carry_titles():
    annotated = Annotated[Literal["soft", "hard"], Titles("Soft", "Hard as ink")]
    info = Parameter.of("method", annotated, "soft").to_info()
    assert info["enum"] == ["soft", "hard"]
    assert info["enumTitles"] == ["Soft", "Hard as ink"]


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (str, "text"),
        (list[int], []),
        (float, 1.0),  # without a Range
        (Annotated[float, Range(1.0, 1.0)], 1.0),
        (Annotated[float, Range(0.0, 1.0)], 2.0),
        (Annotated[int, Range(0, 5)], None),
        (Annotated[bool, "marker"], True),
        (Literal[1, 2], 1),
        (Annotated[Literal["a", "b"], Titles("only one")], "a"),
        (Path, Path()),
        (complex, 1j),
    ],
)
def test_what_the_vocabulary_cannot_express_is_a_type_error(annotation, default):
    with pytest.raises(TypeError):
        Parameter.of("strength", annotation, default)
