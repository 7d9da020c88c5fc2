"""Outside its region a result is the base to the last bit; between, both mix as alpha asks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinct import pixels
from tinct.compositing import composite
from tinct.pixels import Picture
from tinct_client import protocol

WHITE = {"uint8": 255, "uint16": 65535, "float16": 1, "float32": 1}


def random_picture(layout, dtype, seed, size=(7, 6)):
    random = np.random.default_rng(seed)
    shape = (*size, protocol.LAYOUT_CHANNELS[layout])
    if WHITE[dtype] > 1:
        return Picture(random.integers(0, WHITE[dtype] + 1, shape).astype(dtype), layout)
    stored = random.uniform(0, 1.5, shape).astype(dtype)
    stored[0, 0, 0] = np.nan
    return Picture(stored, layout)


REGION = np.zeros((7, 6), np.float32)
REGION[2:5, 1:5] = 1
REGION[1, 1:5] = np.linspace(0.1, 0.9, 4)
REGION[0, 5] = np.nan


@given(
    st.sampled_from(["rgba", "bgra", "rgb", "gray", "graya"]),
    st.sampled_from(["rgba", "rgb", "bgra"]),
    st.sampled_from(list(WHITE)),
    st.integers(0, 1000),
)
@settings(max_examples=100, deadline=None)
def test_outside_is_the_base_and_inside_the_result(base_layout, layout, dtype, seed):
    base = random_picture(base_layout, dtype, seed)
    result = random_picture(layout, dtype, seed + 1)
    merged = composite(result, base, REGION)
    assert (merged.layout, merged.pixels.dtype) == (layout, np.dtype(dtype))
    outside, inside = ~(REGION > 0), REGION == 1
    kept = pixels.to_layout(base, layout).pixels
    assert merged.pixels[outside].tobytes() == kept[outside].tobytes()
    assert merged.pixels[inside].tobytes() == result.pixels[inside].tobytes()


def test_soft_edges_mix_colors_by_alpha():
    base = Picture(np.array([[[200, 100, 0, 255], [200, 100, 0, 0], [10, 20, 30, 100]]], np.uint8))
    result = Picture(np.array([[[0, 100, 200, 255], [0, 50, 90, 128], [50, 60, 70, 50]]], np.uint8))
    merged = composite(result, base, np.full((1, 3), 0.25, np.float32)).pixels[0]
    np.testing.assert_array_equal(merged[0], [150, 100, 50, 255])
    # a transparent base lends no color
    np.testing.assert_array_equal(merged[1], [0, 50, 90, 32])
    share = 0.25 * 50 / (0.25 * 50 + 0.75 * 100)
    expected = [*(np.array([10, 20, 30]) + 40 * share), 87.5]
    assert np.abs(merged[2] - expected).max() <= 0.5


@pytest.mark.parametrize("layout", ["rgba", "bgra", "graya"])
@pytest.mark.parametrize("dtype", list(WHITE))
def test_wholly_transparent_pixels_keep_their_numbers(dtype, layout):
    base, result = random_picture(layout, dtype, 1), random_picture(layout, dtype, 2)
    base.pixels[3:, :, -1] = 0
    result.pixels[4:, :, -1] = 0
    result.pixels[:3, 2, -1] = 0  # only in the result
    merged = composite(result, base)
    assert merged.pixels[4:].tobytes() == base.pixels[4:].tobytes()
    assert merged.pixels[:4].tobytes() == result.pixels[:4].tobytes()


def test_transparent_outside_fades_alpha():
    base, result = random_picture("rgb", "uint8", 1), random_picture("rgba", "uint8", 2)
    merged = composite(result, base, REGION, "transparent").pixels
    np.testing.assert_array_equal(merged[..., :3], result.pixels[..., :3])
    alpha = np.rint(result.pixels[..., 3] * np.nan_to_num(REGION))
    np.testing.assert_array_equal(merged[..., 3], alpha)


def test_blocks_of_rows_do_not_show():
    size = (2 * pixels.BLOCK_PIXELS // 50 + 3, 50)
    base, result = random_picture("rgb", "uint8", 1, size), random_picture("rgb", "uint8", 2, size)
    region = np.zeros(size, np.float32)
    region[size[0] // 3 :, 20:] = 1
    region[:, 19] = 0.5
    merged = composite(result, base, region).pixels
    expected = base.pixels + region[..., np.newaxis] * (result.pixels.astype(float) - base.pixels)
    assert np.abs(merged - expected).max() <= 0.5


def test_inputs_are_not_changed():
    base, result = random_picture("rgba", "uint8", 1), random_picture("rgba", "uint8", 2)
    before = base.pixels.copy(), result.pixels.copy()
    merged = composite(result, base)
    merged.pixels[:] = 0
    composite(result, base, REGION).pixels[:] = 0
    np.testing.assert_array_equal(base.pixels, before[0])
    np.testing.assert_array_equal(result.pixels, before[1])


@pytest.mark.parametrize("size", [(0, 0), (0, 3), (1, 1)])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_empty_and_single_pixels(size, share):
    picture = random_picture("rgba", "uint8", 1, size)
    merged = composite(picture, picture, np.full(size, share, np.float32))
    np.testing.assert_array_equal(merged.pixels, picture.pixels)


def test_unfit_requests_are_refused():
    base, result = random_picture("rgb", "uint8", 1), random_picture("rgb", "uint16", 2)
    with pytest.raises(ValueError, match="differ"):
        composite(result, base)
    with pytest.raises(ValueError, match="region"):
        composite(base, base, REGION[1:])
    with pytest.raises(ValueError, match="transparent"):
        composite(base, base, REGION, "transparent")
