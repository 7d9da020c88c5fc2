"""The solver against a sparse LU factorization, and the properties of its exact solution."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu
from skimage import transform

from tinct.algorithms import blocks, system
from tinct.algorithms.halves import unpack_links
from tinct.algorithms.hierarchy import Hierarchy
from tinct.algorithms.hints import Hints
from tinct.algorithms.progress import rising
from tinct.algorithms.propagation import DEFAULT_TOLERANCE, Propagation
from tinct.algorithms.small_grids import MOST_GRIDS
from tinct.algorithms.stencil import (
    affinity_planes,
    cut_links,
    packed_affinities,
    window_offsets,
)
from tinct.errors import Cancelled, InputError

FloatArray = NDArray[np.float32]
TIGHT = 1e-6


def photograph(name: str, size: int) -> FloatArray:
    pixels = getattr(skimage.data, name)()[100 : 100 + size, 150 : 150 + size]
    luminance: FloatArray = (pixels @ [0.299, 0.587, 0.114] / 255).astype(np.float32)
    return luminance


def strokes(shape: tuple[int, int], count: int = 12, seed: int = 0) -> Hints:
    rng = np.random.default_rng(seed)
    hints = Hints.none(shape)
    for _ in range(count):
        mask = np.zeros(shape, bool)
        i, j = (rng.random(2) * shape).astype(int)
        if rng.random() < 0.5:
            mask[i : i + 3, j : j + shape[1] // 8] = True
        else:
            mask[i : i + shape[0] // 8, j : j + 2] = True
        hints = hints.combined(Hints.from_strokes(mask, rng.uniform(-0.3, 0.3, 2)))
    return hints


def exact(
    luminance: FloatArray, hints: Hints, *, rounded: bool = False, **options: Any
) -> NDArray[np.float64]:
    """Solve by sparse LU what `propagation` states, from its equations alone.

    With links as they are, or `rounded` as they are held.
    """
    barriers = options.pop("barriers", None)
    window = options.get("window", 3)
    cuts = None if barriers is None else cut_links(barriers)
    if rounded:
        planes = unpack_links(packed_affinities(luminance, cuts=cuts, **options)).astype(float)
    else:
        planes = affinity_planes(luminance, cuts=cuts, **options).astype(np.float64)
        planes /= np.maximum(planes.sum(axis=0), 1e-30)
    m, n = luminance.shape
    index = np.arange(m * n).reshape(m, n)
    keep = 1.0 / (1.0 + hints.confidence.astype(np.float64))
    diagonal = 1.0 - keep + keep * planes.sum(axis=0)
    rows, columns, values = [index.ravel()], [index.ravel()], [diagonal.ravel()]
    for k, (di, dj) in enumerate(window_offsets(window)):
        here = np.s_[max(0, -di) : m - max(0, di), max(0, -dj) : n - max(0, dj)]
        rows.append(index[here].ravel())
        columns.append(index[here].ravel() + di * n + dj)
        values.append(-(keep * planes[k])[here].ravel())
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    matrix = coo_matrix(entries, (m * n, m * n)).tocsc()
    solved: NDArray[np.float64] = splu(matrix).solve(
        ((1.0 - keep)[..., None] * hints.chroma).reshape(-1, 2)
    )
    return solved.reshape(m, n, 2)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
def test_agrees_with_sparse_lu(name: str) -> None:
    luminance = photograph(name, 150)
    hints = strokes(luminance.shape)
    truth = exact(luminance, hints, rounded=True)
    system = Propagation(luminance)
    assert np.abs(system.solve(hints, tolerance=TIGHT) - truth).max() < 1e-5
    assert np.abs(system.solve(hints) - truth).max() < DEFAULT_TOLERANCE


def test_large_photograph_holds_the_default_tolerance() -> None:
    luminance = photograph("astronaut", 256)
    hints = strokes(luminance.shape, 20, seed=4)
    solved = Propagation(luminance).solve(hints)
    assert np.abs(solved - exact(luminance, hints)).max() < DEFAULT_TOLERANCE


@pytest.mark.parametrize("window", [3, 5])
@pytest.mark.parametrize("affinity", ["gaussian", "correlation"])
def test_other_systems_agree_with_sparse_lu(
    window: int, affinity: Literal["gaussian", "correlation"]
) -> None:
    luminance = photograph("coffee", 90)
    hints = strokes(luminance.shape)
    truth = exact(luminance, hints, window=window, affinity=affinity)
    solved = Propagation(luminance, window=window, affinity=affinity).solve(hints)
    assert np.abs(solved - truth).max() < 2 * DEFAULT_TOLERANCE


@pytest.mark.parametrize("window", [3, 5])
def test_hard_and_soft_hints_agree_with_the_exact_solution(window: int) -> None:
    luminance = photograph("coffee", 100)
    hard = strokes(luminance.shape)
    pull = np.full(luminance.shape, 0.01, np.float32)
    for hints in (hard, Hints(hard.chroma[::-1].copy(), pull).combined(hard)):
        picture = Propagation(luminance, window=window)
        truth = exact(luminance, hints, window=window)
        assert np.abs(picture.solve(hints) - truth).max() < 2 * DEFAULT_TOLERANCE
        assert np.abs(picture.solve(hints, tolerance=1e-5) - truth).max() < 1e-4


@pytest.mark.parametrize("most", [0, 20_000])
def test_a_change_too_large_for_a_window_is_followed_over_the_whole(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "_WINDOW_PIXELS", most)
    luminance = photograph("coffee", 240)
    before = strokes(luminance.shape, 4)
    mask = np.zeros(luminance.shape, bool)
    mask[50:58, 50:60] = True
    for pull in (np.inf, 3.0):
        added = Hints.of(mask, np.full((80, 2), 0.3, np.float32), np.full(80, pull, np.float32))
        after = before.combined(added)
        picture = Propagation(luminance)
        first = picture.solve(before)
        kept = first.copy()
        solved = picture.update(before, first, after)
        assert picture.iterations > 0
        assert np.abs(solved - exact(luminance, after)).max() < DEFAULT_TOLERANCE
        np.testing.assert_array_equal(first, kept)


def test_a_solution_handed_over_in_a_list_is_given_up() -> None:
    luminance = photograph("coffee", 120)
    before = strokes(luminance.shape)
    mask = np.zeros(luminance.shape, bool)
    mask[50:58, 50:60] = True
    after = before.combined(Hints.from_strokes(mask, (0.2, 0.1)))
    picture = Propagation(luminance)
    first = picture.solve(before)
    expected = Propagation(luminance)
    expected.solve(before)
    handed = [first.copy()]
    solved = picture.update(before, handed, after)
    assert not handed
    np.testing.assert_array_equal(solved, expected.update(before, first, after))


def test_progress_of_one_solve_after_another_never_falls_back() -> None:
    told: list[float] = []
    report = rising(lambda part, stage: told.append(part))
    for part in (0.0, 0.6, 0.0, 0.3, 0.8):
        report(part, "Solving")
    assert told == [0.0, 0.6, 0.6, 0.6, 0.8]


def test_a_flat_stripe_along_the_border_agrees_with_sparse_lu() -> None:
    """A walk hardly leaves it: it weighs far more in the equations than its pixels are many."""
    luminance = photograph("coffee", 256)
    luminance += np.random.default_rng(0).normal(scale=0.01, size=(256, 256)).astype(np.float32)
    luminance[-8:] = 0.4
    luminance[-8] = 0.392
    hints = strokes(luminance.shape, 5, seed=3)
    solved = Propagation(luminance).solve(hints)
    assert np.abs(solved - exact(luminance, hints)).max() < DEFAULT_TOLERANCE


def barred(rows: int, tone: float, step: float) -> NDArray[np.float32]:
    """Return a photograph above a flat bar whose outermost row differs by a step."""
    luminance = np.rint(photograph("coffee", 256) * 255).astype(np.float32) / np.float32(255)
    luminance[-rows:] = tone
    luminance[-rows] = tone - step
    return luminance


@pytest.mark.parametrize(("rows", "tone", "step"), [(6, 0.83, 1), (5, 0.8, 3), (4, 0.0, -1)])
def test_a_bar_that_walks_hardly_leave_spoils_nothing(rows: int, tone: float, step: int) -> None:
    """Grids that overdo a change of the bar spoil all; those that make little of it take long."""
    luminance = barred(rows, tone, step / 255)
    for seed in range(4):
        hints = strokes(luminance.shape, 3, seed=seed)
        solved = Propagation(luminance).solve(hints)
        # The estimate does not see all of such a bar: 0.63 of 255 were measured.
        assert np.abs(solved - exact(luminance, hints)).max() < 1.5 * DEFAULT_TOLERANCE


def design(size: int, count: int, seed: int) -> NDArray[np.float32]:
    """Draw flat rectangles of random tones, each with a thin outline, one over another."""
    rng = np.random.default_rng(seed)
    luminance = np.ones((size, size), np.float32)
    for _ in range(count):
        y, x = rng.integers(0, size - 10, 2)
        height, width = rng.integers(10, 90, 2)
        outline, filling = (rng.integers(0, 256) / np.float32(255) for _ in range(2))
        luminance[y : y + height, x : x + width] = outline
        luminance[y + 1 : y + height - 1, x + 1 : x + width - 1] = filling
    return luminance


def softened(luminance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blur edges a little, as drawing programs do, in steps of 8 bits."""
    blurred = ndimage.gaussian_filter(luminance, 0.6)
    return np.rint(blurred * 255).astype(np.float32) / np.float32(255)


@pytest.mark.parametrize(
    ("size", "count", "seed"),
    [(128, 12, 22), (128, 12, 23), (128, 12, 51), (256, 12, 59), (256, 40, 20), (256, 40, 48)],
)
def test_closed_areas_of_a_design_agree_with_sparse_lu(size: int, count: int, seed: int) -> None:
    """What crosses an outline is next to nothing, and decides which color an area takes."""
    hard = design(size, count, seed)
    hints = strokes(hard.shape, 3, seed=seed)
    for luminance in (hard, softened(hard)):
        solved = Propagation(luminance).solve(hints)
        assert np.abs(solved - exact(luminance, hints)).max() < DEFAULT_TOLERANCE


def test_a_stroke_taken_from_a_design_agrees_with_sparse_lu() -> None:
    """Patched grids may be no good for it, however long they are used: new ones are made."""
    luminance = softened(design(256, 30, 0))
    before = strokes(luminance.shape, 6, seed=0)
    after = before.combined(strokes(luminance.shape, 1, seed=100))
    system = Propagation(luminance)
    solved = system.update(before, system.solve(before), after)
    assert np.abs(solved - exact(luminance, after)).max() < DEFAULT_TOLERANCE
    solved = system.update(after, solved, before)
    assert np.abs(solved - exact(luminance, before)).max() < DEFAULT_TOLERANCE


def hard_design() -> tuple[NDArray[np.float32], Hints]:
    """Return a picture that usual grids do not do for."""
    return design(128, 40, 0), strokes((128, 128), 3, seed=0)


def test_better_grids_stay_with_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    luminance, hints = hard_design()
    system = Propagation(luminance)
    solved = system.solve(hints)
    monkeypatch.setattr(Hierarchy, "build", None)
    more = hints.combined(strokes(luminance.shape, 1, seed=9))
    updated = system.update(hints, solved, more)
    assert np.abs(updated - exact(luminance, more)).max() < DEFAULT_TOLERANCE


def test_better_grids_can_be_cancelled_while_they_are_made() -> None:
    luminance, hints = hard_design()
    calls: list[str] = []
    Propagation(luminance).solve(hints, progress=lambda _, stage: calls.append(stage))
    last = calls.count("Preparing")
    assert last > 100  # usual grids take some 30 such calls
    system = Propagation(luminance)

    def cancel(_: float, stage: str) -> None:
        nonlocal last
        last -= stage == "Preparing"
        if last == 20:
            raise Cancelled

    with pytest.raises(Cancelled):
        system.solve(hints, progress=cancel)
    assert np.abs(system.solve(hints) - exact(luminance, hints)).max() < DEFAULT_TOLERANCE


def test_soft_hints_agree_with_sparse_lu() -> None:
    luminance = photograph("chelsea", 120)
    rng = np.random.default_rng(5)
    soft = Hints(
        rng.uniform(-0.3, 0.3, (120, 120, 2)).astype(np.float32),
        (rng.random((120, 120)) < 0.02).astype(np.float32) * np.float32(0.3),
    )
    for hints in (soft, soft.combined(strokes((120, 120)))):
        truth = exact(luminance, hints, rounded=True)
        system = Propagation(luminance)
        assert np.abs(system.solve(hints, tolerance=TIGHT) - truth).max() < 1e-5
        assert np.abs(system.solve(hints) - truth).max() < DEFAULT_TOLERANCE


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 5), (1, 300), (70, 71)])
def test_any_size(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(7)
    # Hints are never far: in one dimension noise makes traps that float64 cannot leave either.
    luminance = rng.random(shape).astype(np.float32)
    mask = np.zeros(shape, bool)
    mask.flat[::7] = True
    hints = Hints.from_strokes(mask, rng.uniform(-0.3, 0.3, (*shape, 2)))
    solved = Propagation(luminance).solve(hints)
    assert np.abs(solved - exact(luminance, hints)).max() < DEFAULT_TOLERANCE


def test_constant_hints_give_constant_chroma() -> None:
    luminance = photograph("rocket", 100)
    mask = strokes(luminance.shape).hard
    solved = Propagation(luminance).solve(Hints.from_strokes(mask, (0.2, -0.1)))
    np.testing.assert_allclose(solved, np.broadcast_to([0.2, -0.1], solved.shape), atol=1e-6)


def test_solution_is_linear_in_the_chroma_and_within_its_range() -> None:
    luminance = photograph("astronaut", 110)
    first, second = strokes(luminance.shape, seed=1), strokes(luminance.shape, seed=1)
    second = Hints(np.flip(second.chroma, axis=2).copy() * np.float32(0.5), second.confidence)
    both = Hints(first.chroma + second.chroma, first.confidence)
    system = Propagation(luminance)
    parts = [system.solve(h, tolerance=TIGHT) for h in (first, second, both)]
    np.testing.assert_allclose(parts[0] + parts[1], parts[2], atol=2e-5)
    painted = both.chroma[both.hard]
    assert (parts[2].min(axis=(0, 1)) >= painted.min(axis=0)).all()
    assert (parts[2].max(axis=(0, 1)) <= painted.max(axis=0)).all()


def test_a_strip_with_more_grids_than_are_compiled_for_is_solved() -> None:
    luminance = np.random.default_rng(0).random((5, 420_000), np.float32)
    mask = np.zeros(luminance.shape, bool)
    mask[:, ::500] = True
    picture = Propagation(luminance)
    solved = picture.solve(Hints.from_strokes(mask, (0.2, -0.1)))
    np.testing.assert_allclose(solved, np.broadcast_to([0.2, -0.1], solved.shape), atol=2e-3)
    assert len(picture._system.hierarchy.grids) > MOST_GRIDS  # type: ignore[union-attr]


def test_what_no_number_reaches_spoils_nothing() -> None:
    # Columns of noise: from one end to the other, chances multiply to 1e-100 and less.
    luminance = np.tile(np.random.default_rng(0).random(4000, np.float32), (5, 1))
    mask = np.zeros(luminance.shape, bool)
    mask[:, 0] = True
    solved = Propagation(luminance).solve(Hints.from_strokes(mask, (0.2, -0.1)))
    assert np.isfinite(solved).all()
    np.testing.assert_array_equal(solved[mask], np.float32([[0.2, -0.1]] * 5))
    assert solved[..., 0].min() >= 0.0
    assert solved[..., 0].max() <= np.float32(0.2)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket", "gradient"])
def test_rounding_the_links_moves_solutions_by_a_tenth_of_the_tolerance_at_most(name: str) -> None:
    if name == "gradient":  # links to both sides differ a little, and everywhere alike
        luminance = np.tile(np.linspace(0, 1, 1000, dtype=np.float32) ** np.float32(2.2), (40, 1))
        ends = np.arange(1000) < 2
        hints = Hints.from_strokes(np.tile(ends, (40, 1)), (0.3, -0.3))
        hints = hints.combined(Hints.from_strokes(np.tile(ends[::-1], (40, 1)), (-0.3, 0.3)))
    else:
        luminance = photograph(name, 200)
        hints = strokes(luminance.shape, 3)
    moved = exact(luminance, hints, rounded=True) - exact(luminance, hints)
    assert 0 < np.abs(moved).max() < 0.1 * DEFAULT_TOLERANCE


def test_turning_and_mirroring_the_picture_turns_the_solution() -> None:
    luminance = photograph("chelsea", 101)[:, :90].copy()
    hints = strokes(luminance.shape)
    plain = Propagation(luminance).solve(hints, tolerance=TIGHT)
    turned = Hints(hints.chroma[::-1, ::-1].copy(), hints.confidence[::-1, ::-1].copy())
    solved = Propagation(luminance[::-1, ::-1].copy()).solve(turned, tolerance=TIGHT)
    # Links are rounded by chance, which depends on the place.
    np.testing.assert_allclose(solved[::-1, ::-1], plain, atol=0.2 * DEFAULT_TOLERANCE)
    mirrored = Hints(hints.chroma.transpose(1, 0, 2).copy(), hints.confidence.T.copy())
    solved = Propagation(luminance.T.copy()).solve(mirrored, tolerance=TIGHT)
    np.testing.assert_allclose(solved.transpose(1, 0, 2), plain, atol=0.2 * DEFAULT_TOLERANCE)


def test_step_in_one_dimension_has_its_closed_form() -> None:
    """Flat, step, flat: resistances in series, with the released weights on both sides of it."""
    n, half = 40, 20
    luminance = np.where(np.arange(n) < half, 0.0, 1.0).astype(np.float32)[None]
    mask = np.zeros((1, n), bool)
    mask[0, [0, -1]] = True
    chroma = np.zeros((1, n, 2), np.float32)
    chroma[0, -1] = 1.0
    solved = Propagation(luminance).solve(Hints.from_strokes(mask, chroma))[0, :, 0]
    # Next to the step: values 0, 0, 1; population variance 2/9; the equal neighbor has step 0.
    across = np.exp(-1.0 / (0.6 * 2.0 / 9.0))
    # Each flat side carries a unit flow over half - 1 links; the middle link counts 1 / across.
    flow = 1.0 / (2 * (half - 1) + 1.0 / across)
    np.testing.assert_allclose(solved[half - 1], (half - 1) * flow, atol=1e-5)
    np.testing.assert_allclose(solved[half], 1.0 - (half - 1) * flow, atol=1e-5)


def test_correlation_reproduces_affine_chroma() -> None:
    i, j = np.mgrid[0:90, 0:80]
    luminance = (0.3 + 0.002 * i + 0.003 * j).astype(np.float32)
    mask = np.zeros(luminance.shape, bool)
    mask[[0, -1]] = True
    mask[:, [0, -1]] = True
    wanted = np.stack([0.5 * luminance - 0.2, 0.1 - 0.3 * luminance], axis=2)
    system = Propagation(luminance, affinity="correlation")
    solved = system.solve(Hints.from_strokes(mask, wanted), tolerance=TIGHT)
    np.testing.assert_allclose(solved, wanted, atol=2e-5)


def test_islands_and_pixels_outside_the_domain() -> None:
    luminance = photograph("rocket", 80)
    domain = np.ones((80, 80), bool)
    domain[:, 40] = False
    domain[40:42] = False
    mask = np.zeros((80, 80), bool)
    mask[5:8, 5:20] = True
    mask[5:8, 50:60] = True
    hints = Hints.from_strokes(mask, (0.1, 0.2))
    system = Propagation(luminance, domain=domain)
    solved = system.solve(hints)
    assert system.islands == 2
    assert (solved[~domain] == 0).all()
    assert (solved[42:] == 0).all()
    corner = np.broadcast_to([0.1, 0.2], (40, 40, 2))
    np.testing.assert_allclose(solved[:40, :40], corner, atol=DEFAULT_TOLERANCE)
    mask[70, 10] = True
    system.update(hints, solved, Hints.from_strokes(mask, (0.1, 0.2)))
    assert system.islands == 1
    empty = system.solve(Hints.none((80, 80)))
    assert (empty == 0).all()
    assert system.islands == 4


def test_wide_windows_join_islands_across_a_gap() -> None:
    domain = np.ones((40, 40), bool)
    domain[:, 20] = False
    mask = np.zeros((40, 40), bool)
    mask[3, 3] = True
    hints = Hints.from_strokes(mask, (0.2, 0.1))
    luminance = np.full((40, 40), 0.5, np.float32)
    near, wide = (Propagation(luminance, domain=domain, window=w) for w in (3, 5))
    assert (near.solve(hints)[:, 21:] == 0).all()
    np.testing.assert_allclose(wide.solve(hints)[:, 21:, 0], 0.2, atol=1e-5)
    assert (near.islands, wide.islands) == (1, 0)


@pytest.mark.parametrize("change", ["add", "erase", "recolor", "recolor twice", "soften"])
def test_update_agrees_with_solve(change: str) -> None:
    luminance = photograph("coffee", 200)
    before = strokes(luminance.shape, 24)
    mask = np.zeros(luminance.shape, bool)
    mask[60:64, 50:75] = True
    painted = before.combined(Hints.from_strokes(mask, (0.25, -0.2)))
    first, second = (painted, before) if change == "erase" else (before, painted)
    if change.startswith("recolor"):
        first, second = painted, painted.combined(Hints.from_strokes(mask, (-0.1, 0.2)))
    if change == "soften":
        confidence = painted.confidence.copy()
        confidence[mask] = 0.5
        first, second = painted, Hints(painted.chroma, confidence)
    system = Propagation(luminance)
    solved = system.update(first, system.solve(first), second)
    if change == "recolor twice":
        third = second.combined(Hints.from_strokes(mask, (0.3, 0.3)))
        solved, second = system.update(second, solved, third), third
    assert np.abs(solved - exact(luminance, second)).max() < 2 * DEFAULT_TOLERANCE
    assert np.abs(solved - system.solve(second)).max() < 1e-3


@pytest.mark.parametrize("change", ["add", "erase"])
def test_strokes_far_apart_are_patched_in_and_agree_with_the_exact_solution(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    luminance = photograph("coffee", 380)
    before = strokes(luminance.shape, 24)
    mask = np.zeros(luminance.shape, bool)
    mask[20:24, 330:340] = mask[340:346, 30:36] = mask[180:184, 190:200] = True
    painted = before.combined(Hints.from_strokes(mask, (0.25, -0.2)))
    first, second = (painted, before) if change == "erase" else (before, painted)
    system = Propagation(luminance)
    system.prepare()
    solved = system.solve(first)
    monkeypatch.setattr(Hierarchy, "build", None)  # grids made anew
    updated = system.update(first, solved, second)
    assert np.abs(updated - exact(luminance, second)).max() < 2 * DEFAULT_TOLERANCE


def test_a_large_picture_is_told_by_its_coarser_grid_when_it_is_done() -> None:
    """Where to go on, and when to end: strokes agree with the whole solved to rounding."""
    luminance = transform.resize(skimage.data.astronaut()[..., 1] / 255.0, (640, 660))
    luminance = luminance.astype(np.float32)
    before = strokes(luminance.shape, 20, seed=0)
    system = Propagation(luminance)
    solved = system.solve(before)
    for seed in (1, 2, 3):
        after = before.combined(strokes(luminance.shape, 1, seed=seed))
        updated = system.update(before, solved, after)
        tight = Propagation(luminance).solve(after, tolerance=TIGHT)
        assert np.abs(updated - tight).max() < 1e-3
        solved, before = updated, after


def test_windowed_update_leaves_what_is_far_alone() -> None:
    luminance = photograph("astronaut", 256)
    rng = np.random.default_rng(0)
    mask = rng.random(luminance.shape) < 0.01
    before = Hints.from_strokes(mask, rng.uniform(-0.2, 0.2, (256, 256, 2)))
    spot = np.zeros_like(mask)
    spot[20:24, 20:24] = True
    after = before.combined(Hints.from_strokes(spot, (0.3, 0.3)))
    system = Propagation(luminance)
    start = system.solve(before)
    solved = system.update(before, start, after)
    np.testing.assert_array_equal(solved[150:], start[150:])
    assert np.abs(solved - exact(luminance, after)).max() < 2 * DEFAULT_TOLERANCE


def test_influences_of_all_strokes_sum_to_one() -> None:
    luminance = photograph("rocket", 100)
    hints = strokes(luminance.shape, 3)
    left = hints.hard.copy()
    left[:, 50:] = False
    system = Propagation(luminance)
    both = system.influence(hints, left) + system.influence(hints, hints.hard & ~left)
    np.testing.assert_allclose(both, 1.0, atol=2 * DEFAULT_TOLERANCE)


def test_threads_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    luminance = photograph("astronaut", 300)
    hints = strokes(luminance.shape)
    results = []
    for threads in (1, 2, 3, 2):
        monkeypatch.setattr(blocks, "_threads", lambda count=threads: count)
        results.append(Propagation(luminance).solve(hints).tobytes())
    assert len(set(results)) == 1


def test_cancel_stops_at_once() -> None:
    luminance = photograph("coffee", 128)
    calls = []

    def cancel(fraction: float, stage: str) -> None:
        calls.append((fraction, stage))
        if len(calls) == 6:
            raise Cancelled("cancelled")

    system = Propagation(luminance)
    with pytest.raises(Cancelled):
        system.solve(strokes(luminance.shape), progress=cancel)
    assert len(calls) == 6
    assert all(0.0 <= fraction <= 1.0 and stage for fraction, stage in calls)


def test_bad_input_is_one_sentence() -> None:
    luminance = photograph("coffee", 16)
    with pytest.raises(InputError, match="NaN"):
        Propagation(np.full((4, 4), np.nan, np.float32))
    with pytest.raises(InputError, match="at least one pixel"):
        Propagation(np.zeros((0, 4), np.float32))
    with pytest.raises(InputError, match="3 or 5"):
        Propagation(luminance, window=4)
    with pytest.raises(InputError, match="domain"):
        Propagation(luminance, domain=np.ones((3, 3), bool))
    with pytest.raises(InputError, match="16 x 16"):
        Propagation(luminance).solve(Hints.none((4, 4)))
