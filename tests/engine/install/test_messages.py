from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

from tinct.install import messages

CHECKOUT = Path(__file__).resolve().parents[3]
LOCALE = CHECKOUT / "engine" / "tinct_client" / "locale"
LANGUAGES = sorted(path.stem for path in LOCALE.glob("*.po"))
ODD = ['quote " and \\ backslash', "two\nlines\n", "tab\t", "色", "plain"]


def test_there_are_two_languages() -> None:
    assert LANGUAGES == ["ko", "zh_CN"]


def test_a_catalog_reads_as_it_was_written() -> None:
    translations = {text: text.upper() for text in ODD}
    text = messages.write_po(ODD, translations, "xx")
    found = messages.read_po(text)
    assert "Language: xx\n" in found.pop("")
    assert found == translations


def test_gettext_reads_what_is_compiled(tmp_path: Path) -> None:
    translations = {text: f"<{text}>" for text in ODD} | {"not yet": ""}
    source = tmp_path / "source"
    source.mkdir()
    (source / "xx.po").write_text(messages.write_po(translations, translations, "xx"), "utf-8")
    messages.compile_all(source, tmp_path / "target")
    found = gettext.translation("tinct", tmp_path / "target", ["xx"])
    for text in ODD:
        assert found.gettext(text) == f"<{text}>"
    assert found.gettext("not yet") == "not yet"


def test_texts_of_catalog_and_adapters_are_found() -> None:
    texts = messages.extract(CHECKOUT)
    assert "Color from strokes" in texts  # the catalog's
    assert "Convert the image to RGB" in texts  # the GIMP plug-in's
    assert texts == sorted(set(texts))
    assert "" not in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_placeholders(language: str) -> None:
    found = messages.read_po((LOCALE / f"{language}.po").read_text("utf-8"))
    assert found.pop("")
    for text, translation in found.items():
        if translation:
            pattern = r"\{\w*\}"
            assert sorted(re.findall(pattern, text)) == sorted(re.findall(pattern, translation))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    """Run ``python -m tinct.install.messages``, then fill in what it left empty."""
    found = messages.read_po((LOCALE / f"{language}.po").read_text("utf-8"))
    assert [text for text in messages.extract(CHECKOUT) if not found.get(text)] == []


def test_the_template_holds_every_text() -> None:
    template = (LOCALE / "tinct.pot").read_text("utf-8")
    assert template == messages.write_po(messages.extract(CHECKOUT), {}, "")
