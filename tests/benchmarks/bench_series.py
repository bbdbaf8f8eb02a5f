"""Unusual values of series: NAB's labelled windows found, beside a rolling z-score: ``python … bench_series.py [halves]``.

A window is hit if one of the highest scores lies in it before as many false alarms as the series has windows; alarms
are at least 2% of a series apart. The constants of ``ftkit.quality.anomaly`` were picked on these very series, so that
``halves`` is the fair figure: of 120 variants the one that hits most on some of the series is measured on the others, for
all 70 ways to choose three or four of the seven, and so is the width of the z-score.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

import ftkit as ft
from ftkit.quality import anomaly

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ts-nab"
ROLLING = (20, 50, 100, 288, 1000, 2000)
WIDTHS = ((1,), (1, 4, 16), (1, 8, 64), (1, 4, 16, 64, 192), (16, 64, 192))
TAILS, MOSTS, GAINS = (0.95, 0.98, 0.99, 0.995), (3.0, 6.0, np.inf), (0.85, 0.0)  # a gain of 0: no season is taken out
Series = tuple[np.ndarray, np.ndarray, list[tuple[float, float]]]


def labelled() -> dict[str, Series]:
    """Times, values and windows of each series."""
    out = {}
    for name, spans in json.loads((DATA / "windows.json").read_text(encoding="utf-8")).items():
        view = ft.read(DATA / f"{name}.gz", time="timestamp")
        windows = [tuple(np.array(span, dtype="datetime64[us]").astype(np.int64) / 1e6) for span in spans]
        out[name.removesuffix(".csv")] = (view.numbers("timestamp"), view.numbers("value"), windows)
    return out


def rolling_z(values: np.ndarray, width: int) -> np.ndarray:
    """How many standard deviations each value is from the mean of the ``width`` values before it."""
    sums, squares = (np.concatenate([[0.0], np.cumsum((values - values.mean()) ** p)]) for p in (1, 2))
    end = np.arange(len(values))
    start = np.maximum(end - width, 0)
    count = np.maximum(end - start, 1)
    mean = (sums[end] - sums[start]) / count
    spread = np.sqrt(np.maximum((squares[end] - squares[start]) / count - mean**2, 1e-9 * values.var()))
    return np.where(end - start >= 10, np.abs(values - values.mean() - mean) / spread, 0.0)


def ours(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """ftkit's score."""
    return anomaly.unusual(values, float(np.median(np.diff(time))))


def variants() -> Iterator[None]:
    """Set the constants to one variant after the other; back to what they are at the end."""
    names = ("WIDTHS", "TAIL", "MOST", "GAIN")
    before = [getattr(anomaly, name) for name in names]
    for chosen in itertools.product(WIDTHS, TAILS, MOSTS, GAINS):
        for name, value in zip(names, chosen, strict=True):
            setattr(anomaly, name, value)
        yield
    for name, value in zip(names, before, strict=True):
        setattr(anomaly, name, value)


def hits(score: np.ndarray, time: np.ndarray, windows: list[tuple[float, float]]) -> int:
    """The windows hit before as many false alarms as there are windows."""
    hit, false, apart, score = set(), 0, max(1, len(time) // 50), score.copy()
    while false < len(windows) and score.max() > -1:
        at = int(score.argmax())
        score[max(0, at - apart) : at + apart + 1] = -1
        inside = [i for i, (low, high) in enumerate(windows) if low <= time[at] <= high]
        hit |= set(inside)
        false += not inside
    return len(hit)


def inside(time: np.ndarray, windows: list[tuple[float, float]]) -> np.ndarray:
    """Which values lie in a window."""
    return np.any([(time >= low) & (time <= high) for low, high in windows], axis=0)


def main() -> None:
    """As it is, beside each width of the z-score."""
    series = labelled()
    scores = {"ftkit": [ours(time, values) for time, values, _ in series.values()]}
    scores |= {f"z of {w}": [rolling_z(values, w) for _, values, _ in series.values()] for w in ROLLING}
    windows = [len(spans) for *_, spans in series.values()]
    print(f"{'windows':10} {sum(windows):3}  of", *windows)
    for name, found in scores.items():
        hit = [hits(s, time, spans) for s, (time, _, spans) in zip(found, series.values(), strict=True)]
        area = [
            roc_auc_score(inside(time, spans), s) for s, (time, _, spans) in zip(found, series.values(), strict=True)
        ]
        print(f"{name:10} {sum(hit):3}  of", *hit, f"  AUROC of the values {np.mean(area):.3f}")


def halves() -> None:
    """Each choice made on some of the series, measured on the others."""
    series = list(labelled().values())
    mine = np.array([[hits(ours(t, v), t, spans) for t, v, spans in series] for _ in variants()])
    theirs = np.array([[hits(rolling_z(v, w), t, spans) for t, v, spans in series] for w in ROLLING])
    windows = np.array([len(spans) for *_, spans in series])
    rows = []
    for size in (3, 4):
        for chosen in itertools.combinations(range(len(series)), size):
            here = np.isin(np.arange(len(series)), chosen)
            rows.append([*(_elsewhere(found, here) for found in (mine, theirs)), windows[~here].sum()])
    own, other, there = np.array(rows).T
    print(f"{len(mine)} variants, hits on all series: {mine.sum(1).min()} to {mine.sum(1).max()}, ", end="")
    print(f"median {np.median(mine.sum(1)):.0f}; z-scores {theirs.sum(1).min()} to {theirs.sum(1).max()}")
    print(f"chosen on some, share of the others' windows hit: ftkit {own.sum() / there.sum():.3f}, ", end="")
    print(f"z-score {other.sum() / there.sum():.3f}; ftkit hits more in {(own > other).sum()}, ", end="")
    print(f"as many in {(own == other).sum()}, fewer in {(own < other).sum()} of {len(rows)} ways")


def _elsewhere(found: np.ndarray, here: np.ndarray) -> float:
    """Hits on the other series of the variants that are best here, their mean."""
    best = found[:, here].sum(axis=1)
    return float(found[best == best.max()][:, ~here].sum(axis=1).mean())


if __name__ == "__main__":
    halves() if sys.argv[1:] == ["halves"] else main()
