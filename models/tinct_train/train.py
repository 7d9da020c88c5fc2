"""Trains the colorization network: one command, resumable, on a processor or a GPU.

Example: ``python -m tinct_train.train photos.zip more/ --run models/runs/mine --minutes 600``
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import math
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tinct_train.augment import age_luminance
from tinct_train.color import rgb_to_lab
from tinct_train.data import load_sets
from tinct_train.hints import HintSettings, global_hints, recolor_regions, simulate_hints
from tinct_train.losses import ColorCoding, rebalancing_weights
from tinct_train.nets import DESIGNS, ColorNet, build
from tinct_train.pool import Pool
from tinct_train.scores import score
from tinct_train.sheet import write_sheet

__all__ = ["Settings", "Trainer", "main", "train"]

HELD_OUT = "held-out"


@dataclass(frozen=True)
class Settings:
    """What a training run depends on.

    Attributes
    ----------
    design : str
        Name in `tinct_train.nets.DESIGNS`.
    minutes : float
        Training time; the learning rate falls to zero at its end.
    steps : int
        Number of steps instead of a time, where positive.
    batch : int
        Pictures in a step.
    sides : tuple of int
        Sides of the crops in pixels, multiples of 16, taken by turns.
    rate : float
        Highest learning rate of AdamW.
    decay : float
        Weight decay.
    rebalance : float
        Strength of the class rebalancing, 1 as published.
    regression : float
        Weight of the Huber loss on the mean chroma.
    label_weight : float
        Weight of the classification of the pictures; 0 for none.
    dropout : float
        Dropout in attention blocks.
    epoch_steps : int
        Steps between checkpoints, scores and sheets.
    compiled : bool
        Compile the network; pays on a GPU after a minute.
    """

    design: str = "attention"
    minutes: float = 10.0
    steps: int = 0
    batch: int = 256
    sides: tuple[int, ...] = (128,)
    rate: float = 2e-3
    decay: float = 0.05
    rebalance: float = 0.5
    regression: float = 0.1
    label_weight: float = 0.0
    dropout: float = 0.1
    epoch_steps: int = 500
    compiled: bool = False
    hints: HintSettings = dataclasses.field(default_factory=HintSettings)


class Trainer:
    """A run: network, averaged network, optimizer, clock."""

    def __init__(self, settings: Settings, pool: Pool, run: Path) -> None:
        self.settings, self.pool, self.run = settings, pool, run
        self.device = pool.device
        self.coding = ColorCoding().to(self.device)
        labels = len(pool.labels) if settings.label_weight else 0
        network = build(settings.design, len(self.coding.bins), labels, settings.dropout)
        self.network = network.to(self.device, memory_format=torch.channels_last)
        average = build(settings.design, len(self.coding.bins), labels, settings.dropout)
        self.average = average.to(self.device, memory_format=torch.channels_last)
        self.average.load_state_dict(self.network.state_dict())
        self.optimizer = torch.optim.AdamW(
            _decay_groups(self.network, settings.decay),
            lr=settings.rate,
            betas=(0.9, 0.98),
            fused=self.device.type == "cuda",
        )
        self.step, self.elapsed_s, self.lowest_entropy = 0, 0.0, math.inf
        self.weights = self._weigh_bins()
        self.forward = (
            torch.compile(self.network, dynamic=False) if settings.compiled else self.network
        )

    def progress(self) -> float:
        """Return how much of the run is done, 0 to 1."""
        if self.settings.steps:
            return self.step / self.settings.steps
        return self.elapsed_s / (60 * self.settings.minutes)

    def train_epoch(self) -> float:
        """Run `epoch_steps` steps, or fewer at the end of the run; return the mean loss."""
        self.network.train()
        total = torch.zeros((), device=self.device)
        done, began, before = 0, time.perf_counter(), self.elapsed_s
        while done < self.settings.epoch_steps and self.progress() < 1:
            total += self._train_step()
            done += 1
            self.step += 1
            if done % 20 == 0 and self.device.type == "cuda":
                torch.cuda.synchronize()
            self.elapsed_s = before + time.perf_counter() - began
        return float(total) / max(done, 1)

    def _train_step(self) -> Tensor:
        settings = self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = settings.rate * _schedule(self.step, self.progress())
        side = settings.sides[self.step % len(settings.sides)]
        rgb, labels = self.pool.draw(max(8, settings.batch * 128**2 // side**2), side)
        image, told, target = self._simulate(rgb)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            logits, classes = self.forward(image, told)
        loss = self.coding.loss(logits, target, self.weights)
        if settings.regression:
            share = torch.softmax(logits.float(), dim=1)
            mean = torch.einsum("nqhw,qc->nchw", share, self.coding.bins)
            loss = loss + settings.regression * F.smooth_l1_loss(mean / 10, target / 10)
        if classes is not None:
            wrong = F.cross_entropy(
                classes.float(), labels, ignore_index=-1, label_smoothing=0.1, reduction="sum"
            )
            loss = loss + settings.label_weight * wrong / len(labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self._average()
        return loss.detach()

    @torch.no_grad()
    def _simulate(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hints = self.settings.hints
        lab = rgb_to_lab(rgb)
        kind = torch.rand(len(lab), device=self.device)
        local = kind < hints.local
        told = (kind >= hints.local) & (kind < 1 - hints.automatic)
        recolored = local & (torch.rand_like(kind) < hints.recolored)
        ab, seed = recolor_regions(lab, recolored)
        painted = simulate_hints(ab, hints, local, seed, recolored)
        target = F.avg_pool2d(ab, 4)
        beside = told | (local & (torch.rand_like(kind) < hints.beside))
        given = (torch.rand(len(lab), 2, device=self.device) < 0.67) & beside[:, None]
        known = global_hints(ab, self.coding.histogram(target), given)
        luminance = (age_luminance(lab[:, :1]) - 50) / 100
        image = torch.cat([luminance, painted.ab / 110, painted.mask], dim=1)
        return image.contiguous(memory_format=torch.channels_last), known, target

    @torch.no_grad()
    def _average(self) -> None:
        # Early weights are far from good; a short memory at first forgets them.
        keep = min(0.9995, (1 + self.step) / (10 + self.step))
        ours, theirs = list(self.average.parameters()), list(self.network.parameters())
        torch._foreach_lerp_(ours, theirs, 1 - keep)
        for mine, other in zip(self.average.buffers(), self.network.buffers(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(other, 1 - keep)

    @torch.no_grad()
    def _weigh_bins(self) -> Tensor:
        shares = []
        for _ in range(8):
            lab = rgb_to_lab(self.pool.draw(256, 64)[0])
            shares.append(self.coding.histogram(F.avg_pool2d(lab[:, 1:], 4)).mean(0))
        prior = torch.stack(shares).mean(0)
        return rebalancing_weights(prior, blend=0.5, strength=self.settings.rebalance)

    def save(self) -> None:
        """Write the whole state, and the averaged weights alone in half precision."""
        self.run.mkdir(parents=True, exist_ok=True)
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "weights": self.weights,
            "step": self.step,
            "elapsed_s": self.elapsed_s,
            "lowest_entropy": self.lowest_entropy,
        }
        partial = self.run / "state.partial"
        torch.save(state, partial)
        partial.replace(self.run / "state.pt")
        half = {k: v.half() if v.is_floating_point() else v for k, v in state["average"].items()}
        half = {k: v for k, v in half.items() if not k.startswith("label_head")}
        about = {"design": self.settings.design, "bin_weights": self.weights.cpu()}
        torch.save({**about, "average": half}, self.run / "weights.pt")

    def keep_if_best(self, entropy: float) -> None:
        """Keep the averaged weights beside the last ones if no epoch's entropy was lower."""
        if entropy < self.lowest_entropy:
            self.lowest_entropy = entropy
            shutil.copyfile(self.run / "weights.pt", self.run / "best.pt")

    def resume(self) -> bool:
        """Continue from this run's own state, if there is one."""
        path = self.run / "state.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.weights = state["weights"].to(self.device)
        self.step, self.elapsed_s = int(state["step"]), float(state["elapsed_s"])
        self.lowest_entropy = float(state["lowest_entropy"])
        return True

    def start_from(self, path: Path) -> None:
        """Start with the weights of another run; the classes may differ."""
        stored = torch.load(path, map_location=self.device, weights_only=True)
        known = stored.get("network", stored["average"])
        ours = self.network.state_dict()
        fitting = {k: v.float() for k, v in known.items() if k in ours and v.shape == ours[k].shape}
        self.network.load_state_dict({**ours, **fitting})
        self.average.load_state_dict(self.network.state_dict())


def _decay_groups(network: ColorNet, decay: float) -> list[dict[str, object]]:
    matrices = [p for p in network.parameters() if p.ndim > 1]
    rest = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": rest, "weight_decay": 0.0}]


def _schedule(step: int, progress: float) -> float:
    warm = min(1.0, (step + 1) / 300)
    return warm * (0.02 + 0.98 * (1 + math.cos(math.pi * min(progress, 1.0))) / 2)


def train(
    trainer: Trainer, watched: dict[str, tuple[list[Tensor], int]], *, draw_sheets: bool = True
) -> None:
    """Train to the end of the run; log a row, write a checkpoint and a sheet every epoch.

    Parameters
    ----------
    trainer : Trainer
    watched : dict
        Name to (groups of Lab pictures, side of the hints in pixels): what is scored.
    draw_sheets : bool
        Write sheets of sample pictures.
    """
    log = trainer.run / "curve.csv"
    trainer.run.mkdir(parents=True, exist_ok=True)
    while trainer.progress() < 1:
        loss = trainer.train_epoch()
        trainer.save()
        for name, (groups, patch) in watched.items():
            scores = score(trainer.average, trainer.coding, groups, patch)
            row = {"step": trainer.step, "seconds": round(trainer.elapsed_s), "set": name}
            row |= {"loss": round(loss, 4)} | {k: round(v, 4) for k, v in scores.items()}
            fresh = not log.exists()
            with log.open("a", newline="") as file:
                writer = csv.DictWriter(file, list(row))
                if fresh:
                    writer.writeheader()
                writer.writerow(row)
            print(" ".join(f"{k}={v}" for k, v in row.items()), flush=True)
            if name == HELD_OUT:
                trainer.keep_if_best(scores["entropy"])
            if draw_sheets:
                sheet = trainer.run / f"sheet-{name}.png"
                write_sheet(sheet, trainer.average, trainer.coding, groups, patch=patch)


def watch(pool: Pool, others: list[Path], workers: int) -> dict[str, tuple[list[Tensor], int]]:
    """Gather the pictures to score: held-out ones, and every picture of other sources."""
    watched = {HELD_OUT: ([pool.held_out_lab(256, 128)], 3)}
    for pictures in load_sets(others, short_side=256, workers=workers) if others else []:
        by_size: dict[tuple[int, int], list[Tensor]] = {}
        for canvas, (height, width) in zip(pictures.canvas, pictures.sizes.tolist(), strict=True):
            cut = torch.from_numpy(canvas[: height // 32 * 32, : width // 32 * 32])
            rgb = cut.permute(2, 0, 1)[None].to(pool.device).float() / 255
            by_size.setdefault(tuple(rgb.shape[2:]), []).append(rgb_to_lab(rgb))
        watched[pictures.name] = ([torch.cat(labs) for labs in by_size.values()], 3)
    return watched


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", type=Path, help="folders or zips of photographs")
    parser.add_argument(
        "--run", type=Path, required=True, help="folder of the run; resumed if full"
    )
    parser.add_argument("--init", type=Path, help="weights of another run to start from")
    parser.add_argument("--cache", type=Path, help="folder for decoded pictures")
    parser.add_argument("--only", nargs="*", help="names of the sets to train on")
    parser.add_argument("--evaluate", nargs="*", type=Path, default=[], help="sources only scored")
    parser.add_argument("--workers", type=int, default=2, help="decoding processes")
    parser.add_argument("--design", choices=sorted(DESIGNS), default="attention")
    parser.add_argument("--sides", type=int, nargs="+", default=[128], help="crop sides in pixels")
    parser.add_argument("--compiled", action="store_true")
    for name in ("minutes", "rate", "decay", "rebalance", "regression", "label_weight", "dropout"):
        default = getattr(Settings, name)
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=default)
    for name in ("steps", "batch", "epoch_steps"):
        default = getattr(Settings, name)
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=default)
    given = vars(parser.parse_args())
    names = {field.name for field in dataclasses.fields(Settings)} - {"sides", "hints"}
    chosen = {name: given[name] for name in names}
    settings = Settings(sides=tuple(given["sides"]), **chosen)
    run_training(settings, given)


def run_training(settings: Settings, given: dict[str, object]) -> None:
    """Read the pictures named on the command line and train."""
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    sources, workers = given["sources"], given["workers"]
    sets = load_sets(sources, cache=given["cache"], workers=workers)  # type: ignore[arg-type]
    only = given["only"]
    if only:
        sets = [s for s in sets if s.name in only]  # type: ignore[operator]
    pool = Pool(sets, device)
    print(pool.describe(), flush=True)
    run = Path(str(given["run"]))
    trainer = Trainer(settings, pool, run)
    if not trainer.resume() and given["init"]:
        trainer.start_from(Path(str(given["init"])))
    train(trainer, watch(pool, given["evaluate"], workers))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
