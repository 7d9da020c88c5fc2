"""``python -m tinct``: the command line."""

import sys

from tinct.cli import main

if __name__ == "__main__":
    sys.exit(main())
