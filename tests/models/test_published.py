"""Published architectures: their authors' names of weights, and ONNX that computes the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from tinct.models.adding import add_file  # noqa: E402
from tinct.models.pipeline import predict_by_steps  # noqa: E402
from tinct.models.runtime import load  # noqa: E402
from tinct_train.published import NETWORKS, convert, load_weights  # noqa: E402

DEPTHS = {"model1": 2, "model2": 2} | {f"model{k}": 3 for k in range(3, 8)}


def names_of(name: str) -> set[str]:
    """Return the names of weights in the authors' files, counted from the papers' tables."""
    names = set()
    for part, depth in DEPTHS.items():
        names |= {f"{part}.{2 * k}.{kind}" for k in range(depth) for kind in ("weight", "bias")}
        names |= normalization(f"{part}.{2 * depth}")
    if name == "eccv16":
        names |= {f"model8.{k}.{kind}" for k in (0, 2, 4, 6) for kind in ("weight", "bias")}
        return names | {"model_out.weight"}
    single = ["model8up", "model9up", "model10up", "model3short8", "model2short9", "model1short10"]
    places = [f"{part}.0" for part in [*single, "model_class", "model_out"]]
    places += ["model8.1", "model8.3", "model9.1", "model10.1"]
    names |= {f"{place}.{kind}" for place in places for kind in ("weight", "bias")}
    return names | normalization("model8.5") | normalization("model9.3")


def normalization(place: str) -> set[str]:
    kinds = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    return {f"{place}.{kind}" for kind in kinds}


def randomized(name: str) -> Any:
    """Return a network whose every part matters: ReLU passes about half of what comes."""
    torch.manual_seed(0)
    network = NETWORKS[name]().eval()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
    if name == "eccv16":  # a distribution with peaks, over bins far apart
        network.model8[6].weight.data *= 4
        torch.nn.init.uniform_(network.model_out.weight, -1, 1)
    return network


@pytest.mark.parametrize(("name", "millions"), [("eccv16", 32.2), ("siggraph17", 34.2)])
def test_weights_have_the_names_and_number_of_the_published_ones(
    name: str, millions: float
) -> None:
    with torch.device("meta"):
        network = NETWORKS[name]()
    assert set(network.state_dict()) == names_of(name)
    count = sum(part.numel() for part in network.parameters())
    assert count / 1e6 == pytest.approx(millions, abs=0.06)


# torch warns of its own export by traces, whose successor needs one more package
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", NETWORKS)
def test_weights_go_through_a_file_into_onnx_unchanged(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    monkeypatch.setenv("TINCT_MODELS", str(tmp_path / "models"))
    torch.save(randomized(name).state_dict(), tmp_path / "net.pth")
    network = load_weights(name, tmp_path / "net.pth")
    convert(name, network, tmp_path / "net.onnx")
    inputs = {"luminance": torch.rand(1, 1, 64, 48) * 100}
    inputs["hint_ab"] = torch.rand(1, 2, 64, 48) * 80 - 40
    inputs["hint_mask"] = (torch.rand(1, 1, 64, 48) < 0.1).float()
    given = list(inputs.values())[: len(network.inputs)]
    with torch.no_grad():
        expected = network(*given)
    session = onnxruntime.InferenceSession(
        tmp_path / "net.onnx", providers=["CPUExecutionProvider"]
    )
    found = session.run(None, {n: v.numpy() for n, v in zip(network.inputs, given, strict=True)})
    expected = expected if isinstance(expected, tuple) else (expected,)
    for ours, theirs in zip(found, expected, strict=True):
        assert theirs.std() > 0.5
        difference = float(np.abs(ours - theirs.numpy()).max())
        print(f"{name}: {difference:.1e} of {float(theirs.abs().max()):.3g}")
        assert difference <= 1e-4 * max(1.0, float(theirs.abs().max()))
    _check_by_manifest(name, network, tmp_path / "net.onnx")


def _check_by_manifest(name: str, network: Any, file: Path) -> None:
    """Hold that the manifest feeds the converted file as torch would be fed."""
    from skimage.color import rgb2lab

    add_file(file, like=name)
    rgb = np.random.default_rng(0).uniform(0, 1, (256, 256, 3)).astype(np.float32)
    image = np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2)
    found = predict_by_steps(load(name), image, np.ones((256, 256), bool)).chroma
    lightness = torch.from_numpy(rgb2lab(rgb)[..., 0].astype(np.float32))[None, None]
    nothing = [torch.zeros(1, 2, 256, 256), torch.zeros(1, 1, 256, 256)]
    with torch.no_grad():
        expected = network(lightness, *nothing[: len(network.inputs) - 1])
    expected = expected[0] if isinstance(expected, tuple) else expected
    assert np.abs(found - expected[0].permute(1, 2, 0).numpy()).max() < 0.01


def test_eccv16_gives_the_mean_of_the_bins_for_an_even_distribution() -> None:
    network = NETWORKS["eccv16"]().eval()
    centers = torch.randint(-11, 11, (2, 313, 1, 1)).float() * 10
    with torch.no_grad():
        network.model8[6].weight.zero_()
        network.model8[6].bias.zero_()
        network.model_out.weight.copy_(centers / 110)
        chroma, logits = network(torch.rand(1, 1, 32, 32) * 100)
    assert not logits.any()
    mean = centers.mean(dim=1, keepdim=True).reshape(1, 2, 1, 1).expand_as(chroma)
    assert torch.allclose(chroma, mean, atol=1e-3)


class Evil:
    """Pickled, it would run a command."""

    def __reduce__(self) -> Any:
        return os.system, ("touch ran",)


def test_nothing_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"model1.0.weight": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(ValueError, match="no file of plain weights"):
        load_weights("eccv16", tmp_path / "evil.pth")
    assert [path.name for path in tmp_path.iterdir()] == ["evil.pth"]


def test_other_files_are_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    path.write_bytes(b"<html>not here</html>")
    with pytest.raises(ValueError, match=r"net\.pth is no file of plain weights"):
        load_weights("eccv16", path)
    torch.save({"weights": [1, 2]}, path)
    with pytest.raises(ValueError, match="holds no weights by name"):
        load_weights("eccv16", path)
    torch.save({"model1.0.weight": torch.zeros(3)}, path)
    with pytest.raises(ValueError, match="another network than siggraph17"):
        load_weights("siggraph17", path)


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    models = Path(__file__).parents[2] / "models"
    done = subprocess.run(
        [sys.executable, "-m", "tinct_train.published", "eccv16", "gone.pth", "net.onnx"],
        env=os.environ | {"PYTHONPATH": str(models)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "gone.pth" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
