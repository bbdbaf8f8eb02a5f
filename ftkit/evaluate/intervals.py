"""Intervals in closed form, each by a named method with a source.

Where a value is a share of rows, Wilson's; for an area under the ROC curve, DeLong's on the logit scale, or the score
interval where a class has few rows; for means of positive numbers a chi-square whose freedom follows from how skewed
they are; for functions of the confusion table the accelerated bootstrap. How often each holds the truth, with 30 rows
and with 200, is in docs/LOG.md (``tests/benchmarks/bench_coverage.py``).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from ftkit.evaluate.score import NONE, Interval


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


def accelerated(drawn: np.ndarray, value: float, skewness: float, level: float) -> Interval:
    """The middle share of resampled values, moved for their bias and for how the error changes with the value (BCa).

    Of macro F1 with 30 rows in 4 classes the plain percentiles hold the truth 91% of the time, these 94 to 95%.

    Parameters
    ----------
    drawn : array (R,)
        Resampled values.
    value : float
    skewness : float
        Σ influence³ / (Σ influence²)^1.5 over the rows.
    level : float

    Returns
    -------
    Interval

    References
    ----------
    Efron (1987), "Better bootstrap confidence intervals", JASA 82; the acceleration from the influence is his (6.6).
    """
    normal, few = NormalDist(), 1 / len(drawn)
    below = float(((drawn < value).mean() + (drawn <= value).mean()) / 2)
    moved, speed = normal.inv_cdf(min(max(below, few), 1 - few)), skewness / 6
    ends = []
    for z in (-normal_quantile(level), normal_quantile(level)):
        shrink = max(1 - speed * (moved + z), 0.1)
        ends.append(normal.cdf(moved + (moved + z) / shrink))
    low, high = np.quantile(drawn, ends)
    return Interval(float(min(low, value)), float(max(high, value)), "bootstrap of counts, BCa")


# How far the kurtosis of few rows falls short of the truth (6 k / n, by simulation), and the fewest degrees of freedom:
# with them the upper end is 14 times the value, however far out a row is.
_SHORTFALL, _LEAST = 6.0, 3.0


def mean_of_positive(values: np.ndarray, level: float) -> Interval:
    """The interval of a mean of numbers of at least 0: squared errors, losses.

    The mean is taken to be a multiple of a chi-square with the variance that the rows show, which is exact for squares
    of normal errors; with 30 rows the variance is itself known badly and too low, which is corrected. Coverage with
    n = 30 of squares of normal, Laplace, Student-5 and heteroscedastic errors: 94 to 97%. Errors as skewed as a
    log-normal's get about 82%: nothing known does better without boundless ends.

    Parameters
    ----------
    values : float array (N,)
    level : float

    Returns
    -------
    Interval

    References
    ----------
    Satterthwaite (1946), "An approximate distribution of estimates of variance components", Biometrics 2; that the
    variance must be corrected for kurtosis in small samples: Bonett (2006), Comput. Statistics & Data Analysis 50.
    """
    from scipy.stats import chi2

    n = len(values)
    if n < 2:
        return NONE
    mean = float(values.mean())
    if not np.ptp(values):
        return Interval(mean, mean, "all rows are equal")
    spread = float((values**2).mean()) / mean**2 - 1
    spread *= 1 + _SHORTFALL * (1 + spread) / n
    freedom = max(2 * n / spread, _LEAST)
    low, high = chi2.ppf([(1 - level) / 2, (1 + level) / 2], freedom)
    return Interval(mean * freedom / float(high), mean * freedom / float(low), "chi-square, kurtosis")


# Of 30 squares of normal errors the largest is above it 1 time in 7, of a log-normal's 2 times in 3.
_WEIGHTY = 0.25


def heaviest(values: np.ndarray) -> str | None:
    """What to know of a mean where one row makes more than a quarter of it: no interval of so few rows covers that.

    Parameters
    ----------
    values : float array (N,)
        At least 0.

    Returns
    -------
    str or None

    Examples
    --------
    >>> heaviest(np.array([1.0, 1.0, 1.0, 1.0, 6.0]))
    'one of 5 rows makes 60% of it: with errors so uneven the interval may be too short.'
    """
    whole = float(values.sum())
    share = float(values.max()) / whole if len(values) and whole > 0 else 0.0
    if not (share > _WEIGHTY and np.ptp(values)):
        return None
    return f"one of {len(values)} rows makes {share:.0%} of it: with errors so uneven the interval may be too short."


def logit_area(value: float, variance: float, few: int, many: int, level: float, freedom: float) -> Interval:
    """DeLong's interval of an area under the ROC curve.

    On the logit scale, which keeps it within 0..1. At an area of 0 or 1, or where a class has a single row, DeLong's
    variance says nothing; then it is the score interval of :func:`score_area`.

    Parameters
    ----------
    value, variance : float
        The area and DeLong's variance of it.
    few, many : int
        Rows of the class looked for and of the others; of several classes, those of the smallest.
    level : float
    freedom : float
        Of Student's quantile.

    Returns
    -------
    Interval

    References
    ----------
    Pepe (2003), "The Statistical Evaluation of Medical Tests", section 5.2.
    """
    if variance <= 0 or not 0 < value < 1 or min(few, many) < 2:
        return score_area(value, few, many, level)
    centre = np.log(value / (1 - value))
    reach = student_quantile(level, freedom) * np.sqrt(variance) / (value * (1 - value))
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
