"""From an operation's roles to layers, documents and the selection."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from krita import Krita

from . import files, layers, pixels, records
from .qt import sip
from .texts import STROKES_NAME, Refusal, _

LAYER, DOCUMENT, NOTHING = "layer:", "document:", ""
Choice = str | list[str]
"""``layer:ID``, ``document:NAME`` (a file's path, open or not) or an empty text for nothing; a
list of them for a role that takes several pictures."""

Choices = Mapping[str, Choice]


def is_open(document: Any) -> bool:
    """Whether a document is still there: after it closed nothing of it may be asked."""
    if document is None:
        return False
    found = Krita.instance().documents()
    for one in found:
        sip.transferback(one)  # else each would stay for good, and live mode asks all the time
    return document in found


def documents() -> list[Any]:
    """Return the documents the user knows of."""
    return [d for d in Krita.instance().documents() if d.name() != pixels.SCRATCH]


def document_name(document: Any) -> str:
    """Return what distinguishes an open document: its file, else its name."""
    return document.fileName() or document.name()


def is_picked(role: Mapping[str, Any]) -> bool:
    """Whether the user chooses this role's picture; the selection needs no choice."""
    return bool(role["source"] != "selection")


def each(choice: Choice) -> list[str]:
    """Return the pictures of a choice one by one."""
    return [one for one in ([choice] if isinstance(choice, str) else choice) if one]


def options(
    document: Any, role: Mapping[str, Any], chosen: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """Return titles and choices for a role, as a picker lists them.

    Files are listed when they are among those chosen.
    """
    found = [(_("None"), NOTHING)] if role["optional"] else []
    live = set(records.read(document)["live"])
    for node in layers.walk(document):
        if layers.key(node) not in live:
            found.append((node.name(), LAYER + layers.key(node)))
    if role["source"] == "picture":
        others = [other for other in documents() if other != document]
        named = [(_("Document: {}", short_name(d)), DOCUMENT + document_name(d)) for d in others]
        open_ones = [choice for _title, choice in named]
        named += [
            (file_title(choice[len(DOCUMENT) :]), choice)
            for choice in dict.fromkeys(chosen)
            if _is_file(choice) and choice not in open_ones
        ]
        found = named + found if not role["optional"] else [found[0], *named, *found[1:]]
    return found


def file_title(path: str) -> str:
    """Return how a picker lists a file."""
    return _("File: {}", os.path.basename(path))


def first_choices(
    document: Any, role: Mapping[str, Any], base: Any, remembered: Choice | None
) -> list[str]:
    """Return what pickers show first: what was chosen before, else what the role's source says.

    Names and records decide, never pixels.
    """
    listed = [choice for _title, choice in options(document, role)]
    if remembered is not None:
        wanted = remembered if isinstance(remembered, list) else [remembered]
        there = [one for one in wanted if one in listed or (isinstance(one, str) and _is_file(one))]
        if there or not wanted:
            return there
    if role["source"] == "active-layer":
        return [LAYER + layers.key(base)] if base is not None else []
    if role["source"] == "layer-above":
        strokes = find_strokes(document)
        return [LAYER + layers.key(strokes)] if strokes is not None else []
    if role["source"] == "picture" and not role["optional"]:
        return [choice for choice in listed if choice.startswith(DOCUMENT)][:1]
    return []


def _is_file(choice: str) -> bool:
    return choice.startswith(DOCUMENT) and os.path.isfile(choice[len(DOCUMENT) :])


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


def resolve(document: Any, choice: str, title: str) -> Any:
    """Return the layer or open document of a choice.

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
    found = find_document(choice[len(DOCUMENT) :])
    if found is not None:
        return found
    raise Refusal(_("The document chosen for {} is not open; open it or choose another.", title))


def find_document(name: str) -> Any:
    """Return the open document of this name, see `document_name`, or None."""
    return next((other for other in documents() if document_name(other) == name), None)


def read(document: Any, choice: str, title: str, known: Sequence[Any] = ()) -> pixels.Pixels:
    """Return the pixels of a choice; of another document without what tinct drew on it.

    Parameters
    ----------
    known
        What was read before, see `pixels.read_node`.

    Raises
    ------
    Refusal
        When it is gone, or a file that holds no picture.
    """
    name = choice[len(DOCUMENT) :]
    if _is_file(choice) and find_document(name) is None:
        return files.read(name)
    found = resolve(document, choice, title)
    if choice.startswith(DOCUMENT):
        record = records.read(found)
        own = {*record["swatches"], *record["strokes"]}
        return pixels.read_document(found, own, known)
    return pixels.read_node(found, document, known)


def boxed_document(document: Any, info: Mapping[str, Any], choices: Choices, second: bool) -> Any:
    """Return the document on which a pair's first or second box is to be selected.

    Raises
    ------
    Refusal
        When no picture is chosen for the second, or it is a file that is not open.
    """
    role = next((role for role in info["inputs"] if role["source"] == "picture"), None)
    if not second or role is None:
        return document
    chosen = each(choices.get(role["role"], NOTHING))
    if not chosen:
        raise Refusal(_("Choose a picture for {}.", _(role["title"])))
    if chosen[0].startswith(LAYER):
        return document
    if _is_file(chosen[0]) and find_document(chosen[0][len(DOCUMENT) :]) is None:
        name = os.path.basename(chosen[0])
        raise Refusal(_("Open {} in Krita to select a place in it.", name))
    return resolve(document, chosen[0], _(role["title"]))


def _below(document: Any, node: Any, readable: list[Any]) -> Any:
    """Return the nearest readable layer below `node`."""
    order = [layers.key(n) for n in layers.walk(document)]
    place = order.index(layers.key(node)) if layers.key(node) in order else -1
    lower = order[place + 1 :]
    return next((n for n in readable if layers.key(n) in lower), None)


def _is_named_strokes(node: Any) -> bool:
    return node.name().startswith((STROKES_NAME, _(STROKES_NAME)))


def short_name(document: Any) -> str:
    """Return a document's name without its folder."""
    name = document_name(document)
    return str(name.replace("\\", "/").rsplit("/", 1)[-1] or _("unnamed"))
