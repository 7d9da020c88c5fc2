"""Layers made, found and taken away, each change as one undo step, or as none where it says so.

Krita records adding and removing in the history of the document that *made* the layer's wrapper.
So a result is built in a scratch document and joins the real one by a single step; and the layer
that shows live results is changed by wrappers of a scratch document, which leaves no step.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from typing import Any

from krita import Krita

from . import pixels
from .formats import SRGB_PROFILE, STROKES, Format
from .qt import QByteArray
from .texts import LIVE_NAME, _

LAYER_TYPES = ("paintlayer", "grouplayer", "filelayer", "vectorlayer", "clonelayer", "filllayer")
GROUP_NAME = "Tinct"
CLEAR_ROWS = 256
SETTLED_S = 0.4
"""Until then Krita has brought its menus up to date with a new layer."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One layer of a result: its title, depth and bytes."""

    title: str
    depth: str
    data: QByteArray


@dataclasses.dataclass(frozen=True)
class Result:
    """One output of a run, as it is to lie in the document.

    Parameters
    ----------
    parts
        From the bottom; several make a group of that title.
    blend
        Krita's name of the blending mode.
    """

    title: str
    parts: Sequence[Part]
    blend: str
    space: Format


def walk(document: Any) -> Iterator[Any]:
    """Yield every layer that can be read, from the top, groups before their children."""
    stack = document.topLevelNodes()  # from the bottom: the last is taken first
    while stack:
        node = stack.pop()
        if node.type() in LAYER_TYPES:
            yield node
            stack.extend(node.childNodes())


def find(document: Any, identity: str) -> Any:
    """Return the layer with this unique id as text, or None."""
    return next((node for node in walk(document) if key(node) == identity), None)


def key(node: Any) -> str:
    """Return a layer's unique id as text; it outlives saving and opening again."""
    return str(node.uniqueId().toString())


def is_locked(node: Any) -> bool:
    """Whether the layer, or a group it lies in, is locked."""
    while node is not None:
        if node.locked():
            return True
        node = node.parentNode()
    return False


def plain_name(document: Any, wanted: str) -> str:
    """Return `wanted`, with a number behind it when the document has a layer of that name."""
    names = {node.name() for node in walk(document)}
    numbered = (f"{wanted} {number}" for number in range(2, 1000))
    return wanted if wanted not in names else next(n for n in numbered if n not in names)


def space_for(document: Any, depth: str) -> Format:
    """Return the format of a result layer: sRGB, linear where the document is linear sRGB."""
    own = pixels.format_of(document)
    if own.is_plain and own.depth == depth:
        return own
    return Format("RGBA", depth, SRGB_PROFILE)


def add_results(document: Any, results: Sequence[Result], title: str, above: Any) -> Any:
    """Put a run's results directly above a layer, several of them in a group, as one undo step.

    Parameters
    ----------
    results
        From the bottom.
    title
        Of the group that several results make; it lets their blending modes reach the picture.

    Returns
    -------
    Node
        The new layer or group.
    """
    with pixels.scratch_document(results[0].space) as scratch:
        made = [_result_node(scratch, document, result) for result in results]
        node = made[0] if len(made) == 1 else _group(scratch, title, made)
        if len(made) > 1:
            node.setPassThroughMode(True)
        scratch.waitForDone()
        above.parentNode().addChildNode(node, above)
    document.refreshProjection()  # a group filled off the tree shows nothing before
    return find(document, key(node)) or node


def _result_node(scratch: Any, document: Any, result: Result) -> Any:
    made, space = [], result.space
    for part in result.parts:
        layer = scratch.createNode(part.title, "paintlayer")
        if pixels.format_of(layer) != space:
            layer.setColorSpace(space.model, space.depth, space.profile)
            scratch.waitForDone()
        layer.setPixelData(part.data, 0, 0, document.width(), document.height())
        made.append(layer)
    node = made[0] if len(made) == 1 else _group(scratch, result.title, made)
    node.setName(result.title)
    if result.blend != "normal":
        node.setBlendingMode(result.blend)
    return node


def _group(scratch: Any, title: str, nodes: Sequence[Any]) -> Any:
    group = scratch.createGroupLayer(title)
    for node in nodes:
        group.addChildNode(node, None)
    return group


class Workplace:
    """The group where live results show, and, where it was made for that, the strokes lie.

    It joins the document by one step; whatever happens to the live layer in it is in no history.

    Parameters
    ----------
    document
        Where it is made.
    above
        The base: the group lies directly above it.
    strokes
        The name for a layer to paint on, or an empty text when there is one elsewhere.

    Attributes
    ----------
    keys
        Unique ids of the group and of the live layer.
    strokes
        The layer to paint on, or None.
    blend
        The blending mode in which `show` shows the result.
    """

    def __init__(self, document: Any, above: Any, strokes: str = "") -> None:
        self.document = document
        self.width, self.height = document.width(), document.height()
        active = document.activeNode()
        # as large as the document: Krita repaints a layer within the size of its maker
        self._scratch = pixels.new_scratch(STROKES, self.width, self.height)
        self._group = self._scratch.createGroupLayer(plain_name(document, GROUP_NAME))
        self._live = self._scratch.createNode(_(LIVE_NAME), "paintlayer")
        self._live.setVisible(False)
        self._group.addChildNode(self._live, None)
        # so that the live layer's blending mode reaches the picture
        self._group.setPassThroughMode(True)
        made = None
        if strokes:
            made = self._scratch.createNode(plain_name(document, strokes), "paintlayer")
            self._group.addChildNode(made, None)
        self._scratch.waitForDone()
        above.parentNode().addChildNode(self._group, above)
        document.waitForDone()
        self.blend = "normal"
        self.keys = [key(self._group), key(self._live)]
        self.strokes = None if made is None else find(document, key(made)) or made
        self._wanted = self.strokes or active
        self._made_at = time.monotonic()
        self._mark: tuple[str, list[str]] | None = None

    @property
    def is_there(self) -> bool:
        """Whether group and live layer are still in the tree."""
        inside = self._group.parentNode() is not None
        return inside and self._live.parentNode() is not None

    @property
    def space(self) -> Format:
        """The format of the results it can take now."""
        return pixels.format_of(self._live)

    def take_space(self, space: Format) -> None:
        """Prepare for results of another format."""
        if self.space != space:
            self._live.setColorSpace(space.model, space.depth, space.profile)
            self._scratch.waitForDone()

    def write(self, data: QByteArray, top: int, rows: int) -> None:
        """Take rows of a result; `show` shows them."""
        self._live.setPixelData(data, 0, top, self.width, rows)

    def read(self, top: int = 0, rows: int | None = None) -> QByteArray:
        """Return the result, or some of its rows."""
        return self._live.pixelData(0, top, self.width, self.height if rows is None else rows)

    def show(self, visible: bool) -> None:
        """Show or hide the result, without waiting until Krita has painted it."""
        if self._live.visible() != visible:
            self._live.setVisible(visible)
        # the one change of a layer that repaints it and that goes to its maker's history
        self._live.setBlendingMode(self.blend)

    def clear(self) -> None:
        """Hide the result and give its memory back."""
        self._live.setVisible(False)
        row = QByteArray(bytes(self.width * self.space.pixel_bytes * CLEAR_ROWS))
        for top in range(0, self.height, CLEAR_ROWS):
            self.write(row, top, min(CLEAR_ROWS, self.height - top))
        self.show(False)

    def end(self) -> None:
        """End live mode: nothing of it shows; a group made for it alone goes away with its step."""
        self.clear()
        if self.strokes is not None:
            return
        undo = Krita.instance().action("edit_undo")
        if self._mark == self._history() and self.document == Krita.instance().activeDocument():
            undo.trigger()  # nothing has happened since: the history is as before
        else:
            group = find(self.document, self.keys[0])
            if group is not None:
                group.remove()
        self.document.waitForDone()

    def _history(self) -> tuple[str, list[str]]:
        text = Krita.instance().action("edit_undo").text()
        return text, [key(node) for node in self.document.topLevelNodes()]

    def take_focus(self) -> None:
        """Activate the strokes: Krita activates a group that is added, some time later."""
        if self._mark is None and time.monotonic() - self._made_at > SETTLED_S:
            self._mark = self._history()
        active = self.document.activeNode()
        if self._wanted is not None and active is not None and key(active) in self.keys:
            self.document.setActiveNode(self._wanted)

    def close(self) -> None:
        """Let go of the scratch document, while the real one is still whole."""
        pixels.close_scratch(self._scratch)
