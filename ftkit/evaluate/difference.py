"""How far one model is from another by one metric, in figures and in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Difference:
    """How far B is from A by one metric, on the same rows.

    Attributes
    ----------
    metric : str
    a, b : float or None
        Their values.
    difference, low, high : float or None
        B minus A, with its interval.
    p : float or None
        Of the test that they do not differ; after Holm's correction where several pairs were compared.
    method : str
        Of the interval and the test.
    n : int
        Rows (or groups) compared.
    needed : int or None
        Rows that would show a difference of this size in 4 of 5 tests; None where there is none to show.
    greater_is_better : bool
    level : float
    reason : str or None
        Why there is no difference to speak of.
    points : bool
        Whether the metric is a share, whose differences are told in hundredths.
    """

    metric: str
    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    method: str
    n: int
    needed: int | None
    greater_is_better: bool
    level: float = 0.95
    reason: str | None = None
    points: bool = True

    @property
    def better(self) -> str | None:
        """Which is better, "a" or "b"; None where it cannot be told."""
        if self.p is None or self.p >= 1 - self.level or not self.difference:
            return None
        return "b" if (self.difference > 0) == self.greater_is_better else "a"

    def sentence(self, a: str = "A", b: str = "B") -> str:
        """What can be said, in words.

        Parameters
        ----------
        a, b : str
            What the two are called.

        Examples
        --------
        >>> Difference("accuracy", 0.80, 0.818, 0.018, 0.009, 0.027, 0.001, "", 900, 400, True).sentence()
        'B is better by 1.8 points of accuracy (0.9 to 2.7).'
        """
        if self.difference is None:
            return f"{self.metric}: {self.reason}"
        if self.better is None:
            more = f"; you would need about {rounded(self.needed):,} test rows" if self.needed else ""
            seen = self._span(self.difference, self.low, self.high)
            return f"No difference can be shown: {b} minus {a} is {seen}{more}."
        sign = 1 if self.difference > 0 else -1
        ends = sorted((sign * self.low, sign * self.high))
        return f"{b if self.better == 'b' else a} is better by {self._span(abs(self.difference), *ends)}."

    def _span(self, value: float, low: float, high: float) -> str:
        """The difference and its ends; of a share in points, which are hundredths of it."""
        if self.points:
            digits = 1 if high - low >= 0.002 else 2
            told = (f"{100 * end:.{digits}f}" for end in (value, low, high))
            return "{} points of {metric} ({} to {})".format(*told, metric=self.metric)
        return f"{value:.3g} of {self.metric} ({low:.3g} to {high:.3g})"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, with ``better``."""
        return asdict(self) | {"better": self.better}


def rounded(count: int) -> int:
    """A number of rows with one digit that counts, rounded up, as a rule of thumb should be.

    Examples
    --------
    >>> rounded(3_517), rounded(12)
    (4000, 20)
    """
    step = 10 ** (len(str(count)) - 1)
    return math.ceil(count / step) * step


def holm(differences: Sequence[Difference]) -> list[Difference]:
    """The differences with p values that hold for all of them together.

    Parameters
    ----------
    differences : sequence of Difference
        Every pair, or every metric, that is looked at.

    Returns
    -------
    list of Difference
        In the same order; intervals stay those of each one alone.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6.
    """
    known = sorted((d.p, i) for i, d in enumerate(differences) if d.p is not None)
    out, floor = list(differences), 0.0
    for rank, (p, i) in enumerate(known):
        floor = max(floor, min(1.0, p * (len(known) - rank)))
        out[i] = replace(out[i], p=floor)
    return out
