"""Export of a trained network to ONNX: half or 8-bit weights, float32 arithmetic."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor, nn

from tinct_train.losses import ColorCoding
from tinct_train.nets import ColorNet, build

__all__ = ["Decoding", "ExportedNet", "export", "load_weights", "store_half"]

OPSET = 17
INPUTS = ["luminance", "hint_ab", "hint_mask", "histogram", "mean_chroma", "given", "temperature"]
OUTPUTS = ["chroma", "spread", "confidence", "logits"]
_SMALL = 256


@dataclass(frozen=True)
class Decoding:
    """How the distribution is read, chosen on held-out pictures.

    Attributes
    ----------
    unbalance : float
        How much of the training's class rebalancing is taken out of the color, 0 to 1. It is
        taken out wholly for the spread.
    spread_temperature : float
        Temperature at which the spread agrees with the errors found.
    spread_scale : float
        Factor to the spread for the same end.
    trusted_spread : float
        Spread in Lab units at which the confidence is one half.
    """

    unbalance: float = 0.5
    spread_temperature: float = 1.0
    spread_scale: float = 1.0
    trusted_spread: float = 12.0


class ExportedNet(nn.Module):
    """The network between plain Lab tensors: what the ONNX file computes."""

    bins: Tensor
    log_weights: Tensor

    def __init__(self, network: ColorNet, bin_weights: Tensor, decoding: Decoding) -> None:
        super().__init__()
        self.network = network
        self.decoding = decoding
        self.register_buffer("bins", ColorCoding().bins.T.reshape(2, -1, 1, 1).contiguous())
        self.register_buffer("log_weights", bin_weights.log().reshape(1, -1, 1, 1))

    def forward(
        self,
        luminance: Tensor,
        hint_ab: Tensor,
        hint_mask: Tensor,
        histogram: Tensor,
        mean_chroma: Tensor,
        given: Tensor,
        temperature: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Predict color from luminance and hints.

        Parameters
        ----------
        luminance : (N, 1, H, W) Tensor
            L, 0 to 100; H and W are multiples of 16.
        hint_ab : (N, 2, H, W) Tensor
            Chroma of the local hints, Lab units; ignored where the mask is zero.
        hint_mask : (N, 1, H, W) Tensor
            One at hinted pixels, else zero.
        histogram : (N, Q) Tensor
            Share of the picture in each ab bin, sum one; ignored if not given.
        mean_chroma : (N, 1) Tensor
            Mean chroma of the picture in Lab units; ignored if not given.
        given : (N, 2) Tensor
            One where the histogram, and the mean chroma, is given, else zero.
        temperature : (1,) Tensor
            Temperature of the annealed mean.

        Returns
        -------
        chroma : (N, 2, H / 4, W / 4) Tensor
            Annealed mean, Lab units.
        spread : (N, 1, H / 4, W / 4) Tensor
            Expected distance between that chroma and the truth, Lab units.
        confidence : (N, 1, H / 4, W / 4) Tensor
            0 to 1, falling with the spread.
        logits : (N, Q, H / 4, W / 4) Tensor
            Unnormalized log share of each ab bin, at temperature 1.
        """
        image = torch.cat([(luminance - 50) / 100, hint_ab * hint_mask / 110, hint_mask], dim=1)
        told = torch.cat([histogram * given[:, :1], mean_chroma / 100 * given[:, 1:], given], dim=1)
        raw = self.network(image, told)[0]
        logits = raw - self.decoding.unbalance * self.log_weights
        share = torch.softmax(logits / temperature.clamp_min(0.02).reshape(1, 1, 1, 1), dim=1)
        chroma = F.conv2d(share, self.bins)
        honest = (raw - self.log_weights) / self.decoding.spread_temperature
        likely = torch.softmax(honest, dim=1)
        square = self.bins.square().sum(0, keepdim=True)
        moments = F.conv2d(likely, torch.cat([self.bins, square]))
        # E|c - chroma|^2 = E|c|^2 - 2 chroma . E c + |chroma|^2
        cross = (chroma * (chroma - 2 * moments[:, :2])).sum(1, keepdim=True)
        spread = (moments[:, 2:] + cross).clamp_min(0).sqrt() * self.decoding.spread_scale
        trusted = self.decoding.trusted_spread
        confidence = 1 / (1 + (spread / trusted).square())
        return chroma, spread, confidence, logits


def load_weights(path: Path) -> tuple[ColorNet, Tensor]:
    """Return the averaged network, ready to evaluate, and its bin weights."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    bin_weights = stored["bin_weights"].float()
    network = build(stored["design"], len(bin_weights))
    network.load_state_dict(
        {k: v.float() if v.is_floating_point() else v for k, v in stored["average"].items()}
    )
    return network.eval(), bin_weights


def export(weights: Path, target: Path, decoding: Decoding) -> str:
    """Write the ONNX file and return its sha256.

    Parameters
    ----------
    weights : Path
        ``weights.pt`` of a run.
    target : Path
        File to write.
    decoding : Decoding
        How the distribution is read.

    Returns
    -------
    str
        sha256 of the file.
    """
    network, bin_weights = load_weights(weights)
    _trace(ExportedNet(network, bin_weights, decoding).eval(), len(bin_weights), target)
    model = onnx.load(str(target))
    store_half(model)
    model.producer_name, model.producer_version = "tinct_train", ""
    del model.graph.metadata_props[:]
    onnx.checker.check_model(model, full_check=True)
    target.write_bytes(model.SerializeToString(deterministic=True))
    return hashlib.sha256(target.read_bytes()).hexdigest()


def _trace(wrapped: ExportedNet, bins: int, target: Path) -> None:
    example = (
        torch.rand(1, 1, 64, 96) * 100,
        torch.zeros(1, 2, 64, 96),
        torch.zeros(1, 1, 64, 96),
        torch.zeros(1, bins),
        torch.zeros(1, 1),
        torch.zeros(1, 2),
        torch.ones(1),
    )
    whole = {0: "batch", 2: "height", 3: "width"}
    quarter = {0: "batch", 2: "quarter_height", 3: "quarter_width"}
    axes = dict.fromkeys(INPUTS[:3], whole) | {name: {0: "batch"} for name in INPUTS[3:6]}
    axes |= dict.fromkeys(OUTPUTS, quarter)
    torch.onnx.export(
        wrapped,
        example,
        str(target),
        input_names=INPUTS,
        output_names=OUTPUTS,
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
        do_constant_folding=True,
    )


def store_half(model: onnx.ModelProto) -> None:
    """Store the large weights of `model` in half precision, cast to float32 at load.

    The runtime folds the casts when it opens the file, so the arithmetic stays float32 and no
    slower; only the file is half as large.
    """
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + "_half"))
        casts.append(
            onnx.helper.make_node("Cast", [name + "_half"], [name], to=onnx.TensorProto.FLOAT)
        )
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="weights.pt of a run")
    parser.add_argument("target", type=Path, help="ONNX file to write")
    defaults = Decoding()
    for name in ("unbalance", "spread_temperature", "spread_scale", "trusted_spread"):
        parser.add_argument(
            "--" + name.replace("_", "-"), type=float, default=getattr(defaults, name)
        )
    given = vars(parser.parse_args())
    weights, target = given.pop("weights"), given.pop("target")
    digest = export(weights, target, Decoding(**given))
    print(f"{target}: {target.stat().st_size} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()
