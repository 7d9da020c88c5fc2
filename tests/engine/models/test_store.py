"""The user's networks: what a list says of them, fetching, verifying and removing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import onnx_maker as make
from tinct.errors import FileError, ModelMissingError, NetworkError
from tinct.models import store
from tinct.models.manifest import list_manifests, read_manifest
from tinct.models.places import shipped_root
from tinct.models.store import (
    Entry,
    describe_models,
    fetch_model,
    install_files,
    list_models,
    remove_model,
    verify_model,
)
from tinct.models.wire import encode_field
from web import Manners, serving

from .conftest import SHAPE, Folder, negative

TOY = negative()


def entry(id_: str) -> Entry:
    return next(entry for entry in list_models() if entry.id == id_)


def test_what_came_with_tinct_is_present_and_good(folder: Folder) -> None:
    for id_ in ("tinct", "pencil"):
        assert entry(id_).state == "present"
        assert verify_model(id_).parent == shipped_root() / "weights"
    assert folder.files() == []


def test_every_published_network_says_how_to_get_it(folder: Folder) -> None:
    for found in list_models():
        assert found.manifest is not None
        if found.manifest.shipped:
            continue
        assert found.state == "missing"
        way = "fetch" if found.manifest.url else "show"
        assert found.hint == f"Run: tinct models {way} {found.id}"
        assert (
            found.manifest.url.startswith("https://")
            or found.manifest.get.endswith(f"tinct models add FILE.onnx --like {found.id}")
            or "python -m tinct_train.published" in found.manifest.get
        )


def test_no_two_networks_share_a_file(folder: Folder) -> None:
    files = [read_manifest(path).file for path in list_manifests()]
    assert len(set(files)) == len(files)


def test_states_follow_the_files(folder: Folder) -> None:
    folder.publish("toy", TOY, url="https://example.com/toy.onnx")
    assert (entry("toy").state, entry("toy").hint) == ("missing", "Run: tinct models fetch toy")
    weights = folder.install("toy", TOY)
    assert (entry("toy").state, entry("toy").path) == ("present", weights)
    weights.write_bytes(TOY[:-1])
    assert entry("toy").state == "bad checksum"
    assert entry("toy").hint.startswith("Run: tinct models remove toy")
    (folder.path / "manifests" / "toy.toml").write_text("id = 1")
    assert entry("toy").state == "bad manifest"
    assert "toy.toml" in entry("toy").hint


def test_the_list_for_machines_is_plain(folder: Folder) -> None:
    folder.install("toy", TOY)
    (found,) = [info for info in describe_models() if info["id"] == "toy"]
    assert found == {
        "id": "toy",
        "state": "present",
        "title": "Toy toy",
        "task": "filter",
        "licence": "CC0, no rights reserved",
        "shipped": False,
    }


def test_verify_reads_every_byte(folder: Folder) -> None:
    weights = folder.install("toy", TOY)
    assert verify_model("toy") == weights
    broken = bytearray(TOY)
    broken[len(broken) // 2] ^= 1
    weights.write_bytes(broken)
    assert entry("toy").state == "present"  # its size is right
    with pytest.raises(ModelMissingError, match="is damaged") as caught:
        verify_model("toy")
    assert caught.value.hint.startswith("Run: tinct models remove toy")


def test_a_network_that_hides_weights_elsewhere_is_not_good_though_its_hash_is(
    folder: Folder,
) -> None:
    hidden = make.tensor("w", np.ones(1, np.float32), external="../other")
    graph = make.graph([], {"picture": SHAPE}, {"result": SHAPE})
    folder.install("toy", make.whole(graph + encode_field(5, hidden)))
    with pytest.raises(NetworkError, match="keeps weights in other files"):
        verify_model("toy")


def test_fetch_brings_a_network_once(folder: Folder) -> None:
    manners = Manners(TOY)
    with serving(manners) as url:
        folder.publish("toy", TOY, url=f"{url}/net.onnx")
        path, fresh = fetch_model("toy")
        again = fetch_model("toy")
    assert (path, fresh) == (folder.path / "weights" / "toy.onnx", True)
    assert again == (path, False)
    assert len(manners.asked) == 1
    assert path.read_bytes() == TOY


def test_fetch_mends_a_damaged_file(folder: Folder) -> None:
    with serving(Manners(TOY)) as url:
        weights = folder.install("toy", TOY, url=f"{url}/net.onnx")
        weights.write_bytes(TOY[:99])
        assert fetch_model("toy") == (weights, True)
    assert weights.read_bytes() == TOY


def test_fetch_takes_a_size_that_is_only_known_about(folder: Folder) -> None:
    with serving(Manners(TOY)) as url:
        folder.publish("toy", TOY, bytes=None, megabytes=0.001, url=f"{url}/net.onnx")
        fetch_model("toy")
        folder.publish("big", TOY, bytes=None, megabytes=0.001, url=f"{url}/net.onnx")
    manners = Manners(bytes(3 << 20))
    with serving(manners) as url:
        folder.publish("big", TOY, bytes=None, megabytes=0.001, url=f"{url}/net.onnx")
        with pytest.raises(NetworkError, match="nothing was fetched"):
            fetch_model("big")
    assert folder.files() == ["manifests/big.toml", "manifests/toy.toml", "weights/toy.onnx"]


def test_what_nobody_publishes_cannot_be_fetched(folder: Folder) -> None:
    with pytest.raises(ModelMissingError, match=r"chromagan.*Keras only"):
        fetch_model("chromagan")
    with pytest.raises(ModelMissingError, match="There is no network 'nothing'"):
        fetch_model("nothing")


def test_remove_takes_the_users_files_only(folder: Folder) -> None:
    folder.install("toy", TOY)
    (folder.path / "weights" / "toy.onnx.part").write_bytes(b"half")
    folder.install("other", TOY)
    assert [path.name for path in remove_model("toy")] == ["toy.toml", "toy.onnx", "toy.onnx.part"]
    assert folder.files() == ["manifests/other.toml", "weights/other.onnx"]
    for id_ in ("tinct", "candy"):
        with pytest.raises(ModelMissingError, match="what came with tinct stays"):
            remove_model(id_)
    assert verify_model("tinct")


def test_remove_takes_a_broken_manifest(folder: Folder) -> None:
    folder.publish("toy", TOY)
    (folder.path / "manifests" / "toy.toml").write_text("nonsense")
    remove_model("toy")
    assert folder.files() == []


def test_files_are_put_in_place_all_or_none(folder: Folder, tmp_path: Path) -> None:
    first, second = folder.path / "weights" / "a.onnx", folder.path / "manifests" / "a.toml"
    first.parent.mkdir(parents=True)
    first.write_bytes(b"what was there before")
    source = tmp_path / "a.onnx"
    source.write_bytes(TOY)
    with pytest.raises(FileError, match=r"a\.toml cannot be written"):
        install_files({first: source, second: tmp_path / "gone"})
    assert first.read_bytes() == b"what was there before"
    assert folder.files() == ["weights/a.onnx"]
    install_files({first: source, second: "id"})
    assert first.read_bytes() == TOY
    assert second.read_text() == "id"


def test_a_file_that_cannot_be_removed_is_named(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.install("toy", TOY)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store.os, "remove", refuse)
    with pytest.raises(FileError, match=r"toy\.toml cannot be removed: Permission denied\.$"):
        remove_model("toy")
