"""The table of operations in README.md, made from the catalog."""

from __future__ import annotations

from pathlib import Path

from tinct import catalog
from tinct.declare import Operation
from tinct.errors import FileError

__all__ = ["is_fresh", "operations_table", "readme_path", "update"]

BEGIN = "<!-- operations: begin (made by `tinct docs`) -->"
END = "<!-- operations: end -->"
MENUS = ("Colorize", "Transfer", "Recolor", "Restore")


def operations_table() -> str:
    """Return the Markdown table of the operations that are listed, menu by menu."""
    rows = ["| operation | what it does | pictures | parameters |", "|---|---|---|---|"]
    listed = [operation for operation in catalog.list_operations() if operation.listed]
    listed.sort(key=lambda operation: (MENUS.index(operation.menu), operation.id))
    rows += [_row(operation) for operation in listed]
    return "\n".join(rows) + "\n"


def readme_path(name: str = "") -> Path:
    """Return the file named, or README.md of the checkout or the working folder.

    Raises
    ------
    FileError
        When there is none.
    """
    checkout = Path(__file__).resolve().parents[2] / "README.md"
    path = Path(name) if name else checkout if checkout.is_file() else Path("README.md")
    if not path.is_file():
        raise FileError(f"{path} does not exist; run this in a checkout, or give --file.")
    return path


def is_fresh(path: Path) -> bool:
    """Say whether the table in the file is the catalog's."""
    text = path.read_text("utf-8")
    return text == _updated(path, text)


def update(path: Path) -> None:
    """Write the table into the file, between its two marks.

    Raises
    ------
    FileError
        When the marks are missing.
    """
    text = path.read_text("utf-8")
    path.write_text(_updated(path, text), "utf-8")


def _updated(path: Path, text: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise FileError(f"{path} lacks the marks '{BEGIN}' and '{END}'; put them back.")
    return f"{before}{BEGIN}\n{operations_table()}{END}{after}"


def _row(operation: Operation) -> str:
    pictures = [
        f"{role.role} (optional)" if role.optional else role.role for role in operation.inputs
    ]
    names = [f"`--{parameter.name.replace('_', '-')}`" for parameter in operation.parameters]
    cells = [f"`{operation.id}`", operation.summary, ", ".join(pictures), ", ".join(names)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
