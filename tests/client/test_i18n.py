from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tinct.install import messages
from tinct_client import i18n


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    source = tmp_path / "source"
    source.mkdir()
    for language, word in (("zh_CN", "颜色"), ("ko", "색")):
        text = messages.write_po(["Color"], {"Color": word}, language)
        (source / f"{language}.po").write_text(text, "utf-8")
    messages.compile_all(source, tmp_path / "locale")
    yield tmp_path / "locale"
    i18n.use_language("en")


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("zh_CN", "颜色"),
        ("zh_CN.UTF-8", "颜色"),
        ("ko_KR.UTF-8", "색"),
        ("fr:ko", "색"),
        ("fr", "Color"),
        ("en:ko", "Color"),
        ("C.UTF-8", "Color"),
    ],
)
def test_the_language_chooses(folder: Path, language: str, word: str) -> None:
    i18n.use_language(language, folder)
    assert i18n.gettext("Color") == word
    assert i18n.gettext("not translated") == "not translated"
    assert i18n.gettext("") == ""


def test_the_environment_chooses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "ko:zh_CN")
    i18n.use_language(folder=folder)
    assert i18n.gettext("Color") == "색"


def test_without_catalogs_texts_stay(tmp_path: Path) -> None:
    i18n.use_language("ko", tmp_path)
    assert i18n.gettext("Color") == "Color"
