"""A demo's computations, callable by name."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from playground.demo import Drawn, Endpoint, Refused
from playground.fields import Field, Values
from playground.hosts.gradio_host.page import Page, refuse


def offer(page: Page, endpoint: Endpoint) -> None:
    """Make a computation callable by name, with the fields' names, types and defaults."""
    names = dict(reversed(taken.partition(":")[::2]) if ":" in taken else (taken, taken) for taken in endpoint.takes)
    fixed = endpoint.fixed or {}
    signature, said = [], []
    for told, name in names.items():
        default = fixed.get(name, page.fields[name].default)
        kind, default = _typed(page.fields[name], default) if default is not ... else (str, inspect.Parameter.empty)
        signature.append(
            inspect.Parameter(told, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)
        )
        said.append(f"{told}: {_allowed(page.fields[name])}")
    returns = _files(inspect.signature(endpoint.call).return_annotation)

    def values(given: Mapping[str, Any]) -> Values:
        checked = page.check(**{names[told]: value for told, value in given.items() if value is not None})
        return {**page.defaults(), **fixed, **checked}

    def called(*args, **named) -> Any:
        bound = inspect.Signature(signature).bind(*args, **named)
        bound.apply_defaults()
        v = values(bound.arguments)
        try:
            return _sent(page, endpoint.call(v), v)
        except Refused as error:
            raise refuse(error) from error

    def streamed(*args, **named) -> Iterator[Any]:
        bound = inspect.Signature(signature).bind(*args, **named)
        bound.apply_defaults()
        v = values(bound.arguments)
        try:
            for answer in endpoint.call(v):
                yield _sent(page, answer, v)
        except Refused as error:
            raise refuse(error) from error

    function: Any = streamed if inspect.isgeneratorfunction(endpoint.call) else called
    function.__name__ = endpoint.name or endpoint.call.__name__
    function.__doc__ = f"{inspect.getdoc(endpoint.call)}\n\n{'; '.join(said)}."
    function.__signature__ = inspect.Signature(signature, return_annotation=returns)
    function.__annotations__ = {p.name: p.annotation for p in signature} | {"return": returns}
    gr.api(function, api_name=function.__name__)


def _sent(page: Page, answer: Any, values: Values) -> Any:
    """Return an endpoint's answer with its pictures as files."""
    if isinstance(answer, Drawn):
        return page.file(answer.pixels, {**values, **(answer.changes or {})})
    if isinstance(answer, dict):
        return {key: _sent(page, part, values) for key, part in answer.items()}
    if isinstance(answer, (list, tuple)):
        return type(answer)(_sent(page, part, values) for part in answer)
    return answer


def _typed(field: Field, default: Any) -> tuple[Any, Any]:
    """Return a field's type and default in an API; what is long or empty stands as None."""
    if field.kind in ("strokes", "lines"):
        short = 0 < sum(map(len, default)) <= 40
        return (list[list[int]], default) if short else (list[list[int]] | None, None)
    if field.kind == "numbers":
        return list[float] | None, None
    if set(field.options) == {"yes", "no"}:
        return bool, default == "yes"
    if default is None:
        return type(field.default) | None, None
    if isinstance(default, str) and field.options and all(option.isdigit() for option in field.options):
        return int, int(default)
    return type(default), default


def _allowed(field: Field) -> str:
    """Return in a few words what a field may hold."""
    if field.kind == "strokes":
        return "lists of x0, y0, x1, y1, ... from 0 to 255"
    if field.kind == "lines":
        return "lists of x0, y0, x1, y1 from 0 to 255"
    if field.kind == "numbers":
        return f"up to {field.most} numbers from {field.low:g} to {field.high:g}"
    if field.options:
        return " | ".join(field.options) if len(field.options) <= 12 else f"one of {len(field.options)} names"
    if field.low is not None:
        return f"{field.low:g} to {field.high:g}" + (f" ({field.help})" if field.help else "")
    return field.help or "text"


def _files(annotation: Any) -> Any:
    """Return a type with Gradio's file in place of a picture."""
    if annotation is Drawn:
        return gr.FileData
    if getattr(annotation, "__origin__", None) is Iterator:  # Gradio says the type of what is streamed
        return _files(annotation.__args__[0])
    parts = getattr(annotation, "__args__", None)
    return annotation.__origin__[tuple(map(_files, parts))] if parts else annotation
