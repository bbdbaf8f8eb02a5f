"""The metrics there are: one entry each, by scikit-learn's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ftkit.evaluate import classes, numbers
from ftkit.evaluate.score import Score


@dataclass(frozen=True)
class MetricSpec:
    """One metric.

    Attributes
    ----------
    name : str
        scikit-learn's name where it has one.
    predicts : {"class", "number"}
        What the model must predict.
    score : callable
        From the checked answers to its scores: one, or one a class.
    summary : str
        One sentence.
    greater_is_better : bool
    range : (low, high)
        None where there is no bound.
    per_class : bool
        Whether there is one value for each class.
    """

    name: str
    predicts: Literal["class", "number"]
    score: Callable[[Any], list[Score]]
    summary: str
    greater_is_better: bool = True
    range: tuple[float | None, float | None] = (0.0, 1.0)
    per_class: bool = False


def _spec(predicts: Literal["class", "number"], score: Callable[[Any], list[Score]], **given: Any) -> MetricSpec:
    return MetricSpec(score.__name__, predicts, score, (score.__doc__ or "").strip(), **given)


_LOSS = {"greater_is_better": False, "range": (0.0, None)}

METRICS: dict[str, MetricSpec] = {
    spec.name: spec
    for spec in (
        _spec("class", classes.accuracy),
        _spec("class", classes.balanced_accuracy),
        _spec("class", classes.f1_macro),
        _spec("class", classes.f1, per_class=True),
        _spec("class", classes.precision, per_class=True),
        _spec("class", classes.recall, per_class=True),
        _spec("class", classes.roc_auc),
        _spec("class", classes.log_loss, **_LOSS),
        _spec("number", numbers.r2, range=(None, 1.0)),
        _spec("number", numbers.mae, **_LOSS),
        _spec("number", numbers.mse, **_LOSS),
        _spec("number", numbers.rmse, **_LOSS),
    )
}
