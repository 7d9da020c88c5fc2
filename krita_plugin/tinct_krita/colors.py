"""The colors of the strokes in use: found without stopping the interface, and exchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from krita import Krita, ManagedColor, Selection

from . import layers, pixels
from .bands import Banded, Turn
from .formats import SRGB_PROFILE, STROKES
from .qt import QByteArray, QColor, QImage, Qt, QTimer
from .texts import Refusal, _

OPAQUE_FROM = 128
"""Alpha from which the engine takes a pixel for a stroke."""

SMALLEST_STROKE_PX = 12
SMALLEST_SHARE = 0.002
COLORS_MAXIMUM = 24
CHUNK_PIXELS = 1 << 13
"""About half a millisecond of counting."""

Steps = Generator[float, None, None]


class StepRunner:
    """Run a generator, one step per turn of the main loop; it yields how many seconds to wait."""

    def __init__(self) -> None:
        self._steps: Steps | None = None
        self._finished: Callable[[], None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether steps are left."""
        return self._steps is not None

    def start(self, steps: Steps, finished: Callable[[], None] | None = None) -> None:
        """Begin, giving up what was running."""
        self.stop()
        self._steps, self._finished = steps, finished
        self._next(steps)

    def stop(self) -> None:
        """Give up."""
        steps, self._steps = self._steps, None
        if steps is not None:
            steps.close()

    def _next(self, steps: Steps) -> None:
        if steps is not self._steps:
            return
        try:
            wait = next(steps)
        except StopIteration:
            self._steps = None
            if self._finished is not None:
                self._finished()
        except BaseException:
            self._steps = None
            raise
        else:
            QTimer.singleShot(round(1000 * wait), lambda: self._next(steps))


class ColorScan:
    """Find the colors of a layer of strokes.

    Parameters
    ----------
    found
        Gets the colors as ``#rrggbb``, the most used first, when all have been counted.
    """

    def __init__(self, found: Callable[[list[str]], None]) -> None:
        self._found = found
        self._runner = StepRunner()
        self._counted: list[tuple[QByteArray, Counter[int]]] = []

    def start(self, strokes: Banded | pixels.Pixels) -> None:
        """Count anew; bands that were counted before are known."""
        self._runner.start(self._count(strokes.painted))

    def stop(self) -> None:
        """Give up counting."""
        self._runner.stop()

    def _count(self, bands: Sequence[QByteArray]) -> Steps:
        yield 0.0
        turn = Turn()
        known = {id(band): (band, counts) for band, counts in self._counted}
        self._counted = []
        for band in bands:
            counts: Counter[int] = known[id(band)][1] if id(band) in known else Counter()
            for chunk in _chunks(band) if id(band) not in known else ():
                counts.update(memoryview(chunk).cast("I"))
                if turn.is_over:
                    yield 0.0
                    turn.begin()
            self._counted.append((band, counts))
        total: Counter[int] = Counter()
        for _band, counts in self._counted:
            total.update(counts)
        self._found(_main_colors(total))


def _chunks(band: QByteArray) -> Iterator[bytes]:
    """Yield what is painted in a band, and what lies around it."""
    view, size = memoryview(band), 4 * CHUNK_PIXELS
    empty = bytes(size)
    for start in range(0, len(view), size):
        chunk = bytes(view[start : start + size])
        if chunk != empty[: len(chunk)]:
            yield chunk


def _main_colors(counts: Counter[int]) -> list[str]:
    """Return the strokes' own colors; blends where strokes overlap are too few to count."""
    by_color: Counter[int] = Counter()
    for pixel, count in counts.items():
        if pixel >> 24 >= OPAQUE_FROM:
            by_color[pixel & 0xFFFFFF] += count
    least = max(SMALLEST_STROKE_PX, SMALLEST_SHARE * sum(by_color.values()))
    common = by_color.most_common(COLORS_MAXIMUM)
    return [f"#{color:06x}" for color, count in common if count >= least]


def pick(color: str) -> None:
    """Make a color the brush's."""
    view = Krita.instance().activeWindow().activeView()
    if view is not None and view.document() is not None:
        view.setForeGroundColor(_managed(color))


def exchange_color(document: Any, node: Any, old: str, new: str) -> Steps:
    """Give every stroke of one color another one, as one undo step of Krita's own.

    Soft edges keep their alpha. Selection, brush color and active layer are as before when the
    generator ends.

    Raises
    ------
    Refusal
        When the layer is locked, or holds no such color.
    """
    if layers.is_locked(node):
        raise Refusal(_("The layer {} is locked; unlock it to change its colors.", node.name()))
    view = Krita.instance().activeWindow().activeView()
    mask = _mask_of(document, node, old)
    selection, active = document.selection(), document.activeNode()
    foreground, locked = view.foregroundColor(), node.alphaLocked()
    # Krita's own fill is undoable, and with alpha locked it changes nothing but the color
    node.setAlphaLocked(True)
    document.setActiveNode(node)
    document.setSelection(mask)
    view.setForeGroundColor(_managed(new))
    yield 0.05
    Krita.instance().action("fill_selection_foreground_color").trigger()
    yield 0.05
    document.waitForDone()
    node.setAlphaLocked(locked)
    view.setForeGroundColor(foreground)
    document.setSelection(selection)
    if active is not None:
        document.setActiveNode(active)


def _mask_of(document: Any, node: Any, color: str) -> Any:
    """Return a selection of the pixels that have this color, whatever their alpha."""
    strokes = pixels.read_strokes(node, document)
    rows = len(strokes.data) // (4 * strokes.width)
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    wanted = 0xFF000000 | red << 16 | green << 8 | blue
    # RGB32 is how Krita's 8-bit pixels lie, with alpha left out
    image = QImage(
        bytes(strokes.data), strokes.width, rows, 4 * strokes.width, QImage.Format.Format_RGB32
    )
    found = image.createMaskFromColor(wanted, Qt.MaskMode.MaskInColor)
    selection = Selection()
    selection.setPixelData(pixels.gray_bytes(found), 0, strokes.top, strokes.width, rows)
    if rows == 0 or selection.width() <= 0:
        raise Refusal(_("No stroke has this color any more."))
    return selection


def _managed(color: str) -> Any:
    chosen = QColor(color)
    managed = ManagedColor(STROKES.model, STROKES.depth, SRGB_PROFILE)
    managed.setComponents([chosen.blueF(), chosen.greenF(), chosen.redF(), 1.0])
    return managed
