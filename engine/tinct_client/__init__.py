"""Talks to the tinct engine: the standard library only, relative imports only, Python 3.10 on."""
