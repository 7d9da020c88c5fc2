"""Each function of ``cases/`` is a test here: it runs inside GIMP, a file in one GIMP."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.gimp.gimp_host import CASES, GimpHost, Report, case_names

TRIES = 3
SETTINGS = {"case_broken_engine": {"TINCT_WORKER": "/nowhere/python"}}
FILES = sorted(CASES.glob("case_*.py"))
NAMES = [(path.stem, name) for path in FILES for name in case_names(path)]


@pytest.fixture(scope="session")
def reports(gimp: GimpHost) -> dict[str, Report]:
    """Keep what each file said: GIMP starts once for it."""
    return {}


def run_file(gimp: GimpHost, path: Path) -> Report:
    """Run a file; one that works windows by keys and pointer is given further tries.

    On a machine with other work a window may come later, or have the keys later, than a user
    would wait. What fails each time is not that.
    """
    window = path.stem.startswith("case_window")
    settings = SETTINGS.get(path.stem, {})
    for remaining in reversed(range(TRIES if window else 1)):
        report = gimp.run_cases(path, window=window, **settings)
        complete = all(map(report.counts.get, case_names(path)))
        if complete and not report.failures:
            break
        if remaining:
            print(f"{path.stem} is tried again:\n{report.failures}")
    return report


@pytest.mark.parametrize(("file", "name"), NAMES, ids=[f"{f}-{n}" for f, n in NAMES])
def test_case(gimp: GimpHost, reports: dict[str, Report], file: str, name: str) -> None:
    if file not in reports:
        reports[file] = run_file(gimp, CASES / f"{file}.py")
    report = reports[file]
    assert report.counts.get(name), f"{name} did not run:\n{report.output[-3000:]}"
    assert not report.failures.get(name), "\n".join(report.failures[name])
