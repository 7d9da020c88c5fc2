"""Converts the authors' weights: ``python -m tinct_train.published NAME FILE.pth FILE.onnx``."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from tinct_train.published.convert import NETWORKS, PUBLISHED, convert, load_weights


def main() -> int:
    """Run from the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=list(NETWORKS), help="the network")
    parser.add_argument("weights", type=Path, help="the authors' .pth")
    parser.add_argument("target", type=Path, help="ONNX file to write")
    given = parser.parse_args()
    try:
        digest = hashlib.sha256(given.weights.read_bytes()).hexdigest()
        if digest != PUBLISHED[given.name]:
            print(f"{given.weights} is not the published file (its sha256 is another one).")
        made = convert(given.name, load_weights(given.name, given.weights), given.target)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{given.target}: sha256 {made}; next: tinct models add {given.target} --like {given.name}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
