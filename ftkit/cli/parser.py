"""The verbs and their options; loads nothing but argparse, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any

import ftkit

RUNS = "folder of runs (default: $FTKIT_RUNS, else ./runs)"


def _later(module: str, verb: str) -> Callable[[Any], int | None]:
    """A verb's function, imported when it is called."""
    return lambda arguments: getattr(import_module(f"ftkit.cli.{module}"), verb)(arguments)  # noqa: PLW0108


def make_parser() -> argparse.ArgumentParser:
    """The parser of ``ftkit``'s command line; ``verb`` of its result is the function to call."""
    parser = argparse.ArgumentParser(prog="ftkit", description=ftkit.__doc__)
    parser.add_argument("--version", action="version", version=f"ftkit {ftkit.__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, module: str, summary: str, function: str | None = None) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=summary, description=summary[:1].upper() + summary[1:] + ".")
        added.set_defaults(verb=_later(module, function or name))
        return added

    _inspect(verb("inspect", "look", "look at rows: schema, classes, missing values, findings"))
    _clean(verb("clean", "clean", "write a cleaned copy of the rows; the source stays as it is"))
    _run(verb("run", "work", "execute a template headlessly: a run folder and its report"))
    train = verb("train", "work", "train by a recipe: a run folder and its report, without a notebook")
    train.add_argument("recipe", metavar="recipe.yaml")
    train.add_argument(
        "--plan", action="store_true", help="only say what memory, time and disk it will take; nothing is written"
    )
    _makes_run(train)
    _allows_leak(train)
    templates = verb("templates", "look", "list the templates, or one's parameters")
    templates.add_argument("name", nargs="?", metavar="NAME")
    _json(templates)
    predict = _names_run(verb("predict", "predict", "predict the rows of PATH with a run's model"))
    predict.add_argument("path", metavar="PATH", help="folder, file, hub id or embedded name; a target is not needed")
    predict.add_argument("-o", "--out", metavar="out.parquet", help="where to write (default: only shown)")
    predict.add_argument(
        "--tta",
        type=int,
        metavar="N",
        help="average over N augmentations of each row (default: as the run was judged)",
    )
    _json(predict)
    runs = verb("runs", "look", "list the runs")
    runs.add_argument("--runs", metavar="DIR", help=RUNS)
    _json(runs)
    _json(_names_run(verb("show", "look", "show one run: state, metrics, where it is")))
    _compare(verb("compare", "compare", "compare runs on the same test rows: is one better, and by how much"))
    _latency(_json(_names_run(verb("latency", "latency", "measure how long a run's model takes to answer"))))
    report = _names_run(verb("report", "work", "freeze a run's report again"))
    report.add_argument("-o", "--out", metavar="FILE", help="where to write (default: report.html in the run folder)")
    for name, summary in (
        ("pause", "ask a run to wait after the current step"),
        ("continue", "ask a paused run to go on"),
        ("stop", "ask a run to save a checkpoint, judge what was learned, and end"),
        ("checkpoint", "ask a run to save a checkpoint now"),
        ("evaluate", "ask a run to judge by its validation rows now"),
        ("resume", "go on with a stopped, failed or paused run from its last whole checkpoint"),
    ):
        _names_run(verb(name, "steer", summary, function="steer")).set_defaults(request=name)
    change = _names_run(verb("set", "steer", "change a number of a run while it trains", function="set_numbers"))
    change.add_argument("change", nargs="+", metavar="NAME=VALUE", help="learning_rate, batch_size or epochs")
    again = verb("replay", "steer", "repeat a run, with what was asked of it at the same steps")
    again.add_argument("run", metavar="RUN", help="a run's name, or its folder")
    _makes_run(again)
    _json(verb("doctor", "doctor", "say what is installed, what is missing, and what this machine can do"))
    return parser


def _inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="folder, file, hub id or embedded name (digits, iris, …)")
    for name in ("task", "target", "test", "text", "group", "time"):
        parser.add_argument(f"--{name}", metavar=name.upper())
    parser.add_argument("--no-header", action="store_true", help="a CSV's first line is a row, not column names")
    parser.add_argument("--labels", metavar="FILE", help="the table of labels of a folder of images")
    parser.add_argument(
        "--errors",
        choices=("raise", "report"),
        default="raise",
        help="report: leave out and tell rows that cannot be read",
    )
    parser.add_argument("--model", metavar="MODEL", help="pre-trained model to see rows with: a folder or a hub id")
    parser.add_argument("--against", metavar="PATH", help="an evaluation set that the rows must not contain")
    parser.add_argument(
        "--worth", action="store_true", help="measure what the suggested edits are worth on rows held out (slower)"
    )
    parser.add_argument("--out", metavar="DIR", help="also write inspection.html and inspection.json there")
    parser.add_argument(
        "--fail-on",
        action="append",
        default=[],
        metavar="RULE",
        help="exit 1 on a finding: info, warning, error, a check's code, or CODE=N for more than N rows",
    )
    _json(parser)


def _clean(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="folder, file, hub id or embedded name")
    how = parser.add_argument_group("what is done (at least one)")
    how.add_argument("--edits", metavar="edits.jsonl", help="decisions about rows, one JSON object a line")
    how.add_argument(
        "--policy",
        metavar="POLICY",
        help="auto: drop exact copies, unreadable rows and rows without a label; or a YAML file",
    )
    parser.add_argument("--out", metavar="DIR", required=True, help="a folder that is not there yet")
    for name in ("task", "target", "text", "group", "time"):
        parser.add_argument(f"--{name}", metavar=name.upper())
    parser.add_argument("--no-header", action="store_true", help="a CSV's first line is a row, not column names")
    _json(parser)


def _compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="+", metavar="RUN", help="at least two runs' names, or their folders")
    parser.add_argument(
        "--metric", action="append", default=[], metavar="NAME", help="compare by this; may be repeated"
    )
    parser.add_argument("--runs", metavar="DIR", help=RUNS)
    _json(parser)


def _latency(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="PATH", help="rows to ask about (default: those of the run's recipe)")
    parser.add_argument("--batch", type=int, action="append", metavar="N", help="rows a batch; may be repeated")
    parser.add_argument("--times", type=int, default=200, metavar="N", help="batches of each size (default 200)")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("template", metavar="TEMPLATE", help="a name that `ftkit templates` lists, or a notebook")
    parser.add_argument(
        "-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help="may be repeated"
    )
    parser.add_argument("-f", "--file", metavar="params.yaml", help="parameters from a file; -p wins over it")
    _makes_run(parser)
    _allows_leak(parser)


def _allows_leak(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--allow-leak", action="store_true", help="go on although train knows of the test rows; the report says so"
    )


def _makes_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", metavar="DIR", help=RUNS)
    parser.add_argument("--name", metavar="N", help="the run's name (default: the first free one)")
    _json(parser)


def _names_run(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("run", metavar="RUN", help="a run's name, or its folder")
    parser.add_argument("--runs", metavar="DIR", help=RUNS)
    return parser


def _json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser
