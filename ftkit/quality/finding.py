"""What a check found, and how it ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]
Outcome = Literal["finding", "passed", "not applicable", "skipped", "failed"]


@dataclass(frozen=True)
class Finding:
    """One thing to look at.

    Attributes
    ----------
    code : str
        The check's code, such as ``DUP101``.
    check : str
        The check's name.
    severity : {"info", "warning", "error"}
        ``error``: training would fail or its figures would be false; ``warning``: look at it; ``info``: good to know.
    message : str
        One sentence, with counts.
    rows : list of str
        Row ids, at most 1,000 where the message says so; empty where it is about the whole view.
    scores : list of float
        One for each of ``rows``, 0 to 1: how sure.
    suggest : dict or None
        An Edit for each of the rows, without its ``row``; see ``each``.
    places : list of str
        Where in each of ``rows``, such as ``turn 3``; empty where it is about whole rows.
    """

    code: str
    check: str
    severity: Severity
    message: str
    rows: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    suggest: dict[str, Any] | None = None
    places: list[str] = field(default_factory=list)

    def each(self, key: str) -> list[Any]:
        """What is suggested for each of the rows under a key of an Edit, None where nothing is.

        Parameters
        ----------
        key : {"value", "column"}
            ``suggest`` may hold one for all rows; or, under ``values``, a list with one a row, or a dict of which
            ``which`` names one a row.

        Returns
        -------
        list

        Examples
        --------
        >>> suggest = {"op": "mask", "values": {"small": 1, "large": 2}, "which": ["small", "", "large"]}
        >>> Finding("IMG201", "repeated marks", "warning", "3 marks.", ["a", "b", "c"], suggest=suggest).each("value")
        [1, None, 2]
        """
        suggest = self.suggest or {}
        one = suggest.get(key)
        many = one.get(f"{key}s") if isinstance(one, dict) and set(one) == {f"{key}s"} else suggest.get(f"{key}s")
        if isinstance(many, dict):
            return [many.get(name) for name in suggest["which"]]
        return many if isinstance(many, list) and len(many) == len(self.rows) else [one] * len(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain values; ``places`` only where there are any."""
        return {key: value for key, value in asdict(self).items() if key != "places" or value}


@dataclass(frozen=True)
class CheckResult:
    """How a check ended.

    Attributes
    ----------
    code, name : str
        The check.
    outcome : {"finding", "passed", "not applicable", "skipped", "failed"}
        ``not applicable``: these rows have nothing to check; ``skipped``: something it needs is not there;
        ``failed``: the check itself broke.
    reason : str
        Why it was not applicable, skipped or failed; else empty.
    seconds : float
        How long it took.
    """

    code: str
    name: str
    outcome: Outcome
    reason: str
    seconds: float
