"""A palette whose mixtures are the picture: the simplified convex hull of its colors.

J. Tan, J. Echevarria, Y. Gingold, Efficient palette-based decomposition and recoloring of images
via RGBXY-space geometry, 2018. DOI 10.1145/3272127.3275054
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.context import Progress, no_progress

__all__ = ["hull_palette", "mixing_weights", "warm_kernels"]

Array = NDArray[Any]

DIRECTIONS = 240  # the hull starts from the outermost colors in so many directions
FLAT = 2 / 0xFF  # thinner sets of colors count as planes, lines or points
LARGEST = 10  # automatic palettes are at most so large
TOLERANCE = 2 / 0xFF  # and shrink while mixtures miss colors by less, root mean square
SAMPLE = 4000
INSIDE = -1e-9


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
        _weigh,
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
        _price_edges,
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


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _price_edges(
    start: int,
    stop: int,
    edges: Array,
    faces: Array,
    sound: Array,
    units: Array,
    heights: Array,
    areas: Array,
    places: Array,
    volumes: Array,
) -> None:
    """Write the best new corner of each edge and six times the volume it adds.

    The volume is linear in the corner, which must lie on or above every plane around the edge,
    so that the best one lies where three planes meet.
    """
    near = np.empty(faces.shape[0], np.int64)
    for edge in range(start, stop):
        count = 0
        for face in range(faces.shape[0]):
            if not sound[face]:
                continue
            for corner in range(3):
                if faces[face, corner] == edges[edge, 0] or faces[face, corner] == edges[edge, 1]:
                    near[count] = face
                    count += 1
                    break
        volumes[edge] = np.inf
        for i in range(count):
            for j in range(i + 1, count):
                p, q = units[near[i]], units[near[j]]
                cx = p[1] * q[2] - p[2] * q[1]
                cy = p[2] * q[0] - p[0] * q[2]
                cz = p[0] * q[1] - p[1] * q[0]
                for k in range(j + 1, count):
                    r = units[near[k]]
                    det = cx * r[0] + cy * r[1] + cz * r[2]
                    if abs(det) < 1e-6:
                        continue
                    hp, hq, hr = heights[near[i]], heights[near[j]], heights[near[k]]
                    x = (
                        hp * (q[1] * r[2] - q[2] * r[1])
                        + hq * (r[1] * p[2] - r[2] * p[1])
                        + hr * cx
                    ) / det
                    y = (
                        hp * (q[2] * r[0] - q[0] * r[2])
                        + hq * (r[2] * p[0] - r[0] * p[2])
                        + hr * cy
                    ) / det
                    z = (
                        hp * (q[0] * r[1] - q[1] * r[0])
                        + hq * (r[0] * p[1] - r[1] * p[0])
                        + hr * cz
                    ) / det
                    volume = 0.0
                    for other in range(count):
                        face = near[other]
                        above = (
                            units[face, 0] * x + units[face, 1] * y + units[face, 2] * z
                        ) - heights[face]
                        if above < -1e-9:
                            volume = np.inf
                            break
                        volume += areas[face] * above
                        if volume >= volumes[edge]:
                            break
                    if volume < volumes[edge]:
                        volumes[edge] = volume
                        places[edge, 0] = x
                        places[edge, 1] = y
                        places[edge, 2] = z


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _weigh(
    start: int,
    stop: int,
    colors: Array,
    corners: Array,
    faces: Array,
    bases: Array,
    apex: int,
    inverses: Array,
    weights: Array,
) -> None:
    """Write the weights inside the tetrahedra, or of the nearest point of the hull's faces."""
    part = np.empty(3)
    nearest = np.empty(3)
    for index in range(start, stop):
        color = colors[index]
        done = False
        for base in range(bases.shape[0]):
            least = 1.0
            total = 0.0
            for row in range(3):
                share = 0.0
                for axis in range(3):
                    share += inverses[base, row, axis] * (color[axis] - corners[apex, axis])
                part[row] = share
                total += share
                least = min(least, share)
            least = min(least, 1 - total)
            if least >= INSIDE:
                total = 0.0
                for row in range(3):
                    share = max(part[row], 0.0)
                    weights[index, bases[base, row]] = share
                    total += share
                weights[index, apex] = max(1 - total, 0.0)
                done = True
                break
        if done:
            continue
        closest = np.inf
        owner = 0
        for face in range(faces.shape[0]):
            a, b, c = corners[faces[face, 0]], corners[faces[face, 1]], corners[faces[face, 2]]
            distance = _nearest_on_triangle(color, a, b, c, part)
            if distance < closest:
                closest = distance
                owner = face
                nearest[:] = part
        for corner in range(3):
            weights[index, faces[owner, corner]] += nearest[corner]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _nearest_on_triangle(color: Array, a: Array, b: Array, c: Array, part: Array) -> Any:
    """Write the weights of the point of a triangle nearest to a color; return its distance²."""
    ab, ac, ap = b - a, c - a, color - a
    bb, bc, cc = (ab * ab).sum(), (ab * ac).sum(), (ac * ac).sum()
    pb, pc = (ap * ab).sum(), (ap * ac).sum()
    det = bb * cc - bc * bc
    best = np.inf
    if det > 1e-18:
        v = (cc * pb - bc * pc) / det
        w = (bb * pc - bc * pb) / det
        if v >= 0 and w >= 0 and v + w <= 1:
            part[0], part[1], part[2] = 1 - v - w, v, w
            gap = ap - v * ab - w * ac
            return (gap * gap).sum()
    for side in range(3):
        first = a if side == 0 else b if side == 1 else c
        second = b if side == 0 else c if side == 1 else a
        run = second - first
        length = (run * run).sum()
        place = 0.0
        if length > 0:
            place = min(max(((color - first) * run).sum() / length, 0.0), 1.0)
        gap = color - first - place * run
        distance = (gap * gap).sum()
        if distance < best:
            best = distance
            part[:] = 0
            part[side] = 1 - place
            part[(side + 1) % 3] = place
    return best


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
        _weigh, len(colors), colors, corners, faces, *nothing, weights, pixels=len(colors) * 8
    )
    return weights


def warm_kernels() -> None:
    """Compile for the types in use."""
    cube = np.array([[x, y, z] for x in (0.1, 0.9) for y in (0.1, 0.9) for z in (0.1, 0.9)])
    for palette in (hull_palette(cube, np.ones(8), 5), cube[:3]):
        mixing_weights(cube * 1.1, palette)
