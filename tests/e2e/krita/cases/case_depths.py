"""Pixels of every depth and color model, read back from the layer after a run of identity."""

import array
import struct

from krita_support import SRGB, fill, half, idle, panel_of

SIZE = 16
LIMIT_S = 120
LINEAR = "sRGB-elle-V2-g10.icc"


def plain_pixels(depth):
    """Return pixels that tell the channels and the places apart, straight alpha among them."""
    count = SIZE * SIZE * 4
    if depth == "U8":
        return bytes((n * 13 + n // 7) % 256 if n % 4 != 3 else 255 - n % 3 for n in range(count))
    if depth == "U16":
        whole = ((n * 4099 + n // 5) % 65536 if n % 4 != 3 else 65535 for n in range(count))
        return array.array("H", whole).tobytes()
    if depth == "F16":
        return b"".join(half((n * 7 % 64) / 64 if n % 4 != 3 else 1.0) for n in range(count))
    values = ((n * 31 % 1000) / 1000 if n % 4 != 3 else 1.0 for n in range(count))
    return array.array("f", values).tobytes()


def case(t):
    panel = panel_of(t)
    panel.choose_operation("identity")
    for depth in ("U8", "U16", "F16", "F32"):
        for profile in (SRGB, LINEAR):
            pixels = plain_pixels(depth)
            document, copy = yield from run(t, panel, "RGBA", depth, profile, pixels)
            assert (copy.colorModel(), copy.colorDepth()) == ("RGBA", depth)
            assert copy.colorProfile() == profile
            found = bytes(copy.pixelData(0, 0, SIZE, SIZE))
            error = largest_difference(found, pixels, depth)
            # identity passes values through a decoding and an encoding of the sRGB curve
            assert error <= {"U8": 0, "U16": 1, "F16": 0.002, "F32": 2e-6}[depth], (profile, error)
            t.note(f"{depth} {profile}", error)
            yield from close(document)

    # models the engine does not read: Krita converts, and the picture looks as before
    for model, depth in (("LABA", "U8"), ("LABA", "F32"), ("CMYKA", "U8"), ("XYZA", "U16")):
        document, copy = yield from run(t, panel, model, depth, "", None)
        base = document.topLevelNodes()[0]
        copy.setVisible(False)
        document.refreshProjection()
        yield 0.2
        before = rendered(document)
        assert base.colorModel() == model
        # the layer holds what Krita itself shows of the base; CMYK cannot show all of it again
        difference = max(abs(a - b) for a, b in zip(in_8_bits(copy), before, strict=True))
        assert difference <= 1, (model, depth, before, in_8_bits(copy))
        copy.setVisible(True)
        document.refreshProjection()
        yield 0.2
        after = rendered(document)
        difference = max(abs(a - b) for a, b in zip(after, before, strict=True))
        assert difference <= {"CMYKA": 16, "XYZA": 4}.get(model, 1), (model, depth, before, after)
        t.note(f"{depth} {model}", difference)
        yield from close(document)

    # a profile with other primaries goes through Krita too
    document, copy = yield from run(t, panel, "RGBA", "U8", "ClayRGB-elle-V2-g22.icc", None)
    assert copy.colorProfile() == SRGB
    yield from close(document)

    # gray documents cannot show color: one sentence, nothing added
    document = t.new_document(SIZE, SIZE, model="GRAYA", profile="Gray-D50-elle-V2-srgbtrc.icc")
    yield t.ready(document)
    panel.refresh()
    panel.run()
    assert panel.job is None
    assert "grayscale" in panel.controls.line.text(), panel.controls.line.text()
    assert len(document.topLevelNodes()) == 1
    yield from close(document)


def run(t, panel, model, depth, profile, pixels):
    document = t.new_document(SIZE, SIZE, depth, model, profile)
    yield t.ready(document)
    base = document.topLevelNodes()[0]
    if pixels is not None:
        fill(base, pixels, SIZE, SIZE)
    else:
        base.setPixelData(base.pixelData(0, 0, SIZE, SIZE), 0, 0, SIZE, SIZE)
        tint(document, base)
    document.refreshProjection()
    yield 0.1
    panel.refresh()
    panel.run()
    assert panel.job is not None, (model, depth, panel.controls.line.text())
    yield idle(panel)
    yield 0.1
    copy = document.nodeByName("Copy")
    assert copy is not None, (model, depth, panel.controls.line.text())
    return document, copy


def tint(document, base):
    """Give a layer of any model a color that is inside sRGB."""
    from krita import Krita

    scratch = Krita.instance().createDocument(1, 1, "tint", "RGBA", "U8", SRGB, 72.0)
    node = scratch.createNode("tint", "paintlayer")
    fill(node, bytes((60, 110, 180, 255)) * (SIZE * SIZE), SIZE, SIZE)
    node.setColorSpace(base.colorModel(), base.colorDepth(), base.colorProfile())
    base.setPixelData(node.pixelData(0, 0, SIZE, SIZE), 0, 0, SIZE, SIZE)
    scratch.setModified(False)
    scratch.close()


def rendered(document):
    """Return red, green and blue of what the document shows, as sRGB."""
    document.waitForDone()
    color = document.projection(0, 0, SIZE, SIZE).pixelColor(3, 3)
    return color.red(), color.green(), color.blue()


def in_8_bits(node):
    """Return red, green and blue of an sRGB layer's pixel."""
    depth = node.colorDepth()
    values = numbers(bytes(node.pixelData(3, 3, 1, 1)), depth)
    red, green, blue = values[:3] if depth in ("F16", "F32") else values[2::-1]
    scale = {"U8": 1, "U16": 1 / 257}.get(depth, 255)
    return round(red * scale), round(green * scale), round(blue * scale)


def close(document):
    document.setModified(False)
    document.close()
    yield 0.1


def numbers(data, depth):
    if depth == "F16":
        return [struct.unpack_from("<e", data, place)[0] for place in range(0, len(data), 2)]
    return array.array({"U8": "B", "U16": "H", "F32": "f"}[depth], data)


def largest_difference(found, wanted, depth):
    pairs = zip(numbers(found, depth), numbers(wanted, depth), strict=True)
    return max(abs(a - b) for a, b in pairs)
