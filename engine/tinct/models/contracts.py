"""Whether the steps of a manifest make sense together: every input is made, one output is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from tinct.errors import ManifestError
from tinct.models.manifest import Manifest
from tinct.models.vocabulary import Step

__all__ = ["check_steps", "has_steps"]

MAKING = ("take", "fill", "rasterize-hints")
ENDS = {"colorize": ("upsample-guided", "upsample-bilinear"), "filter": ("picture",)}
CHANNELS = {"lab-l": 1, "luma": 1}  # the others have three


def has_steps(manifest: Manifest) -> bool:
    """Say whether a network is run by its steps; tinct's own has a way of its own."""
    return all(step.word != "resize-short-side" for step in manifest.pre)


def check_steps(manifest: Manifest) -> None:
    """Refuse steps that cannot be carried out.

    Raises
    ------
    ManifestError
        With the first that cannot.
    """
    _check_pre(manifest)
    _check_post(manifest)


def _check_pre(manifest: Manifest) -> None:
    made: set[str] = set()
    for step in manifest.pre:
        names = _names(step)
        if step.word in MAKING:
            _check_channels(manifest, step)
            made.update(names)
        elif any(name not in made for name in names):
            _fail(manifest, f"{step.word} comes before what makes '{names[0]}'")
        if step.word == "resize-tensor":
            tensor = manifest.tensor(names[0])
            if tensor is None or not all(isinstance(axis, int) for axis in tensor.shape[2:]):
                _fail(manifest, f"resize-tensor needs '{names[0]}' to have fixed sides")
    for tensor in manifest.inputs:
        if len(tensor.shape) != 4 or not isinstance(tensor.shape[1], int):
            _fail(manifest, f"'{tensor.name}' must have four axes, the second one fixed")
        if tensor.name not in made:
            _fail(manifest, f"no step makes the input '{tensor.name}'")


def _check_channels(manifest: Manifest, step: Step) -> None:
    counts: tuple[int, ...] = (2, 1) if step.word == "rasterize-hints" else ()
    if step.word == "take":
        counts = (CHANNELS.get(step.options["channels"], 3),)
    names = _names(step)
    if counts and len(names) != len(counts):
        _fail(manifest, f"{step.word} takes {len(counts)} tensors")
    for name, count in zip(names, counts, strict=False):
        tensor = manifest.tensor(name)
        if tensor is None or len(tensor.shape) < 2 or tensor.shape[1] != count:
            _fail(manifest, f"{step.word} gives {count} channels, and '{name}' has others")


def _check_post(manifest: Manifest) -> None:
    ends = [step for step in manifest.post if step.word in ENDS[manifest.task]]
    if len(ends) != 1:
        _fail(manifest, f"there must be one of {' and '.join(ENDS[manifest.task])} after it")
    outputs = {tensor.name: tensor for tensor in manifest.outputs}
    (name,) = _names(ends[0])
    wanted = 3 if manifest.task == "filter" else 2
    if any(step.word == "chroma-of-rgb" for step in manifest.post):
        wanted = 3
    if name not in outputs or len(outputs[name].shape) != 4 or outputs[name].shape[1] != wanted:
        _fail(manifest, f"'{name}' must be an output of four axes with {wanted} channels")
    if any(other != name for step in manifest.post for other in _names(step)):
        _fail(manifest, f"all steps after the network must name '{name}'")


def _names(step: Step) -> list[str]:
    named: Iterable[str] = step.options.get("tensors", ())
    single = step.options.get("tensor")
    return [*named, *([str(single)] if single is not None else [])]


def _fail(manifest: Manifest, what: str) -> NoReturn:
    raise ManifestError(f"In the manifest {manifest.path.name}, {what}; mend its steps.")
