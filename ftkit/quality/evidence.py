"""What several checks look at, worked out once: vectors of the rows, out-of-fold probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ftkit.data import DatasetView

if TYPE_CHECKING:
    import numpy as np

    from ftkit.data import ImageLook, Texts, Turns
    from ftkit.quality.confident import LabelErrors
    from ftkit.quality.minhash import Pairs
    from ftkit.quality.neighbours import Neighbours
    from ftkit.quality.outliers import OddRows
    from ftkit.quality.row_texts import RowTexts


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
    embedded : ndarray of float, shape (N, d), or None
        The rows as vectors, where somebody has them already.
    predicted : ndarray of float64, shape (N, K), or None
        Out-of-fold probabilities of the classes, where somebody has them already.
    """

    view: DatasetView
    model: str | None = None
    against: DatasetView | None = None
    seed: int = 0
    embedded: np.ndarray | None = None
    predicted: np.ndarray | None = None

    @cached_property
    def turns(self) -> Turns:
        """The turns of the chats, one after the other."""
        from ftkit.data import turns_of

        return turns_of(self.view)

    def texts(self, column: str) -> Texts:
        """The texts of one column, missing ones empty."""
        from ftkit.data import Texts

        known = self.__dict__.setdefault("_texts", {})
        if column not in known:
            known[column] = Texts(self.view.text_cells(column))
        return known[column]

    @cached_property
    def whole_texts(self) -> RowTexts:
        """What each row says, for texts and chats; read each time it is asked for."""
        from ftkit.quality.row_texts import row_texts

        return row_texts(self.view)

    @cached_property
    def small_images(self) -> tuple[np.ndarray, dict[int, str]]:
        """The images at 32×32 pixels, uint8 (N, 32, 32, 3), and why some cannot be read."""
        return self.view.pixels((32, 32))

    @cached_property
    def odd_rows(self) -> OddRows:
        """How unlike the others each row is."""
        from ftkit.quality.outliers import odd_rows_of

        return odd_rows_of(self)

    @cached_property
    def near_pairs(self) -> Pairs:
        """Pairs of rows, texts or images, that are nearly the same."""
        from ftkit.quality.near_duplicates import near_pairs_of

        return near_pairs_of(self)

    @cached_property
    def vectors(self) -> Any:
        """The rows as vectors: ``.values`` float32 (N, d) of unit length, ``.source`` in words."""
        from ftkit.quality.vectors import vectors_of

        return vectors_of(self)

    @cached_property
    def neighbourhood(self) -> Neighbours:
        """The forty rows nearest to each row, by their vectors."""
        from ftkit.quality.neighbours import nearest_rows

        return nearest_rows(self.vectors.values, 40, seed=self.seed)

    @cached_property
    def neighbours(self) -> Neighbours:
        """The ten rows nearest to each row, by their vectors."""
        from ftkit.quality.neighbours import Neighbours

        near = self.neighbourhood
        return Neighbours(near.rows[:, :10], near.similarity[:, :10], near.recall)

    @cached_property
    def map(self) -> np.ndarray:
        """Places of the rows in two dimensions, similar ones close together, float32 (N, 2)."""
        from ftkit.quality.projection import MOST_REFINED, project

        vectors = self.vectors.values
        near = self.neighbours.rows if len(vectors) <= MOST_REFINED else None
        return project(vectors, near=near, seed=self.seed)

    @cached_property
    def look(self) -> ImageLook:
        """What decoding every image once has shown."""
        from ftkit.data import look

        return look(self.view)

    @cached_property
    def folds(self) -> np.ndarray:
        """The fold that each row is held out in, int64 (N,)."""
        from ftkit.quality.folds import folds_of

        return folds_of(self.view, self.view.labels, seed=self.seed)

    @cached_property
    def strength(self) -> float:
        """How small the weights of a linear probe are held."""
        from ftkit.quality.probe import strength_of

        return strength_of(self)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Out-of-fold probabilities of the classes, float64 (N, K): what a model says of rows it has not seen."""
        from ftkit.quality.probe import out_of_fold

        return out_of_fold(self) if self.predicted is None else self.predicted

    @cached_property
    def label_errors(self) -> LabelErrors:
        """How probable it is that each label is wrong."""
        from ftkit.quality.label_errors import label_errors_of

        return label_errors_of(self)
