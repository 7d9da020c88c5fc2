"""One run from the form to a layer: gathers pictures, asks the engine, places what comes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from . import layers, pixels, records, roles
from .client import errors
from .formats import shows_color
from .session import Session, sentence
from .texts import Refusal, _

COLOR_KINDS = ("rgb", "rgba", "layers")


@dataclasses.dataclass(frozen=True)
class Request:
    """What the form says.

    Parameters
    ----------
    info
        The operation's info dict.
    choices
        By role, see `roles.Choice`.
    color_only
        Put a result that keeps the luminance into Krita's color blending mode.
    replaces
        The id of the layer this run makes again, or an empty text.
    """

    document: Any
    info: Mapping[str, Any]
    choices: Mapping[str, roles.Choice]
    parameters: Mapping[str, Any]
    color_only: bool = True
    replaces: str = ""

    @property
    def base_role(self) -> Mapping[str, Any]:
        """The first input: the result lies above it."""
        first: Mapping[str, Any] = self.info["inputs"][0]
        return first

    def base(self) -> Any:
        """Return the base layer.

        Raises
        ------
        Refusal
            When there is none to work with.
        """
        if not roles.is_open(self.document):
            raise Refusal(_("Open a picture first."))
        choice = self.choices.get(self.base_role["role"], roles.NOTHING)
        if not choice:
            raise Refusal(_("Choose the layer to color."))
        return roles.resolve(self.document, choice, _(self.base_role["title"]))

    def made(self) -> dict[str, Any]:
        """Return what to remember with the result."""
        return {
            "operation": self.info["id"],
            "parameters": dict(self.parameters),
            "roles": dict(self.choices),
            "color_only": self.color_only,
        }


def check(request: Request) -> None:
    """Refuse what cannot give a visible result, before anything is read.

    Raises
    ------
    Refusal
        One sentence: what is wrong, and what to do.
    """
    base = request.base()
    colored = any(output["kind"] in COLOR_KINDS for output in request.info["outputs"])
    if colored and not shows_color(request.document.colorModel()):
        raise Refusal(
            _(
                "This document is grayscale and cannot show color; choose Image > Convert Image "
                "Color Space and the model RGB."
            )
        )
    parent = base.parentNode()
    if parent is not None and layers.is_locked(parent):
        raise Refusal(_("The group of {} is locked; unlock it for the result.", base.name()))
    for role in request.info["inputs"]:
        needed = roles.is_picked(role) and not role["optional"]
        if needed and not request.choices.get(role["role"], roles.NOTHING):
            raise Refusal(_("Choose a picture for {}.", _(role["title"])))


def gather(request: Request, session: Session) -> dict[str, Any]:
    """Read every role's picture and write it where the engine finds it.

    Raises
    ------
    Refusal, EngineError
        When a picture is gone, or does not fit into the exchange folder.
    """
    exchange = session.engine.exchange
    inputs: dict[str, Any] = {}
    try:
        for role in request.info["inputs"]:
            reference = _gather_one(request, role, exchange)
            if reference is not None:
                inputs[role["role"]] = [reference] if role["many"] else reference
    except BaseException:
        exchange.discard(inputs)
        raise
    return inputs


def _gather_one(request: Request, role: Mapping[str, Any], exchange: Any) -> Any:
    document = request.document
    if role["source"] == "selection":
        region = pixels.read_selection(document)
        return None if region is None else region.send(exchange)
    choice = request.choices.get(role["role"], roles.NOTHING)
    if not choice:
        return None
    return roles.read(document, choice, _(role["title"])).send(exchange)


def place(request: Request, outcome: Any, exchange: Any) -> Any:
    """Put a run's pictures above the base, as one undo step, and remember how they were made.

    Returns
    -------
    Node or None
        The topmost new layer; None when the run gave only data.

    Raises
    ------
    Refusal
        When document or base went away meanwhile; nothing of the result is left behind.
    """
    try:
        base = request.base()
        node = None
        for output in reversed(request.info["outputs"]):
            value = outcome.outputs.get(output["role"])
            if value is None or output["kind"] == "data":
                continue
            node = _place_one(request, base, output, value, exchange)
        if node is not None:
            _retire(request)
            made = request.made()
            records.add_result(request.document, layers.key(node), made, request.replaces)
        return node
    finally:
        exchange.discard(outcome.outputs)


def _place_one(
    request: Request, base: Any, output: Mapping[str, Any], value: Any, exchange: Any
) -> Any:
    pictures = value if isinstance(value, list) else [(_(output["title"]), value)]
    parts = []
    for title, reference in pictures:
        depth, data = pixels.result_bytes(exchange, reference)
        parts.append(layers.Part(title, depth, data))
    space = layers.space_for(request.document, parts[0].depth)
    title = _result_title(request, output)
    return layers.add_result(
        request.document, parts, title, base, blend_for(request, output), space
    )


def blend_for(request: Request, output: Mapping[str, Any]) -> str:
    """Return the blending mode of a result's layer."""
    # Krita's color mode exists for RGB alone
    in_color = request.color_only and request.document.colorModel() == "RGBA"
    return "color" if output["blend"] == "color" and in_color else "normal"


def _result_title(request: Request, output: Mapping[str, Any]) -> str:
    old = layers.find(request.document, request.replaces) if request.replaces else None
    if old is not None:
        return str(old.name())
    return layers.plain_name(request.document, _(output["title"]))


def _retire(request: Request) -> None:
    """Remove the layer that the new one replaces."""
    old = layers.find(request.document, request.replaces) if request.replaces else None
    if old is not None:
        old.remove()
        request.document.waitForDone()


def find_strokes(request: Request) -> Any:
    """Return the layer the user paints on, or None when there is none in the request."""
    for role in request.info["inputs"]:
        choice = request.choices.get(role["role"], roles.NOTHING)
        if role["source"] == "layer-above" and choice:
            return roles.resolve(request.document, choice, _(role["title"]))
    return None


def find_result(document: Any) -> tuple[str, dict[str, Any]]:
    """Return id and record of the result to make again: the active layer, or the only one.

    Raises
    ------
    Refusal
        When there is none, or several.
    """
    results = records.read(document)["results"]
    active = document.activeNode()
    if active is not None and layers.key(active) in results:
        return layers.key(active), results[layers.key(active)]
    there = [(key, made) for key, made in results.items() if layers.find(document, key) is not None]
    if len(there) == 1:
        return there[0]
    if there:
        raise Refusal(_("Choose the result layer that is to be made again."))
    raise Refusal(_("This document has no result of tinct to make again."))


class Job:
    """One run on its way.

    Parameters
    ----------
    session
        Owns the engine.
    request
        What to do.
    done
        Gets the new layer (or None) and the outcome, or an error's sentence.
    on_progress
        Gets fraction and stage.
    """

    def __init__(
        self,
        session: Session,
        request: Request,
        done: Callable[[Any, Any, str], None],
        on_progress: Callable[[float, str], object],
    ) -> None:
        self._session = session
        self._request = request
        self._done = done
        self.call: Any = None
        check(request)
        inputs = gather(request, session)
        self.call = session.run(
            request.info["id"],
            inputs,
            request.parameters,
            self._finished,
            on_progress=on_progress,
        )

    def cancel(self) -> None:
        """Stop it."""
        self._session.cancel(self.call)

    def _finished(self, outcome: Any, error: errors.EngineError | None) -> None:
        if error is not None:
            self._done(None, None, sentence(error))
            return
        try:
            node = place(self._request, outcome, self._session.engine.exchange)
        except (Refusal, errors.EngineError) as refusal:
            self._done(None, None, sentence(refusal))
        else:
            self._done(node, outcome, "")
