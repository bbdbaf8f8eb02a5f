"""The metrics there are: one entry each, by scikit-learn's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ftkit.evaluate import classes, numbers, probabilities, text
from ftkit.evaluate.estimate import Estimate, Scale
from ftkit.evaluate.score import Score
from ftkit.task import Task

Predicts = Literal["class", "number", "text"]


@dataclass(frozen=True)
class MetricSpec:
    """One metric.

    Attributes
    ----------
    name : str
        scikit-learn's name where it has one.
    predicts : {"class", "number", "text"}
        What the model must predict.
    estimate : callable
        From the checked answers to its values: one, or one a class; a Score where it is undefined.
    summary : str
        One sentence.
    greater_is_better : bool
    range : (low, high)
        None where there is no bound.
    per_class : bool
        Whether there is one value for each class.
    scale : {"logit", "log", "atanh", "unexplained", "plain"}
        On which its error is nearly normal.
    kind : str, optional
        The one kind of row it is for; any without it.
    """

    name: str
    predicts: Predicts
    estimate: Callable[[Any], list[Estimate | Score]]
    summary: str
    greater_is_better: bool = True
    range: tuple[float | None, float | None] = (0.0, 1.0)
    per_class: bool = False
    scale: Scale = "logit"
    kind: str | None = None

    def fits(self, task: Task) -> bool:
        """Whether it judges answers of this task."""
        return self.predicts == task.predicts and self.kind in (None, task.kind)

    def score(self, of: Any) -> list[Score]:
        """The values with the intervals that fit the rows."""
        return [
            found if isinstance(found, Score) else found.score(of.weights, of.groups, of.level, self.scale)
            for found in self.estimate(of)
        ]


def _spec(predicts: Predicts, estimate: Callable[[Any], list[Estimate | Score]], **given: Any) -> MetricSpec:
    return MetricSpec(estimate.__name__, predicts, estimate, (estimate.__doc__ or "").strip(), **given)


_LOSS = {"greater_is_better": False, "range": (0.0, None), "scale": "log"}
_CLASS = {"per_class": True}
_PERCENT = {"range": (0.0, 100.0), "scale": "plain"}

METRICS: dict[str, MetricSpec] = {
    spec.name: spec
    for spec in (
        _spec("class", classes.accuracy),
        _spec("class", classes.balanced_accuracy),
        _spec("class", classes.f1_macro),
        _spec("class", classes.f1_micro),
        _spec("class", classes.f1_weighted),
        _spec("class", classes.f1, **_CLASS),
        _spec("class", classes.precision_macro),
        _spec("class", classes.precision_micro),
        _spec("class", classes.precision_weighted),
        _spec("class", classes.precision, **_CLASS),
        _spec("class", classes.recall_macro),
        _spec("class", classes.recall_micro),
        _spec("class", classes.recall_weighted),
        _spec("class", classes.recall, **_CLASS),
        _spec("class", classes.matthews_corrcoef, range=(-1.0, 1.0), scale="atanh"),
        _spec("class", probabilities.roc_auc),
        _spec("class", probabilities.roc_auc_micro),
        _spec("class", probabilities.roc_auc_weighted),
        _spec("class", probabilities.roc_auc_by_class, **_CLASS),
        _spec("class", probabilities.average_precision),
        _spec("class", probabilities.average_precision_micro),
        _spec("class", probabilities.average_precision_weighted),
        _spec("class", probabilities.average_precision_by_class, **_CLASS),
        _spec("class", probabilities.top_2_accuracy),
        _spec("class", probabilities.top_3_accuracy),
        _spec("class", probabilities.top_5_accuracy),
        _spec("class", probabilities.log_loss, **_LOSS),
        _spec("class", probabilities.brier_score_loss, **_LOSS | {"range": (0.0, 2.0)}),
        _spec("class", probabilities.ece, **_LOSS | {"range": (0.0, 1.0)}),
        _spec("number", numbers.r2, range=(None, 1.0), scale="unexplained"),
        _spec("number", numbers.mae, **_LOSS),
        _spec("number", numbers.mse, **_LOSS),
        _spec("number", numbers.rmse, **_LOSS),
        _spec("number", numbers.mape, **_LOSS),
        _spec("number", numbers.smape, **_LOSS | {"range": (0.0, 2.0)}),
        _spec("number", numbers.mase, **_LOSS, kind="series"),
        _spec("number", numbers.pinball_10, **_LOSS),
        _spec("number", numbers.pinball_50, **_LOSS),
        _spec("number", numbers.pinball_90, **_LOSS),
        _spec("text", text.exact_match),
        _spec("text", text.bleu, **_PERCENT),
        _spec("text", text.chrf, **_PERCENT),
    )
}
