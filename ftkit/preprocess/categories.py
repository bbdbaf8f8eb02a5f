"""Categories as numbers: one-hot, in order, or hashed; the missing and the unseen have a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.errors import DataError

# A category seen less often than this has no place of its own: it shares "other" with the unseen.
RAREST = 2
MOST_CATEGORIES = 256
PLACES = 32


@dataclass(frozen=True)
class Coded:
    """Cells that were coded already: the distinct ones, and each cell's place among them."""

    words: list[str]
    codes: np.ndarray


def coded(cells: Any) -> tuple[list[str], np.ndarray]:
    """The distinct cells in order of appearance, and each cell's place among them.

    Parameters
    ----------
    cells : sequence of str or None, or Arrow array of str
        Arrow's own dictionary is ten times as fast as Python's.

    Returns
    -------
    (list of str, int array, (N,))
        -1 where a cell is missing.

    Examples
    --------
    >>> coded(["b", None, "a", "b"])
    (['b', 'a'], array([ 0, -1,  1,  0]))
    """
    if isinstance(cells, Coded):
        return cells.words, cells.codes
    if hasattr(cells, "dictionary_encode"):
        whole = cells.combine_chunks() if hasattr(cells, "combine_chunks") else cells
        encoded = whole.dictionary_encode()
        return encoded.dictionary.to_pylist(), encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    words = [word for word in dict.fromkeys(cells) if word is not None]
    place = {word: i for i, word in enumerate(words)} | {None: -1}
    return words, np.fromiter(map(place.__getitem__, cells), np.int64, len(cells))


def common(cells: Any, rarest: int = 1, most: int | None = None) -> tuple[str, ...]:
    """The categories seen at least so often, sorted; of too many, the most frequent ones."""
    if rarest <= 1 and most is None:
        return tuple(sorted(_distinct(cells)))
    kept = [(-count, word) for word, count in _counts(cells) if word is not None and count >= rarest]
    return tuple(sorted(word for _, word in sorted(kept)[:most]))


def _distinct(cells: Any) -> set[str]:
    plain = not isinstance(cells, Coded) and not hasattr(cells, "dictionary_encode")
    return (set(cells) if plain else set(coded(cells)[0])) - {None}


def _counts(cells: Any) -> Iterable[tuple[str | None, int]]:
    """How often each cell occurs."""
    if not isinstance(cells, Coded) and not hasattr(cells, "dictionary_encode"):
        return Counter(cells).items()
    words, codes = coded(cells)
    return zip(words, np.bincount(codes[codes >= 0], minlength=len(words)).tolist(), strict=True)


def placed(cells: Any, categories: Sequence[str]) -> np.ndarray:
    """The place of each cell among the categories; the next one if it is missing, the one after if it is none."""
    words, codes = coded(cells)
    place = {category: i for i, category in enumerate(categories)}
    table = np.array([*(place.get(word, len(place) + 1) for word in words), len(place)], dtype=np.int64)
    return table[codes]


def unseen(cells: Any, categories: Sequence[str]) -> tuple[int, list[str]]:
    """How many cells hold none of the categories, and some of what they hold."""
    words, codes = coded(cells)
    strange = np.array([word not in set(categories) for word in words], dtype=bool)
    rows = (codes >= 0) & strange[codes] if len(words) else np.zeros(len(codes), dtype=bool)
    return int(rows.sum()), [word for word, odd in zip(words, strange, strict=True) if odd][:3]


@dataclass(frozen=True)
class OneHot:
    """A column for each category, then one for "missing" and one for "other".

    Attributes
    ----------
    categories : tuple of str
        In the order of their columns.
    """

    categories: tuple[str, ...]
    kind = "onehot"

    @classmethod
    def fit(cls, cells: Any, rarest: int = RAREST, most: int = MOST_CATEGORIES) -> OneHot:
        """The encoding of these cells.

        Parameters
        ----------
        cells : sequence of str or None, (N,)
            Of train rows only.
        rarest : int, default 2
            A category seen less often is "other".
        most : int, default 256
            Of more categories, the less frequent ones are "other".

        Returns
        -------
        OneHot

        Examples
        --------
        >>> encoder = OneHot.fit(["红", "蓝", "红", "蓝"])
        >>> encoder.transform(["蓝", None, "绿"]).tolist()
        [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
        """
        return cls(common(cells, rarest, most))

    @property
    def names(self) -> list[str]:
        """What the columns stand for."""
        return [*self.categories, "missing", "other"]

    def transform(self, cells: Any, out: np.ndarray | None = None) -> np.ndarray:
        """Float32 (N, categories + 2); written to ``out`` where that is given."""
        where = placed(cells, self.categories)
        if out is None:
            out = np.zeros((len(where), len(self.names)), dtype=np.float32)
        else:
            out[:] = 0
        out[np.arange(len(where)), where] = 1
        return out

    def inverse_transform(self, block: np.ndarray) -> np.ndarray:
        """The cells, as objects: exactly those that have a column; None for "missing" and for "other"."""
        return np.array([*self.categories, None, None], dtype=object)[block.argmax(axis=1)]

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``OneHot.from_state(state)`` gives it back."""
        return {"categories": list(self.categories)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> OneHot:
        """The encoding whose ``state()`` this is."""
        return cls(tuple(state["categories"]))


@dataclass(frozen=True)
class Ordinal:
    """One column, from 0 for the first category to 1 for the last, and flags for "missing" and "other".

    Attributes
    ----------
    categories : tuple of str
        In their order.
    """

    categories: tuple[str, ...]
    kind = "ordinal"

    @classmethod
    def fit(cls, cells: Any, order: Sequence[str] | None = None) -> Ordinal:
        """The encoding of these cells.

        Parameters
        ----------
        cells : sequence of str or None, (N,)
            Of train rows only.
        order : sequence of str, optional
            The categories from low to high. By default by number where all are numbers, else as text is sorted.

        Returns
        -------
        Ordinal

        Examples
        --------
        >>> Ordinal.fit(["10", "9", "9"]).codes(["9", "10", None, "8"]).tolist()
        [0, 1, -1, -2]
        """
        words = common(cells) if order is None else tuple(order)
        return cls(words if order is not None else tuple(sorted(words, key=_by_number(words))))

    @property
    def names(self) -> list[str]:
        """What the columns stand for."""
        return ["", "missing", "other"]

    def codes(self, cells: Any) -> np.ndarray:
        """Int64 (N,): the place of each category, -1 for missing, -2 for unseen."""
        where = placed(cells, self.categories)
        return np.where(where < len(self.categories), where, len(self.categories) - 1 - where)

    def transform(self, cells: Any, out: np.ndarray | None = None) -> np.ndarray:
        """Float32 (N, 3); written to ``out`` where that is given. Missing and unseen are in the middle."""
        codes = self.codes(cells)
        if out is None:
            out = np.empty((len(codes), 3), dtype=np.float32)
        out[:, 0] = np.where(codes >= 0, codes / max(1, len(self.categories) - 1), 0.5)
        out[:, 1], out[:, 2] = codes == -1, codes == -2
        return out

    def inverse_transform(self, block: np.ndarray) -> np.ndarray:
        """The cells, as objects: exactly; None for "missing" and for "other"."""
        last = max(0, len(self.categories) - 1)
        codes = np.rint(block[:, 0] * last).astype(np.int64).clip(0, last)
        cells = np.array([*self.categories, None], dtype=object)[codes]
        cells[(block[:, 1] > 0.5) | (block[:, 2] > 0.5)] = None
        return cells

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Ordinal.from_state(state)`` gives it back."""
        return {"categories": list(self.categories)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Ordinal:
        """The encoding whose ``state()`` this is."""
        return cls(tuple(state["categories"]))


@dataclass(frozen=True)
class Hashed:
    """Any number of categories in a fixed number of columns: +1 or -1 in the one a hash says, and a flag "missing".

    Weinberger et al., "Feature hashing for large scale multitask learning", 2009; the hash is scikit-learn's
    FeatureHasher's. Nothing is learned, so every category is known; two may share a place.

    Attributes
    ----------
    places : int
    """

    places: int = PLACES
    kind = "hash"

    @classmethod
    def fit(cls, cells: Any = None, places: int = PLACES) -> Hashed:
        """The encoding: it does not depend on the cells.

        Parameters
        ----------
        cells : ignored
        places : int, default 32

        Returns
        -------
        Hashed

        Examples
        --------
        >>> Hashed.fit(places=4).transform(["cat", None]).tolist()
        [[0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]
        """
        return cls(places)

    @property
    def names(self) -> list[str]:
        """What the columns stand for."""
        return [*(f"#{i}" for i in range(self.places)), "missing"]

    def transform(self, cells: Any, out: np.ndarray | None = None) -> np.ndarray:
        """Float32 (N, places + 1); written to ``out`` where that is given."""
        from sklearn.utils import murmurhash3_32

        words, codes = coded(cells)
        hashes = np.array([*(murmurhash3_32(word, seed=0) for word in words), 0], dtype=np.int64)
        where = np.abs(hashes) % self.places
        where[-1] = self.places  # code -1, a missing cell
        if out is None:
            out = np.empty((len(codes), self.places + 1), dtype=np.float32)
        out[:] = 0
        out[np.arange(len(codes)), where[codes]] = np.where(hashes[codes] >= 0, 1, -1)
        return out

    def inverse_transform(self, block: np.ndarray) -> np.ndarray:
        """Not to be had: a hash forgets what it was made of.

        Raises
        ------
        DataError
            Always.
        """
        raise DataError("hashed categories cannot be turned back: the words are not kept. Use onehot or ordinal.")

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Hashed.from_state(state)`` gives it back."""
        return {"places": self.places}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Hashed:
        """The encoding whose ``state()`` this is."""
        return cls(state["places"])


def _by_number(words: Sequence[str]) -> Any:
    """The key to sort by: the number each word is, where all are; the word itself otherwise."""
    try:
        numbers = {word: float(word) for word in words}
    except ValueError:
        return None
    return numbers.get
