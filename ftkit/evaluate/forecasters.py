"""The simple forecasters that any other has to beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Forecaster = Callable[[np.ndarray, int], np.ndarray]


def naive(history: np.ndarray, horizon: int) -> np.ndarray:
    """The last value, over and over.

    Parameters
    ----------
    history : float array (T,)
    horizon : int

    Returns
    -------
    float array (horizon,)

    Examples
    --------
    >>> import numpy as np
    >>> naive(np.array([1.0, 3.0]), 2).tolist()
    [3.0, 3.0]
    """
    return np.full(horizon, history[-1])


def drifting(history: np.ndarray, horizon: int) -> np.ndarray:
    """The straight line from the first value through the last.

    Examples
    --------
    >>> import numpy as np
    >>> drifting(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [4.0, 5.0]
    """
    slope = (history[-1] - history[0]) / max(len(history) - 1, 1)
    return history[-1] + slope * np.arange(1, horizon + 1)


def seasonal_naive(season: int) -> Forecaster:
    """What was seen one season ago.

    Parameters
    ----------
    season : int
        Values a season, such as 12 months.

    Examples
    --------
    >>> import numpy as np
    >>> seasonal_naive(3)(np.array([1.0, 2.0, 3.0, 4.0]), 4).tolist()
    [2.0, 3.0, 4.0, 2.0]
    """

    def forecast(history: np.ndarray, horizon: int) -> np.ndarray:
        return history[len(history) - season :][np.arange(horizon) % season]

    return forecast


def seasonal_mean(season: int, seasons: int = 3) -> Forecaster:
    """The mean of what was seen one, two, … seasons ago, moved to the level of the last season.

    Parameters
    ----------
    season : int
        Values a season.
    seasons : int, default 3
        How many are averaged; fewer where the history is short.

    Examples
    --------
    >>> import numpy as np
    >>> seasonal_mean(2, 2)(np.array([1.0, 3.0, 2.0, 4.0]), 2).tolist()
    [2.0, 4.0]
    """

    def forecast(history: np.ndarray, horizon: int) -> np.ndarray:
        many = max(min(seasons, len(history) // season), 1)
        last = history[len(history) - many * season :].reshape(many, season)
        shape = (last - last.mean(axis=1, keepdims=True)).mean(axis=0)
        return (last[-1].mean() + shape)[np.arange(horizon) % season]

    return forecast
