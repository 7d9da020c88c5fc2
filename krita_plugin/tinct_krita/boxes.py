"""Pairs of boxes: a selection in the picture, and one in the picture its color comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from krita import Krita

from . import layers, pixels, records, roles
from .formats import STROKES
from .qt import (
    QByteArray,
    QColor,
    QHBoxLayout,
    QImage,
    QLabel,
    QPainter,
    QPixmap,
    QPushButton,
    QRect,
    Qt,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from .texts import SWATCHES_NAME, Refusal, _

# equal numbers have equal colors in both documents; told apart by color-blind eyes too
COLORS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999")
SWATCH_OPACITY = 0.6
BORDER_PX = 2
DIGIT_MINIMUM_PX = 12
SAMPLE_PX = 14

Box = list[int]


class BoxesEditor(QWidget):
    """List the pairs, add and match and remove them.

    Parameters
    ----------
    changed
        Gets the complete pairs, ``[[target, reference], …]``, each ``[left, top, width, height]``.

    Attributes
    ----------
    on_problem
        Gets the sentence when a button cannot do its work, an empty one when it could.
    boxed
        Returns the document on which the first or, when true, the second box is to be selected.
    """

    def __init__(self, changed: Callable[[Any], None]) -> None:
        super().__init__()
        self.on_problem: Callable[[str], None] = lambda sentence: None
        self.boxed: Callable[[bool], Any] = lambda second: Krita.instance().activeDocument()
        self.pairs: list[list[Box | None]] = []
        self._changed = changed
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._rows = QVBoxLayout()
        column.addLayout(self._rows)
        buttons = QHBoxLayout()
        self.add = QPushButton(_("Add pair"))
        self.add.setToolTip(_("Takes the selection as the place to color."))
        self.match = QPushButton(_("Match"))
        self.add.clicked.connect(lambda: self._try(self._add))
        self.match.clicked.connect(lambda: self._try(self._match))
        buttons.addWidget(self.add)
        buttons.addWidget(self.match)
        column.addLayout(buttons)
        self._show()

    def write(self, value: Any) -> None:
        """Show these pairs; one that waits for its partner stays while they are the same."""
        pairs: list[list[Box | None]] = [[list(target), list(other)] for target, other in value]
        if pairs != self._complete():
            self.pairs = pairs
            self._show()

    def _add(self) -> None:
        number = self._waiting()
        if number is None:
            number = len(self.pairs)
        old = self.pairs[number][0] if number < len(self.pairs) else None
        box = self._mark(number, old, False)
        self.pairs[number:] = [[box, None]]
        self._show()

    def _match(self) -> None:
        number = self._waiting()
        if number is None:
            raise Refusal(_("Select the place to color and press Add pair first."))
        self.pairs[number][1] = self._mark(number, None, True)
        self._show()
        self._report()

    def _remove(self, number: int) -> None:
        gone = self.pairs.pop(number)
        for second in (False, True):
            with suppress(Refusal):  # the other document may be closed by now
                _redraw(self.boxed(second), gone[second], [pair[second] for pair in self.pairs])
        self._show()
        self._report()

    def _mark(self, number: int, old: Box | None, second: bool) -> Box:
        """Make the selection a box of a pair and return it."""
        document = self.boxed(second)
        box = selected_box(document)
        layer = _swatch_layer(document)
        if old is not None:
            _erase(layer, old)
        _draw(layer, number, box)
        document.refreshProjection()
        return box

    def _waiting(self) -> int | None:
        return next((n for n, pair in enumerate(self.pairs) if pair[1] is None), None)

    def _try(self, action: Callable[[], None]) -> None:
        problem = ""
        try:
            action()
        except Refusal as refusal:
            problem = str(refusal)
        self.on_problem(problem)

    def _report(self) -> None:
        self._changed(self._complete())

    def _complete(self) -> list[list[Box | None]]:
        return [pair for pair in self.pairs if None not in pair]

    def _show(self) -> None:
        while self._rows.count():
            self._rows.takeAt(0).widget().deleteLater()
        for number, pair in enumerate(self.pairs):
            self._rows.addWidget(self._row(number, pair))
        waiting = self._waiting()
        self.match.setEnabled(waiting is not None)
        self.match.setText(
            _("Match to pair {}", waiting + 1) if waiting is not None else _("Match")
        )
        self.match.setToolTip(
            _("Takes the selection as the place the color comes from.")
            if waiting is not None
            else _("Add a pair first.")
        )

    def _row(self, number: int, pair: list[Box | None]) -> Any:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        sample = QPixmap(SAMPLE_PX, SAMPLE_PX)
        sample.fill(QColor(color_of(number)))
        mark = QLabel()
        mark.setPixmap(sample)
        line.addWidget(mark)
        label = QLabel(f"{number + 1}: {_size(pair[0])} ← {_size(pair[1])}")
        remove = QToolButton()
        remove.setText("\N{MULTIPLICATION SIGN}")
        remove.setToolTip(_("Remove this pair"))
        remove.clicked.connect(lambda _checked=False: self._remove(number))
        line.addWidget(label, 1)
        line.addWidget(remove)
        return row


def color_of(number: int) -> str:
    """Return the color of a pair, counted from 0."""
    return COLORS[number % len(COLORS)]


def selected_box(document: Any) -> Box:
    """Return the box around a document's selection, inside its frame.

    Raises
    ------
    Refusal
        When it is not the active document, or has no selection.
    """
    if document != Krita.instance().activeDocument():
        raise Refusal(_("Go to {} and select the place there.", roles.short_name(document)))
    selection = document.selection()
    if selection is None or selection.width() <= 0 or selection.height() <= 0:
        raise Refusal(_("Select a place first, then press the button."))
    frame = QRect(0, 0, document.width(), document.height())
    inside = QRect(selection.x(), selection.y(), selection.width(), selection.height())
    inside = inside.intersected(frame)
    if inside.isEmpty():
        raise Refusal(_("Select a place inside the picture."))
    return [inside.x(), inside.y(), inside.width(), inside.height()]


def _redraw(document: Any, gone: Box | None, boxes: Sequence[Box | None]) -> None:
    """Take a box off the swatch layer and number the others anew."""
    layer = _find_swatch_layer(document)
    if layer is None:
        return
    for box in (gone, *boxes):
        if box is not None:
            _erase(layer, box)
    for number, box in enumerate(boxes):
        if box is not None:
            _draw(layer, number, box)
    document.refreshProjection()


def _draw(layer: Any, number: int, box: Box) -> None:
    layer.setPixelData(QByteArray(_swatch(number, box[2], box[3])), *box)


def _erase(layer: Any, box: Box) -> None:
    layer.setPixelData(QByteArray(bytes(4 * box[2] * box[3])), *box)


def _find_swatch_layer(document: Any) -> Any:
    found = (layers.find(document, key) for key in records.read(document)["swatches"])
    return next((node for node in found if node is not None), None)


def _swatch_layer(document: Any) -> Any:
    node = _find_swatch_layer(document)
    if node is not None:
        return node
    active = document.activeNode()
    with pixels.scratch_document(STROKES) as scratch:
        made = scratch.createNode(layers.plain_name(document, _(SWATCHES_NAME)), "paintlayer")
        made.setOpacity(round(SWATCH_OPACITY * 255))
        scratch.waitForDone()
        document.rootNode().addChildNode(made, None)
        document.waitForDone()
    node = layers.find(document, layers.key(made)) or made
    records.add_layer(document, "swatches", layers.key(node))
    if active is not None:
        document.setActiveNode(active)
    return node


def _swatch(number: int, width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(color_of(number)))
    painter = QPainter(image)
    painter.setPen(QColor("black"))
    for inset in range(BORDER_PX):
        painter.drawRect(inset, inset, width - 1 - 2 * inset, height - 1 - 2 * inset)
    if min(width, height) >= DIGIT_MINIMUM_PX:
        font = painter.font()
        font.setPixelSize(max(DIGIT_MINIMUM_PX, min(width, height) // 2))
        painter.setFont(font)
        painter.drawText(image.rect(), Qt.AlignmentFlag.AlignCenter, str(number + 1))
    painter.end()
    bits = image.constBits()  # ARGB32 lies as blue, green, red, alpha, as Krita's 8 bits do
    bits.setsize(image.sizeInBytes())
    return bytes(bits)


def _size(box: Box | None) -> str:
    return "…" if box is None else f"{box[2]} x {box[3]}"
