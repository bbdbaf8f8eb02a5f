"""Whether rows come in an order that says something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, SkipCheckError, has_features
from ftkit.quality.finding import Finding
from ftkit.quality.labels import has_classes, labels_of
from ftkit.quality.vectors import kind_of

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence

FEWEST = 50
SHUFFLES = 200
LOOKED_AT = 20_000
CERTAIN = 0.01
EQUAL_MORE = 0.1
CLOSER = 0.9


def ordered_rows(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows whose order is not that of chance: sorted by class, in batches, or drifting.

    How: two figures are held against 200 shuffles of the rows. The share of rows with the class of the row before; and
    for images and texts how far in the order the ten nearest rows are (Cummings et al. 2023, "Detecting dataset drift
    and non-IID sampling via k-nearest neighbors", section 3). Named where no shuffle in a hundred is as extreme and the
    share is larger by 0.1, or the distance smaller by a tenth. Of more than 20,000 rows the neighbours of 20,000 are
    looked at. Folders of classes are sorted by their nature and are not asked.

    Do: shuffle before splitting or cross-validating without shuffling; if the rows were gathered one after the other,
    ask what changed, and consider a split by time.
    """
    if len(view) < FEWEST:
        raise SkipCheckError(f"there are fewer than {FEWEST} rows")
    rng = np.random.default_rng(evidence.seed)
    said = [sentence for sentence in (_by_label(view, rng), _by_neighbours(view, evidence, rng)) if sentence]
    return [check.finding("info", " ".join(said))] if said else []


def _by_label(view: DatasetView, rng: np.random.Generator) -> str | None:
    """Whether neighbouring rows have the same class more often than by chance."""
    if has_classes(view) is not None:
        return None
    try:
        labels = labels_of(view)
    except SkipCheckError:
        return None
    labels = labels[labels >= 0]
    if len(labels) < FEWEST:
        return None
    equal = float((labels[1:] == labels[:-1]).mean())
    share = np.bincount(labels) / len(labels)
    if equal - (share**2).sum() < EQUAL_MORE:  # what shuffles have on average: nothing to shuffle for
        return None
    by_chance = []
    for _ in range(SHUFFLES):
        mixed = rng.permutation(labels)
        by_chance.append(float((mixed[1:] == mixed[:-1]).mean()))
    if _p(np.array(by_chance) >= equal) > CERTAIN:
        return None
    return f"{equal:.0%} of the rows have the class of the row before; in random order {np.mean(by_chance):.0%} would."


def _by_neighbours(view: DatasetView, evidence: Evidence, rng: np.random.Generator) -> str | None:
    """Whether similar rows stand closer together than by chance."""
    if kind_of(view) == "table":
        return None
    n = len(view)
    near = evidence.neighbours.rows
    rows = rng.choice(n, min(n, LOOKED_AT), replace=False)
    gap = float(np.abs(near[rows] - rows[:, None]).mean())
    if gap >= CLOSER * (n + 1) / 3:  # the mean distance of two places
        return None
    by_chance = []
    for _ in range(SHUFFLES):
        place = rng.permutation(n)
        by_chance.append(float(np.abs(place[near[rows]] - place[rows][:, None]).mean()))
    if _p(np.array(by_chance) <= gap) > CERTAIN:
        return None
    return (
        f"The rows most similar to a row stand {gap:,.0f} places from it on average; in random order it would be "
        f"{np.mean(by_chance):,.0f}."
    )


def _p(as_extreme: np.ndarray) -> float:
    """The p-value of a permutation test."""
    return (int(as_extreme.sum()) + 1) / (len(as_extreme) + 1)


def has_order(view: DatasetView) -> str | None:
    """Applies where rows stand in one source, one after the other."""
    if view.target is not None and kind_of(view) == "image" and all("/" in row for row in view.ids[:FEWEST]):
        return "the rows are files in folders"
    return has_features(view)


CHECKS = (Check("ORD201", "order of the rows", "model", has_order, ordered_rows),)
