"""Color from a reference: swatches in two open images pair up, and boxes fit small previews.

In the picture the left half is dark; in the reference what is dark is blue. Matched as a whole the
left half becomes blue; the swatches say that it is to become red.
"""

from __future__ import annotations

import json
import os
import sys

import pytest
from gi.repository import Gimp, Gio
from gimp_support import (
    add_layer,
    call,
    fill,
    new_image,
    pixel,
    put,
    read,
    refused,
    result_of,
    size_of,
    state,
)

sys.path.insert(0, os.path.join(os.environ["GIMP3_DIRECTORY"], "plug-ins", "tinct-gimp"))
from tinct_gimp import catalog, procedures, work
from tinct_gimp.sources import Source

OPERATION = "reference-colorize"
FULL = "full-color"
ONE, TWO, THREE = (255, 0, 255, 255), (0, 255, 0, 255), (0, 0, 0, 255)
WIDTH, HEIGHT = 96, 64
REFERENCE = (80, 72)


def striped(
    width: int, height: int, light: tuple[int, int, int], dark: tuple[int, int, int], split: bool
) -> bytes:
    """Return two halves, the first dark: left and right, or else top and bottom."""
    pixels = bytearray()
    for row in range(height):
        for column in range(width):
            first = 2 * column < width if split else 2 * row < height
            shade = 12 if (column // 3) % 2 else 0
            pixels += bytes(part + shade for part in (dark if first else light)) + b"\xff"
    return bytes(pixels)


def gray_picture(width: int = WIDTH, height: int = HEIGHT) -> Gimp.Image:
    pixels = striped(width, height, (180, 180, 180), (70, 70, 70), split=True)
    return new_image(width, height, pixels=pixels)


def color_picture(width: int = REFERENCE[0], height: int = REFERENCE[1]) -> Gimp.Image:
    """Return a picture whose dark half, on top, is blue, and whose light half is red."""
    pixels = striped(width, height, (240, 150, 120), (30, 60, 150), split=False)
    return new_image(width, height, pixels=pixels)


def paint_halves(layer: Gimp.Layer, left=ONE, right=TWO) -> None:
    """Paint a swatch on each half of the gray picture."""
    width, height = size_of(layer)
    fill(layer, (width // 12, height // 8, width // 4, height // 2), left)
    fill(layer, (width * 2 // 3, height // 8, width // 4, height // 2), right)


def paint_reference(layer: Gimp.Layer, bottom=ONE, top=TWO) -> None:
    """Paint the partners: what the left half is to become lies at the bottom."""
    width, height = size_of(layer)
    fill(layer, (width // 8, height * 5 // 8, width // 2, height // 4), bottom)
    fill(layer, (width // 8, height // 8, width // 2, height // 4), top)


def is_red(color) -> bool:
    return color[0] > color[2] + 20 and color[3] == 255


def is_blue(color) -> bool:
    return color[2] > color[0] + 20 and color[3] == 255


def sides(layer: Gimp.Layer) -> tuple:
    width, height = size_of(layer)
    return pixel(layer, width // 5, height // 2), pixel(layer, width * 4 // 5, height // 2)


@pytest.fixture
def pair():
    """Return picture and reference with their swatch layers, in two open images."""
    target, reference = gray_picture(), color_picture()
    paint_halves(add_layer(target, "swatches"))
    paint_reference(add_layer(reference, "partners"))
    count = len(Gimp.get_images())
    yield target, reference
    assert len(Gimp.get_images()) == count  # nothing that was opened on the way stayed
    target.delete()
    reference.delete()


def run_pair(target: Gimp.Image, reference: Gimp.Image, **values) -> Gimp.Layer:
    swatches, base = target.get_layers()
    partners, colors = reference.get_layers()
    given = {
        "references": colors,
        "swatches": swatches,
        "reference-swatches": partners,
        "result": FULL,
    }
    return result_of(call(OPERATION, target, base, **given | values))


def test_without_swatches_what_is_dark_becomes_like_what_is_dark(pair):
    target, reference = pair
    base, colors = target.get_layers()[1], reference.get_layers()[1]
    left, right = sides(result_of(call(OPERATION, target, base, references=colors, result=FULL)))
    assert is_blue(left)
    assert is_red(right)


def test_swatches_of_equal_color_pair_up_across_two_open_images(pair):
    target, reference = pair
    other = state(reference)
    before = read(target.get_layers()[1])
    layer = run_pair(target, reference)
    left, right = sides(layer)
    assert is_red(left)
    assert is_blue(right)
    weights = (0.299, 0.587, 0.114)  # the light stays the picture's
    for got, was in zip((left, right), sides(target.get_layers()[2]), strict=True):
        assert sum(a * b for a, b in zip(weights, got, strict=False)) == pytest.approx(
            was[0], abs=1.5
        )
    names = [item.get_name() for item in target.get_layers()]
    assert names == ["swatches", layer.get_name(), "base"]
    assert read(target.get_layers()[2]) == before
    assert state(reference) == other  # only read


def test_swapped_colors_swap_the_halves(pair):
    target, reference = pair
    paint_halves(target.get_layers()[0], left=TWO, right=ONE)
    left, right = sides(run_pair(target, reference))
    assert is_blue(left)
    assert is_red(right)


def test_the_reference_may_be_a_layer_of_the_same_image(pair):
    target, reference = pair
    expected = read(run_pair(target, reference))
    target.remove_layer(target.get_layers()[1])
    base = target.get_layers()[1]
    partners, colors = (
        Gimp.Layer.new_from_drawable(layer, target) for layer in reference.get_layers()
    )
    for layer in (colors, partners):
        target.insert_layer(layer, None, 0)
        layer.set_offsets(-7, 11)  # partly beside the canvas: it counts as a whole
        layer.set_visible(False)
    values = {"references": colors, "reference-swatches": partners, "result": FULL}
    layer = result_of(call(OPERATION, target, base, swatches=target.get_layers()[2], **values))
    assert read(layer) == expected


def save(image: Gimp.Image, number: int, name: str) -> str:
    """Write one layer of an image as a file and return its path."""
    width, height = image.get_width(), image.get_height()
    single = new_image(width, height, pixels=read(image.get_layers()[number]))
    path = os.path.join(os.environ["TINCT_OUT"], name)
    file = Gio.File.new_for_path(path)
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, single, file, None)
    single.delete()
    return path


def test_reference_and_swatches_may_be_files(pair):
    target, reference = pair
    expected = read(run_pair(target, reference))
    files = {
        "references": None,
        "references-files": save(reference, 1, "Vorlage, façon 色.png"),
        "reference-swatches": None,
        "reference-swatches-file": Gio.File.new_for_path(save(reference, 0, "partners 色.png")),
    }
    target.remove_layer(target.get_layers()[1])
    assert read(run_pair(target, reference, **files)) == expected


def test_run_again_finds_the_other_image(pair):
    target, reference = pair
    first = run_pair(target, reference)
    swatches = target.get_layers()[0]
    paint_halves(swatches, left=TWO, right=ONE)
    left, right = sides(result_of(call("run-again", target, first)))
    assert is_blue(left)
    assert is_red(right)
    assert len(target.get_layers()) == 3


def test_it_is_one_undo_step_and_leaves_undo_on(pair):
    target, reference = pair
    assert target.undo_is_enabled()
    run_pair(target, reference)
    assert target.undo_is_enabled()


def spoil(target: Gimp.Image, reference: Gimp.Image, how: str) -> dict:
    swatches, partners = target.get_layers()[0], reference.get_layers()[0]
    values = {}
    if how == "side":
        values["reference-swatches"] = None
    elif how == "partner":
        paint_reference(partners, bottom=THREE)
    elif how == "empty":
        fill(swatches, (0, 0, WIDTH, HEIGHT), (0, 0, 0, 0))
        fill(partners, (0, 0, *REFERENCE), (0, 0, 0, 0))
    elif how == "small":
        fill(swatches, (0, 0, WIDTH, HEIGHT), (0, 0, 0, 0))
        fill(swatches, (3, 3, 3, 3), ONE)
        fill(swatches, (9, 9, 9, 9), TWO)
    elif how == "size":
        partners.resize(REFERENCE[0] - 9, REFERENCE[1], 0, 0)
    elif how == "gray":
        colors = reference.get_layers()[1]
        put(colors, striped(*REFERENCE, (180, 180, 180), (70, 70, 70), split=False))
    elif how == "boxes":
        values["boxes"] = json.dumps([[[0, 0, WIDTH + 1, 9], [0, 0, 9, 9]]])
    elif how == "words":
        values["boxes"] = "not boxes"
    elif how == "file":
        missing = os.path.join(os.environ["TINCT_OUT"], "missing.png")
        values |= {"references": None, "references-files": missing}
    elif how == "none":
        values["references"] = None
    return values


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("side", "on the picture only"),
        ("partner", "partner"),
        ("empty", "empty"),
        ("small", "smaller than"),
        ("size", "same size"),
        ("gray", "no color"),
        ("boxes", "reaches beyond"),
        ("words", "boxes"),
        ("file", "no file"),
        ("none", "choose a layer or a file"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_changes_nothing(pair, how, words):
    target, reference = pair
    values = spoil(target, reference, how)
    before = state(target), state(reference)
    swatches, base = target.get_layers()
    partners, colors = reference.get_layers()
    given = {"references": colors, "swatches": swatches, "reference-swatches": partners}
    sentence = refused(call(OPERATION, target, base, **given | values))
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert (state(target), state(reference)) == before
    assert target.undo_is_enabled()


PAIRS = [[[100, 100, 700, 800], [80, 1200, 700, 200]], [[1300, 90, 900, 700], [90, 100, 600, 300]]]


def preview(target: Gimp.Image, sources: dict, parameters: dict, side: int) -> tuple[bytes, tuple]:
    """Return RGBA bytes and their size, as the dialog's preview gets them from the engine."""
    info = catalog.find(OPERATION)
    base = target.get_layers()[-1]
    config = Gimp.get_pdb().lookup_procedure(f"plug-in-tinct-{OPERATION}").create_config()
    values = procedures.parameters(info, config) | parameters
    job = work.Job(info, base, {name: [Source(item)] for name, item in sources.items()}, values)
    with catalog.new_engine() as engine:
        inputs = work.write_inputs(job, engine.exchange, side)
        shown = work.preview_parameters(job, inputs)
        outcome = engine.run(info["id"], inputs, shown, quality="preview", outside=work.OUTSIDE)
        reference = outcome.outputs["colors"]
        return engine.exchange.read(reference), (reference.shape[1], reference.shape[0])


def at(data: bytes, size: tuple, x: float, y: float) -> tuple[int, ...]:
    start = 4 * (int(y * size[1]) * size[0] + int(x * size[0]))
    return tuple(data[start : start + 4])


def test_boxes_lie_where_they_were_drawn_in_a_reduced_preview():
    target, reference = gray_picture(2400, 1200), color_picture(1000, 1600)
    colors = reference.get_layers()[0]
    whole = result_of(
        call(
            OPERATION,
            target,
            target.get_layers()[0],
            references=colors,
            boxes=json.dumps(PAIRS),
            result=FULL,
        )
    )
    assert is_red(sides(whole)[0])
    assert is_blue(sides(whole)[1])
    data, size = preview(target, {"references": colors}, {"boxes": PAIRS}, 600)
    assert size == (600, 300)
    assert is_red(at(data, size, 0.2, 0.5))
    assert is_blue(at(data, size, 0.8, 0.5))
    tight = [[[2300, 1100, 100, 100], [0, 1500, 90, 100]], [[0, 0, 90, 90], [910, 0, 90, 90]]]
    data, size = preview(target, {"references": colors}, {"boxes": tight}, 600)
    assert is_blue(at(data, size, 0.02, 0.02))
    assert is_red(at(data, size, 0.98, 0.98))
    target.delete()
    reference.delete()


def test_swatch_colors_do_not_mix_in_a_reduced_preview():
    """Mixed colors of two that touch would be swatches without a partner."""
    target, reference = gray_picture(2400, 1200), color_picture(1000, 1600)
    swatches, partners = add_layer(target, "swatches"), add_layer(reference, "partners")
    fill(swatches, (0, 0, 1201, 1200), ONE)
    fill(swatches, (1201, 0, 1199, 1200), TWO)
    paint_reference(partners)
    sources = {
        "references": reference.get_layers()[1],
        "swatches": swatches,
        "reference_swatches": partners,
    }
    for side in (600, 1536, 1535):
        data, size = preview(target, sources, {}, side)
        assert is_red(at(data, size, 0.2, 0.5))
        assert is_blue(at(data, size, 0.8, 0.5))
    target.delete()
    reference.delete()
