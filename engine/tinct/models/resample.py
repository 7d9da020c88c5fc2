"""Pictures at the sizes of networks, by the filters that their authors used."""

from __future__ import annotations

import numpy as np

from tinct.declare import FloatArray
from tinct.models.vocabulary import FILTERS

__all__ = ["resample"]


def resample(values: FloatArray, size: tuple[int, int], filter_: str) -> FloatArray:
    """Resize a picture of any channels, pixels being areas that cover the same field.

    Parameters
    ----------
    values
        Shape (M, N, C).
    size
        Height and width.
    filter_
        ``"bilinear"`` looks at the four nearest pixels alone, as OpenCV and PyTorch do;
        the ``"-antialiased"`` ones at all that a smaller pixel covers, as Pillow does.

    Returns
    -------
    ndarray of shape (*size, C), float32
    """
    if filter_ not in FILTERS:
        raise ValueError(filter_)
    if values.shape[:2] == size:
        return np.asarray(values, np.float32)
    if filter_ == "bilinear":
        rows = _along(np.asarray(values, np.float32), size[0], 0)
        return _along(rows, size[1], 1)
    from PIL import Image

    kind = Image.Resampling.BICUBIC if filter_.startswith("bicubic") else Image.Resampling.BILINEAR
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(values[..., channel], np.float32)).resize(
                (size[1], size[0]), kind
            )
        )
        for channel in range(values.shape[2])
    ]
    return np.stack(planes, axis=2)


def _along(values: FloatArray, count: int, axis: int) -> FloatArray:
    there = values.shape[axis]
    place = (np.arange(count) + 0.5) * (there / count) - 0.5
    place = np.clip(place, 0.0, there - 1.0)
    first = np.minimum(place.astype(np.intp), max(there - 2, 0))
    second = np.minimum(first + 1, there - 1)
    share = (place - first).astype(np.float32)
    share = share.reshape([-1 if part == axis else 1 for part in range(values.ndim)])
    lower, upper = np.take(values, first, axis), np.take(values, second, axis)
    return np.asarray(lower + share * (upper - lower))
