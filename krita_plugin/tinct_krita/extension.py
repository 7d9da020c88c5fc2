"""Menu entries and shortcuts: one for each operation, and those of live mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from krita import Extension, Krita

from .docker import session
from .qt import QMenu, QWidget
from .texts import N_, _

DOCKER = "tinct_docker"
MENU = "tinct_menu"
COMMANDS = (
    ("tinct_new_strokes", N_("New strokes"), "new_strokes"),
    ("tinct_live", N_("Live colors on or off"), "toggle_live"),
    ("tinct_keep", N_("Keep live result as layer"), "keep"),
    ("tinct_discard", N_("Discard live result"), "discard"),
    ("tinct_run_again", N_("Run again"), "run_again"),
)


class TinctExtension(Extension):
    """Tools > Tinct."""

    def setup(self) -> None:
        """Do nothing before there is a window; Krita demands that it exists."""

    def createActions(self, window: Any) -> None:
        """Add the menu to a new window."""
        top = window.createAction(MENU, "Tinct", "tools")
        menu = QMenu(MENU, window.qwindow())
        top.setMenu(menu)
        place = "tools/" + MENU
        for info in session().operations.values():
            self._add(window, action_name(info["id"]), _(info["title"]), place, run_of(info["id"]))
        for name, title, method in COMMANDS:
            self._add(window, name, _(title), place, command_of(method))

    def _add(
        self, window: Any, name: str, title: str, place: str, act: Callable[[Any], None]
    ) -> None:
        action = window.createAction(name, title, place)
        action.triggered.connect(lambda _checked=False: self._call(act))

    def _call(self, act: Callable[[Any], None]) -> None:
        panel = find_panel()
        if panel is not None:
            act(panel)


def action_name(operation: str) -> str:
    """Return the name of an operation's action."""
    return "tinct_" + operation.replace("-", "_")


def run_of(operation: str) -> Callable[[Any], None]:
    """Return what an operation's menu entry does: show its form and run it."""

    def act(panel: Any) -> None:
        panel.choose_operation(operation)
        panel.run()

    return act


def command_of(method: str) -> Callable[[Any], None]:
    """Return what a command's menu entry does."""

    def act(panel: Any) -> None:
        if method == "toggle_live":
            panel.set_live(not panel.live.is_on)
        else:
            getattr(panel, method)()

    return act


def find_panel() -> Any:
    """Return the panel of the active window, its docker shown."""
    window = Krita.instance().activeWindow()
    docker = None if window is None else window.qwindow().findChild(QWidget, DOCKER)
    if docker is None:
        return None
    docker.setVisible(True)
    return docker.widget()
