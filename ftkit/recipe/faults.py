"""Pydantic's errors as one sentence each: path, what was given, what is asked, the nearest valid name."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ftkit.errors import nearest


def sentences(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One sentence a fault, in the order of the keys, each beginning with the key's path.

    Parameters
    ----------
    error : ValidationError
    model : type of BaseModel
        The model that was validated: its keys are what unknown ones are compared with.

    Returns
    -------
    list of str
    """
    told: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        place = _place(detail["loc"])
        said = _say(detail, model)
        # A value that fits none of "auto or a number" has one fault a choice: they become one.
        more = said.removeprefix("asked is ")
        told[place] = f"{told[place]} or {more}" if place in told else f"{place}: {_given(detail)}{said}"
    return [f"{sentence}." for sentence in told.values()]


def _place(loc: tuple[int | str, ...]) -> str:
    parts = ""
    for step in loc:
        if isinstance(step, int):
            parts += f"[{step}]"
        elif _is_key(step):
            parts += f".{step}" if parts else step
    return parts or "recipe"


def _is_key(step: str) -> bool:
    """Pydantic puts the name of a choice into the path, ``literal['auto']`` or ``str``; keys have no brackets."""
    return step != "str" and not any(mark in step for mark in "[(-")


def _given(detail: ErrorDetails) -> str:
    if detail["type"] in ("extra_forbidden", "missing"):
        return ""
    shown = repr(detail["input"])
    return f"{shown if len(shown) <= 60 else shown[:57] + '…'}; "


def _say(detail: ErrorDetails, model: type[BaseModel]) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "extra_forbidden":
        return f"is not a key; {nearest(detail['loc'][-1], _keys(detail['loc'][:-1], model))}"
    if kind == "literal_error":
        allowed = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ",").split(",")]
        return nearest(detail["input"], allowed) if len(allowed) > 1 else f"asked is '{allowed[0]}'"
    if kind == "missing":
        return "is required"
    if kind == "value_error":
        return str(context["error"])
    simple = {
        "int_type": "asked is a whole number",
        "int_from_float": "asked is a whole number",
        "float_type": "asked is a number",
        "bool_type": "asked is true or false",
        "string_type": "asked is text",
        "list_type": "asked is a list",
        "model_type": "asked are keys and values",
        "dict_type": "asked are keys and values",
        "finite_number": "asked is a finite number",
        "greater_than": f"asked is more than {context.get('gt')}",
        "greater_than_equal": f"asked is at least {context.get('ge')}",
        "less_than": f"asked is less than {context.get('lt')}",
        "less_than_equal": f"asked is at most {context.get('le')}",
        "string_too_short": "asked is text that is not empty",
    }
    return simple.get(kind, detail["msg"][:1].lower() + detail["msg"][1:])


def _keys(loc: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    """The keys there are at a path."""
    for step in loc:
        field = model.model_fields.get(str(step))
        inner = getattr(field, "annotation", None)
        for kind in (inner, *get_args(inner)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                model = kind
    return list(model.model_fields)
