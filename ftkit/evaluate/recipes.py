"""Whether one of two recipes is better: each trained several times, judged by the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate import intervals
from ftkit.evaluate.compare import is_share, undefined
from ftkit.evaluate.difference import Difference
from ftkit.evaluate.metrics import MetricSpec
from ftkit.evaluate.own import OwnMetric, find_metric
from ftkit.evaluate.score import Score
from ftkit.evaluate.scoring import checked


def compare_recipes(
    labels: Any, a: Sequence[Any], b: Sequence[Any], metric: str | MetricSpec, **given: Any
) -> Difference:
    """How far B's recipe is from A's, each trained several times with other seeds and judged by the same rows.

    Two models say nothing of two recipes: train one again with another seed and it comes out better or worse. So the
    variance is that of the rows and that between the seeds, with Welch's degrees of freedom.

    Parameters
    ----------
    labels : array (N,)
    a, b : sequences of at least 2 arrays (N, K) or (N,)
        Predictions of the runs of each recipe.
    metric : str or MetricSpec
        Not a user's own, and not one with a value for each class.
    **given
        ``classes``, ``weights``, ``groups``, ``scales``, ``level``, ``seed`` as in :func:`ftkit.evaluate.evaluate`.

    Returns
    -------
    Difference
        ``a`` and ``b`` are means over the seeds.

    Raises
    ------
    DataError
        As :func:`compare_answers`; or a recipe has one run only.

    References
    ----------
    Bouthillier et al. (2021), "Accounting for variance in machine learning benchmarks", MLSys.

    Examples
    --------
    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> labels = draw.integers(0, 2, 400)
    >>> def trained(share):
    ...     right = draw.random(400) < share
    ...     return np.eye(2)[np.where(right, labels, 1 - labels)]
    >>> compare_recipes(labels, [trained(0.8) for _ in range(3)], [trained(0.9) for _ in range(3)], "accuracy").better
    'b'
    """
    from scipy.stats import t

    spec = find_metric(metric)
    if isinstance(spec, OwnMetric) or spec.per_class:
        raise DataError(f"recipes are not compared by '{spec.name}'; choose a metric of ftkit with a single value.")
    if min(len(a), len(b)) < 2:
        raise DataError("to compare recipes, give at least 2 runs of each, trained with other seeds.")
    sides, of = [], None
    for answers in (a, b):
        found = []
        for one in answers:
            of, _ = checked(labels, one, [spec], **given)
            found.append(spec.estimate(of)[0])
        if any(isinstance(e, Score) for e in found):
            return undefined(spec, of, next(e.reason for e in found if isinstance(e, Score)))
        sides.append(found)
    values = [np.array([e.value for e in side]) for side in sides]
    effect = np.mean([e.influence() for e in sides[1]], axis=0) - np.mean([e.influence() for e in sides[0]], axis=0)
    units = effect if of.groups is None else np.bincount(of.groups, effect)
    parts = [(float((units**2).sum()) * len(units) / (len(units) - 1), len(units) - 1)]
    parts += [(float(v.var(ddof=1)) / len(v), len(v) - 1) for v in values]
    variance = sum(part for part, _ in parts)
    difference = float(values[1].mean() - values[0].mean())
    freedom = variance**2 / max(sum(part**2 / free for part, free in parts), 1e-300)
    spread = max(variance**0.5, 1e-15)
    reach = intervals.student_quantile(of.level, freedom) * spread
    return Difference(
        spec.name, float(values[0].mean()), float(values[1].mean()), difference, difference - reach,
        difference + reach, float(2 * t.sf(abs(difference) / spread, freedom)),
        f"rows and seeds ({len(a)} and {len(b)} runs), Welch", len(units), None,
        spec.greater_is_better, of.level, points=is_share(spec),
    )  # fmt: skip
