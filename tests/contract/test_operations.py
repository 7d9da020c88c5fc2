"""What every operation of the catalog promises, whatever its method."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from support import assert_images_close, paint_regions, paint_strokes, photograph
from tinct.cache import Cache
from tinct.catalog import list_operations
from tinct.declare import Context, Input, Operation
from tinct.errors import Cancelled, InputError, ParameterError
from tinct.pixels import Picture
from tinct.run import run_operation

OPERATIONS = list_operations()
SIZES = ((1, 1), (7, 5), (48, 64))
LAYOUTS = ("gray", "rgb", "rgba")
PAINTED_REGIONS = ("swatches", "reference_swatches", "labels", "corrections")
PREVIEW_MEAN_DIFFERENCE = 0.08  # of 1: a preview may be coarse, but must look like the result


def as_picture(values: np.ndarray, layout: str, dtype: str = "uint8") -> Picture:
    if layout == "gray":
        values = values[..., :3].mean(axis=2, keepdims=True)
    if layout == "rgba" and values.shape[2] == 3:
        values = np.concatenate([values, np.ones_like(values[..., :1])], axis=2)
    if dtype == "uint8":
        values = np.rint(values * 255)
    return Picture(values.astype(dtype), layout, "srgb")


def picture_for(role: Input, size: tuple[int, int], layout: str, dtype: str) -> Any:
    truth = photograph("astronaut", size)
    if role.kind == "mask":
        mask = np.zeros((*size, 1), np.float32)
        mask[: max(1, size[0] // 2)] = 1.0
        return as_picture(mask, "gray")
    if role.role in PAINTED_REGIONS:
        picture = as_picture(paint_regions(size), "rgba")
        return (picture,) if role.many else picture
    if role.source == "layer-above":
        strokes = paint_strokes(truth, 12)
        strokes[0, 0] = (0.8, 0.3, 0.2, 1.0)
        return as_picture(strokes, "rgba")
    picture = as_picture(truth, layout, dtype)
    return (picture,) if role.many else picture


def inputs_for(
    operation: Operation,
    size: tuple[int, int] = (48, 64),
    layout: str = "rgb",
    dtype: str = "uint8",
    optional: bool = False,
) -> dict[str, Any]:
    return {
        role.role: picture_for(role, size, layout, dtype)
        for role in operation.inputs
        if not role.optional or optional
    }


def run(operation: Operation, inputs: dict[str, Any], **options: Any) -> dict[str, Any]:
    context = options.pop("context", Context(cache=Cache(1 << 28)))
    return run_operation(operation, inputs, {}, context=context, **options)


def pictures(results: dict[str, Any]) -> list[Picture]:
    found = []
    for result in results.values():
        if isinstance(result, Picture):
            found.append(result)
        elif isinstance(result, list):
            found += [picture for _, picture in result]
    return found


@pytest.fixture(params=OPERATIONS, ids=lambda operation: operation.id)
def operation(request: pytest.FixtureRequest) -> Operation:
    return request.param


def test_description_is_json_and_complete(operation):
    info = operation.to_info()
    assert json.loads(json.dumps(info)) == info
    assert info["summary"].endswith(".")
    for part in [*info["inputs"], *info["outputs"], *info["parameters"]]:
        assert part["title"]
    for parameter in operation.parameters:
        assert parameter.parse(parameter.to_wire(parameter.default)) == parameter.default
        assert parameter.kind == "boolean" or parameter.help


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_size_and_layout_gives_a_picture_or_one_sentence(operation, size, layout):
    inputs = inputs_for(operation, size, layout)
    may_refuse = size != SIZES[-1] or layout == "gray"
    try:
        results = run(operation, inputs)
    except InputError as error:
        if may_refuse and str(error).endswith("."):
            return
        raise
    declared = {output.role: output for output in operation.outputs}
    assert set(results) <= set(declared)
    for picture in pictures(results):
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.ndim == 3
    for role, picture in results.items():
        if isinstance(picture, Picture):
            assert picture.pixels.shape[:2] == size
            color = declared[role].kind in ("rgb", "rgba")
            assert not color or picture.layout in ("rgb", "rgba", layout)


@pytest.mark.parametrize("dtype", ["uint16", "float16", "float32"])
def test_depth_is_kept_and_nothing_is_not_a_number(operation, dtype):
    inputs = inputs_for(operation, layout="rgba")
    base = operation.inputs[0].role
    scale = 65535 if dtype == "uint16" else 1
    values = (
        np.rint(photograph("coffee", (48, 64)) * scale)
        if scale > 1
        else photograph("coffee", (48, 64))
    )
    alpha = np.full((48, 64, 1), scale, np.float32)
    inputs[base] = Picture(np.concatenate([values, alpha], axis=2).astype(dtype), "rgba", "srgb")
    for picture in pictures(run(operation, inputs)):
        assert picture.pixels.dtype == dtype
        assert np.isfinite(picture.pixels.astype(np.float64)).all()


def test_holes_and_broken_numbers_survive(operation):
    inputs = inputs_for(operation, layout="rgba", dtype="float32")
    base = operation.inputs[0].role
    values = inputs[base].pixels.copy()
    values[3:9, 4:11, 3] = 0.0
    values[20, 20, 0] = np.nan
    values[21, 21, :3] = np.inf
    inputs[base] = Picture(values, "rgba", "srgb")
    warned: list[str] = []
    context = Context(cache=Cache(1 << 28), warn=warned.append)
    results = run(operation, inputs, context=context)
    assert any("not numbers" in sentence for sentence in warned)
    for output in operation.outputs:
        picture = results.get(output.role)
        if isinstance(picture, Picture) and output.kind == "rgba":
            np.testing.assert_array_equal(picture.pixels[3:9, 4:11], values[3:9, 4:11])
            ordinary = np.isfinite(values).all(axis=2)
            assert np.isfinite(picture.pixels[ordinary]).all()


def test_outside_the_region_every_byte_is_the_base(operation):
    inputs = inputs_for(operation, layout="rgba", optional=True)
    base = inputs[operation.inputs[0].role]
    results = run(operation, inputs)
    for output in operation.outputs:
        picture = results.get(output.role)
        if isinstance(picture, Picture) and output.kind in ("rgb", "rgba"):
            np.testing.assert_array_equal(picture.pixels[24:], base.pixels[24:])


def test_layers_carry_the_region_in_alpha(operation):
    inputs = inputs_for(operation, layout="rgb", optional=True)
    for output, picture in run(operation, inputs, outside="transparent").items():
        if isinstance(picture, Picture) and picture.layout == "rgba":
            assert (picture.pixels[:24, :, 3] == 255).all(), output
            assert (picture.pixels[24:, :, 3] == 0).all(), output


def test_inputs_are_never_written_to(operation):
    inputs = inputs_for(operation, layout="rgba", optional=True)
    before = {
        role: picture.pixels.copy()
        for role, picture in inputs.items()
        if isinstance(picture, Picture)
    }
    run(operation, inputs)
    for role, pixels in before.items():
        np.testing.assert_array_equal(inputs[role].pixels, pixels)


def test_same_seed_same_bytes(operation):
    first, second = (run(operation, inputs_for(operation)) for _ in range(2))
    for one, other in zip(pictures(first), pictures(second), strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)


def test_preview_looks_like_the_result(operation):
    final = run(operation, inputs_for(operation))
    preview = run(operation, inputs_for(operation), context=Context(quality="preview"))
    for one, other in zip(pictures(final), pictures(preview), strict=True):
        difference = np.abs(one.pixels.astype(float) - other.pixels.astype(float)).mean() / 255
        assert difference <= PREVIEW_MEAN_DIFFERENCE


def test_preparing_gives_nothing_and_changes_no_result(operation):
    inputs, cache = inputs_for(operation, (61, 67)), Cache(1 << 28)
    expected = pictures(run(operation, inputs))
    assert run(operation, inputs, context=Context(quality="prepare", cache=cache)) == {}
    found = pictures(run(operation, inputs, context=Context(cache=cache)))
    for one, other in zip(found, expected, strict=True):
        difference = one.pixels.astype(float) - other.pixels.astype(float)
        assert np.abs(difference).max() <= 1  # the same to the solver's tolerance


def test_cancel_stops_at_the_next_report(operation):
    def progress(fraction: float, stage: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run(operation, inputs_for(operation), context=Context(progress=progress))


def test_progress_rises_from_0_to_1(operation):
    seen: list[float] = []
    context = Context(progress=lambda fraction, stage: seen.append(fraction))
    run(operation, inputs_for(operation), context=context)
    assert all(0 <= fraction <= 1 for fraction in seen)
    assert seen == sorted(seen)


def test_empty_picture_is_refused_in_one_sentence(operation):
    with pytest.raises(InputError, match=r"has no pixels.*\.$"):
        run(
            operation,
            inputs_for(operation)
            | {operation.inputs[0].role: as_picture(np.zeros((0, 4, 3)), "rgb")},
        )


def test_unknown_and_missing_roles_are_named(operation):
    inputs = inputs_for(operation)
    with pytest.raises(ParameterError, match="takes no picture 'nose'"):
        run(operation, inputs | {"nose": inputs[operation.inputs[0].role]})
    for role in operation.inputs:
        if not role.optional:
            fewer = {name: picture for name, picture in inputs.items() if name != role.role}
            with pytest.raises(ParameterError, match=f"needs a picture for '{role.role}'"):
                run(operation, fewer)


def test_pictures_of_another_size_are_refused(operation):
    for role in operation.inputs[1:]:
        if role.same_size:
            inputs = inputs_for(operation, optional=True)
            inputs[role.role] = picture_for(role, (48, 63), "rgb", "uint8")
            with pytest.raises(InputError, match=r"63 x 48 pixels.*same size"):
                run(operation, inputs)


def test_gray_level_is_kept_where_only_color_changes(operation):
    for output in operation.outputs:
        if output.blend == "color":
            inputs = inputs_for(operation, layout="rgb")
            base = inputs[operation.inputs[0].role].pixels.astype(float)
            colors = run(operation, inputs)[output.role].pixels.astype(float)
            weights = np.array([0.299, 0.587, 0.114])
            assert_images_close(colors[..., :3] @ weights, base @ weights, 1.0)
