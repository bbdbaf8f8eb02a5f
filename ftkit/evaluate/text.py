"""Metrics of written answers: exact match, BLEU, chrF, perplexity."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ftkit.evaluate import intervals
from ftkit.evaluate.answers import Asked
from ftkit.evaluate.bootstrap import resampled_means
from ftkit.evaluate.estimate import Estimate
from ftkit.evaluate.score import NONE, Interval, Score

Found = list[Estimate | Score]
BLEU_ORDER, CHRF_ORDER, CHRF_BETA = 4, 6, 2.0
# Scripts written without spaces: each character is a word of its own.
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f])")


@dataclass(frozen=True)
class Texts(Asked):
    """What was to be written (N,) and what was."""

    labels: Sequence[str]
    predictions: Sequence[str]

    @cached_property
    def bleu_counts(self) -> np.ndarray:
        """For each row: matches and totals of 1- to 4-grams of words, words written, words wanted, (N, 10)."""
        return np.array(
            [_bleu_row(_words(p), _words(r)) for p, r in zip(self.predictions, self.labels, strict=True)], float
        )

    @cached_property
    def chrf_counts(self) -> np.ndarray:
        """For each row and order of 1 to 6 characters: matches, written, wanted, (N, 18)."""
        pairs = zip(self.predictions, self.labels, strict=True)
        return np.array([_chrf_row("".join(p.split()), "".join(r.split())) for p, r in pairs], float)


def normalised(text: str) -> str:
    """The text as exact match compares it: Unicode NFKC, case folded, runs of spaces as one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def exact_match(of: Texts) -> Found:
    """The share of rows that are, but for case and spaces, what was to be written."""
    hits = np.array([normalised(a) == normalised(b) for a, b in zip(of.labels, of.predictions, strict=True)])
    mean = of.mean(hits.astype(np.float64))
    return [
        Estimate(mean.value, mean.n, mean.influence, lambda: intervals.wilson(int(hits.sum()), len(hits), of.level))
    ]


def bleu(of: Texts) -> Found:
    """BLEU of all rows together, 0 to 100: 1- to 4-grams of words, exponential smoothing of orders without a match."""
    return [_of_sums(of, of.bleu_counts, _bleu)]


def chrf(of: Texts) -> Found:
    """The chrF of all rows together, 0 to 100: F2 of 1- to 6-grams of characters, spaces left out."""
    return [_of_sums(of, of.chrf_counts, _chrf)]


def _of_sums(of: Texts, counts: np.ndarray, value_of: Callable[[np.ndarray], np.ndarray]) -> Estimate:
    """A value of the rows' summed counts; rows are drawn again for its interval."""
    n, weights = len(counts), np.ones(len(counts)) if of.weights is None else of.weights
    sums = weights @ counts
    value = float(value_of(sums[None])[0])

    def influence() -> np.ndarray:
        step = 1e-4 * np.maximum(sums, 1)
        moved = (value_of(sums + np.diag(step)) - value_of(sums - np.diag(step))) / (2 * step)
        each = counts @ moved
        return weights * (each - (weights * each).sum() / weights.sum())

    def interval() -> Interval:
        if n < 2:
            return NONE
        drawn = value_of(resampled_means(counts, of.seed) * n)
        return intervals.percentiles(drawn, of.level, "bootstrap of rows")

    return Estimate(value, n, influence, interval)


def _words(text: str) -> list[str]:
    """Words and signs apart; characters of scripts without spaces each a word."""
    text = _UNSPACED.sub(r" \1 ", text)
    # As mteval's 13a: signs stand alone, but for points and commas within numbers.
    text = re.sub(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 ", text)
    text = re.sub(r"([^0-9])([\.,])", r"\1 \2 ", text)
    text = re.sub(r"([\.,])([^0-9])", r" \1 \2", text)
    text = re.sub(r"([0-9])(-)", r"\1 \2 ", text)
    return text.split()


def _grams(parts: Sequence[str], order: int) -> Counter:
    return Counter(tuple(parts[i : i + order]) for i in range(len(parts) - order + 1))


def _bleu_row(written: list[str], wanted: list[str]) -> list[int]:
    matches, totals = [], []
    for order in range(1, BLEU_ORDER + 1):
        ours, theirs = _grams(written, order), _grams(wanted, order)
        matches.append(sum((ours & theirs).values()))
        totals.append(sum(ours.values()))
    return [*matches, *totals, len(written), len(wanted)]


def _bleu(sums: np.ndarray) -> np.ndarray:
    """BLEU of summed counts, (R,)."""
    matches, totals = sums[:, :BLEU_ORDER], sums[:, BLEU_ORDER : 2 * BLEU_ORDER]
    written, wanted = sums[:, -2], sums[:, -1]
    missed = np.cumsum((matches <= 0) & (totals > 0), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        smoothed = np.where(matches > 0, matches, 0.5**missed)
        logs = np.log(smoothed / totals)
        brevity = np.where(written < wanted, np.exp(1 - wanted / written), 1.0)
        value = 100 * brevity * np.exp(logs.mean(axis=1))
    nothing = (matches.sum(axis=1) <= 0) | (totals[:, -1] <= 0)
    return np.where(nothing, 0.0, value)


def _chrf_row(written: str, wanted: str) -> list[int]:
    out = []
    for order in range(1, CHRF_ORDER + 1):
        ours, theirs = (Counter(t[i : i + order] for i in range(len(t) - order + 1)) for t in (written, wanted))
        out += [sum((ours & theirs).values()), sum(ours.values()), sum(theirs.values())]
    return out


def _chrf(sums: np.ndarray) -> np.ndarray:
    """The chrF of summed counts, (R,): F of the precision and recall averaged over the orders both texts reach."""
    matches, written, wanted = sums[:, 0::3], sums[:, 1::3], sums[:, 2::3]
    some = (written > 0) & (wanted > 0)
    orders = np.maximum(some.sum(axis=1), 1)
    precision, recall = (
        np.divide(matches, whole, out=np.zeros_like(matches), where=some).sum(axis=1) / orders
        for whole in (written, wanted)
    )
    factor = CHRF_BETA**2
    below = factor * precision + recall
    return 100 * np.divide((1 + factor) * precision * recall, below, out=np.zeros(len(below)), where=below > 0)


def perplexity(log_likelihoods: np.ndarray, tokens: np.ndarray, *, level: float = 0.95) -> tuple[float, Interval]:
    """The perplexity of texts, with the interval over texts.

    Parameters
    ----------
    log_likelihoods : float array (N,)
        The natural logarithm of each text's probability: the sum over its tokens.
    tokens : int array (N,)
        How many tokens each text has, at least 1.
    level : float, default 0.95

    Returns
    -------
    float
        exp(-Σ log likelihood / Σ tokens).
    Interval
        Of a ratio of means, on the logarithmic scale; texts are independent, their tokens need not be.

    Raises
    ------
    DataError
        Lengths differ, a value is NaN or infinite, or a text has no token.

    Examples
    --------
    >>> import numpy as np
    >>> value, interval = perplexity(np.array([-10.0, -22.0, -9.0]), np.array([5, 10, 5]))
    >>> round(value, 2), round(interval.low, 2), round(interval.high, 2)
    (7.77, 4.62, 13.05)
    """
    from ftkit.errors import DataError

    total, count = -np.asarray(log_likelihoods, dtype=np.float64), np.asarray(tokens, dtype=np.float64)
    if total.shape != count.shape or total.ndim != 1 or not len(total):
        raise DataError(f"there are {total.size:,} log likelihoods and {count.size:,} token counts; expected as many.")
    if not np.isfinite(total).all() or (count < 1).any():
        raise DataError("log likelihoods must be finite and every text must have at least one token.")
    each = total.sum() / count.sum()
    influence = (total - each * count) / count.sum()
    if len(total) < 2:
        return float(np.exp(each)), NONE
    reach = intervals.student_quantile(level, len(total) - 1) * np.sqrt(
        (influence**2).sum() * len(total) / (len(total) - 1)
    )
    return float(np.exp(each)), Interval(float(np.exp(each - reach)), float(np.exp(each + reach)), "ratio, log")
