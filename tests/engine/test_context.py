"""A context reports, narrows and stays silent by default."""

import pytest

from tinct.context import Context, no_progress


def test_default_context_reports_to_nobody_and_keeps_nothing():
    context = Context()
    context.progress(0.5, "Solving")
    context.warn("A sentence.")
    no_progress(1.0, "Done")
    with context.on_cancel(lambda: pytest.fail("nobody cancelled")):
        pass
    assert context.quality == "final"
    assert context.cache.remember("key", lambda: "value", len) == "value"
    assert context.cache.used_bytes == 0


def test_nested_ranges_multiply():
    seen = []
    outer = Context(progress=lambda fraction, stage: seen.append(fraction))
    inner = Context(progress=outer.within(0.2, 0.6)).within(0.5, 1.0)
    inner(0.5, "Solving")
    assert abs(seen[0] - 0.5) < 1e-12
