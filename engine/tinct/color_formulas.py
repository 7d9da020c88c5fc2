"""Matrices and formulas behind `tinct.color`, on float arrays of shape (N, 3), without checks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LINEAR_FROM_XYZ",
    "LUMA_WEIGHTS",
    "RGB_FROM_YIQ",
    "XYZ_FROM_LINEAR",
    "YIQ_FROM_RGB",
    "decode",
    "encode",
    "lab_to_lch",
    "lab_to_srgb",
    "lab_to_xyz",
    "lalphabeta_to_srgb",
    "lch_to_lab",
    "oklab_to_srgb",
    "srgb_to_lab",
    "srgb_to_lalphabeta",
    "srgb_to_oklab",
    "times",
    "xyz_to_lab",
]

Array = NDArray[Any]

XYZ_FROM_LINEAR = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
LINEAR_FROM_XYZ = np.linalg.inv(XYZ_FROM_LINEAR)
WHITE_D65 = np.array([0.95047, 1.0, 1.08883])

YIQ_FROM_RGB = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
RGB_FROM_YIQ = np.linalg.inv(YIQ_FROM_RGB)
LUMA_WEIGHTS = YIQ_FROM_RGB[0]

OKLAB_CONES_FROM_LINEAR = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB_FROM_ROOTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
LINEAR_FROM_OKLAB_CONES = np.linalg.inv(OKLAB_CONES_FROM_LINEAR)
ROOTS_FROM_OKLAB = np.linalg.inv(OKLAB_FROM_ROOTS)

CONES_FROM_RGB = np.array(
    [[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]]
)
LALPHABETA_FROM_LOG = np.diag([3**-0.5, 6**-0.5, 2**-0.5]) @ np.array(
    [[1.0, 1.0, 1.0], [1.0, 1.0, -2.0], [1.0, -1.0, 0.0]]
)
RGB_FROM_CONES = np.linalg.inv(CONES_FROM_RGB)
LOG_FROM_LALPHABETA = np.linalg.inv(LALPHABETA_FROM_LOG)
CONE_FLOOR = 1 / 0xFF  # one 8-bit step: black has a logarithm

ENCODED_KNEE = 0.04045
LINEAR_KNEE = ENCODED_KNEE / 12.92  # not the rounded 0.0031308, so that the knee round-trips too
LAB_KNEE = 0.008856
LAB_KNEE_ROOT = LAB_KNEE ** (1 / 3)


def times(colors: Array, matrix: Array) -> Array:
    """Multiply each color by a matrix."""
    return np.asarray(colors @ matrix.T.astype(colors.dtype))


def decode(srgb: Array) -> Array:
    """Decode sRGB to linear light (IEC 61966-2-1)."""
    power = np.maximum(srgb, ENCODED_KNEE)
    power += 0.055
    power /= 1.055
    np.power(power, 2.4, out=power)
    return np.where(srgb <= ENCODED_KNEE, srgb / 12.92, power)


def encode(linear: Array) -> Array:
    """Encode linear light as sRGB."""
    power = np.maximum(linear, LINEAR_KNEE)
    np.power(power, 1 / 2.4, out=power)
    power *= 1.055
    power -= 0.055
    return np.where(linear <= LINEAR_KNEE, linear * 12.92, power)


def xyz_to_lab(xyz: Array) -> Array:
    """Convert XYZ to CIELAB."""
    ratio = xyz / WHITE_D65.astype(xyz.dtype)
    # a power is vectorized where a cube root is not: a third of the time
    cube_root = np.maximum(ratio, LAB_KNEE) ** (1 / 3)
    root = np.where(ratio > LAB_KNEE, cube_root, 7.787 * ratio + 16 / 116)
    lab = np.empty_like(root)
    lab[:, 0] = 116 * root[:, 1] - 16
    lab[:, 1] = 500 * (root[:, 0] - root[:, 1])
    lab[:, 2] = 200 * (root[:, 1] - root[:, 2])
    return np.asarray(lab)


def lab_to_xyz(lab: Array) -> Array:
    """Convert CIELAB to XYZ."""
    root = np.empty_like(lab)
    root[:, 1] = (lab[:, 0] + 16) / 116
    root[:, 0] = root[:, 1] + lab[:, 1] / 500
    root[:, 2] = root[:, 1] - lab[:, 2] / 200
    ratio = np.where(root > LAB_KNEE_ROOT, root * root * root, (root - 16 / 116) / 7.787)
    return np.asarray(ratio * WHITE_D65.astype(lab.dtype))


def srgb_to_lab(srgb: Array) -> Array:
    """Convert sRGB to CIELAB."""
    return xyz_to_lab(times(decode(srgb), XYZ_FROM_LINEAR))


def lab_to_srgb(lab: Array) -> Array:
    """Convert CIELAB to sRGB."""
    return encode(times(lab_to_xyz(lab), LINEAR_FROM_XYZ))


def srgb_to_oklab(srgb: Array) -> Array:
    """Convert sRGB to OKLab."""
    return times(np.cbrt(times(decode(srgb), OKLAB_CONES_FROM_LINEAR)), OKLAB_FROM_ROOTS)


def oklab_to_srgb(oklab: Array) -> Array:
    """Convert OKLab to sRGB."""
    return encode(times(times(oklab, ROOTS_FROM_OKLAB) ** 3, LINEAR_FROM_OKLAB_CONES))


def srgb_to_lalphabeta(srgb: Array) -> Array:
    """Convert sRGB to lαβ."""
    cones = np.maximum(times(srgb, CONES_FROM_RGB), 0)
    return times(np.log10(cones + CONE_FLOOR), LALPHABETA_FROM_LOG)


def lalphabeta_to_srgb(lalphabeta: Array) -> Array:
    """Convert lαβ to sRGB."""
    cones = 10 ** times(lalphabeta, LOG_FROM_LALPHABETA) - CONE_FLOOR
    return times(cones, RGB_FROM_CONES)


def lab_to_lch(lab: Array) -> Array:
    """Convert to lightness, chroma and hue."""
    lch = np.empty_like(lab)
    lch[:, 0] = lab[:, 0]
    np.hypot(lab[:, 1], lab[:, 2], out=lch[:, 1])
    lch[:, 2] = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360.0
    lch[:, 2][lch[:, 2] == 360.0] = 0.0  # a tiny negative angle rounds up to the full circle
    return lch


def lch_to_lab(lch: Array) -> Array:
    """Convert from lightness, chroma and hue."""
    angle = np.radians(lch[:, 2])
    return np.stack([lch[:, 0], lch[:, 1] * np.cos(angle), lch[:, 1] * np.sin(angle)], axis=-1)
