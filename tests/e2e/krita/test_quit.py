"""The engine and its files end with Krita."""

from __future__ import annotations

import json

import pytest

from e2e.krita.krita_host import KritaHost

QUIT_TIMEOUT_S = 60


def start(krita: KritaHost, case: str, timeout_s: int) -> tuple[int, str]:
    plan = {
        "folder": f"{krita.checkout}/tests/e2e/krita/cases",
        "cases": [case],
        "out": krita.folder,
    }
    (krita.out / "plan.json").write_text(json.dumps(plan))
    return krita.start(["krita"], timeout_s, TINCT_HOOK_PLAN=f"{krita.folder}/plan.json")


@pytest.mark.parametrize("version", ["52", "51"])
def test_closing_krita_ends_the_engine(request: pytest.FixtureRequest, version: str) -> None:
    krita: KritaHost = request.getfixturevalue(f"krita_{version}")
    code, output = start(krita, "quit", QUIT_TIMEOUT_S)
    assert "engine runs as" in output, output[-3000:]
    assert code == 0, output[-3000:]
    assert "left: 0 folders, 0 engines" in output, output[-3000:]
