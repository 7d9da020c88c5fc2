"""Training parts that need torch: color, coding, hints, network, a whole short run, export."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

torch = pytest.importorskip("torch")

from tinct_train import augment, color, hints, losses, nets, scores, train  # noqa: E402
from tinct_train.data import load_sets  # noqa: E402
from tinct_train.pool import Pool  # noqa: E402


@pytest.fixture
def lab() -> torch.Tensor:
    pictures = [data.astronaut()[:256, 100:356], data.coffee()[50:306, 150:406]]
    rgb = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    small: torch.Tensor = torch.nn.functional.avg_pool2d(rgb, 2)
    return color.rgb_to_lab(small)


def test_lab_agrees_with_scikit_image_and_returns() -> None:
    rgb = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(0))
    found = color.rgb_to_lab(rgb)
    expected = rgb2lab(rgb[0].permute(1, 2, 0).numpy())
    assert np.abs(found[0].permute(1, 2, 0).numpy() - expected).max() < 1e-3
    assert (color.lab_to_rgb(found) - rgb).abs().max() < 1e-4


def test_red_is_the_golden_pixel() -> None:
    red = color.rgb_to_lab(torch.tensor([1.0, 0, 0]).reshape(1, 3, 1, 1)).flatten()
    assert torch.allclose(red, torch.tensor([53.24, 80.09, 67.20]), atol=0.02)


def test_soft_encoding_at_a_center_has_the_closed_form() -> None:
    coding = losses.ColorCoding()
    indices, shares = coding.encode(torch.full((1, 2, 1, 1), 20.0))
    assert coding.bins[indices[0, 0, 0, 0]].tolist() == [20, 20]
    expected = torch.tensor([0.6488, 0.0878, 0.0878, 0.0878, 0.0878])
    assert torch.allclose(shares[0, :, 0, 0], expected, atol=1e-4)


def test_loss_is_least_for_the_encoded_truth() -> None:
    coding = losses.ColorCoding()
    ab = torch.empty(1, 2, 4, 4).uniform_(-30, 30)
    indices, shares = coding.encode(ab)
    truth = torch.zeros(1, len(coding.bins), 4, 4).scatter_(1, indices, shares)
    even = torch.ones(len(coding.bins))
    least = coding.loss((truth + 1e-9).log(), ab, even)
    entropy = -(shares * shares.log()).sum(1).mean()
    assert least == pytest.approx(float(entropy), abs=1e-3)
    assert coding.loss(torch.zeros_like(truth), ab, even) > least + 1


def test_rebalancing_lifts_rare_colors_and_has_mean_one() -> None:
    prior = torch.tensor([0.7, 0.25, 0.05, 0.0])
    weights = losses.rebalancing_weights(prior, blend=0.5, strength=1.0)
    assert float((weights * prior).sum()) == pytest.approx(1)
    assert weights.tolist() == sorted(weights.tolist())
    mixed = 0.5 * prior[:3] + 0.5 / 3
    assert torch.allclose(weights[0] / weights[2], mixed[2] / mixed[0])
    flat = losses.rebalancing_weights(prior, blend=0.5, strength=0.0)
    assert torch.allclose(flat, torch.ones(4))


def test_two_bins_anneal_as_in_the_paper() -> None:
    logits = torch.tensor([0.6, 0.4]).log().reshape(1, 2, 1, 1)
    mean = losses.annealed_mean(logits, torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 0.38)
    assert torch.allclose(mean.flatten(), torch.tensor([0.7440, 0.2560]), atol=1e-3)


def test_patches_carry_the_mean_below_them(lab: torch.Tensor) -> None:
    center = torch.tensor([[[40, 50], [90, 20]], [[3, 3], [60, 127]]])
    patch = torch.tensor([[7, 9], [5, 1]])
    used = torch.tensor([[True, True], [True, False]])
    found = hints.paint_patches(lab[:, 1:], center, patch, used)
    assert found.mask.sum(dim=(1, 2, 3)).tolist() == [49 + 81, 25]
    mean = lab[0, 1:, 37:44, 47:54].mean(dim=(1, 2))
    assert torch.allclose(found.ab[0, :, 40, 50], mean, atol=1e-3)
    assert not found.ab[(found.mask == 0).expand(-1, 2, -1, -1)].any()


def test_simulated_hints_keep_to_the_chosen_pictures(lab: torch.Tensor) -> None:
    torch.manual_seed(0)
    many = lab.repeat(32, 1, 1, 1)
    local = torch.arange(64) % 2 == 0
    nowhere = torch.zeros(64, 2, dtype=torch.int64)
    never = torch.zeros(64, dtype=torch.bool)
    found = hints.simulate_hints(many[:, 1:], hints.HintSettings(), local, nowhere, never)
    hinted = found.mask.flatten(1).sum(1)
    assert (hinted[local] > 0).all()
    assert not hinted[~local].any()
    assert set(found.mask.unique().tolist()) == {0.0, 1.0}


def test_recolored_region_holds_its_seed_and_leaves_others_alone(lab: torch.Tensor) -> None:
    torch.manual_seed(1)
    ab, seed = hints.recolor_regions(lab, torch.tensor([True, False]))
    assert torch.equal(ab[1], lab[1, 1:].clamp(-105, 105))
    changed = (ab[0] - lab[0, 1:]).norm(dim=0) > 1
    assert changed[seed[0, 0], seed[0, 1]]
    assert 0 < changed.float().mean() < 0.9


def test_aged_luminance_stays_in_range(lab: torch.Tensor) -> None:
    torch.manual_seed(0)
    aged = augment.age_luminance(lab[:, :1].repeat(16, 1, 1, 1))
    assert aged.min() >= 0
    assert aged.max() <= 100
    assert (aged - lab[:, :1].repeat(16, 1, 1, 1)).abs().mean() > 0.5


def test_center_crop_of_a_square_is_the_picture() -> None:
    pixels = torch.from_numpy(data.astronaut()[:64, :64].copy())[None]
    crop = augment.center_crops(pixels, torch.tensor([[64, 64]]), 64)
    assert (crop[0].permute(1, 2, 0) * 255 - pixels[0]).abs().max() < 0.01


@pytest.mark.parametrize("design", sorted(nets.DESIGNS))
def test_every_design_takes_any_multiple_of_sixteen(design: str) -> None:
    network = nets.build(design, 260).eval()
    with torch.no_grad():
        logits, labels = network(torch.zeros(1, 4, 48, 80), torch.zeros(1, 263))
    assert logits.shape == (1, 260, 12, 20)
    assert labels is None


def test_an_unknown_design_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of"):
        nets.build("huge", 260)


def test_correlation_is_pearsons() -> None:
    x, y = torch.rand(2, 50), torch.rand(2, 50)
    expected = np.corrcoef(x.flatten(), y.flatten())[0, 1]
    assert scores.correlation(x, y) == pytest.approx(expected, abs=1e-6)
    assert scores.correlation(x, -3 * x + 1) == pytest.approx(-1)


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    path = tmp_path / "photos.zip"
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as target:
        for i in range(60):
            source = (data.astronaut(), data.coffee(), data.chelsea())[i % 3]
            top, left = generator.integers(0, 150, 2)
            buffer = io.BytesIO()
            Image.fromarray(source[top : top + 128, left : left + 128]).save(buffer, "PNG")
            target.writestr(f"class{i % 3}/{i}.png", buffer.getvalue())
    return Pool(load_sets([path], short_side=64, workers=1), torch.device("cpu"))


def test_a_run_learns_logs_resumes_and_draws(pool: Pool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    settings = train.Settings(
        design="depthwise", steps=12, batch=32, sides=(32,), epoch_steps=6, label_weight=0.1
    )
    watched = {train.HELD_OUT: ([pool.held_out_lab(2, 32)], 3)}
    first = train.Trainer(settings, pool, tmp_path / "run")
    start = first.train_epoch()
    first.save()
    second = train.Trainer(settings, pool, tmp_path / "run")
    assert second.resume()
    assert second.step == 6
    for mine, other in zip(second.average.parameters(), first.average.parameters(), strict=True):
        assert torch.equal(mine, other)
    train.train(second, watched)
    assert second.step == 12
    lines = (tmp_path / "run" / "curve.csv").read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("12,")
    assert float(lines[1].split(",")[lines[0].split(",").index("loss")]) < start
    with Image.open(tmp_path / "run" / "sheet-held-out.png") as sheet:
        assert sheet.width > 6 * 32
    assert (tmp_path / "run" / "best.pt").is_file()


# torch warns of its own export by traces, whose successor needs one more package
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_export_matches_torch(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    import onnxruntime

    from tinct_train.export import Decoding, ExportedNet, export, load_weights

    torch.manual_seed(0)
    network = nets.build("depthwise", 260)
    state = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    about = {"design": "depthwise", "bin_weights": torch.rand(260) + 0.5}
    torch.save({**about, "average": state}, tmp_path / "weights.pt")
    decoding = Decoding(unbalance=0.3, spread_temperature=1.2, spread_scale=0.9)
    export(tmp_path / "weights.pt", tmp_path / "net.onnx", decoding)
    assert (tmp_path / "net.onnx").stat().st_size < 2.3 * sum(v.numel() for v in state.values())
    inputs = {
        "luminance": torch.rand(1, 1, 64, 48) * 100,
        "hint_ab": torch.rand(1, 2, 64, 48) * 80 - 40,
        "hint_mask": (torch.rand(1, 1, 64, 48) < 0.1).float(),
        "histogram": torch.softmax(torch.rand(1, 260), 1),
        "mean_chroma": torch.tensor([[20.0]]),
        "given": torch.ones(1, 2),
        "temperature": torch.tensor([0.6]),
    }
    wrapped = ExportedNet(*load_weights(tmp_path / "weights.pt"), decoding).eval()
    with torch.no_grad():
        expected = wrapped(*inputs.values())
    session = onnxruntime.InferenceSession(
        tmp_path / "net.onnx", providers=["CPUExecutionProvider"]
    )
    found = session.run(None, {k: v.numpy() for k, v in inputs.items()})
    # The bin weights and centers pass through half precision in the file, hence not 1e-5.
    for ours, theirs in zip(found, expected, strict=True):
        scale = float(theirs.abs().max())
        assert np.abs(ours - theirs.numpy()).max() < 2e-3 * scale


def test_settings_round_trip_through_their_fields() -> None:
    settings = train.Settings(sides=(64, 96))
    assert train.Settings(**vars(settings)) == settings
    assert {f.name for f in dataclasses.fields(settings)} >= {"design", "hints"}
