"""Acts on GIMP's windows as a user does: by keys, and by looking at the screen."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable

OUT = os.environ.get("TINCT_OUT", "/tmp")
WAIT_S = 40.0


def xdotool(*arguments: str) -> str:
    done = subprocess.run(["xdotool", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def window(title: str) -> str:
    """Wait for a window with this title and return its id."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        found = xdotool("search", "--onlyvisible", "--name", title).splitlines()
        if found:
            return found[-1]
        time.sleep(0.1)
    raise AssertionError(f"no window {title!r}; there are {all_titles()}")


def all_titles() -> list[str]:
    found = xdotool("search", "--onlyvisible", "--name", ".").splitlines()
    return [xdotool("getwindowname", one) for one in found]


def press(title: str, *keys: str) -> None:
    """Press keys in a window."""
    one = window(title)
    xdotool("windowactivate", "--sync", one)
    for key in keys:
        xdotool("key", key)
        time.sleep(0.15)


def screenshot(name: str) -> str:
    """Save the whole screen and return the path."""
    path = f"{OUT}/{name}.png"
    subprocess.run(["import", "-window", "root", path], check=True)
    return path


def wait_for(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"waited in vain for {what}; see {screenshot('failure')}")
        time.sleep(0.1)


def open_dialog(title: str) -> str:
    """Choose a command by GIMP's own search and return its dialog's window."""
    press("GIMP$", "slash")
    press("^Search Actions$")
    xdotool("type", "--delay", "20", title)
    time.sleep(0.5)
    xdotool("key", "Return")
    return window(f"^{title}$")


def is_open(title: str) -> bool:
    return bool(xdotool("search", "--onlyvisible", "--name", title))
