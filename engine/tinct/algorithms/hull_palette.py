"""A palette whose mixtures are the picture: the simplified convex hull of its colors.

J. Tan, J. Echevarria, Y. Gingold, Efficient palette-based decomposition and recoloring of images
via RGBXY-space geometry, 2018. DOI 10.1145/3272127.3275054
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.hull_palette_kernels import price_edges, weigh
from tinct.context import Progress, no_progress

__all__ = ["hull_palette", "mixing_weights", "warm_kernels"]

Array = NDArray[Any]

DIRECTIONS = 240  # the hull starts from the outermost colors in so many directions
FLAT = 2 / 0xFF  # thinner sets of colors count as planes, lines or points
LARGEST = 10  # automatic palettes are at most so large
TOLERANCE = 2 / 0xFF  # and shrink while mixtures miss colors by less, root mean square
SAMPLE = 4000


def hull_palette(
    colors: Array, counts: Array, size: int = 0, progress: Progress = no_progress
) -> Array:
    """Return the corners of a small hull around a picture's colors.

    Edges of the hull are collapsed one by one, each time the one whose new corner adds least
    volume, so that the hull keeps containing the colors until its corners are clipped to sRGB.

    Parameters
    ----------
    colors
        Distinct colors, shape (U, 3), sRGB-encoded 0 to 1.
    counts
        How often they occur, shape (U,).
    size
        How many corners to keep, at least 4 where colors fill a volume; 0 takes the fewest whose
        mixtures come within 2/255 of the colors, at most 10.
    progress
        Called at each collapse.

    Returns
    -------
    ndarray
        Shape (K, 3), from dark to light. One color for a flat picture, two for one whose colors
        lie on a line.
    """
    axes, extents = _principal(colors)
    if extents[0] < FLAT:
        return np.asarray((counts @ colors / counts.sum())[np.newaxis])
    if extents[1] < FLAT:
        along = (colors - colors.mean(axis=0)) @ axes[0]
        ends = np.stack([colors[along.argmin()], colors[along.argmax()]])
        return _dark_first(ends)
    points = _outermost(colors)
    if extents[2] < FLAT:
        thick = FLAT / 2 * axes[2]
        points = np.concatenate([points - thick, points + thick])
    corners, faces = _hull(points)
    sample, weights = _sample(colors, counts)
    total = len(corners)
    best = corners
    while len(corners) > max(size, 4):
        progress(1 - len(corners) / total, "Simplifying the hull")
        collapsed = _collapse(corners, faces)
        if collapsed is None:
            break
        corners, faces = collapsed
        if not size and len(corners) < LARGEST:
            clipped = np.clip(corners, 0, 1)
            if _miss(clipped, sample, weights) > TOLERANCE:
                break
        best = corners
    return _dark_first(_merge(np.clip(best, 0, 1)))


def mixing_weights(colors: Array, palette: Array) -> Array:
    """Return how much of each palette color mixes to each color.

    The hull of the palette is cut into tetrahedra that share its darkest corner; inside one of
    them the weights are unique. Colors outside are mixed to the nearest color of the hull.

    Parameters
    ----------
    colors
        Shape (U, 3).
    palette
        Shape (K, 3), K at least 1; the first is the darkest, as `hull_palette` returns it.

    Returns
    -------
    ndarray
        Shape (U, K), float64, each row at least 0 and of sum 1, at most four not 0.
    """
    colors = np.ascontiguousarray(colors, np.float64)
    weights = np.zeros((len(colors), len(palette)))
    if len(palette) == 1:
        weights[:] = 1
        return weights
    if len(palette) < 4 or _principal(palette)[1][2] < 1e-6:
        return _flat_weights(colors, palette)
    corners, faces = _hull(palette, keep=True)
    apex = int(np.argmin(corners.sum(axis=1) + np.where(np.isin(range(len(corners)), faces), 0, 9)))
    bases = np.ascontiguousarray(faces[~(faces == apex).any(axis=1)])
    edges = corners[bases] - corners[apex]
    solid = np.abs(np.linalg.det(edges)) > 1e-12
    bases = np.ascontiguousarray(bases[solid])
    inverses = np.ascontiguousarray(np.linalg.inv(edges[solid].transpose(0, 2, 1)))
    run_blocks(
        weigh,
        len(colors),
        colors,
        corners,
        faces,
        bases,
        apex,
        inverses,
        weights,
        pixels=len(colors) * 8,
    )
    return weights


def _principal(points: Array) -> tuple[Array, Array]:
    """Return axes and the extents along them, the largest first."""
    centered = points - points.mean(axis=0)
    _, axes = np.linalg.eigh(centered.T @ centered)
    axes = axes.T[::-1]
    return axes, np.ptp(centered @ axes.T, axis=0)


def _dark_first(palette: Array) -> Array:
    return np.asarray(palette[np.argsort(palette.sum(axis=1), kind="stable")])


def _merge(corners: Array) -> Array:
    """Drop corners that clipping brought together."""
    kept: list[Array] = []
    for corner in corners:
        if all(np.abs(corner - other).max() > 0.5 / 0xFF for other in kept):
            kept.append(corner)
    return np.array(kept)


def _outermost(colors: Array) -> Array:
    """Return the colors that lie farthest in directions spread evenly over the sphere."""
    number = np.arange(DIRECTIONS) + 0.5
    height = 1 - 2 * number / DIRECTIONS
    angle = number * np.pi * (1 + 5**0.5)
    radius = np.sqrt(1 - height**2)
    directions = np.stack([radius * np.cos(angle), radius * np.sin(angle), height])
    found = set()
    single = np.ascontiguousarray(colors.T, np.float32)
    for start in range(0, DIRECTIONS, 16):
        heights = directions[:, start : start + 16].T.astype(np.float32) @ single
        found.update(heights.argmax(axis=1).tolist())
    return np.asarray(colors[sorted(found)])


def _hull(points: Array, keep: bool = False) -> tuple[Array, Array]:
    """Return corners and faces, turned so that normals point outwards.

    With `keep`, corners are all points, in their order.
    """
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = ConvexHull(points)
    except QhullError:
        hull = ConvexHull(points, qhull_options="QJ")
    corners = points
    faces = hull.simplices.astype(np.int64)
    if not keep:
        used = np.unique(faces)
        corners = points[used]
        faces = np.searchsorted(used, faces)
    a, b, c = (corners[faces[:, k]] for k in range(3))
    inward = ((np.cross(b - a, c - a)) * hull.equations[:, :3]).sum(axis=1) < 0
    faces[inward] = faces[inward][:, ::-1]
    return np.ascontiguousarray(corners), np.ascontiguousarray(faces)


def _sample(colors: Array, counts: Array) -> tuple[Array, Array]:
    if len(colors) <= SAMPLE:
        return colors, counts
    step = len(colors) / SAMPLE
    chosen = (np.arange(SAMPLE) * step).astype(np.intp)
    return colors[chosen], counts[chosen]


def _miss(palette: Array, colors: Array, counts: Array) -> float:
    mixed = mixing_weights(colors, _dark_first(palette)) @ _dark_first(palette)
    squares = ((mixed - colors) ** 2).sum(axis=1)
    return float(np.sqrt(counts @ squares / counts.sum()))


def _collapse(corners: Array, faces: Array) -> tuple[Array, Array] | None:
    """Replace the cheapest edge by one corner outside all faces around it."""
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = np.ascontiguousarray(pairs[pairs[:, 0] < pairs[:, 1]])
    a, b, c = (corners[faces[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)  # of twice the area
    areas = np.linalg.norm(normals, axis=1)
    sound = areas > 1e-12
    units = normals / np.where(sound, areas, 1)[:, np.newaxis]
    heights = (units * a).sum(axis=1)
    places = np.empty((len(edges), 3))
    volumes = np.empty(len(edges))
    run_blocks(
        price_edges,
        len(edges),
        edges,
        faces,
        sound,
        units,
        heights,
        areas,
        places,
        volumes,
        pixels=len(edges) * 2000,
    )
    cheapest = int(volumes.argmin())
    if not np.isfinite(volumes[cheapest]):
        return None
    left = np.delete(corners, edges[cheapest], axis=0)
    return _hull(np.concatenate([left, places[cheapest : cheapest + 1]]))


def _flat_weights(colors: Array, palette: Array) -> Array:
    """Return weights for palettes on a line or in a plane, of the nearest mixture."""
    weights = np.zeros((len(colors), len(palette)))
    axes, extents = _principal(palette)
    if extents[0] < 1e-9:
        weights[:, 0] = 1
        return weights
    if extents[1] < 1e-6:
        along = (palette - palette[0]) @ axes[0]
        order = np.argsort(along, kind="stable")
        place = (colors - palette[0]) @ axes[0]
        for k in order:
            weights[:, k] = np.interp(place, along[order], (order == k).astype(np.float64))
        return weights
    faces = np.array([[0, 1, 2]])
    if len(palette) > 3:
        from scipy.spatial import Delaunay

        faces = Delaunay(palette @ axes[:2].T, qhull_options="QJ").simplices.astype(np.int64)
    corners = np.ascontiguousarray(palette, np.float64)
    nothing = np.zeros((0, 3), np.int64), 0, np.zeros((0, 3, 3))
    run_blocks(
        weigh, len(colors), colors, corners, faces, *nothing, weights, pixels=len(colors) * 8
    )
    return weights


def warm_kernels() -> None:
    """Compile for the types in use."""
    cube = np.array([[x, y, z] for x in (0.1, 0.9) for y in (0.1, 0.9) for z in (0.1, 0.9)])
    for palette in (hull_palette(cube, np.ones(8), 5), cube[:3]):
        mixing_weights(cube * 1.1, palette)
