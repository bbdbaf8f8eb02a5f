"""What a run's latency looks like: milliseconds by batch size, rows a second, cold start, memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.displays.blocks import BarChart, Table, Tile, Tiles
from ftkit.displays.display import Display
from ftkit.displays.text import plural

if TYPE_CHECKING:
    from ftkit.runs import Latency


def show_latency(latency: Latency) -> Display:
    """How long a model takes to answer, and what it takes to start it.

    Parameters
    ----------
    latency : Latency
        What ``ft.measure_latency`` gave.

    Returns
    -------
    Display
    """
    one, best = latency.timings[0], max(latency.timings, key=lambda t: t.rows_per_second)
    tiles = [
        Tile(plural(one.batch_size, "row"), f"{one.p50:.1f} ms", f"p99 {one.p99:.1f} ms"),
        Tile("throughput", f"{best.rows_per_second:,.0f} rows/s", f"in batches of {best.batch_size}"),
        Tile("weights", f"{latency.model_bytes / 2**20:.1f} MiB", f"{latency.parameters:,} parameters"),
    ]
    if latency.first_answer is not None:
        tiles.append(Tile("cold start", f"{latency.first_answer:.1f} s", "fresh process to first answer"))
        tiles.append(Tile("memory", f"{latency.peak / 2**20:,.0f} MiB", "of that process at most"))
    sizes = [plural(t.batch_size, "row") for t in latency.timings]
    ends = ([getattr(t, key) for t in latency.timings] for key in ("p50", "p50", "p99"))
    chart = BarChart(sizes, *ends, "Milliseconds a batch: the median, up to 99 of 100", "milliseconds")
    table = Table(
        {
            "rows a batch": [t.batch_size for t in latency.timings],
            "p50 ms": [t.p50 for t in latency.timings],
            "p95 ms": [t.p95 for t in latency.timings],
            "p99 ms": [t.p99 for t in latency.timings],
            "rows/s": [round(t.rows_per_second) for t in latency.timings],
            "batches timed": [t.times for t in latency.timings],
        },
        caption=f"Reading, preprocessing and model together, on {latency.device}",
    )
    return Display(f"Latency of {latency.run}", [Tiles(tiles), chart, table])
