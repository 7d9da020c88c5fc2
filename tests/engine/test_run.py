"""A run checks what comes in and places what comes out, whatever the operation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pytest

from tinct.declare import (
    Context,
    FilePattern,
    Image,
    Input,
    Mask,
    Operation,
    Output,
    Range,
    Result,
)
from tinct.errors import InputError, ParameterError
from tinct.pixels import Picture
from tinct.run import run_operation


def paint_red(
    image: Image,
    references: tuple[Image, ...] = (),
    region: Mask | None = None,
    *,
    count: Annotated[int, Range(0, 3)] = 2,
    context: Context = Context(),
) -> Result:
    """Return red everywhere, a list of layers, and how many references came."""
    red = np.zeros_like(image)
    red[..., 0] = 1.0
    red[..., 3] = image[..., 3]
    layers = [(f"Layer {number}", red) for number in range(count)]
    return {"colors": red, "parts": layers, "facts": {"references": len(references)}}


RED = Operation.of(
    paint_red,
    id="paint-red",
    title="Red",
    menu="Test",
    action="Paint",
    inputs=[
        Input("image", "rgba", "Image"),
        Input("references", "rgb", "Reference", optional=True, many=True, same_size=False),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[
        Output("colors", "rgba", "Red"),
        Output("parts", "layers", "Parts"),
        Output("facts", "data", "Facts"),
        Output("extra", "gray", "Extra", optional=True),
    ],
)


def gray(rows=4, columns=5, value=100, layout="gray", dtype="uint8"):
    channels = {"gray": 1, "rgb": 3, "rgba": 4, "bgra": 4}[layout]
    return Picture(np.full((rows, columns, channels), value, dtype), layout)


def run(inputs, parameters=None, **options):
    return run_operation(RED, inputs, parameters or {}, context=Context(), **options)


def test_a_preview_writes_no_files(tmp_path):
    def write(
        image: Image,
        *,
        target: Annotated[Path | None, FilePattern("*.txt", save=True)] = None,
        context: Context = Context(),
    ) -> Result:
        """Write a file where it is told to."""
        if target is not None:
            target.write_text("written")
        return {"colors": image}

    operation = Operation.of(
        write,
        id="write",
        title="Write",
        menu="Test",
        action="Write",
        inputs=[Input("image", "rgba", "Image")],
        outputs=[Output("colors", "rgba", "Copy")],
    )
    inputs, parameters = {"image": gray()}, {"target": str(tmp_path / "file.txt")}
    run_operation(operation, inputs, parameters, context=Context(quality="preview"))
    assert list(tmp_path.iterdir()) == []
    run_operation(operation, inputs, parameters, context=Context())
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def test_outputs_come_as_declared():
    results = run({"image": gray(layout="rgba", value=255), "references": [gray(2, 2), gray(9, 1)]})
    assert set(results) == {"colors", "parts", "facts"}
    assert results["facts"] == {"references": 2}
    assert [title for title, _ in results["parts"]] == ["Layer 0", "Layer 1"]
    np.testing.assert_array_equal(results["colors"].pixels[0, 0], (255, 0, 0, 255))


def test_color_of_a_gray_base_widens_and_keeps_gray_outside():
    region = Picture(np.zeros((4, 5, 1), np.uint8), "mask")
    region.pixels[:2] = 255
    colors = run({"image": gray(), "region": region})["colors"]
    assert colors.layout == "rgb"
    np.testing.assert_array_equal(colors.pixels[0, 0], (255, 0, 0))
    np.testing.assert_array_equal(colors.pixels[3, 4], (100, 100, 100))


@pytest.mark.parametrize("layout", ["gray", "rgb", "rgba", "bgra"])
def test_transparent_outside_always_has_alpha(layout):
    region = Picture(np.zeros((4, 5, 1), np.uint8), "mask")
    region.pixels[:2] = 128
    inputs = {"image": gray(value=255, layout=layout), "region": region}
    colors = run(inputs, outside="transparent")["colors"]
    assert colors.layout == ("bgra" if layout == "bgra" else "rgba")
    assert (colors.pixels[:2, :, 3] == 128).all()
    assert (colors.pixels[2:, :, 3] == 0).all()


def test_linear_sixteen_bit_stays_so():
    base = Picture(np.full((2, 2, 3), 30000, np.uint16), "rgb", "linear")
    colors = run({"image": base})["colors"]
    assert colors.pixels.dtype == np.uint16
    assert colors.space == "linear"


def test_unfit_roles_are_named():
    with pytest.raises(ParameterError, match="takes no picture 'sky'; it takes image, references"):
        run({"image": gray(), "sky": gray()})
    with pytest.raises(ParameterError, match="needs a picture for 'image'"):
        run({})
    with pytest.raises(ParameterError, match="'image' of paint-red takes one picture"):
        run({"image": [gray()]})
    with pytest.raises(ParameterError, match="'references' of paint-red takes several"):
        run({"image": gray(), "references": gray()})


def test_unfit_sizes_are_named():
    with pytest.raises(InputError, match="'region' is 6 x 4 pixels, but 'image' is 5 x 4"):
        run({"image": gray(), "region": gray(4, 6)})
    with pytest.raises(InputError, match="'references' has no pixels"):
        run({"image": gray(), "references": [gray(0, 3)]})


def test_parameters_are_checked_before_anything_is_read():
    with pytest.raises(ParameterError, match="count must be 0 to 3"):
        run({}, {"count": 4})
