"""``ftkit compare A B…``: runs side by side on the same test rows."""

from __future__ import annotations

from argparse import Namespace

from ftkit.cli.screen import number, print_json, say, table
from ftkit.runs import compare as compare_runs


def compare(arguments: Namespace) -> int:
    """Which run is better, and by how much."""
    found = compare_runs(*arguments.run, metrics=arguments.metric or None, runs_folder=arguments.runs)
    if arguments.json:
        print_json(found.to_dict())
        return 0
    say(f"{' and '.join(found.names)}, judged by the same {found.rows:,} rows", "bold")
    rows = []
    for a, b, one in found.pairs:
        ends = "" if one.low is None else f"{number(one.low)} to {number(one.high)}"
        better = {"a": a, "b": b}.get(one.better or "", "cannot be told")
        rows.append((one.metric, a, number(one.a), b, number(one.b), number(one.difference), ends, better))
    head = ["metric", "A", "", "B", "", "B - A", "95% interval", "better"]
    table(head, rows, right=("", "B - A"))
    for sentence in [*found.sentences(), *found.notes]:
        say(sentence)
    return 0
