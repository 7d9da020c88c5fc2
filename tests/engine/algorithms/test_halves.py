"""Packed numbers: the nearest there is, the same again when packed again, read by compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from tinct.algorithms.halves import (
    dithered,
    link,
    number,
    pack_floats,
    pack_links,
    pack_shares,
    share,
    unpack_links,
)


@njit
def shares(stored: Any, out: Any) -> None:
    for i in range(stored.size):
        out[i] = share(stored[i])


@njit
def numbers(stored: Any, out: Any) -> None:
    for i in range(stored.size):
        out[i] = number(stored[i])


@njit
def links(stored: Any, out: Any) -> None:
    for i in range(stored.size):
        out[i] = link(stored[i])


@njit
def dither(values: Any, out: Any) -> None:
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            out[i, j] = dithered(values[i, j], i, j)


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


def test_links_are_the_nearest_of_eleven_bits_or_nothing() -> None:
    values = (10.0 ** np.random.default_rng(3).uniform(-22, 0.3, 20_000)).astype(np.float32)
    back = unpacked(links, pack_links(values))
    fraction, exponent = np.frexp(values.astype(np.float64))
    nearest = np.ldexp(np.rint(fraction * 2048), exponent - 11)
    large = values > 2.0**-62
    np.testing.assert_array_equal(back[large], nearest[large])
    assert not back[values < 2.0**-64].any()
    np.testing.assert_array_equal(unpack_links(pack_links(values)), back)
    np.testing.assert_array_equal(unpacked(links, pack_links(back)), back)
    ends = np.float32([0.0, 0.125, 1.0])
    np.testing.assert_array_equal(unpacked(links, pack_links(ends)), ends)


@pytest.mark.parametrize("value", [0.1, 0.3331, 1.7e-5])
def test_dithered_links_are_right_on_the_mean(value: float) -> None:
    stored = np.empty((300, 400), np.uint16)
    dither(np.full(stored.shape, value, np.float32), stored)
    back = unpack_links(stored)
    steps = np.unique(back)
    assert len(steps) == 2
    assert steps[0] < value < steps[1] < 1.002 * steps[0]
    share_up = (back == steps[1]).mean(axis=1)
    assert np.abs(share_up - share_up.mean()).max() < 0.15  # of any row, as of any column
    assert abs(back.mean(dtype=float) / value - 1.0) < 1e-5


def test_float32_is_read_as_it_is() -> None:
    values = np.float32([0.1, 1 / 3, 1.0])
    for read in (shares, numbers, links):
        np.testing.assert_array_equal(unpacked(read, values), values)


def test_many_numbers_are_packed_like_few() -> None:
    values = np.random.default_rng(2).random(2_000_003).astype(np.float32)
    for pack in (pack_shares, pack_floats, pack_links):
        parts = [pack(part.copy()) for part in np.array_split(values, 50)]
        np.testing.assert_array_equal(pack(values), np.concatenate(parts))
