"""Each function of ``cases/`` is a test here: it runs inside GIMP, a file in one GIMP."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.gimp.gimp_host import CASES, GimpHost, Report, case_names

SETTINGS = {"case_broken_engine": {"TINCT_WORKER": "/nowhere/python"}}
FILES = sorted(CASES.glob("case_*.py"))
NAMES = [(path.stem, name) for path in FILES for name in case_names(path)]


@pytest.fixture(scope="session")
def reports(gimp: GimpHost) -> dict[str, Report]:
    """Keep what each file said: GIMP starts once for it."""
    return {}


def run_file(gimp: GimpHost, path: Path) -> Report:
    """Run a file; one that works windows by keys and pointer is given a second try.

    On a machine with other work a window may come later, or have the keys later, than a user
    would wait. What fails twice is not that.
    """
    window = path.stem.startswith("case_window")
    report = gimp.run_cases(path, window=window, **SETTINGS.get(path.stem, {}))
    if window and (report.failures or not all(map(report.counts.get, case_names(path)))):
        print(f"{path.stem} is tried again:\n{report.failures}")
        report = gimp.run_cases(path, window=window, **SETTINGS.get(path.stem, {}))
    return report


@pytest.mark.parametrize(("file", "name"), NAMES, ids=[f"{f}-{n}" for f, n in NAMES])
def test_case(gimp: GimpHost, reports: dict[str, Report], file: str, name: str) -> None:
    if file not in reports:
        reports[file] = run_file(gimp, CASES / f"{file}.py")
    report = reports[file]
    assert report.counts.get(name), f"{name} did not run:\n{report.output[-3000:]}"
    assert not report.failures.get(name), "\n".join(report.failures[name])
