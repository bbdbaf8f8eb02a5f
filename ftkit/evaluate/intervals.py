"""Intervals in closed form, each by a named method with a source.

Where a value is a share of rows, Wilson's; for an area under the ROC curve, DeLong's on the logit scale; for means of
positive numbers see ``bootstrap.py``; percentiles of a plain bootstrap only where nothing better is known (macro F1).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from ftkit.evaluate.score import Interval


def normal_quantile(level: float) -> float:
    """How many deviations either side hold this share of a normal distribution."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def student_quantile(level: float, freedom: float) -> float:
    """The same for Student's t with that many degrees of freedom.

    Examples
    --------
    >>> round(student_quantile(0.95, 9), 3), round(student_quantile(0.95, 1e9), 3)
    (2.262, 1.96)
    """
    from scipy.stats import t

    return float(t.ppf(0.5 + level / 2, max(freedom, 1)))


def wilson(successes: float, n: float, level: float) -> Interval:
    """Wilson's score interval of a proportion.

    It does not shrink to nothing at 0 or 1: with n of n, its lower end is n / (n + z²).

    Parameters
    ----------
    successes, n : float
        ``successes`` of ``n`` > 0.
    level : float
        Such as 0.95.

    Returns
    -------
    Interval

    References
    ----------
    Wilson (1927), JASA 22; recommended by Brown, Cai and DasGupta (2001), Statistical Science 16(2).

    Examples
    --------
    >>> low, high, method = wilson(50, 50, 0.95)
    >>> round(low, 3), high, method
    (0.929, 1.0, 'wilson')
    """
    z2 = normal_quantile(level) ** 2
    share = successes / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    low, high = (0.0 if successes == 0 else centre - half), (1.0 if successes == n else centre + half)
    return Interval(float(max(low, 0.0)), float(min(high, 1.0)), "wilson")


def wilson_f1(right: int, either: int, level: float) -> Interval:
    """The interval of one class's F1.

    ``F1 = 2 J / (1 + J)`` where J is the share of right rows among those that are of the class or predicted as it: a
    proportion, so Wilson's interval of J, carried over, is an interval of F1.

    Parameters
    ----------
    right, either : int
        True positives; rows of the class or predicted as it (> 0).
    level : float

    Returns
    -------
    Interval
    """
    low, high, _ = wilson(right, either, level)
    return Interval(2 * low / (1 + low), 2 * high / (1 + high), "wilson of the Jaccard index")


def mean_of_proportions(successes: np.ndarray, n: np.ndarray, level: float) -> Interval:
    """The interval of the plain mean of independent proportions (balanced accuracy is that of the recalls).

    The distances from each proportion to its Wilson ends are added in squares.

    Parameters
    ----------
    successes, n : arrays (K,)
        Every n > 0.
    level : float

    Returns
    -------
    Interval

    References
    ----------
    Zou and Donner (2008), "Construction of confidence limits about effect measures", Statistics in Medicine 27 (the
    method of variance estimates recovery, MOVER); Newcombe (1998), Statistics in Medicine 17, for two proportions.
    """
    shares = successes / n
    ends = np.array([wilson(k, m, level)[:2] for k, m in zip(successes, n, strict=True)])
    below, above = (np.sqrt(((shares - ends[:, side]) ** 2).sum()) / len(n) for side in (0, 1))
    return Interval(max(shares.mean() - below, 0.0), min(shares.mean() + above, 1.0), "wilson by class, MOVER")


def percentiles(values: np.ndarray, level: float, method: str) -> Interval:
    """The middle share of resampled values, (R,)."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), method)


def logit_area(value: float, variance: float, few: int, many: int, level: float) -> Interval:
    """The interval of an area under the ROC curve.

    On the logit scale, which keeps it within 0..1. At an area of 0 or 1, or where a class has a single row, DeLong's
    variance says nothing; then it is the score interval of :func:`score_area`.

    Parameters
    ----------
    value, variance : float
        The area and DeLong's variance of it.
    few, many : int
        Rows of the class looked for and of the others; of several classes, those of the smallest.
    level : float

    Returns
    -------
    Interval

    References
    ----------
    Pepe (2003), "The Statistical Evaluation of Medical Tests", section 5.2.
    """
    if variance <= 0 or not 0 < value < 1 or min(few, many) < 2:
        return score_area(value, few, many, level)
    centre, reach = np.log(value / (1 - value)), normal_quantile(level) * np.sqrt(variance) / (value * (1 - value))
    low, high = 1 / (1 + np.exp(-(centre - reach))), 1 / (1 + np.exp(-(centre + reach)))
    return Interval(float(low), float(high), "delong, logit")


def score_area(value: float, few: int, many: int, level: float) -> Interval:
    """The score interval of an area under the ROC curve: all areas that the one seen does not contradict.

    It does not shrink to nothing at 0 or 1, because the variance is that of the area supposed, not of the one seen.

    Parameters
    ----------
    value : float
        The area, 0 to 1.
    few, many : int
        Rows of either class, at least 1.
    level : float

    Returns
    -------
    Interval

    References
    ----------
    Newcombe (2006), "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2",
    Statistics in Medicine 25, method 5; the variance is Hanley and McNeil's (1982) with both class sizes averaged.

    Examples
    --------
    >>> round(score_area(1.0, 36, 323, 0.95).low, 3)
    0.97
    """
    grid = np.linspace(0, 1, 20_001)
    half = (few + many) / 2 - 1
    variance = grid * (1 - grid) * (1 + half * (1 - grid) / (2 - grid) + half * grid / (1 + grid)) / (few * many)
    allowed = grid[(grid - value) ** 2 <= normal_quantile(level) ** 2 * variance + 1e-12]
    return Interval(float(min(allowed[0], value)), float(max(allowed[-1], value)), "score, Mann-Whitney")
