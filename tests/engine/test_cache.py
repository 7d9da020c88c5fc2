"""The cache keeps what was used last, within its budget, by content."""

import numpy as np
import pytest

from tinct.algorithms import blocks
from tinct.cache import CHUNK_BYTES, Cache, content_key


def test_keys_follow_content_not_identity():
    picture = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert content_key(picture, 1, None) == content_key(picture.copy(), 1, None)
    assert content_key(np.asfortranarray(picture)) == content_key(picture)
    different = [
        picture + 1,
        picture.reshape(4, 3),
        picture.astype(np.float64),
        picture[:0],
    ]
    assert len({content_key(other) for other in [picture, *different]}) == 5
    assert content_key(1, "2") != content_key(12, "")


def test_keys_of_large_arrays_follow_every_byte_on_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    large = np.random.default_rng(0).integers(0, 256, 5 * CHUNK_BYTES + 7, np.uint8)
    keys = set()
    for threads in (1, 2, 7):
        monkeypatch.setattr(blocks, "_threads", lambda threads=threads: threads)
        keys.add(content_key(large))
    assert len(keys) == 1
    for place in (0, CHUNK_BYTES, 3 * CHUNK_BYTES - 1, large.size - 1):
        other = large.copy()
        other[place] ^= 1
        keys.add(content_key(other))
    swapped = np.roll(large, CHUNK_BYTES)
    assert len(keys | {content_key(swapped), content_key(large[:-1])}) == 7


def test_remember_makes_once():
    cache, made = Cache(100), []

    def make():
        made.append(1)
        return "system"

    for _ in range(3):
        assert cache.remember("key", make, len) == "system"
    assert made == [1]


def test_oldest_use_leaves_first():
    cache = Cache(10)
    for name in ("a", "b"):
        cache.put(name, name, 4)
    cache.get("a")
    cache.put("c", "c", 4)
    assert cache.get("b") is None
    assert cache.get("a") == "a"
    assert cache.get("c") == "c"
    assert cache.used_bytes == 8


def test_larger_than_the_budget_is_handed_out_but_not_kept():
    cache = Cache(3)
    assert cache.remember("key", lambda: "long", len) == "long"
    assert cache.get("key") is None


def test_replacing_and_clearing():
    cache = Cache(10)
    cache.put("a", 1, 4)
    cache.put("a", 2, 5)
    assert cache.get("a") == 2
    assert cache.used_bytes == 5
    cache.clear()
    assert cache.used_bytes == 0
