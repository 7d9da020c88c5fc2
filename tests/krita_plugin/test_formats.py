from __future__ import annotations

import sys

import pytest

from tinct_client import protocol
from tinct_krita.formats import DTYPES, STROKES, Format, shows_color


@pytest.mark.parametrize(
    ("profile", "space"),
    [
        ("sRGB-elle-V2-srgbtrc.icc", "srgb"),
        ("sRGB-elle-V4-srgbtrc.icc", "srgb"),
        ("sRGB built-in", "srgb"),
        ("sRGB IEC61966-2.1", "srgb"),
        ("sRGB2014.icc", "srgb"),
        ("sRGB", "srgb"),
        ("sRGB-elle-V2-g10.icc", "linear"),
        ("scRGB (linear)", "linear"),
        ("ClayRGB-elle-V2-g22.icc", None),
        ("sRGB-elle-V2-g22.icc", None),
        ("Rec2020-elle-V2-g10.icc", None),
        ("ACEScg-elle-V2-g10.icc", None),
        ("Gray-D50-elle-V2-srgbtrc.icc", None),
        ("", None),
    ],
)
def test_only_srgb_primaries_are_read_as_they_lie(profile: str, space: str | None) -> None:
    found = Format("RGBA", "U8", profile)
    assert found.space == space
    assert found.is_plain == (space is not None)


@pytest.mark.parametrize("depth", list(DTYPES))
def test_a_plain_format_says_how_krita_lays_its_bytes(depth: str) -> None:
    found = Format("RGBA", depth, "sRGB built-in")
    assert found.plain() == found
    assert found.dtype in protocol.DTYPE_BYTES
    assert found.pixel_bytes == 4 * protocol.DTYPE_BYTES[found.dtype]
    assert found.layout == ("bgra" if depth in ("U8", "U16") else "rgba")


@pytest.mark.parametrize(
    ("model", "depth", "through"),
    [
        ("GRAYA", "U8", "U8"),
        ("GRAYA", "U16", "U16"),
        ("GRAYA", "F16", "F32"),
        ("LABA", "U8", "U16"),
        ("LABA", "F32", "F32"),
        ("CMYKA", "U8", "U16"),
        ("XYZA", "F16", "F32"),
    ],
)
def test_other_models_go_through_srgb_without_losing_steps(
    model: str, depth: str, through: str
) -> None:
    found = Format(model, depth, "some profile")
    assert not found.is_plain
    assert found.plain() == Format("RGBA", through, "sRGB-elle-V2-srgbtrc.icc")
    assert found.plain().is_plain


def test_strokes_have_one_spelling_for_a_color() -> None:
    assert STROKES.is_plain
    assert (STROKES.dtype, STROKES.layout, STROKES.space) == ("uint8", "bgra", "srgb")


def test_gray_documents_show_no_color() -> None:
    assert not shows_color("GRAYA")
    assert all(map(shows_color, ("RGBA", "LABA", "CMYKA", "XYZA", "YCbCrA")))


def test_outside_krita_nothing_is_registered() -> None:
    assert "tinct_krita.plugin" not in sys.modules
