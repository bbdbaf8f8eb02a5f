"""What several checks look at, worked out once: vectors of the rows, out-of-fold probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ftkit.data import DatasetView

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Evidence:
    """The rows under inspection and what is known of them so far.

    Attributes
    ----------
    view : DatasetView
        The rows.
    model : str or None
        Path or hub id of a pre-trained model to embed rows with; built-in descriptors without it.
    against : DatasetView or None
        An evaluation set the rows must not contain.
    seed : int
        Everything random here is a function of it.
    """

    view: DatasetView
    model: str | None = None
    against: DatasetView | None = None
    seed: int = 0

    @cached_property
    def vectors(self) -> Any:
        """The rows as vectors: ``.values`` float32 (N, d) of unit length, ``.source`` in words."""
        from ftkit.quality.vectors import vectors_of

        return vectors_of(self)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Out-of-fold probabilities of the classes, float64 (N, K): what a model says of rows it has not seen."""
        from ftkit.quality.probe import out_of_fold

        return out_of_fold(self)
