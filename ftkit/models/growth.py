"""A head for more classes that still answers as before for those it knew."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


@torch.no_grad()
def grow(model: nn.Module, before: nn.Module, known: Sequence[str], new: Sequence[str]) -> str:
    """Put the rows of an old head into a larger one; the sentence that says so.

    Parameters
    ----------
    model : torch.nn.Module
        Of the same kind as ``before``, with the known classes first; changed in place.
    before : torch.nn.Module
        The model that knew.
    known, new : sequence of str
        Names of the classes.

    Returns
    -------
    str

    Examples
    --------
    >>> from ftkit.models import build_model
    >>> old, more = (build_model("mlp", outputs=k, features=4).model for k in (2, 3))
    >>> grow(more, old, ["a", "b"], ["c"])
    "The head keeps its 2 classes and has 1 new one: 'c'."
    >>> bool((more.head.weight[:2] == old.head.weight).all())
    True
    """
    theirs = before.state_dict()
    for name, mine in model.state_dict().items():
        old = theirs[name]
        mine[: len(old)].copy_(old) if old.ndim else mine.copy_(old)
    if not new:
        return f"The head keeps its {len(known)} classes; none is new."
    listed = ", ".join(f"'{name}'" for name in list(new)[:8]) + (" …" if len(new) > 8 else "")
    many = "new one" if len(new) == 1 else "new ones"
    return f"The head keeps its {len(known)} classes and has {len(new)} {many}: {listed}."
