"""Manifests: ``<id>.toml`` says what a network takes and gives, and which file it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomllib

from tinct.errors import ManifestError, ModelMissingError
from tinct.models.places import MANIFESTS, WEIGHTS, model_roots
from tinct.models.tables import Table, is_pair
from tinct.models.vocabulary import DTYPES, STEPS, TASKS, Step

__all__ = [
    "Distribution",
    "Manifest",
    "Size",
    "Tensor",
    "find_manifest",
    "list_manifests",
    "read_manifest",
    "weights_path",
]

BYTES_MAXIMUM = 2**31 - 1  # of a network: what one protobuf message can hold
MANIFEST_BYTES_MAXIMUM = 1 << 20
SIDE_MAXIMUM = 4096
ID = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.onnx")
SHA256 = re.compile(r"[0-9a-f]{64}|")
URL = re.compile(r"https?://[!-~]+|")


@dataclass(frozen=True)
class Tensor:
    """An input or output: its axes are sizes, or names of sizes that may vary."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    space: str
    range: tuple[float, float]
    meaning: str = ""


@dataclass(frozen=True)
class Size:
    """The size of the picture that the network sees.

    Attributes
    ----------
    short_side
        What the shorter side is brought to, 0 when the size is fixed or the picture's own.
    short_side_range
        What a user may choose.
    multiple
        Both sides are multiples of it.
    output_stride
        Pixels of the input for one of the output.
    fixed
        (height, width) of a network that takes one size only.
    written_for
        (height, width) that is written into the file although the network would take any: it is
        made free when the file is loaded.
    smallest
        What both sides must have at least; smaller pictures get a border.
    pixels_maximum
        More than these would need too much memory; larger pictures are reduced. 0 for no limit.
    """

    short_side: int = 0
    short_side_range: tuple[int, int] = (1, SIDE_MAXIMUM)
    multiple: int = 1
    output_stride: int = 1
    fixed: tuple[int, int] | None = None
    written_for: tuple[int, int] | None = None
    smallest: int = 1
    pixels_maximum: int = 0


@dataclass(frozen=True)
class Distribution:
    """The bins of a distribution over chroma: centers (a, b), Lab units."""

    step: float
    centers: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Manifest:
    """What a manifest says, checked.

    Attributes
    ----------
    path
        Where it lies.
    sha256, bytes, opset
        Of the file; empty and 0 in a contract, which names no file: its authors publish none.
        Of a file that only its publisher has seen, bytes and opset may be 0, too.
    url, megabytes
        Where the file can be fetched, and about how much that is.
    get
        How to get the file where it cannot be fetched, in words.
    """

    path: Path
    id: str
    title: str
    task: str
    file: str
    bytes: int
    sha256: str
    opset: int
    licence: str
    source: str
    card: str
    shipped: bool
    size: Size
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    pre: tuple[Step, ...]
    post: tuple[Step, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    distribution: Distribution | None = None
    url: str = ""
    megabytes: float = 0.0
    get: str = ""

    @property
    def is_contract(self) -> bool:
        """Whether it names no file, but how one of its kind is used."""
        return not self.sha256

    def tensor(self, name: str) -> Tensor | None:
        """Return the input or output of this name, or None."""
        return next((t for t in (*self.inputs, *self.outputs) if t.name == name), None)


def list_manifests() -> list[Path]:
    """Return the manifests there are, sorted by id; of two with one id that of the first root."""
    found: dict[str, Path] = {}
    for root in model_roots():
        for path in sorted((root / MANIFESTS).glob("*.toml")):
            found.setdefault(path.stem, path)
    return [found[name] for name in sorted(found)]


def find_manifest(id_: str) -> Manifest:
    """Return the manifest of a network.

    Raises
    ------
    ModelMissingError
        When there is none of this id.
    ManifestError
        When it is malformed.
    """
    paths = {path.stem: path for path in list_manifests()}
    if id_ not in paths:
        hint = "Run: tinct models list"
        known = ", ".join(paths) or "none"
        raise ModelMissingError(
            f"There is no network '{id_[:100]}'; there are {known}. {hint}", model=id_, hint=hint
        )
    return read_manifest(paths[id_])


def weights_path(manifest: Manifest) -> Path:
    """Return where a network's file lies: beside its manifest, or in the folders of weights.

    Raises
    ------
    ModelMissingError
        When it is in none of them.
    """
    folders = [manifest.path.parent, manifest.path.parent.parent / WEIGHTS]
    folders += [root / WEIGHTS for root in model_roots()]
    for folder in folders:
        if (folder / manifest.file).is_file():
            return folder / manifest.file
    hint = f"Run: tinct models fetch {manifest.id}" if manifest.url else manifest.get
    hint = hint or "Run: tinct models add FILE"
    raise ModelMissingError(
        f"The file {manifest.file} of the network '{manifest.id}' is not installed. {hint}",
        model=manifest.id,
        hint=hint,
    )


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest.

    Parameters
    ----------
    path
        ``<id>.toml``.

    Raises
    ------
    ManifestError
        With the file, the entry and what is allowed, in one sentence.
    """
    table = Table(path.name, "", _load(path))
    manifest = Manifest(
        path=path,
        id=table.text("id", pattern=ID),
        title=table.text("title"),
        task=table.one_of("task", TASKS),
        file=table.text("file", pattern=FILE),
        bytes=table.whole("bytes", 0, BYTES_MAXIMUM, default=0),
        sha256=table.text("sha256", default="", pattern=SHA256),
        opset=table.whole("opset", 0, 1000, default=0),
        licence=table.text("licence"),
        source=table.text("source"),
        card=table.text("card", default=""),
        shipped=table.flag("shipped", default=False),
        size=_size(table.table("size")),
        inputs=tuple(_tensor(part) for part in table.tables("inputs")),
        outputs=tuple(_tensor(part) for part in table.tables("outputs")),
        pre=tuple(_step(part, "pre") for part in table.tables("pre", needed=False)),
        post=tuple(_step(part, "post") for part in table.tables("post", needed=False)),
        defaults=table.take("defaults", dict, {}),
        scores=table.take("scores", dict, {}),
        distribution=_distribution(table),
        url=table.text("url", default="", pattern=URL),
        megabytes=table.number("megabytes", default=0.0),
        get=table.text("get", default=""),
    )
    table.refuse_rest()
    _check_file(manifest, table)
    _check_names(manifest, table)
    return manifest


def _load(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MANIFEST_BYTES_MAXIMUM + 1)
    except OSError as error:
        raise ManifestError(
            f"The manifest {path} cannot be read ({error.strerror}); choose a file named <id>.toml."
        ) from error
    if len(data) > MANIFEST_BYTES_MAXIMUM:
        raise ManifestError(
            f"The manifest {path.name} is larger than {MANIFEST_BYTES_MAXIMUM} bytes; it is none."
        )
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ManifestError(
            f"The manifest {path.name} is not TOML in UTF-8 ({reason}); mend it."
        ) from error


def _size(table: Table) -> Size:
    side = table.whole("short_side", 0, SIDE_MAXIMUM, default=0)
    low, high = table.pair("short_side_range", default=(1, SIDE_MAXIMUM))
    fixed = _sides(table, "fixed")
    found = Size(
        short_side=side,
        short_side_range=(int(low), int(high)),
        multiple=table.whole("multiple", 1, SIDE_MAXIMUM, default=1),
        output_stride=table.whole("output_stride", 1, SIDE_MAXIMUM, default=1),
        fixed=fixed,
        written_for=_sides(table, "written_for"),
        smallest=table.whole("smallest", 1, SIDE_MAXIMUM, default=1),
        pixels_maximum=table.whole("pixels_maximum", 0, BYTES_MAXIMUM, default=0),
    )
    if not 1 <= low <= high <= SIDE_MAXIMUM or (side and not low <= side <= high):
        table.fail("short_side_range", f"two sides, 1 to {SIDE_MAXIMUM}, around short_side")
    table.refuse_rest()
    return found


def _sides(table: Table, key: str) -> tuple[int, int] | None:
    if key not in table.values:
        return None
    height, width = table.pair(key)
    if not all(1 <= part <= SIDE_MAXIMUM and part == int(part) for part in (height, width)):
        table.fail(key, f"height and width, 1 to {SIDE_MAXIMUM}")
    return int(height), int(width)


def _tensor(table: Table) -> Tensor:
    shape = table.take("shape", list)
    if not all(
        (isinstance(axis, str) and axis) or (type(axis) is int and 0 < axis <= BYTES_MAXIMUM)
        for axis in shape
    ):
        table.fail("shape", "a list of positive sizes and names of sizes that vary")
    found = Tensor(
        name=table.text("name"),
        dtype=table.one_of("dtype", DTYPES),
        shape=tuple(shape),
        space=table.text("space"),
        range=table.pair("range"),
        meaning=table.text("meaning", default=""),
    )
    table.refuse_rest()
    return found


def _step(table: Table, phase: str) -> Step:
    known = tuple(name for name, word in STEPS.items() if word.phase in (phase, "any"))
    name = table.one_of("step", known)
    word = STEPS[name]
    options: dict[str, Any] = {}
    for option, kind in word.options.items():
        if option not in table.values and option not in word.needed:
            continue
        if isinstance(kind, tuple):
            options[option] = table.one_of(option, kind)
        elif kind is float:
            options[option] = table.number(option)
        else:
            options[option] = table.take(option, kind)
    table.refuse_rest()
    return Step(name, options)


def _distribution(table: Table) -> Distribution | None:
    if "distribution" not in table.values:
        return None
    inner = table.table("distribution")
    centers = inner.take("centers", list)
    if not centers or not all(is_pair(center) for center in centers):
        inner.fail("centers", "a list of pairs of numbers (a, b)")
    found = Distribution(
        inner.number("step"),
        tuple((float(a), float(b)) for a, b in centers),
    )
    inner.refuse_rest()
    return found


def _check_file(manifest: Manifest, table: Table) -> None:
    """Hold that a manifest names its file wholly, or not at all but says how to get one."""
    if manifest.is_contract:
        if manifest.bytes or manifest.opset or manifest.url or not manifest.get:
            table.fail("sha256", "given with bytes, opset and url, or left out with them for `get`")
    elif not (manifest.bytes or manifest.megabytes > 0):
        table.fail("bytes", "given with sha256, or megabytes where nobody knows it exactly")


def _check_names(manifest: Manifest, table: Table) -> None:
    if manifest.id != manifest.path.stem:
        table.fail("id", f"'{manifest.path.stem}', as the file is named")
    names = [tensor.name for tensor in (*manifest.inputs, *manifest.outputs)]
    if len(set(names)) != len(names):
        table.fail("inputs and outputs", "tensors of distinct names")
    for step in (*manifest.pre, *manifest.post):
        named = [step.options.get("tensor"), *step.options.get("tensors", ())]
        for name in named:
            if name is not None and name not in names:
                table.fail(f"{step.word}", f"told a tensor there is, not '{name}'")
