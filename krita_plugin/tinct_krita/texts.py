"""The adapter's words in the user's language, and the sentences for what cannot be done."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .client import i18n
from .qt import QLocale, QStandardPaths

N_ = i18n.mark

STROKES_NAME = N_("Tinct strokes")
LIVE_NAME = N_("Color (live)")
SWATCHES_NAME = N_("Tinct swatches")
OVERRIDES = "klanguageoverridesrc"
_CHOSEN = re.compile(r"^krita=(?:@ByteArray\()?([\w.@:-]+)", re.MULTILINE)


class Refusal(Exception):
    """Something that cannot be done now; its text is the sentence for the user."""


def _(text: str, *values: object) -> str:
    """Return a text in the user's language, with `values` put into its braces."""
    translated = i18n.gettext(text)
    return translated.format(*values) if values else translated


def use_krita_language() -> None:
    """Take the language Krita itself uses: the one chosen in its menu, else the system's."""
    system = [name.replace("-", "_") for name in QLocale().uiLanguages()]
    chosen = _chosen_language() or os.environ.get("LANGUAGE", "") or ":".join(system)
    i18n.use_language(chosen)


def _chosen_language() -> str:
    """Return what Settings > Switch Application Language wrote, such as ``ko:en_US``."""
    place = QStandardPaths.StandardLocation.GenericConfigLocation
    path = Path(QStandardPaths.writableLocation(place)) / OVERRIDES
    try:
        found = _CHOSEN.search(path.read_text("utf-8", "replace"))
    except OSError:
        return ""
    return found[1] if found else ""
