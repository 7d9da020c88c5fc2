"""Which of Krita's color spaces the engine reads as they lie, and through which the others go."""

from __future__ import annotations

import dataclasses
import re

SRGB_PROFILE = "sRGB-elle-V2-srgbtrc.icc"
LINEAR_PROFILE = "sRGB-elle-V2-g10.icc"
DTYPES = {"U8": "uint8", "U16": "uint16", "F16": "float16", "F32": "float32"}
DEPTH_BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
_ENCODED = re.compile(r"srgb(-elle-v\d)?-srgbtrc|srgb built-?in|srgb iec ?61966|srgb2014|^srgb$")
_LINEAR = re.compile(r"srgb(-elle-v\d)?-g10|scrgb|srgb.*linear|linear.*srgb")


@dataclasses.dataclass(frozen=True)
class Format:
    """A color space of Krita's, by the names its functions take.

    Parameters
    ----------
    model
        ``RGBA``, ``GRAYA``, ``LABA``, ``CMYKA``, ``XYZA`` or ``YCbCrA``.
    depth
        ``U8``, ``U16``, ``F16`` or ``F32``.
    profile
        The profile's name.
    """

    model: str
    depth: str
    profile: str

    @property
    def space(self) -> str | None:
        """``srgb`` or ``linear`` when the profile has sRGB's primaries, else None."""
        name = self.profile.lower().removesuffix(".icc")
        if _LINEAR.search(name):
            return "linear"
        return "srgb" if _ENCODED.search(name) else None

    @property
    def is_plain(self) -> bool:
        """Whether the engine reads its bytes as they lie."""
        return self.model == "RGBA" and self.depth in DTYPES and self.space is not None

    @property
    def dtype(self) -> str:
        """The wire's name of the depth."""
        return DTYPES[self.depth]

    @property
    def layout(self) -> str:
        """The wire's name of the channels' order."""
        # Krita keeps integers as blue, green, red, alpha, and floats as red, green, blue, alpha
        return "bgra" if self.depth in ("U8", "U16") else "rgba"

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one plain pixel."""
        return 4 * DEPTH_BYTES[self.depth]

    def plain(self) -> Format:
        """Return the format to convert to before the engine reads it; this one if it can."""
        if self.is_plain:
            return self
        # gray holds its values in the same steps; other models would lose some of theirs in 8 bits
        integer = "U8" if self.model == "GRAYA" and self.depth == "U8" else "U16"
        depth = integer if self.depth in ("U8", "U16") else "F32"
        return Format("RGBA", depth, SRGB_PROFILE)


STROKES = Format("RGBA", "U8", SRGB_PROFILE)
"""Of every layer for strokes: each color has one spelling, whatever the document's space is."""


def shows_color(model: str) -> bool:
    """Whether a document of this model can show color at all."""
    return model != "GRAYA"
