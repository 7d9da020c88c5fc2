"""One run from the form to a layer: gathers pictures, asks the engine, places what comes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
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
    choices: roles.Choices
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
        chosen = self.chosen(self.base_role)
        if not chosen:
            raise Refusal(_("Choose the layer to color."))
        return roles.resolve(self.document, chosen[0], _(self.base_role["title"]))

    def chosen(self, role: Mapping[str, Any]) -> list[str]:
        """Return what is chosen for a role, one by one."""
        return roles.each(self.choices.get(role["role"], roles.NOTHING))

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
        if needed and not request.chosen(role):
            raise Refusal(_("Choose a picture for {}.", _(role["title"])))


def gather(request: Request, session: Session) -> dict[str, Any]:
    """Read every role's pictures and write them where the engine finds them.

    Raises
    ------
    Refusal, EngineError
        When a picture is gone, or does not fit into the exchange folder.
    """
    exchange = session.engine.exchange
    inputs: dict[str, Any] = {}
    try:
        for role in request.info["inputs"]:
            for found in read(request, role):
                inputs.setdefault(role["role"], []).append(pixels.send(found, exchange))
    except BaseException:
        exchange.discard(inputs)
        raise
    return as_inputs(request.info, inputs)


def read(request: Request, role: Mapping[str, Any], known: Sequence[Any] = ()) -> list[Any]:
    """Return the pictures of a role as they are now, none when none is chosen.

    Parameters
    ----------
    known
        What was read before, see `pixels.read_node`.

    Raises
    ------
    Refusal
        When one is gone.
    """
    document, title = request.document, _(role["title"])
    if role["source"] == "selection":
        region = pixels.read_selection(document)
        return [] if region is None else [region]
    chosen = request.chosen(role)
    if role["source"] == "layer-above":
        nodes = [roles.resolve(document, choice, title) for choice in chosen]
        return [pixels.read_strokes(node, document) for node in nodes]
    return [roles.read(document, choice, title, known) for choice in chosen]


def as_inputs(info: Mapping[str, Any], found: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return references by role as a run takes them: a list only where several are allowed."""
    many = {role["role"]: role["many"] for role in info["inputs"]}
    return {name: list(refs) if many[name] else refs[0] for name, refs in found.items() if refs}


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
        shown = [
            _result(request, output, outcome.outputs[output["role"]], exchange)
            for output in request.info["outputs"]
            if output["kind"] != "data" and outcome.outputs.get(output["role"]) is not None
        ]
        if not shown:
            return None
        title = _result_title(request, shown[0].title if len(shown) == 1 else request.info["title"])
        if len(shown) == 1:
            shown = [dataclasses.replace(shown[0], title=title)]
        node = layers.add_results(request.document, shown, title, base)
        _retire(request)
        made = request.made()
        records.add_result(request.document, layers.key(node), made, request.replaces)
        return node
    finally:
        exchange.discard(outcome.outputs)


def _result(
    request: Request, output: Mapping[str, Any], value: Any, exchange: Any
) -> layers.Result:
    pictures = value if isinstance(value, list) else [(_(output["title"]), value)]
    parts = []
    for title, reference in pictures:
        depth, data = pixels.result_bytes(exchange, reference)
        parts.append(layers.Part(title, depth, data))
    space = layers.space_for(request.document, parts[0].depth)
    return layers.Result(_(output["title"]), parts, blend_for(request, output), space)


def blend_for(request: Request, output: Mapping[str, Any]) -> str:
    """Return the blending mode of a result's layer."""
    # Krita's color mode exists for RGB alone
    in_color = request.color_only and request.document.colorModel() == "RGBA"
    return "color" if output["blend"] == "color" and in_color else "normal"


def _result_title(request: Request, title: str) -> str:
    old = layers.find(request.document, request.replaces) if request.replaces else None
    return str(old.name()) if old is not None else layers.plain_name(request.document, _(title))


def _retire(request: Request) -> None:
    """Remove the layer that the new one replaces."""
    old = layers.find(request.document, request.replaces) if request.replaces else None
    if old is not None:
        old.remove()
        request.document.waitForDone()


def find_strokes(request: Request) -> Any:
    """Return the layer the user paints on, or None when there is none in the request."""
    for role in request.info["inputs"]:
        if role["source"] == "layer-above" and request.chosen(role):
            return roles.resolve(request.document, request.chosen(role)[0], _(role["title"]))
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


def request_again(document: Any, operations: Mapping[str, Mapping[str, Any]]) -> Request:
    """Return the request that makes the active result again; see `find_result`.

    Raises
    ------
    Refusal
        When there is none, or its operation is not among these.
    """
    layer, made = find_result(document)
    info = operations.get(made.get("operation", ""))
    if info is None:
        raise Refusal(_("This layer was made by an operation that is not installed."))
    return Request(
        document,
        info,
        dict(made.get("roles", {})),
        dict(made.get("parameters", {})),
        bool(made.get("color_only", True)),
        replaces=layer,
    )


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
        self.request = request
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
            node = place(self.request, outcome, self._session.engine.exchange)
        except (Refusal, errors.EngineError) as refusal:
            self._done(None, None, sentence(refusal))
        else:
            self._done(node, outcome, "")
