"""Whether a run's stated probabilities can be believed, as stated and at the temperature that mends them."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from ftkit.evaluate import apply_temperature, evaluate, fit_temperature, reliability
from ftkit.evaluate.calibration import bin_of
from ftkit.panels.judged import Answers

FEWEST = 50  # validation rows that a temperature is fitted to


class Bin(TypedDict):
    """Rows by how sure the model was: the bin's number and ends, how sure, and the share that is right."""

    at: int
    low: float
    high: float
    rows: int
    sure: float
    right: float
    right_low: float
    right_high: float


class Calibration(TypedDict):
    """The bins that have rows, the calibration error with its interval, and the temperature where one was fitted."""

    bins: list[Bin]
    error: list[float]
    temperature: float | None
    mended: bool


def temperature_of(answers: Answers) -> float | None:
    """What makes the probabilities most believable, by the validation rows; None where they are too few."""
    held = answers.held
    return fit_temperature(held.labels, held.answers) if len(held.labels) >= FEWEST else None


def calibration_of(answers: Answers, temperature: float | None) -> Calibration:
    """How often answers of each confidence are right, as stated or at a temperature."""
    shares = _shares(answers, temperature)
    seen = reliability(answers.labels, shares)
    [error] = evaluate(answers.labels, shares, metrics=["ece"], split="test")
    bins = [
        Bin(
            at=int(at),
            low=float(seen.edges[at]),
            high=float(seen.edges[at + 1]),
            rows=int(seen.rows[i]),
            sure=float(seen.confidence[i]),
            right=float(seen.accuracy[i]),
            right_low=float(seen.low[i]),
            right_high=float(seen.high[i]),
        )
        for i, at in enumerate(seen.bins)
    ]
    ends = [error["value"], error["low"], error["high"]]
    return Calibration(bins=bins, error=ends, temperature=temperature, mended=temperature is not None)


def rows_of_bin(answers: Answers, at: int, temperature: float | None) -> np.ndarray:
    """The rows whose confidence lies in a bin."""
    return np.flatnonzero(bin_of(_shares(answers, temperature).max(axis=1)) == at)


def _shares(answers: Answers, temperature: float | None) -> np.ndarray:
    return answers.answers if temperature is None else apply_temperature(answers.answers, temperature)
