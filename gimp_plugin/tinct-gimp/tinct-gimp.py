#!/usr/bin/env python3
"""tinct in GIMP 3: registers every operation of the catalog as a filter."""

from tinct_gimp.start import main

main()
