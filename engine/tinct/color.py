"""The one home of color conversions: sRGB, XYZ, CIELAB, OKLab, YIQ, lαβ, hue, and gamut fitting.

All functions take arrays of shape (..., 3) unless they say otherwise. float32 gives float32 and
float64 gives float64; whole numbers are refused, because nobody can know what stands for white.
NaN and infinity stay within their own pixel. Nothing is clipped except by the two gamut functions.

=================  ==========================================================================
Space              Range of the sRGB cube
=================  ==========================================================================
sRGB, linear       0 to 1
XYZ                X 0 to 0.9505, Y 0 to 1, Z 0 to 1.0888 (D65)
CIELAB             L 0 to 100, a -86.18 to 98.23, b -107.86 to 94.48
LCh                L 0 to 100, C 0 to 133.81, h 0 to 360 degrees
OKLab              L 0 to 1, a -0.234 to 0.276, b -0.312 to 0.199
YIQ                Y 0 to 1, I -0.596 to 0.596, Q -0.523 to 0.523
lαβ                l -4.17 to 0.003, α -0.94 to 0.82, β -0.20 to 0.21
=================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinct import color_formulas as formulas
from tinct.color_formulas import LUMA_WEIGHTS, RGB_FROM_YIQ, YIQ_FROM_RGB

__all__ = [
    "LUMA_WEIGHTS",
    "RGB_FROM_YIQ",
    "YIQ_FROM_RGB",
    "fit_chroma_yiq",
    "fit_to_gamut",
    "hue_distance",
    "lab_to_lch",
    "lab_to_srgb",
    "lab_to_xyz",
    "lalphabeta_to_srgb",
    "lch_to_lab",
    "linear_to_srgb",
    "luma",
    "oklab_to_srgb",
    "recolor_yiq",
    "srgb_to_lab",
    "srgb_to_lalphabeta",
    "srgb_to_linear",
    "srgb_to_oklab",
    "srgb_to_xyz",
    "srgb_to_yiq",
    "xyz_to_lab",
    "xyz_to_srgb",
    "yiq_to_srgb",
]

F = TypeVar("F", np.float32, np.float64)
Array = NDArray[Any]

BLOCK_PIXELS = 1 << 15  # intermediate results of one block stay in the processor's cache

BISECTION_STEPS = 12
# D65 as published and the rows of XYZ_FROM_LINEAR differ in the fifth digit, so that even
# neutral white lies slightly outside; float32 needs room below.
GAMUT_LOW, GAMUT_HIGH = -1e-5, 1 + 5e-5


def srgb_to_linear(srgb: NDArray[F]) -> NDArray[F]:
    """Decode sRGB to linear light (IEC 61966-2-1).

    Parameters
    ----------
    srgb
        Any shape, sRGB-encoded 0 to 1. Values below 0 follow the straight part of the curve,
        values above 1 its power part.

    Returns
    -------
    ndarray
        Same shape, proportional to light.
    """
    return _in_blocks(formulas.decode, srgb, channels=None)


def linear_to_srgb(linear: NDArray[F]) -> NDArray[F]:
    """Encode linear light as sRGB: the inverse of `srgb_to_linear`, any shape."""
    return _in_blocks(formulas.encode, linear, channels=None)


def srgb_to_xyz(srgb: NDArray[F]) -> NDArray[F]:
    """Convert sRGB 0 to 1 to CIE XYZ of the 2 degree observer, D65, white Y = 1."""
    return _in_blocks(
        lambda colors: formulas.times(formulas.decode(colors), formulas.XYZ_FROM_LINEAR), srgb
    )


def xyz_to_srgb(xyz: NDArray[F]) -> NDArray[F]:
    """Convert CIE XYZ (D65, white Y = 1) to sRGB, unclipped."""
    return _in_blocks(
        lambda colors: formulas.encode(formulas.times(colors, formulas.LINEAR_FROM_XYZ)), xyz
    )


def xyz_to_lab(xyz: NDArray[F]) -> NDArray[F]:
    """Convert CIE XYZ (D65, white Y = 1) to CIELAB, L 0 to 100."""
    return _in_blocks(formulas.xyz_to_lab, xyz)


def lab_to_xyz(lab: NDArray[F]) -> NDArray[F]:
    """Convert CIELAB to CIE XYZ (D65, white Y = 1)."""
    return _in_blocks(formulas.lab_to_xyz, lab)


def srgb_to_lab(srgb: NDArray[F]) -> NDArray[F]:
    """Convert sRGB to CIELAB (D65), the float form with L 0 to 100.

    Parameters
    ----------
    srgb
        Shape (..., 3), sRGB-encoded 0 to 1.

    Returns
    -------
    ndarray
        Shape (..., 3): L, a, b. Red (1, 0, 0) is (53.24, 80.09, 67.20).

    References
    ----------
    CIE 015:2018, Colorimetry, 4th edition. DOI 10.25039/TR.015.2018
    """
    return _in_blocks(formulas.srgb_to_lab, srgb)


def lab_to_srgb(lab: NDArray[F]) -> NDArray[F]:
    """Convert CIELAB (D65) to sRGB, unclipped.

    Parameters
    ----------
    lab
        Shape (..., 3): L 0 to 100, a, b.

    Returns
    -------
    ndarray
        Shape (..., 3); outside 0 to 1 where sRGB has no such color. See `fit_to_gamut`.
    """
    return _in_blocks(formulas.lab_to_srgb, lab)


def srgb_to_oklab(srgb: NDArray[F]) -> NDArray[F]:
    """Convert sRGB 0 to 1 to OKLab, L 0 to 1.

    References
    ----------
    B. Ottosson, A perceptual color space for image processing, 2020.
    """
    return _in_blocks(formulas.srgb_to_oklab, srgb)


def oklab_to_srgb(oklab: NDArray[F]) -> NDArray[F]:
    """Convert OKLab to sRGB, unclipped."""
    return _in_blocks(formulas.oklab_to_srgb, oklab)


def luma(rgb: NDArray[F]) -> NDArray[F]:
    """Return Y of YIQ: 0.299 R + 0.587 G + 0.114 B of sRGB-encoded values.

    Parameters
    ----------
    rgb
        Shape (..., 3).

    Returns
    -------
    ndarray
        Shape (...); grays give themselves to the last bit.
    """
    rgb = _as_floats(rgb, 3)
    weights = LUMA_WEIGHTS.astype(rgb.dtype)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    with np.errstate(invalid="ignore", over="ignore"):
        # around green, so that rounding of the weights cannot tint a gray
        return np.asarray(green + (red - green) * weights[0] + (blue - green) * weights[2])


def srgb_to_yiq(srgb: NDArray[F]) -> NDArray[F]:
    """Convert sRGB-encoded RGB to YIQ (NTSC): Y 0 to 1, I and Q 0 for grays."""
    return _in_blocks(lambda colors: formulas.times(colors, YIQ_FROM_RGB), srgb)


def yiq_to_srgb(yiq: NDArray[F]) -> NDArray[F]:
    """Convert YIQ to sRGB-encoded RGB, unclipped. See `fit_chroma_yiq`."""
    return _in_blocks(lambda colors: formulas.times(colors, RGB_FROM_YIQ), yiq)


def srgb_to_lalphabeta(srgb: NDArray[F]) -> NDArray[F]:
    """Convert sRGB-encoded RGB to lαβ, whose axes hardly correlate in natural pictures.

    Parameters
    ----------
    srgb
        Shape (..., 3), 0 to 1; negative cone responses count as 0.

    Returns
    -------
    ndarray
        Shape (..., 3): l, α, β of the decimal logarithms of cone responses plus 1/255.

    References
    ----------
    E. Reinhard et al., Color transfer between images, 2001. DOI 10.1109/38.946629
    """
    return _in_blocks(formulas.srgb_to_lalphabeta, srgb)


def lalphabeta_to_srgb(lalphabeta: NDArray[F]) -> NDArray[F]:
    """Convert lαβ to sRGB-encoded RGB, unclipped."""
    return _in_blocks(formulas.lalphabeta_to_srgb, lalphabeta)


def lab_to_lch(lab: NDArray[F]) -> NDArray[F]:
    """Convert L, a, b (CIELAB or OKLab) to L, chroma and hue in degrees, 0 <= hue < 360.

    The hue of a gray is 0 and means nothing: weigh hues by their chroma.
    """
    return _in_blocks(formulas.lab_to_lch, lab)


def lch_to_lab(lch: NDArray[F]) -> NDArray[F]:
    """Convert L, chroma, hue in degrees to L, a, b."""
    return _in_blocks(formulas.lch_to_lab, lch)


def hue_distance(first: ArrayLike, second: ArrayLike) -> Array:
    """Return the distance of hues on the circle.

    Parameters
    ----------
    first, second
        Degrees, any value, shapes that broadcast.

    Returns
    -------
    ndarray
        Degrees, 0 to 180.
    """
    difference = np.asarray(first) - np.asarray(second)
    return np.asarray(np.abs((difference + 180.0) % 360.0 - 180.0))


def fit_chroma_yiq(luma: NDArray[F], chroma: NDArray[F]) -> NDArray[F]:
    """Join luma and chroma to RGB, with chroma scaled down where sRGB has no such color.

    Parameters
    ----------
    luma
        Shape (...), Y of YIQ. A luma outside 0 to 1 gives a gray of that luma.
    chroma
        Shape (..., 2), I and Q.

    Returns
    -------
    ndarray
        Shape (..., 3), sRGB-encoded, within 0 to 1 wherever `luma` is, and of exactly that luma
        up to rounding. Chroma is multiplied by the largest factor in 0 to 1 that fits, so hue
        stays. A NaN gives NaN in its own pixel.
    """
    luma = _as_floats(luma, None)
    chroma = np.asarray(chroma, luma.dtype)
    if chroma.shape != (*luma.shape, 2):
        raise ValueError(f"chroma has shape {chroma.shape}, but luma asks for {(*luma.shape, 2)}")
    from tinct.color_kernels import fit_yiq

    rgb = np.empty((*luma.shape, 3), luma.dtype)
    columns = np.ascontiguousarray(RGB_FROM_YIQ[:, 1:].astype(luma.dtype))
    fit_yiq(
        np.ascontiguousarray(luma).reshape(-1),
        np.ascontiguousarray(chroma).reshape(-1, 2),
        columns,
        rgb.reshape(-1, 3),
    )
    return rgb


def recolor_yiq(colors: NDArray[F], chroma: NDArray[F]) -> None:
    """Put other chroma into colors: ``fit_chroma_yiq(luma(colors), chroma)``, in place.

    Parameters
    ----------
    colors
        Shape (..., C), in one piece; red, green and blue come first and are overwritten.
    chroma
        Shape (..., 2), I and Q.
    """
    chroma = np.asarray(chroma, colors.dtype)
    if chroma.shape != (*colors.shape[:-1], 2) or not colors.flags.c_contiguous:
        raise ValueError(f"chroma has shape {chroma.shape}, but colors {colors.shape}")
    from tinct import color_kernels

    color_kernels.recolor_yiq(
        colors.reshape(-1, colors.shape[-1]),
        np.ascontiguousarray(chroma).reshape(-1, 2),
        LUMA_WEIGHTS.astype(colors.dtype),
        np.ascontiguousarray(RGB_FROM_YIQ[:, 1:].astype(colors.dtype)),
    )


def fit_to_gamut(lab: NDArray[F]) -> NDArray[F]:
    """Convert CIELAB to sRGB with L kept: chroma is scaled down where sRGB has no such color.

    Parameters
    ----------
    lab
        Shape (..., 3). L is clipped to 0 to 100.

    Returns
    -------
    ndarray
        Shape (..., 3), sRGB-encoded 0 to 1, hue kept; L within 0.1 of what was asked for.
        Colors inside sRGB stay as they are; the others get the largest factor that 12 halvings
        find.
    """
    return _in_blocks(_fit_to_gamut, lab)


def _as_floats(colors: Array, channels: int | None) -> Array:
    values = np.asarray(colors)
    if values.dtype not in (np.float32, np.float64):
        raise TypeError(f"colors must be float32 or float64, got {values.dtype}")
    if channels and (values.ndim == 0 or values.shape[-1] != channels):
        raise ValueError(f"colors must have shape (..., {channels}), got {values.shape}")
    return values


def _in_blocks(
    convert: Callable[[Array], Array], colors: NDArray[F], channels: int | None = 3
) -> NDArray[F]:
    """Apply `convert` to runs of pixels, so that memory beyond the result stays small."""
    values = _as_floats(colors, channels)
    flat = values.reshape(-1, channels or 1)
    result = np.empty(flat.shape, values.dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, len(flat), BLOCK_PIXELS):
            stop = start + BLOCK_PIXELS
            result[start:stop] = convert(flat[start:stop])
    return result.reshape(values.shape)


def _fit_to_gamut(lab: Array) -> Array:
    lab = lab.copy()
    np.clip(lab[:, 0], 0, 100, out=lab[:, 0])
    linear = formulas.times(formulas.lab_to_xyz(lab), formulas.LINEAR_FROM_XYZ)
    outside = np.flatnonzero(~_fits(linear))
    if outside.size:
        wanted = lab[outside]
        fits = np.zeros((outside.size, 1), lab.dtype)
        step = lab.dtype.type(0.5)
        for _ in range(BISECTION_STEPS):
            trial = wanted.copy()
            trial[:, 1:] *= fits + step
            inside = _fits(formulas.times(formulas.lab_to_xyz(trial), formulas.LINEAR_FROM_XYZ))
            fits[inside] += step
            step *= lab.dtype.type(0.5)
        wanted[:, 1:] *= fits
        linear[outside] = formulas.times(formulas.lab_to_xyz(wanted), formulas.LINEAR_FROM_XYZ)
    return np.asarray(np.clip(formulas.encode(linear), 0, 1))


def _fits(linear: Array) -> Array:
    return np.asarray(((linear >= GAMUT_LOW) & (linear <= GAMUT_HIGH)).all(axis=-1))
