"""Krita in Simplified Chinese and in Korean: chosen by the system, or in Krita's own menu."""

from __future__ import annotations

import pytest

from e2e.editors import root
from e2e.krita.krita_host import PROFILE, KritaHost
from tinct.install import messages

WORDS = ("Keep as layer", "Discard", "Cancel")
LOCALE = root.CHECKOUT / "engine" / "tinct_client" / "locale"


@pytest.mark.parametrize(("language", "by_menu"), [("zh_CN", False), ("ko", True)])
def test_the_docker_speaks_it(krita_52: KritaHost, language: str, by_menu: bool) -> None:
    translations = messages.read_po((LOCALE / f"{language}.po").read_text("utf-8"))
    words = [translations[word] for word in WORDS]
    assert all(words)
    assert set(words).isdisjoint(WORDS)
    choice = krita_52.out / PROFILE / "config" / "klanguageoverridesrc"
    settings = {"TINCT_TEST_WORDS": "|".join(words), "TINCT_TEST_LANGUAGE": language}
    if by_menu:
        choice.write_text(f"[Language]\nkrita={language}\n")
    else:
        settings["LANGUAGE"] = language
    try:
        verdict = krita_52.run_cases(["language"], **settings)["language"]
    finally:
        choice.unlink(missing_ok=True)
    assert verdict.passed, verdict.failure
