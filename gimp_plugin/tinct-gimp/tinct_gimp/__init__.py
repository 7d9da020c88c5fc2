"""The GIMP 3 side of tinct: the standard library and gi only."""

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
