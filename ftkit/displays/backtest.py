"""What a backtest looks like: MASE of each forecaster, by step ahead, and one window drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.displays.blocks import BarChart, Block, Line, LineChart, Paragraph, Table
from ftkit.displays.display import Display
from ftkit.displays.text import number

if TYPE_CHECKING:
    from ftkit.evaluate.rolling import Backtest


def show_backtest(backtest: Backtest) -> Display:
    """How forecasters did against the seasonal naive.

    Parameters
    ----------
    backtest : Backtest
        What ``ft.evaluate.backtest`` gave.

    Returns
    -------
    Display
    """
    told = [m for m in backtest.metrics if m["name"] == "mase" and m["value"] is not None]
    head = f"{backtest.series:,} series, {backtest.origins:,} origins, {backtest.horizon} steps ahead, season of "
    blocks: list[Block] = [Paragraph(f"{head}{backtest.season}. MASE below 1 beats the seasonal naive of the past.")]
    blocks += [Paragraph(sentence) for sentence in backtest.sentences()]
    if told:
        ends = ([m[key] for m in told] for key in ("value", "low", "high"))
        blocks.append(BarChart([m["label"] for m in told], *ends, "MASE, with 95% intervals", "MASE"))
        blocks.append(_by_step(backtest))
    blocks.append(_window(backtest))
    rows = backtest.metrics
    columns = {
        "forecaster": [m["label"] for m in rows],
        "metric": [m["name"] for m in rows],
        "value": [m["value"] for m in rows],
        "95% interval": ["–" if m["low"] is None else f"{number(m['low'])} to {number(m['high'])}" for m in rows],
        "windows": [m["n"] for m in rows],
        "method of the interval": [m["method"] for m in rows],
    }
    return Display("Backtest", [*blocks, Table(columns, caption="All metrics")])


def _by_step(backtest: Backtest) -> LineChart:
    steps = list(range(1, backtest.horizon + 1))
    lines = [Line(name, steps, [row["value"] for row in rows]) for name, rows in backtest.horizons.items()]
    return LineChart(lines, "steps ahead", "MASE", "MASE by steps ahead")


def _window(backtest: Backtest) -> LineChart:
    example = dict(backtest.example)
    history, truth = example.pop("history").tolist(), example.pop("truth").tolist()
    past, ahead = list(range(-len(history) + 1, 1)), list(range(1, len(truth) + 1))
    lines = [Line("truth", past + ahead, history + truth)]
    lines += [Line(name, ahead, values.tolist()) for name, values in example.items()]
    return LineChart(lines, "steps from the origin", "", "The last window")
