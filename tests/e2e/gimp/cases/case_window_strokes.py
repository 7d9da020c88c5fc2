"""A photograph is colored by strokes while the dialog is open, as a user does it."""

from __future__ import annotations

import pytest
from gi.repository import Gegl, Gimp, Gio
from gimp_support import pixel, state
from gimp_window import (
    OUT,
    close_dialog,
    drag,
    find,
    geometry,
    open_dialog,
    press,
    screenshot,
    shown,
    wait_for,
    xdotool,
)

TITLE = "Color from strokes"
SUIT = (225, 395)
FRAME = 40  # pixels; how far the window manager's frame may move a window
STROKES = [  # color, from and to, in pixels of the photograph
    ("#6b4426", (180, 80), (200, 60)),  # hair
    ("#6b4426", (262, 40), (280, 90)),
    ("#d49a78", (208, 120), (232, 150)),  # face
    ("#c8603f", (212, 142), (226, 144)),
    ("#1a1517", (220, 210), (270, 235)),  # collar
    ("#c4552a", (200, 330), (220, 420)),  # suit
    ("#c4552a", (110, 260), (130, 420)),
    ("#c4552a", (315, 275), (335, 320)),
    ("#c4552a", (275, 400), (270, 460)),
    ("#c4552a", (40, 440), (90, 400)),
    ("#e6e0d6", (250, 345), (252, 385)),
    ("#b3aeb9", (300, 30), (350, 25)),  # backdrop
    ("#b3aeb9", (470, 120), (500, 200)),
    ("#b3aeb9", (110, 60), (130, 120)),
    ("#242c58", (16, 30), (40, 110)),  # flag
    ("#a42a33", (70, 150), (82, 190)),
    ("#e4d9d8", (22, 170), (40, 215)),
    ("#a42a33", (8, 225), (14, 265)),
    ("#14141a", (330, 420), (345, 460)),  # helmet
    ("#14141a", (395, 420), (440, 470)),
    ("#e9e7e4", (385, 70), (388, 110)),  # shuttle
    ("#7d3d20", (410, 30), (412, 80)),
    ("#15151b", (400, 300), (440, 320)),
]


def load(name: str) -> Gimp.Image:
    file = Gio.File.new_for_path(f"{OUT}/{name}.png")
    return Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)


@pytest.fixture
def image():
    image = load("gray")
    image.get_layers()[0].set_name("Photograph")
    with shown(image):
        place_window("GIMP$", 0, 0, 1270, 930)
        yield image


def place_window(title: str, *wanted: int) -> None:
    """Bring a window where this test counts on it to be; the window manager takes its time.

    Parameters
    ----------
    title
        The window's.
    wanted
        Left and top, and width and height where those matter.
    """

    def there() -> bool:
        if all(abs(a - b) < FRAME for a, b in zip(geometry(title), wanted, strict=False)):
            return True
        xdotool("windowmove", find(title), *map(str, wanted[:2]))
        if wanted[2:]:
            xdotool("windowsize", find(title), *map(str, wanted[2:]))
        return False

    wait_for(there, f"{title!r} at {wanted}")


def paint(layer: Gimp.Layer) -> None:
    Gimp.context_push()
    Gimp.context_set_brush_size(7)
    for color, start, end in STROKES:
        Gimp.context_set_foreground(Gegl.Color.new(color))
        Gimp.pencil(layer, [*start, *end])
    Gimp.context_pop()
    Gimp.displays_flush()


def names(image: Gimp.Image) -> list[str]:
    return [layer.get_name() for layer in image.get_layers()]


def layer_named(image: Gimp.Image, name: str) -> Gimp.Layer:
    return next(layer for layer in image.get_layers() if layer.get_name() == name)


def seen(image: Gimp.Image, x: int, y: int) -> tuple[int, ...]:
    """Return what shows at a place, without touching the image."""
    copy = image.duplicate()
    try:
        return pixel(copy.flatten(), x, y)
    finally:
        copy.delete()


def is_orange(color: tuple[int, ...]) -> bool:
    return color[0] > color[2] + 40


def test_a_photograph_is_colored_by_strokes(image):
    base = image.get_layers()[0]
    photograph = state(image)[1]
    open_dialog(TITLE)
    place_window(f"^{TITLE}$", 830, 380)
    screenshot("strokes-1-empty")
    press(f"^{TITLE}$", "alt+n")
    wait_for(lambda: names(image) == ["Tinct strokes", "Photograph"], "the new layer")
    strokes = layer_named(image, "Tinct strokes")
    assert [layer.get_id() for layer in image.get_selected_layers()] == [strokes.get_id()]
    # paint with the mouse: GIMP must take strokes while the dialog waits
    drag("GIMP$", (690, 690), *((x, 700) for x in range(690, 730, 5)))
    wait_for(lambda: "(tinct preview)" in names(image), "a preview of the first stroke")
    paint(strokes)
    wait_for(lambda: is_orange(seen(image, *SUIT)), "a preview of all strokes")
    screenshot("strokes-2-preview")
    preview = layer_named(image, "(tinct preview)")
    assert image.get_selected_layers()[0].get_id() == strokes.get_id()
    press(f"^{TITLE}$", "alt+b")
    wait_for(lambda: not preview.get_visible(), "before")
    screenshot("strokes-3-before")
    press(f"^{TITLE}$", "alt+b")
    wait_for(preview.get_visible, "after")
    close_dialog(TITLE, "Return")
    screenshot("strokes-4-result")
    assert names(image) == ["Tinct strokes", "Color (strokes)", "Photograph"]
    assert not strokes.get_visible()
    assert is_orange(seen(image, *SUIT)), seen(image, *SUIT)
    press("GIMP$", "ctrl+z")
    wait_for(lambda: names(image) == ["Tinct strokes", "Photograph"], "one undo step")
    assert strokes.get_visible()
    assert photograph[0][5] == state(image)[1][1][5]  # the photograph itself is untouched
    assert base.is_valid()
