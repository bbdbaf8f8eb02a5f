"""The verbs that show: inspect, templates, runs, show."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.cli.screen import SEVERITY_STYLE, STATE_STYLE, VERDICT_STYLE, interval, number, print_json, say, table
from ftkit.errors import DataError
from ftkit.runs import Run, list_runs, open_run
from ftkit.runs.files import write_json
from ftkit.runs.process import alive

if TYPE_CHECKING:
    from ftkit.quality import Inspection


def inspect(arguments: Namespace) -> int:
    """``ftkit inspect PATH``: 1 where ``--fail-on`` fired."""
    from ftkit.data import read
    from ftkit.displays import show as draw
    from ftkit.quality import check_rule, fails
    from ftkit.quality import inspect as look
    from ftkit.reports.compose import page_of
    from ftkit.reports.freeze import freeze

    given = {name: getattr(arguments, name) for name in ("task", "target", "test", "text", "group", "time")}
    given |= {name: getattr(arguments, name) for name in ("labels", "errors")}
    for rule in arguments.fail_on:
        check_rule(rule)
    view = read(arguments.path, **given, header=False if arguments.no_header else None)
    with _out_folder(arguments.out, Path(arguments.path).expanduser()) as out:
        inspection = look(view, model=arguments.model, against=arguments.against)
    unmeasured = _measure(inspection) if arguments.worth else ""
    fired = [rule for rule in arguments.fail_on if fails(inspection, rule)]
    content = inspection.to_dict()
    if arguments.json:
        print_json(content)
    else:
        _print_inspection(content)
        if unmeasured:
            say(f"Worth was not measured: {unmeasured}", "yellow")
    if out:
        write_json(out / "inspection.json", content)
        display = draw(inspection)
        freeze(page_of(display), out / "inspection.html", title=display.title)
        if not arguments.json:
            say(f"Written to {out}")
    if fired and not arguments.json:
        say(f"--fail-on {', '.join(fired)}", "red")
    return 1 if fired else 0


def _measure(inspection: Inspection) -> str:
    """Measure the worth of what the findings suggest; why it cannot be, else empty."""
    try:
        return "" if inspection.value() else "no finding suggests an edit of rows."
    except DataError as error:
        return str(error)


@contextmanager
def _out_folder(name: str | None, source: Path) -> Iterator[Path | None]:
    """The folder to write to, made before the checks' work is done; gone again where that fails."""
    if name is None:
        yield None
        return
    out = Path(name).expanduser()
    real, rows = (Path(os.path.realpath(path)) for path in (out, source))
    if source.is_dir() and (real == rows or rows in real.parents):
        raise DataError(f"--out {name}: lies in the source {source}, which is never written. Choose another folder.")
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"--out {name}: cannot be made: {error.strerror}.") from None
    try:
        yield out
    except DataError:
        if made:
            with suppress(OSError):
                out.rmdir()
        raise


def templates(arguments: Namespace) -> int:
    """``ftkit templates [NAME]``."""
    from ftkit.recipe.parameters import show_default
    from ftkit.reports import list_templates, read_template

    if arguments.name is None:
        found = list_templates()
        if arguments.json:
            print_json([{"name": t.name, "title": t.title, "summary": t.summary} for t in found])
        else:
            table(["template", "what it does"], [(t.name, t.summary) for t in found])
        return 0
    parameters = read_template(arguments.name).parameters()
    if arguments.json:
        print_json([vars(parameter) for parameter in parameters])
    else:
        rows = [(p.name, p.type, show_default(p.default), p.range, p.help) for p in parameters]
        table(["parameter", "type", "default", "range", "help"], rows)
    return 0


def runs(arguments: Namespace) -> int:
    """``ftkit runs``."""
    found = [Run(folder) for folder in list_runs(arguments.runs)]
    if arguments.json:
        print_json([_run_dict(run) for run in found])
    elif not found:
        say("There are no runs yet. Start one: ftkit run finetune-image -p data digits")
    else:
        table(["run", "state", "task", "model", "test metrics"], [_run_row(run) for run in found])
    return 0


def show(arguments: Namespace) -> int:
    """``ftkit show RUN``."""
    print_run(open_run(arguments.run, arguments.runs), arguments.json)
    return 0


def print_run(run: Run, as_json: bool) -> None:
    """One run: its state, what it learned, and where its files are."""
    if as_json:
        print_json(_run_dict(run))
        return
    status = run.status
    say(f"{run.name}  {status.sentence}", STATE_STYLE.get(status.state, ""))
    # A notebook's fault is old news once the run was taken up again.
    latest = [event for event in run.events() if event["event"] in ("notebook", "started")]
    notebook = next((event for event in reversed(latest) if event["event"] == "notebook"), {})
    if latest and latest[-1]["event"] == "started" and notebook.get("state") != "running":
        notebook = {}
    if notebook.get("error"):
        say(f"notebook  {notebook['error']}", "red")
    elif notebook.get("state") == "running" and not alive(notebook):
        say(f"notebook  the process that ran it ended without a word; make a report: ftkit report {run.name}", "red")
    metrics = [row for row in run.metrics if "label" not in row]
    if metrics:
        rows = [(m["split"], m["name"], number(m["value"]), interval(m), f"{m['n']:,}") for m in metrics]
        table(["split", "metric", "value", "95% interval", "rows"], rows, right=("value", "rows"))
    report = run.folder / "report.html"
    say(f"report  {report}" if report.exists() else f"folder  {run.folder}")


def _run_dict(run: Run) -> dict[str, Any]:
    status = vars(run.status)
    return {"name": run.name, "folder": str(run.folder), **status, "recipe": run.recipe, "metrics": run.metrics}


def _run_row(run: Run) -> tuple[Any, ...]:
    recipe, state = run.recipe, run.state
    metrics = [m for m in run.metrics if m["split"] == "test" and "label" not in m]
    told = ", ".join(f"{m['name']} {number(m['value'])}" for m in metrics)
    return run.name, (state, STATE_STYLE.get(state, "")), recipe.get("task"), recipe.get("model", {}).get("name"), told


def _print_inspection(content: dict[str, Any]) -> None:
    data = content["dataset"]
    say(f"{data['name']}: {data['rows']:,} rows. {data['task_reason']}", "bold")
    columns = [(c["name"], c["kind"], c["role"], f"{c['missing']:,}") for c in data["columns"]]
    table(["column", "kind", "role", "missing"], columns, title="Columns", right=("missing",))
    if data["classes"]:
        total = sum(data["classes"].values()) or 1
        rows = [(name, f"{count:,}", f"{100 * count / total:.1f}%") for name, count in data["classes"].items()]
        table(["class", "rows", "share"], rows[:40], title="Classes", right=("rows", "share"))
    if data["splits"]:
        table(["split", "rows"], [(k, f"{v:,}") for k, v in data["splits"].items()], right=("rows",))
    _print_readiness(content["readiness"])
    findings = content["findings"]
    names = ["code", "severity", "finding"]
    rows = [(f["code"], (f["severity"], SEVERITY_STYLE[f["severity"]]), f["message"]) for f in findings]
    if any("worth" in f for f in findings):
        names.append("worth")
        rows = [(*row, f["worth"]["told"] if "worth" in f else "") for row, f in zip(rows, findings, strict=True)]
    if rows:
        table(names, rows, title="Findings")
    done = [check["outcome"] for check in content["checks"]]
    failed = [c for c in content["checks"] if c["outcome"] == "failed"]
    for check in failed:
        say(f"{check['code']} {check['name']} broke: {check['reason']}", "red")
    said = [f"{done.count(o)} {'with findings' if o == 'finding' else o}" for o in dict.fromkeys(done)]
    say(f"{len(done)} checks: {', '.join(said)}")


def _print_readiness(verdicts: list[dict[str, Any]]) -> None:
    """The verdict under each heading, and what to do where there is something to do."""
    rows = []
    for told in verdicts:
        told_what = f"{told['sentence']}\n→ {told['next']}" if told["next"] else told["sentence"]
        rows.append((told["heading"], (told["verdict"], VERDICT_STYLE[told["verdict"]]), told_what))
    table(["heading", "verdict", "why, and what to do"], rows, title="Is it good enough?")
