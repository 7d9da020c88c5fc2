"""Packed numbers: the nearest there is, the same again when packed again, read by compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from tinct.algorithms.halves import number, pack_floats, pack_shares, share


@njit
def shares(stored: Any, out: Any) -> None:
    for i in range(stored.size):
        out[i] = share(stored[i])


@njit
def numbers(stored: Any, out: Any) -> None:
    for i in range(stored.size):
        out[i] = number(stored[i])


def unpacked(read: Any, stored: Any) -> Any:
    out = np.empty(stored.size, np.float32)
    read(stored.reshape(-1), out)
    return out.reshape(stored.shape)


def test_shares_are_within_half_a_step() -> None:
    values = np.random.default_rng(0).random((3, 5, 700)).astype(np.float32)
    back = unpacked(shares, pack_shares(values))
    assert back.shape == values.shape
    assert np.abs(back - values).max() < 0.51 / 65535
    np.testing.assert_array_equal(pack_shares(back), pack_shares(values))


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_shares_keep_their_ends(end: float) -> None:
    near = np.float32([end, end + 1e-7])
    np.testing.assert_array_equal(unpacked(shares, pack_shares(near)), [end, end])


def test_floats_are_the_nearest_of_eight_bits() -> None:
    rng = np.random.default_rng(1)
    values = (rng.normal(size=20_000) * 10.0 ** rng.uniform(-30, 30, 20_000)).astype(np.float32)
    back = unpacked(numbers, pack_floats(values))
    fraction, exponent = np.frexp(values.astype(np.float64))
    np.testing.assert_array_equal(back, np.ldexp(np.rint(fraction * 256), exponent - 8))
    np.testing.assert_array_equal(unpacked(numbers, pack_floats(back)), back)


def test_float32_is_read_as_it_is() -> None:
    values = np.float32([0.1, 1 / 3, 1.0])
    for read in (shares, numbers):
        np.testing.assert_array_equal(unpacked(read, values), values)


def test_many_numbers_are_packed_like_few() -> None:
    values = np.random.default_rng(2).random(2_000_003).astype(np.float32)
    for pack in (pack_shares, pack_floats):
        parts = [pack(part.copy()) for part in np.array_split(values, 50)]
        np.testing.assert_array_equal(pack(values), np.concatenate(parts))
