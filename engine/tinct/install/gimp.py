"""GIMP 3: where its profiles lie, how the plug-in gets in and out, and what may be broken there."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tinct.errors import FileError
from tinct.install import sandbox, vendor

__all__ = ["NAME", "TITLE", "WHERE", "Profile", "check", "find_profiles", "install", "uninstall"]

NAME = "tinct-gimp"
TITLE = "GIMP"
WHERE = "tinct is in Colors > Tinct"
SOURCE = f"gimp_plugin/{NAME}"
INNER = "tinct_gimp"
CURE = "run: tinct install gimp"
FLATPAK_ID = "org.gimp.GIMP"
PACKAGES = "a system package or as a Flatpak"
VERSION_TIMEOUT_S = 20.0


@dataclasses.dataclass(frozen=True)
class Profile:
    """One folder of GIMP's settings.

    Parameters
    ----------
    path
        Such as ``~/.config/GIMP/3.0``.
    package
        How this GIMP came to the system; those in a sandbox start the engine in another way.
    """

    path: Path
    package: sandbox.Package = "system"

    @property
    def plugin(self) -> Path:
        """Where the plug-in lies, or would."""
        return self.path / "plug-ins" / NAME

    @property
    def entry(self) -> Path:
        """The file GIMP starts."""
        return self.plugin / f"{NAME}.py"


def find_profiles(
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
    platform: str = sys.platform,
) -> list[Profile]:
    """Return GIMP 3's profiles: the one ``GIMP3_DIRECTORY`` names, else all there are.

    A GIMP 3 that was never started has none yet; the one it will make is named for it.
    """
    named = environment.get("GIMP3_DIRECTORY", "")
    if named:
        return [Profile(Path(named))]
    home = home or Path.home()
    found = []
    for folder, package in _places(environment, home, platform):
        found += [
            Profile(path, package)
            for path in sorted(folder.glob("3.*"))
            if re.fullmatch(r"3\.\d+", path.name) and path.is_dir()
        ]
    if not any(profile.package == "system" for profile in found):
        version = _installed_version(environment)
        if version.startswith("3."):
            folder = next(path for path, package in _places(environment, home, platform))
            found.insert(0, Profile(folder / version))
    return found


def install(profiles: Sequence[Profile], *, link: bool = False, python: str = "") -> Iterator[str]:
    """Put the plug-in into each profile, in place of an older one; yield what was done.

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
            "No GIMP 3 was found; start GIMP 3 once and try again, or name the folder that "
            "Preferences > Folders shows: tinct install gimp --profile FOLDER."
        )
    source = vendor.plugin_source(SOURCE)
    command = vendor.engine_command(python)
    put = vendor.link_plugin if link else vendor.copy_plugin
    for profile in profiles:
        package, data = profile.package, profile.path.parent.parent.parent
        launch = sandbox.launch_from(package, data)
        put(source, profile.plugin, INNER, sandbox.command_from(package, command), **launch)
        entry = profile.entry
        try:
            entry.chmod(entry.stat().st_mode | 0o755)
        except OSError as error:
            raise FileError(f"{entry} cannot be made executable ({error.strerror}).") from error
        yield f"{'Linked' if link else 'Installed'} {profile.plugin}"
        if package == "flatpak":
            cure = sandbox.cure(FLATPAK_ID, TITLE)
            yield f"This GIMP runs in a sandbox and may not start the engine yet; {cure}."


def uninstall(profiles: Sequence[Profile]) -> Iterator[str]:
    """Remove the plug-in from each profile; yield what was removed."""
    for profile in profiles:
        if vendor.remove_plugin(profile.plugin):
            yield f"Removed {profile.plugin}"


def check(
    environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> list[tuple[str, str]]:
    """Return what keeps tinct from working in GIMP: sentences and their cures; none is well."""
    profiles = find_profiles(environment, home)
    if not profiles:
        version = _installed_version(environment)
        if version:
            return [
                (f"GIMP {version} is too old for tinct.", "install GIMP 3.0 or newer, then " + CURE)
            ]
        return [("GIMP 3 was not found.", "start GIMP 3 once, then " + CURE)]
    problems = []
    for profile in profiles:
        problems += _check_profile(profile)
    if not any(profile.package != "system" for profile in profiles):
        problems += _check_python(environment)
    return problems


def _places(
    environment: Mapping[str, str], home: Path, platform: str
) -> Iterator[tuple[Path, sandbox.Package]]:
    """Yield the folders that hold profiles, this system's own kind first."""
    if platform == "win32":
        roaming = environment.get("APPDATA", "")
        yield (Path(roaming) if roaming else home / "AppData" / "Roaming") / "GIMP", "system"
        packages = home / "AppData" / "Local" / "Packages"
        for store in sorted(packages.glob("*GIMP*")):
            yield store / "LocalCache" / "Roaming" / "GIMP", "system"
        return
    if platform == "darwin":
        yield home / "Library" / "Application Support" / "GIMP", "system"
        return
    config = environment.get("XDG_CONFIG_HOME", "")
    yield (Path(config) if os.path.isabs(config) else home / ".config") / "GIMP", "system"
    yield home / ".var" / "app" / FLATPAK_ID / "config" / "GIMP", "flatpak"
    for folder in ("current", "common"):
        yield home / "snap" / "gimp" / folder / ".config" / "GIMP", "snap"


def _installed_version(environment: Mapping[str, str]) -> str:
    """Return the version of the GIMP on the path, such as ``3.0``, or an empty text."""
    for name in ("gimp-3", "gimp", "gimp-console"):
        program = shutil.which(name, path=environment.get("PATH", ""))
        if not program:
            continue
        try:
            told = subprocess.run(
                [program, "--version"],
                capture_output=True,
                text=True,
                timeout=VERSION_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        if match := re.search(r"(\d+\.\d+)\.\d+", told.stdout):
            return match[1]
    return ""


def _check_profile(profile: Profile) -> list[tuple[str, str]]:
    if not profile.plugin.exists():
        return [(f"The plug-in is not in {profile.path}.", CURE)]
    if not profile.entry.is_file():
        return [(f"{profile.plugin} is incomplete.", CURE)]
    problems = sandbox.check(profile.package, FLATPAK_ID, TITLE, profile.path, PACKAGES)
    if not os.access(profile.entry, os.X_OK):
        problems.append((f"{profile.entry} is not executable: GIMP passes it over.", CURE))
    elif _mounted_noexec(profile.entry):
        problems.append(
            (
                f"{profile.entry} lies where nothing may be executed: GIMP passes it over.",
                "mount that folder without noexec, or set GIMP3_DIRECTORY to another one",
            )
        )
    return problems + vendor.check_vendored(profile.plugin / INNER / vendor.VENDOR, CURE)


def _mounted_noexec(path: Path) -> bool:
    if sys.platform == "win32":
        return False
    return bool(os.statvfs(path).f_flag & os.ST_NOEXEC)


def _check_python(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """GIMP starts plug-ins with the first python3 on the path, which needs PyGObject."""
    if sys.platform in ("win32", "darwin"):
        return []  # GIMP brings its own there
    own = os.path.join(sys.prefix, "bin")  # an active virtual environment is not GIMP's
    folders = [path for path in environment.get("PATH", "").split(os.pathsep) if path != own]
    python = shutil.which("python3", path=os.pathsep.join(folders))
    if python is None:
        return [("There is no python3 for GIMP's plug-ins.", "install python3 and PyGObject")]
    probe = "import gi; gi.require_version('Gimp', '3.0')"
    done = subprocess.run(
        [python, "-c", probe], capture_output=True, timeout=VERSION_TIMEOUT_S, check=False
    )
    if done.returncode == 0:
        return []
    return [
        (
            f"{python}, with which GIMP starts its plug-ins, has no gi module for GIMP 3.",
            "leave the virtual environment and start GIMP outside of it, or install python3-gi "
            "and gir1.2-gimp-3.0",
        )
    ]
