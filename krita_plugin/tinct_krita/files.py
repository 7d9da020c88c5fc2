"""Pictures out of files that are not open, read by Krita itself."""

from __future__ import annotations

import os

from krita import Krita

from . import pixels
from .texts import Refusal, _

KEPT_FILES = 3
_kept: dict[tuple[str, int, int], pixels.Pixels] = {}
"""Live mode reads its pictures again and again: a file is opened once for each change of it."""


def read(path: str) -> pixels.Pixels:
    """Return what a file shows, as it is now.

    Raises
    ------
    Refusal
        When Krita cannot open it.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise _unreadable(path) from error
    state = (path, status.st_mtime_ns, status.st_size)
    if state not in _kept:
        while len(_kept) >= KEPT_FILES:
            del _kept[next(iter(_kept))]
        _kept[state] = _read(path)
    return _kept[state]


def _read(path: str) -> pixels.Pixels:
    application = Krita.instance()
    was_batch = application.batchmode()
    application.setBatchmode(True)  # a file without a profile would ask for one
    try:
        document = application.openDocument(path)
    finally:
        application.setBatchmode(was_batch)
    if document is None:
        raise _unreadable(path)
    try:
        document.setBatchmode(True)
        document.waitForDone()
        return pixels.read_document(document)
    finally:
        document.setModified(False)
        document.close()


def _unreadable(path: str) -> Refusal:
    name = os.path.basename(path)
    return Refusal(_("Krita cannot read a picture from {}; choose another file.", name))
