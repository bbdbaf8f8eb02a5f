"""``ftkit latency RUN``: how long a run's model takes to answer."""

from __future__ import annotations

from argparse import Namespace

from ftkit.cli.screen import print_json, say, table
from ftkit.data import read
from ftkit.runs import measure_latency


def latency(arguments: Namespace) -> int:
    """Milliseconds by batch size, cold start and memory."""
    view = None if arguments.data is None else read(arguments.data)
    found = measure_latency(
        arguments.run, view, batch_sizes=arguments.batch or (1, 8, 32), times=arguments.times, runs=arguments.runs
    )
    if arguments.json:
        print_json(found.to_dict())
        return 0
    say(f"{found.run}  {found.parameters:,} parameters, on {found.device}", "bold")
    rows = [
        (t.batch_size, f"{t.p50:.2f}", f"{t.p95:.2f}", f"{t.p99:.2f}", f"{t.rows_per_second:,.0f}")
        for t in found.timings
    ]
    table(
        ["rows a batch", "p50 ms", "p95 ms", "p99 ms", "rows/s"], rows, right=("p50 ms", "p95 ms", "p99 ms", "rows/s")
    )
    say(f"cold start {found.first_answer:.1f} s to the first answer, {found.peak / 2**20:,.0f} MiB at most")
    return 0
