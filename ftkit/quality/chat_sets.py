"""Checks of chats as a set: the same question answered twice, rows of an evaluation set, rows left untranslated."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView, Texts, mix, turns_of
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.flags import flagged, has_chats
from ftkit.quality.ngrams import Words, runs_of, words_of

RUN = 13  # words, as in Brown et al. 2020, appendix C
FEWEST = 6  # words: shorter texts of an evaluation set are too common to mean anything
COMMON = 0.02  # runs in more of the evaluation set's rows than this are its template
SOME_CHINESE = 0.05
FEW_CHINESE = 20
LETTERS = r"[A-Za-z]{3,}"


def other_answers(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows that ask the same as another row and answer otherwise.

    How: everything before the last answer is equal letter by letter, the answers are not. Rows that are judged
    (preferred and rejected answers, or a label) are left out.

    Do: keep the better answer; the edit keeps the first. Several answers to one question are fine where variety is
    wanted: then keep them all.
    """
    turns = evidence.turns
    if {"chosen", "rejected", "label"} & set(view.columns) or not len(turns.role):
        return []
    there = np.flatnonzero(np.diff(turns.starts) > 1)
    last = turns.starts[there + 1] - 1
    there, last = there[turns.role[last] == 2], last[turns.role[last] == 2]
    asking = np.ones(len(turns.role), dtype=bool)
    asking[last] = False
    codes = np.zeros(len(turns.role), dtype=np.uint64)
    codes[asking] = turns.content.take(asking).keys()
    parts = mix(codes * np.uint64(8) + turns.role.astype(np.uint64) ^ mix(turns.number.astype(np.uint64)))
    asked = _sums(np.where(asking, parts, np.uint64(0)), turns.starts)[there] ^ np.diff(turns.starts)[there].astype(
        np.uint64
    )
    _, first, group, counts = np.unique(asked, return_index=True, return_inverse=True, return_counts=True)
    several = np.flatnonzero(counts[group] > 1)
    answers, firsts = turns.content.take(last[several]), turns.content.take(last[first[group[several]]])
    differs = np.zeros(len(there), dtype=bool)
    differs[several] = answers.hashes() != firsts.hashes()
    sets = len(np.unique(group[differs]))
    what = f"{{n}} row[ answers|s answer] a question otherwise than an earlier row ({sets:,} questions)"
    return flagged(check, evidence, "info", last[differs], what, scores=0.5)


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    total = np.concatenate([[np.uint64(0)], np.cumsum(values, dtype=np.uint64)])
    return total[starts[1:]] - total[starts[:-1]]


def contamination(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows that hold text of the evaluation set given as ``against``.

    How: runs of 13 words (characters, where a script writes no spaces) that are in both, without regard to case and
    punctuation, as in Brown et al. 2020 (Language Models are Few-Shot Learners, appendix C); shorter texts of the
    evaluation set, from 6 words on, by equality. Runs that are in 2 % of its rows or more are its template and do not
    count. The score is the share of the turn that is in the evaluation set.

    Do: drop the rows, else the evaluation measures memory.
    """
    if evidence.against is None:
        raise SkipCheckError("no evaluation set was given (pass against=)")
    known, whole = _known(evidence.against)
    turns = evidence.turns
    found, scores = [], []
    for words in words_of(turns.content):
        hits, share = _hits(words, known, whole)
        found.append(hits + words.first)
        scores.append(share)
    at = np.concatenate(found) if found else np.zeros(0, np.int64)
    what = f"{{n}} turn[ holds|s hold] text of the evaluation set {evidence.against.name!r}"
    return flagged(check, evidence, "error", at, what, scores=np.concatenate(scores) if found else 1.0)


def _known(against: DatasetView) -> tuple[np.ndarray, np.ndarray]:
    """The runs of the evaluation set, and its short texts as wholes."""
    runs, texts, short = [], [], []
    for content, offset in _texts_of(against):
        for words in words_of(content):
            hashes, at = runs_of(words, RUN)
            runs.append(hashes)
            texts.append(words.text[at] + words.first + offset)
            short.append(_wholes(words, RUN - 1)[0])
    if not runs:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64)
    pairs = np.unique(np.stack([np.concatenate(runs), np.concatenate(texts).astype(np.uint64)]), axis=1)
    values, counts = np.unique(pairs[0], return_counts=True)
    return values[counts <= max(5, COMMON * len(against))], np.unique(np.concatenate(short))


def _texts_of(view: DatasetView) -> list[tuple[Texts, int]]:
    if has_chats(view) is None:
        return [(turns_of(view).content, 0)]
    names = [name for name, column in view.columns.items() if column.kind == "text" or column.role == "text"]
    if not names:
        raise SkipCheckError(f"the evaluation set {view.name!r} holds neither chats nor texts")
    return [(Texts(view.text_cells(name)), i * len(view)) for i, name in enumerate(names)]


def _wholes(words: Words, most: int) -> tuple[np.ndarray, np.ndarray]:
    """A hash of each text of 6 to ``most`` words, and the texts."""
    texts, start, counts = np.unique(words.text, return_index=True, return_counts=True)
    fits = (counts >= FEWEST) & (counts <= most)
    place = np.arange(len(words.text)) - np.repeat(start, counts)
    mixes = mix(words.hashes ^ mix(place.astype(np.uint64)))
    sums = np.add.reduceat(mixes, start) if len(start) else mixes
    return sums[fits], texts[fits]


def _hits(words: Words, known: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The texts of a block that hold known runs, and how much of each."""
    hashes, at = runs_of(words, RUN)
    seen = _among(hashes, known)
    count = int(words.text[-1]) + 1 if len(words.text) else 0
    share = np.bincount(words.text[at[seen]], minlength=count) / np.maximum(
        np.bincount(words.text[at], minlength=count), 1
    )
    short, texts = _wholes(words, RUN - 1)
    share[texts[_among(short, whole)]] = 1.0
    hits = np.flatnonzero(share)
    return hits, share[hits]


def _among(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Whether each value is one of some sorted ones."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    return known[np.searchsorted(known, values).clip(max=len(known) - 1)] == values


def untranslated(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows of a Chinese set that hold no Chinese character.

    How: the set counts as Chinese where 20 rows and 5 % of all hold Chinese characters; flagged are rows with words in
    Latin letters and not one Chinese character in any turn. A warning where they are few among Chinese ones; else they
    may be meant, and it is said for information.

    Do: translate the rows or drop them; where the set is meant to be in two languages, let them be.
    """
    turns = evidence.turns
    chinese = np.zeros(len(view), dtype=bool)
    chinese[turns.row[turns.content.matches(r"\p{Han}")]] = True
    others = np.flatnonzero(~chinese[turns.row])
    if chinese.sum() < max(FEW_CHINESE, SOME_CHINESE * len(view)) or not len(others):
        return []
    other = others[turns.content.take(others).matches(LETTERS)]
    _, first = np.unique(turns.row[other], return_index=True)
    share = chinese.mean()
    what = f"{{n}} row[ holds|s hold] no Chinese character, where {chinese.sum():,} others do ({share:.0%})"
    few = share > 1 - SOME_CHINESE
    return flagged(check, evidence, "warning" if few else "info", other[first], what, scores=0.9 if few else 0.6)


CHECKS = (
    Check("CHT209", "one question, several answers", "cheap", has_chats, other_answers),
    Check("CHT210", "rows of the evaluation set", "cheap", has_chats, contamination),
    Check("CHT214", "untranslated rows", "cheap", has_chats, untranslated),
)
