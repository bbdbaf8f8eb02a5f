"""Dates as numbers: the time that went by, and the parts of the calendar, as they are or as circles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.errors import DataError, nearest
from ftkit.preprocess.scaling import Scaler

METHODS = ("cycles", "parts", "none")
PARTS = ("year", "month", "day", "weekday", "hour", "minute", "second")
# Where each part begins, and after how many it begins again; a year never does.
FIRST = {"month": 1, "day": 1}
ROUND = {"month": 12, "day": 31, "weekday": 7, "hour": 24, "minute": 60, "second": 60}
FARTHEST = 10.0


@dataclass(frozen=True)
class Dates:
    """A column of dates, as seconds since 1970 (UTC), as numbers of about one scale.

    Attributes
    ----------
    method : {"cycles", "parts", "none"}
    elapsed : Scaler
        z-score of the seconds.
    parts : tuple of str
        The parts of the calendar in which train rows differ.
    constants : tuple of int, length 7
        The usual value of each part, for the way back.
    flag_missing : bool
        Whether train rows miss dates, so that a flag is worth a column.
    """

    method: str
    elapsed: Scaler
    parts: tuple[str, ...]
    constants: tuple[int, ...]
    flag_missing: bool
    kind = "dates"

    @classmethod
    def fit(cls, seconds: np.ndarray, method: str = "cycles") -> Dates | None:
        """The form of these dates.

        Parameters
        ----------
        seconds : float64 array, (N,)
            Since 1970, UTC, of train rows only; NaN is missing.
        method : {"cycles", "parts", "none"}, default "cycles"
            The time that went by, as one z-score, and beside it: for ``parts`` year, month, day, weekday, hour,
            minute, second from 0 to 1; for ``cycles`` the sine and cosine of each, so that December is next to
            January; for ``none`` nothing. Parts in which train rows do not differ are left out.

        Returns
        -------
        Dates or None
            None where there is no date.

        Raises
        ------
        DataError
            The method is not known.

        Examples
        --------
        >>> days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]").astype("datetime64[s]").astype(float)
        >>> Dates.fit(days, "parts").names
        ['elapsed', 'month', 'day', 'weekday']
        """
        if method not in METHODS:
            raise DataError(f"dates as '{method}' are not known; {nearest(method, METHODS)}.")
        known = seconds[np.isfinite(seconds)]
        if not len(known):
            return None
        parts = _split(known)
        varied = () if method == "none" else tuple(n for n in PARTS if (parts[n] != parts[n][0]).any())
        varied = tuple(name for name in varied if method == "parts" or name != "year")
        usual = tuple(int(np.median(parts[name])) for name in PARTS)
        return cls(method, Scaler.fit(known[:, None]), varied, usual, len(known) < len(seconds))

    @property
    def names(self) -> list[str]:
        """What the columns stand for."""
        told = [name for part in self.parts for name in self._columns(part)]
        return ["elapsed", *told] + (["missing"] if self.flag_missing else [])

    def transform(self, seconds: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Float32 (N, columns); a missing date is 0 everywhere. Written to ``out`` where that is given."""
        if out is None:
            out = np.empty((len(seconds), len(self.names)), dtype=np.float32)
        known = np.isfinite(seconds)
        filled = np.where(known, seconds, self.elapsed.center[0])
        out[:, 0] = self.elapsed.transform(filled[:, None])[:, 0].clip(-FARTHEST, FARTHEST)
        parts = _split(filled) if self.parts else {}
        at = 1
        for name in self.parts:
            made = self._made(name, parts[name])
            out[:, at : at + len(made)] = np.stack(made, axis=1)
            at += len(made)
        out[~known] = 0
        if self.flag_missing:
            out[:, -1] = ~known
        return out

    def inverse_transform(self, block: np.ndarray) -> np.ndarray:
        """Seconds since 1970; NaN where missing.

        To the second for ``parts``; else to a millionth of the dates' deviation, where it is no more than 10 of them
        from the mean.
        """
        seconds = self.elapsed.inverse_transform(block[:, :1].astype(np.float64))[:, 0]
        if self.method == "parts":
            seconds = self._joined(block)
        if self.flag_missing:
            seconds = np.where(block[:, -1] > 0.5, np.nan, seconds)
        return seconds

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Dates.from_state(state)`` gives it back."""
        lists = {"parts": list(self.parts), "constants": list(self.constants)}
        return {"method": self.method, "elapsed": self.elapsed.state(), **lists, "flag_missing": self.flag_missing}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Dates:
        """The form whose ``state()`` this is."""
        lists = tuple(state["parts"]), tuple(state["constants"])
        return cls(state["method"], Scaler.from_state(state["elapsed"]), *lists, state["flag_missing"])

    def _columns(self, part: str) -> list[str]:
        return [part] if self.method == "parts" else [f"{part} sin", f"{part} cos"]

    def _made(self, part: str, values: np.ndarray) -> list[np.ndarray]:
        if self.method == "parts":
            return [(values - self._low(part)) / self._width(part)]
        angle = 2 * np.pi * (values - FIRST.get(part, 0)) / ROUND[part]
        return [np.sin(angle), np.cos(angle)]

    def _low(self, part: str) -> float:
        return self.constants[0] if part == "year" else FIRST.get(part, 0)

    def _width(self, part: str) -> float:
        return 10.0 if part == "year" else ROUND[part] - 1.0

    def _joined(self, block: np.ndarray) -> np.ndarray:
        """The seconds of dates whose parts are known."""
        values = {name: np.full(len(block), usual) for name, usual in zip(PARTS, self.constants, strict=True)}
        for i, name in enumerate(self.parts):
            values[name] = np.rint(block[:, 1 + i] * self._width(name) + self._low(name)).astype(np.int64)
        months = (values["year"] - 1970) * 12 + values["month"] - 1
        days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + values["day"] - 1
        return (((days * 24 + values["hour"]) * 60 + values["minute"]) * 60 + values["second"]).astype(np.float64)


def _split(seconds: np.ndarray) -> dict[str, np.ndarray]:
    """The parts of the calendar, in UTC."""
    whole = np.floor(seconds).astype(np.int64)
    days, rest = np.divmod(whole, 86_400)
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return {
        "year": dates.astype("datetime64[Y]").astype(np.int64) + 1970,
        "month": months.astype(np.int64) % 12 + 1,
        "day": (dates - months).astype(np.int64) + 1,
        "weekday": (days + 3) % 7,
        "hour": rest // 3600,
        "minute": rest // 60 % 60,
        "second": rest % 60,
    }
