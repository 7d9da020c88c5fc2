"""The color wheel in the dialog, in a real window: dragged, turned by keys, templates clicked."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
from gimp_support import new_image
from gimp_window import (
    Place,
    click,
    close_dialog,
    drag,
    geometry,
    open_dialog,
    press,
    screenshot,
    shown,
    wait_for,
)

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
    with shown(new_image(480, 360, pixels=muted(480, 360))) as image:
        yield image


def on_screen():
    """Return the screen as an array of 8-bit RGB."""
    path = screenshot("wheel")
    size = subprocess.run(["identify", "-format", "%w %h", path], capture_output=True, check=True)
    columns, rows = map(int, size.stdout.split())
    raw = subprocess.run(["convert", path, "-depth", "8", "rgb:-"], capture_output=True, check=True)
    return np.frombuffer(raw.stdout, np.uint8).reshape(rows, columns, 3).astype(int)


def find_wheel():
    """Return center and radius of the ring: where the dialog has pure colors of all hues."""
    left, top, width, height = geometry(f"^{TITLE}$")
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
    """Open the dialog and return the wheel's center and radius, once they rest."""
    open_dialog(TITLE)
    seen = []

    def rests():
        seen.append(find_wheel())
        return seen[-1] is not None and seen[-1] == seen[-2:][0] and len(seen) > 1

    wait_for(rests, "the wheel")
    return seen[-1]


def accept(image):
    close_dialog(TITLE, "Return")
    return parameters(image)


def on_circle(x, y, radius, degrees) -> Place:
    angle = np.radians(degrees)
    return round(x + radius * np.sin(angle)), round(y - radius * np.cos(angle))


def test_turned_by_the_mouse_and_by_keys(image):
    x, y, radius = open_wheel()
    window_ = f"^{TITLE}$"
    drag(window_, *(on_circle(x, y, radius / 2, degrees) for degrees in range(0, 91, 10)))
    press(window_, "Right", "Right", "Page_Down", "Left")
    screenshot("wheel-dragged")
    turned = accept(image)
    assert turned["find_angle"] is False
    assert turned["template"] == "X"
    # the caption showed the best angle, 26°; the mouse turned by 90°, the keys by 11°
    assert abs((turned["angle"] - 127 + 90) % 180 - 90) < 4, turned["angle"]


def test_a_template_is_clicked(image):
    x, y, radius = open_wheel()
    click(f"^{TITLE}$", (round(x), round(y + radius + 45)))
    screenshot("wheel-clicked")
    chosen = accept(image)
    assert chosen["template"] in "VLITYXi"
    assert chosen["template"] != "auto"
    assert chosen["find_angle"] is False
