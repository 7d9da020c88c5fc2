"""Compiled loops of the file formats; imported on first use, because numba takes long to load."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["decode_lzw", "unfilter_png", "warm_kernels"]

CLEAR_CODE, END_CODE, FIRST_CODE, MAX_CODES = 256, 257, 258, 4096


@numba.njit(cache=True, nogil=True)
def unfilter_png(rows: NDArray[Any], pixel_bytes: int) -> bool:
    """Undo PNG's row filters in place.

    Parameters
    ----------
    rows
        Shape (M, 1 + bytes of a row), uint8; the first column holds filter types 0 to 4.
    pixel_bytes
        Bytes of one pixel.

    Returns
    -------
    bool
        False when a filter type is unknown.
    """
    height, width = rows.shape
    for row in range(height):
        kind = rows[row, 0]
        if kind > 4:
            return False
        for column in range(1, width):
            left = int(rows[row, column - pixel_bytes]) if column > pixel_bytes else 0
            above = int(rows[row - 1, column]) if row > 0 else 0
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = above
            elif kind == 3:
                guess = (left + above) >> 1
            elif kind == 4:
                corner = 0
                if row > 0 and column > pixel_bytes:
                    corner = int(rows[row - 1, column - pixel_bytes])
                to_left = abs(above - corner)
                to_above = abs(left - corner)
                to_corner = abs(left + above - 2 * corner)
                if to_left <= to_above and to_left <= to_corner:
                    guess = left
                elif to_above <= to_corner:
                    guess = above
                else:
                    guess = corner
            else:
                guess = 0
            rows[row, column] = (rows[row, column] + guess) & 0xFF
    return True


@numba.njit(cache=True, nogil=True)
def decode_lzw(packed: NDArray[Any], unpacked: NDArray[Any]) -> int:
    """Undo TIFF's LZW compression (TIFF 6.0, section 13).

    Parameters
    ----------
    packed
        uint8, one strip or tile.
    unpacked
        uint8, written from the start.

    Returns
    -------
    int
        Bytes written; fewer than there is room for when the data end early or make no sense.
    """
    parent = np.zeros(MAX_CODES, np.int32)
    last = np.zeros(MAX_CODES, np.uint8)
    length = np.ones(MAX_CODES, np.int32)
    for code in range(256):
        last[code] = code
    bits, held, position, written = 9, 0, 0, 0
    buffer = 0
    known, previous = FIRST_CODE, -1
    while written < unpacked.size:
        while held < bits:
            if position >= packed.size:
                return written
            buffer = ((buffer << 8) | int(packed[position])) & 0xFFFFFFFF
            position += 1
            held += 8
        code = (buffer >> (held - bits)) & ((1 << bits) - 1)
        held -= bits
        if code == END_CODE:
            return written
        if code == CLEAR_CODE:
            bits, known, previous = 9, FIRST_CODE, -1
            continue
        if code > known or (code >= 256 and previous < 0) or (code == known and known >= MAX_CODES):
            return written
        # the code about to be defined means: the previous text and its own first letter
        text = previous if code == known else code
        count = length[text]
        first = text
        for back in range(count - 1, -1, -1):
            if written + back < unpacked.size:
                unpacked[written + back] = last[first]
            if back > 0:
                first = parent[first]
        letter = last[first]
        written += count
        if code == known and written < unpacked.size:
            unpacked[written] = letter
        if code == known:
            written += 1
        if previous >= 0 and known < MAX_CODES:
            parent[known] = previous
            last[known] = letter
            length[known] = length[previous] + 1
            known += 1
        if known >= (1 << bits) - 1 and bits < 12:
            bits += 1
        previous = code
    return min(written, unpacked.size)


def warm_kernels() -> None:
    """Compile as the readers call them."""
    unfilter_png(np.zeros((1, 3), np.uint8), 2)
    packed = np.zeros(2, np.uint8)
    packed.setflags(write=False)  # what is read from a file
    decode_lzw(packed, np.zeros(1, np.uint8))
