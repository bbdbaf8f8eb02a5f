"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ftkit.data import DatasetView
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding, Severity
from ftkit.task import get_task


class SkipCheckError(Exception):
    """Something the check needs is not there; its message says what."""


@dataclass(frozen=True)
class Check:
    """A numbered question about a view.

    Attributes
    ----------
    code : str
        Three letters and three digits; never used again for another question.
    name : str
        What it looks for, in a few words.
    cost : {"cheap", "decodes", "model"}
        Whether it reads columns, decodes every image, or works with vectors or a small model of the rows.
    applies : callable
        View to None, or to the reason why there is nothing to check.
    run : callable
        View and this check to its findings.
    """

    code: str
    name: str
    cost: Literal["cheap", "decodes", "model"]
    applies: Callable[[DatasetView], str | None]
    run: Callable[[DatasetView, Check, Evidence], list[Finding]]

    def finding(self, severity: Severity, message: str, rows: list[str] | None = None, drop: bool = False) -> Finding:
        """A finding of this check, about ``rows``; ``drop`` suggests to drop them."""
        rows = rows or []
        suggest = {"op": "drop", "because": self.code} if drop else None
        return Finding(self.code, self.name, severity, message, rows, [1.0] * len(rows), suggest)


def has_images(view: DatasetView) -> str | None:
    """Applies to images."""
    return None if any(c.role == "image" for c in view.columns.values()) else "the rows are no images"


def has_table(view: DatasetView) -> str | None:
    """Applies to tables."""
    return None if any(c.role == "feature" for c in view.columns.values()) else "there are no columns of features"


def has_target(view: DatasetView) -> str | None:
    """Applies where there is a target and a task."""
    if view.target is None:
        chats = any(column.role == "messages" for column in view.columns.values())
        return "chats have no label to foretell" if chats else "there is no target"
    if view.task is None:
        return view.task_reason
    return "the target is text" if get_task(view.task).predicts == "text" else None


def has_features(view: DatasetView) -> str | None:
    """Applies where a model would see something."""
    return None if view.features else "there are no columns of features"


def has_given_split(view: DatasetView) -> str | None:
    """Applies where train and test rows came apart."""
    given = view.given_split
    if given is None or not (given == "train").any() or not (given == "test").any() | (given == "validation").any():
        return "the data came without a split"
    return has_features(view)
