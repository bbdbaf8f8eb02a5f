"""Texts as the tokens a model reads; what is cut off is counted and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ftkit.errors import DataError

UNSET = 1_000_000  # tokenizers write a huge number where they know no window
IGNORED = -100  # a label the loss does not look at
SHOWN = 5


@dataclass(frozen=True)
class TokenRows:
    """Rows as tokens.

    Attributes
    ----------
    input_ids, attention_mask : list of int64 array, length N
        One array a row, as long as the row.
    labels : list of int64 array, length N, or None
        For chats: the token where it is to be learned, -100 elsewhere.
    limit : int
        The most tokens a row may have.
    cut : dict of str to int
        Row id to how many of its tokens were cut off.
    silent : tuple of str
        Ids of rows with labels of which no token is left to learn.
    """

    input_ids: list[np.ndarray]
    attention_mask: list[np.ndarray]
    labels: list[np.ndarray] | None = None
    limit: int = 0
    cut: dict[str, int] = field(default_factory=dict)
    silent: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.input_ids)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was cut and what is silent: one sentence each, with the first row ids."""
        said = []
        if self.cut:
            kept = sum(len(row) for row in self.input_ids)
            lost = sum(self.cut.values())
            said.append(
                f"{len(self.cut):,} of {len(self):,} rows are longer than {self.limit:,} tokens; {lost:,} tokens "
                f"({lost / max(1, lost + kept):.1%}) are cut off: {_some(list(self.cut))}."
            )
        if self.silent:
            said.append(
                f"{len(self.silent):,} of {len(self):,} rows have no token left to learn from: {_some(self.silent)}. "
                "Drop them, or raise the limit."
            )
        return tuple(said)


@dataclass(frozen=True)
class TextInput:
    """Texts through a tokenizer, cut at a length.

    Attributes
    ----------
    tokenizer : transformers tokenizer
    max_length : int
        The most tokens of a row, special ones included.
    """

    tokenizer: Any
    max_length: int

    @classmethod
    def fit(cls, texts: Sequence[str], tokenizer: Any, max_length: int | None = None) -> TextInput:
        """The input for these texts.

        Parameters
        ----------
        texts : sequence of str, (N,)
            Of train rows only.
        tokenizer : transformers tokenizer
            Of the model.
        max_length : int, optional
            At least 1. By default the longest of the texts, at most the model's window.

        Returns
        -------
        TextInput

        Raises
        ------
        DataError
            ``max_length`` is below 1, or over the model's window.
        """
        window = window_of(tokenizer)
        check_length(max_length, window)
        longest = max((len(ids) for ids in _encoded(tokenizer, texts, None)["input_ids"]), default=1)
        return cls(tokenizer, max_length or max(1, min(longest, window or longest)))

    def transform(
        self, texts: Sequence[str], ids: Sequence[str] | None = None, pairs: Sequence[str] | None = None
    ) -> TokenRows:
        """The tokens of each text.

        Parameters
        ----------
        texts : sequence of str, (N,)
        ids : sequence of str, (N,), optional
            Row ids, to name rows that are cut; their positions by default.
        pairs : sequence of str, (N,), optional
            A second text of each row; the longer of the two is cut first.

        Returns
        -------
        TokenRows
        """
        names = [str(i) for i in range(len(texts))] if ids is None else [str(i) for i in ids]
        whole = _encoded(self.tokenizer, texts, pairs)["input_ids"]
        over = [i for i, row in enumerate(whole) if len(row) > self.max_length]
        some = None if pairs is None else [pairs[i] for i in over]
        short = _encoded(self.tokenizer, [texts[i] for i in over], some, self.max_length)["input_ids"]
        cut = {names[i]: len(whole[i]) - len(row) for i, row in zip(over, short, strict=True)}
        for i, row in zip(over, short, strict=True):
            whole[i] = row
        rows = [np.asarray(row, dtype=np.int64) for row in whole]
        return TokenRows(rows, [np.ones_like(row) for row in rows], None, self.max_length, cut)

    def inverse_transform(self, rows: Sequence[np.ndarray]) -> list[str]:
        """The texts, without special tokens: exact where nothing was cut and the tokenizer keeps all it reads."""
        return self.tokenizer.batch_decode([list(map(int, row)) for row in rows], skip_special_tokens=True)

    def state(self) -> dict[str, Any]:
        """Everything but the tokenizer as JSON; ``TextInput.from_state(state, tokenizer)`` gives it back."""
        return {"max_length": self.max_length}

    @classmethod
    def from_state(cls, state: dict[str, Any], tokenizer: Any) -> TextInput:
        """The input whose ``state()`` this is, with the tokenizer saved beside the model."""
        return cls(tokenizer, state["max_length"])


def window_of(tokenizer: Any) -> int | None:
    """The most tokens a tokenizer's model sees, where it says so."""
    window = getattr(tokenizer, "model_max_length", None)
    return int(window) if window and window < UNSET else None


def check_length(max_length: int | None, window: int | None) -> None:
    """Whether a length can be asked for.

    Raises
    ------
    DataError
        It is below 1, or over the model's window.
    """
    if max_length is not None and max_length < 1:
        raise DataError(f"max_length: {max_length} tokens cannot be kept; asked is at least 1.")
    if max_length and window and max_length > window:
        raise DataError(f"max_length: {max_length:,} tokens are asked, but the model sees {window:,} at once.")


def _encoded(
    tokenizer: Any, texts: Sequence[str], pairs: Sequence[str] | None, max_length: int | None = None
) -> dict[str, Any]:
    if not len(texts):
        return {"input_ids": []}
    cut = {"truncation": False} if max_length is None else {"truncation": True, "max_length": max_length}
    # A row that is longer than the window is what is looked for here: transformers' own warning would be a second one.
    return tokenizer(list(texts), None if pairs is None else list(pairs), verbose=False, **cut)


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:SHOWN]) + (f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else "")
