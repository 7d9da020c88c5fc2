"""The wheel's geometry, on what the engine really returns."""

from __future__ import annotations

import numpy as np
import pytest

from support import photograph
from tinct.operations.harmonize import harmonize
from tinct_client.wheel import Pie, Turn, Wheel, hue_at


@pytest.fixture(scope="module")
def image():
    values = photograph("coffee", (40, 60))
    return np.concatenate([values, np.ones_like(values[..., :1])], axis=2)


@pytest.fixture(scope="module")
def wheel(image):
    found = Wheel.find(harmonize(image, template="Y", find_angle=False, angle=200.0))
    assert found is not None
    return found


def top(pies: list[Pie], hue: float, radius: float) -> Pie:
    """Return the pie that is seen at a place."""
    hits = [
        pie
        for pie in pies
        if pie.radius >= radius and (hue - pie.start) % 360 <= pie.stop - pie.start
    ]
    return hits[-1]


def test_directions_are_hues_clockwise_from_the_top():
    assert [hue_at(0, -1), hue_at(1, 0), hue_at(0, 1), hue_at(-1, 0)] == [0, 90, 180, 270]


def test_the_ring_shows_hues_and_the_sectors_are_light(wheel):
    pies = wheel.pies()
    red, green = top(pies, 1, 0.95).color, top(pies, 121, 0.95).color
    assert red[0] == 1
    assert red[1] < 0.1
    assert green[1] == 1
    assert green[0] < 0.1
    empty = [d for d in range(360) if wheel.before[d] == wheel.after[d] == 0]
    inside = [d for d in empty if abs((d - 200 + 180) % 360 - 180) < 40]
    outside = [d for d in empty if 60 < abs((d - 200 + 180) % 360 - 180) < 160]
    assert all(top(pies, d, 0.8).color[3] < 1 for d in inside[2:-2])
    assert outside
    assert all(top(pies, d, 0.8).color == (0.16, 0.16, 0.16, 1.0) for d in outside)


def test_bars_are_as_long_as_the_weights(wheel):
    peak = int(np.argmax(wheel.before))
    longest = max(pie.radius for pie in wheel.pies() if pie.color == (0.55, 0.55, 0.55, 1.0))
    assert longest == pytest.approx(0.86)
    gray = [pie for pie in wheel.pies() if pie.color == (0.55, 0.55, 0.55, 1.0)]
    assert any(pie.radius == longest and pie.start <= peak <= pie.stop for pie in gray)


def test_dragging_turns_the_sectors_and_gives_the_angle(wheel):
    turn = Turn(wheel, 0, -1)
    turned = turn.to(1, 0)
    assert turned.angle == pytest.approx(290)
    assert [center for center, _ in turned.sectors] == pytest.approx([290, 110])
    assert turn.to(0, -1).angle == pytest.approx(200)


def test_settings_give_the_wheel_again(image, wheel):
    again = Wheel.find(harmonize(image, **wheel.turned_to(77.0).settings()))
    assert again is not None
    assert (again.template, again.angle) == ("Y", 77)
    best = wheel.ranking[0]
    other = Wheel.find(harmonize(image, **wheel.settings(best.template)))
    assert other is not None
    assert (other.template, other.angle) == (best.template, best.angle)


def test_a_late_answer_gives_its_hues_to_the_wheel_as_turned_meanwhile(image, wheel):
    turned = wheel.turned_to(77.0)
    late = Wheel.find(harmonize(image, template="Y", find_angle=False, angle=210.0))
    assert late is not None
    assert late.after != wheel.after
    shown = late.under(turned)
    assert (shown.angle, shown.sectors) == (77, turned.sectors)
    assert shown.after == late.after
    assert shown.turned_to(shown.angle + 1).angle == 78  # a key goes on from what is seen
    clicked = wheel.with_template("T")
    assert late.under(clicked).settings() == wheel.settings("T")


def test_the_caption_names_template_angle_and_costs(wheel):
    assert wheel.caption().startswith("Y 200°")
    assert "→" in wheel.caption()


def test_other_outputs_have_no_wheel():
    assert Wheel.find({"colors": object(), "palette": {"kind": "palette"}}) is None
