"""Distributions of color learned from references, resolved for the whole picture at once.

G. Charpiat, M. Hofmann, B. Schölkopf, Automatic image colorization via multimodal predictions,
2008. DOI 10.1007/978-3-540-88690-7_10

Two variants: texture is described by magnitudes of cosine transforms instead of SURF, and
neighbors are 4 instead of 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.dct_features import TextureFeatures, learn_projection
from tinct.algorithms.expansion import expand
from tinct.algorithms.kmeans import cluster
from tinct.algorithms.neighbors import NearestNeighbors
from tinct.algorithms.welsh import jittered_indices
from tinct.context import Progress, no_progress

__all__ = ["ColorDistributions", "Prediction"]

FloatArray = NDArray[np.float32]

BINS = 24
SAMPLES = 6000
NEIGHBORS = 40
DIMENSIONS = 12
BANDWIDTH = 0.5
FLOOR = 1e-3
GRADIENT_FLOOR = 0.004


class Prediction(NamedTuple):
    """Per pixel: probability of each bin, its mean chroma there, and expected variation.

    Shapes (P, bins), (P, bins, 2) and (P,).
    """

    probability: FloatArray
    chroma: FloatArray
    variation: FloatArray


class ColorDistributions:
    """What colors go with which texture, from one or several references.

    Parameters
    ----------
    luminances, chromas
        Of the references: shapes (M', N'), remapped onto the target, and (M', N', 2).
    rng
        Draws samples and clusters.
    """

    def __init__(
        self,
        luminances: Sequence[FloatArray],
        chromas: Sequence[FloatArray],
        rng: np.random.Generator,
    ) -> None:
        features, colors, variations = [], [], []
        for luminance, chroma in zip(luminances, chromas, strict=True):
            shape = (luminance.shape[0], luminance.shape[1])
            picked = jittered_indices(shape, SAMPLES // len(luminances), rng)
            features.append(TextureFeatures(luminance).at(picked))
            colors.append(chroma.reshape(-1, 2)[picked])
            slope = np.zeros(shape)
            for channel in range(2):
                down, across = np.gradient(chroma[..., channel].astype(np.float64))
                slope += down**2 + across**2
            variations.append(np.sqrt(slope).reshape(-1)[picked])
        self.chroma = np.concatenate(colors).astype(np.float32)
        self.variation = np.concatenate(variations).astype(np.float32)
        self.centers = cluster(self.chroma, BINS, rng, apart=GRADIENT_FLOOR).astype(np.float32)
        self.bins = NearestNeighbors(self.centers).query(self.chroma)[1][:, 0]
        known = np.concatenate(features)
        self.projection = learn_projection(known, self.bins, DIMENSIONS, rng)
        self.search = NearestNeighbors(known @ self.projection)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, about."""
        return 4 * int(self.chroma.nbytes) * DIMENSIONS

    def predict(
        self,
        luminance: FloatArray,
        pixels: NDArray[np.int64],
        *,
        progress: Progress = no_progress,
    ) -> Prediction:
        """Estimate the distributions at pixels of a flattened picture of shape (M, N).

        The kernel is a Gaussian as wide as the neighbors are far, over the 40 nearest samples.
        """
        projected = TextureFeatures(luminance).at(pixels) @ self.projection
        count = min(NEIGHBORS, len(self.bins))
        distances, found = self.search.query(projected, count, progress=progress)
        width = np.maximum(distances[:, -1:] * BANDWIDTH, 1e-6)
        kernel = np.exp(-0.5 * (distances / width) ** 2)
        kernel /= kernel.sum(axis=1, keepdims=True)
        bins, shape = len(self.centers), (len(pixels), len(self.centers))
        place = (np.arange(len(pixels))[:, np.newaxis] * bins + self.bins[found]).ravel()

        def gather(weights: NDArray[np.floating]) -> FloatArray:
            summed = np.bincount(place, weights.ravel(), shape[0] * bins)
            return summed.reshape(shape).astype(np.float32)

        probability = gather(kernel)
        sums = np.stack([gather(kernel * self.chroma[found, axis]) for axis in range(2)], axis=2)
        known = probability[..., np.newaxis] > FLOOR
        mean = sums / np.maximum(probability[..., np.newaxis], FLOOR)
        chroma = np.where(known, mean, self.centers)
        return Prediction(probability, chroma, (kernel * self.variation[found]).sum(axis=1))

    def resolve(
        self,
        prediction: Prediction,
        shape: tuple[int, int],
        smoothness: float,
        *,
        progress: Progress = no_progress,
    ) -> tuple[FloatArray, FloatArray]:
        """Choose a color for each pixel of a grid so that neighbors agree where they should.

        Parameters
        ----------
        prediction
            Of the grid's pixels, row by row.
        shape
            (M, N) of the grid.
        smoothness
            What a change of chroma costs, by the variation expected there, against -log p.
        progress
            Reported at each move.

        Returns
        -------
        chroma, confidence
            Shapes (M, N, 2) and (M, N); confidence is the probability of what was chosen.
        """
        costs = -np.log(np.maximum(prediction.probability, FLOOR)).astype(np.float64)
        apart = np.linalg.norm(self.centers[:, np.newaxis] - self.centers, axis=2)
        expected = 1.0 / np.maximum(prediction.variation, GRADIENT_FLOOR).reshape(shape)
        # the harmonic mean of two variations is two over the sum of their inverses
        right = smoothness * (expected[:, :-1] + expected[:, 1:]) / 2
        down = smoothness * (expected[:-1] + expected[1:]) / 2
        labels = expand(
            costs.reshape(*shape, -1),
            apart.astype(np.float64),
            right.astype(np.float64),
            down.astype(np.float64),
            progress=progress,
        )
        at = np.arange(labels.size), labels.ravel()
        return (
            prediction.chroma[at].reshape(*shape, 2).astype(np.float32),
            prediction.probability[at].reshape(shape).astype(np.float32),
        )
