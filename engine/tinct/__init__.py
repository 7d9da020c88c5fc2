"""Color for black-and-white photographs, line art and designs: the engine."""

__version__ = "0.1.0"
