"""Which augmentations keep the label of these rows: measured by a probe on rows held out, not guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
# Changed rows looked at, and how often each is drawn: few rows more often, which narrows the interval.
DRAWN, DRAWS = 4_000, (2, 8)
# Penalties tried where rows are learnt changed as well as plain, in parts of the plain probe's.
WEAKER = (1, 0.3, 0.1)


def suggest_augmentation(
    view: DatasetView,
    steps: Iterable[Any] | None = None,
    *,
    seed: int = 0,
    most: int = MOST,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Suggestion:
    """The steps that keep the label of these rows, the one that changes them least first, each with its evidence.

    A kernel machine learns from two thirds of the rows, plain and changed by the step, and names the others, plain and
    changed; the fewer rows there are, the more often each is drawn. A step keeps the label if changed rows held out are
    named as well as plain rows are by a probe that never saw the step, within a margin, and plain rows are not named
    worse. Each kind of step is made stronger until it is no longer shown to keep the label; the strongest that kept it
    stays, unless half of what the plain probe knows is lost on its rows: an upside-down shirt is still a shirt, but no
    row of the data looks like it. Then one kind after the other is added, unless all together are shown to alter the
    label or to harm; the one first whose rows are most like the data's own, by how rarely a probe tells them apart.

    Parameters
    ----------
    view : DatasetView
        Labelled rows: images, texts or a table.
    steps : iterable of steps, optional
        The steps to try, each by itself and whatever comes of the others; without it a list for the kind of row, at
        several strengths.
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

    That strengths are tried from the weakest on, up to the first that fails, keeps one kind's chance of a wrong "keeps"
    at that of a single trial (Maurer, Hothorn and Lehmacher, 1995).

    References
    ----------
    Gontijo-Lopes, Smullin, Cubuk and Dyer (2021), "Tradeoffs in data augmentation", ICLR, sections 3 and 4: what helps
    is both true to the data and new to the model.
    Lopez-Paz and Oquab (2017), "Revisiting classifier two-sample tests", ICLR, section 3: rows come from elsewhere as
    far as a classifier tells them apart.
    Maurer, Hothorn and Lehmacher (1995), "Multiple comparisons in drug clinical trials and preclinical assays",
    section 3: hypotheses in a fixed order.

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
    trials = _tried(bench, asked or bench.rows.candidates(), tell)
    best = [kept[-1] for family in trials if (kept := [trial for trial in family if trial.suggested])]
    best.sort(key=lambda trial: trial.told_apart)
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


def _tried(bench: _Bench, families: list[list[Any]], tell: Callable[[int, int], None]) -> list[list[Trial]]:
    """The trials of each kind of step, from the weakest up to the first that is not shown to keep the label."""
    trials, passed, count = [], 0, sum(map(len, families))
    for family in families:
        trials.append([])
        for i, step in enumerate(family):
            tell(passed + i, count)
            trials[-1].append(bench.measure((step,)))
            if trials[-1][-1].verdict not in ("keeps", "no change"):
                break
        passed += len(family)
    tell(count, count)
    return trials


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
        self.draws = int(np.clip(DRAWN // len(self.labels), *DRAWS))
        plain = rows.describe()
        self.features = RandomFeatures(plain, seed)
        self.target = np.eye(self.classes)[self.labels] if self.classes else self._standard()[:, None]
        self.x = self.features(plain)
        self.ridge = FoldedRidge(self.x, _marked(self.target, 0), self.folds)
        fitted = self._weights(STRENGTHS)
        scored = [self._scores(self.x, weights) for weights in fitted]
        best = int(np.argmax([score.mean() for score in scored]))
        self.strength, self.weights, self.plain = STRENGTHS[best], fitted[best], scored[best]
        self.loss = float(np.clip((1 - self.plain.mean()) / 2, 0, MARGIN))
        self.margin = max(self.loss, LEAST_MARGIN)

    def measure(self, steps: tuple[Any, ...]) -> Trial:
        """One trial: what the probes say of rows that the steps have changed."""
        drawn = [self.rows.change(tuple(map(_always, steps)), epoch) for epoch in range(self.draws)]
        z = self.features(np.concatenate([vectors for vectors, _ in drawn]))
        altered = float(np.mean([share for _, share in drawn]))
        changed, plain, told_apart = self._taught(z)
        agreement, use, unlearnt = (
            change(self.plain, scores, bool(self.classes)) for scores in (changed, plain, self._scores(z, self.weights))
        )
        verdict, sentence = judged(agreement, use, altered, self.margin, self.loss)
        foreign = bool(-unlearnt.value > self.plain.mean() / 2)
        if verdict == "keeps" and foreign:
            sentence += (
                f" But rows come to look unlike the data: who has not seen such rows names {-unlearnt.value:.1%} less."
            )
        return Trial(steps, verdict, sentence, agreement, use, unlearnt, altered, told_apart, foreign)

    def together(self, best: list[Trial]) -> Trial:
        """Step after step, in this order, unless all of them together are shown to alter the label or to harm.

        Each has been shown to keep it; together they are harder to name, and a probe of few rows shows no more.
        """
        so_far = best[0]
        for one in best[1:]:
            trial = self.measure(so_far.steps + one.steps)
            so_far = trial if trial.verdict in ("keeps", "unclear") else so_far
        return so_far

    def _taught(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Scores of changed and of plain rows by probes that learnt from both, and how well they tell them apart.

        More rows may need a weaker penalty.
        """
        target, folds = (np.concatenate([one] * self.draws) for one in (_marked(self.target, 1), self.folds))
        fitted = self._weights([self.strength * weaker for weaker in WEAKER], FoldedRidge(z, target, folds, self.draws))
        scored = [(self._scores(z, weights), self._scores(self.x, weights)) for weights in fitted]
        best = max(range(len(scored)), key=lambda i: scored[i][0].mean() + scored[i][1].mean())
        return *scored[best], self._told_apart(z, fitted[best])

    def _told_apart(self, z: np.ndarray, weights: list[np.ndarray]) -> float:
        """The share of rows held out, half of them plain, of which it is rightly said whether they are changed."""
        changed, plain = (self._said(x, weights)[:, -1] > 0.5 for x in (z, self.x))
        return float(changed.mean() + 1 - plain.mean()) / 2

    def _weights(self, strengths: Sequence[float], other: FoldedRidge | None = None) -> list[list[np.ndarray]]:
        """For each strength the weights of one probe a fold, which has not seen that fold."""
        folds = range(int(self.folds.max()) + 1)
        return list(map(list, zip(*(self.ridge.weights(fold, strengths, other) for fold in folds), strict=True)))

    def _scores(self, x: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
        """Of each row by the probe that has not seen it, over its draws: 1 for the right class, or its part of R²."""
        draws = self._said(x, weights)[:, :-1].reshape(-1, *self.target.shape)
        if self.classes:
            return (draws.argmax(axis=2) == self.labels).mean(axis=0)
        return (1 - (draws - self.target) ** 2).mean(axis=0).ravel()

    def _said(self, x: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
        """What is said of each row by the probe that has not seen it: (N, K + 1)."""
        said = np.empty((len(x), self.target.shape[1] + 1))
        folds = np.concatenate([self.folds] * (len(x) // len(self.folds)))
        for fold, one in enumerate(weights):
            said[folds == fold] = x[folds == fold] @ one
        return said

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


def _marked(target: np.ndarray, changed: int) -> np.ndarray:
    """The target with one more column: whether the rows are changed ones."""
    return np.column_stack([target, np.full(len(target), float(changed))])


def _always(step: Any) -> Any:
    """The step as it is when its chance comes up: what is asked about is what it does, not how often."""
    return replace(step, p=1.0) if any(f.name == "p" for f in fields(step)) else step
