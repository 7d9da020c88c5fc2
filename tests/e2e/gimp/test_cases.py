"""Each function of ``cases/`` is a test here: it runs inside GIMP, a file in one GIMP."""

from __future__ import annotations

import pytest

from e2e.gimp.gimp_host import CASES, GimpHost, Report, case_names

SETTINGS = {"case_broken_engine": {"TINCT_WORKER": "/nowhere/python"}}
FILES = sorted(CASES.glob("case_*.py"))
NAMES = [(path.stem, name) for path in FILES for name in case_names(path)]


@pytest.fixture(scope="session")
def reports(gimp: GimpHost) -> dict[str, Report]:
    """Keep what each file said: GIMP starts once for it."""
    return {}


@pytest.mark.parametrize(("file", "name"), NAMES, ids=[f"{f}-{n}" for f, n in NAMES])
def test_case(gimp: GimpHost, reports: dict[str, Report], file: str, name: str) -> None:
    if file not in reports:
        path = CASES / f"{file}.py"
        window = file.startswith("case_window")
        reports[file] = gimp.run_cases(path, window=window, **SETTINGS.get(file, {}))
    report = reports[file]
    assert report.counts.get(name), f"{name} did not run:\n{report.output[-3000:]}"
    assert not report.failures.get(name), "\n".join(report.failures[name])
