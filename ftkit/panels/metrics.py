"""The metrics panel: how good a run is, and the rows behind every figure."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from traitlets import Bool, Enum, Float, Unicode

from ftkit.data import DatasetView, read
from ftkit.data.profile import profile
from ftkit.displays import Display
from ftkit.displays.evaluation import show_evaluation
from ftkit.displays.failures import slice_blocks
from ftkit.displays.mistakes import show_errors
from ftkit.errors import DataError, nearest
from ftkit.panels.calibrated import calibration_of, rows_of_bin, temperature_of
from ftkit.panels.inspect import InspectPanel
from ftkit.panels.job import Job
from ftkit.panels.judged import Answers, JudgedRows
from ftkit.panels.panel import Answer
from ftkit.panels.rivals import apart, contest, rivals
from ftkit.panels.rules import NEVER, cheapest, curve_of, rows_of_rule, rule_of
from ftkit.runs import Run, open_run
from ftkit.runs.summary import Score

LENSES = ("confusions", "threshold", "calibration", "residuals", "slices", "compare")
AT_ONCE = 0.3  # seconds after which an answer that takes longer says how far it is


class Judgement(TypedDict):
    """What a page is told of a run once: what it predicts, its figures, and what can be looked at."""

    run: str
    rows: int
    classes: list[str]
    metrics: list[Score]
    lenses: list[str]
    held: int


class SliceFacts(TypedDict):
    """A slice without its rows; the interval of its error holds for all that were tried."""

    name: str
    rows: int
    value: float
    rest: float
    low: float
    high: float


class MetricsPanel(InspectPanel):
    """Confusions, thresholds, calibration, slices, comparisons of a judged run; each figure opens the rows behind it.

    Rows come with the highest loss first; what is decided about them is a line of ``edits.jsonl``.

    Parameters
    ----------
    run : Run, or name or folder of a run
        One that was judged.
    rows : DatasetView, optional
        The rows it was trained and tested on; read anew by its recipe without it.
    edits : str or Path, default "edits.jsonl"
        Where decisions are written.

    Raises
    ------
    RunError
        There is no such run, or it was not judged.
    DataError
        It has no test rows, or those given are others.

    Examples
    --------
    >>> import tempfile
    >>> import ftkit as ft
    >>> run = ft.train({"data": "iris", "training": {"epochs": 2}}, runs=tempfile.mkdtemp(), process=False)
    >>> panel = ft.MetricsPanel(run)
    >>> panel.lens
    'confusions'
    """

    view = "metrics"
    asked = (
        *InspectPanel.asked, "judged", "matrix", "curve", "rule", "cheapest", "calibration", "residuals", "slices",
        "rivals", "contest", "behind",
    )  # fmt: skip
    lens = Enum(LENSES, "confusions", help="Through what the answers are seen.").tag(sync=True)
    of = Unicode(help="The class whose threshold is chosen.").tag(sync=True)
    threshold = Float(0.5, help="From which probability on a row is said to be of that class.").tag(sync=True)
    miss = Float(1.0, help="What it costs to miss a row of that class.").tag(sync=True)
    alarm = Float(1.0, help="What it costs to take another row for one.").tag(sync=True)
    mended = Bool(False, help="Whether probabilities are seen at the fitted temperature.").tag(sync=True)
    other = Unicode(help="The run it is compared with; empty for none.").tag(sync=True)

    def __init__(self, run: Run | str, rows: DatasetView | None = None, edits: str | Path = "edits.jsonl") -> None:
        self._run = run if isinstance(run, Run) else open_run(run)
        self._answers = Answers(self._run, rows)
        self._slices: Job | None = None
        super().__init__(self._answers.view, edits)
        self._rows = JudgedRows(self._answers)
        if classes := self._answers.classes:
            there = np.unique(self._answers.labels)
            self.of = classes[1] if len(classes) == 2 else classes[there[0]]
        else:
            self.lens = "residuals"

    @cached_property
    def _temperature(self) -> float | None:
        return temperature_of(self._answers)

    def twin(self) -> Display:
        """The evaluation of the run, the rows it is most wrong about, and its slices where they were looked for."""
        blocks = [*show_evaluation(self._run).blocks, *show_errors(self._run, self._rows.view).blocks]
        if self._slices and self._slices.progress["state"] == "done":
            blocks += slice_blocks(*self._slices.result, bool(self._answers.classes))
        return Display(f"Metrics of {self._run.name}", blocks)

    def code(self) -> str:
        """Python that repeats what was done in this panel: the threshold, the comparison, the decisions.

        Returns
        -------
        str
        """
        lines = [f"run = ft.open_run({str(self._run.folder)!r})"]
        if self.threshold != type(self).threshold.default_value:
            lines += [
                "answers = ft.predict(run, rows)",
                f"yes = answers.columns[{'p_' + self.of!r}] >= {self.threshold!r}",
            ]
        if self.other:
            lines.append(f"ft.compare(run, {str(self._run.folder.parent / self.other)!r})")
        return "\n".join([*lines, super().code()])

    def _answer_judged(self) -> Answer:
        answers = self._answers
        whole = [row for row in self._run.metrics if row["split"] == "test" and not row.get("label")]
        lenses = ("confusions", "threshold", "calibration") if answers.classes else ("residuals",)
        told = Judgement(
            run=answers.run.name,
            rows=len(answers.ids),
            classes=answers.classes,
            metrics=[Score(**{key: row.get(key) for key in Score.__annotations__}) for row in whole],
            lenses=[*lenses, "slices", "compare"],
            held=len(answers.held.labels),
        )
        return told, []

    def _answer_profile(self, column: str) -> Answer:
        told = self._rows.told.get(column)
        return super()._answer_profile(column) if told is None else (asdict(profile(read({column: told}), column)), [])

    def _answer_matrix(self) -> Answer:
        return self._answers.matrix, []

    def _answer_curve(self, of: str) -> Answer:
        return curve_of(self._answers, of), []

    def _answer_rule(self, of: str, threshold: float, miss: float, alarm: float) -> Answer:
        return rule_of(self._answers, of, threshold, miss, alarm), []

    def _answer_cheapest(self, of: str, miss: float, alarm: float) -> Answer:
        threshold, by = cheapest(self._answers, of, miss, alarm)
        return {"threshold": threshold, "by": by, "never": threshold == NEVER}, []

    def _answer_calibration(self, mended: bool) -> Answer:
        told = calibration_of(self._answers, self._temperature if mended else None)
        return {**told, "temperature": self._temperature}, []

    def _answer_residuals(self) -> Answer:
        return self._answers.residuals(), []

    def _answer_slices(self) -> Answer:
        """How far the search is; when it is over, what it found."""
        self._slices = self._slices or Job(lambda _: self._answers.slices())
        progress = self._slices.wait(AT_ONCE)
        found, tried = self._slices.result or ((), 0)
        names = list(SliceFacts.__annotations__)
        told = [{k: len(one.rows) if k == "rows" else getattr(one, k) for k in names} for one in found]
        return {**progress, "slices": told, "tried": tried}, []

    def _answer_rivals(self) -> Answer:
        return {"runs": rivals(self._answers)}, []

    def _answer_contest(self, other: str) -> Answer:
        return contest(self._answers, other), []

    def _answer_behind(self, what: str, **named: Any) -> Answer:
        """Only the rows behind a figure are meant from now on."""
        sources = {
            "cell": self._answers.cell,
            "residual": self._answers.behind_residual,
            "rule": lambda part: rows_of_rule(self._answers, self.of, self.threshold, part),
            "bin": lambda at: rows_of_bin(self._answers, at, self._temperature if self.mended else None),
            "slice": self._of_slice,
            "part": lambda part: apart(self._answers, self.other, part),
            "row": lambda place: np.array([place]),
        }
        if what not in sources:
            raise DataError(f"'{what}' is no figure with rows behind it; {nearest(what, sources)}.")
        places = sources[what](**named)
        if not len(places):
            raise DataError("no row is behind this figure.")
        told, _ = self._answer_among(places.tolist())
        return {**told, "rows": len(places)}, []

    def _of_slice(self, at: int) -> np.ndarray:
        found = self._slices.result[0] if self._slices and self._slices.result else []
        if not 0 <= at < len(found):
            raise DataError(f"slice {at} is not one of {len(found)}.")
        return found[at].rows
