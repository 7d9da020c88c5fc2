"""Color from strokes: what it keeps, what strokes, keep and region mean, and published results."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from support import assert_images_close, paint_strokes, photograph, shared_data
from tinct import color
from tinct.algorithms.hierarchy import Hierarchy
from tinct.cache import Cache
from tinct.declare import Context, Strokes
from tinct.errors import Cancelled, InputError
from tinct.operations import scribble_colorize as operation
from tinct.operations.scribble_colorize import scribble_colorize

SIZE = (96, 128)
LUMA = np.array([0.299, 0.587, 0.114])


def opaque(rgb):
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2).astype(np.float32)


def gray_of(rgb):
    return opaque(np.repeat((rgb @ LUMA)[..., np.newaxis], 3, axis=2))


def colorize(image, layer, **options):
    painted = layer[..., 3] >= 0.5
    strokes = Strokes(painted, layer[painted][:, :3])
    return scribble_colorize(image, strokes, **options)["colors"]


def prepare(image, layer, cache):
    painted = layer[..., 3] >= 0.5
    strokes = Strokes(painted, layer[painted][:, :3])
    return scribble_colorize(image, strokes, context=Context(quality="prepare", cache=cache))


def chroma(rgb):
    return color.srgb_to_yiq(np.ascontiguousarray(rgb[..., :3]))[..., 1:]


@pytest.fixture
def truth():
    return photograph("coffee", SIZE)


@pytest.fixture
def strokes(truth):
    return paint_strokes(truth, 16, seed=1)


def test_luma_is_kept_and_alpha_untouched(truth, strokes):
    image = gray_of(truth)
    image[..., 3] = np.linspace(0.2, 1.0, SIZE[1])
    colors = colorize(image, strokes)
    assert_images_close(colors[..., :3] @ LUMA, truth @ LUMA, 1e-5)
    np.testing.assert_array_equal(colors[..., 3], image[..., 3])
    assert colors[..., :3].min() >= 0
    assert colors[..., :3].max() <= 1


def test_strokes_hold_their_own_chroma(truth, strokes):
    colors = colorize(gray_of(truth), strokes)
    painted = strokes[..., 3] == 1
    wanted = color.fit_chroma_yiq(
        (truth @ LUMA).astype(np.float32)[painted], chroma(strokes)[painted]
    )
    assert_images_close(colors[painted][:, :3], wanted, 1e-4)


def test_one_color_everywhere_gives_that_color_everywhere(truth):
    strokes = np.zeros((*SIZE, 4), np.float32)
    strokes[40:44, 20:60] = (0.55, 0.5, 0.45, 1.0)
    colors = colorize(gray_of(truth * 0.4 + 0.3), strokes)
    wanted = chroma(strokes)[42, 30]
    assert_images_close(chroma(colors), np.broadcast_to(wanted, (*SIZE, 2)), 1e-3)


def test_kept_pixels_keep_their_color_and_strokes_win(truth):
    keep = np.zeros(SIZE, np.float32)
    keep[:, :64] = 1.0
    strokes = np.zeros((*SIZE, 4), np.float32)
    strokes[50:54, 30:100] = (0.2, 0.4, 0.9, 1.0)
    colors = colorize(opaque(truth), strokes, keep=keep)
    kept = (keep == 1) & (strokes[..., 3] == 0)
    assert_images_close(colors[kept][:, :3], truth[kept], 1e-3)
    blue = (strokes[..., 3] == 1) & (keep == 1)
    assert np.abs(colors[blue][:, :3] - truth[blue]).max() > 0.1


def test_color_neither_leaves_nor_enters_the_region(truth):
    strokes = np.zeros((*SIZE, 4), np.float32)
    strokes[20:24, 10:40] = (0.9, 0.3, 0.2, 1.0)
    strokes[20:24, 90:120] = (0.2, 0.3, 0.9, 1.0)
    region = np.zeros(SIZE, np.float32)
    region[:, :64] = 1.0
    left = colorize(gray_of(truth), strokes, region=region)[:, :64]
    alone = strokes.copy()
    alone[:, 64:] = 0
    cut = colorize(
        np.ascontiguousarray(gray_of(truth)[:, :64]), np.ascontiguousarray(alone[:, :64])
    )
    assert_images_close(left, cut, 4e-3)


def test_no_strokes_is_one_sentence(truth):
    empty = np.zeros((*SIZE, 4), np.float32)
    with pytest.raises(InputError, match=r"no strokes .* paint some color"):
        colorize(gray_of(truth), empty)
    beside = empty.copy()
    beside[80:90] = 1.0
    region = np.zeros(SIZE, np.float32)
    region[:10] = 1.0
    with pytest.raises(InputError, match="no strokes"):
        colorize(gray_of(truth), beside, region=region)


def test_what_was_prepared_is_used_and_changes_nothing(truth, strokes, monkeypatch):
    image, cache, built = gray_of(truth), Cache(1 << 28), []
    build = Hierarchy.build.__func__

    def counted(cls, *arguments, **options):
        built.append(1)
        return build(cls, *arguments, **options)

    monkeypatch.setattr(Hierarchy, "build", classmethod(counted))
    empty = np.zeros_like(strokes)
    for _ in range(2):
        assert prepare(image, empty, cache) == {}
    assert len(built) == 1
    first = empty.copy()
    first[20:24, 30:50] = (0.9, 0.3, 0.2, 1.0)
    colors = colorize(image, first, context=Context(cache=cache))
    assert len(built) == 1
    assert_images_close(colors, colorize(image, first), 3e-3)
    assert len(built) == 2


def test_a_small_preview_looks_like_the_result_and_is_never_taken_for_it(truth, strokes):
    image, cache = gray_of(truth), Cache(1 << 28)
    exact = colorize(image, strokes)
    for _ in range(2):
        preview = colorize(image, strokes, context=Context(quality="preview", cache=cache))
        assert_images_close(preview, exact, 5 / 255)
        final = colorize(image, strokes, context=Context(cache=cache))
        np.testing.assert_array_equal(final, exact)
    assert (preview != exact).any()


def test_a_large_preview_is_blended_without_a_system(truth, strokes, monkeypatch):
    monkeypatch.setattr(operation, "SOLVED_PIXELS", truth[..., 0].size - 1)
    monkeypatch.setattr(Hierarchy, "build", None)  # nothing is solved
    image = gray_of(truth)
    preview = colorize(image, strokes, context=Context(quality="preview"))
    assert_images_close(preview[..., :3] @ LUMA, truth @ LUMA, 1e-5)
    painted = strokes[..., 3] == 1
    wanted = color.fit_chroma_yiq(
        (truth @ LUMA).astype(np.float32)[painted], chroma(strokes)[painted]
    )
    assert_images_close(preview[painted][:, :3], wanted, 1e-4)


def test_an_island_no_stroke_touches_stays_gray_and_is_told(truth, strokes):
    image = gray_of(truth)
    image[30:60, 30:60, 3] = 0.0
    image[40:50, 40:50, 3] = 1.0
    strokes[25:65, 25:65] = 0.0
    warned: list[str] = []
    colors = colorize(image, strokes, context=Context(warn=warned.append))
    assert_images_close(chroma(colors)[40:50, 40:50], np.zeros((10, 10, 2)), 1e-4)
    assert len(warned) == 1
    assert warned[0].endswith(".")


@pytest.mark.parametrize("edit", ["add", "erase", "recolor"])
def test_after_an_edit_the_cached_way_agrees_with_the_full_one(truth, strokes, edit):
    image, cache = gray_of(truth), Cache(1 << 28)
    edited = strokes.copy()
    if edit == "add":
        edited[70:74, 40:80] = (0.1, 0.7, 0.3, 1.0)
    elif edit == "erase":
        rows, columns = np.nonzero(strokes[..., 3])
        edited[rows[0] : rows[0] + 12, columns[0] : columns[0] + 12] = 0.0
    else:
        first = strokes[tuple(np.argwhere(strokes[..., 3] == 1)[0])]
        edited[(strokes == first).all(axis=2)] = (0.1, 0.7, 0.3, 1.0)
    assert not np.array_equal(edited, strokes)
    colorize(image, strokes, context=Context(cache=cache))
    again = colorize(image, edited, context=Context(cache=cache))
    full = colorize(image, edited)
    assert_images_close(chroma(again), chroma(full), 4e-3)


@pytest.mark.parametrize(
    "options",
    [{"window": "5x5"}, {"affinity": "correlation"}, {"barriers": True}],
    ids=["5x5", "correlation", "barriers"],
)
def test_choices_change_the_picture_and_keep_luma(truth, strokes, options):
    image = gray_of(truth)
    plain, other = colorize(image, strokes), colorize(image, strokes, **options)
    assert np.abs(plain - other).max() > 1e-3
    assert_images_close(other[..., :3] @ LUMA, truth @ LUMA, 1e-5)


def test_published_result_is_reproduced():
    folder = shared_data("reference/scribbles")
    gray, marked, result = (
        np.asarray(Image.open(folder / f"1_{name}.png").convert("RGB"), np.float32) / 255
        for name in ("gray", "marked", "result")
    )
    painted = np.abs(marked - gray).sum(axis=2) > 0.01
    strokes = np.concatenate([marked, painted[..., np.newaxis]], axis=2).astype(np.float32)
    colors = colorize(opaque(gray), strokes)[..., :3]
    psnr = -10 * np.log10(np.mean((colors.astype(np.float64) - result) ** 2))
    assert psnr >= 39.0


def test_after_a_run_cut_short_the_next_is_right_again(truth, strokes):
    image, more = gray_of(truth), strokes.copy()
    more[40:44, 20:60] = [0.9, 0.2, 0.2, 1]
    cache = Cache(1 << 28)
    first = colorize(image, strokes, context=Context(cache=cache))

    def cancel(fraction, stage):
        if stage == "Solving":
            raise Cancelled

    with pytest.raises(Cancelled):
        colorize(image, more, context=Context(cache=cache, progress=cancel))
    for layer in (more, strokes, more):
        again = colorize(image, layer, context=Context(cache=cache))
        assert_images_close(again, colorize(image, layer), 0.01)
    assert np.abs(again - first).max() > 0.1
