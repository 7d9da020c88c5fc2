"""The pictures a live loop works from: read again now and then, sent only when they changed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Collection, Generator, Mapping
from typing import Any

from . import jobs, layers, pixels, previews, roles
from .bands import Banded, Turn, Watch
from .colors import Steps
from .previews import WHOLE
from .session import Session
from .texts import _

SLOW_LOOK_S = 0.4
REST_LOOK_S = 1.0
FIND_S = 0.4
"""Layers are looked for again after this: each walk through them all costs time and memory."""


@dataclasses.dataclass
class Source:
    """A role's pictures as they were last seen, and where the engine finds them, by their side.

    Parameters
    ----------
    nodes
        Ids and wrappers of the chosen layers; None where they cannot be followed.
    watches
        By these ids.
    shrinkers
        By side and place.
    """

    role: dict[str, Any]
    pictures: list[Any] = dataclasses.field(default_factory=list)
    references: dict[int, list[Any]] = dataclasses.field(default_factory=dict)
    nodes: list[tuple[str, Any]] | None = None
    watches: dict[str, Watch] = dataclasses.field(default_factory=dict)
    shrinkers: dict[tuple[int, int], previews.Shrinker] = dataclasses.field(default_factory=dict)
    found_at: float = 0.0
    looked_at: float = 0.0

    @property
    def is_strokes(self) -> bool:
        """Whether the user paints on it."""
        return bool(self.role["source"] == "layer-above")

    @property
    def is_midway(self) -> bool:
        """Whether it is being read."""
        return any(watch.is_midway for watch in self.watches.values())


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
    def strokes(self) -> Banded | pixels.Pixels | None:
        """The strokes as last seen."""
        source = next((source for source in self._all if source.is_strokes), None)
        return source.pictures[0] if source is not None and source.pictures else None

    @property
    def lack_strokes(self) -> bool:
        """Whether strokes are what is worked from, and there are none."""
        if not any(source.is_strokes for source in self._all):
            return False
        return self.strokes is None or not self.strokes.painted

    @property
    def is_midway(self) -> bool:
        """Whether something is being read: until the next `look` it is not known whole."""
        return any(source.is_midway for source in self._all)

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
            Whether the user has just painted: then strokes that Krita tells nothing about are read
            each time.

        Raises
        ------
        Refusal
            When a layer is gone.
        """
        turn, changed = Turn(), False
        for source in self._all:
            found = self._found(request, source, awake, turn)
            if found is not None:
                changed = self._look_at(source, found) or changed
        return changed

    def _found(
        self, request: jobs.Request, source: Source, awake: bool, turn: Turn
    ) -> list[Any] | None:
        """Return a role's pictures, or None while there is nothing to tell of them."""
        now = time.monotonic()
        if now - source.found_at >= FIND_S:
            source.found_at, source.nodes = now, _nodes(request, source)
        if source.nodes is not None:
            nodes, document = source.nodes, request.document
            source.watches = {key: source.watches.get(key) or Watch() for key, _node in nodes}
            for key, node in nodes:
                source.watches[key].look(
                    node, document, source.is_strokes, turn, awake and source.is_strokes
                )
            found = [source.watches[key].picture for key, _node in nodes]
            return None if None in found else found
        source.watches = {}
        pause = SLOW_LOOK_S if source.is_strokes else REST_LOOK_S
        if (awake and source.is_strokes) or now - source.looked_at >= pause:
            source.looked_at = now
            return jobs.read(request, source.role, source.pictures)
        return None

    def _look_at(self, source: Source, found: list[Any]) -> bool:
        old, kept = source.pictures, source.references
        if len(found) == len(old) and all(map(_is_same, found, old)):
            return False
        source.pictures = found
        source.references = {side: [None] * len(found) for side in kept}
        for place, picture in enumerate(found):
            if place < len(old) and _is_same(picture, old[place]):
                source.pictures[place] = old[place]
                for side, sent in kept.items():
                    source.references[side][place], sent[place] = sent[place], None
        self._retired += [one for sent in kept.values() for one in sent if one is not None]
        return True

    @property
    def can_shrink(self) -> bool:
        """Whether all pictures can be sent smaller than they are."""
        return all(previews.shrinks(one) for source in self._all for one in source.pictures)

    def send(self, side: int = WHOLE) -> Generator[float, None, dict[str, Any]]:
        """Write what the engine has not got yet, in steps, and return all references by role.

        Closed before its end, it leaves no part of a picture behind. That must happen as soon as
        `look` finds something: it changes what is to be sent.

        Parameters
        ----------
        side
            Of a picture's longer side, at most; `WHOLE` for pictures as they are.
        """
        turn = Turn()
        inputs: dict[str, list[Any]] = {}
        for source in self._all:
            sent = source.references.setdefault(side, [None] * len(source.pictures))
            for place in range(len(source.pictures)):
                if sent[place] is None:
                    yield from self._send(source, place, side, turn)
            inputs[source.role["role"]] = sent
        return jobs.as_inputs(self._info, inputs)

    def _send(self, source: Source, place: int, side: int, turn: Turn) -> Steps:
        picture, exchange = source.pictures[place], self._session.engine.exchange
        if side != WHOLE:
            shrinker = source.shrinkers.setdefault(
                (side, place), previews.Shrinker(side, source.is_strokes)
            )
            picture = yield from _in_turns(shrinker.shrink(picture), turn)
        steps = picture.sending(exchange)
        source.references[side][place] = yield from _in_turns(steps, turn)

    def forget_copies(self) -> None:
        """Send everything anew the next time: the engine's folder may be another one."""
        for source in self._all:
            sent = [one for sent in source.references.values() for one in sent]
            self._retired += [one for one in sent if one is not None]
            source.references = {}

    def sweep(self, used: Collection[Any]) -> None:
        """Delete the files that no call can be reading any more.

        Parameters
        ----------
        used
            The references of calls that are not answered yet.
        """
        unused = [one for one in self._retired if one not in used]
        if unused:
            self._session.discard(unused)
            self._retired = [one for one in self._retired if one in used]


def _nodes(request: jobs.Request, source: Source) -> list[tuple[str, Any]] | None:
    """Return the paint layers chosen for a role, or None where they must be read in another way."""
    role = source.role
    if role["source"] == "selection":
        return None
    chosen = request.chosen(role)
    if not all(choice.startswith(roles.LAYER) for choice in chosen):
        return None
    nodes = [roles.resolve(request.document, choice, _(role["title"])) for choice in chosen]
    can_follow = all(Watch.can_follow(node, source.is_strokes) for node in nodes)
    return [(layers.key(node), node) for node in nodes] if nodes and can_follow else None


def _in_turns(steps: Generator[None, None, Any], turn: Turn) -> Generator[float, None, Any]:
    """Go through steps, and wait for another turn of the main loop when one is over."""
    try:
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
            if turn.is_over:
                yield 0.0
                turn.begin()
    finally:
        steps.close()


def _is_same(found: Any, old: Any) -> bool:
    if found is old or Banded in (type(found), type(old)):
        return found is old  # a layer that is followed is another object when it has changed
    return bool(found.top == old.top and found.data == old.data and found.format == old.format)
