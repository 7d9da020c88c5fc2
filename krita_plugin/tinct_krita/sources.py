"""The pictures a live loop works from: read again now and then, sent only when they changed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from . import jobs, pixels, previews
from .previews import WHOLE
from .session import Session

SLOW_LOOK_S = 0.4
REST_LOOK_S = 1.0


@dataclasses.dataclass
class Source:
    """A role's pictures as they were last seen, and where the engine finds them, by their side."""

    role: dict[str, Any]
    pictures: list[Any] = dataclasses.field(default_factory=list)
    references: dict[int, list[Any]] = dataclasses.field(default_factory=dict)
    looked_at: float = 0.0

    @property
    def is_strokes(self) -> bool:
        """Whether the user paints on it."""
        return bool(self.role["source"] == "layer-above")


class Sources:
    """Watch the pictures of one request.

    Parameters
    ----------
    session
        Owns the engine, whose folder holds the copies.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._all: list[Source] = []
        self._info: Mapping[str, Any] = {}
        self._retired: list[Any] = []

    @property
    def strokes(self) -> pixels.Pixels | None:
        """The strokes as last seen."""
        source = next((source for source in self._all if source.is_strokes), None)
        return source.pictures[0] if source is not None and source.pictures else None

    @property
    def lack_strokes(self) -> bool:
        """Whether strokes are what is worked from, and there are none."""
        if not any(source.is_strokes for source in self._all):
            return False
        # Krita's bounds of a layer without a pixel are empty, and so are the rows read from it
        return self.strokes is None or len(self.strokes.data) == 0

    def follow(self, request: jobs.Request) -> None:
        """Begin anew with the roles of another request."""
        self.forget_copies()
        self._info = request.info
        self._all = [Source(role) for role in request.info["inputs"]]

    def look(self, request: jobs.Request, awake: bool) -> bool:
        """Read what may have changed, and return whether something did.

        Parameters
        ----------
        request
            The choices to read.
        awake
            Whether the user has just painted: then strokes are read each time.

        Raises
        ------
        Refusal
            When a layer is gone.
        """
        now, changed = time.monotonic(), False
        for source in self._all:
            pause = SLOW_LOOK_S if source.is_strokes else REST_LOOK_S
            is_due = now - source.looked_at >= pause or not source.looked_at
            if is_due or (awake and source.is_strokes):
                source.looked_at = now
                found = jobs.read(request, source.role, source.pictures)
                changed = self._look_at(source, found) or changed
        return changed

    def _look_at(self, source: Source, found: list[Any]) -> bool:
        old, kept = source.pictures, source.references
        source.pictures = found
        source.references = {side: [None] * len(found) for side in kept}
        for place, picture in enumerate(found):
            if place < len(old) and _is_same(picture, old[place]):
                source.pictures[place] = old[place]
                for side, sent in kept.items():
                    source.references[side][place], sent[place] = sent[place], None
        self._retired += [reference for sent in kept.values() for reference in sent]
        return len(found) != len(old) or any(a is not b for a, b in zip(found, old, strict=True))

    @property
    def can_shrink(self) -> bool:
        """Whether all pictures can be sent smaller than they are."""
        return all(previews.shrinks(one) for source in self._all for one in source.pictures)

    def send(self, side: int = WHOLE) -> dict[str, Any]:
        """Write what the engine has not got yet, and return all references by role.

        Parameters
        ----------
        side
            Of a picture's longer side, at most; `WHOLE` for pictures as they are.
        """
        exchange = self._session.engine.exchange
        inputs: dict[str, list[Any]] = {}
        for source in self._all:
            sent = source.references.setdefault(side, [None] * len(source.pictures))
            for place, picture in enumerate(source.pictures):
                if sent[place] is None:
                    if side != WHOLE:
                        picture = previews.shrink(picture, side, source.is_strokes)
                    sent[place] = picture.send(exchange)
            inputs[source.role["role"]] = sent
        return jobs.as_inputs(self._info, inputs)

    def forget_copies(self) -> None:
        """Send everything anew the next time: the engine's folder may be another one."""
        for source in self._all:
            self._retired += [one for sent in source.references.values() for one in sent]
            source.references = {}
        self.sweep()

    def sweep(self) -> None:
        """Delete the files that no call can be reading any more."""
        if self._retired and not self._session.is_busy:
            self._session.discard(self._retired)
            self._retired.clear()


def _is_same(found: Any, old: Any) -> bool:
    if found is old:
        return True
    return bool(found.top == old.top and found.data == old.data and found.format == old.format)
