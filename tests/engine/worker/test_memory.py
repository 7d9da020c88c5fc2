from __future__ import annotations

import os

import pytest

from tinct.worker import memory
from tinct.worker.memory import cache_budget


@pytest.mark.parametrize(("setting", "expected"), [("0", 0), ("100", 100 << 20), ("0.5", 1 << 19)])
def test_the_setting_is_in_megabytes(setting: str, expected: int) -> None:
    assert cache_budget(setting) == expected


@pytest.mark.parametrize("setting", ["", "much", "-1", "nan", "inf"])
def test_anything_else_is_a_share_of_the_memory(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setattr(memory, "_physical_bytes", lambda: 4 << 30)
    assert cache_budget(setting) == 1 << 30
    monkeypatch.setattr(memory, "_physical_bytes", lambda: 1 << 40)
    assert cache_budget(setting) == memory.MAXIMUM_BYTES


@pytest.mark.skipif(not os.path.exists("/proc/meminfo"), reason="needs another source to compare")
def test_the_machine_tells_its_memory() -> None:
    with open("/proc/meminfo") as file:
        total = int(file.readline().split()[1]) * 1024
    assert memory._physical_bytes() == pytest.approx(total, rel=0.05)


def test_a_machine_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(memory.os, "sysconf", refuse)
    assert cache_budget("") == memory.UNKNOWN_MEMORY_BYTES * memory.SHARE_OF_MEMORY
