"""What the steps for texts share.

Words are changed where a script writes spaces, single characters where it does not; both may come in one text. What
may change what a text says, negations, numbers and names, is spared unless told otherwise, and ``may_alter`` says what
is left at risk.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ftkit.augment.fields import Step
from ftkit.augment.text_tables import Substitutions
from ftkit.augment.text_units import Units, codes_of, flat_numbers, is_risky, take_apart, texts_of, unit_numbers

RISKS = ("negations", "numbers", "names")


class TextStep(Step):
    """A step for texts: ``rewrite(texts, states)``, with one state a row."""

    kinds = ("text",)
    spare = True

    @property
    def may_alter(self) -> tuple[str, ...]:
        """What this step may change and a label may hang on."""
        return ("names",) if self.spare else RISKS

    def rewrite(self, texts: Sequence[str], states: np.ndarray) -> list[str]:
        """The texts after the step."""
        raise NotImplementedError


class UnitStep(TextStep):
    """A step that moves whole words, or characters of scripts without spaces."""

    def rewrite(self, texts: Sequence[str], states: np.ndarray) -> list[str]:
        """The texts after the step."""
        apart = [take_apart(text) for text in texts]
        lengths = [len(units.cores) for units in apart]
        drawn = [unit_numbers(states, lengths, stream) for stream in range(2)]
        return [
            self.move(units, u, v) if len(units.cores) > 1 and u.min() < self.rate else text
            for text, units, u, v in zip(texts, apart, *drawn, strict=True)
        ]

    def chosen(self, units: Units, u: np.ndarray) -> list[int]:
        """The units whose turn it is and that may be touched."""
        some = np.flatnonzero(u < self.rate).tolist()
        return [i for i in some if not (self.spare and is_risky(units.cores[i], i == 0))]

    def move(self, units: Units, u: np.ndarray, v: np.ndarray) -> str:
        """One text after the step."""
        raise NotImplementedError


class CharacterStep(TextStep):
    """A step that puts single characters in the place of others."""

    def table(self) -> Substitutions:
        """What may become what."""
        raise NotImplementedError

    def rewrite(self, texts: Sequence[str], states: np.ndarray) -> list[str]:
        """The texts after the step, as long as they were."""
        codes, lengths = codes_of(texts)
        table = self.table()
        at = np.flatnonzero((flat_numbers(states, lengths, 0) < self.rate) & table.known(codes))
        if self.spare and len(at):
            at = _safe(texts, lengths, at)
        u = flat_numbers(states, lengths, 1)[at]
        codes[at] = table.pick(codes[at], u)
        return texts_of(codes, lengths)


def _safe(texts: Sequence[str], lengths: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Those of some characters whose word says no negation, number or name."""
    ends = np.cumsum(lengths)
    row = np.searchsorted(ends, at, side="right")
    inside = at - (ends - lengths)[row]
    keep = []
    for text, i in zip((texts[r] for r in row.tolist()), inside.tolist(), strict=True):
        first = max(text.rfind(" ", 0, i), text.rfind("\n", 0, i)) + 1
        after = text.find(" ", i)
        word = text[first : after if after >= 0 else len(text)]
        # Characters of a script without spaces stand for themselves.
        keep.append(not is_risky(text[i] if ord(text[i]) >= 0x0E00 else word.split("\n")[0], first == 0))
    return at[np.array(keep, dtype=bool)]
