"""Loops of the convex-hull palette: what collapsing an edge costs, and weights of mixtures."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["price_edges", "weigh"]

Array = NDArray[Any]
INSIDE = -1e-9


@numba.njit(cache=True, nogil=True, error_model="numpy")
def price_edges(
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
def weigh(
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
            distance = nearest_on_triangle(color, a, b, c, part)
            if distance < closest:
                closest = distance
                owner = face
                nearest[:] = part
        for corner in range(3):
            weights[index, faces[owner, corner]] += nearest[corner]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def nearest_on_triangle(color: Array, a: Array, b: Array, c: Array, part: Array) -> Any:
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
