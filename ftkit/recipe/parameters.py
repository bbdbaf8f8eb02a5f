"""A recipe's flat form: one name a value, as templates and the command line have it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ftkit.errors import RecipeError, nearest
from ftkit.recipe.recipe import Recipe
from ftkit.recipe.strict_yaml import load_yaml

_DATA = ("target", "test", "text", "group", "time", "id", "header", "separator", "missing", "labels", "errors")
# Flat name: path in the recipe.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "task": ("task",),
    "data": ("data", "path"),
    **{name: ("data", name) for name in _DATA},
    "split_column": ("data", "split"),
    "edits": ("edits",),
    "validation_share": ("split", "validation"),
    "test_share": ("split", "test"),
    "stratify": ("split", "stratify"),
    "split_group": ("split", "group"),
    "split_method": ("split", "method"),
    **{name: ("split", name) for name in ("folds", "fold", "allow_leak")},
    **{
        name: ("preprocess", name)
        for name in (
            "image_size", "channels", "resize", "numbers", "categories", "dates", "columns", "horizon", "context",
            "season", "window_scale",
        )
    },
    "fill_missing": ("preprocess", "missing"),
    "augment": ("augment",),
    "model": ("model", "name"),
    "weights": ("model", "weights"),
    "freeze": ("model", "freeze"),
    "lora": ("model", "lora"),
    **{
        name: ("training", name)
        for name in (
            "epochs", "batch_size", "micro_batch_size", "bucketing", "learning_rate", "head_rate", "layer_decay",
            "unfreeze_every",
            "schedule", "warmup", "plateau_patience", "plateau_factor", "optimizer", "momentum", "nesterov", "loss",
            "class_weights", "label_smoothing", "focal_gamma", "huber_delta", "quantile", "weight_decay", "l1", "l2",
            "dropout", "clip_norm", "ema", "early_stopping", "monitor", "remember", "not_finite", "precision", "device",
            "parallel", "processes",
            "threads", "data_workers", "mirror", "log_every", "checkpoint_every", "keep",
        )
    },
    "metrics": ("metrics",),
    "seed": ("seed",),
}  # fmt: skip

HELP = {
    "task": "what the model is to do; inferred from the rows if not said",
    "edits": "an edits.jsonl: decisions about rows, applied before the split",
    "augment": "random changes of train rows, such as [{rotate: {degrees: 15}}, noise]",
    "metrics": "what to judge by; the task's own if not said",
    "seed": "all randomness is a function of it",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a template.

    Attributes
    ----------
    name : str
    type, range, help : str
        In words.
    default : object
    """

    name: str
    type: str
    default: Any
    range: str
    help: str


def describe_parameter(name: str, default: Any) -> Parameter:
    """What a parameter takes, in words, from the recipe's own field.

    Parameters
    ----------
    name : str
        A name of ``PARAMETERS``.
    default : object
        The template's default.

    Returns
    -------
    Parameter

    Raises
    ------
    RecipeError
        There is no such parameter.

    Examples
    --------
    >>> describe_parameter("epochs", 10).range
    '1 to 100,000'
    """
    if name not in PARAMETERS:
        raise RecipeError([f"{name}: is not a parameter; {nearest(name, PARAMETERS)}."])
    field = _field(PARAMETERS[name])
    kind, span = _words(field)
    return Parameter(name, kind, default, span, HELP.get(name) or field.description or "")


def parse_value(name: str, text: str) -> Any:
    """The value of a parameter given as text on the command line.

    ``-p epochs 3`` is a number because a number is asked there; ``-p target 007`` stays text.

    Parameters
    ----------
    name : str
        A name of ``PARAMETERS``, or another, whose text is read as YAML.
    text : str

    Returns
    -------
    object

    Raises
    ------
    RecipeError
        The text has characters no file can hold (their position is said).

    Examples
    --------
    >>> parse_value("learning_rate", "1e-4"), parse_value("target", "007"), parse_value("stratify", "no")
    (0.0001, '007', False)
    """
    odd = re.search(r"[\x00\ud800-\udfff]", text)
    if odd:
        raise RecipeError([f"{name}: character {odd.start() + 1} is {odd.group()!r}, which no file can hold."])
    if name not in PARAMETERS:
        return load_yaml(text, name) if text else text
    if text in ("None", "null", ""):
        return None
    kind, _ = _words(_field(PARAMETERS[name]))
    if kind.startswith("text"):
        return text
    if kind.startswith("true or false"):
        words = {
            "true": True,
            "yes": True,
            "1": True,
            "on": True,
            "false": False,
            "no": False,
            "0": False,
            "off": False,
        }
        return words.get(text.lower(), text)
    value = load_yaml(text, name)
    return [value] if kind.startswith("list") and isinstance(value, str) else value


def recipe_from(parameters: Mapping[str, Any], where: str = "parameters") -> Recipe:
    """The recipe that flat parameters stand for.

    Parameters
    ----------
    parameters : mapping
        Names of ``PARAMETERS`` to values; None is the default.
    where : str
        What the faults are said to be in.

    Returns
    -------
    Recipe

    Raises
    ------
    RecipeError
        Faults, all at once, by the flat names.
    """
    keys: dict[str, Any] = {}
    for name, value in parameters.items():
        path = PARAMETERS.get(name)
        if path is None or value is None:
            continue
        section = keys
        for step in path[:-1]:
            section = section.setdefault(step, {})
        section[path[-1]] = value
    faults = [f"{n}: is not a parameter; {nearest(n, PARAMETERS)}." for n in parameters if n not in PARAMETERS]
    try:
        recipe = Recipe(**keys)
    except RecipeError as error:
        faults += [_flat(fault) for fault in error.faults]
    if faults:
        raise RecipeError(faults, where)
    return recipe


def _flat(fault: str) -> str:
    """A fault's path in flat names: ``training.epochs: …`` is ``epochs: …`` to whoever wrote ``-p epochs``."""
    for name, path in PARAMETERS.items():
        dotted = ".".join(path)
        if len(path) > 1 and fault.startswith(f"{dotted}:"):
            return name + fault[len(dotted) :]
    return fault


def _field(path: tuple[str, ...]) -> FieldInfo:
    field = Recipe.model_fields[path[0]]
    for step in path[1:]:
        field = field.annotation.model_fields[step]
    return field


def _words(field: FieldInfo) -> tuple[str, str]:
    """Type and range of a field, in words."""
    choices: list[str] = []
    kinds: list[str] = []
    span = _span(field.metadata)
    for part in _parts(field.annotation):
        meta = getattr(part, "__metadata__", ())
        inner = getattr(part, "__origin__", part) if meta else part
        span = span or _span(
            [m for entry in meta for m in ([entry] if not isinstance(entry, FieldInfo) else entry.metadata)]
        )
        literal = get_args(inner) if "Literal" in str(inner) else ()
        if literal:
            choices += [str(word) for word in literal]
        elif inner is not type(None):
            kinds.append(_name(inner))
    words = ", ".join(choices)
    if kinds and choices:
        return f"{kinds[0]} or {words}", span
    return (kinds[0], span) if kinds else (f"one of {words}", "")


def _parts(annotation: Any) -> list[Any]:
    """The alternatives of an annotation, unions taken apart."""
    if type(annotation).__name__ in ("UnionType", "_UnionGenericAlias", "Union") or "Union" in str(type(annotation)):
        return [part for inner in get_args(annotation) for part in _parts(inner)]
    return [annotation]


def _name(kind: Any) -> str:
    origin = getattr(kind, "__origin__", kind)
    names = {int: "whole number", float: "number", bool: "true or false", str: "text", list: "list", dict: "mapping"}
    if isinstance(origin, type) and issubclass(origin, BaseModel):
        return "mapping"
    return names.get(origin, "text")


def _span(metadata: Any) -> str:
    low = high = None
    for entry in metadata:
        low = getattr(entry, "ge", None) if getattr(entry, "ge", None) is not None else low
        low = f"over {entry.gt}" if getattr(entry, "gt", None) is not None else low
        high = getattr(entry, "le", None) if getattr(entry, "le", None) is not None else high
        high = f"under {entry.lt}" if getattr(entry, "lt", None) is not None else high
    texts = [bound if isinstance(bound, str) else f"{bound:,}" for bound in (low, high) if bound is not None]
    return " to ".join(texts) if len(texts) == 2 else (f"from {texts[0]}" if texts else "")


def show_default(value: Any) -> str:
    """A default as one would type it."""
    return "" if value is None else (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
