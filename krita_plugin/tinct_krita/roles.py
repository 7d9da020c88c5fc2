"""From an operation's roles to layers, documents and the selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from krita import Krita

from . import layers, pixels, records
from .texts import STROKES_NAME, Refusal, _

LAYER, DOCUMENT, NOTHING = "layer:", "document:", ""
Choice = str
"""``layer:ID``, ``document:NAME`` or an empty text for nothing."""


def is_open(document: Any) -> bool:
    """Whether a document is still there: after it closed nothing of it may be asked."""
    return document is not None and document in Krita.instance().documents()


def documents() -> list[Any]:
    """Return the documents the user knows of."""
    return [d for d in Krita.instance().documents() if d.name() != pixels.SCRATCH]


def document_name(document: Any) -> str:
    """Return what distinguishes an open document: its file, else its name."""
    return document.fileName() or document.name()


def is_picked(role: Mapping[str, Any]) -> bool:
    """Whether the user chooses this role's picture; the selection needs no choice."""
    return bool(role["source"] != "selection")


def options(document: Any, role: Mapping[str, Any]) -> list[tuple[str, Choice]]:
    """Return titles and choices for a role, as a picker lists them."""
    found = [(_("None"), NOTHING)] if role["optional"] else []
    live = set(records.read(document)["live"])
    for node in layers.walk(document):
        if layers.key(node) not in live:
            found.append((node.name(), LAYER + layers.key(node)))
    if role["source"] == "picture":
        others = [other for other in documents() if other != document]
        named = [(_("Document: {}", _short(d)), DOCUMENT + document_name(d)) for d in others]
        found = named + found if not role["optional"] else [found[0], *named, *found[1:]]
    return found


def first_choice(
    document: Any, role: Mapping[str, Any], base: Any, remembered: Choice | None
) -> Choice:
    """Return what a picker shows first: what was chosen before, else what the role's source says.

    Names and records decide, never pixels.
    """
    listed = [choice for _title, choice in options(document, role)]
    if remembered is not None and remembered in listed:
        return remembered
    if role["source"] == "active-layer":
        return LAYER + layers.key(base) if base is not None else NOTHING
    if role["source"] == "layer-above":
        strokes = find_strokes(document)
        return LAYER + layers.key(strokes) if strokes is not None else NOTHING
    if role["source"] == "picture" and not role["optional"]:
        return next((choice for choice in listed if choice.startswith(DOCUMENT)), NOTHING)
    return NOTHING


def find_base(document: Any) -> Any:
    """Return the layer to color: the active one, or what lies below tinct's own layers."""
    record = records.read(document)
    own = {*record["strokes"], *record["swatches"], *record["live"], *record["results"]}
    node = document.activeNode()
    while node is not None and node.type() not in layers.LAYER_TYPES:
        node = node.parentNode()  # a mask's layer
    if node is not None and layers.key(node) not in own and not _is_named_strokes(node):
        return node
    readable = [n for n in layers.walk(document) if layers.key(n) not in own]
    readable = [n for n in readable if not _is_named_strokes(n)]
    below = _below(document, node, readable) if node is not None else None
    return below or (readable[-1] if readable else None)


def find_strokes(document: Any) -> Any:
    """Return the newest layer of strokes that is still there, or None."""
    for identity in reversed(records.read(document)["strokes"]):
        node = layers.find(document, identity)
        if node is not None:
            return node
    return next((n for n in layers.walk(document) if _is_named_strokes(n)), None)


def resolve(document: Any, choice: Choice, title: str) -> Any:
    """Return the layer or document of a choice.

    Raises
    ------
    Refusal
        When it is gone.
    """
    if choice.startswith(LAYER):
        node = layers.find(document, choice[len(LAYER) :])
        if node is not None:
            return node
        raise Refusal(_("The layer chosen for {} is gone; choose another one.", title))
    wanted = choice[len(DOCUMENT) :]
    for other in documents():
        if document_name(other) == wanted:
            return other
    raise Refusal(_("The document chosen for {} is not open; open it or choose another.", title))


def read(document: Any, choice: Choice, title: str) -> pixels.Pixels:
    """Return the pixels of a choice."""
    found = resolve(document, choice, title)
    if choice.startswith(DOCUMENT):
        return pixels.read_document(found)
    return pixels.read_node(found, document)


def _below(document: Any, node: Any, readable: list[Any]) -> Any:
    """Return the nearest readable layer below `node`."""
    order = [layers.key(n) for n in layers.walk(document)]
    place = order.index(layers.key(node)) if layers.key(node) in order else -1
    lower = order[place + 1 :]
    return next((n for n in readable if layers.key(n) in lower), None)


def _is_named_strokes(node: Any) -> bool:
    return node.name().startswith((STROKES_NAME, _(STROKES_NAME)))


def _short(document: Any) -> str:
    name = document_name(document)
    return name.replace("\\", "/").rsplit("/", 1)[-1] or _("unnamed")
