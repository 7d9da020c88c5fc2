"""Averages the weights of several checkpoints of one lineage into one network.

Checkpoints that grew from the same start lie in one basin, and their mean generalizes better than
each alone (Wortsman et al. 2022, arXiv 2203.05482), at no cost when the network runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

__all__ = ["blend"]


def blend(sources: list[Path], target: Path) -> None:
    """Write the mean of the weights in `sources` to `target`.

    Parameters
    ----------
    sources : list of Path
        ``weights.pt`` or ``best.pt`` files of runs of the same design.
    target : Path
        File to write, in the same form.

    Raises
    ------
    ValueError
        If the designs differ.
    """
    stored = [torch.load(path, map_location="cpu", weights_only=True) for path in sources]
    designs = {state["design"] for state in stored}
    if len(designs) != 1:
        raise ValueError(f"only weights of one design can be averaged, got {sorted(designs)}")
    average = {}
    for key, first in stored[0]["average"].items():
        if first.is_floating_point():
            average[key] = torch.stack([s["average"][key].float() for s in stored]).mean(0).half()
        else:
            average[key] = first
    weights = torch.stack([state["bin_weights"] for state in stored]).mean(0)
    torch.save({"design": designs.pop(), "bin_weights": weights, "average": average}, target)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", type=Path, help="weights.pt or best.pt of runs")
    parser.add_argument("--target", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    blend(given.sources, given.target)


if __name__ == "__main__":
    main()
