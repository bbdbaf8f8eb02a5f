"""``ftkit predict RUN PATH``: a run's model on other rows."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ftkit.cli.screen import number, print_json, say, table
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.runs import Predictions

SHOWN = 20


def predict(arguments: Namespace) -> int:
    """Predict, write where asked, show."""
    from ftkit.runs import predict as answer

    if arguments.out and not Path(arguments.out).expanduser().absolute().parent.is_dir():
        raise DataError(f"--out {arguments.out}: there is no folder {Path(arguments.out).parent}. Make it first.")
    told = answer(arguments.run, arguments.path, times=arguments.tta, runs=arguments.runs)
    if arguments.out:
        told.write(arguments.out)
    if arguments.json:
        print_json(told.to_dict())
        return 0
    _print(told)
    if arguments.out:
        say(f"Written to {arguments.out}")
    return 0


def _print(told: Predictions) -> None:
    """The first rows, what was predicted how often, and what could not be read."""
    values, classes = told.columns["prediction"], told.classes
    some = range(min(len(told), SHOWN))
    if classes:
        sure = [max(float(told.columns[f"p_{name}"][i]) for name in classes) for i in some]
        rows = [(told.columns["row_id"][i], values[i], number(sure[i])) for i in some]
        table(["row", "prediction", "probability"], rows, right=("probability",))
        counts = Counter(values.tolist()).most_common()
        said = ", ".join(f"{name} {count:,}" for name, count in counts[:12]) + (" …" if counts[12:] else "")
    else:
        rows = [(told.columns["row_id"][i], number(float(values[i]))) for i in some]
        table(["row", "prediction"], rows, right=("prediction",))
        said = f"from {number(float(values.min()))} to {number(float(values.max()))}"
    say(f"{len(told):,} rows predicted by {told.run}: {said}")
    for note in told.notes:
        say(note, "yellow")
    if told.skipped:
        say(f"{len(told.skipped):,} rows cannot be read and have no prediction:", "yellow")
        for row, why in list(told.skipped.items())[:SHOWN]:
            say(f"  {row}: {why}", "yellow")
