from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tinct import catalog
from tinct.errors import FileError
from tinct.install import gimp
from tinct.install.gimp import Profile

NOWHERE = {"PATH": ""}


def make(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(parents=True)


def fake_gimp(folder: Path, version: str) -> dict[str, str]:
    """Return an environment whose GIMP tells this version."""
    folder.mkdir(exist_ok=True)
    program = folder / "gimp"
    program.write_text(f"#!/bin/sh\necho 'GNU Image Manipulation Program version {version}'\n")
    program.chmod(0o755)
    return {"PATH": str(folder)}


def test_every_kind_of_profile_is_found(tmp_path: Path) -> None:
    native = tmp_path / ".config/GIMP/3.0"
    newer = tmp_path / ".config/GIMP/3.2"
    flatpak = tmp_path / ".var/app/org.gimp.GIMP/config/GIMP/3.0"
    snap = tmp_path / "snap/gimp/current/.config/GIMP/3.0"
    make(native, newer, flatpak, snap, tmp_path / ".config/GIMP/2.10")
    assert gimp.find_profiles(NOWHERE, tmp_path, "linux") == [
        Profile(native),
        Profile(newer),
        Profile(flatpak, "flatpak"),
        Profile(snap, "snap"),
    ]


def test_other_systems_keep_profiles_elsewhere(tmp_path: Path) -> None:
    mac = tmp_path / "Library/Application Support/GIMP/3.0"
    windows = tmp_path / "Roaming/GIMP/3.0"
    store = tmp_path / "AppData/Local/Packages/GIMP_x1/LocalCache/Roaming/GIMP/3.0"
    make(mac, windows, store)
    assert gimp.find_profiles(NOWHERE, tmp_path, "darwin") == [Profile(mac)]
    environment = NOWHERE | {"APPDATA": str(tmp_path / "Roaming")}
    assert gimp.find_profiles(environment, tmp_path, "win32") == [Profile(windows), Profile(store)]


def test_the_environment_names_the_only_profile(tmp_path: Path) -> None:
    make(tmp_path / ".config/GIMP/3.0")
    named = tmp_path / "mine"
    found = gimp.find_profiles({"GIMP3_DIRECTORY": str(named)}, tmp_path, "linux")
    assert found == [Profile(named)]


@pytest.mark.skipif(sys.platform == "win32", reason="the fake GIMP is a shell script")
def test_a_gimp_never_started_gets_the_profile_it_will_make(tmp_path: Path) -> None:
    environment = fake_gimp(tmp_path / "bin", "3.2.6")
    assert gimp.find_profiles(environment, tmp_path, "linux") == [
        Profile(tmp_path / ".config/GIMP/3.2")
    ]
    assert gimp.find_profiles(fake_gimp(tmp_path / "bin", "2.10.34"), tmp_path, "linux") == []


def test_without_gimp_the_sentence_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="--profile"):
        list(gimp.install([]))
    ((sentence, cure),) = gimp.check(NOWHERE, tmp_path)
    assert "not found" in sentence
    assert "tinct install gimp" in cure
    if sys.platform != "win32":
        ((sentence, cure),) = gimp.check(fake_gimp(tmp_path / "bin", "2.10.34"), tmp_path)
        assert "2.10" in sentence
        assert "3.0" in cure


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    profile = Profile(tmp_path / "Ein Profil mit Lücken 色" / "3.0")
    assert list(gimp.install([profile])) == [f"Installed {profile.plugin}"]
    return profile


def vendor(profile: Profile) -> Path:
    return profile.plugin / "tinct_gimp" / "_vendor"


def check(profile: Profile) -> list[tuple[str, str]]:
    environment = {"GIMP3_DIRECTORY": str(profile.path), "PATH": ""}
    return [found for found in gimp.check(environment) if "python3" not in found[0]]


def test_what_is_installed_is_whole(profile: Profile) -> None:
    assert os.access(profile.entry, os.X_OK)
    assert profile.entry.parent.name == profile.entry.stem  # or GIMP passes it over in silence
    assert json.loads((vendor(profile) / "catalog.json").read_text("utf-8")) == catalog.to_info()
    launch = json.loads((vendor(profile) / "launch.json").read_text("utf-8"))
    assert launch["command"] == [sys.executable, "-I", "-m", "tinct.worker"]
    assert (vendor(profile) / "tinct_client" / "rpc.py").is_file()
    assert not list(profile.plugin.rglob("__pycache__"))
    assert check(profile) == []


def test_installing_again_replaces_the_whole_folder(profile: Profile) -> None:
    stray = profile.plugin / "old_module.py"
    stray.write_text("")
    list(gimp.install([profile]))
    assert not stray.exists()
    assert [path.name for path in profile.plugin.parent.iterdir()] == [gimp.NAME]


def test_uninstalling_takes_only_our_folder(profile: Profile) -> None:
    other = profile.plugin.with_name("other")
    other.mkdir()
    assert list(gimp.uninstall([profile])) == [f"Removed {profile.plugin}"]
    assert [path.name for path in profile.plugin.parent.iterdir()] == ["other"]
    assert list(gimp.uninstall([profile])) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_shows_the_sources(tmp_path: Path, profile: Profile) -> None:
    sources = tmp_path / "sources"
    linked = Profile(tmp_path / "linked")
    profile.plugin.rename(sources)  # a copy, so that the checkout gets no vendored part
    gimp.vendor.link_plugin(sources, linked.plugin, gimp.INNER, ["python"])
    assert linked.plugin.resolve() == sources
    assert (vendor(linked) / "tinct_client" / "rpc.py").is_file()
    list(gimp.uninstall([linked]))
    assert (sources / "tinct-gimp.py").is_file()  # only the link is gone


@pytest.mark.skipif(sys.platform == "win32", reason="there is no run bit there")
def test_doctor_sees_a_lost_run_bit(profile: Profile) -> None:
    profile.entry.chmod(0o644)
    ((sentence, cure),) = check(profile)
    assert "not executable" in sentence
    assert cure == gimp.CURE


def test_doctor_sees_a_moved_engine(profile: Profile) -> None:
    path = vendor(profile) / "launch.json"
    path.write_text(json.dumps({"command": ["/gone/bin/python", "-I", "-m", "tinct.worker"]}))
    ((sentence, cure),) = check(profile)
    assert "/gone/bin/python cannot be started" in sentence
    assert "tinct install gimp" in cure


def test_doctor_sees_a_stale_catalog(profile: Profile) -> None:
    (vendor(profile) / "catalog.json").write_text("[]")
    ((sentence, _),) = check(profile)
    assert "operations of another tinct" in sentence


def test_doctor_sees_an_old_client(profile: Profile) -> None:
    (vendor(profile) / "tinct_client" / "rpc.py").write_text("")
    ((sentence, _),) = check(profile)
    assert "client of another tinct" in sentence


def test_doctor_sees_a_missing_part(profile: Profile) -> None:
    (vendor(profile) / "launch.json").unlink()
    ((sentence, _),) = check(profile)
    assert "where the engine is" in sentence
    profile.entry.unlink()
    ((sentence, _),) = check(profile)
    assert "incomplete" in sentence
    list(gimp.uninstall([profile]))
    ((sentence, cure),) = check(profile)
    assert "not in" in sentence
    assert cure == gimp.CURE


def test_a_flatpak_starts_the_engine_outside_of_its_sandbox(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "org.gimp.GIMP/config/GIMP/3.0", "flatpak")
    lines = list(gimp.install([profile]))
    assert "flatpak override" in lines[-1]
    launch = json.loads((vendor(profile) / "launch.json").read_text("utf-8"))
    assert launch["command"][:2] == ["flatpak-spawn", "--host"]
    assert launch["exchange"] == str(tmp_path / "org.gimp.GIMP/cache")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_profile_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="cannot be written"):
        list(gimp.install([Profile(tmp_path / "3.0")]))


def test_a_profile_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        list(gimp.install([Profile(tmp_path / "file" / "3.0")]))
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such mount there")
def test_doctor_sees_a_folder_where_nothing_may_be_executed(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.statvfs(profile.entry)
    flags = [*real]
    flags[8] |= os.ST_NOEXEC
    assert os.statvfs_result(flags).f_flag & os.ST_NOEXEC
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result(flags))
    ((sentence, cure),) = check(profile)
    assert "nothing may be executed" in sentence
    assert "noexec" in cure


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere GIMP brings its Python")
def test_doctor_sees_a_python_without_gi(profile: Profile, tmp_path: Path) -> None:
    environment = {"GIMP3_DIRECTORY": str(profile.path), "PATH": ""}
    ((sentence, _),) = gimp.check(environment)
    assert "no python3" in sentence
    tools = tmp_path / "tools"
    tools.mkdir()
    python = tools / "python3"
    for status, words in ((1, "no gi module"), (0, "")):
        python.write_text(f"#!/bin/sh\nexit {status}\n")
        python.chmod(0o755)
        found = gimp.check(environment | {"PATH": str(tools)})
        assert [words in sentence for sentence, _ in found] == ([True] if words else [])
