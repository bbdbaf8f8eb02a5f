"""What a metric answers: a value with its interval, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Interval(NamedTuple):
    """The two ends of an interval and how they were found."""

    low: float | None
    high: float | None
    method: str | None


NONE = Interval(None, None, None)


@dataclass(frozen=True)
class Score:
    """One metric of one set of rows, or of one class in it.

    Attributes
    ----------
    value : float or None
        None where the metric is undefined.
    interval : Interval
        Its ends are None where there is none; then ``reason`` says why.
    n : int
        How many rows (or rows of or predicted as the class) the value rests on.
    label : str, optional
        The class it is about.
    reason, note : str, optional
        Why the value or its interval is missing; what else to know.
    """

    value: float | None
    interval: Interval
    n: int
    label: str | None = None
    reason: str | None = None
    note: str | None = None

    def row(self, name: str, split: str) -> dict[str, Any]:
        """The plain dict that metrics.json keeps."""
        plain = {
            "name": name,
            "split": split,
            "value": _plain(self.value),
            "low": _plain(self.interval.low),
            "high": _plain(self.interval.high),
            "method": self.interval.method,
            "n": int(self.n),
        }
        said = {"label": self.label, "reason": self.reason, "note": self.note}
        return plain | {key: words for key, words in said.items() if words is not None}


def undefined(n: int, reason: str, label: str | None = None) -> Score:
    """No value, and why."""
    return Score(None, NONE, n, label=label, reason=f"{reason} (n = {n:,}).")


def with_interval(value: float, interval: Interval, n: int) -> Score:
    """A score, saying so where a single row gives no interval."""
    return Score(value, interval, n, reason="an interval needs at least 2 rows." if interval.low is None else None)


def _plain(value: float | None) -> float | None:
    return None if value is None else float(value)
