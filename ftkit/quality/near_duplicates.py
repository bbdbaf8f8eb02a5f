"""Checks for rows that are nearly the same as another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, has_images
from ftkit.quality.finding import Finding
from ftkit.quality.flags import counted
from ftkit.quality.minhash import Pairs, similar_texts
from ftkit.quality.near_images import similar_images
from ftkit.quality.vectors import kind_of

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence

SIMILAR_TEXTS = 0.6
SHOWN = 60


@dataclass(frozen=True)
class Clusters:
    """Rows to leave out, and the row each is a copy of.

    Attributes
    ----------
    copies, kept : ndarray of int64, shape (C,)
        Positions; every copy is directly similar to the row that is kept.
    score : ndarray of float64, shape (C,)
        How similar, 0 to 1.
    """

    copies: np.ndarray
    kept: np.ndarray
    score: np.ndarray


def near_texts(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts that are nearly the same as another text of the same split; all but one of each set are listed.

    How: texts are compared without case, punctuation, full or half width and repeated spaces, as sets of runs of five
    characters (two for Chinese and other scripts without spaces). MinHash proposes pairs (Broder 1997), and each pair
    is verified: a Jaccard similarity of at least 0.6 (short texts: up to 0.75), and equal values in all columns but the
    target. Every listed row is that similar to the one row of its set that is kept: a chain of small changes never
    wipes out a whole set. Exact copies are left to DUP101, equal rows with different labels to DUP102. The score is the
    similarity.

    Do: drop the listed rows where they are copies, else training sees some rows several times and counts them twice.
    Forms and templates that only differ in a name may be wanted: look at the highest and the lowest scores.
    """
    return _findings(view, check, evidence, "{n} text[ is|s are]")


def near_images(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images that show the same picture as another image of the same split; all but one of each set are listed.

    How: pictures are compared at 32×32 pixels, as they are and mirrored. Near neighbours in the low frequencies of
    brightness and colour are verified by the directions of their gradients and the correlation of small cells, at the
    best shift of up to two pixels; no pre-trained model is used. The cut is 0.65 or, where all pictures of a collection
    look alike (scans, garments on white), six deviations above the usual score of neighbours. On CIFAR-10 that finds
    four in five of the pairs that people judged near-duplicates (Barz and Denzler 2020, "Do we train on test data?").
    Re-encoded, resized, recoloured, mirrored and slightly shifted copies are found; crops of less than nine tenths are
    not. Every listed row is similar to the one row of its set that is kept. The score is that similarity.

    Do: look at the lowest scores first, then drop the listed rows, or keep all copies of a picture in one split.
    """
    return _findings(view, check, evidence, "{n} image[ is|s are]")


def near_pairs_of(evidence: Evidence) -> Pairs:
    """Pairs of rows, texts or images, that are nearly and not exactly the same, of all splits.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    Pairs
        Of positions in the view; empty for tables.
    """
    view = evidence.view
    kind = kind_of(view)
    if kind == "table":
        return Pairs(*(np.zeros(0, dtype=dtype) for dtype in (np.int64, np.int64, np.float64)))
    content = view.content([name for name, c in view.columns.items() if c.role not in ("id", "split", "target")])
    part = parts_of(view)
    rows = _one_of_each(content, part)
    if kind == "image":
        pixels, unreadable = evidence.small_images
        rows = np.setdiff1d(rows, np.array(list(unreadable), dtype=np.int64))
        found = similar_images(pixels[rows])
    else:
        found = similar_texts(evidence.whole_texts.select(rows), SIMILAR_TEXTS, part[rows])
    found = Pairs(rows[found.first], rows[found.second], found.score)
    beside = _beside(view)
    return found.where((content[found.first] != content[found.second]) & (beside[found.first] == beside[found.second]))


def parts_of(view: DatasetView) -> np.ndarray:
    """The split of each row as a number, int64 (N,); 0 where no split came with the rows."""
    if view.given_split is None:
        return np.zeros(len(view), dtype=np.int64)
    return np.unique(view.given_split, return_inverse=True)[1]


def keep_one(pairs: Pairs, ids: np.ndarray) -> Clusters:
    """Which rows to leave out so that one of each set stays.

    Parameters
    ----------
    pairs : Pairs
        Rows that are similar.
    ids : ndarray of str
        Row ids: of rows with as many similar ones, the lowest id is kept.

    Returns
    -------
    Clusters
        Every copy is paired with the row that is kept: no chains.

    Examples
    --------
    >>> chain = Pairs(np.array([0, 1, 2]), np.array([1, 2, 3]), np.ones(3))
    >>> found = keep_one(chain, np.array(list("abcd")))
    >>> found.kept, found.copies
    (array([1, 1]), array([0, 2]))
    """
    near: dict[int, list[tuple[int, float]]] = {}
    for one, other, score in zip(pairs.first.tolist(), pairs.second.tolist(), pairs.score.tolist(), strict=True):
        near.setdefault(one, []).append((other, score))
        near.setdefault(other, []).append((one, score))
    decided: set[int] = set()
    out: list[tuple[int, int, float]] = []
    for row in sorted(near, key=lambda row: (-len(near[row]), ids[row])):
        if row in decided:
            continue
        decided.add(row)
        for other, score in near[row]:
            if other not in decided:
                decided.add(other)
                out.append((other, row, score))
    copies, kept, score = zip(*sorted(out), strict=True) if out else ((), (), ())
    return Clusters(np.array(copies, dtype=np.int64), np.array(kept, dtype=np.int64), np.array(score, dtype=np.float64))


def _findings(view: DatasetView, check: Check, evidence: Evidence, what: str) -> list[Finding]:
    """The rows to leave out, of pairs in one split."""
    part = parts_of(view)
    pairs = evidence.near_pairs
    found = keep_one(pairs.where(part[pairs.first] == part[pairs.second]), view.ids)
    if not len(found.copies):
        return []
    ids = view.ids
    best = int(found.score.argmax())
    message = (
        f"{counted(len(found.copies), what)} nearly the same as another "
        f"({counted(len(np.unique(found.kept)), '{n} set[|s]')}), such as {ids[found.copies[best]][:SHOWN]!r} and "
        f"{ids[found.kept[best]][:SHOWN]!r}."
    )
    rows = [str(ids[row]) for row in found.copies]
    suggest = {"op": "drop", "because": check.code}
    like = [f"like {str(ids[row])[:SHOWN]}" for row in found.kept]
    return [Finding(check.code, check.name, "warning", message, rows, found.score.round(4).tolist(), suggest, like)]


def _one_of_each(content: np.ndarray, part: np.ndarray) -> np.ndarray:
    """One row of each content and part."""
    order = np.lexsort((np.arange(len(content)), part, content))
    new = (np.diff(content[order]) != 0) | (np.diff(part[order]) != 0)
    return np.sort(order[np.concatenate([[True], new])[: len(order)]])


def _beside(view: DatasetView) -> np.ndarray:
    """A hash of what each row says in columns a model sees that are neither its texts nor its image."""
    names = [name for name in view.features if view.columns[name].role == "feature"]
    return view.content(names) if names else np.zeros(len(view), dtype=np.uint64)


def has_texts(view: DatasetView) -> str | None:
    """Applies to texts and chats."""
    return None if kind_of(view) == "text" else "the rows are no texts"


CHECKS = (
    Check("DUP201", "near-duplicate texts", "model", has_texts, near_texts),
    Check("DUP202", "near-duplicate images", "decodes", has_images, near_images),
)
