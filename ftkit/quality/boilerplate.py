"""The check for passages that come again in many texts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftkit.data import DatasetView, Texts
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.ngrams import Words, runs_of, words_of
from ftkit.quality.passages import Passages, has_texts, noted, passages

WORDS, CHARACTERS = 6, 10  # the length of a run, in words and in Chinese characters
FEWEST, SHARE = 20, 0.0002  # texts a run has to be in
LEAST = 5  # runs one after the other: ten words, or fourteen characters
BUCKETS = 1 << 22
HELD = 6e6  # characters whose words are kept in memory between the passes
MERGED = 1 << 20  # runs that wait to be counted


def boilerplate(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Passages that come again in many texts: signatures, disclaimers, headers.

    How: every run of 6 words (10 characters of Chinese) is hashed and counted once for each different text; a passage
    is five or more runs in a row that are in at least 20 texts and 0.02 % of all. The score is its share of the text.

    Do: the edit takes the passages out. An instruction that every row begins with is wanted: then keep it.
    """
    out = []
    for part in passages(evidence):
        if len(part.texts) < 2 * FEWEST:
            continue
        found = _passages(part.texts)
        if not found:
            continue
        at = np.array(sorted(found))
        lengths = part.texts.lengths[at]
        cut = np.array([sum(end - start for start, end in found[i]) for i in at.tolist()])
        out += _noted(check, evidence, part, found, at, cut / np.maximum(lengths, 1))
    return out


def _noted(check: Check, evidence: Evidence, part: Passages, found: dict, at: np.ndarray, share: np.ndarray) -> list:
    by_text = {part.texts[i]: found[i] for i in at.tolist()}

    def spans(text: str) -> list:
        return [[start, end, ""] for start, end in by_text.get(text, ())]

    longest = max((text[s:e] for text, cuts in list(by_text.items())[:500] for s, e in cuts), key=len)
    shown = " ".join(longest[:60].split())
    what = f"{{n}} text[ holds|s hold] passages that come again in many ({shown!r}…)"
    return noted(check, evidence, "info", part, at, what, scores=share.clip(0.05, 1), spans=spans)


def _passages(texts: Texts) -> dict[int, list[tuple[int, int]]]:
    """The spans of characters of the passages, by text."""
    _, firsts = np.unique(texts.hashes(), return_index=True)
    least = max(FEWEST, int(np.ceil(SHARE * len(texts))))
    n = _run_length(texts)
    kept = list(_kept(texts, n)) if texts.lengths.sum() < HELD else None
    frequent = _frequent(lambda: kept or _kept(texts, n), np.isin(np.arange(len(texts)), firsts), least)
    if not len(frequent):
        return {}
    out: dict[int, list[tuple[int, int]]] = {}
    maybe = np.zeros(BUCKETS, dtype=bool)
    maybe[_bucket(frequent)] = True
    for words, hashes, at in kept or _kept(texts, n):
        near = np.flatnonzero(maybe[_bucket(hashes)])
        seen = at[near[_among(hashes[near], frequent)]]
        for text, start, end in _stretches(words, seen, n):
            out.setdefault(text, []).append((start, end))
    ended = {text: _ended(texts[text], spans) for text, spans in out.items()}
    return {text: spans for text, spans in ended.items() if spans}


def _run_length(texts: Texts) -> int:
    """6 words, or 10 characters where most words are single characters of Chinese."""
    head = texts.take(np.arange(min(len(texts), 2000))).head(200)
    return CHARACTERS if head.matches(r"\p{Han}{4}").mean() > 0.5 else WORDS


def _kept(texts: Texts, n: int) -> Iterator[tuple[Words, np.ndarray, np.ndarray]]:
    for words in words_of(texts):
        yield words, *runs_of(words, n)


def _frequent(blocks, first: np.ndarray, least: int) -> np.ndarray:
    """The hashes of the runs that are in at least so many different texts, sorted."""
    counts, waiting, size = np.zeros(BUCKETS, dtype=np.int64), [], 0
    for words, hashes, at in blocks():
        waiting.append(_bucket(hashes[first[words.text[at] + words.first]]))
        size += len(waiting[-1])
        if size > MERGED:
            counts += np.bincount(np.concatenate(waiting), minlength=BUCKETS)
            waiting, size = [], 0
    counts += np.bincount(np.concatenate([*waiting, np.zeros(0, np.int64)]), minlength=BUCKETS)
    often = counts >= least
    known, found = np.zeros(0, np.uint64), np.zeros(0, np.int64)
    pending, size = [], 0
    for words, hashes, at in blocks():
        keep = np.flatnonzero(often[_bucket(hashes)] & first[words.text[at] + words.first])
        once = _once_a_text(hashes[keep], words.text[at[keep]])
        pending.append(once)
        size += len(once)
        if size > MERGED:
            known, found = _merged(known, found, pending)
            pending, size = [], 0
    known, found = _merged(known, found, pending)
    return known[found >= least]


def _once_a_text(hashes: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Each hash once for each text of a block that has it."""
    order = np.lexsort((hashes, text))
    hashes, text = hashes[order], text[order]
    new = np.ones(len(hashes), dtype=bool)
    new[1:] = (hashes[1:] != hashes[:-1]) | (text[1:] != text[:-1])
    return hashes[new]


def _merged(known: np.ndarray, found: np.ndarray, pending: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The sorted hashes and their counts, with those that wait."""
    values, place = np.unique(np.concatenate([known, *pending]), return_inverse=True)
    counts = np.bincount(place, np.concatenate([found, *(np.ones(len(p)) for p in pending)]), minlength=len(values))
    return values, counts.astype(np.int64)


def _bucket(hashes: np.ndarray) -> np.ndarray:
    return (hashes >> np.uint64(42)).view(np.int64)


def _among(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    return known[np.searchsorted(known, values).clip(max=len(known) - 1)] == values


def _stretches(words: Words, seen: np.ndarray, n: int) -> Iterator[tuple[int, int, int]]:
    """Text, first character and the start of the word after, of each stretch of runs in a row."""
    if not len(seen):
        return
    breaks = (np.diff(seen) != 1) | (np.diff(words.text[seen]) != 0)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    ends = np.concatenate([starts[1:], [len(seen)]])
    for a, b in zip(starts[ends - starts >= LEAST], ends[ends - starts >= LEAST], strict=True):
        last = seen[b - 1] + n - 1
        yield int(words.text[seen[a]] + words.first), int(words.start[seen[a]]), -int(words.start[last]) - 1


def _ended(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans up to the end of their last word, and the mark after it."""
    out = []
    for start, coded in spans:
        end = -coded - 1
        alone = "\u2e80" <= text[end] <= "\ud7af"
        while end < len(text) and text[end].isalnum() and not (alone and end > -coded - 1):
            end += 1
        while end < len(text) and text[end] in ".!?。！？)）」”\"'":
            end += 1
        if not alone or end - start >= CHARACTERS + LEAST - 1:
            out.append((start, end))
    return out


CHECKS = (Check("TXT207", "boilerplate", "cheap", has_texts, boilerplate),)
