"""The check of how much of a chat a model sees."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView, Texts, chats_at
from ftkit.models import local_tokens
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding, Severity
from ftkit.quality.flags import flagged, has_chats, until

ESTIMATED = 8192  # tokens: the window assumed where no tokenizer is at hand
PER_TOKEN = 4.0  # characters, of text in Latin letters; a Chinese character is about 0.7 tokens
PER_CHINESE = 0.7
EXTRA = 8  # tokens a template adds to a turn, about


def over_window(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Chats longer than what the model sees at once.

    How: with ``model`` a folder that has a tokenizer, the tokens of the whole chat under its chat template, against the
    model's window; else an estimate against 8,192 tokens: a token for four characters, 0.7 for a Chinese one. The turn
    that is named is the one in which the window ends: it and all that follow would be cut.

    Do: the chat is cut after the last answer that fits, or the row dropped; or train with a longer window.
    """
    tokens = local_tokens(evidence.model)
    estimate = _estimate(evidence)
    if tokens is None or tokens.window is None:
        return _over(check, evidence, estimate, ESTIMATED, "info", "estimated from characters")
    octets = _row_sums(evidence, evidence.turns.content.octets + 2 * EXTRA)
    maybe = np.flatnonzero(octets > tokens.window)  # a token is an octet at least
    counts = np.zeros(len(view))
    chats = chats_at(view, maybe)
    counts[maybe] = tokens.count_chats(chats)
    rows = np.flatnonzero(counts > tokens.window)
    total = _row_sums(evidence, estimate)
    scaled = estimate * (counts / np.maximum(total, 1))[evidence.turns.row]
    what = "under the chat template" if tokens.template else "without a chat template, which the tokenizer lacks"
    return _over(check, evidence, scaled, tokens.window, "warning", what, rows)


def _over(
    check: Check,
    evidence: Evidence,
    tokens: np.ndarray,
    window: int,
    severity: Severity,
    how: str,
    rows: np.ndarray | None = None,
) -> list[Finding]:
    turns = evidence.turns
    before = np.concatenate([[0], np.cumsum(tokens)])
    used = before[1:] - before[turns.starts[:-1]][turns.row]
    over = used > window
    if rows is not None:
        over &= np.isin(turns.row, rows)
    at = np.flatnonzero(over)
    _, first = np.unique(turns.row[at], return_index=True)
    what = f"{{n}} chat[ is|s are] longer than {window:,} tokens, {how}; the named turn would be cut"
    fix = "cut the chat after the last answer that fits"
    return flagged(check, evidence, severity, at[first], what, scores=0.9, mend=until, fix=fix)


def _estimate(evidence: Evidence) -> np.ndarray:
    """About how many tokens each turn has."""
    return estimated_tokens(evidence.turns.content) + EXTRA


def estimated_tokens(texts: Texts) -> np.ndarray:
    """About how many tokens texts have: one for four characters, 0.7 for a Chinese one."""
    # An octet a Latin letter, three a Chinese character: both counts give the share of each.
    wide = (texts.octets - texts.lengths) / 2
    return (texts.lengths - wide) / PER_TOKEN + wide * PER_CHINESE


def _row_sums(evidence: Evidence, values: np.ndarray) -> np.ndarray:
    total = np.concatenate([[0], np.cumsum(values)])
    return total[evidence.turns.starts[1:]] - total[evidence.turns.starts[:-1]]


CHECKS = (Check("CHT208", "chats over the window", "cheap", has_chats, over_window),)
