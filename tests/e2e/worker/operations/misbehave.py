"""Do what no operation should, to see what the worker makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Annotated, Literal

import numpy as np

from tinct.declare import Context, Image, Input, Label, Operation, Output, Result

Manner = Literal[
    "print", "chatter", "warn", "raise", "exit", "memory", "nan-data", "long-data", "die", "sleep",
    "spin", "strange-progress",
]  # fmt: skip


def misbehave(
    image: Image,
    *,
    manner: Annotated[Manner, Label("Manner")] = "print",
    context: Context = Context(),
) -> Result:
    """Misbehave in the way that is asked for."""
    data: object = {"quality": context.quality}
    context.progress(0.0, "Beginning")
    if manner == "print":
        print('{"jsonrpc": "2.0", "id": 1, "result": "forged"}', flush=True)
        os.write(1, b"not a message\n")
        subprocess.run([sys.executable, "-I", "-S", "-c", "print('from a child')"], check=True)
    elif manner == "chatter":
        until = time.monotonic() + 0.5
        count = 0
        while time.monotonic() < until:
            context.progress(0.5, "Chattering")
            count += 1
        data = {"called": count}
    elif manner == "warn":
        context.warn("Half of the picture is black.")
    elif manner == "raise":
        raise RuntimeError("a secret of the inside")
    elif manner == "exit":
        raise SystemExit(3)
    elif manner == "memory":
        np.empty((1 << 45,), np.uint8)
    elif manner == "nan-data":
        data = float("nan")
    elif manner == "long-data":
        data = "x" * (5 << 20)
    elif manner == "die":
        os._exit(9)
    elif manner == "sleep":
        time.sleep(600)
    elif manner == "spin":
        _spin()
    elif manner == "strange-progress":
        for fraction in (float("nan"), float("inf"), -5.0):
            context.progress(fraction, "x" * 10000)
            time.sleep(0.06)  # past the interval, so that each of them is sent
    return {"copy": image, "layers": [("First", image), ("Second", image)], "facts": data}


def _spin() -> None:
    import numba

    @numba.njit(nogil=True)
    def count(limit: int) -> float:
        total = 0.0
        for step in range(limit):
            total += 1.0 / (1.0 + total + step)
        return total

    count(1 << 62)


OPERATION = Operation.of(
    misbehave,
    id="misbehave",
    title="Misbehave",
    menu="Test",
    action="Misbehave",
    inputs=[Input("image", "rgba", "Image", source="active-layer")],
    outputs=[
        Output("copy", "rgba", "Copy"),
        Output("layers", "layers", "Layers"),
        Output("facts", "data", "Facts"),
    ],
    listed=False,
)
