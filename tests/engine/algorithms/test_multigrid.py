"""The cycle as a linear operator, and its parts against dense linear algebra."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from tinct.algorithms import multigrid
from tinct.algorithms.balancing import balance
from tinct.algorithms.clusters import find_clusters, shift_clusters
from tinct.algorithms.coarsening import coarsen
from tinct.algorithms.direct import solve_direct, system_matrix
from tinct.algorithms.halves import Halves, unpack_links
from tinct.algorithms.hierarchy import COARSEST_PIXELS, Grid, Hierarchy
from tinct.algorithms.multigrid import Multigrid
from tinct.algorithms.relaxation import (
    COLUMNS,
    ROWS,
    column_pivots,
    relax_tiles,
    row_pivots,
    tile_rows,
)
from tinct.algorithms.stencil import packed_affinities, window_offsets
from tinct.algorithms.transfers import prolong_rows, residual_row, restrict_rows
from tinct.algorithms.windows import Box, aligned, bounding_box

FloatArray = NDArray[np.float32]
OFFSETS = np.array(window_offsets(3), np.int64)


def problem(shape: tuple[int, int], seed: int = 0) -> tuple[Halves, FloatArray]:
    rng = np.random.default_rng(seed)
    links = packed_affinities(rng.random(shape).astype(np.float32))
    keep = (rng.random(shape) > 0.1).astype(np.float32)
    return links, keep


def dense(links: Halves, keep: FloatArray) -> NDArray[np.float64]:
    matrix: NDArray[np.float64] = system_matrix(links, OFFSETS, keep).toarray()
    return matrix


def interpolation_matrix(weights: FloatArray, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Find the matrix of `prolong_rows` by its columns."""
    coarse = weights.shape[1:]
    columns = []
    for k in range(coarse[0] * coarse[1]):
        unit = np.zeros((1, coarse[0] + 2, coarse[1] + 2), np.float32)
        unit[0, 1 + k // coarse[1], 1 + k % coarse[1]] = 1.0
        fine = np.zeros((1, shape[0] + 2, shape[1] + 2), np.float32)
        prolong_rows(0, coarse[0], False, np.float32(1), weights, unit, fine, *shape)
        columns.append(fine[0, 1:-1, 1:-1].ravel())
    return np.array(columns, np.float64).T


@pytest.mark.parametrize("shape", [(8, 8), (9, 7), (5, 12), (2, 2), (1, 8)])
def test_coarse_operator_is_the_galerkin_product(shape: tuple[int, int]) -> None:
    links, keep = problem(shape)
    scale = balance(links)
    weights, restriction, coarse_links, coarse_keep, leak = coarsen(
        links, keep, np.float32(1) - keep, scale
    )
    p = interpolation_matrix(weights, shape)
    m, n = coarse_keep.shape
    r = np.zeros((m * n, shape[0] * shape[1]))
    for q, (i, j) in np.ndindex(9, 1) and [(q, c) for q in range(9) for c in np.ndindex(m, n)]:
        a, b = 2 * i + q // 3 - 1, 2 * j + q % 3 - 1
        if 0 <= a < shape[0] and 0 <= b < shape[1]:
            r[i * n + j, a * shape[1] + b] = restriction[q, i, j]
    product = r @ dense(links, keep) @ p
    index = np.arange(m * n).reshape(m, n)
    for k, (di, dj) in enumerate(window_offsets(3)):
        here = np.s_[max(0, -di) : m - max(0, di), max(0, -dj) : n - max(0, dj)]
        wanted = product[index[here].ravel(), index[here].ravel() + di * n + dj]
        wanted = np.maximum(-wanted, 0.0).reshape(index[here].shape)
        np.testing.assert_allclose(coarse_links[k][here], wanted, atol=2e-6)
    active = coarse_keep > 0
    np.testing.assert_allclose(
        product.sum(axis=1).reshape(m, n)[active].clip(0), leak[active], atol=2e-6
    )
    np.testing.assert_allclose((coarse_links.sum(axis=0) + leak)[active], 1.0, atol=1e-6)


def test_interpolation_keeps_constants_away_from_given_pixels() -> None:
    links, keep = problem((31, 40))
    keep[:] = 1.0
    weights = coarsen(links, keep, np.float32(1) - keep, balance(links))[0]
    ones = np.ones((1, 18, 22), np.float32)
    fine = np.zeros((1, 33, 42), np.float32)
    prolong_rows(0, 16, False, np.float32(1), weights, ones, fine, 31, 40)
    np.testing.assert_allclose(fine[0, 1:-1, 1:-1], 1.0, atol=1e-5)


def test_line_relaxation_solves_a_single_line() -> None:
    for shape in ((1, 30), (12, 1)):
        links, keep = problem(shape, seed=3)
        leak = np.float32(1) - keep
        rng = np.random.default_rng(1)
        rhs = np.zeros((2, shape[0] + 2, shape[1] + 2), np.float32)
        rhs[:, 1:-1, 1:-1] = rng.normal(size=(2, *shape))
        u = np.zeros_like(rhs)
        pivots = np.empty_like(keep)
        if shape[0] == 1:
            row_pivots(0, 1, links, keep, leak, pivots)
            relax_tiles(0, 1, 0, links, keep, pivots, pivots, rhs, u, ROWS)
        else:
            column_pivots(0, 1, links, keep, leak, pivots)
            relax_tiles(0, 1, 0, links, keep, pivots, pivots, rhs, u, COLUMNS)
        wanted = solve_direct(links, OFFSETS, keep, rhs[:, 1:-1, 1:-1])
        np.testing.assert_allclose(u[:, 1:-1, 1:-1], wanted, rtol=2e-4, atol=1e-5)


def test_tiles_solve_their_rows_and_columns() -> None:
    shape = (300, 21)
    links, keep = problem(shape, seed=8)
    leak, rng = np.float32(1) - keep, np.random.default_rng(9)
    rhs = np.zeros((2, 302, 23), np.float32)
    rhs[:, 1:-1, 1:-1] = rng.normal(size=(2, *shape))
    pivots = np.empty((2, *shape), np.float32)
    row_pivots(0, 300, links, keep, leak, pivots[0])
    size = tile_rows(300)
    assert 2 * size < 300, "there have to be some tiles"
    column_pivots(0, -(-300 // size), links, keep, leak, pivots[1])
    last = np.zeros(300, bool)  # rows of tiles of the color that is relaxed last
    for first in range(size, 300, 2 * size):
        last[first : first + size] = True

    def lacking(u: FloatArray) -> FloatArray:
        line, out = np.empty(21, np.float32), np.empty((2, *shape), np.float32)
        for c, i in np.ndindex(2, 300):
            residual_row(i, c, links, keep, leak, rhs, u, line)
            out[c, i] = line
        return np.abs(out)

    for lines in (ROWS, COLUMNS):
        u = np.zeros_like(rhs)
        u[:, 1:-1, 1:-1] = rng.normal(size=(2, *shape))
        relax_tiles(0, 2, 0, links, keep, *pivots, rhs, u, lines)
        relax_tiles(0, 2, 1, links, keep, *pivots, rhs, u, lines)
        # The last rows of the upper half and of the lower one are followed by none; even columns
        # come last.
        final = np.s_[:, [size // 2, size - 1]] if lines == ROWS else np.s_[..., ::2]
        left = lacking(u)[:, last][final]
        np.testing.assert_allclose(left, 0.0, atol=2e-6)
        assert lacking(u).max() > 0.01, "else all would be solved, and nothing shown"


def test_relaxation_does_not_depend_on_who_takes_which_tile() -> None:
    links, keep = problem((700, 30), seed=8)
    leak = np.float32(1) - keep
    pivots = np.empty((2, 700, 30), np.float32)
    row_pivots(0, 700, links, keep, leak, pivots[0])
    column_pivots(0, -(-700 // tile_rows(700)), links, keep, leak, pivots[1])
    rhs = np.random.default_rng(3).random((2, 702, 32), np.float32)
    tiles = -(-700 // tile_rows(700)) // 2
    results = []
    for cuts in ((0, tiles), (0, 1, tiles), tuple(range(tiles + 1))):
        u = np.zeros_like(rhs)
        for color in (0, 1):
            for start, stop in reversed(list(itertools.pairwise(cuts))):
                equation = links, keep, pivots[0], pivots[1]
                relax_tiles(start, stop, color, *equation, rhs, u, ROWS | COLUMNS)
        results.append(u)
    assert tiles > 2
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])


def test_a_fresh_solution_is_taken_for_zero() -> None:
    links, keep = problem((53, 40), seed=5)
    rng = np.random.default_rng(6)
    leak = np.float32(1) - keep
    weights, restriction = coarsen(links, keep, leak, balance(links))[:2]
    rhs = np.zeros((2, 55, 42), np.float32)
    rhs[:, 1:-1, 1:-1] = rng.normal(size=(2, 53, 40))
    zero, garbage = np.zeros_like(rhs), np.zeros_like(rhs)
    garbage[:, 1:-1, 1:-1] = np.nan
    wanted, found = np.zeros((2, 2, 29, 22), np.float32)
    restrict_rows(0, 27, False, links, keep, leak, rhs, zero, restriction, wanted)
    restrict_rows(0, 27, True, links, keep, leak, rhs, garbage, restriction, found)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert np.abs(found).max() > 0.1
    twice = np.float32(2)
    prolong_rows(0, 27, False, twice, weights, found, zero, 53, 40)
    prolong_rows(0, 27, True, twice, weights, found, garbage, 53, 40)
    np.testing.assert_array_equal(garbage, zero)
    once = np.zeros_like(rhs)
    prolong_rows(0, 27, True, np.float32(1), weights, found, once, 53, 40)
    np.testing.assert_allclose(garbage, 2 * once, rtol=1e-6)


def test_cycle_contracts_the_error_on_noise() -> None:
    links, keep = problem((97, 130), seed=2)
    rng = np.random.default_rng(4)
    wanted = np.zeros((2, 99, 132), np.float32)
    wanted[:, 1:-1, 1:-1] = rng.normal(size=(2, 97, 130))
    matrix = system_matrix(links, OFFSETS, keep).tocsr()
    hierarchy = Hierarchy.build(links, keep)
    cycle = Multigrid(hierarchy)
    out = np.zeros_like(wanted)
    # The first cycle takes noise for something smooth, in part; the second has less of it to do.
    for most in (0.5, 0.12):
        residual = np.zeros_like(wanted)
        flat = (wanted - out)[:, 1:-1, 1:-1].reshape(2, -1)
        residual[:, 1:-1, 1:-1] = (matrix @ flat.T.astype(np.float64)).T.reshape(2, 97, 130)
        correction = np.zeros_like(wanted)
        cycle.apply(residual, correction)
        out += correction
        assert np.sqrt(np.square(out - wanted)[:, 1:-1, 1:-1].mean()) < most
    assert hierarchy.nbytes > links.nbytes // 4


def test_small_grids_in_one_piece_do_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    links, keep = free_problem()
    cycle = Multigrid(Hierarchy.build(links, keep))
    residual = np.random.default_rng(0).normal(size=(2, 242, 203)).astype(np.float32)
    outs = []
    for most in (COARSEST_PIXELS + 1, 1_000, 20_000, 1_000_000):
        monkeypatch.setattr(multigrid, "_SMALL_PIXELS", most)
        outs.append(np.full_like(residual, np.nan))
        outs[-1][:, [0, -1]] = 0.0
        outs[-1][..., [0, -1]] = 0.0
        scratch = np.full_like(residual, np.nan)
        cycle.apply(residual, outs[-1], scratch=scratch)
        np.testing.assert_allclose(outs[-1], outs[0], atol=1e-5)
    assert np.isfinite(outs[0]).all()


def test_the_coarser_grid_tells_what_it_is_about_to_correct(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    links, keep = free_problem()
    cycle = Multigrid(Hierarchy.build(links, keep))
    monkeypatch.setattr(multigrid, "_SMALL_PIXELS", 20_000)
    residual = np.random.default_rng(0).normal(size=(2, 242, 203)).astype(np.float32)
    whole, out, shown = np.zeros_like(residual), np.zeros_like(residual), []

    def enough(coarse: FloatArray) -> bool:
        shown.append(coarse.copy())
        return True

    assert cycle.apply(residual, whole)
    assert not cycle.apply(residual, out, ask=enough)
    assert not out.any()
    assert shown[0].shape == (2, 122, 103)
    # Lines are relaxed afterwards: what it says is near to the correction, not the same.
    corrected = whole[:, 1:-1:2, 1:-1:2] * (keep[::2, ::2] > 0.0)
    told = shown[0][:, 1:-1, 1:-1]
    assert np.corrcoef(told.ravel(), corrected.ravel())[0, 1] > 0.9
    assert cycle.apply(residual, out, ask=lambda _: False)
    np.testing.assert_array_equal(out, whole)


def test_a_shift_balances_each_cluster() -> None:
    luminance = np.full((24, 24), 0.5, np.float32)
    luminance += np.random.default_rng(0).choice([0.0, 0.1], (24, 24), p=[0.8, 0.2])
    luminance[10:12, 11] = luminance[12, 12] = 0.9
    links = packed_affinities(luminance)
    keep = np.ones((24, 24), np.float32)
    keep[0, 0] = 0.0
    leak = np.float32(1) - keep
    scale = balance(links)
    clusters = find_clusters(links, keep, leak, scale)
    assert clusters.starts.size > 1
    rng = np.random.default_rng(1)
    u, rhs = np.zeros((2, 2, 26, 26), np.float32)
    rhs[:, 1:-1, 1:-1] = rng.normal(size=(2, 24, 24)) * 0.01
    shift_clusters(0, 2, clusters.places(keep.shape[1], 1), *clusters[1:], rhs, u)
    matrix = system_matrix(links, OFFSETS, keep).tocsr()
    residual = rhs[:, 1:-1, 1:-1].reshape(2, -1) - (matrix @ u[:, 1:-1, 1:-1].reshape(2, -1).T).T
    last = clusters.members[clusters.starts[-2] :]
    assert np.abs(u).max() > 0.0
    assert abs((residual[0, last] * scale.ravel()[last]).sum()) < 1e-4


BOXES = [np.s_[64:192, 32:160], np.s_[0:128, 96:201], np.s_[96:240, 64:192]]


def free_problem() -> tuple[Halves, FloatArray]:
    luminance = np.random.default_rng(5).random((240, 201)).astype(np.float32)
    # A thin line, longer than any cluster, from what changes to far away: no part is a cluster.
    luminance[85:235, 77:84] = np.round(luminance[85:235, 77:84])
    luminance[90:230, 80] = 0.5
    links = packed_affinities(luminance)
    keep = np.ones((240, 201), np.float32)
    keep[20:23, 30:90] = keep[150:200, 100:104] = keep[70:100, 40:43] = 0.0
    return links, keep


def shrinking(cycle: Multigrid, grid: Grid, seed: int = 0) -> float:
    """Return by how much the worst of many cycles' errors shrinks per cycle."""
    m, n = grid.shape
    matrix = system_matrix(grid.links, OFFSETS, grid.keep).tolil()
    lost = grid.leak + (grid.keep * unpack_links(grid.links)).sum(axis=0)
    matrix.setdiag(lost.ravel().astype(np.float64))
    matrix = matrix.tocsr()
    error = np.random.default_rng(seed).normal(size=(2, m, n)) * (grid.leak < 1.0)
    first = np.abs(error).max()
    for _ in range(6):
        residual, out = np.zeros((2, 2, m + 2, n + 2), np.float32)
        flat = error.reshape(2, -1)
        residual[:, 1:-1, 1:-1] = (matrix @ flat.T).T.reshape(2, m, n)
        cycle.apply(residual, out)
        error = error - out[:, 1:-1, 1:-1]
    return float((np.abs(error).max() / first) ** (1 / 6))


@pytest.mark.parametrize("box", BOXES)
def test_grids_cut_out_solve_the_box_as_well_as_grids_built_for_it(box: Box) -> None:
    links, keep = free_problem()
    cut_out = Hierarchy.build(links, keep).within(aligned(box, keep.shape, COARSEST_PIXELS))
    finest = cut_out.grids[0]
    built = Hierarchy.build(finest.links, finest.keep)
    rates = [shrinking(Multigrid(h), finest) for h in (cut_out, built)]
    assert rates[0] < max(0.5, 1.2 * rates[1])


def assert_patched_as_built(patched: Hierarchy, built: Hierarchy) -> None:
    """Hold the first coarse grid, the finest one's clusters and the speed to those built anew."""
    first, second = patched.grids[1], built.grids[1]
    np.testing.assert_allclose(unpack_links(first.links), unpack_links(second.links), rtol=1e-3)
    for name in ("keep", "leak"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), atol=1e-6)
    finest = patched.grids[0].clusters, built.grids[0].clusters
    assert sorted(finest[0].members) == sorted(finest[1].members)
    rates = [shrinking(Multigrid(h), built.grids[0]) for h in (patched, built)]
    assert rates[0] < max(0.5, 1.1 * rates[1])


@pytest.mark.parametrize("box", BOXES)
def test_patched_grids_equal_grids_built_anew(box: Box) -> None:
    links, keep = free_problem()
    changed = keep.copy()
    changed[box[0].start + 20 : box[0].start + 24, box[1].start + 9 : box[1].start + 60] = 0.0
    changed[70:90, 40:43] = 1.0
    place = bounding_box(changed != keep)
    assert place is not None
    patched, built = Hierarchy.build(links, keep), Hierarchy.build(links, changed)
    patched.patch([place], changed)
    for one, other in zip(patched.grids, built.grids, strict=True):
        # The balance is taken over from before outside the patch: nearly, not wholly, the same.
        assert np.abs(unpack_links(one.links) - unpack_links(other.links)).mean() < 2e-3
    assert_patched_as_built(patched, built)


def test_grids_patched_in_several_places_equal_grids_built_anew() -> None:
    """Some so near that what is cut out around them overlaps, and the clusters in it."""
    links, keep = free_problem()
    places = [np.s_[10:14, 150:170], np.s_[60:64, 150:158], np.s_[120:121, 20:24]]
    places += [np.s_[220:226, 4:30], np.s_[200:202, 180:190]]
    changed = keep.copy()
    for place in places:
        changed[place] = 0.0
    patched, built, one_by_one = (Hierarchy.build(links, k) for k in (keep, changed, keep.copy()))
    assert len(patched.patch(places, changed)[0]) > 2
    so_far = keep.copy()
    for place in places:
        so_far[place] = 0.0
        one_by_one.patch([place], so_far.copy())
    for one, other in zip(patched.grids, one_by_one.grids, strict=True):
        assert np.abs(unpack_links(one.links) - unpack_links(other.links)).max() < 1e-3
    assert_patched_as_built(patched, built)


def test_a_cluster_between_two_patched_places_is_shifted_once() -> None:
    luminance = np.random.default_rng(5).random((160, 201)).astype(np.float32)
    luminance[:, 98:103] = np.round(luminance[:, 98:103])
    luminance[41:100, 100] = 0.5
    links, keep = packed_affinities(luminance), np.ones(luminance.shape, np.float32)
    changed = keep.copy()
    places = [np.s_[100:104, 10:190], np.s_[40:41, 100:101]]
    for place in places:
        changed[place] = 0.0
    patched, built = Hierarchy.build(links, keep), Hierarchy.build(links, changed)
    assert len(patched.patch(places, changed)[0]) == 2
    finest = patched.grids[0].clusters, built.grids[0].clusters
    assert 60 * 201 + 100 in finest[1].members
    assert sorted(finest[0].members) == sorted(finest[1].members)


def test_what_the_finest_grid_forgot_is_made_again_where_it_is_needed() -> None:
    links, keep = free_problem()
    kept, forgetful = Hierarchy.build(links, keep), Hierarchy.build(links, keep)
    before = forgetful.nbytes
    forgetful.forget()
    assert forgetful.nbytes == before - 2 * keep.nbytes
    m, n = keep.shape
    for box in (np.s_[0:m, 0:n], np.s_[0:7, 5:9], np.s_[m - 3 : m, n - 4 : n], np.s_[15:17, 20:40]):
        for one, other in zip(kept.grids[0].part(box), forgetful.grids[0].part(box), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)
    changed = keep.copy()
    changed[10:14, 12:20] = 0.0
    for hierarchy in (kept, forgetful):
        hierarchy.patch([np.s_[10:14, 12:20]], changed)
    for one, other in zip(kept.grids, forgetful.grids, strict=True):
        np.testing.assert_allclose(
            unpack_links(one.links), unpack_links(other.links), rtol=1e-3, atol=1e-6
        )
        np.testing.assert_allclose(one.row_sums, other.row_sums, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("box", BOXES)
def test_a_patched_cycle_equals_one_built_anew(box: Box) -> None:
    links, keep = free_problem()
    changed = keep.copy()
    changed[box[0].start + 20 : box[0].start + 24, box[1].start + 9 : box[1].start + 60] = 0.0
    place = bounding_box(changed != keep)
    assert place is not None
    hierarchy = Hierarchy.build(links, keep)
    patched = Multigrid(hierarchy)
    patched.patch(hierarchy.patch([place], changed))
    m, n = keep.shape
    residual = np.zeros((2, m + 2, n + 2), np.float32)
    residual[:, 1:-1, 1:-1] = np.random.default_rng(1).normal(size=(2, m, n))
    results = []
    for cycle in (patched, Multigrid(hierarchy)):
        results.append(np.zeros_like(residual))
        cycle.apply(residual, results[-1])
    np.testing.assert_array_equal(*results)
    assert patched.nbytes > 2 * keep.nbytes
