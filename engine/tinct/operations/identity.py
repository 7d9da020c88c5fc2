"""Return the picture as it is: measures and tests what everything but a method costs."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from tinct.declare import Context, Image, Input, Label, Mask, Operation, Output, Range, Result

__all__ = ["OPERATION", "identity"]


def identity(
    image: Image,
    region: Mask | None = None,
    *,
    seconds: Annotated[
        float, Range(0.0, 60.0, 0.1), Label("Seconds", "Take at least this long, reporting.")
    ] = 0.0,
    context: Context = Context(),
) -> Result:
    """Return the picture as it is.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded.
    region
        Ignored; what lies outside it is kept anyway.
    seconds
        Sleep this long in steps of 10 ms, reporting progress at each.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``colors``, the same values.
    """
    import time

    steps = int(np.ceil(seconds / 0.01))
    for step in range(steps):
        context.progress(step / steps, "Waiting")
        time.sleep(0.01)
    return {"colors": image}


OPERATION = Operation.of(
    identity,
    id="identity",
    title="Identity",
    menu="Test",
    action="Copy",
    inputs=[
        Input("image", "rgba", "Image", source="active-layer"),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[Output("colors", "rgba", "Copy")],
    listed=False,
)
