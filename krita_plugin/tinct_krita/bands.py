"""A layer's pixels in bands of rows: read a few at a time, and only when they may have changed."""

from __future__ import annotations

import dataclasses
import functools
import operator
import time
from collections.abc import Generator, Iterator
from typing import Any

from . import pixels
from .client import buffers, protocol
from .formats import STROKES, Format
from .qt import QByteArray

BAND_ROWS = 64
"""As high as Krita's tiles; a band of a large picture still fits into a processor's cache."""

TURN_S = 0.008
"""How long one turn of the main loop may be kept busy: a screen's picture lasts twice as long."""

AGAIN_S = 2.0
"""A layer that says it has not changed is read again after this, lest it says so wrongly."""

FUTILE_MAXIMUM = 3
FUTILE_S = 0.4
"""A layer that said so often in vain that it may have changed is read no more often than this."""

NOTHING = QByteArray()
"""A band without a painted pixel."""


class Turn:
    """One turn of the main loop, which must not last long."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Count from now."""
        self._until = time.monotonic() + TURN_S

    @property
    def is_over(self) -> bool:
        """Whether the rest has to wait for another turn."""
        return time.monotonic() >= self._until


@dataclasses.dataclass(frozen=True, eq=False)
class Banded:
    """A picture the size of the document, in bands of rows.

    Parameters
    ----------
    format
        Plain, see `Format.is_plain`.
    width, height
        In pixels.
    bands
        From the top, `band_rows` rows each, the last one perhaps fewer; `NOTHING` is transparent.
    """

    format: Format
    width: int
    height: int
    bands: tuple[QByteArray, ...]
    band_rows: int = BAND_ROWS
    raw: None = None

    @classmethod
    def of(cls, picture: pixels.Pixels) -> Banded:
        """Return another kind of picture in bands."""
        row = picture.width * picture.format.pixel_bytes
        whole = b"".join(picture.chunks())
        starts = range(0, len(whole), row * BAND_ROWS)
        bands = (QByteArray(whole[start : start + row * BAND_ROWS]) for start in starts)
        return cls(picture.format, picture.width, picture.height, tuple(bands))

    @property
    def painted(self) -> list[QByteArray]:
        """What is not known to be transparent, from the top."""
        return [band for band in self.bands if len(band)]

    def rows(self, first: int, last: int) -> bytes:
        """Return the bytes of some rows; `last` is the first one left out."""
        row, parts = self.width * self.format.pixel_bytes, []
        for number in range(first // self.band_rows, (last - 1) // self.band_rows + 1):
            top = number * self.band_rows
            start, end = max(first - top, 0), min(last - top, self.band_rows)
            band = self.bands[number]
            part = memoryview(band)[start * row : end * row] if len(band) else None
            parts.append(bytes((end - start) * row) if part is None else part)
        return b"".join(parts)

    def sending(self, exchange: buffers.Exchange) -> Generator[None, None, protocol.PixelRef]:
        """Write the picture where the engine finds it, a band a step."""
        return exchange.write_steps(
            self._chunks(),
            self.height,
            self.width,
            layout=self.format.layout,
            dtype=self.format.dtype,
            space=self.format.space or "srgb",
        )

    def _chunks(self) -> Iterator[bytes | memoryview]:
        row = self.width * self.format.pixel_bytes
        empty = bytes(row * self.band_rows)
        for number, band in enumerate(self.bands):
            rows = min(self.band_rows, self.height - number * self.band_rows)
            yield memoryview(band) if len(band) else memoryview(empty)[: rows * row]


class Watch:
    """Follow one paint layer; bands that hold what they held stay the same objects.

    Attributes
    ----------
    picture
        The layer as last read, or None before that.
    """

    def __init__(self) -> None:
        self.picture: Banded | None = None
        self._state: object = None
        self._read_at = 0.0
        self._futile = 0
        self._lap: _Lap | None = None

    @staticmethod
    def can_follow(node: Any, are_strokes: bool) -> bool:
        """Whether a layer's own bytes are what the engine reads."""
        if node.type() != "paintlayer":
            return False
        own = pixels.format_of(node)
        if are_strokes:
            return own.is_plain and (own.depth, own.space) == (STROKES.depth, STROKES.space)
        return own.is_plain and not node.childNodes()

    @property
    def is_midway(self) -> bool:
        """Whether it is being read, and goes on with the next `look`."""
        return self._lap is not None

    def look(self, node: Any, document: Any, are_strokes: bool, turn: Turn, awake: bool) -> None:
        """Read on, if there is something to read, until the turn is over.

        Parameters
        ----------
        awake
            Read it each time where a Krita always says that it may have changed.
        """
        if self._lap is None:
            state = _state(node, document)
            age = time.monotonic() - self._read_at
            pause = FUTILE_S if self._futile > FUTILE_MAXIMUM and not awake else 0.0
            if age < (AGAIN_S if state == self._state else pause):
                return
            format_ = STROKES if are_strokes else pixels.format_of(node)
            self._lap = _Lap(self.picture, state, format_, node, document)
        lap = self._lap
        lap.read(node, turn)
        if lap.is_over:
            self._lap, self._read_at = None, time.monotonic()
            self._end(lap)

    def _end(self, lap: _Lap) -> None:
        found = lap.found()
        is_futile = found is self.picture and lap.state != self._state
        self._futile = self._futile + 1 if is_futile else 0
        self._state, self.picture = lap.state, found


class _Lap:
    """One reading of a layer from top to bottom."""

    def __init__(
        self, known: Banded | None, state: object, format_: Format, node: Any, document: Any
    ) -> None:
        self.state = state
        self._known = known
        self._format = format_
        self._width, self._height = document.width(), document.height()
        bounds = node.bounds()
        is_empty = bounds.width() <= 0
        self._painted = (0, 0) if is_empty else (bounds.top(), bounds.bottom() + 1)
        self._bands: list[QByteArray] = []
        size = (self._width, self._height, format_)
        is_like = known is not None and (known.width, known.height, known.format) == size
        self._old = known.bands if known is not None and is_like else None

    @property
    def is_over(self) -> bool:
        """Whether all has been read."""
        return len(self._bands) * BAND_ROWS >= self._height

    def read(self, node: Any, turn: Turn) -> None:
        """Read the next bands, one at least."""
        above, below = self._painted
        while not self.is_over:
            top = len(self._bands) * BAND_ROWS
            rows = min(BAND_ROWS, self._height - top)
            is_outside = top >= below or top + rows <= above
            band = NOTHING if is_outside else self._read_band(node, top, rows)
            self._bands.append(band)
            if turn.is_over:
                return

    def _read_band(self, node: Any, top: int, rows: int) -> QByteArray:
        data = node.pixelData(0, top, self._width, rows)
        old = self._old[top // BAND_ROWS] if self._old is not None else NOTHING
        if len(old) and data == old:
            return old
        return NOTHING if data == _blank(len(data)) else data

    def found(self) -> Banded:
        """Return the picture, the known one if it is the same."""
        bands = tuple(self._bands)
        old = self._old
        if self._known is not None and old is not None and all(map(operator.is_, bands, old)):
            return self._known
        return Banded(self._format, self._width, self._height, bands)


def _state(node: Any, document: Any) -> object:
    """Return what differs, as far as Krita tells, whenever a layer's pixels have changed.

    Krita keeps a layer's thumbnail until its pixels change: the same picture has the same key.
    """
    place, own = node.position(), pixels.format_of(node)
    size = (document.width(), document.height())
    return (node.thumbnail(1, 1).cacheKey(), place.x(), place.y(), own, size)


@functools.lru_cache(maxsize=4)
def _blank(count: int) -> QByteArray:
    return QByteArray(bytes(count))
