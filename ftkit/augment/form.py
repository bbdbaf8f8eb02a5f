"""Steps as a recipe writes them, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ftkit.augment import (
    back_translation,
    chat,
    image,
    image_colour,
    image_policy,
    image_texture,
    mixing,
    series,
    tabular,
    text,
)
from ftkit.augment.fields import Step, faults_of
from ftkit.errors import RecipeError, nearest


def step_name(step: Step | type[Step]) -> str:
    """The step's name in a recipe: its class in snake_case."""
    kind = step if isinstance(step, type) else type(step)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()


# Every kind of row has a file that lists its steps; a step for several kinds is listed once.
_FILES = (
    image, image_colour, image_texture, image_policy, mixing, text, back_translation, tabular, series, chat,
)  # fmt: skip
STEPS: dict[str, type[Step]] = {step_name(step): step for file in _FILES for step in file.STEPS}


def steps_for(kind: str) -> list[str]:
    """The names of the steps for a kind of row.

    Parameters
    ----------
    kind : {"image", "text", "tabular", "series", "chat"}

    Returns
    -------
    list of str
    """
    return [name for name, step in STEPS.items() if kind in step.kinds]


def parse(
    steps: Iterable[Any], *, kind: str | None = None, path: str = "augment", where: str = "recipe"
) -> tuple[Step, ...]:
    """The steps a recipe asks for.

    Parameters
    ----------
    steps : iterable
        Each a name (``"noise"``), a mapping of one name to its parameters (``{"rotate": {"degrees": 15}}``), or a step.
    kind : {"image", "text", "tabular", "series", "chat"}, optional
        The kind of row they are to change; steps for other kinds are faults. Not asked without it.
    path : str, default "augment"
        The key they stand under, for messages.
    where : str, default "recipe"
        The file they come from, for messages.

    Returns
    -------
    tuple of steps

    Raises
    ------
    RecipeError
        A step or parameter is unknown, of the wrong type or out of range, or the step is for another kind of row; all
        faults are listed, each with its path.

    Examples
    --------
    >>> parse([{"rotate": {"degrees": 30}}, "noise"])
    (Rotate(degrees=30.0, p=1.0), Noise(std=0.02, p=1.0))
    """
    if isinstance(steps, (str, Mapping, Step)) or not isinstance(steps, Iterable):
        raise RecipeError(
            [f"{path}: {steps!r} is not a list of steps; write [{{rotate: {{degrees: 15}}}}, noise]."], where
        )
    read = [_read(step, f"{path}[{i}]") for i, step in enumerate(steps)]
    faults = [fault for found, _ in read for fault in found]
    if kind is not None:
        faults += [_foreign(s, kind, f"{path}[{i}]") for i, (_, s) in enumerate(read) if s and kind not in s.kinds]
    if faults:
        raise RecipeError(faults, where)
    return tuple(step for _, step in read)


def _read(entry: Any, path: str) -> tuple[list[str], Step | None]:
    """The faults of one entry, and the step where there are none."""
    if isinstance(entry, Step):
        return [], entry
    if isinstance(entry, str):
        entry = {entry: {}}
    if not isinstance(entry, Mapping) or len(entry) != 1:
        return [f"{path}: {entry!r} is not a step; write a name, or {{rotate: {{degrees: 15}}}}."], None
    [(name, given)] = entry.items()
    if name not in STEPS:
        return [f"{path}: there is no step {name!r}; {nearest(name, STEPS)}."], None
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        return [f"{path}.{name}: {given!r} is not a mapping of parameters, such as {_example(STEPS[name])}."], None
    faults = faults_of(STEPS[name], given, f"{path}.{name}")
    return (faults, None) if faults else ([], STEPS[name](**given))


def _foreign(step: Step, kind: str, path: str) -> str:
    """The fault of a step that is for other rows."""
    own = steps_for(kind)
    there = f"for those there are {_listed(own)}" if own else "for those there are none in this version"
    return f"{path}: '{step_name(step)}' changes {' and '.join(step.kinds)} rows, these are {kind} rows; {there}."


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _example(kind: type[Step]) -> str:
    name, value = next(iter(asdict(kind()).items()))
    return f"{{{name}: {value}}}"


def dump(steps: Iterable[Step]) -> list[dict[str, dict[str, Any]]]:
    """The steps as a recipe writes them; :func:`parse` reads them back.

    Parameters
    ----------
    steps : iterable of steps

    Returns
    -------
    list of dict
        One ``{name: {parameter: value}}`` a step, every parameter written out.

    Examples
    --------
    >>> dump(parse(["noise"]))
    [{'noise': {'std': 0.02, 'p': 1.0}}]
    """
    return [{step_name(step): asdict(step)} for step in steps]


def describe(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """What each step does, with which parameters, and which labels it preserves, in words.

    Parameters
    ----------
    steps : iterable of steps

    Returns
    -------
    list of dict
        ``{"step", "does", "parameters", "keeps", "may_alter"}``, one a step; ``may_alter`` lists what a label may hang
        on and the step may change, such as negations, numbers and names in texts.

    Examples
    --------
    >>> describe(parse(["flip"]))[0]["keeps"]
    'Mirrored things keep their name; digits, letters, traffic signs and left or right hands do not.'
    """
    return [
        {
            "step": step_name(s),
            "does": _sentence(s),
            "parameters": asdict(s),
            "keeps": s.keeps,
            "may_alter": list(s.may_alter),
        }
        for s in steps
    ]


def _sentence(step: Step) -> str:
    return (type(step).__doc__ or "").strip().splitlines()[0]
