"""Which augmentations keep the label, asked through the public door.

The answer is measured with a probe, and probes live in a room below this one; decision 0002 tells how such a question
is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ftkit.data import DatasetView
    from ftkit.quality import Suggestion


def suggest(view: DatasetView, steps: Iterable[Any] | None = None, **more: Any) -> Suggestion:
    """The steps that keep the label of these rows, measured; the one that changes them least first.

    Parameters
    ----------
    view : DatasetView
        Labelled rows: images, texts or a table.
    steps : iterable of steps, optional
        The steps to try; a list for the kind of row, at several strengths, without it.
    **more
        ``seed``, ``most`` and ``tell``: see :func:`ftkit.suggest_augmentation`, which does the work.

    Returns
    -------
    Suggestion
        A list of steps, usable as ``Recipe(augment=…)``; ``.trials`` is the evidence.

    Raises
    ------
    DataError
        The rows cannot be used: no labels, too few, or of a kind without a probe.
    RecipeError
        A step is unknown or for another kind of row.

    Examples
    --------
    >>> import ftkit as ft
    >>> from ftkit.augment import Flip, Shear
    >>> ft.augment.suggest(ft.read("digits"), [Flip(), Shear(5)], most=400)
    Suggestion([Shear(degrees=5.0, p=1.0)])
    """
    import ftkit

    return ftkit.suggest_augmentation(view, steps, **more)
