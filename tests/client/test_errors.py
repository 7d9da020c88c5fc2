from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import tinct.errors
from tinct.worker.messages import ParseError, error_of
from tinct_client import errors, protocol


def _tree(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)


WIRE_CODES = {
    value
    for name, value in vars(protocol).items()
    if name.isupper() and isinstance(value, int) and value < 0
}


@pytest.mark.parametrize(
    "kind", sorted({*_tree(tinct.errors.TinctError)}, key=lambda k: k.__name__)
)
def test_every_error_of_the_engine_has_a_class_here(kind: type[tinct.errors.TinctError]) -> None:
    raised = kind("What is wrong.")
    arrived = errors.from_wire(error_of(raised, ""))
    assert type(arrived) is errors.BY_CODE[kind.code]
    assert str(arrived) == "What is wrong."
    assert arrived.code == kind.code
    assert arrived.data == raised.data()


def test_parse_errors_are_in_the_tree() -> None:
    assert ParseError in set(_tree(tinct.errors.TinctError))


def test_codes_and_classes_are_one_to_one() -> None:
    assert set(errors.BY_CODE) == WIRE_CODES
    for code, kind in errors.BY_CODE.items():
        assert kind.code == code


def test_every_class_is_drawn_in_the_docstring() -> None:
    for kind in _tree(errors.EngineError):
        assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    "value",
    [None, 5, [], {}, {"code": -32000}, {"message": "x"}, {"code": "1", "message": "x"},
     {"code": -32000, "message": ""}],
)  # fmt: skip
def test_an_answer_without_description_is_still_a_sentence(value: object) -> None:
    error = errors.from_wire(value)
    assert isinstance(error, errors.InternalError)
    assert error.message.endswith(".")


def test_an_unknown_code_keeps_code_and_sentence() -> None:
    error = errors.from_wire({"code": -31999, "message": "Later.", "data": [1]})
    assert type(error) is errors.EngineError
    assert (error.code, error.message, error.data) == (-31999, "Later.", {})
