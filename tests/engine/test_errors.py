"""The tree in the docstring is the tree in the code, and every class has its wire code."""

import inspect
import re

import pytest

from tinct import errors
from tinct_client import protocol


def classes():
    return [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.TinctError)
    ]


def test_public_names_are_the_classes():
    assert sorted(errors.__all__) == sorted(cls.__name__ for cls in classes())


def test_docstring_draws_the_tree():
    drawn = dict(re.findall(r"(\w+)\s+(-32\d+)", errors.__doc__))
    assert drawn == {cls.__name__: str(cls.code) for cls in classes()}
    depth = {}
    for line in errors.__doc__.splitlines():
        match = re.match(r"([\s│├└─]*)(\w+)\s+-32", line)
        if match:
            depth[match.group(2)] = (len(match.group(1)) - 4) // 4
    assert depth == {cls.__name__: _depth(cls) for cls in classes()}


def _depth(cls):
    steps = 0
    while cls is not errors.TinctError:
        cls = next(base for base in cls.__bases__ if issubclass(base, errors.TinctError))
        steps += 1
    return steps


@pytest.mark.parametrize("cls", classes())
def test_every_class_has_a_code_of_the_protocol_and_plain_data(cls):
    known = {value for value in vars(protocol).values() if isinstance(value, int)}
    assert cls.code in known
    error = cls("A sentence.")
    assert str(error) == "A sentence."
    assert all(isinstance(value, str) for value in error.data().values())
