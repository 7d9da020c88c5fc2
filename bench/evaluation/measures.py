"""What the evaluation measures: how near colors come to the truth, and how lively they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

Array = NDArray[Any]

FLAT = 1e-3


def psnr_db(made: Array, truth: Array) -> float:
    """Return PSNR of two 8-bit RGB pictures."""
    error = np.mean((made.astype(np.float64) - truth) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-12)))


def colorfulness(rgb: Array) -> float:
    """Return the colorfulness of Hasler and Suesstrunk 2003 of an 8-bit RGB picture."""
    red, green, blue = np.moveaxis(rgb.astype(np.float64), -1, 0)
    first, second = red - green, (red + green) / 2 - blue
    return float(np.hypot(first.std(), second.std()) + 0.3 * np.hypot(first.mean(), second.mean()))


class Scores:
    """Scores pooled over pictures."""

    def __init__(self) -> None:
        self._psnr: dict[str, list[float]] = {}
        self._delta_e: list[float] = []
        self._colorfulness = np.zeros(2)
        self._sums = np.zeros(6)

    def add(self, made: Array, truth: Array, name: str = "") -> None:
        """Take in a picture, both 8-bit RGB; the same name tells another try on the same one."""
        lab, true_lab = rgb2lab(made), rgb2lab(truth)
        self._psnr.setdefault(name or str(len(self._psnr)), []).append(psnr_db(made, truth))
        self._delta_e.append(float(deltaE_ciede2000(lab, true_lab).mean()))
        self._colorfulness += colorfulness(made), colorfulness(truth)
        x, y = lab[..., 1:].ravel(), true_lab[..., 1:].ravel()
        self._sums += x.size, x.sum(), y.sum(), x @ x, y @ y, x @ y

    @property
    def psnr(self) -> float:
        """Mean PSNR, dB."""
        return float(np.mean(self._means))

    @property
    def psnr_error(self) -> float:
        """Half of the 95 % confidence interval of the mean PSNR, dB."""
        return _half_interval(self._means)

    def lead(self, other: Scores) -> tuple[float, float]:
        """Return by how many dB PSNR is above another's on the same pictures, and half of the
        95 % confidence interval of that."""
        apart = self._means - other._means
        return float(np.mean(apart)), _half_interval(apart)

    @property
    def _means(self) -> Array:
        return np.array([np.mean(tries) for tries in self._psnr.values()])

    @property
    def delta_e(self) -> float:
        """Mean CIEDE2000."""
        return float(np.mean(self._delta_e))

    @property
    def liveliness(self) -> float:
        """Mean colorfulness over that of the truth."""
        return float(self._colorfulness[0] / max(self._colorfulness[1], 1e-12))

    @property
    def correlation(self) -> float:
        """Pearson's correlation of a and b, pooled over pictures and pixels."""
        n, sx, sy, xx, yy, xy = self._sums
        made, true = xx / n - (sx / n) ** 2, yy / n - (sy / n) ** 2
        if min(made, true) < FLAT:  # what conversions leave of a gray
            return 0.0
        return float((xy / n - sx * sy / n**2) / np.sqrt(made * true))


def _half_interval(values: Array) -> float:
    if len(values) < 2:
        return 0.0
    return float(1.96 * np.std(values, ddof=1) / np.sqrt(len(values)))
