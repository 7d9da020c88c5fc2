"""Each file of ``cases/`` is a test here: all run inside one Krita of each version."""

from __future__ import annotations

import pytest

from e2e.krita.krita_host import CASES, KritaHost, Verdict

FOR_THE_EYE = "case_photo"
NAMES = sorted(path.stem for path in CASES.glob("case_*.py"))

OLDER = [name for name in NAMES if name != FOR_THE_EYE]


@pytest.fixture(scope="session")
def verdicts_52(krita_52: KritaHost) -> dict[str, Verdict]:
    return krita_52.run_cases(NAMES)


@pytest.fixture(scope="session")
def verdicts_51(krita_51: KritaHost) -> dict[str, Verdict]:
    return krita_51.run_cases(OLDER, TINCT_TEST_UPDATES="30")


@pytest.mark.parametrize("name", NAMES)
def test_case_in_krita_52(verdicts_52: dict[str, Verdict], name: str) -> None:
    assert verdicts_52[name].passed, verdicts_52[name].failure


@pytest.mark.parametrize("name", OLDER)
def test_case_in_krita_51(verdicts_51: dict[str, Verdict], name: str) -> None:
    assert verdicts_51[name].passed, verdicts_51[name].failure
