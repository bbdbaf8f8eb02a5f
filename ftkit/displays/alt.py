"""What a chart says, in a sentence: for screen readers, for a terminal, for whoever cannot see it."""

from __future__ import annotations

from ftkit.displays.blocks import BarChart, Chart, Heatmap, Histogram, Line, LineChart, Scatter
from ftkit.displays.text import brief, elide, number, percent


def describe(chart: Chart) -> str:
    """The chart in a sentence made from its data.

    Parameters
    ----------
    chart : LineChart, BarChart, Histogram, Heatmap or Scatter
        Any chart.

    Returns
    -------
    str

    Examples
    --------
    >>> line = Line("validation", [1, 2, 3], [0.41, 0.9, 0.97])
    >>> describe(LineChart([line], "epochs", "accuracy"))
    'validation accuracy rises from 0.41 to 0.97 over epochs 1 to 3.'
    """
    said = {LineChart: _lines, BarChart: _bars, Histogram: _histogram, Heatmap: _heatmap, Scatter: _scatter}
    title = f"{elide(chart.title, 80)}: " if chart.title else ""
    return title + said[type(chart)](chart)


def _lines(chart: LineChart) -> str:
    said = [_line(s, chart) for s in chart.series[:6]]
    return "; ".join(filter(None, said)) + "." if any(said) else "no values yet."


def _line(series: Line, chart: LineChart) -> str:
    known = [(x, y) for x, y in zip(series.x, series.y, strict=True) if x is not None and y is not None]
    if not known:
        return ""
    (x0, first), (x1, last) = known[0], known[-1]
    name = " ".join(dict.fromkeys(elide(w, 40) for w in (series.name, chart.y_title) if w))
    if len(known) == 1:
        return f"{name} is {brief(first)}"
    span = f"over {elide(chart.x_title, 40) or 'x'} {_place(x0)} to {_place(x1)}"
    ends = [v for v in (min(y for _, y in known), max(y for _, y in known)) if v not in (first, last)]
    within = f", between {brief(min(y for _, y in known))} and {brief(max(y for _, y in known))}" if ends else ""
    if brief(first) == brief(last):
        return f"{name} stays near {brief(first)} {span}{within}"
    return f"{name} {'rises' if last > first else 'falls'} from {brief(first)} to {brief(last)} {span}{within}"


def _place(x: float) -> str:
    return number(int(x)) if x == int(x) else brief(x)


def _bars(chart: BarChart) -> str:
    known = [(v, i) for i, v in enumerate(chart.values) if v is not None]
    if not known:
        return "no values."
    if len(known) <= 4:
        return ", ".join(f"{elide(chart.labels[i], 40)} {_count(v)}{_within(chart, i)}" for v, i in known) + "."
    (low, i), (high, j) = min(known), max(known)
    ends = f"from {_count(low)} ({elide(chart.labels[i], 40)}) to {_count(high)} ({elide(chart.labels[j], 40)})"
    return f"{len(known)} bars, {ends}."


def _count(value: float) -> str:
    return number(int(value)) if value == int(value) else brief(value)


def _within(chart: BarChart, i: int) -> str:
    if not chart.low or not chart.high or chart.low[i] is None or chart.high[i] is None:
        return ""
    return f" (95% interval {brief(chart.low[i])} to {brief(chart.high[i])})"


def _histogram(chart: Histogram) -> str:
    counts = [c or 0 for c in chart.counts]
    if not sum(counts):
        return "no values."
    top = counts.index(max(counts))
    most = f"most often {brief(chart.edges[top])} to {brief(chart.edges[top + 1])}"
    return f"{number(int(sum(counts)))} values from {brief(chart.edges[0])} to {brief(chart.edges[-1])}, {most}."


def _heatmap(chart: Heatmap) -> str:
    total = sum(map(sum, chart.counts))
    if not total:
        return "no rows."
    right = sum(row[i] for i, row in enumerate(chart.counts))
    wrong = [(n, t, p) for t, row in enumerate(chart.counts) for p, n in enumerate(row) if t != p and n]
    head = f"{right:,} of {total:,} rows right ({percent(right / total)})"
    if not wrong:
        return head + ", none confused."
    n, t, p = max(wrong)
    names = f"{elide(chart.labels[t], 40)} taken for {elide(chart.labels[p], 40)}"
    return f"{head}; most confused: {names}, {n:,} {'time' if n == 1 else 'times'}."


def _scatter(chart: Scatter) -> str:
    pairs = [(a, b) for a, b in zip(chart.x, chart.y, strict=True) if a is not None and b is not None]
    if not pairs:
        return "no rows."
    shown = f"{len(pairs):,} of {chart.total:,} rows" if chart.total > len(pairs) else f"{len(pairs):,} rows"
    off = sum(abs(a - b) for a, b in pairs) / len(pairs)
    low, high = min(a for a, _ in pairs), max(a for a, _ in pairs)
    return f"{shown}, true values {brief(low)} to {brief(high)}, on average {brief(off)} off the diagonal."
