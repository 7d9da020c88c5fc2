"""``tinct models``: the networks there are, fetching them, adding one's own, and offline packs."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinct.cli_bar import Bar
from tinct.errors import Cancelled, FileError, ModelMissingError, ParameterError, TinctError

if TYPE_CHECKING:
    from tinct.models.manifest import Manifest
    from tinct.models.store import Entry

__all__ = ["add_parser"]

WIDTH = 78
STALL_MAXIMUM_S = 3600


def add_parser(subparsers: Any) -> None:
    """Add the command to those of `tinct`; each parser's default ``handler`` runs it."""
    models = subparsers.add_parser(
        "models",
        help="list, fetch, add, verify, remove and pack networks",
        description="The networks that color pictures: tinct's own needs nothing; published ones "
        "are fetched, or added as files, into a folder of yours, and checked each time.",
        epilog="TINCT_MODELS names another folder. Downloads go through https_proxy when it is "
        "set. To carry networks to a machine without a connection, `pack` them and `add` the pack.",
    )
    parts = models.add_subparsers(metavar="COMMAND", required=True)
    _add_listing(parts)
    _add_getting(parts)
    _add_keeping(parts)


def _command(parts: Any, name: str, handler: Any, text: str) -> Any:
    parser = parts.add_parser(name, help=text, description=handler.__doc__)
    parser.set_defaults(handler=handler)
    return parser


def _add_listing(parts: Any) -> None:
    listing = _command(parts, "list", _list, "list the networks, and which are there")
    listing.add_argument("--json", action="store_true", help="print them for machines")
    show = _command(parts, "show", _show, "say what a network is, and how to get it")
    show.add_argument("id", metavar="ID")
    show.add_argument("--json", action="store_true", help="print it for machines")


def _add_getting(parts: Any) -> None:
    fetch = _command(parts, "fetch", _fetch, "fetch a published network")
    fetch.add_argument("id", metavar="ID")
    fetch.add_argument("--yes", action="store_true", help="accept the licence without being asked")
    fetch.add_argument(
        "--stall", type=_seconds, default=30.0, metavar="SECONDS", help="give up a silent server"
    )
    add = _command(parts, "add", _add, "add a file of your own, or a pack")
    add.add_argument("file", type=Path, metavar="FILE", help="an .onnx file, or a pack (.zip)")
    add.add_argument("--like", default="", metavar="ID", help="the network it is fed like")
    add.add_argument("--id", default="", metavar="ID", help="its id; default: that of --like")
    add.add_argument("--title", default="", metavar="TEXT", help="its name in lists")
    add.add_argument("--licence", default="", metavar="TEXT", help="its licence, for the record")
    add.add_argument("--yes", action="store_true", help="accept a pack without being asked")


def _add_keeping(parts: Any) -> None:
    verify = _command(parts, "verify", _verify, "read files and compare their checksums")
    verify.add_argument("id", nargs="?", default="", metavar="ID", help="default: all there are")
    remove = _command(parts, "remove", _remove, "remove a network you fetched or added")
    remove.add_argument("id", metavar="ID")
    pack = _command(parts, "pack", _pack, "write networks into a file for another machine")
    pack.add_argument("ids", nargs="+", metavar="ID")
    pack.add_argument("-o", dest="output", type=Path, required=True, metavar="FILE.zip")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= STALL_MAXIMUM_S:
        raise argparse.ArgumentTypeError(f"{text!r} must be up to {STALL_MAXIMUM_S} seconds")
    return value


def _list(arguments: argparse.Namespace) -> int:
    """List the networks: id, state, task and title."""
    from tinct.models.store import describe_models, list_models

    if arguments.json:
        print(json.dumps(describe_models(), indent=2))
        return 0
    entries = list_models()
    width = max((len(entry.id) for entry in entries), default=0)
    for entry in entries:
        told = entry.manifest
        what = f"{told.task:8}  {told.title}" if told is not None else entry.hint
        print(f"{entry.id:{width}}  {entry.state:12}  {what}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    """Say what a network is, where it comes from, under which licence, and how to get it."""
    entry = _entry(arguments.id)
    told = entry.manifest
    if told is None:
        raise TinctError(entry.hint)
    if arguments.json:
        more = {"source": told.source, "file": told.file, "bytes": told.bytes}
        more |= {"sha256": told.sha256, "url": told.url, "get": told.get}
        print(json.dumps(entry.to_info() | more, indent=2))
        return 0
    for name, text in _facts(entry, told):
        if text:
            print(_wrapped(name, text))
    return 0


def _wrapped(name: str, text: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=f"{name:9}",
        subsequent_indent=" " * 9,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _facts(entry: Entry, told: Manifest) -> list[tuple[str, str]]:
    tensors = [
        f"{tensor.name} {'x'.join(map(str, tensor.shape))} ({tensor.space})"
        for tensor in (*told.inputs, *told.outputs)
    ]
    return [
        ("id", told.id),
        ("title", told.title),
        ("task", told.task),
        ("state", entry.state + (f" ({entry.path})" if entry.path else "")),
        ("licence", told.licence),
        ("source", told.source),
        ("file", f"{told.file}, {_size(told)}" if not told.is_contract else ""),
        ("sha256", told.sha256),
        ("url", told.url),
        ("tensors", "; ".join(tensors)),
        ("get", told.get or entry.hint),
    ]


def _size(told: Manifest) -> str:
    if not told.bytes:
        return f"about {told.megabytes:.1f} MB"
    return f"{told.bytes / 1e6:.1f} MB" if told.bytes >= 1e5 else f"{told.bytes} bytes"


def _entry(id_: str) -> Entry:
    from tinct.models.manifest import find_manifest
    from tinct.models.store import list_models

    for entry in list_models():
        if entry.id == id_:
            return entry
    find_manifest(id_)  # says which there are
    raise ModelMissingError(f"There is no network '{id_}'.", model=id_)


def _fetch(arguments: argparse.Namespace) -> int:
    """Fetch a published network, after showing its licence; a broken download goes on later."""
    from tinct.models.manifest import find_manifest
    from tinct.models.store import fetch_model

    told = find_manifest(arguments.id)
    if told.is_contract:
        raise ModelMissingError(
            f"Nobody publishes a file for '{told.id}' that tinct could fetch. {told.get}",
            model=told.id,
            hint=told.get,
        )
    if told.url and _entry(told.id).state != "present":
        _ask([told], "Fetch it", accepted=arguments.yes)
    with Bar(sys.stderr) as bar:
        path, fresh = fetch_model(told.id, stall_s=arguments.stall, progress=bar.show)
    print(f"{told.id} {'was fetched to' if fresh else 'is there already:'} {path}")
    return 0


def _add(arguments: argparse.Namespace) -> int:
    """Add a network's file, fed like a known one (--like), or every network of a pack."""
    path: Path = arguments.file
    if not path.is_file():
        raise FileError(f"There is no file {path}; name an .onnx file or a pack.")
    if zipfile.is_zipfile(path) and path.suffix.lower() == ".zip":
        return _add_pack(path, accepted=arguments.yes)
    from tinct.models.adding import add_file

    with Bar(sys.stderr) as bar:
        told = add_file(
            path,
            like=arguments.like,
            id_=arguments.id,
            title=arguments.title,
            licence=arguments.licence,
            progress=bar.show,
        )
    print(f"{path.name} was added as the network '{told.id}'.")
    return 0


def _add_pack(path: Path, *, accepted: bool) -> int:
    from tinct.models.packs import install_pack, open_pack

    with Bar(sys.stderr) as bar:
        pack = open_pack(path, bar.show)
    try:
        _ask([told for told, _ in pack.networks], "Add them", accepted=accepted)
        for told in install_pack(pack):
            print(f"The network '{told.id}' was added.")
    finally:
        pack.close()
    return 0


def _ask(networks: list[Manifest], question: str, *, accepted: bool) -> None:
    """Show licences; on a terminal ask whether they are accepted, elsewhere insist on --yes."""
    for told in networks:
        print(f"{told.title}, {_size(told)}", file=sys.stderr)
        print(f"  licence: {told.licence}", file=sys.stderr)
        print(f"  source:  {told.url or told.source}", file=sys.stderr)
    if accepted:
        return
    if not sys.stdin.isatty():
        raise ParameterError(
            "Nobody is here to accept the licence shown above; if you do, add --yes.",
            parameter="yes",
        )
    print(f"{question} under this licence? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Cancelled


def _verify(arguments: argparse.Namespace) -> int:
    """Read every file, or one, and say whether it is the one its manifest names."""
    from tinct.models.store import list_models, verify_model

    if arguments.id:
        with Bar(sys.stderr) as bar:
            path = verify_model(arguments.id, bar.show)
        print(f"{arguments.id}: good ({path})")
        return 0
    bad = 0
    for entry in list_models():
        if entry.state == "missing":
            continue
        try:
            with Bar(sys.stderr) as bar:
                path = verify_model(entry.id, bar.show)
            print(f"{entry.id}: good ({path})")
        except TinctError as error:
            bad += 1
            print(f"{entry.id}: {error}", file=sys.stderr)
    return 1 if bad else 0


def _remove(arguments: argparse.Namespace) -> int:
    """Remove a network you fetched or added; what came with tinct stays."""
    from tinct.models.store import remove_model

    for path in remove_model(arguments.id):
        print(f"{path} was removed.")
    return 0


def _pack(arguments: argparse.Namespace) -> int:
    """Write networks and their manifests into one archive, for `tinct models add` elsewhere."""
    from tinct.models.packs import write_pack

    with Bar(sys.stderr) as bar:
        write_pack(arguments.ids, arguments.output, bar.show)
    print(f"{arguments.output} holds {', '.join(arguments.ids)}.")
    return 0
