"""The one exception this package raises for users."""


class Refusal(Exception):
    """What was asked for cannot be done; the sentence says why and what to do next."""
