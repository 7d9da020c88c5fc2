"""Packs carry networks to another machine whole, and nothing else in."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

import onnx_maker as make
from tinct.errors import FileError, ManifestError, ModelMissingError, NetworkError
from tinct.models.packs import install_pack, open_pack, write_pack
from tinct.models.places import shipped_root
from tinct.models.store import verify_model
from tinct.models.toml import to_toml
from tinct.models.wire import encode_field

from .conftest import Folder, manifest_values, negative

TOY, OTHER = negative(), negative(-0.5)


@pytest.fixture
def pack(folder: Folder, tmp_path: Path) -> Path:
    folder.install("toy", TOY)
    folder.install("other", OTHER)
    path = tmp_path / "networks.zip"
    write_pack(["toy", "other", "tinct"], path)
    return path


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def members(id_: str = "toy", content: bytes = TOY, **more: object) -> dict[str, bytes]:
    manifest = to_toml(manifest_values(id_, content, **more)).encode()
    return {f"manifests/{id_}.toml": manifest, f"weights/{id_}.onnx": content}


def install(path: Path) -> list[str]:
    opened = open_pack(path)
    try:
        return [manifest.id for manifest in install_pack(opened)]
    finally:
        opened.close()


def test_a_pack_moves_networks(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Folder(tmp_path / "away")
    monkeypatch.setenv("TINCT_MODELS", str(away.path))
    assert set(install(pack)) == {"toy", "other", "tinct"}
    for id_, content in (("toy", TOY), ("other", OTHER)):
        assert verify_model(id_).read_bytes() == content
    # what came with tinct keeps its own manifest
    assert "manifests/tinct.toml" not in away.files()
    assert verify_model("tinct").is_relative_to(shipped_root())


def test_the_same_networks_make_the_same_pack(pack: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.zip"
    write_pack(["toy", "other", "tinct", "toy"], second)
    assert second.read_bytes() == pack.read_bytes()


def test_only_what_is_good_is_packed(folder: Folder, tmp_path: Path) -> None:
    path = tmp_path / "networks.zip"
    path.write_bytes(b"what was there before")
    weights = folder.install("toy", TOY)
    weights.write_bytes(OTHER)
    for id_ in ("toy", "candy", "nothing"):
        with pytest.raises(ModelMissingError):
            write_pack(["tinct", id_], path)
    assert path.read_bytes() == b"what was there before"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["models", "networks.zip"]


def test_a_pack_that_cannot_be_written_leaves_nothing(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        write_pack(["pencil"], tmp_path / "no such folder" / "networks.zip")

    def progress(fraction: float, stage: str) -> None:
        if stage == "Packing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_pack(["pencil"], tmp_path / "networks.zip", progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "../outside.onnx",
        "/etc/passwd",
        "weights/../../outside.onnx",
        "weights/deep/net.onnx",
        "weights\\..\\outside.onnx",
        "weights/program.dll",
        "weights/C:net.onnx",
        "readme.txt",
    ],
)
def test_members_that_no_pack_has_are_refused(folder: Folder, tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "evil.zip", members() | {name: b"evil"})
    with pytest.raises(NetworkError, match="which no pack does"):
        open_pack(path)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["evil.zip"]


def test_a_file_that_is_not_the_one_its_manifest_names_is_refused(
    folder: Folder, tmp_path: Path
) -> None:
    told = members() | {"weights/toy.onnx": OTHER}
    with pytest.raises(NetworkError, match=r"toy\.onnx is not the file its manifest names"):
        open_pack(archive(tmp_path / "evil.zip", told))


def test_more_bytes_than_the_manifest_says_are_never_unpacked(
    folder: Folder, tmp_path: Path
) -> None:
    told = members() | {"weights/toy.onnx": TOY + bytes(1 << 24)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in told.items():
            made.writestr(name, content)
    path = tmp_path / "bomb.zip"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(NetworkError, match="larger than its manifest says"):
        open_pack(path)


def test_weights_elsewhere_do_not_come_in_by_a_pack(folder: Folder, tmp_path: Path) -> None:
    graph = make.graph([], {"picture": [1]}, {"result": [1]})
    hidden = make.tensor("w", np.ones(1, np.float32), external="../other")
    content = make.whole(graph + encode_field(5, hidden))
    with pytest.raises(NetworkError, match="keeps weights in other files"):
        open_pack(archive(tmp_path / "evil.zip", members(content=content)))


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "holds no networks"),
        ({"weights/toy.onnx": TOY}, "holds no networks"),
        ({"manifests/toy.toml": members()["manifests/toy.toml"]}, "lacks the file of 'toy'"),
        ({f"weights/{n}.onnx": b"" for n in range(300)}, "holds too much"),
    ],
)
def test_half_a_pack_is_refused(
    folder: Folder, tmp_path: Path, told: dict[str, bytes], sentence: str
) -> None:
    with pytest.raises(NetworkError, match=sentence):
        open_pack(archive(tmp_path / "half.zip", told))


def test_a_broken_manifest_is_refused(folder: Folder, tmp_path: Path) -> None:
    told = members() | {"manifests/toy.toml": b"id = 1"}
    with pytest.raises(ManifestError, match=r"toy\.toml"):
        open_pack(archive(tmp_path / "broken.zip", told))


def test_a_pack_that_was_cut_off_is_refused(pack: Path, folder: Folder) -> None:
    whole = pack.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        pack.write_bytes(whole[:size])
        with pytest.raises(NetworkError, match="was cut off"):
            open_pack(pack)
    broken = bytearray(whole)
    broken[whole.index(TOY) + 40] ^= 1
    pack.write_bytes(broken)
    with pytest.raises(NetworkError, match="was cut off"):
        open_pack(pack)
    with pytest.raises(FileError, match="cannot be unpacked"):
        open_pack(pack.with_name("gone.zip"))


def test_another_network_of_the_same_id_stays(folder: Folder, tmp_path: Path) -> None:
    weights = folder.install("toy", TOY)
    before = folder.files()
    path = archive(tmp_path / "other.zip", members("toy", OTHER))
    with pytest.raises(NetworkError, match="first run: tinct models remove toy"):
        install(path)
    with pytest.raises(NetworkError, match="first run: tinct models remove pencil"):
        install(archive(tmp_path / "other.zip", members("pencil", OTHER)))
    assert weights.read_bytes() == TOY
    assert folder.files() == before


def test_a_file_of_another_networks_name_is_refused(folder: Folder, tmp_path: Path) -> None:
    weights = folder.install("toy", TOY)
    told = manifest_values("evil", OTHER, file="toy.onnx")
    path = archive(
        tmp_path / "evil.zip",
        {"manifests/evil.toml": to_toml(told).encode(), "weights/toy.onnx": OTHER},
    )
    with pytest.raises(NetworkError, match="as the network 'toy' has"):
        install(path)
    assert hashlib.sha256(weights.read_bytes()).hexdigest() != told["sha256"]


def test_a_contract_gives_way_to_the_pack_of_a_conversion(folder: Folder, tmp_path: Path) -> None:
    assert install(archive(tmp_path / "pack.zip", members("chromagan", TOY))) == ["chromagan"]
    assert folder.files() == ["manifests/chromagan.toml", "weights/chromagan.onnx"]
    assert verify_model("chromagan")
