"""The recipe of `tinct.onnx`: pre-train, train, average, calibrate, export.

``python -m tinct_train.recipes.tinct --small tiny.zip --large a.zip b.zip --out models/runs/tinct``

Each stage takes up where it was stopped. The times are for one large GPU; on two processor cores
multiply them by a hundred, or be content with less.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from tinct_train.augment import center_crops
from tinct_train.blend import blend
from tinct_train.calibrate import calibrate
from tinct_train.color import rgb_to_lab
from tinct_train.data import is_held_out, load_sets
from tinct_train.export import Decoding, export
from tinct_train.train import Settings, run_training

__all__ = ["main"]

SHOWN_TEMPERATURE = 0.7
_PRE = Settings(
    minutes=2.2, batch=512, sides=(96,), label_weight=0.2, dropout=0.1, epoch_steps=1200
)
_MAIN = Settings(
    minutes=6.3,
    batch=512,
    sides=(128, 192),
    rate=1.5e-3,
    decay=0.1,
    label_weight=0.3,
    dropout=0.2,
    epoch_steps=1200,
)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", nargs="*", type=Path, default=[], help="small photographs")
    parser.add_argument("--large", nargs="+", type=Path, required=True, help="photographs")
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--evaluate", nargs="*", type=Path, default=[], help="sources only scored")
    parser.add_argument("--scale-minutes", type=float, default=1.0, help="factor to all times")
    parser.add_argument("--workers", type=int, default=2, help="decoding processes")
    given = parser.parse_args()
    run_recipe(given)


def run_recipe(given: argparse.Namespace) -> None:
    """Run all stages with the options of `main`."""
    common = {
        "cache": given.out / "cache",
        "workers": given.workers,
        "evaluate": given.evaluate,
        "only": None,
    }
    pre, whole = given.out / "pre", given.out / "main"
    if given.small:
        options = {**common, "sources": given.small, "run": pre, "init": None}
        run_training(_scaled(_PRE, given.scale_minutes), options)
    sources = [*given.small, *given.large]
    init = pre / "weights.pt" if given.small else None
    options = {**common, "sources": sources, "run": whole, "init": init}
    run_training(_scaled(_MAIN, given.scale_minutes), options)
    lineage = [pre / "weights.pt"] if given.small else []
    blended = given.out / "weights.pt"
    blend([*lineage, whole / "best.pt", whole / "weights.pt"], blended)
    found = calibrate(
        blended, _held_out(sources, common["cache"]), unbalance=0.0, shown=SHOWN_TEMPERATURE
    )
    decoding = Decoding(0.0, found.temperature, found.scale)
    digest = export(blended, given.out / "tinct.onnx", decoding)
    print(f"{given.out / 'tinct.onnx'}: sha256 {digest}")


def _scaled(settings: Settings, factor: float) -> Settings:
    return Settings(**{**vars(settings), "minutes": settings.minutes * factor})


def _held_out(sources: list[Path], cache: Path) -> torch.Tensor:
    parts = []
    for pictures in load_sets(sources, cache=cache):
        kept = [i for i, name in enumerate(pictures.names) if is_held_out(name)][:50]
        canvas = torch.from_numpy(pictures.canvas[kept])
        parts.append(center_crops(canvas, torch.from_numpy(pictures.sizes[kept]), 128))
    return rgb_to_lab(torch.cat(parts))


if __name__ == "__main__":
    main()
