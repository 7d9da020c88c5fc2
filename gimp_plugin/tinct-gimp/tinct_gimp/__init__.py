"""The GIMP 3 side of tinct: the standard library and gi only."""
