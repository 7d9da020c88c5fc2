"""What the operations that ask a network for colors share: asking once, and painting the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.cache import content_key
from tinct.declare import Context, FloatArray, Image, Progress, no_progress
from tinct.operations._references import Target

if TYPE_CHECKING:
    from tinct.algorithms.rasterizing import LocalHints
    from tinct.models.colorizer import GlobalHints, Prediction
    from tinct.models.runtime import Network

__all__ = [
    "MODEL_TITLES",
    "Asked",
    "Model",
    "choose",
    "chroma_iq",
    "is_guided",
    "paint",
    "warn_of_colors",
]

Model = Literal[
    "tinct",
    "eccv16",
    "siggraph17",
    "siggraph17-hints",
    "iizuka16",
    "chromagan",
    "instcolorization",
    "deoldify",
    "deoldify-quant",
    "ddcolor",
    "ddcolor-tiny",
    "file",
]
"""Every network that colors and has a manifest, and a file of the user's own."""
MODEL_TITLES = (
    "tinct",
    "Zhang 2016",
    "Zhang 2017",
    "Zhang 2017, with hints",
    "Iizuka 2016",
    "ChromaGAN 2020",
    "InstColorization 2020",
    "DeOldify",
    "DeOldify, small",
    "DDColor 2023",
    "DDColor 2023, small",
    "A file of yours",
)

COLORED = 0.08  # chroma (I, Q) from which on a pixel is no gray of an old print
COLORED_SHARE = 0.02
SAMPLES = 100_000
NEGLIGIBLE = 1e-30  # a share of which the logarithm can still be taken


class Asked:
    """A picture before a network: what is computed once for it is kept in the run's cache.

    Parameters
    ----------
    network
        Loaded.
    target
        Of the whole picture, without a region. Its luma is all that is looked at.
    context
        The run's surroundings.
    """

    def __init__(self, network: Network, target: Target, context: Context) -> None:
        from tinct.models.colorizer import is_native, network_lightness, network_size

        self.network, self.target, self.context = network, target, context
        self.native = is_native(network.manifest)
        self.size = network_size(target.luma.shape, network.manifest.size)
        self._key = content_key(target.luma, target.inside, network.manifest.sha256, self.size)
        self.lightness: FloatArray = context.cache.remember(
            (*self._name, "lightness"),
            lambda: network_lightness(target.luma, target.inside, self.size),
            lambda plane: plane.nbytes,
        )

    @property
    def _name(self) -> tuple[str, str]:
        return "network", self._key

    def answer(
        self,
        temperature: float,
        local: LocalHints | None = None,
        overall: GlobalHints | None = None,
        *,
        logits: bool = False,
    ) -> Prediction:
        """Return what the network says, asked again only when something changed."""
        from tinct.models.colorizer import GlobalHints, predict
        from tinct.models.pipeline import predict_by_steps

        overall = overall or GlobalHints()
        hints = None if local is None else (local.chroma, local.mask)
        parts = (*(hints or (None,)), overall.histogram, overall.mean_chroma, temperature, logits)

        def ask() -> Prediction:
            if not self.native:
                return predict_by_steps(
                    self.network, self.target.gray, self.target.inside, local, context=self.context
                )
            return predict(
                self.network,
                self.lightness,
                temperature,
                local,
                overall,
                logits=logits,
                context=self.context,
            )

        return self.context.cache.remember(
            (*self._name, content_key(*parts)), ask, lambda found: found.nbytes
        )

    def mean_answer(
        self,
        local: LocalHints | None = None,
        overall: GlobalHints | None = None,
        *,
        logits: bool = False,
    ) -> Prediction:
        """Return the mean of all that is possible, over the picture and its mirror image.

        It is nearer to the truth than `answer`, and duller. Only of networks of tinct's own kind.
        """
        from tinct.algorithms.ab_bins import shares_of
        from tinct.models.colorizer import GlobalHints, Prediction, predict

        overall = overall or GlobalHints()
        hints = None if local is None else (local.chroma, local.mask)
        parts = (*(hints or (None,)), overall.histogram, overall.mean_chroma, logits)

        def ask() -> Prediction:
            first, second = (
                predict(
                    self.network, lightness, 1.0, told, overall, logits=logits, context=self.context
                )
                for lightness, told in (
                    (self.lightness, local),
                    (_mirrored(self.lightness), _mirrored_hints(local)),
                )
            )
            both: FloatArray | None = None
            if first.logits is not None and second.logits is not None:
                total = shares_of(first.logits) + shares_of(second.logits)[..., ::-1]
                both = np.log(np.maximum(total, np.float32(NEGLIGIBLE)))
            return Prediction(
                np.float32(0.5) * (first.chroma + _mirrored(second.chroma)),
                first.lightness,
                np.float32(0.5) * (first.confidence + _mirrored(second.confidence)),
                both,
            )

        return self.context.cache.remember(
            (*self._name, "mean", content_key(*parts)), ask, lambda found: found.nbytes
        )

    def remembered_strokes(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the strokes of the run before on this picture, and remember these instead."""
        key = (*self._name, "strokes")
        last = self.context.cache.get(key)
        self.context.cache.put(key, mask, mask.nbytes)
        return cast("NDArray[np.bool_]", last) if last is not None else np.zeros_like(mask)


def _mirrored(plane: FloatArray) -> FloatArray:
    return np.ascontiguousarray(plane[:, ::-1])


def _mirrored_hints(local: LocalHints | None) -> LocalHints | None:
    if local is None:
        return None
    mask = np.ascontiguousarray(local.mask[:, ::-1])
    return local._replace(chroma=_mirrored(local.chroma), mask=mask)


def choose(model: str, file: Path | None, context: Context) -> Network:
    """Return a network that colors, loaded; see `tinct.models.choosing.choose_network`."""
    from tinct.models.choosing import choose_network

    context.progress(0.0, "Loading the network")
    return choose_network(model, file, "colorize")


def is_guided(network: Network) -> bool:
    """Say whether a network's chroma is enlarged with the picture's luma as guide."""
    from tinct.models import pipeline

    return pipeline.is_guided(network.manifest)


def chroma_iq(answer: Prediction, saturation: float = 1.0) -> FloatArray:
    """Return I and Q, (m, n, 2), of a network's a and b, within sRGB's gamut."""
    lab = np.empty((*answer.lightness.shape, 3), np.float32)
    lab[..., 0] = answer.lightness
    lab[..., 1:] = answer.chroma * np.float32(saturation)
    return np.ascontiguousarray(color.srgb_to_yiq(color.fit_to_gamut(lab))[..., 1:])


def paint(
    image: Image,
    target: Target,
    chroma: FloatArray,
    progress: Progress = no_progress,
    *,
    guided: bool = True,
) -> Image:
    """Return the picture in a network's colors, of its own luma.

    Parameters
    ----------
    image, target
        The picture; what nobody sees of it stays as it is.
    chroma
        Shape (m, n, 2), I and Q on the network's grid.
    progress
        Called with a fraction and a stage; may raise `Cancelled`.
    guided
        Whether the picture's luma tells where colors end.
    """
    from tinct.algorithms.upsampling import box_mean, upsample_blocks

    rows, columns = chroma.shape[:2]
    guide = box_mean(target.luma, (rows, columns)) if guided else None
    colors = image.copy()
    for block, part in upsample_blocks(chroma, guide, target.luma):
        progress(0.5 + 0.5 * block.start / len(image), "Painting")
        fitted = color.fit_chroma_yiq(target.luma[block], part)
        inside = target.inside[block]
        if inside.all():
            colors[block, :, :3] = fitted
        else:
            colors[block][inside, :3] = fitted[inside]
    return colors


def warn_of_colors(image: Image, target: Target, context: Context) -> None:
    """Say so when a picture has colors, as they are replaced."""
    step = max(1, int(np.sqrt(target.luma.size / SAMPLES)))
    seen = target.inside[::step, ::step]
    chroma = color.srgb_to_yiq(np.ascontiguousarray(image[::step, ::step, :3]))[..., 1:][seen]
    if chroma.size and (np.linalg.norm(chroma, axis=-1) > COLORED).mean() > COLORED_SHARE:
        context.warn(
            "The picture has colors already; only its brightness was used, and they were replaced."
        )
