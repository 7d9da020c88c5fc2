from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest

from tinct import catalog
from tinct.errors import FileError
from tinct.install import krita, krita_pages, vendor

LISTED = [info for info in catalog.to_info() if info["listed"]]


@pytest.fixture
def profile(tmp_path: Path) -> krita.Profile:
    return krita.Profile(tmp_path / "data, 色" / "krita", settings=tmp_path / "config" / "kritarc")


def test_every_place_is_searched_on_linux(tmp_path: Path) -> None:
    wanted = (
        (".local/share/krita", "system"),
        (".var/app/org.kde.krita/data/krita", "flatpak"),
        ("snap/krita/current/.local/share/krita", "snap"),
    )
    for folder, _package in wanted:
        (tmp_path / folder).mkdir(parents=True)
    found = krita.find_profiles({"PATH": ""}, tmp_path, "linux")
    assert [(p.path, p.package) for p in found] == [(tmp_path / f, p) for f, p in wanted]
    assert found[1].settings == tmp_path / ".var/app/org.kde.krita/config/kritarc"


def test_the_environment_names_other_folders(tmp_path: Path) -> None:
    (tmp_path / "d" / "krita").mkdir(parents=True)
    named = {"XDG_DATA_HOME": str(tmp_path / "d"), "XDG_CONFIG_HOME": str(tmp_path / "c")}
    (found,) = krita.find_profiles(named | {"PATH": ""}, tmp_path, "linux")
    assert found.path == tmp_path / "d" / "krita"
    assert found.settings == tmp_path / "c" / "kritarc"


@pytest.mark.parametrize(
    ("platform", "folder", "settings"),
    [
        ("win32", "AppData/Roaming/krita", "AppData/Local/kritarc"),
        ("darwin", "Library/Application Support/krita", "Library/Preferences/kritarc"),
    ],
)
def test_other_systems_have_their_own_places(
    tmp_path: Path, platform: str, folder: str, settings: str
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (found,) = krita.find_profiles({"PATH": ""}, tmp_path, platform)
    assert (found.path, found.settings) == (tmp_path / folder, tmp_path / settings)


def test_a_store_package_of_windows_is_found(tmp_path: Path) -> None:
    cache = tmp_path / "AppData/Local/Packages/49800Krita_abc/LocalCache"
    (cache / "Roaming" / "krita").mkdir(parents=True)
    (found,) = krita.find_profiles({"PATH": ""}, tmp_path, "win32")
    assert found.path == cache / "Roaming" / "krita"


def test_installing_puts_everything_in_place_twice_the_same(profile: krita.Profile) -> None:
    said = list(krita.install([profile]))
    assert said == [f"Installed {profile.plugin}"]
    first = _files(profile.path)
    assert list(krita.install([profile])) == said
    assert _files(profile.path) == first
    assert profile.desktop.is_file()
    vendored = profile.plugin / "_vendor"
    assert json.loads((vendored / "catalog.json").read_text("utf-8")) == catalog.to_info()
    assert (vendored / "tinct_client" / "process.py").is_file()
    assert (vendored / "locale" / "ko" / "LC_MESSAGES" / "tinct.mo").is_file()
    desktop = profile.desktop.read_text("utf-8")
    manual = next(line for line in desktop.splitlines() if "Manual=" in line).split("=")[1]
    assert (profile.plugin / manual).is_file()
    assert krita._check_profile(profile) == []


def test_a_link_leads_to_the_sources(
    profile: krita.Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "sources"  # a link writes into them, so not into those of the checkout
    shutil.copytree(vendor.plugin_source(krita.SOURCE), sources)
    monkeypatch.setattr(vendor, "plugin_source", lambda name: sources)
    assert list(krita.install([profile], link=True)) == [f"Linked {profile.plugin}"]
    assert profile.plugin.is_symlink()
    assert profile.plugin.resolve() == sources / krita.NAME
    list(krita.uninstall([profile]))
    assert not profile.plugin.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[General]\nA=1\n",
        "[python]\nenable_other=true\n\n[theme]\nTheme=dark\n",
        "[python]\nenable_tinct_krita=false\n",
    ],
)
def test_the_switch_changes_nothing_else_in_the_settings(profile: krita.Profile, text: str) -> None:
    assert profile.settings is not None
    profile.settings.parent.mkdir()
    profile.settings.write_text(text)
    list(krita.install([profile]))
    found = profile.settings.read_text().splitlines()
    assert found.count("enable_tinct_krita=true") == 1
    place = found.index("enable_tinct_krita=true")
    section = [line for line in found[:place] if line.startswith("[")][-1]
    assert section == "[python]"
    kept = [line for line in text.splitlines() if line and "tinct" not in line]
    assert [line for line in found if line in kept] == kept
    list(krita.uninstall([profile]))
    assert "tinct" not in profile.settings.read_text()


def test_removing_leaves_nothing_of_ours(profile: krita.Profile) -> None:
    list(krita.install([profile]))
    assert list(krita.uninstall([profile])) == [f"Removed {profile.plugin}"]
    assert _files(profile.path) == {}
    assert list(krita.uninstall([profile])) == []


def test_unknown_settings_are_said(tmp_path: Path) -> None:
    said = list(krita.install([krita.Profile(tmp_path / "krita")]))
    assert "Python Plugin Manager" in said[1]


def test_a_sandbox_starts_the_engine_outside(tmp_path: Path) -> None:
    path = tmp_path / "app" / "data" / "krita"
    said = list(krita.install([krita.Profile(path, "flatpak", tmp_path / "kritarc")]))
    launch = json.loads((path / "pykrita/tinct_krita/_vendor/launch.json").read_text("utf-8"))
    assert launch["command"][:2] == ["flatpak-spawn", "--host"]
    assert launch["exchange"] == str(tmp_path / "app" / "cache")
    assert "flatpak override" in said[1]


def test_no_krita_is_one_sentence() -> None:
    with pytest.raises(FileError, match="start Krita once"):
        list(krita.install([]))


def test_a_profile_that_cannot_be_written_is_one_sentence(profile: krita.Profile) -> None:
    profile.path.parent.mkdir(parents=True)
    profile.path.write_text("a file in the folder's place")
    with pytest.raises(FileError, match="cannot be written"):
        list(krita.install([profile]))


def test_what_is_broken_is_told_with_its_cure(profile: krita.Profile) -> None:
    assert krita._check_profile(profile)[0][1] == krita.CURE
    list(krita.install([profile]))
    assert profile.settings is not None
    profile.settings.write_text("[python]\nenable_tinct_krita=false\n")
    (problem,) = krita._check_profile(profile)
    assert "switched off" in problem[0]
    (profile.plugin / "_vendor" / "catalog.json").write_text("[]")
    assert "operations of another tinct" in krita._check_profile(profile)[1][0]


def test_each_operation_has_its_action_and_its_page() -> None:
    tree = ElementTree.fromstring(krita_pages.actions())
    titles = {action.get("name"): action.findtext("text") for action in tree.iter("Action")}
    page = krita_pages.manual()
    for info in LISTED:
        assert titles["tinct_" + info["id"].replace("-", "_")] == info["title"]
        assert info["summary"] in page.replace("&#x27;", "'")
    assert len(titles) == len(LISTED) + len(krita_pages.COMMANDS)


def test_the_actions_are_those_the_plug_in_makes() -> None:
    source = Path(krita.__file__).parents[3] / "krita_plugin/tinct_krita/extension.py"
    text = source.read_text("utf-8")
    for name, title in krita_pages.COMMANDS:
        assert f'("{name}", N_("{title}")' in text


def test_the_zip_has_what_the_importer_looks_for(tmp_path: Path) -> None:
    path = krita.write_zip(tmp_path)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    assert "tinct_krita/" in names
    assert "tinct_krita/__init__.py" in names
    assert "tinct_krita.desktop" in names
    assert "tinct_krita.action" in names
    assert "tinct_krita/_vendor/launch.json" not in names, "the zip knows no engine"
    assert not [name for name in names if "__pycache__" in name]


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
