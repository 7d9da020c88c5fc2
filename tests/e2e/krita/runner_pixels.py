"""For kritarunner, without a screen: pixels between layers and engine, by the adapter itself."""

import os
import sys
import traceback

from krita import Krita
from PyQt5.QtCore import QByteArray

SIZE = 24
PROFILE = "sRGB-elle-V2-srgbtrc.icc"


def check_round_trip(engine, depth):
    """Send a layer, let identity return it, and compare every byte."""
    from tinct_krita import layers, pixels

    step = {"U8": 1, "U16": 2, "F32": 4}[depth]
    document = Krita.instance().createDocument(SIZE, SIZE, "t", "RGBA", depth, PROFILE, 72.0)
    base = document.topLevelNodes()[0]
    data = bytes(
        0x3E if depth == "F32" and place % 4 == 3 else place * 7 % 120
        for place in range(SIZE * SIZE * 4 * step)
    )
    base.setPixelData(QByteArray(data), 0, 0, SIZE, SIZE)
    sent = pixels.send(pixels.read_node(base, document), engine.exchange)
    outcome = engine.run("identity", {"image": sent}, {}, outside="transparent")
    found_depth, found = pixels.result_bytes(engine.exchange, outcome.outputs["colors"])
    assert found_depth == depth
    assert bytes(found) == data, depth
    part = layers.Part("Copy", depth, found)
    space = layers.space_for(document, depth)
    result = layers.Result("Copy", [part], "normal", space)
    node = layers.add_results(document, [result], "Copy", base)
    document.waitForDone()
    assert bytes(node.pixelData(0, 0, SIZE, SIZE)) == data, depth
    assert [n.name() for n in document.topLevelNodes()] == ["Background", "Copy"]
    assert os.listdir(engine.exchange.path) == []


def check_conversion():
    """Krita converts what the engine cannot read once, and again only after a change."""
    from tinct_krita import pixels

    document = Krita.instance().createDocument(SIZE, SIZE, "t", "CMYKA", "U8", "", 72.0)
    base = document.topLevelNodes()[0]
    base.setPixelData(QByteArray(bytes((10, 90, 200, 5, 255)) * SIZE * SIZE), 0, 0, SIZE, SIZE)
    first = pixels.read_node(base, document)
    assert first.format.is_plain, first.format
    assert pixels.read_node(base, document, [first]) is first
    assert bytes(pixels.read_node(base, document).data) == bytes(first.data)
    base.setPixelData(QByteArray(bytes((200, 90, 10, 5, 255))), 3, 3, 1, 1)
    second = pixels.read_node(base, document, [first])
    assert second is not first
    changed = [a != b for a, b in zip(bytes(first.data), bytes(second.data), strict=True)]
    step = first.format.pixel_bytes
    place = step * (3 * SIZE + 3)
    assert any(changed[place : place + step])
    assert not any(changed[:place] + changed[place + step :])


def check_record():
    """Keep a record in a document, through a file."""
    from tinct_krita import records

    document = Krita.instance().createDocument(8, 8, "t", "RGBA", "U8", PROFILE, 72.0)
    document.setBatchmode(True)
    records.add_layer(document, "strokes", "{one}")
    records.add_layer(document, "strokes", "{one}")
    records.add_result(document, "{two}", {"operation": "identity", "roles": {"image": "色"}})
    path = os.path.join(os.environ["TINCT_TEST_OUT"], "record.kra")
    assert document.saveAs(path)
    found = records.read(Krita.instance().openDocument(path))
    assert found["strokes"] == ["{one}"]
    assert found["results"]["{two}"]["roles"] == {"image": "色"}
    document.setAnnotation(records.ANNOTATION, "", QByteArray(b"[broken"))
    assert records.read(document)["results"] == {}, "a broken record is an empty one"


def main(_arguments):
    code = 0
    try:
        Krita.instance().setBatchmode(True)
        from tinct_krita.client import process

        with process.Engine("krita-test", "0") as engine:
            for depth in ("U8", "U16", "F32"):
                check_round_trip(engine, depth)
        check_conversion()
        check_record()
        print("runner ok", flush=True)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # kritarunner itself always exits 0
