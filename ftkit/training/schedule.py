"""The learning rate as a function of the step: no scheduler object, nothing to save."""

from __future__ import annotations

import math

from ftkit.training.settings import Settings


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

    Examples
    --------
    >>> s = Settings(learning_rate=1.0, schedule="linear", warmup=0.0)
    >>> [learning_rate(step, 4, s) for step in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    rising = max(1, round(settings.warmup * steps)) if settings.warmup else 0
    if step < rising:
        return settings.learning_rate * (step + 1) / rising
    done = (step - rising) / max(1, steps - rising)
    if settings.schedule == "constant":
        return settings.learning_rate
    if settings.schedule == "linear":
        return settings.learning_rate * (1 - done)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
