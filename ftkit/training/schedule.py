"""The learning rate as a function of the step: no scheduler object, nothing to save."""

from __future__ import annotations

import math

from ftkit.training.settings import Settings

SCHEDULES = ("cosine", "linear", "constant", "one_cycle", "inverse_sqrt", "plateau")
# Of one_cycle: the highest rate by the first, and the first by the last.
UP, DOWN = 25.0, 1e4


def learning_rate(step: int, steps: int, settings: Settings) -> float:
    """The rate to take step number ``step`` with.

    Parameters
    ----------
    step : int
        From 0.
    steps : int
        Steps of the whole training.
    settings : Settings
        Highest rate, schedule and warm-up.

    Returns
    -------
    float
        After a rise over the warm-up: ``constant`` and ``plateau`` (which evaluations lower) stay, ``linear`` and
        ``cosine`` fall to 0, ``inverse_sqrt`` falls with the root of the step (Vaswani et al. 2017, section 5.3);
        ``one_cycle`` rises from a 25th and falls to a 250,000th along cosines (Smith & Topin 2018).

    Examples
    --------
    >>> s = Settings(learning_rate=1.0, schedule="linear", warmup=0.0)
    >>> [learning_rate(step, 4, s) for step in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    highest = settings.learning_rate
    rising = max(1, round(settings.warmup * steps)) if settings.warmup else 0
    done = (step - rising) / max(1, steps - rising)
    if settings.schedule == "one_cycle":
        if step < rising:
            return _between(highest / UP, highest, step / rising)
        return _between(highest, highest / UP / DOWN, done)
    if step < rising:
        return highest * (step + 1) / rising
    if settings.schedule == "linear":
        return highest * (1 - done)
    if settings.schedule == "cosine":
        return highest * 0.5 * (1 + math.cos(math.pi * done))
    if settings.schedule == "inverse_sqrt":
        return highest * math.sqrt(max(1, rising) / max(1, rising, step + 1))
    return highest


def _between(first: float, last: float, done: float) -> float:
    """A point of the half cosine from one rate to another."""
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
