"""Set-up compiles every kernel, so that no first picture waits for a compiler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tinct import algorithms
from tinct.algorithms.compiled import LEAN

ENGINE = Path(algorithms.__file__).resolve().parents[1]
CONTRACT = Path(__file__).resolve().parents[1] / "contract" / "test_operations.py"
RUN = """
import gc, importlib.util, json, sys
from numba.core.dispatcher import Dispatcher
from tinct.context import Context
from tinct.warm import warm

def signatures():
    return {
        f"{kernel.py_func.__module__}.{kernel.py_func.__name__}{signature}"
        for kernel in gc.get_objects()
        if isinstance(kernel, Dispatcher) and kernel.py_func.__module__.startswith("tinct.")
        for signature in kernel.overloads
    }

warm(lambda name: None)
warmed = signatures()
specification = importlib.util.spec_from_file_location("contract", sys.argv[1])
contract = importlib.util.module_from_spec(specification)
specification.loader.exec_module(contract)
for operation in contract.OPERATIONS:
    for quality in ("preview", "final"):
        inputs = contract.inputs_for(operation, layout="rgba", optional=True)
        contract.run(operation, inputs, context=Context(quality=quality))
print(json.dumps(sorted(signatures() - warmed)))
"""


def kernel_files() -> list[Path]:
    return [path for path in sorted(ENGINE.rglob("*.py")) if "njit" in path.read_text("utf-8")]


def test_operations_need_no_kernel_that_set_up_did_not_compile() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(CONTRACT)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        env=os.environ | {"PYTHONPATH": str(CONTRACT.parents[1])},
    )
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("path", kernel_files(), ids=lambda path: path.stem)
def test_kernels_are_kept_on_disk(path: Path) -> None:
    text = path.read_text("utf-8")
    assert LEAN["cache"]
    assert "cache=True" in text or "njit(**LEAN)" in text or '"cache": True' in text
