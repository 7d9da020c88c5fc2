"""Weights of published networks, read without running anything in them, and written as ONNX."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from tinct_train.published.eccv16 import Eccv16
from tinct_train.published.siggraph17 import Siggraph17, Siggraph17Automatic

__all__ = ["NETWORKS", "PUBLISHED", "convert", "load_weights"]

OPSET = 17
SIDE = 256
NETWORKS: dict[str, type[Eccv16 | Siggraph17]] = {
    "eccv16": Eccv16,
    "siggraph17": Siggraph17Automatic,
    "siggraph17-hints": Siggraph17,
}
PUBLISHED = {
    "eccv16": "9b330a0bae53f4ded77b1e23defbf78beaa09c10ebc4c4999e8e4f4a160b93f9",
    "siggraph17": "df00044c0a4d7c3edcecf6f75437ce346a66e7a42612d9b968e1a7e17dbc6f66",
    "siggraph17-hints": "df00044c0a4d7c3edcecf6f75437ce346a66e7a42612d9b968e1a7e17dbc6f66",
}
CHANNELS = {"hint_ab": 2}


def load_weights(name: str, path: Path) -> nn.Module:
    """Return a network with the weights of a file, ready to evaluate.

    Parameters
    ----------
    name : str
        A key of `NETWORKS`.
    path : Path
        The authors' ``.pth``: a state dict. Only tensors are read; anything in it that would run
        is refused.

    Returns
    -------
    nn.Module

    Raises
    ------
    ValueError
        When it is no state dict, or one of another network.
    """
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(
            f"{path.name} is no file of plain weights, and nothing else is read; fetch the "
            "authors' .pth again."
        ) from error
    network = NETWORKS[name]()
    if not isinstance(stored, dict) or not all(
        isinstance(part, Tensor) for part in stored.values()
    ):
        raise ValueError(f"{path.name} holds no weights by name; fetch the authors' .pth.")
    network = NETWORKS[name]()
    try:
        network.load_state_dict(stored)
    except RuntimeError as error:
        raise ValueError(
            f"{path.name} holds the weights of another network than {name}."
        ) from error
    return network.eval()


def convert(name: str, network: nn.Module, target: Path) -> str:
    """Write a network as ONNX, with open height and width, and return the file's sha256.

    Parameters
    ----------
    name : str
        A key of `NETWORKS`.
    network : nn.Module
        Of that class.
    target : Path
        File to write.
    """
    inputs, outputs = list(NETWORKS[name].inputs), list(NETWORKS[name].outputs)
    example = tuple(torch.zeros(1, CHANNELS.get(part, 1), SIDE, SIDE) for part in inputs)
    whole = {2: "height", 3: "width"}
    axes = dict.fromkeys([*inputs, outputs[0]], whole)
    axes |= {name: {2: "quarter_height", 3: "quarter_width"} for name in outputs[1:]}
    torch.onnx.export(
        network,
        example,
        str(target),
        input_names=inputs,
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
        do_constant_folding=False,  # the runtime does it when it opens the file
    )
    model = onnx.load(str(target))
    model.producer_name, model.producer_version = "tinct_train", ""
    onnx.checker.check_model(model, full_check=True)
    target.write_bytes(model.SerializeToString(deterministic=True))
    return hashlib.sha256(target.read_bytes()).hexdigest()
