"""Which augmentations keep the label of these rows: measured by a probe on rows held out, not guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from ftkit.augment import parse
from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.quality.folds import folds_of
from ftkit.quality.probe import FEWEST, can_probe
from ftkit.quality.random_features import STRENGTHS, FoldedRidge, RandomFeatures
from ftkit.quality.suggestion import Change, Suggestion, Trial, change
from ftkit.quality.vectors import kind_of

FOLDS = 3
MOST = 2_000
LEAST_MARGIN, MARGIN = 0.01, 0.03


def suggest_augmentation(
    view: DatasetView,
    steps: Iterable[Any] | None = None,
    *,
    seed: int = 0,
    most: int = MOST,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Suggestion:
    """The steps that keep the label of these rows, the one with most to teach first, each with its evidence.

    A kernel machine learns from two thirds of the rows, plain and changed by the step, and names the others, plain and
    changed. A step keeps the label if changed rows held out are named as well as plain rows are by a probe that never
    saw the step, within a margin, and plain rows are not named worse. Of each kind of step the strength is kept whose
    rows are most foreign to a probe that learnt from plain rows alone: it has most to teach. Then one kind after the
    other is added, as long as all together keep the label.

    Parameters
    ----------
    view : DatasetView
        Labelled rows: images, texts or a table.
    steps : iterable of steps, optional
        The steps to try, each by itself; a list for the kind of row, at several strengths, without it.
    seed : int, default 0
        Draws folds, features and augmentations.
    most : int, default 2000
        Of more rows a sample is looked at. More rows give narrower intervals; time grows with them.
    tell : callable, optional
        Called with how many steps were tried and how many there are; what it raises ends the work.

    Returns
    -------
    Suggestion
        A list of steps, usable as ``Recipe(augment=…)``. ``.trials`` holds what was measured of every step tried, those
        not suggested included: the change in agreement with its 95% interval, the use, a verdict and a sentence.

    Raises
    ------
    DataError
        The rows have no labels, are too few, or of a kind that no probe can be held out on.
    RecipeError
        A step is unknown, has a fault or is for another kind of row.

    Notes
    -----
    The margin is half of the plain probe's errors, between 1 and 3 in a hundred rows (for numbers, of R²): a step that
    costs digits 2 in a hundred is bad where all but 1 are right, and nothing where a third are wrong. What plain rows
    may lose by it is half of the plain probe's errors too, however few they are.

    References
    ----------
    Gontijo-Lopes, Smullin, Cubuk and Dyer (2021), "Tradeoffs in data augmentation", ICLR, sections 3 and 4: what helps
    is both true to the data and new to the model.

    Examples
    --------
    >>> import ftkit as ft
    >>> from ftkit.augment import Flip, Shear
    >>> found = suggest_augmentation(ft.read("digits"), [Flip(), Shear(5)], most=400)
    >>> found, found.trial(Flip()).verdict in ("alters", "harms", "unclear")
    (Suggestion([Shear(degrees=5.0, p=1.0)]), True)
    """
    kind = {"table": "tabular"}.get(kind_of(view), kind_of(view))
    asked = None if steps is None else [[step] for step in parse(steps, kind=kind)]
    bench = _bench(view, kind, seed, most)
    families = bench.rows.candidates() if asked is None else asked
    trials, count = [], sum(map(len, families))
    for family in families:
        trials.append([])
        for step in family:
            tell(sum(map(len, trials)), count)
            trials[-1].append(bench.measure((step,)))
    tell(count, count)
    best = [min(kept, key=_foreign) for family in trials if (kept := [trial for trial in family if trial.keeps])]
    best.sort(key=_foreign)
    together = [bench.together(best)] if len(best) > 1 else []
    chosen = together[0].steps if together else [step for trial in best for step in trial.steps]
    return Suggestion(
        chosen,
        [trial for family in trials for trial in family] + together,
        len(bench.labels),
        float(bench.plain.mean()),
        bench.margin,
        bench.rows.source,
    )


def _foreign(trial: Trial) -> float:
    return trial.unlearnt.value


def _bench(view: DatasetView, kind: str, seed: int, most: int) -> _Bench:
    """The rows to measure on, sampled and described."""
    from ftkit.quality.changed_rows import ROWS

    reason = can_probe(view)
    if reason is not None:
        raise DataError(f"{view.name}: no augmentation can be suggested, as {reason}.")
    labels = view.labels
    known = np.flatnonzero(labels >= 0 if labels.dtype.kind == "i" else np.isfinite(labels))
    if len(known) < FEWEST:
        raise DataError(
            f"{view.name}: {len(known)} rows have a label; {FEWEST} or more are needed to try augmentations."
        )
    if len(known) > most:
        known = np.sort(np.random.default_rng(seed).choice(known, max(most, FEWEST), replace=False))
    some = view.select(known)
    if len(np.unique(some.labels)) < 2:
        raise DataError(f"{view.name}: all labels are the same, so nothing can be seen of what keeps them.")
    return _Bench(some, ROWS[kind](some, seed), seed)


class _Bench:
    """The rows, the folds and the plain probe that every trial is measured against."""

    def __init__(self, view: DatasetView, rows: Any, seed: int) -> None:
        self.rows, self.labels, self.classes = rows, view.labels, len(view.classes)
        self.folds = folds_of(view, self.labels, FOLDS, seed)
        plain = rows.describe()
        self.features = RandomFeatures(plain, seed)
        self.target = np.eye(self.classes)[self.labels] if self.classes else self._standard()[:, None]
        self.x = self.features(plain)
        self.ridge = FoldedRidge(self.x, self.target, self.folds)
        scored = [self._scores(self.x, strength) for strength in STRENGTHS]
        best = int(np.argmax([score.mean() for score in scored]))
        self.strength, self.plain = STRENGTHS[best], scored[best]
        self.loss = float(np.clip((1 - self.plain.mean()) / 2, 0, MARGIN))
        self.margin = max(self.loss, LEAST_MARGIN)

    def measure(self, steps: tuple[Any, ...]) -> Trial:
        """One trial: what the probes say of rows that the steps have changed."""
        after, altered = self.rows.change(tuple(map(_always, steps)))
        z = self.features(after)
        other = FoldedRidge(z, self.target, self.folds)
        agreement, use, unlearnt = (
            change(self.plain, scores, bool(self.classes))
            for scores in (
                self._scores(z, self.strength, other),
                self._scores(self.x, self.strength, other),
                self._scores(z, self.strength),
            )
        )
        verdict, sentence = judged(agreement, use, altered, self.margin, self.loss)
        return Trial(steps, verdict, sentence, agreement, use, unlearnt, altered)

    def together(self, best: list[Trial]) -> Trial:
        """Step after step, the most foreign first, as long as all of them together keep the label."""
        so_far = best[0]
        for one in best[1:]:
            trial = self.measure(so_far.steps + one.steps)
            so_far = trial if trial.keeps else so_far
        return so_far

    def _scores(self, x: np.ndarray, strength: float, other: FoldedRidge | None = None) -> np.ndarray:
        """A score of each row by the probe that has not seen it: 1 for the right class, or a row's part of R²."""
        said = np.empty_like(self.target)
        for fold in range(int(self.folds.max()) + 1):
            held = self.folds == fold
            said[held] = x[held] @ self.ridge.weights(fold, strength, other)
        if self.classes:
            return (said.argmax(axis=1) == self.labels).astype(np.float64)
        return 1 - ((said - self.target) ** 2).ravel()

    def _standard(self) -> np.ndarray:
        return (self.labels - self.labels.mean()) / max(float(self.labels.std()), 1e-30)


def judged(agreement: Change, use: Change, altered: float, margin: float, loss: float) -> tuple[str, str]:
    """The verdict on a step and why: agreement may fall by the margin, plain rows may lose so much by it."""
    per = f"{agreement.value:+.1%} ({agreement.low:+.1%} to {agreement.high:+.1%})"
    taught = f"{use.value:+.1%} ({use.low:+.1%} to {use.high:+.1%})"
    if altered == 0:
        return "no change", "It changes none of these rows."
    if agreement.high < -margin:
        return "alters", f"Changed rows lose their label: agreement {per}, more than {margin:.1%} lost."
    if use.high < 0 and use.value < -loss:
        return "harms", f"Plain rows are named worse by a probe that learnt from changed ones: {taught}."
    if agreement.low <= -margin:
        return "unclear", f"Too few rows to tell: agreement {per}, and {margin:.1%} may be lost."
    return "keeps", f"It keeps the label: agreement {per}, plain rows {taught}."


def _always(step: Any) -> Any:
    """The step as it is when its chance comes up: what is asked about is what it does, not how often."""
    return replace(step, p=1.0) if any(f.name == "p" for f in fields(step)) else step
