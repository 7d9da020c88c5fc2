"""The color wheel in the dialog, in a real window: dragged, turned by keys, templates clicked."""

from __future__ import annotations

import json
import subprocess
import time

import numpy as np
import pytest
from gi.repository import Gimp
from gimp_support import new_image
from gimp_window import open_dialog, press, screenshot, wait_for, window, xdotool

TITLE = "Harmonize colors"


def muted(width, height):
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., 0] = 90 + columns * 80 // width
    pixels[..., 1] = 90 + rows * 80 // height
    pixels[..., 2] = 170 - columns * 60 // width
    return pixels.tobytes()


@pytest.fixture
def image():
    image = new_image(480, 360, pixels=muted(480, 360))
    image.clean_all()
    display = Gimp.Display.new(image)
    yield image
    display.delete()


def on_screen():
    """Return the screen as an array of 8-bit RGB."""
    path = screenshot("wheel")
    size = subprocess.run(["identify", "-format", "%w %h", path], capture_output=True, check=True)
    columns, rows = map(int, size.stdout.split())
    raw = subprocess.run(["convert", path, "-depth", "8", "rgb:-"], capture_output=True, check=True)
    return np.frombuffer(raw.stdout, np.uint8).reshape(rows, columns, 3).astype(int)


def find_wheel():
    """Return center and radius of the ring: where the dialog has pure colors of all hues."""
    told = xdotool("getwindowgeometry", "--shell", window(f"^{TITLE}$"))
    place = dict(line.split("=") for line in told.splitlines())
    left, top, width, height = (int(place[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))
    screen = on_screen()[top : top + height, left : left + width]
    pure = (screen.max(axis=2) == 255) & (screen.min(axis=2) == 0)
    rows, columns = np.nonzero(pure)
    if rows.size < 500:
        return None
    ends = left + columns.min(), left + columns.max(), top + rows.min(), top + rows.max()
    return (ends[0] + ends[1]) / 2, (ends[2] + ends[3]) / 2, (ends[3] - ends[2]) / 2


def parameters(image):
    layer = next(one for one in image.get_layers() if one.get_name() == "Harmonized")
    parasite = layer.get_parasite("tinct-result")
    return json.loads(bytes(parasite.get_data()).decode())["parameters"]


def open_wheel():
    open_dialog(TITLE)
    wait_for(lambda: find_wheel() is not None, "the wheel")
    time.sleep(1)
    return find_wheel()


def accept(image):
    press(f"^{TITLE}$", "Return")
    wait_for(lambda: any(one.get_name() == "Harmonized" for one in image.get_layers()), "a result")
    return parameters(image)


def drag(place, *others):
    """Press the button at a place, move over the others, and let go."""
    xdotool("mousemove", *place, "mousedown", "1")
    for other in others:
        time.sleep(0.05)
        xdotool("mousemove", *other)
    xdotool("mouseup", "1")
    time.sleep(0.5)


def on_circle(x, y, radius, degrees):
    angle = np.radians(degrees)
    return str(round(x + radius * np.sin(angle))), str(round(y - radius * np.cos(angle)))


def test_turned_by_the_mouse_and_by_keys(image):
    x, y, radius = open_wheel()
    path = [on_circle(x, y, radius / 2, degrees) for degrees in range(0, 91, 10)]
    drag(*path)
    for key in ("Right", "Right", "Page_Down", "Left"):
        xdotool("key", key)
        time.sleep(0.1)
    time.sleep(1)
    screenshot("wheel-dragged")
    turned = accept(image)
    assert turned["find_angle"] is False
    assert turned["template"] == "X"
    # the caption showed the best angle, 26°; the mouse turned by 90°, the keys by 11°
    assert abs((turned["angle"] - 127 + 90) % 180 - 90) < 4, turned["angle"]


def test_a_template_is_clicked(image):
    x, y, radius = open_wheel()
    drag((str(round(x)), str(round(y + radius + 45))))
    time.sleep(1)
    screenshot("wheel-clicked")
    chosen = accept(image)
    assert chosen["template"] in "VLITYXi"
    assert chosen["template"] != "auto"
    assert chosen["find_angle"] is False
