"""Published figures, scikit-image as independent truth, round trips, dimensions, NaN and gamut."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import skimage.color

from tinct import color

LEVELS = np.linspace(0, 1, 17)
LATTICE = np.stack(np.meshgrid(LEVELS, LEVELS, LEVELS, indexing="ij"), axis=-1)

PAIRS = [
    (color.srgb_to_linear, color.linear_to_srgb),
    (color.srgb_to_xyz, color.xyz_to_srgb),
    (color.srgb_to_lab, color.lab_to_srgb),
    (color.srgb_to_oklab, color.oklab_to_srgb),
    (color.srgb_to_yiq, color.yiq_to_srgb),
    (color.srgb_to_lalphabeta, color.lalphabeta_to_srgb),
    (color.lab_to_lch, color.lch_to_lab),
    (color.xyz_to_lab, color.lab_to_xyz),
]
CONVERSIONS = [function for pair in PAIRS for function in pair] + [color.fit_to_gamut]


@pytest.mark.parametrize(
    ("convert", "given", "published"),
    [
        (color.srgb_to_linear, [0.5, 0.04045, 0.001], [0.21404114, 0.00313080, 0.0000774]),
        (color.srgb_to_lab, [1, 0, 0], [53.24, 80.09, 67.20]),
        (color.srgb_to_lab, [0, 1, 0], [87.73, -86.18, 83.18]),
        (color.srgb_to_lab, [0, 0, 1], [32.30, 79.19, -107.86]),
        (color.srgb_to_lab, [1, 1, 1], [100, 0, 0]),
        (color.srgb_to_xyz, [1, 1, 1], [0.9505, 1, 1.0888]),
        (color.srgb_to_oklab, [1, 0, 0], [0.627955, 0.224863, 0.125846]),
        (color.srgb_to_oklab, [0, 1, 0], [0.866440, -0.233888, 0.179498]),
        (color.srgb_to_oklab, [0, 0, 1], [0.452014, -0.032457, -0.311528]),
        (color.srgb_to_yiq, [1, 0, 0], [0.299, 0.596, 0.211]),
        (color.srgb_to_yiq, [0, 1, 0], [0.587, -0.274, -0.523]),
        (color.srgb_to_yiq, [0, 0, 1], [0.114, -0.322, 0.312]),
        (color.lab_to_lch, [50, 0, -10], [50, 10, 270]),
    ],
)
def test_published_figures(convert, given, published):
    tolerance = 0.01 if np.max(np.abs(published)) > 2 else 5e-5
    if convert is color.srgb_to_oklab:
        tolerance = 2e-6
    assert (np.abs(convert(np.array(given, float)) - published) <= tolerance).all()


def test_lalphabeta_follows_the_paper():
    rgb = np.array([0.2, 0.5, 0.7])
    long = np.log10(0.3811 * 0.2 + 0.5783 * 0.5 + 0.0402 * 0.7 + 1 / 255)
    medium = np.log10(0.1967 * 0.2 + 0.7244 * 0.5 + 0.0782 * 0.7 + 1 / 255)
    short = np.log10(0.0241 * 0.2 + 0.1288 * 0.5 + 0.8444 * 0.7 + 1 / 255)
    expected = [
        (long + medium + short) / np.sqrt(3),
        (long + medium - 2 * short) / np.sqrt(6),
        (long - medium) / np.sqrt(2),
    ]
    np.testing.assert_allclose(color.srgb_to_lalphabeta(rgb), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("convert", "oracle"),
    [
        (color.srgb_to_lab, skimage.color.rgb2lab),
        (color.srgb_to_xyz, skimage.color.rgb2xyz),
        (lambda rgb: color.lab_to_lch(color.srgb_to_lab(rgb))[..., :2], None),
    ],
)
def test_agrees_with_scikit_image_on_a_lattice(convert, oracle):
    expected = (
        oracle(LATTICE)
        if oracle
        else skimage.color.lab2lch(skimage.color.rgb2lab(LATTICE))[..., :2]
    )
    assert np.abs(convert(LATTICE) - expected).max() < 1e-6


def test_inverse_agrees_with_scikit_image_on_a_lattice():
    lab = skimage.color.rgb2lab(LATTICE)
    assert np.abs(color.lab_to_srgb(lab) - skimage.color.lab2rgb(lab)).max() < 1e-6


@pytest.mark.parametrize(("there", "back"), PAIRS)
def test_round_trip_on_a_lattice(there, back):
    given = color.srgb_to_lab(LATTICE) if there is color.lab_to_lch else LATTICE
    assert np.abs(back(there(given)) - given).max() < 1e-9


@pytest.mark.parametrize(("there", "back"), PAIRS[:6])
def test_round_trip_beyond_the_lattice(there, back):
    knees = np.array([0, 1e-6, 0.04044, 0.04045, 0.04046, 0.0031308, 1, 2.5])
    given = np.stack([knees, knees, knees], axis=-1)
    # the published curve has a step of 3e-8 at its knee
    assert np.abs(back(there(given)) - given).max() < 1e-7


def test_yiq_is_inverted_numerically():
    assert np.abs(color.RGB_FROM_YIQ @ color.YIQ_FROM_RGB - np.eye(3)).max() < 1e-12


@pytest.mark.parametrize("convert", CONVERSIONS)
def test_shape_and_type_are_kept(convert):
    small = LATTICE[::4, ::4, ::4].astype(np.float32) * 0.9
    whole = convert(small)
    assert whole.dtype == np.float32
    assert whole.shape == small.shape
    assert convert(small.astype(np.float64)).dtype == np.float64
    np.testing.assert_allclose(convert(small.astype(np.float64)), whole, atol=2e-3, rtol=1e-4)
    np.testing.assert_allclose(convert(small[1, 2, 3]), whole[1, 2, 3], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(convert(small[::-1, ::2])[::-1], whole[:, ::2], rtol=1e-5, atol=1e-5)
    assert convert(small[:0]).shape == small[:0].shape


def test_blocks_do_not_show():
    many = np.random.default_rng(1).random((color.BLOCK_PIXELS + 7, 3))
    whole = color.srgb_to_lab(many)
    np.testing.assert_allclose(color.srgb_to_lab(many[-9:]), whole[-9:], atol=1e-10)
    assert np.abs(whole - skimage.color.rgb2lab(many)).max() < 1e-6


@pytest.mark.parametrize("convert", CONVERSIONS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nonfinite_values_stay_in_their_pixel(convert, value):
    pixels = np.full((5, 3), 0.25)
    expected = convert(pixels)
    pixels[2, 1] = value
    found = convert(pixels)
    np.testing.assert_array_equal(np.delete(found, 2, axis=0), np.delete(expected, 2, axis=0))
    if np.isnan(value) and convert is not color.fit_to_gamut:
        assert np.isnan(found[2]).any()


@pytest.mark.parametrize("convert", CONVERSIONS)
def test_input_is_not_changed(convert):
    pixels = np.full((4, 3), [60.0, 90.0, -90.0])
    pixels.setflags(write=False)
    convert(pixels)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(np.zeros((2, 3), np.uint8), TypeError), (np.zeros((2, 4)), ValueError)],
)
def test_invalid_input(wrong, error):
    with pytest.raises(error, match=r"float32 or float64|shape \(\.\.\., 3\)"):
        color.srgb_to_lab(wrong)
    with pytest.raises(error, match=r"float32 or float64|shape \(\.\.\., 3\)"):
        color.luma(wrong)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_luma_is_y_of_yiq_and_exact_for_grays(dtype):
    rgb = LATTICE.astype(dtype)
    np.testing.assert_allclose(color.luma(rgb), color.srgb_to_yiq(rgb)[..., 0], atol=3e-7)
    gray = np.linspace(-0.1, 1.3, 1001, dtype=dtype)
    np.testing.assert_array_equal(color.luma(np.stack([gray] * 3, axis=-1)), gray)


def test_hue_distance_is_circular():
    assert color.hue_distance(359.0, 1.0) == 2
    assert color.hue_distance(0.0, 180.0) == 180
    assert color.hue_distance(-720.0, 10.0) == 10
    first, second = np.random.default_rng(0).uniform(-500, 500, (2, 1000))
    distance = color.hue_distance(first, second)
    np.testing.assert_allclose(
        np.cos(np.radians(distance)), np.cos(np.radians(first - second)), atol=1e-12
    )
    assert ((distance >= 0) & (distance <= 180)).all()


def test_hue_stays_below_the_full_circle():
    assert color.lab_to_lch(np.array([50.0, 1.0, -1e-18]))[2] == 0
    assert color.lab_to_lch(np.array([50.0, 1.0, -1e-12], np.float32))[2] < 360


@pytest.fixture
def hints():
    random = np.random.default_rng(3)
    return random.random(5000), random.uniform(-0.7, 0.7, (5000, 2))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fitted_chroma_keeps_luma_and_hue_and_stays_in_gamut(hints, dtype):
    luma, chroma = (values.astype(dtype) for values in hints)
    rgb = color.fit_chroma_yiq(luma, chroma)
    assert rgb.dtype == dtype
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    epsilon = np.finfo(dtype).eps
    assert np.abs(color.luma(rgb) - luma).max() < 4 * epsilon
    fitted = color.srgb_to_yiq(rgb)[:, 1:].astype(float)
    crossed = fitted[:, 0] * chroma[:, 1] - fitted[:, 1] * chroma[:, 0]
    assert np.abs(crossed).max() < 20 * epsilon
    assert (np.einsum("nc,nc->n", fitted, chroma) >= -epsilon).all()


def test_fitted_chroma_is_the_largest_that_fits(hints):
    luma, chroma = hints
    rgb = color.fit_chroma_yiq(luma, chroma)
    full = np.concatenate([luma[:, None], chroma], axis=1) @ color.RGB_FROM_YIQ.T
    fits = ((full >= 0) & (full <= 1)).all(axis=1)
    assert 0 < fits.sum() < len(luma)
    np.testing.assert_allclose(rgb[fits], full[fits], atol=1e-14)
    # a color that had to give way touches a face of the cube
    distance = np.minimum(rgb[~fits], 1 - rgb[~fits]).min(axis=1)
    assert distance.max() < 1e-14


def test_fitted_chroma_at_the_corners():
    luma = np.array([0.0, 1.0, 1.5, -0.1, -0.1, np.nan, 0.5])
    chroma = np.array([[0.3, 0.1]] * 4 + [[0, 0], [0.1, 0.1], [0, 0]])
    rgb = color.fit_chroma_yiq(luma, chroma)
    np.testing.assert_array_equal(rgb[:5], np.repeat(luma[:5, None], 3, axis=1))
    assert np.isnan(rgb[5]).all()
    np.testing.assert_array_equal(rgb[6], 0.5)
    assert color.fit_chroma_yiq(np.zeros((0, 4)), np.zeros((0, 4, 2))).shape == (0, 4, 3)
    with pytest.raises(ValueError, match="chroma has shape"):
        color.fit_chroma_yiq(luma, chroma[:3])


def test_fitted_chroma_takes_strided_input(hints):
    luma, chroma = hints
    expected = color.fit_chroma_yiq(luma[::2].copy(), chroma[::2].copy())
    np.testing.assert_array_equal(color.fit_chroma_yiq(luma[::2], chroma[::2]), expected)


def test_fit_to_gamut_keeps_lightness_and_hue():
    random = np.random.default_rng(5)
    lab = random.uniform([0, -150, -150], [100, 150, 150], (20000, 3))
    rgb = color.fit_to_gamut(lab)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    found = color.srgb_to_lab(rgb)
    assert np.abs(found[:, 0] - lab[:, 0]).max() < 0.1
    wanted, got = color.lab_to_lch(lab), color.lab_to_lch(found)
    vivid = got[:, 1] > 5
    assert color.hue_distance(wanted[:, 2], got[:, 2])[vivid].max() < 2
    # plain clipping, the naive way, moves lightness much further
    clipped = color.srgb_to_lab(np.clip(color.lab_to_srgb(lab), 0, 1))
    assert np.abs(clipped[:, 0] - lab[:, 0]).max() > 10


# scikit-image says when it clips, which is what it is here for
@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")
def test_fit_to_gamut_finds_the_boundary():
    lab = np.array([[50.0, 200.0, 30.0], [70.0, -10.0, -150.0], [20.0, 80.0, 80.0]])
    factors = np.linspace(0, 1, 100001)[:, None]
    for wanted, rgb in zip(lab, color.fit_to_gamut(lab), strict=True):
        scaled = wanted * np.concatenate([np.ones_like(factors), factors, factors], axis=1)
        trial = skimage.color.lab2rgb(scaled)
        # scikit-image clips, so a color that comes back unchanged was inside
        back = skimage.color.rgb2lab(trial)
        inside = np.abs(back - scaled).max(axis=1) < 1e-2
        largest = scaled[inside][-1]
        assert np.abs(color.srgb_to_lab(rgb) - largest).max() < 0.25


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [3, 4])
def test_recolored_is_luma_with_other_chroma(dtype, channels):
    random = np.random.default_rng(3)
    colors = random.uniform(-0.1, 1.1, (53, 47, channels)).astype(dtype)
    chroma = random.uniform(-0.5, 0.5, (53, 47, 2)).astype(dtype)
    colors[0, :3, 1] = np.nan
    before = colors.copy()
    color.recolor_yiq(colors, chroma)
    expected = color.fit_chroma_yiq(color.luma(before[..., :3]), chroma)
    np.testing.assert_array_equal(colors[..., :3], expected)
    np.testing.assert_array_equal(colors[..., 3:], before[..., 3:])
    with pytest.raises(ValueError, match="chroma has shape"):
        color.recolor_yiq(colors, chroma[1:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fitted_chroma_is_that_of_the_definition(dtype):
    random = np.random.default_rng(4)
    luma = random.uniform(-0.2, 1.2, 3000).astype(dtype)
    luma[:20] = np.repeat([0, 1], 10)
    chroma = random.uniform(-0.5, 0.5, (3000, 2)).astype(dtype)
    chroma[::10] = 0
    rgb = color.fit_chroma_yiq(luma, chroma)
    for y, wanted, found in zip(luma, chroma, rgb, strict=True):
        step = color.RGB_FROM_YIQ[:, 1:] @ wanted.astype(float)
        rooms = [(1 - y) / part if part > 0 else y / -part for part in step if part != 0]
        share = min(1.0, *(max(float(room), 0.0) for room in rooms)) if rooms else 1.0
        np.testing.assert_allclose(found, y + share * step, atol=2e-6)


def test_fit_to_gamut_leaves_what_fits():
    inside = LATTICE.reshape(-1, 3)
    assert np.abs(color.fit_to_gamut(color.srgb_to_lab(inside)) - inside).max() < 1e-9
    ends = color.fit_to_gamut(np.array([[150.0, 0, 0], [-20.0, 30.0, 0]]))
    np.testing.assert_allclose(ends, [[1, 1, 1], [0, 0, 0]], atol=1e-3)


def test_import_is_light():
    code = (
        "import sys, tinct.color; "
        "print([name for name in ('numba', 'scipy', 'skimage') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert found.stdout.strip() == "[]"
