"""Texts after random steps, and the steps there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ftkit.augment import text_characters, text_synonyms, text_words
from ftkit.augment.counter import branch, row_keys, state


def change_texts(
    texts: Iterable[str], steps: Iterable[Any], ids: Iterable[str], *, seed: int = 0, epoch: int = 0
) -> list[str]:
    """Texts after the steps, each a function of (seed, epoch, its id) whatever the others are.

    Parameters
    ----------
    texts : iterable of N str
    steps : iterable of steps
        See :func:`ftkit.augment.parse`.
    ids : iterable of N str
        Row ids.
    seed, epoch : int, default 0

    Returns
    -------
    list of N str

    Raises
    ------
    RecipeError
        A step has a fault or is for other rows.

    Examples
    --------
    >>> from ftkit.augment import RandomDeletion
    >>> change_texts(["the cat sat on the mat"], [RandomDeletion(0.3)], ["a"])
    ['the sat on the mat']
    """
    from ftkit.augment.form import parse

    out = list(texts)
    states = state(seed, epoch, row_keys(ids))
    for i, step in enumerate(parse(steps, kind="text")):
        # Every step has numbers of its own.
        out = step.rewrite(out, branch(states, i)) if out else out
    return out


STEPS = (*text_words.STEPS, *text_characters.STEPS, *text_synonyms.STEPS)
