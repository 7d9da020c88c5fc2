"""The plug-in's first steps: the engine starts while GIMP's libraries load."""

from __future__ import annotations

import sys

from . import catalog

RUN = "-run"  # among the arguments when GIMP wants something done, not only to know what there is


def main() -> None:
    """Serve GIMP."""
    if RUN in sys.argv:
        catalog.start_ahead()
    from . import plugin  # only now: it takes as long as the engine's start

    plugin.main()
