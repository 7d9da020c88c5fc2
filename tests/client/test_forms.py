from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinct import catalog
from tinct.declare import FilePattern
from tinct.errors import ParameterError
from tinct.parameters import EnabledWhen, Parameter
from tinct_client.errors import InvalidParameter
from tinct_client.forms import Field, Form, Presets

PARAMETERS = [
    Parameter("amount", "number", "Amount", 0.5, "How much.", 0.0, 2.0, 0.1),
    Parameter("count", "integer", "Count", 3, minimum=1, maximum=9, step=1, advanced=True),
    Parameter("sharp", "boolean", "Sharp", False),
    Parameter(
        "method", "choice", "Method", "fast", choices=("fast", "exact"),
        choice_titles=("Fast", "Exact"),
    ),
    Parameter("turn", "angle", "Turn", 0.0, minimum=0.0, maximum=360.0, step=1.0,
              enabled_when=EnabledWhen("method", "exact")),
    Parameter("start", "seed", "Start", 0, minimum=0, maximum=2**32 - 1, step=1,
              enabled_when=EnabledWhen("turn", 90.0)),
    Parameter("table", "file", "Table", None, patterns=("*.gpl",)),
]  # fmt: skip
COLORS = [
    Parameter("tint", "color", "Tint", "#102030"),
    Parameter("swatches", "palette", "Swatches", []),
    Parameter("pairs", "boxes", "Pairs", []),
]
INFO: dict[str, Any] = {
    "id": "sample",
    "parameters": [parameter.to_info() for parameter in PARAMETERS]
    + [
        {"name": parameter.name, "kind": parameter.kind, "title": parameter.title,
         "default": parameter.default}
        for parameter in COLORS
    ],
}  # fmt: skip
ALL = PARAMETERS + COLORS
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    | st.integers(-2, 12) | st.floats(-1, 400)
    | st.sampled_from(["fast", "exact", "#2a7FFF", "#12"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
) | st.lists(st.tuples(*[st.tuples(*[st.integers(-1, 9)] * 4)] * 2).map(
    lambda pair: [list(pair[0]), list(pair[1])]), max_size=2)  # fmt: skip


@pytest.fixture
def form() -> Form:
    return Form(INFO)


def test_order_titles_and_folding(form: Form) -> None:
    assert [field.name for field in form.fields] == [parameter.name for parameter in ALL]
    assert [field.name for field in form.advanced] == ["count"]
    assert len(form.basic) == len(ALL) - 1
    assert form.by_name["method"].choices == (("fast", "Fast"), ("exact", "Exact"))
    assert form.by_name["amount"].description == "How much."
    assert form.by_name["table"].patterns == ("*.gpl",)
    assert not form.by_name["table"].save


def test_a_file_to_be_written_says_so() -> None:
    written = Annotated[Path | None, FilePattern("*.gpl", save=True)]
    info = Parameter.of("save_to", written, None).to_info()
    assert Field.from_info(info).save


def refusal(parameter: Parameter, value: Any) -> str | None:
    """Return the engine's sentence about a value."""
    try:
        parameter.parse(value)
    except ParameterError as error:
        return str(error)
    return None


@given(st.sampled_from(ALL), VALUES)
def test_forms_and_engine_judge_alike(parameter: Parameter, value: Any) -> None:
    assert Form(INFO).by_name[parameter.name].problem(value) == refusal(parameter, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", 2.0), ("amount", 2.0001), ("amount", -0.0), ("amount", math.nan),
        ("amount", math.inf), ("amount", True), ("amount", "1"), ("count", 3.0), ("count", 3.5),
        ("count", 10), ("count", math.inf), ("start", 2**32), ("start", 2**32 - 1),
        ("tint", "#12345g"), ("tint", "#1234567"), ("tint", "#12345\n"), ("swatches", ["#123456"]),
        ("swatches", ["#123456"] * 256), ("swatches", ["#123456"] * 257), ("swatches", "#123456"),
        ("table", ""), ("table", "a\0b"), ("table", 5), ("method", ["fast"]), ("method", None),
        ("pairs", [[[0, 0, 1, 1], [0, 0, 1, 1]]]), ("pairs", [[[0, 0, 1, 0], [0, 0, 1, 1]]]),
        ("pairs", [[[0, 0, 1, True], [0, 0, 1, 1]]]), ("pairs", [[[0, 0, 1, 1]]]),
        ("pairs", [[[0, 0, 1, 1], [0, 0, 1, 1]]] * 65), ("sharp", 1), ("sharp", True),
    ],
)  # fmt: skip
def test_corners_are_judged_alike(form: Form, name: str, value: Any) -> None:
    parameter = next(parameter for parameter in ALL if parameter.name == name)
    assert form.by_name[name].problem(value) == refusal(parameter, value)


def test_every_operation_has_a_form_whose_defaults_fit() -> None:
    for operation in catalog.list_operations():
        info = json.loads(json.dumps(operation.to_info()))
        form = Form(info)
        assert form.problems() == {}
        assert form.values == {field["name"]: field["default"] for field in info["parameters"]}
        operation.parse_parameters(form.values)
        for parameter in operation.parameters:
            assert form.by_name[parameter.name].allowed == parameter.allowed
            assert [form.is_enabled(parameter.name)]


def test_set_refuses_and_keeps_the_old_value(form: Form) -> None:
    form.set("amount", 1.5)
    with pytest.raises(InvalidParameter, match="amount must be 0 to 2; got 3") as caught:
        form.set("amount", 3)
    assert caught.value.data["parameter"] == "amount"
    with pytest.raises(InvalidParameter, match="no parameter 'sharpness'"):
        form.set("sharpness", 1)
    assert form.values["amount"] == 1.5


def test_fields_wait_for_others(form: Form) -> None:
    assert not form.is_enabled("turn")
    form.set("method", "exact")
    assert form.is_enabled("turn")
    assert not form.is_enabled("start")
    form.set("turn", 90)
    assert form.is_enabled("start")
    form.set("method", "fast")
    assert not form.is_enabled("start")  # what it waits for waits itself
    assert form.is_enabled("amount")


def test_problems_name_what_does_not_fit(form: Form) -> None:
    form.values["amount"] = 9
    assert form.problems() == {"amount": "amount must be 0 to 2; got 9."}


def test_values_are_the_forms_own(form: Form) -> None:
    palette = ["#000000"]
    form.set("swatches", palette)
    palette.append("red")
    form.defaults()["pairs"].append(5)
    assert form.values["swatches"] == ["#000000"]
    assert form.defaults()["pairs"] == []


def test_remember_and_recall(form: Form) -> None:
    form.set("amount", 1.25)
    form.set("swatches", ["#000000"])
    other = Form(INFO)
    other.set("count", 5)
    other.recall(form.remember())
    assert other.values == form.values


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", "[" * 100_000])
def test_what_cannot_be_recalled_gives_defaults(form: Form, text: str) -> None:
    form.set("amount", 1.25)
    form.recall(text)
    assert form.values == form.defaults()


def test_what_no_longer_fits_gives_its_default(form: Form) -> None:
    form.recall('{"amount": 5, "count": 7, "gone": 1}')
    assert form.values == form.defaults() | {"count": 7}


def test_presets_are_kept_by_operation(form: Form, tmp_path: Path) -> None:
    presets = Presets("sample", tmp_path / "presets")
    assert presets.names() == []
    form.set("amount", 1.25)
    presets.save(" Warm ", form)
    presets.save("cold", form)
    form.reset()
    Presets("sample", tmp_path / "presets").load("Warm", form)
    assert form.values["amount"] == 1.25
    assert presets.names() == ["cold", "Warm"]
    presets.delete("Warm")
    assert presets.names() == ["cold"]
    presets.load("Warm", form)
    assert form.values == form.defaults()
    assert Presets("other", tmp_path / "presets").names() == []
    assert [path.name for path in (tmp_path / "presets").iterdir()] == ["sample.json"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_preset_needs_a_name(form: Form, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidParameter, match="name must have"):
        Presets("sample", tmp_path).save(name, form)


@pytest.mark.parametrize("text", ["", "[]", '{"a": 5}', "\udcff"])
def test_a_broken_preset_file_is_as_none(form: Form, tmp_path: Path, text: str) -> None:
    (tmp_path / "sample.json").write_text(text, "utf-8", errors="surrogateescape")
    presets = Presets("sample", tmp_path)
    assert presets.names() == []
    presets.save("New", form)
    assert presets.names() == ["New"]


def test_fields_cannot_be_changed(form: Form) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        form.fields[0].default = 5  # type: ignore[misc]
    assert isinstance(form.fields[0], Field)
