"""Designs of the colorization network."""

from tinct_train.nets.color_net import DESIGNS, ColorNet, Design, build

__all__ = ["DESIGNS", "ColorNet", "Design", "build"]
