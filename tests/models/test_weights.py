"""The shipped network, through onnxruntime alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
import tomllib
from skimage import data
from skimage.color import rgb2lab
from skimage.transform import resize

from tinct_train.bins import ab_bins

MODELS = Path(__file__).parents[2] / "models"
SIZE_LIMIT = 12_000_000

Feeds = dict[str, npt.NDArray[np.float32]]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return tomllib.loads((MODELS / "manifests" / "tinct.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    path = MODELS / "weights" / "tinct.onnx"
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def feeds(luminance: npt.NDArray[np.float32], temperature: float = 0.7) -> Feeds:
    height, width = luminance.shape
    return {
        "luminance": luminance[None, None],
        "hint_ab": np.zeros((1, 2, height, width), np.float32),
        "hint_mask": np.zeros((1, 1, height, width), np.float32),
        "histogram": np.zeros((1, len(ab_bins())), np.float32),
        "mean_chroma": np.zeros((1, 1), np.float32),
        "given": np.zeros((1, 2), np.float32),
        "temperature": np.array([temperature], np.float32),
    }


def photograph(name: str, shape: tuple[int, int] = (192, 192)) -> npt.NDArray[np.float32]:
    picture = resize(getattr(data, name)(), (*shape, 3), anti_aliasing=True)
    return rgb2lab(picture).astype(np.float32)


def add_hint(inputs: Feeds, row: int, column: int, color: tuple[float, float]) -> None:
    patch = np.s_[0, :, row - 3 : row + 4, column - 3 : column + 4]
    inputs["hint_ab"][patch] = np.array(color, np.float32)[:, None, None]
    inputs["hint_mask"][patch] = 1


def test_manifest_names_the_file_as_it_is(manifest: dict[str, Any]) -> None:
    content = (MODELS / "weights" / manifest["file"]).read_bytes()
    assert manifest["bytes"] == len(content)
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert (MODELS / "cards" / manifest["card"]).is_file()


def test_all_weights_together_are_small() -> None:
    assert sum(p.stat().st_size for p in (MODELS / "weights").iterdir()) <= SIZE_LIMIT


def test_manifest_names_the_tensors_as_they_are(
    manifest: dict[str, Any], session: onnxruntime.InferenceSession
) -> None:
    for kind, found in (("inputs", session.get_inputs()), ("outputs", session.get_outputs())):
        told = [(t["name"], t["shape"]) for t in manifest[kind]]
        assert told == [(t.name, t.shape) for t in found]


def test_manifest_has_the_bins_of_the_network(manifest: dict[str, Any]) -> None:
    assert manifest["distribution"]["centers"] == ab_bins().astype(int).tolist()


@pytest.mark.parametrize("shape", [(16, 16), (64, 112), (192, 288)])
def test_outputs_are_finite_and_a_quarter_of_the_size(
    session: onnxruntime.InferenceSession, shape: tuple[int, int]
) -> None:
    noise = np.random.default_rng(0).uniform(0, 100, shape).astype(np.float32)
    chroma, spread, confidence, logits = session.run(None, feeds(noise))
    quarter = (shape[0] // 4, shape[1] // 4)
    assert chroma.shape == (1, 2, *quarter)
    assert spread.shape == confidence.shape == (1, 1, *quarter)
    assert logits.shape == (1, len(ab_bins()), *quarter)
    assert all(np.isfinite(part).all() for part in (chroma, spread, confidence, logits))
    assert np.abs(chroma).max() <= 110
    assert confidence.min() >= 0
    assert confidence.max() <= 1


def test_same_input_gives_the_same_bytes(session: onnxruntime.InferenceSession) -> None:
    inputs = feeds(photograph("astronaut")[..., 0])
    first, second = (session.run(["chroma"], inputs)[0] for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_chroma_is_the_annealed_mean_of_the_distribution(
    session: onnxruntime.InferenceSession,
) -> None:
    inputs = feeds(photograph("coffee")[..., 0], temperature=0.4)
    chroma, logits = session.run(["chroma", "logits"], inputs)
    scaled = logits[0].astype(np.float64) / 0.4
    share = np.exp(scaled - scaled.max(axis=0))
    share /= share.sum(axis=0)
    expected = np.einsum("qhw,qc->chw", share, ab_bins())
    assert np.abs(chroma[0] - expected).max() < 0.01


def test_low_temperature_approaches_the_likeliest_bin(
    session: onnxruntime.InferenceSession,
) -> None:
    luminance = photograph("coffee")[..., 0]
    logits = session.run(["logits"], feeds(luminance))[0][0]
    mode = ab_bins()[logits.argmax(axis=0)].transpose(2, 0, 1)
    distances = []
    for temperature in (1.0, 0.5, 0.1, 0.02):
        chroma = session.run(["chroma"], feeds(luminance, temperature))[0][0]
        distances.append(float(np.linalg.norm(chroma - mode, axis=0).mean()))
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 2


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
@pytest.mark.parametrize("color", [(50.0, 30.0), (-30.0, 30.0), (5.0, -40.0)])
def test_hint_is_followed_where_it_lies(
    session: onnxruntime.InferenceSession, name: str, color: tuple[float, float]
) -> None:
    inputs = feeds(photograph(name)[..., 0])
    add_hint(inputs, 100, 90, color)
    chroma, confidence = session.run(["chroma", "confidence"], inputs)
    assert np.linalg.norm(chroma[0, :, 25, 22] - color) < 15
    assert confidence[0, 0, 25, 22] > np.median(confidence)


@pytest.mark.parametrize("color", [(50.0, 30.0), (-30.0, 30.0), (5.0, -40.0)])
def test_one_hint_moves_the_whole_object(
    session: onnxruntime.InferenceSession, color: tuple[float, float]
) -> None:
    rows, columns = np.mgrid[:192, :192]
    disk = (rows - 96) ** 2 + (columns - 80) ** 2 < 45**2
    noise = np.random.default_rng(0).normal(0, 1.5, disk.shape)
    inputs = feeds((np.where(disk, 65, 30) + noise).astype(np.float32))
    before = session.run(["chroma"], inputs)[0][0]
    add_hint(inputs, 96, 80, color)
    after = session.run(["chroma"], inputs)[0][0]
    inside = disk[2::4, 2::4]
    moved = np.linalg.norm(after - before, axis=0)[inside] > 10
    near = np.linalg.norm(after - np.array(color)[:, None, None], axis=0)[inside] < 25
    assert moved.mean() >= 0.6
    assert near.mean() >= 0.6


def test_mask_of_zero_hides_the_hint_color(session: onnxruntime.InferenceSession) -> None:
    luminance = photograph("chelsea")[..., 0]
    plain, colored = feeds(luminance), feeds(luminance)
    colored["hint_ab"] += 60
    first = session.run(["chroma"], plain)[0]
    assert np.array_equal(first, session.run(["chroma"], colored)[0])


def test_full_reveal_returns_the_color(session: onnxruntime.InferenceSession) -> None:
    lab = photograph("astronaut")
    inputs = feeds(lab[..., 0], temperature=1.0)
    inputs["hint_ab"] = np.ascontiguousarray(lab[..., 1:].transpose(2, 0, 1)[None])
    inputs["hint_mask"][:] = 1
    chroma = session.run(["chroma"], inputs)[0][0]
    quarter = lab[..., 1:].reshape(48, 4, 48, 4, 2).mean(axis=(1, 3)).transpose(2, 0, 1)
    assert np.abs(chroma - quarter).mean() < 5


def test_more_hints_bring_the_color_nearer(session: onnxruntime.InferenceSession) -> None:
    errors = []
    for count in (0, 5, 20, 80):
        total = 0.0
        for name in ("astronaut", "coffee", "chelsea", "rocket"):
            lab = photograph(name)
            inputs = feeds(lab[..., 0])
            generator = np.random.default_rng(1)
            for row, column in generator.integers(4, 188, (count, 2)):
                mean = lab[row - 3 : row + 4, column - 3 : column + 4, 1:].mean(axis=(0, 1))
                add_hint(inputs, int(row), int(column), (float(mean[0]), float(mean[1])))
            chroma = session.run(["chroma"], inputs)[0][0]
            quarter = lab[..., 1:].reshape(48, 4, 48, 4, 2).mean(axis=(1, 3)).transpose(2, 0, 1)
            total += float(np.linalg.norm(chroma - quarter, axis=0).mean())
        errors.append(total)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 2


@pytest.mark.parametrize("color", [(60.0, 50.0), (0.0, -50.0), (-40.0, 40.0)])
def test_histogram_sets_the_mood(
    session: onnxruntime.InferenceSession, color: tuple[float, float]
) -> None:
    inputs = feeds(photograph("astronaut")[..., 0])
    before = session.run(["chroma"], inputs)[0][0].mean(axis=(1, 2))
    share = np.exp(-((ab_bins() - color) ** 2).sum(axis=1) / 200)
    inputs["histogram"][0] = share / share.sum()
    inputs["given"][0, 0] = 1
    after = session.run(["chroma"], inputs)[0][0].mean(axis=(1, 2))
    assert np.linalg.norm(after - color) < 0.75 * np.linalg.norm(before - color)


def test_mean_chroma_rises_with_the_one_asked_for(
    session: onnxruntime.InferenceSession,
) -> None:
    inputs = feeds(photograph("astronaut")[..., 0])
    inputs["given"][0, 1] = 1
    found = []
    for wanted in (2.0, 15.0, 30.0, 45.0):
        inputs["mean_chroma"][:] = wanted
        found.append(float(np.linalg.norm(session.run(["chroma"], inputs)[0][0], axis=0).mean()))
    assert found == sorted(found)
    assert found[0] < 8
    assert found[-1] > 20


def test_spread_tells_where_the_color_is_wrong(session: onnxruntime.InferenceSession) -> None:
    errors, spreads = [], []
    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        lab = photograph(name)
        chroma, spread = session.run(["chroma", "spread"], feeds(lab[..., 0]))
        quarter = lab[..., 1:].reshape(48, 4, 48, 4, 2).mean(axis=(1, 3)).transpose(2, 0, 1)
        errors.append(np.linalg.norm(chroma[0] - quarter, axis=0).ravel())
        spreads.append(spread.ravel())
    error, spread_all = np.concatenate(errors), np.concatenate(spreads)
    trusted = spread_all < np.median(spread_all)
    assert error[trusted].mean() < 0.8 * error[~trusted].mean()
