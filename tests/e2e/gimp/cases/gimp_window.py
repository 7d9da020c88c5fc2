"""Acts on GIMP's windows as a user does: by keys and mouse, and by looking at the screen.

Nothing here counts on a pause being long enough: each step waits for what the next one needs, so
that a slow machine only takes longer.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gi.repository import Gimp
from gimp_processes import kill, plugins

OUT = os.environ.get("TINCT_OUT", "/tmp")
WAIT_S = 60.0
OPENING_S = 30.0
SHORT_S = 5.0
TRIES = 3
SEARCH = "^Search Actions$"
MESSAGE = "^GIMP Message$"
CORNER = ("1278", "958")  # where the pointer lies over nothing that has a tooltip

Place = tuple[int, int]


def xdotool(*arguments: str) -> str:
    done = subprocess.run(["xdotool", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def find(title: str) -> str:
    """Return the id of the window with this title, or an empty text."""
    return (xdotool("search", "--onlyvisible", "--name", title).splitlines() or [""])[-1]


def is_open(title: str) -> bool:
    return bool(find(title))


def comes_true(condition: Callable[[], object], within_s: float) -> bool:
    """Wait for a condition; False when it has not come true in time."""
    until = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def wait_for(condition: Callable[[], object], what: str) -> None:
    if not comes_true(condition, WAIT_S):
        shown = screenshot("failure")
        raise AssertionError(f"waited in vain for {what}; see {shown}; windows: {all_titles()}")


def window(title: str) -> str:
    """Wait for a window with this title and return its id."""
    wait_for(lambda: is_open(title), f"a window {title!r}")
    return find(title)


def all_titles() -> list[str]:
    found = xdotool("search", "--onlyvisible", "--name", ".").splitlines()
    return [xdotool("getwindowname", one) for one in found]


def focus(title: str) -> None:
    """Wait until a window gets the keys."""

    def active() -> bool:
        one = find(title)
        if not one or xdotool("getactivewindow") == one:
            return bool(one)
        xdotool("windowactivate", one)
        return False

    wait_for(active, f"the focus of {title!r}")


def press(title: str, *keys: str) -> None:
    """Press keys in a window."""
    for key in keys:
        focus(title)
        xdotool("key", key)
        time.sleep(0.1)


def write(title: str, text: str) -> None:
    """Type into what has the focus in a window."""
    focus(title)
    xdotool("type", "--delay", "20", text)


def point(title: str, place: Place) -> None:
    """Put the pointer on a place of the screen where a window lies, and nothing over it.

    A pointer that rests anywhere brings up a tooltip; one that jumps from there onto the tooltip
    would click on that.
    """
    x, y = place

    def there() -> bool:
        xdotool("mousemove", str(x + 1), str(y), "mousemove", str(x), str(y))
        lines = xdotool("getmouselocation", "--shell").splitlines()
        return dict(line.split("=") for line in lines).get("WINDOW") == frame

    focus(title)
    frame = str(int(xwininfo(find(title))["Parent window id"], 16))
    wait_for(there, f"the pointer over {title!r}")


def xwininfo(one: str) -> dict[str, str]:
    """Return what the X server tells of a window, by its words."""
    told = subprocess.run(
        ["xwininfo", "-tree", "-stats", "-id", one], capture_output=True, text=True
    )
    lines = (line.split(": ", 1) for line in told.stdout.splitlines() if ": " in line)
    return {key.strip(): value.split()[0] for key, value in lines if value.split()}


def geometry(title: str) -> tuple[int, int, int, int]:
    """Return left, top, width and height of a window on the screen, without its frame."""
    told = xwininfo(window(title))
    words = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
    left, top, width, height = (int(told[word]) for word in words)
    return left, top, width, height


def place_in(title: str, x: int, y: int) -> Place:
    """Return a place of the screen, counted from a window's corner; from its end if negative."""
    left, top, width, height = geometry(title)
    return left + x % width, top + y % height


def click(title: str, place: Place) -> None:
    drag(title, place)


def drag(title: str, place: Place, *others: Place) -> None:
    """Press the button at a place of the screen, move over the others, and let go."""
    point(title, place)
    xdotool("mousedown", "1")
    for x, y in others:
        time.sleep(0.05)
        xdotool("mousemove", str(x), str(y))
    xdotool("mouseup", "1")


def screenshot(name: str) -> str:
    """Save the whole screen and return the path."""
    path = f"{OUT}/{name}.png"
    subprocess.run(["import", "-window", "root", path], check=True)
    return path


def open_dialog(title: str) -> str:
    """Choose a command by GIMP's own search and return its dialog's window."""
    xdotool("mousemove", *CORNER)
    for _ in range(TRIES):
        if is_open(SEARCH):
            press(SEARCH, "Escape")
            wait_for(lambda: not is_open(SEARCH), "the end of the search")
        press("GIMP$", "slash")
        if not comes_true(lambda: is_open(SEARCH), OPENING_S):
            continue  # a window that has just come does not know its keys yet
        write(SEARCH, title)
        press(SEARCH, "Return")
        if comes_true(lambda: is_open(f"^{title}$"), OPENING_S):
            break
    return window(f"^{title}$")


def close_dialog(title: str, key: str) -> None:
    """End a dialog by Return or Escape, and wait until all it does is done."""
    press(f"^{title}$", key)
    wait_for(lambda: not is_open(f"^{title}$"), f"the end of {title!r}")
    wait_for(lambda: not plugins(), "the end of the plug-in")


def save_as(title: str, path: Path) -> None:
    """Name a file in a chooser, as often as a user who looks whether it was understood.

    A chooser that has just come may lose the first letters; its list of names that begin alike
    takes a Return that comes too early; and what it says of an unknown folder is a window without
    a title.
    """
    for attempt in range(TRIES):
        chooser = window(title)
        if attempt and xdotool("getactivewindow") != chooser:
            xdotool("key", "Escape")
        press(title, "ctrl+a")
        write(title, str(path))
        screenshot(f"saving-{attempt}")
        for _ in range(TRIES):
            xdotool("key", "Return")
            if comes_true(lambda: not is_open(title), SHORT_S):
                return
    raise AssertionError(f"{path} was not taken; see {screenshot('failure')}")


def dismiss_messages() -> None:
    """Close what GIMP has to say."""
    while is_open(MESSAGE):
        one = find(MESSAGE)
        press(MESSAGE, "Return")
        wait_for(lambda gone=one: find(MESSAGE) != gone, "the end of a message")


@contextlib.contextmanager
def shown(image: Gimp.Image) -> Iterator[Gimp.Image]:
    """Show an image in GIMP's window; leave nothing open for the next case."""
    image.clean_all()
    display = Gimp.Display.new(image)
    wait_for(lambda: is_open("[0-9] – GIMP$"), "the image's window")
    try:
        yield image
    finally:
        if left := plugins():  # a case failed while a dialog was open
            kill(*left)
            comes_true(lambda: is_open(MESSAGE), OPENING_S)
        dismiss_messages()
        display.delete()
