"""Suggested colors in the dialog: for the stroke painted last, and for a place of the picture."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from case_window_strokes import layer_named, load, place_window
from case_window_wheel import on_screen
from gi.repository import Babl, Gegl, Gimp
from gimp_support import SUCCESS, U8, call, read
from gimp_window import (
    click,
    close_dialog,
    geometry,
    open_dialog,
    point,
    press,
    screenshot,
    shown,
    wait_for,
)

TITLE = "Color by dots"
WINDOW = f"^{TITLE}$"
SHOWN = 8
SIDE = 200  # of the picture in the dialog
SWATCH = 18  # pixels; they are a little larger
FIRST, SECOND = [(200, 330), (220, 420)], [(300, 30), (350, 25)]
PLACES = [(225, 395), (440, 40), (230, 140)]
WAY_OFF = (120, 120)


@pytest.fixture
def image():
    image = load("gray")
    with shown(image):
        place_window("GIMP$", 0, 0, 1270, 930)
        yield image


def dot(layer, color, line):
    Gimp.context_push()
    Gimp.context_set_brush_size(9)
    Gimp.context_set_foreground(Gegl.Color.new(color))
    Gimp.pencil(layer, [*line[0], *line[1]])
    Gimp.context_pop()
    Gimp.displays_flush()


def suggestions(image, strokes):
    """Return what the operation itself says, without a dialog, and leave the image as it was."""
    copy = image.duplicate()
    try:
        base, painted = copy.get_layers()[-1], layer_named(copy, strokes.get_name())
        values = call("hint-colorize", copy, base, scribbles=painted)
        assert values.index(0) == SUCCESS, Gimp.get_pdb().get_last_error()
        return json.loads(values.index(3))["suggestions"]
    finally:
        copy.delete()


def in_dialog():
    """Return the dialog's pixels, and its corner on the screen."""
    left, top, width, height = geometry(WINDOW)
    return on_screen()[top : top + height, left : left + width], left, top


def find_picture(image):
    """Return where in the dialog the small picture lies, or None."""
    base = image.get_layers()[-1]
    width, height = base.get_width(), base.get_height()
    gray = np.frombuffer(read(base, U8), np.uint8).reshape(height, width, 4)[..., 0]
    rows = (np.arange(4, SIDE, 8) * height // SIDE).astype(int)
    columns = (np.arange(4, SIDE, 8) * width // SIDE).astype(int)
    padded = np.pad(gray.astype(float), 1, mode="edge")
    smooth = sum(
        padded[1 + r :][:height, 1 + c :][:, :width] for r in (-1, 0, 1) for c in (-1, 0, 1)
    )
    wanted = smooth[np.ix_(rows, columns)] / 9
    screen = in_dialog()[0]
    flat = np.where(np.ptp(screen, axis=2) < 6, screen[..., 1], 999)
    best, where = 12.0, None
    for top in range(screen.shape[0] - SIDE):
        for left in range(40):
            found = flat[top + 4 : top + SIDE : 8, left + 4 : left + SIDE : 8]
            error = np.abs(found - wanted).mean()
            if error < best:
                best, where = error, (left, top)
    return where


def swatches(below):
    """Return the colors in the row below a height of the dialog, with their places."""
    screen = in_dialog()[0]
    found = []
    for row in range(below, min(below + 70, screen.shape[0]), 4):
        line = screen[row]
        changes = np.flatnonzero((line[1:] != line[:-1]).any(axis=1)) + 1
        runs = list(itertools.pairwise([0, *changes, len(line)]))
        empty = line[max(runs, key=lambda run: run[1] - run[0])[0]]
        here = [
            ("#{:02x}{:02x}{:02x}".format(*line[start]), (int(start + stop) // 2, row))
            for start, stop in runs
            if SWATCH <= stop - start <= SWATCH + 8 and (line[start] != empty).any()
        ]
        if len(here) > len(found):
            found = here
    return found


def showing(top):
    """Return the colors that are offered, below a picture at this height of the dialog."""
    return [color for color, _place in swatches(top + SIDE)]


def colors_at(place, strokes):
    """Return the colors for the stroke next to a place: a single call knows not which is new."""
    x, y = place
    nearest = min(strokes, key=lambda stroke: abs(stroke["x"] - x) + abs(stroke["y"] - y))
    return [one["color"] for one in nearest["colors"]]


def field(data, x, y, image):
    grid = data["map"]
    row = y * grid["rows"] // image.get_height()
    return grid["colors"][row * grid["columns"] + x * grid["columns"] // image.get_width()]


def foreground():
    data = Gimp.context_get_foreground().get_bytes(Babl.format("R'G'B' u8")).get_data()
    return "#" + data.hex()


def test_colors_are_suggested_for_strokes_and_places(image):
    before = read(image.get_layers()[0])
    open_dialog(TITLE)
    place_window(WINDOW, 800, 20)
    press(WINDOW, "alt+n")
    wait_for(lambda: find_picture(image) is not None, "the picture in the dialog")
    left, top = find_picture(image)
    strokes = layer_named(image, "Tinct strokes")
    assert swatches(top + SIDE) == []  # nothing was painted or pointed at
    screenshot("suggested-1-empty")

    for color, line, name in (("#c4552a", FIRST, "2-first"), ("#6070a0", SECOND, "3-second")):
        dot(strokes, color, line)
        wanted = colors_at(line[0], suggestions(image, strokes)["strokes"])
        assert len(set(wanted)) > 2
        wait_for(lambda wanted=wanted: showing(top) == wanted[:SHOWN], f"{wanted} for the stroke")
        screenshot(f"suggested-{name}")
    data = suggestions(image, strokes)
    for x, y in PLACES:
        screen = in_dialog()
        spot = (screen[1] + left + x * SIDE // 512, screen[2] + top + y * SIDE // 512)
        point(WINDOW, spot)
        wanted = field(data, x, y, image)[:SHOWN]
        wait_for(lambda wanted=wanted: showing(top) == wanted, f"{wanted} there")
    screenshot("suggested-4-place")
    click(WINDOW, spot)
    screen = in_dialog()
    point(WINDOW, (screen[1] + left + WAY_OFF[0], screen[2] + top + WAY_OFF[1]))
    point(WINDOW, (screen[1] + left + SIDE + 60, screen[2] + top + SIDE // 2))
    wait_for(lambda: showing(top) == wanted, "the colors kept by the click")
    color, (x, y) = swatches(top + SIDE)[1]
    layers = [layer.get_id() for layer in image.get_layers()]
    click(WINDOW, (screen[1] + x, screen[2] + y))
    wait_for(lambda: foreground() == color, f"{color} as the brush's color")
    screenshot("suggested-5-taken")
    assert find_picture(image) == (left, top)  # nothing moved below the pointer
    assert [layer.get_id() for layer in image.get_layers()] == layers
    close_dialog(TITLE, "Return")
    assert image.get_layers()[1].get_name() == "Color (dots)"
    assert read(image.get_layers()[-1]) == before
    assert foreground() == color
