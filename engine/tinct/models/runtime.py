"""Runs networks: one layer over onnxruntime, loaded at its first use."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.context import Context
from tinct.errors import Cancelled, ModelMissingError, NetworkError
from tinct.models.freesize import free_size
from tinct.models.manifest import Manifest, Tensor, find_manifest, weights_path
from tinct.models.onnxfile import FILE_BYTES_MAXIMUM, inspect_bytes

__all__ = ["Network", "file_sha256", "load", "load_network", "providers"]

Array = NDArray[Any]
Tensors = Mapping[str, Array]

# Fastest first; what is not in the installed onnxruntime is left out.
ACCELERATORS = ("CUDAExecutionProvider", "DmlExecutionProvider", "CoreMLExecutionProvider")
CPU = "CPUExecutionProvider"
DEVICE_SETTING = "TINCT_DEVICE"
THREADS_MAXIMUM = 8  # more of them wait for each other in networks of this size
KEPT = 3
CHUNK_BYTES = 1 << 20
ERRORS_ONLY = 3
TYPES = {"float32": "float", "float16": "float16", "uint8": "uint8", "int64": "int64"}

_hashes: dict[tuple[str, int, int], str] = {}
_networks: OrderedDict[tuple[str, tuple[str, ...]], Network] = OrderedDict()
_lock = threading.Lock()


class Network:
    """A network that is loaded, and fits its manifest.

    Parameters
    ----------
    manifest
        What it takes and gives.
    data
        The file, whose hash the caller has checked.
    using
        Providers, the preferred first.

    Raises
    ------
    NetworkError
        When it is no network onnxruntime can run, or not the one the manifest describes.
    """

    def __init__(self, manifest: Manifest, data: bytes, using: Sequence[str]) -> None:
        self.manifest = manifest
        opset = inspect_bytes(data, manifest.file).opset
        if opset != (manifest.opset or opset):
            raise NetworkError(
                f"{manifest.file} has opset {opset}, but the manifest {manifest.id} says "
                f"{manifest.opset}; use the file the manifest was written for."
            )
        if manifest.size.written_for:
            data = free_size(data, manifest.file)
        self.threads = min(_cores(), THREADS_MAXIMUM)
        self._session = _open_session(manifest, data, using, self.threads)
        self.provider: str = self._session.get_providers()[0]
        _check_tensors(manifest, "input", manifest.inputs, self._session.get_inputs())
        _check_tensors(manifest, "output", manifest.outputs, self._session.get_outputs())

    def run(
        self, feeds: Tensors, outputs: Sequence[str] = (), *, context: Context = Context()
    ) -> dict[str, Array]:
        """Compute outputs; a cancel of the context ends it in the middle.

        Parameters
        ----------
        feeds
            All inputs by name, of the manifest's types and shapes.
        outputs
            Names of those wanted; all when there are none.
        context
            The run's surroundings; only its `on_cancel` is used.

        Returns
        -------
        dict
            By name, C-contiguous.

        Raises
        ------
        Cancelled
            When the user cancelled.
        NetworkError
            When an input does not fit, the run fails, or an output holds NaN or infinity.
        """
        import onnxruntime

        _check_feeds(self.manifest, feeds)
        names = list(outputs or (tensor.name for tensor in self.manifest.outputs))
        options = onnxruntime.RunOptions()
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            options.terminate = True

        with context.on_cancel(stop):
            try:
                found = self._session.run(names, dict(feeds), options)
            except Exception as error:  # onnxruntime's own classes share no public base
                if stopped.is_set():
                    raise Cancelled from error
                raise NetworkError(
                    f"The network {self.manifest.id} failed ({_first_line(error)}); "
                    "fetch it again, or choose another one."
                ) from error
        if stopped.is_set():
            raise Cancelled
        return dict(zip(names, map(self._finite, names, found), strict=True))

    def _finite(self, name: str, values: Array) -> Array:
        # the sum of finite numbers this size is finite, and costs less than a look at each
        with np.errstate(invalid="ignore", over="ignore"):
            finite = values.dtype.kind != "f" or np.isfinite(values.sum(dtype=np.float64))
        if not finite:
            raise NetworkError(
                f"The network {self.manifest.id} gave values that are not numbers in '{name}'; "
                "choose another network or picture."
            )
        return values


def load(id_: str) -> Network:
    """Return the network of an id, loaded; see `load_network`."""
    return load_network(find_manifest(id_))


def load_network(manifest: Manifest, file: Path | None = None) -> Network:
    """Return a network, loaded when it is not already.

    Parameters
    ----------
    manifest
        What it takes and gives, and its hash.
    file
        Where it lies, when it is in none of the folders.

    Raises
    ------
    ModelMissingError
        When its file is not there, or is another one.
    NetworkError
        When it does not fit its manifest.
    """
    path = file or weights_path(manifest)
    using = tuple(providers())
    key = (manifest.sha256, using)
    with _lock:
        kept = _networks.get(key)
        if kept is not None and kept.manifest == manifest and _same_file(manifest, path):
            _networks.move_to_end(key)
            return kept
    network = Network(manifest, _read_checked(manifest, path), using)
    with _lock:
        _networks[key] = network
        while len(_networks) > KEPT:
            _networks.popitem(last=False)
    return network


def providers() -> list[str]:
    """Return what networks are computed on, preferred first: always ends with the processor.

    ``TINCT_DEVICE=cpu`` keeps to the processor.
    """
    if os.environ.get(DEVICE_SETTING, "").lower() == "cpu":
        return [CPU]
    import onnxruntime

    there = onnxruntime.get_available_providers()
    return [name for name in ACCELERATORS if name in there] + [CPU]


def file_sha256(path: Path) -> str:
    """Return a file's digest, computed once as long as its size and time stay."""
    status = path.stat()
    key = (str(path.resolve()), status.st_mtime_ns, status.st_size)
    if key not in _hashes:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
        _hashes[key] = digest.hexdigest()
    return _hashes[key]


def _same_file(manifest: Manifest, path: Path) -> bool:
    status = path.stat()
    known = _hashes.get((str(path.resolve()), status.st_mtime_ns, status.st_size))
    return known == manifest.sha256


def _read_checked(manifest: Manifest, path: Path) -> bytes:
    """Return the file's bytes: what is hashed is what is loaded."""
    hint = f"Run: tinct models verify {manifest.id}"
    try:
        status = path.stat()
        if status.st_size > FILE_BYTES_MAXIMUM:
            raise NetworkError(
                f"{path.name} has {status.st_size} bytes; {FILE_BYTES_MAXIMUM} is the most."
            )
        data = path.read_bytes()
    except OSError as error:
        raise ModelMissingError(
            f"{path} cannot be read ({error.strerror}). {hint}", model=manifest.id, hint=hint
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != manifest.sha256:
        size = "" if len(data) == manifest.bytes else f" ({len(data)} bytes, not {manifest.bytes})"
        raise ModelMissingError(
            f"{path} is not the file that the manifest {manifest.id} names{size}. {hint}",
            model=manifest.id,
            hint=hint,
        )
    _hashes[str(path.resolve()), status.st_mtime_ns, status.st_size] = digest
    return data


def _open_session(manifest: Manifest, data: bytes, using: Sequence[str], threads: int) -> Any:
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    for chosen in dict.fromkeys((tuple(using), (CPU,))):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = ERRORS_ONLY
        # Threads that wait by turning take the cores from the rest of the engine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(data, options, providers=list(chosen))
        except Exception as error:  # onnxruntime's own classes share no public base
            reason = _first_line(error)
    if "opset" in reason.lower():
        raise NetworkError(
            f"{manifest.file} has opset {manifest.opset}, which onnxruntime "
            f"{onnxruntime.__version__} does not know; update onnxruntime, or export the network "
            "for an older opset."
        )
    raise NetworkError(
        f"onnxruntime {onnxruntime.__version__} cannot load {manifest.file} ({reason}); fetch it "
        "again, or choose another network."
    )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]


def _check_tensors(
    manifest: Manifest, kind: str, told: Iterable[Tensor], found: Iterable[Any]
) -> None:
    """Refuse a network whose tensors are not those of the manifest, naming the first that is not.

    An axis that the manifest leaves open must be open; one it fixes may be open.
    """
    there = {node.name: node for node in found}
    for tensor in told:
        node = there.pop(tensor.name, None)
        if node is None:
            names = ", ".join(there) or "no other"
            _mismatch(manifest, f"has no {kind} '{tensor.name}', but {names}")
        if node.type != f"tensor({TYPES[tensor.dtype]})":
            _mismatch(manifest, f"has '{tensor.name}' as {node.type}, not {tensor.dtype}")
        shape = tuple(axis if isinstance(axis, int) else None for axis in node.shape)
        if len(shape) != len(tensor.shape) or not all(
            size in (None, axis) for size, axis in zip(shape, tensor.shape, strict=True)
        ):
            _mismatch(
                manifest,
                f"has '{tensor.name}' of shape {_shape(node.shape)}, not {_shape(tensor.shape)}",
            )
    if there and kind == "input":
        _mismatch(manifest, f"also takes '{next(iter(there))}'")


def _mismatch(manifest: Manifest, what: str) -> None:
    raise NetworkError(
        f"{manifest.file} {what}, as the manifest {manifest.id} says; use a manifest that fits."
    )


def _shape(axes: Iterable[Any]) -> str:
    return " x ".join("?" if axis is None else str(axis) for axis in axes) or "one number"


def _check_feeds(manifest: Manifest, feeds: Tensors) -> None:
    """Refuse feeds that the manifest does not describe; equal names of axes are equal sizes."""
    sizes: dict[str, int] = {}
    for tensor in manifest.inputs:
        values = feeds.get(tensor.name)
        if values is None or values.dtype != tensor.dtype or values.ndim != len(tensor.shape):
            got = "nothing" if values is None else f"{values.dtype} of {values.ndim} axes"
            raise NetworkError(
                f"'{tensor.name}' of {manifest.id} takes {tensor.dtype} of {len(tensor.shape)} "
                f"axes, got {got}."
            )
        for axis, size in zip(tensor.shape, values.shape, strict=True):
            wanted = sizes.setdefault(axis, size) if isinstance(axis, str) else axis
            if size != wanted:
                raise NetworkError(
                    f"'{tensor.name}' of {manifest.id} has {axis} {size}; it must be {wanted}."
                )
