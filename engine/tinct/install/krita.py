"""Krita: where its profiles lie, how the plug-in gets in and out, and what may be broken there."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import tinct
from tinct.errors import FileError
from tinct.install import krita_pages, sandbox, vendor

__all__ = [
    "NAME",
    "TITLE",
    "WHERE",
    "Profile",
    "check",
    "find_profiles",
    "install",
    "uninstall",
    "write_zip",
]

NAME = "tinct_krita"
TITLE = "Krita"
WHERE = "tinct is in Settings > Dockers > Tinct, and in Tools > Tinct"
SOURCE = "krita_plugin"
CURE = "run: tinct install krita"
SWITCH = f"enable_{NAME}"
SWITCH_CURE = "tick Tinct in Settings > Configure Krita > Python Plugin Manager"
FLATPAK_ID = "org.kde.krita"
PACKAGES = "a system package, an AppImage or a Flatpak"


@dataclasses.dataclass(frozen=True)
class Profile:
    """One folder of Krita's resources.

    Parameters
    ----------
    path
        Such as ``~/.local/share/krita``, what Settings > Manage Resources > Open Resource Folder
        shows.
    package
        How this Krita came to the system; those in a sandbox start the engine in another way.
    settings
        The file ``kritarc`` that says which plug-ins are on; None when it is not known.
    """

    path: Path
    package: sandbox.Package = "system"
    settings: Path | None = None

    @property
    def plugin(self) -> Path:
        """Where the plug-in lies, or would."""
        return self.path / "pykrita" / NAME

    @property
    def desktop(self) -> Path:
        """The file by which Krita finds the plug-in."""
        return self.path / "pykrita" / f"{NAME}.desktop"

    @property
    def actions(self) -> Path:
        """The file that lets Krita assign shortcuts."""
        return self.path / "actions" / f"{NAME}.action"


def find_profiles(
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
    platform: str = sys.platform,
) -> list[Profile]:
    """Return Krita's profiles: all there are, and the one a Krita never started will make."""
    home = home or Path.home()
    places = list(_places(environment, home, platform))
    found = [
        profile
        for profile in places
        if profile.path.is_dir() or (profile.settings is not None and profile.settings.is_file())
    ]
    own = places[0]
    if own not in found and shutil.which("krita", path=environment.get("PATH", "")):
        found.insert(0, own)
    return found


def install(profiles: Sequence[Profile], *, link: bool = False, python: str = "") -> Iterator[str]:
    """Put the plug-in into each profile, in place of an older one, and switch it on.

    Parameters
    ----------
    profiles
        From `find_profiles`, or the user's own.
    link
        Link to the sources instead of copying them.
    python
        The interpreter that has the engine; this one by default.

    Raises
    ------
    FileError
        When there is no profile, or one cannot be written.
    """
    if not profiles:
        raise FileError(
            "No Krita was found; start Krita once and try again, or name the folder that "
            "Settings > Manage Resources shows: tinct install krita --profile FOLDER."
        )
    source = vendor.plugin_source(SOURCE)
    command = vendor.engine_command(python)
    put = vendor.link_plugin if link else vendor.copy_plugin
    for profile in profiles:
        package = profile.package
        launch = sandbox.launch_from(package, profile.path.parent.parent)
        start = sandbox.command_from(package, command)
        put(source / NAME, profile.plugin, "", start, **launch)
        _write(profile.plugin / vendor.VENDOR / krita_pages.MANUAL, krita_pages.manual().encode())
        _write(profile.desktop, (source / f"{NAME}.desktop").read_bytes())
        _write(profile.actions, krita_pages.actions().encode())
        yield f"{'Linked' if link else 'Installed'} {profile.plugin}"
        if not _switch(profile, on=True):
            yield f"To switch it on, {SWITCH_CURE}."
        if package == "flatpak":
            cure = sandbox.cure(FLATPAK_ID, TITLE)
            yield f"This Krita runs in a sandbox and may not start the engine yet; {cure}."


def uninstall(profiles: Sequence[Profile]) -> Iterator[str]:
    """Remove the plug-in from each profile; yield what was removed."""
    for profile in profiles:
        _switch(profile, on=False)
        vendor.remove_plugin(profile.actions)
        vendor.remove_plugin(profile.desktop)
        if vendor.remove_plugin(profile.plugin):
            yield f"Removed {profile.plugin}"


def check(
    environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> list[tuple[str, str]]:
    """Return what keeps tinct from working in Krita: sentences and their cures; none is well."""
    profiles = find_profiles(environment, home)
    if not profiles:
        return [("Krita was not found.", "start Krita once, then " + CURE)]
    problems = []
    for profile in profiles:
        problems += _check_profile(profile)
    return problems


def write_zip(folder: Path) -> Path:
    """Write the zip that Krita's *Import Python Plugin from File* takes; return its path.

    It does not know where an engine is: the plug-in looks for the command ``tinct``, and asks.

    Raises
    ------
    FileError
        When the folder cannot be written.
    """
    source = vendor.plugin_source(SOURCE)
    target = folder / f"tinct-krita-{tinct.__version__}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory() as name,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            plugin = Path(name) / NAME
            vendor.copy_plugin(source / NAME, plugin, "", ["tinct"])
            (plugin / vendor.VENDOR / "launch.json").unlink()
            page = plugin / vendor.VENDOR / krita_pages.MANUAL
            page.write_text(krita_pages.manual(), "utf-8")
            archive.write(source / f"{NAME}.desktop", f"{NAME}.desktop")
            archive.writestr(f"{NAME}.action", krita_pages.actions())
            archive.writestr(f"{NAME}/", "")  # the importer looks for the folder's own entry
            for path in sorted(plugin.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(name).as_posix())
    except OSError as error:
        raise FileError(f"{target} cannot be written ({error.strerror}).") from error
    return target


def _places(environment: Mapping[str, str], home: Path, platform: str) -> Iterator[Profile]:
    """Yield where profiles may lie, this system's own kind first."""
    if platform == "win32":
        roaming = Path(environment.get("APPDATA", "") or home / "AppData" / "Roaming")
        local = Path(environment.get("LOCALAPPDATA", "") or home / "AppData" / "Local")
        yield Profile(roaming / "krita", "system", local / "kritarc")
        for store in sorted((local / "Packages").glob("*Krita*")):
            cache = store / "LocalCache"
            yield Profile(cache / "Roaming" / "krita", "system", cache / "Local" / "kritarc")
        return
    if platform == "darwin":
        library = home / "Library"
        yield Profile(
            library / "Application Support" / "krita", "system", library / "Preferences" / "kritarc"
        )
        return
    data = _folder(environment, "XDG_DATA_HOME", home / ".local" / "share")
    config = _folder(environment, "XDG_CONFIG_HOME", home / ".config")
    yield Profile(data / "krita", "system", config / "kritarc")  # packages and the AppImage alike
    boxed = home / ".var" / "app" / FLATPAK_ID
    yield Profile(boxed / "data" / "krita", "flatpak", boxed / "config" / "kritarc")
    snap = home / "snap" / "krita" / "current"
    yield Profile(snap / ".local" / "share" / "krita", "snap", snap / ".config" / "kritarc")


def _folder(environment: Mapping[str, str], name: str, default: Path) -> Path:
    named = environment.get(name, "")
    return Path(named) if os.path.isabs(named) else default


def _switch(profile: Profile, *, on: bool) -> bool:
    """Write into Krita's settings whether the plug-in is on; False when they are not known."""
    if profile.settings is None:
        return False
    try:
        text = profile.settings.read_text("utf-8") if profile.settings.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return False
    _write(profile.settings, _switched(text, on).encode())
    return True


def _switched(text: str, on: bool) -> str:
    """Return the settings with the plug-in on, or without a word of it; the rest stays as it is."""
    lines = [line for line in text.splitlines() if not line.startswith(f"{SWITCH}=")]
    if on:
        if "[python]" not in lines:
            lines += ["", "[python]"] if lines else ["[python]"]
        lines.insert(lines.index("[python]") + 1, f"{SWITCH}=true")
    return "\n".join(lines) + "\n" if lines else ""


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_name(f".{path.name}.new")
        whole.write_bytes(data)
        os.replace(whole, path)
    except OSError as error:
        raise FileError(
            f"{path} cannot be written ({error.strerror}); close Krita or free the folder."
        ) from error


def _check_profile(profile: Profile) -> list[tuple[str, str]]:
    if not profile.plugin.exists() or not profile.desktop.is_file():
        return [(f"The plug-in is not in {profile.path}.", CURE)]
    problems = sandbox.check(profile.package, FLATPAK_ID, TITLE, profile.path, PACKAGES)
    if profile.settings is not None and not _is_on(profile.settings):
        problems.append((f"The plug-in is switched off in {profile.settings}.", SWITCH_CURE))
    return problems + vendor.check_vendored(profile.plugin / vendor.VENDOR, CURE)


def _is_on(settings: Path) -> bool:
    try:
        text = settings.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return re.search(rf"^{SWITCH}=true\s*$", text, re.MULTILINE) is not None


if __name__ == "__main__":
    print(write_zip(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
