"""What trying augmentations has shown, and the steps it speaks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.shown import Shown

LEVEL = 0.95


@dataclass(frozen=True)
class Change:
    """A probe's score less the score of the plain probe on the same plain rows, and its 95% interval.

    Attributes
    ----------
    value, low, high : float
        For classes in shares of rows that it names rightly, for numbers in R².
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


@dataclass(frozen=True)
class Trial:
    """One step at one strength, tried on rows held out.

    Attributes
    ----------
    steps : tuple of steps
        Usually one; all that are suggested, in the last trial.
    verdict : {"keeps", "unclear", "alters", "harms", "no change"}
        "keeps" the label; "alters" it; "harms": the label is still to be seen, but the plain rows are named worse by
        who learns from the changed ones, which therefore look like nothing that the data holds; "unclear": more rows
        are needed to say.
    sentence : str
        Why.
    agreement : Change
        Of the probe that learnt from plain and changed rows, asked about changed ones: is what names them still there?
    use : Change
        Of the same probe, asked about plain rows: what the changed rows taught it.
    unlearnt : Change
        Of the probe that learnt from plain rows alone, asked about changed ones: how foreign they are.
    altered : float
        The share of the rows that the step changed.
    told_apart : float
        The share of rows held out, half of them changed, of which a probe says rightly whether they are: 0.5 where
        changed rows could be the data's own.
    foreign : bool
        Whether the probe that learnt from plain rows alone loses half of what it knows, or more, on changed ones.
    """

    steps: tuple[Any, ...]
    verdict: str
    sentence: str
    agreement: Change
    use: Change
    unlearnt: Change
    altered: float
    told_apart: float
    foreign: bool

    @property
    def keeps(self) -> bool:
        """Whether the label survives and the rows held out do not suffer."""
        return self.verdict == "keeps"

    @property
    def suggested(self) -> bool:
        """Whether it keeps the label, and changed rows still look like the data."""
        return self.keeps and not self.foreign


class Suggestion(Shown, list):
    """The steps that keep the label, the one that changes rows least first: a list, so ``Recipe(augment=suggestion)``.

    Attributes
    ----------
    trials : tuple of Trial
        Everything that was tried, in the order of the list it came from; then the suggested steps together.
    rows : int
        How many rows it was measured on.
    score : float
        What the probe scores on plain rows held out: accuracy, or R².
    margin : float
        How much agreement may fall before a step is said to alter labels.
    source : str
        What the probe looked at, in words.
    """

    def __init__(
        self, steps: Iterable[Any], trials: Sequence[Trial], rows: int, score: float, margin: float, source: str
    ) -> None:
        super().__init__(steps)
        self.trials, self.rows, self.score = tuple(trials), rows, score
        self.margin, self.source = margin, source

    def trial(self, step: Any) -> Trial:
        """The evidence for one step.

        Parameters
        ----------
        step : step
            One of those tried.

        Returns
        -------
        Trial

        Raises
        ------
        KeyError
            It was not tried.
        """
        found = next((trial for trial in self.trials if trial.steps == (step,)), None)
        if found is None:
            raise KeyError(f"{step} was not tried; tried were {', '.join(str(t.steps[0]) for t in self.trials[:-1])}.")
        return found

    def __repr__(self) -> str:
        return f"Suggestion({list.__repr__(self)})"


def change(before: np.ndarray, after: np.ndarray, classes: bool) -> Change:
    """The mean difference of paired scores and its interval.

    Parameters
    ----------
    before, after : ndarray of float64, shape (N,)
        A score of each row: for classes 0 or 1, or the mean of several draws.
    classes : bool

    Returns
    -------
    Change

    References
    ----------
    Agresti and Min (2005), "Simple improved confidence intervals for comparing matched proportions", section 3: half a
    row is added to each cell of the 2 × 2 table, so that no difference in few rows is not taken for certainty. For
    means of several draws that is half a row better by 1, half a row worse by 1 and a row without a difference.

    Examples
    --------
    >>> import numpy as np
    >>> print(change(np.array([1, 1, 0, 1.0]), np.array([1, 1, 0, 1.0]), classes=True))
    +0.000 (-0.327 to +0.327)
    """
    from scipy.stats import norm, t

    apart, rows = after - before, len(after)
    middle = float(apart.mean())
    if not classes:
        reach = float(t.ppf(0.5 + LEVEL / 2, max(rows - 1, 1)) * apart.std(ddof=1) / rows**0.5)
        return Change(middle, middle - reach, middle + reach)
    centre = float(apart.sum() / (rows + 2))
    error = float(((apart**2).sum() + 1 - apart.sum() ** 2 / (rows + 2)) ** 0.5 / (rows + 2))
    reach = float(norm.ppf(0.5 + LEVEL / 2) * error)
    return Change(middle, centre - reach, centre + reach)
