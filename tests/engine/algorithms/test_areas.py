"""Areas of one tone: where they are found, their products, and what they do for line art."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from tinct.algorithms import areas as areas_module
from tinct.algorithms import propagation
from tinct.algorithms.areas import Areas, AreaSolver, find_areas
from tinct.algorithms.areas_kernels import SPACING
from tinct.algorithms.balancing import balance
from tinct.algorithms.clusters import find_clusters
from tinct.algorithms.direct import solve_direct
from tinct.algorithms.halves import unpack_links
from tinct.algorithms.hierarchy import Grid
from tinct.algorithms.hints import Hints
from tinct.algorithms.propagation import Propagation
from tinct.algorithms.stencil import affinity_planes, packed_affinities, window_offsets

FloatArray = NDArray[np.float32]
OFFSETS = np.array(window_offsets(3), np.int64)


def line_art(shape: tuple[int, int], cell: int = 45, width: int = 4) -> FloatArray:
    """Draw a bent grid of dark lines with hard edges."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    across, down = x + 7 * np.sin(y / 20), y + 7 * np.sin(x / 25)
    drawn = (across % cell < width) | (down % cell < width)
    return np.where(drawn, np.float32(0.1), np.float32(1.0))


def strokes(shape: tuple[int, int], count: int = 3, seed: int = 0) -> Hints:
    rng = np.random.default_rng(seed)
    hints = Hints.none(shape)
    for _ in range(count):
        mask = np.zeros(shape, bool)
        i, j = (rng.random(2) * np.subtract(shape, 30)).astype(int)
        mask[i : i + 3, j : j + 25] = True
        hints = hints.combined(Hints.from_strokes(mask, rng.uniform(-0.3, 0.3, 2)))
    return hints


def solver(luminance: FloatArray, keep: FloatArray) -> tuple[Areas, Grid, AreaSolver]:
    links, leak = packed_affinities(luminance), np.float32(1) - keep
    scale = balance(links)
    grid = Grid(links, keep, leak, scale, find_clusters(links, keep, leak, scale))
    found = find_areas(luminance)
    assert found is not None
    return found, grid, AreaSolver(found, grid)


def free(shape: tuple[int, int]) -> FloatArray:
    """Return `keep` with given pixels in a stroke and a few soft hints."""
    keep = np.ones(shape, np.float32)
    keep[20:24, 10:50] = 0.0
    keep[60:64, 40:44] = 0.7
    return keep


def hat_matrix(found: Areas, keep: FloatArray) -> NDArray[np.float64]:
    """Return all hat functions as columns, from their definition."""
    m, n = keep.shape
    columns = np.zeros((m * n, int(found.unknowns.max()) + 1))
    for i, j in zip(*np.nonzero(found.slots * (keep > 0)), strict=True):
        part = found.first[i // SPACING, j // SPACING] + found.slots[i, j] - 1
        y, x = i % SPACING / SPACING, j % SPACING / SPACING
        hats = np.outer([1 - y, y], [1 - x, x]).ravel()
        np.add.at(columns[i * n + j], found.unknowns[part], hats)
    return columns


def scaling(luminance: FloatArray, grid: Grid) -> NDArray[np.float64]:
    """Return what makes links between pixels of one tone 1 in both directions."""
    tones, links = np.pad(luminance, 1, constant_values=np.nan), unpack_links(grid.links)
    scale = np.ones(luminance.shape)
    for link, (di, dj) in zip(links.astype(float), window_offsets(3), strict=True):
        rows, columns = (
            slice(1 + d, 1 + d + size) for d, size in zip((di, dj), scale.shape, strict=True)
        )
        alike = tones[rows, columns] == luminance
        scale[alike] = 1 / link[alike]
    return scale


def applied(grid: Grid, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the system times u, by differences: the links' rounded sums would leak."""
    framed = np.pad(u, 1)
    out: NDArray[np.float64] = grid.leak * u
    for link, (di, dj) in zip(
        unpack_links(grid.links).astype(float), window_offsets(3), strict=True
    ):
        rows, columns = slice(1 + di, 1 + di + u.shape[0]), slice(1 + dj, 1 + dj + u.shape[1])
        out += grid.keep * link * (u - framed[rows, columns])
    return out


def test_areas_are_what_is_connected_and_of_one_tone() -> None:
    luminance = np.full((70, 90), 1.0, np.float32)
    luminance[:, 40:43] = 0.0
    luminance[5:7, 5:7] = 0.5  # a speck
    found = find_areas(luminance)
    assert found is not None
    assert (found.slots > 0).all()
    speck = found.unknowns[found.first[0, 0] + found.slots[5:7, 5:7].ravel() - 1]
    assert len(np.unique(speck)) == 1  # it is level: its hats have one height
    around = found.unknowns[found.first[0, 0] + found.slots[0, 0] - 1]
    assert len(np.unique([*speck[0], *around])) == 5
    beside = found.unknowns[found.first[0, 1] + found.slots[0, [39, 41, 45]] - 1]
    assert len(np.unique(beside)) == 12  # left, line and right share a block but no hat
    west, east = (
        found.unknowns[found.first[0, j // SPACING] + found.slots[0, j] - 1] for j in (45, 70)
    )
    assert (west[[1, 3]] == east[[0, 2]]).all()  # two parts of one area share the hats between


def test_photographs_and_noise_have_none() -> None:
    gray = (skimage.data.coffee()[..., 1] / 255).astype(np.float32)
    assert find_areas(gray) is None
    assert find_areas(np.random.default_rng(0).random((64, 64)).astype(np.float32)) is None
    assert find_areas(np.ones((1, 1), np.float32)) is None
    plateaus = np.kron(np.random.default_rng(0).random((16, 16)), np.ones((20, 20)))
    assert find_areas(plateaus.astype(np.float32)) is None  # an enlarged photograph


def test_pixels_outside_the_domain_belong_to_none() -> None:
    domain = np.ones((64, 64), bool)
    domain[:, :20] = False
    found = find_areas(np.ones((64, 64), np.float32), domain)
    assert found is not None
    assert ((found.slots > 0) == domain).all()


@pytest.mark.parametrize("shape", [(96, 128), (90, 101), (64, 50)])
def test_a_correction_leaves_nothing_a_hat_function_sees(shape: tuple[int, int]) -> None:
    keep = free(shape)
    found, grid, solving = solver(line_art(shape), keep)
    rhs, u = np.zeros((2, 2, shape[0] + 2, shape[1] + 2), np.float32)
    inner = np.s_[:, 1:-1, 1:-1]
    rhs[inner] = np.random.default_rng(0).normal(size=(2, *shape)) * keep
    solving.correct(rhs, u)
    hats = hat_matrix(found, keep)
    weighted = hats.T * scaling(line_art(shape), grid).ravel()
    assert np.abs(u).max() > 1.0
    for channel in (0, 1):
        wanted, reached = (x[inner][channel].astype(float) for x in (rhs, u))
        lacking = weighted @ (wanted - applied(grid, reached)).ravel()
        assert np.abs(lacking).max() < 1e-3 * np.abs(weighted @ wanted.ravel()).max()


def test_an_area_feels_nothing_of_rough_errors_within_it() -> None:
    """What crosses its edges may be a billionth of them."""
    shape = (96, 96)
    luminance = np.ones(shape, np.float32)
    luminance[20:80, 20:80] = 0.0
    luminance[22:78, 22:78] = 0.5
    _, grid, solving = solver(luminance, np.ones(shape, np.float32))
    error = np.zeros((2, 98, 98), np.float32)
    error[:, 23:79, 23:79] = np.random.default_rng(0).normal(size=(2, 56, 56))
    rhs = np.zeros_like(error)
    for channel in (0, 1):
        rhs[channel, 1:-1, 1:-1] = applied(grid, error[channel, 1:-1, 1:-1].astype(float))
    # Up to a constant all over, as there are no hints.
    found = np.zeros_like(error)
    solving.correct(rhs, found)
    level = found[:, 23:79, 23:79].mean(axis=(1, 2)) - found[:, 2:18, 2:90].mean(axis=(1, 2))
    assert np.abs(level).max() < 1.0


def test_a_patch_is_a_new_start() -> None:
    shape = (128, 160)
    keep = np.ones(shape, np.float32)
    _, grid, solving = solver(line_art(shape), keep)
    keep[40:44, 60:90] = 0.0
    grid.leak[:] = np.float32(1) - keep
    solving.patch([(slice(40, 44), slice(60, 90))])
    anew = AreaSolver(find_areas(line_art(shape)), grid)  # type: ignore[arg-type]
    rhs = np.random.default_rng(0).normal(size=(2, 130, 162)).astype(np.float32)
    rhs[:, 1:-1, 1:-1] *= keep
    results = []
    for one in (solving, anew):
        u = np.zeros_like(rhs)
        one.correct(rhs, u)
        results.append(u)
    np.testing.assert_array_equal(*results)


def test_line_art_with_few_strokes_takes_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    luminance = line_art((330, 400))
    hints = strokes(luminance.shape)
    system = Propagation(luminance)
    solved = system.solve(hints)
    keep = 1 / (1 + hints.confidence)
    given = (1 - keep) * hints.chroma.transpose(2, 0, 1)
    truth = solve_direct(affinity_planes(luminance), OFFSETS, keep, given).transpose(1, 2, 0)
    assert np.abs(solved - truth).max() <= 0.5 / 255
    more = hints.combined(strokes(luminance.shape, 1, seed=5))
    np.testing.assert_allclose(
        system.update(hints, solved, more), Propagation(luminance).solve(more), atol=0.5 / 255
    )
    monkeypatch.setattr(propagation, "find_areas", lambda *_: None)
    without = Propagation(luminance)
    without.solve(hints)
    assert system.iterations <= 8 < without.iterations


@pytest.mark.parametrize("limit", ["_AREAS", "_NEIGHBORS"])
def test_areas_beyond_the_limits_are_left_to_the_grids(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    luminance = line_art((128, 128))
    hints = strokes(luminance.shape)
    expected = Propagation(luminance).solve(hints)
    monkeypatch.setattr(areas_module, limit, 4)
    found = Propagation(luminance).solve(hints)
    np.testing.assert_allclose(found, expected, atol=0.5 / 255)


def test_a_stroke_taken_from_an_area_costs_no_better_grids() -> None:
    luminance = line_art((240, 240))
    rng = np.random.default_rng(0)
    parts = []
    for _ in range(5):
        mask = np.zeros(luminance.shape, bool)
        i, j = rng.integers(10, 200, 2)
        mask[i : i + 3, j : j + 30] = True
        parts.append(Hints.from_strokes(mask, rng.uniform(-0.3, 0.3, 2)))
    fewer = parts[0].combined(parts[1]).combined(parts[2]).combined(parts[3])
    picture = Propagation(luminance)
    before = picture.solve(fewer.combined(parts[4]))
    solved = picture.update(fewer.combined(parts[4]), before, fewer)
    assert picture._system is not None
    assert not picture._system.careful
    truth = solve_direct(
        affinity_planes(luminance),
        OFFSETS,
        np.float32(1) - fewer.hard,
        fewer.chroma.transpose(2, 0, 1) * fewer.hard,
    )
    assert np.abs(solved - truth.transpose(1, 2, 0)).max() < propagation.DEFAULT_TOLERANCE
