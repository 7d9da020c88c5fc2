"""Translations of what users see, by GNU gettext; English where there is none."""

from __future__ import annotations

import gettext as _gettext
import locale as _locale
import os
from pathlib import Path

DOMAIN = "tinct"
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_translations: _gettext.NullTranslations = _gettext.NullTranslations()


def locale_folder() -> Path:
    """Return where the compiled catalogs lie: beside this package, put there by ``install``."""
    return Path(__file__).resolve().parent.parent / "locale"


def use_language(language: str = "", folder: Path | None = None) -> None:
    """Choose the language of `gettext`.

    Parameters
    ----------
    language
        Such as ``zh_CN`` or ``ko_KR.UTF-8:en``; by default what the environment, then the system
        says. GIMP puts the language of its preferences into the environment; Krita tells.
    folder
        Where the catalogs lie, `locale_folder` by default.
    """
    global _translations
    names = (language or _system_language()).split(":")
    wanted = [name for name in names if name]
    if "en" in [name.split("_")[0].split(".")[0] for name in wanted[:1]] or not wanted:
        _translations = _gettext.NullTranslations()
        return
    _translations = _gettext.translation(
        DOMAIN, folder or locale_folder(), languages=wanted, fallback=True
    )


def gettext(text: str) -> str:
    """Return the translation of a text, or the text itself."""
    return _translations.gettext(text) if text else text


def mark(text: str) -> str:
    """Mark a text for translation and return it as it is."""
    return text


def _system_language() -> str:
    for variable in _VARIABLES:
        if value := os.environ.get(variable, ""):
            return value
    try:
        return _locale.getlocale()[0] or ""  # Windows and macOS set no variables
    except ValueError:
        return ""
