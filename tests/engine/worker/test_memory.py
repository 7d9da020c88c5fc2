from __future__ import annotations

import os
import platform
import subprocess
import sys

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


# Large arrays and small ones by turns, so that the freed ones leave holes.
HOLES = """
import sys
import numpy as np
from tinct.worker.memory import return_freed

if sys.argv[1] == "returned":
    assert return_freed()

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

np.ones(30 << 20, np.uint8)  # from now on the library holds back arrays up to this size
before, held = resident(), []
for _ in range(20):
    large = np.ones(12 << 20, np.uint8)
    held.append((large, bytearray(200_000)))
small = [one for _, one in held]
del held, large
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc only")
def test_freed_arrays_go_back_to_the_system() -> None:
    held = {}
    for how in ("returned", "not"):
        command = [sys.executable, "-c", HOLES, how]
        held[how] = int(subprocess.run(command, check=True, capture_output=True).stdout)
    assert held["returned"] < 20 << 20
    assert held["not"] > 100 << 20  # else this tells nothing


# A block of rows' values, taken and freed again and again.
BLOCKS = """
import resource, sys
import numpy as np
from tinct.worker.memory import return_freed

if sys.argv[1] == "held":
    assert return_freed()
else:
    import ctypes
    ctypes.CDLL(None).mallopt(-3, 8 << 20)

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

np.ones(1 << 20, np.uint8)
before = faults()
for _ in range(200):
    np.ones(1 << 20, np.uint8)
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc only")
def test_a_block_keeps_its_pages() -> None:
    found = {}
    for how in ("held", "not"):
        command = [sys.executable, "-c", BLOCKS, how]
        found[how] = int(subprocess.run(command, check=True, capture_output=True).stdout)
    assert found["held"] < 2000
    assert found["not"] > 20_000  # else this tells nothing
