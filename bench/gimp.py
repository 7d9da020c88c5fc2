"""What an operation costs inside the real GIMP, from the call to the new layer."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from e2e.editors import root  # noqa: E402 - the tests' folder comes first
from e2e.gimp.gimp_host import OUT, START_GIMP, GimpHost  # noqa: E402

GOALS = {"12 MP RGBA8 identity": "<= 1.0 s", "1 MP strokes, beside the engine": "<= 0.4 s"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    repeats = 3 if parser.parse_args().quick else 7
    try:
        root.ready()
    except root.RootError as error:
        print(f"left out: {error}")
        return 0
    with root.engine("gimp") as engine, tempfile.TemporaryDirectory() as folder:
        gimp = GimpHost(engine, Path(folder))
        gimp.install()
        code = f"exec(open('{root.INSIDE}/bench/in_gimp/measure.py').read())"
        batch = ["--quit", "--batch-interpreter=python-fu-eval", "-b", code]
        settings = {"TINCT_OUT": OUT, "TINCT_REPEATS": str(repeats)}
        done = gimp.run([*START_GIMP, *batch], **settings)
        result = gimp.out / "measured.json"
        if not result.exists():
            print(done.stdout, done.stderr, file=sys.stderr)
            return 1
        for name, value in json.loads(result.read_text("utf-8")).items():
            print(f"{name:<42} {value * 1000:8.1f} ms   {GOALS.get(name, '')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
