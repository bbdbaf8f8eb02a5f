"""A recipe's text with another value under one of its keys; all else stays as somebody wrote it."""

from __future__ import annotations

from typing import Any

import yaml

from ftkit.errors import RecipeError
from ftkit.recipe.strict_yaml import dump_yaml, load_yaml


def put(text: str, key: str, value: Any, where: str = "recipe") -> str:
    r"""Replace the value of a top-level key, or add it at the end.

    Parameters
    ----------
    text : str
        YAML: keys and values.
    key : str
    value : Any
        What JSON can hold.
    where : str, default "recipe"
        The file it came from, for messages.

    Returns
    -------
    str
        Comments, order and form of the other keys are kept.

    Raises
    ------
    RecipeError
        The text is not YAML, or no keys and values.

    Examples
    --------
    >>> print(put("seed: 7 # lucky\naugment: [flip]\n# the model\nmodel: resnet\n", "augment", ["noise"]), end="")
    seed: 7 # lucky
    augment: [noise]
    # the model
    model: resnet
    """
    before = load_yaml(text, where)
    if not isinstance(before, dict | None):
        raise RecipeError(["a recipe is keys and values, such as 'data: {path: photos/}'."], where)
    wanted = {**(before or {}), key: value}
    made = _spliced(text, key, dump_yaml({key: value}))
    try:
        if load_yaml(made, where) == wanted:
            return made
    except RecipeError:
        pass
    return dump_yaml(wanted)  # in a form that cannot be cut up, such as one line of JSON


def _spliced(text: str, key: str, part: str) -> str:
    """The text with a part in the place of a key and its value."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    found = next(((k, v) for k, v in pairs if k.value == key), None)
    if found is None:
        return text + ("" if not text or text.endswith("\n") else "\n") + part
    first, last = found[0].start_mark.index, found[1].end_mark.index
    inside = text[first:last].splitlines(keepends=True)
    while len(inside) > 1 and (not inside[-1].strip() or inside[-1].lstrip().startswith("#")):
        last -= len(inside.pop())  # a list's end is where the next key begins: what stands between belongs to that
    rest = text[last:]
    return text[:first] + (part if text[first:last].endswith("\n") else part.rstrip("\n")) + rest
