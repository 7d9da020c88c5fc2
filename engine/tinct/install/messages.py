"""Translations: finds the texts users see, keeps template and catalogs fresh, compiles them.

``python -m tinct.install.messages`` in a checkout rewrites ``engine/tinct_client/locale``: new
texts come in, old ones go, translations stay.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tinct import catalog

__all__ = ["compile_all", "extract", "read_po", "write_po"]

DOMAIN = "tinct"
MARKERS = ("_", "N_")
ADAPTERS = ("gimp_plugin", "krita_plugin")
HEADER = (
    "Project-Id-Version: tinct\n"
    "Language: {language}\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def extract(checkout: Path) -> list[str]:
    """Return every text users see: the catalog's and those marked in the adapters, sorted."""
    found = set(_catalog_texts())
    for top in ADAPTERS:
        for path in (checkout / top).rglob("*.py"):
            if "_vendor" not in path.parts:
                found.update(_marked_texts(path.read_text("utf-8")))
    return sorted(found - {""})


def read_po(text: str) -> dict[str, str]:
    """Return translations by text; the header stands under the empty text."""
    messages: dict[str, str] = {}
    key, value, target = "", "", ""
    for line in [*text.splitlines(), 'msgid ""']:
        if line.startswith("msgid "):
            if target == "msgstr":
                messages[key] = value
            key, value, target = "", "", "msgid"
        elif line.startswith("msgstr "):
            target = "msgstr"
        quoted = _QUOTED.search(line)
        if quoted is None or line.startswith("#"):
            continue
        if target == "msgid":
            key += _unescape(quoted[1])
        else:
            value += _unescape(quoted[1])
    return messages


def write_po(texts: Iterable[str], translations: Mapping[str, str], language: str) -> str:
    """Return the text of a catalog: all `texts`, with the translations there are."""
    parts = [_entry("", HEADER.format(language=language))]
    parts += [_entry(text, translations.get(text, "")) for text in texts]
    return "\n".join(parts)


def compile_all(source: Path, target: Path) -> None:
    """Compile every ``LANGUAGE.po`` of a folder to ``LANGUAGE/LC_MESSAGES/tinct.mo``."""
    for path in sorted(source.glob("*.po")):
        folder = target / path.stem / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{DOMAIN}.mo").write_bytes(_machine_object(read_po(path.read_text("utf-8"))))


def update(checkout: Path) -> dict[str, int]:
    """Rewrite template and catalogs of a checkout; return untranslated texts by language."""
    folder = checkout / "engine" / "tinct_client" / "locale"
    texts = extract(checkout)
    (folder / f"{DOMAIN}.pot").write_text(write_po(texts, {}, ""), "utf-8")
    missing = {}
    for path in sorted(folder.glob("*.po")):
        known = read_po(path.read_text("utf-8"))
        path.write_text(write_po(texts, known, path.stem), "utf-8")
        missing[path.stem] = sum(not known.get(text) for text in texts)
    return missing


def _catalog_texts() -> Iterable[str]:
    for info in catalog.to_info():
        if not info["listed"]:
            continue
        yield from (info["title"], info["menu"], info["action"], info["summary"])
        for role in info["inputs"]:
            yield from (role["title"], role["description"])
        for output in info["outputs"]:
            yield output["title"]
        for parameter in info["parameters"]:
            yield from (parameter["title"], parameter["description"])
            yield from parameter.get("enumTitles", ())


def _marked_texts(source: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in MARKERS
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.args[0].value


def _machine_object(messages: Mapping[str, str]) -> bytes:
    """Return GNU gettext's binary form: sorted texts, their translations, no hash table."""
    pairs = sorted((k.encode(), v.encode()) for k, v in messages.items() if v)
    start = 28 + 16 * len(pairs)  # behind the header and two tables of (length, offset)
    tables, body = [], b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), start + len(body)))
            body += pair[column] + b"\0"
    table_bytes = 8 * len(pairs)
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + table_bytes, 0, 28)
    return header + b"".join(tables) + body


def _entry(text: str, translation: str) -> str:
    return f"msgid {_quote(text)}\nmsgstr {_quote(translation)}\n"


def _quote(text: str) -> str:
    lines = text.splitlines(keepends=True)
    if len(lines) > 1:
        return '""\n' + "\n".join(_quote(line) for line in lines)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text)


if __name__ == "__main__":
    left = update(Path(__file__).resolve().parents[3])
    print(", ".join(f"{language}: {count} untranslated" for language, count in left.items()))
    sys.exit(0)
