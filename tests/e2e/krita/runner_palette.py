"""For kritarunner, without a screen: a palette that tinct wrote, read by Krita's own reader."""

import os
import sys
import traceback

from krita import Krita, Palette
from PyQt5.QtCore import QByteArray

SIZE = 16
PROFILE = "sRGB-elle-V2-srgbtrc.icc"
COLORS = ((200, 60, 30), (20, 120, 210))
NAME = "tinct kept"


def folder():
    return os.path.join(Krita.getAppDataLocation(), "palettes")


def write_palette():
    """Let the engine write the palette of a picture of two colors where Krita keeps its own."""
    from tinct_krita import pixels
    from tinct_krita.client import process

    document = Krita.instance().createDocument(SIZE, SIZE, "t", "RGBA", "U8", PROFILE, 72.0)
    base = document.topLevelNodes()[0]
    row = b"".join(bytes((*color[::-1], 255)) * (SIZE // 2) for color in COLORS)
    base.setPixelData(QByteArray(row * SIZE), 0, 0, SIZE, SIZE)
    os.makedirs(folder(), exist_ok=True)
    path = os.path.join(folder(), NAME + ".kpl")
    with process.Engine("krita-test", "0") as engine:
        sent = pixels.send(pixels.read_node(base, document), engine.exchange)
        chosen = {"method": "clusters", "count": 2, "save_to": path}
        outcome = engine.run("palette-recolor", {"image": sent}, chosen, outside="transparent")
        engine.exchange.discard(outcome.outputs)
    assert os.path.isfile(path)


def read_palette():
    """Find it among Krita's palettes, as they were when this Krita started."""
    found = Krita.instance().resources("palette")
    assert NAME in found, sorted(found)
    palette = Palette(found[NAME])
    entries = [palette.colorSetEntryByIndex(place) for place in range(palette.colorsCountTotal())]
    seen = set()
    for entry in entries:
        color = entry.color()
        color.setColorSpace("RGBA", "U8", PROFILE)
        blue, green, red = (round(255 * part) for part in color.components()[:3])
        seen.add((red, green, blue))
    print("entries", sorted(seen), flush=True)
    assert len(seen) == len(COLORS)
    for color in COLORS:
        near = [
            one for one in seen if max(abs(a - b) for a, b in zip(one, color, strict=True)) <= 1
        ]
        assert near, (color, seen)


def ended(work):
    code = 0
    try:
        Krita.instance().setBatchmode(True)
        work()
        print("runner ok", flush=True)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # kritarunner itself always exits 0


def write(_arguments):
    ended(write_palette)


def read(_arguments):
    ended(read_palette)
