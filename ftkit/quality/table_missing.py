"""Checks of what is missing in a table: together, for a reason, or under another name."""

from __future__ import annotations

import re

import numpy as np
from scipy.special import chdtrc, ndtr

from ftkit.data import DatasetView
from ftkit.quality.cells import listed, missing_of, numeric, target_of, values_of, wordy
from ftkit.quality.check import Check, has_table
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

FEWEST = 20  # missing cells that say something
SURE = 0.001  # p-value, divided by the number of columns
EFFECT = 0.1  # Cramér's V, or twice the distance of the AUC from one half
MEANT = frozenset(
    re.findall(
        "[^,\n]+",
        """?,n/a,na,n.a.,n/k,unknown,unk,null,nan,nil,missing,unspecified,undefined,-,--,---,.,..,#,#n/a,#na,#null!,#value!
#div/0!,tbd,not available,not specified,not known,no data,no answer
未知,不详,缺失,未填,未填写,暂无,空,不明""",
    )
)
CODES = (-1, -9, -99, -999, -9999, -99999, -7777, -8888, 99, 999, 9999, 99999, 999999, 9999999, 777, 888, 8888)


def missing_patterns(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns that are missing in the same rows, or the oftener the more the target says so.

    How: columns with 20 missing cells or more whose missing rows agree in 99 % of them; chi-squared test of missing
    against the classes (effect: Cramér's V), or the rank-sum test against a number (effect: twice the distance of its
    AUC from one half), each at p < 0.001 divided by the number of columns and an effect of 0.1 or more.

    Do: what is missing for a reason is a feature: add a column that says so before filling it in. Columns missing
    together come from one source; fill them together.
    """
    columns = [name for name, c in view.columns.items() if c.role in ("feature", "text")]
    masks = {name: missing_of(view, name) for name in columns}
    masks = {name: mask for name, mask in masks.items() if FEWEST <= mask.sum() <= len(mask) - FEWEST}
    return _together(check, masks) + _tied(check, evidence, masks, len(columns))


def _together(check: Check, masks: dict[str, np.ndarray]) -> list[Finding]:
    left, out = list(masks), []
    while left:
        first, rest = left[0], left[1:]
        mask = masks[first]
        same = [name for name in rest if (mask & masks[name]).sum() >= 0.99 * max(mask.sum(), masks[name].sum())]
        left = [name for name in rest if name not in same]
        if same:
            names = listed([first, *same])
            out.append(check.finding("info", f"Columns {names} are missing in the same {int(mask.sum()):,} rows."))
    return out


def _tied(check: Check, evidence: Evidence, masks: dict[str, np.ndarray], tests: int) -> list[Finding]:
    known = target_of(evidence)
    if known is None:
        return []
    labels, classes = known
    there = labels >= 0 if classes else np.isfinite(labels)
    found = []
    for name, mask in masks.items():
        p, effect = _chi(mask[there], labels[there]) if classes else _rank(mask[there], labels[there])
        if p < SURE / max(tests, 1) and effect >= EFFECT:
            found.append((effect, f"'{name}' {effect:.2f}, {'p < 1e-12' if p < 1e-12 else f'p = {p:.1g}'}"))
    if not found:
        return []
    found.sort(reverse=True)
    shown = "; ".join(said for _, said in found[:6]) + (f"; and {len(found) - 6:,} more" if len(found) > 6 else "")
    how = "Cramér's V" if classes else "effect"
    which = f"{len(found)} columns are" if len(found) > 1 else "a column is"
    message = f"Whether {which} missing goes with the target ({how}: {shown}): keep that as a feature of its own."
    return [check.finding("warning", message)]


def _chi(mask: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """The p-value of independence and Cramér's V."""
    table = np.stack([np.bincount(labels[mask == side], minlength=labels.max() + 1) for side in (False, True)])
    table = table[:, table.sum(axis=0) > 0].astype(float)
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return 1.0, 0.0
    expected = table.sum(axis=1)[:, None] * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return float(chdtrc(table.shape[1] - 1, statistic)), float(np.sqrt(statistic / table.sum()))


def _rank(mask: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """The p-value of the rank-sum test and twice the distance of its AUC from one half."""
    a, b = int(mask.sum()), int((~mask).sum())
    if not a or not b:
        return 1.0, 0.0
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    auc = (ranks[mask].sum() - a * (a + 1) / 2) / (a * b)
    ties = 1 - (counts.astype(float) ** 3 - counts).sum() / max(float(len(values)) ** 3 - len(values), 1)
    spread = np.sqrt(max(ties, 1e-12) * (a + b + 1) / (12 * a * b))
    return float(2 * ndtr(-abs(auc - 0.5) / spread)), float(2 * abs(auc - 0.5))


def sentinels(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Cells that mean "missing" without being so: -999, 9999, '?', 'unknown'.

    How: words that mean it, in columns of words that hold others too; numbers of nines, -1 and the like that come three
    times or more, are the smallest or largest of the column and lie further from the next than half of the range
    between the others' 1st and 99th percentile.

    Do: the edit empties the cells; then fill them in as missing ones. Keep a word where not to know is an answer.
    """
    out = []
    for name in numeric(view):
        values = view.numbers(name)
        for code in _codes_in(values):
            at = np.flatnonzero(values == code)
            out.append(_emptied(check, view, name, at, f"{code:g}", "far from all other values"))
    for name in wordy(view):
        cells = values_of(view, name)
        meant = [i for i, cell in enumerate(cells.names) if cell.strip().lower() in MEANT]
        if not meant or len(cells.names) - len(meant) < 2:
            continue
        words = listed([cells.names[i] for i in meant]).replace("'", "")
        out.append(_emptied(check, view, name, np.flatnonzero(np.isin(cells.codes, meant)), words, "a word for it"))
    return out


def _codes_in(values: np.ndarray) -> list[float]:
    known = values[np.isfinite(values)]
    found = []
    for code in CODES:
        count = int((known == code).sum())
        others = known[known != code]
        if count < 3 or len(np.unique(others[:10000])) < 5 or found:
            continue
        low, high = np.quantile(others, [0.01, 0.99])
        gap = others.min() - code if code < others.min() else code - others.max()
        if gap > 0 and gap > max(0.5 * (high - low), 1):
            found.append(float(code))
    return found


def _emptied(check: Check, view: DatasetView, name: str, at: np.ndarray, shown: str, why: str) -> Finding:
    share = len(at) / len(view)
    message = f"Column '{name}' holds {shown} in {len(at):,} rows ({share:.1%}), {why}: it may mean missing."
    suggest = {"op": "replace", "column": name, "value": None, "because": check.code}
    ids = view.ids[at].tolist()
    return Finding(
        check.code, check.name, "info" if share < 0.05 else "warning", message, ids, [0.8] * len(at), suggest
    )


CHECKS = (
    Check("TAB201", "missing patterns", "cheap", has_table, missing_patterns),
    Check("TAB202", "sentinels", "cheap", has_table, sentinels),
)
