"""Pull the hues of a picture into a harmonic template on the color wheel."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from tinct.declare import (
    Advanced,
    Angle,
    Context,
    EnabledWhen,
    Image,
    Input,
    Label,
    Mask,
    Operation,
    Output,
    Palette,
    Preview,
    Range,
    Result,
    Titles,
)
from tinct.errors import InputError, ParameterError

__all__ = ["OPERATION", "harmonize"]

Template = Literal["auto", "i", "V", "L", "I", "T", "Y", "X", "N"]
FitTo = Literal["picture", "selection", "rest", "palette", "reference"]
NODES = {"final": 1 << 20, "preview": 1 << 15}


def harmonize(
    image: Image,
    region: Mask | None = None,
    reference: Image | None = None,
    *,
    template: Annotated[
        Template,
        Label(
            "Template",
            "The sectors hues are pulled into; automatic takes the one that changes least.",
        ),
        Titles(
            "Automatic",
            "i: one narrow",
            "V: one wide",
            "L: narrow and wide, 90°",
            "I: two narrow, opposite",
            "T: half the wheel",
            "Y: wide and narrow, opposite",
            "X: two wide, opposite",
            "N: gray",
        ),
    ] = "auto",
    find_angle: Annotated[
        bool, Label("Find the angle", "Turn the template to where it changes least.")
    ] = True,
    angle: Annotated[
        float,
        Angle(),
        Label("Angle", "Degrees the template is turned on the wheel."),
        EnabledWhen("find_angle", False),
    ] = 0.0,
    strength: Annotated[
        float, Range(0.0, 1.0, 0.01), Label("Strength", "How far hues go into the sectors.")
    ] = 1.0,
    fit_to: Annotated[
        FitTo,
        Label("Fit to", "Whose hues decide on template and angle."),
        Titles("Whole picture", "Selection", "Rest of the picture", "Palette", "Second picture"),
    ] = "picture",
    palette: Annotated[
        Palette,
        Label("Palette", "Colors the template is fitted to."),
        EnabledWhen("fit_to", "palette"),
    ] = (),
    coherence: Annotated[
        float,
        Range(0.0, 10.0, 0.1),
        Label("Coherence", "Higher keeps neighboring hues together; 0 takes the nearest sector."),
    ] = 1.0,
    keep_lightness: Annotated[
        bool, Label("Keep lightness", "Give every color the CIELAB lightness it had.")
    ] = False,
    inside: Annotated[
        Literal["contract", "keep"],
        Label("Hues inside", "Draw hues inside a sector to its center too, or leave them."),
        Advanced(),
    ] = "contract",
    neutral: Annotated[
        float,
        Range(0.0, 1.0, 0.01),
        Label("Protect neutrals", "Colors with less chroma than this keep their hue."),
        Advanced(),
    ] = 0.05,
    saturation_weight: Annotated[
        float,
        Range(0.0, 2.0, 0.1),
        Label("Saturation weight", "Power by which saturated colors count more; 0 counts all."),
        Advanced(),
    ] = 1.0,
    first_size: Annotated[
        float,
        Range(0.1, 3.0, 0.05),
        Label("First sector", "Factor of its width."),
        Advanced(),
    ] = 1.0,
    second_size: Annotated[
        float,
        Range(0.1, 3.0, 0.05),
        Label("Second sector", "Factor of its width."),
        Advanced(),
    ] = 1.0,
    second_offset: Annotated[
        float,
        Range(-180.0, 180.0, 1.0),
        Label("Second sector's offset", "Degrees; -180 mirrors L."),
        Advanced(),
    ] = 0.0,
    context: Context = Context(),
) -> Result:
    """Pull the hues of a picture into a harmonic template.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded.
    region
        What is recolored; shape (M, N). See `fit_to` for what the template comes from.
    reference
        A picture whose hues give the template when `fit_to` says so, shape (P, Q, 4).
    template, find_angle, angle
        The sectors, and whether they are turned to where they cost least.
    strength
        0 changes nothing, 1 brings every color into the sectors.
    fit_to
        The hues that decide: all, those selected, the others, `palette`'s or `reference`'s.
    palette
        Colors, all counting by their saturation.
    coherence
        Weight of neighbors' agreement; see `tinct.algorithms.hue_assignment`.
    keep_lightness
        Hold CIELAB L instead of V of HSV.
    inside
        ``"contract"`` is the paper's falloff.
    neutral, saturation_weight
        Which colors count as gray; the power of saturation in all weights.
    first_size, second_size, second_offset
        Departures from the published sectors.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``colors``, like `image`, and ``wheel``, see `tinct.wheel`.

    Raises
    ------
    InputError
        When there are no colors to harmonize or to fit to.
    ParameterError
        When `fit_to` names something that is not given.
    """
    from tinct.algorithms.harmonization import count_hues, split, turn_into_sectors
    from tinct.algorithms.harmonization import keep_lightness as hold_lightness
    from tinct.algorithms.harmony import Shape, best_angle, rank, sectors_of
    from tinct.wheel import describe_wheel

    context.progress(0.0, "Counting hues")
    hues = split(image, exponent=saturation_weight, neutral=neutral)
    own_weight = hues.weight if region is None else hues.weight * region
    _refuse_colorless(image, region, own_weight)
    before = count_hues(hues.hue, own_weight)
    fitted = _fitted(fit_to, hues, region, palette, reference, before)
    context.progress(0.1, "Fitting the template")
    shape = Shape(first_size, second_size, second_offset)
    ranking = rank(fitted, shape)
    if template == "auto":
        chosen, turned = ranking[0].template, ranking[0].angle
    elif find_angle and template != "N":
        chosen, turned = template, best_angle(fitted, template, shape).angle
    else:
        chosen, turned = template, angle
    sectors = sectors_of(chosen, turned, shape)
    context.progress(0.15, "Assigning sectors")
    if sectors:
        colors, shifted = turn_into_sectors(
            image,
            hues,
            sectors,
            strength=strength,
            keep_inside=inside == "keep",
            coherence=coherence,
            nodes=NODES[context.quality],
            progress=context.within(0.15, 0.85),
        )
        after = count_hues(shifted, own_weight)
    else:
        colors = _without_hue(image, strength)
        after = before * (1.0 - strength)
    context.progress(0.9, "Turning hues")
    if keep_lightness:
        hold_lightness(image, colors)
    wheel = describe_wheel(
        before=before,
        after=after,
        fitted=fitted,
        template=chosen,
        angle=turned,
        sectors=sectors,
        ranking=ranking,
        shape=shape,
        fixed={"find_angle": False},
    )
    return {"colors": colors, "wheel": wheel}


def _refuse_colorless(image: Image, region: Mask | None, weight: Image) -> None:
    if region is not None and not (region > 0).any():
        raise InputError("The selection is empty; select what to harmonize, or select nothing.")
    if not (image[..., 3] > 0).any():
        raise InputError("The picture is fully transparent; choose a layer with colors.")
    if not (weight > 0).any():
        raise InputError(
            f"The {'picture' if region is None else 'selection'} is gray, so it has no hues to "
            "harmonize; choose one with colors, or lower the protection of neutrals."
        )


def _fitted(
    fit_to: FitTo,
    hues: Any,
    region: Mask | None,
    palette: Palette,
    reference: Image | None,
    before: Image,
) -> Image:
    """Return the histogram that decides on the template."""
    from tinct.algorithms.harmonization import count_hues, split

    if fit_to == "palette":
        if not palette:
            raise ParameterError(
                "The palette is empty; give it colors, or fit to the picture.",
                parameter="palette",
                allowed="at least one color",
            )
        colors = np.array([[(*color, 1.0) for color in palette]], np.float32)
        chosen = split(colors)
        histogram = count_hues(chosen.hue, chosen.weight)
    elif fit_to == "reference":
        if reference is None:
            raise ParameterError(
                "There is no second picture to fit to; choose one, or fit to the picture.",
                parameter="reference",
                allowed="a picture",
            )
        chosen = split(reference, neutral=hues.neutral)
        histogram = count_hues(chosen.hue, chosen.weight)
    elif fit_to == "picture":
        histogram = before if region is None else count_hues(hues.hue, hues.weight)
    elif region is None:
        raise ParameterError(
            "There is no selection to fit to; select an area, or fit to the whole picture.",
            parameter="fit_to",
            value=fit_to,
            allowed="picture, palette or reference",
        )
    elif fit_to == "selection":
        histogram = before
    else:
        histogram = count_hues(hues.hue, hues.weight * (1 - region))
    if histogram.sum() <= 0:
        raise InputError("What the template is fitted to has only grays; fit it to colors.")
    return histogram


def _without_hue(image: Image, strength: float) -> Image:
    """Return the picture with S of HSV taken out; V stays."""
    colors = image.copy()
    value = image[..., :3].max(axis=2, keepdims=True)
    colors[..., :3] += np.float32(strength) * (value - image[..., :3])
    return colors


OPERATION = Operation.of(
    harmonize,
    id="harmonize",
    title="Harmonize colors",
    menu="Recolor",
    action="Harmonize",
    inputs=[
        Input("image", "rgba", "Image", source="active-layer"),
        Input("region", "mask", "Region", source="selection", optional=True),
        Input(
            "reference",
            "rgba",
            "Second picture",
            help="A flag, a logo or a photograph whose hues give the template.",
            source="picture",
            optional=True,
            same_size=False,
        ),
    ],
    outputs=[Output("colors", "rgba", "Harmonized"), Output("wheel", "data", "Color wheel")],
    preview=Preview(max_side=1024, live=True),
)
