"""Texts said again by way of another language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.augment.fields import checked, number
from ftkit.augment.text_step import RISKS, TextStep
from ftkit.augment.text_units import flat_numbers


def _name(value: Any) -> str | None:
    return None if isinstance(value, str) and value else f"{value!r} is no folder or hub id of a model."


@dataclass(frozen=True)
class BackTranslation(TextStep):
    """Translate texts into another language and back.

    Parameters
    ----------
    there, back : str
        Folder or hub id of a sequence-to-sequence model of transformers; English to German and back by default,
        ``Helsinki-NLP/opus-mt-en-de`` and ``Helsinki-NLP/opus-mt-de-en``.
    rate : float, 0 to 1, default 0.5
        The share of the texts that are translated; which, is drawn anew each epoch.

    Raises
    ------
    RecipeError
        A model's name is empty or no text, or ``rate`` is no such number.

    References
    ----------
    Sennrich, Haddow and Birch (2016), "Improving neural machine translation models with monolingual data", section 3.

    Examples
    --------
    >>> BackTranslation("opus-mt-en-de", "opus-mt-de-en")
    BackTranslation(there='opus-mt-en-de', back='opus-mt-de-en', rate=0.5)
    """

    there: str = checked("Helsinki-NLP/opus-mt-en-de", _name)
    back: str = checked("Helsinki-NLP/opus-mt-de-en", _name)
    rate: float = number(0.5, 0, 1)
    keeps = "Labels keep as far as the models translate well; irony, names and rare words may come back as others."

    @property
    def may_alter(self) -> tuple[str, ...]:
        """A model may change anything."""
        return RISKS

    def rewrite(self, texts: Sequence[str], states: np.ndarray) -> list[str]:
        """The texts after the step."""
        import ftkit  # models stand on the same line as augmentations: asked through the public door

        out = list(texts)
        chosen = np.flatnonzero(flat_numbers(states, np.ones(len(out), dtype=np.int64), 0) < self.rate)
        some = [i for i in chosen.tolist() if out[i].strip()]
        said = ftkit.translate_texts(ftkit.translate_texts([out[i] for i in some], self.there), self.back)
        for i, text in zip(some, said, strict=True):
            out[i] = text or out[i]
        return out


STEPS = (BackTranslation,)
