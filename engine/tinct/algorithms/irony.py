"""Color by example: classes learned from a segmented reference, and votes in image space.

R. Irony, D. Cohen-Or, D. Lischinski, Colorization by example, 2005.
DOI 10.2312/EGWR/EGSR05/201-210
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinct.algorithms import irony_kernels
from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.dct_features import TextureFeatures, learn_projection
from tinct.algorithms.neighbors import NearestNeighbors
from tinct.algorithms.welsh import jittered_indices
from tinct.context import Progress, no_progress

__all__ = ["Classified", "Classifier", "Voted"]

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

DIMENSIONS = 8
NEIGHBORS = 5
SAMPLES_A_CLASS = 400
SAMPLES = 5000
WEIGHT_FLOOR = 1e-6


class Classified(NamedTuple):
    """What the classifier says of each pixel alone: (M, N) each; matches (M, N, 3)."""

    labels: IntArray
    weights: FloatArray
    matches: IntArray


class Voted(NamedTuple):
    """What the pixels around agree on: winning label, share of the votes, chroma (M, N, 2)."""

    labels: IntArray
    confidence: FloatArray
    chroma: FloatArray


class Classifier:
    """k nearest neighbors in the space learned from segmented references.

    Parameters
    ----------
    luminances
        Of the references, shapes (M', N'), 0 to 1, remapped onto the target.
    labels
        Of the same shapes: -1 for pixels that belong to no class, else 0, 1, 2, ...
    chromas
        Shapes (M', N', 2).
    rng
        Draws samples and pairs.
    """

    def __init__(
        self,
        luminances: Sequence[FloatArray],
        labels: Sequence[IntArray],
        chromas: Sequence[FloatArray],
        rng: np.random.Generator,
    ) -> None:
        kinds = np.unique(np.concatenate([one.ravel() for one in labels]))
        self.kinds = kinds[kinds >= 0]
        features, matches, known = [], [], []
        share = min(SAMPLES_A_CLASS, SAMPLES // len(self.kinds)) // len(luminances)
        for number, (luminance, label) in enumerate(zip(luminances, labels, strict=True)):
            texture = TextureFeatures(luminance)
            shape = (luminance.shape[0], luminance.shape[1])
            for kind in self.kinds:
                if not (label == kind).any():
                    continue
                picked = jittered_indices(shape, max(share, 1), rng, label == kind)
                features.append(texture.at(picked))
                rows, columns = np.divmod(picked, shape[1])
                matches.append(np.stack([np.full_like(rows, number), rows, columns], axis=1))
                known.append(np.full(len(picked), kind))
        self.labels = np.concatenate(known).astype(np.int32)
        self.matches = np.concatenate(matches).astype(np.int32)
        all_features = np.concatenate(features)
        self.projection = learn_projection(all_features, self.labels, DIMENSIONS, rng)
        self.projected = all_features @ self.projection
        self.search = NearestNeighbors(self.projected)
        sizes = [luminance.size for luminance in luminances]
        starts = np.cumsum([0, *sizes])[:-1]
        self.sources = np.array(
            [[start, *one.shape] for start, one in zip(starts, luminances, strict=True)], np.int32
        )
        self.source_labels = np.concatenate([one.ravel() for one in labels]).astype(np.int32)
        self.chroma = np.concatenate([one.reshape(-1, 2) for one in chromas]).astype(np.float32)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, about."""
        return int(self.chroma.nbytes + 4 * self.projected.nbytes)

    def classify(
        self,
        luminance: FloatArray,
        corrections: IntArray | None = None,
        *,
        progress: Progress = no_progress,
    ) -> Classified:
        """Classify each pixel of a target by the majority of its 5 nearest samples.

        Parameters
        ----------
        luminance
            Shape (M, N), 0 to 1.
        corrections
            Shape (M, N): -1, or the class a pixel belongs to whatever its texture.
        progress
            Reported while matching.

        Returns
        -------
        Classified
            Weights are exp(-distance) to the nearest sample of the class, 1 where corrected.
        """
        projected = TextureFeatures(luminance).projected(self.projection)
        neighbors = min(NEIGHBORS, len(self.labels))
        distances, found = self.search.query(projected, neighbors, progress=progress)
        near = self.labels[found]
        votes = np.stack([(near == kind).sum(axis=1) for kind in self.kinds], axis=1)
        # of classes with equal votes the one of the nearest sample
        votes = 2 * votes + (near[:, :1] == self.kinds)
        label = self.kinds[np.argmax(votes, axis=1)].astype(np.int32)
        rank = np.argmax(near == label[:, np.newaxis], axis=1)[:, np.newaxis]
        sample = np.take_along_axis(found, rank, axis=1)[:, 0]
        weight = np.exp(-np.take_along_axis(distances, rank, axis=1)[:, 0]) + WEIGHT_FLOOR
        if corrections is not None:
            for kind in np.unique(corrections[corrections >= 0]):
                pixels = np.flatnonzero(corrections == kind)
                members = np.flatnonzero(self.labels == kind)
                _, nearest = NearestNeighbors(self.projected[members]).query(projected[pixels])
                label[pixels], weight[pixels] = kind, 1.0
                sample[pixels] = members[nearest[:, 0]]
        shape = luminance.shape
        return Classified(
            label.reshape(shape),
            weight.astype(np.float32).reshape(shape),
            self.matches[sample].reshape(*shape, 3),
        )

    def vote(
        self,
        classified: Classified,
        radius: int = 3,
        corrections: IntArray | None = None,
        inside: NDArray[np.bool_] | None = None,
    ) -> Voted:
        """Let the pixels around each decide on its class and its chroma.

        Parameters
        ----------
        classified
            From `classify`.
        radius
            Half the side of the window, in pixels.
        corrections
            As given to `classify`; these pixels keep their class with confidence 1.
        inside
            Shape (M, N); pixels outside have no vote.

        Returns
        -------
        Voted
            Confidence is the winner's share of the votes, 0 to 1.
        """
        weights = classified.weights.astype(np.float64)
        if inside is not None:
            weights = np.where(inside, weights, 0.0)
        shares = self.shares(classified.labels, weights, radius)
        best = np.argmax(shares, axis=0)
        winners = self.kinds[best].astype(np.int32)
        confidence = np.take_along_axis(shares, best[np.newaxis], axis=0)[0].astype(np.float32)
        if corrections is not None:
            winners = np.where(corrections >= 0, corrections, winners)
            confidence = np.where(corrections >= 0, np.float32(1.0), confidence)
        chroma = np.empty((*winners.shape, 2), np.float32)
        run_blocks(
            irony_kernels.vote_colors,
            len(winners),
            np.ascontiguousarray(winners, np.int32),
            classified.labels,
            weights.astype(np.float32),
            classified.matches,
            self.sources,
            self.chroma,
            self.source_labels,
            radius,
            chroma,
            pixels=winners.size * 16,
        )
        return Voted(winners.astype(np.int32), confidence, chroma)

    def shares(self, labels: IntArray, weights: NDArray[Any], radius: int) -> NDArray[np.float64]:
        """Return each class's share of the votes around each pixel, (classes, M, N)."""

        def around(values: NDArray[Any]) -> NDArray[np.float64]:
            summed = ndimage.uniform_filter(values, 2 * radius + 1, np.float64, mode="constant")
            return np.asarray(np.maximum(summed, 0.0))

        total = np.stack([around(np.where(labels == kind, weights, 0.0)) for kind in self.kinds])
        return np.asarray(total / np.maximum(total.sum(axis=0), 1e-30))
