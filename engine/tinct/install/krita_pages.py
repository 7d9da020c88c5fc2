"""Krita's manual page and list of actions, made from the catalog."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from tinct import catalog

__all__ = ["MANUAL", "actions", "manual"]

MANUAL = "manual.html"
COMMANDS = (
    ("tinct_new_strokes", "New strokes"),
    ("tinct_live", "Live colors on or off"),
    ("tinct_keep", "Keep live result as layer"),
    ("tinct_discard", "Discard live result"),
    ("tinct_run_again", "Run again"),
)
FIRST_STEPS = """\
<p>Open a picture and show the docker: Settings &gt; Dockers &gt; Tinct.</p>
<ol>
<li>Choose what to do at the top, such as <i>Color from strokes</i>.</li>
<li>Press <b>+</b> beside <i>Strokes</i>: a layer to paint on appears above the picture.</li>
<li>Press <b>Live</b> and paint with any brush. Colors follow when the brush lifts.</li>
<li>Click a color under <i>Strokes in use</i> to change it everywhere; Alt-click to paint with it.
</li>
<li><b>Keep as layer</b> makes the result a layer, as one undo step; <b>Discard</b> leaves no trace.
</li>
</ol>
<p>A selection limits the result, its feather kept. What a layer was made from is saved in the .kra
file: <i>Tools &gt; Tinct &gt; Run again</i> makes it anew.</p>
<p>Nothing leaves this computer. When something is wrong, run <code>tinct doctor</code>.</p>
"""


def manual() -> str:
    """Return the page that Krita shows beside the plug-in's name."""
    parts = ["<!DOCTYPE html><html><head><meta charset='utf-8'><title>Tinct</title></head><body>"]
    parts += ["<h1>Tinct</h1>", FIRST_STEPS]
    for info in _listed():
        parts.append(f"<h2>{escape(info['title'])}</h2><p>{escape(info['summary'])}</p>")
        parts.append(_rows("Pictures", info["inputs"]))
        parts.append(_rows("Parameters", info["parameters"]))
    parts.append("</body></html>\n")
    return "\n".join(part for part in parts if part)


def actions() -> str:
    """Return the file by which Krita lists the menu entries for shortcuts."""
    named = [("tinct_" + info["id"].replace("-", "_"), info["title"]) for info in _listed()]
    entries = "".join(_action(name, title) for name, title in [*named, *COMMANDS])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ActionCollection version="2" name="Scripts">\n'
        '<Actions category="Scripts">\n<text>Tinct</text>\n'
        f"{entries}</Actions>\n</ActionCollection>\n"
    )


def _listed() -> list[dict[str, Any]]:
    return [info for info in catalog.to_info() if info["listed"]]


def _rows(title: str, entries: Iterable[dict[str, Any]]) -> str:
    rows = "".join(
        f"<dt>{escape(entry['title'])}</dt><dd>{escape(entry['description'])}</dd>"
        for entry in entries
    )
    return f"<h3>{title}</h3><dl>{rows}</dl>" if rows else ""


def _action(name: str, title: str) -> str:
    text = escape(title)
    return (
        f'<Action name="{name}"><icon></icon><text>{text}</text><whatsThis></whatsThis>'
        f"<toolTip>{text}</toolTip><iconText>{text}</iconText>"
        "<activationFlags>0</activationFlags><activationConditions>0</activationConditions>"
        "<shortcut></shortcut><isCheckable>false</isCheckable><statusTip></statusTip></Action>\n"
    )
