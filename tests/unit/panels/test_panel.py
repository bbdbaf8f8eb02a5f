"""Panels without a page: what a notebook is given, how questions are answered, and that both halves agree."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

import ftkit as ft
from ftkit.errors import DataError, RunError
from ftkit.panels import place
from ftkit.panels.contract import contract
from ftkit.panels.panel import MIME, VIEW
from ftkit.quality import CheckResult, Finding, Inspection
from ftkit.reports.freeze import freeze
from ftkit.runs.events import EventLog
from ftkit.runs.process import identity

CONTRACT = Path(__file__).parents[3] / "widgets/src/contract.ts"
STATIC = {"application/vnd.ftkit.display.v1+json", "text/html", "image/png", "text/plain"}


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "叶片-1"
    folder.mkdir()
    (folder / "recipe.yaml").write_text("version: 1\ndata: iris\n")
    log = EventLog(folder)
    log.write("started", **identity())
    log.write("state", state="running")
    for n in range(1, 400):
        log.write("step", step=n, epoch=n / 10, loss=1 / n, learning_rate=1e-3, rows_per_second=5.0, gradient_norm=1.0)
    return ft.Run(folder)


@pytest.fixture
def live(monkeypatch):
    """Somebody before the kernel, with or without JupyterLab's extension."""

    def go(extension):
        monkeypatch.setenv("FTKIT_LIVE", "1")
        monkeypatch.setattr("ftkit.panels.panel.has_extension", lambda: extension)
        monkeypatch.setattr("ftkit.panels.panel.built", lambda name: f"// {name}")

    return go


@pytest.fixture
def told(monkeypatch):
    """What a panel sends."""
    sent = []
    monkeypatch.setattr(ft.TrainPanel, "send", lambda self, content, buffers=None: sent.append((content, buffers)))
    return sent


def test_the_views_know_the_traits_that_python_has():
    assert CONTRACT.read_text(encoding="utf-8") == contract()


def test_headless_there_is_a_twin_and_no_widget(run, monkeypatch):
    monkeypatch.setenv("FTKIT_LIVE", "0")
    (bundle,) = ft.TrainPanel(run).bundles()
    assert set(bundle) == STATIC


def test_a_notebook_that_is_executed_is_headless(monkeypatch):
    monkeypatch.delenv("FTKIT_LIVE", raising=False)
    monkeypatch.setenv("JPY_SESSION_NAME", "x.ipynb")
    assert place.is_live()
    monkeypatch.setenv("FTKIT_RUN_FOLDER", "/runs/x-1")
    assert not place.is_live()


def test_with_the_extension_one_output_holds_panel_and_twin(run, live):
    live(extension=True)
    (bundle,) = ft.TrainPanel(run).bundles()
    assert set(bundle) == {MIME, VIEW, "text/html", "image/png", "text/plain"}
    assert bundle[MIME]["runs"] == [str(run.folder)]


def test_without_it_the_twin_is_an_output_of_its_own_that_the_panel_can_find(run, live):
    live(extension=False)
    panel = ft.TrainPanel(run)
    widget, twin = panel.bundles()
    assert set(widget) == {VIEW, "text/plain"}
    assert f'data-ftkit-twin="{panel._twin}"' in twin["text/html"]
    panel.close()


def test_where_the_front_end_was_not_built_the_twin_says_so_in_one_line(run, live, monkeypatch):
    live(extension=False)
    monkeypatch.setattr("ftkit.panels.panel.built", lambda name: "")
    (bundle,) = ft.TrainPanel(run).bundles()
    assert set(bundle) == STATIC
    assert "make front" in bundle["text/plain"]


@pytest.mark.parametrize("extension", [True, False])
def test_a_panel_adds_less_than_100_kb_to_a_notebook(run, live, extension):
    live(extension)
    bundles = ft.TrainPanel(run).bundles()
    assert sum(len(str(value)) for bundle in bundles for value in bundle.values()) < 100_000


@pytest.mark.parametrize("data", ["digits", "iris"])
def test_so_does_one_with_much_to_show(live, data, tmp_path):
    live(extension=True)
    view = ft.read(data)
    rows = view.ids[:300].tolist()
    said = "very many rows of this view are strange in one way or another, 很多行 " * 3
    found = [Finding(f"XYZ{i}", "check", "warning", said, rows, [1.0] * len(rows)) for i in range(40)]
    checks = [CheckResult(f"XYZ{i}", "check", "finding", said, 0.1) for i in range(40)]
    (bundle,) = ft.InspectPanel(Inspection(view, checks, found), edits=tmp_path / "e.jsonl").bundles()
    assert sum(len(str(value)) for value in bundle.values()) < 100_000
    assert "rarest" in bundle["text/html"]  # the verdicts come first
    assert len(bundle["image/png"]) > 10_000


def test_a_frozen_notebook_shows_the_twin(run, live, tmp_path):
    import nbformat.v4 as nb

    live(extension=True)
    outputs = [nb.new_output("display_data", data=bundle) for bundle in ft.TrainPanel(run).bundles()]
    page = freeze(nb.new_notebook(cells=[nb.new_code_cell("x", outputs=outputs)]), tmp_path / "report.html")
    assert "叶片-1" in page.read_text(encoding="utf-8") or "Training" in page.read_text(encoding="utf-8")


def test_questions_are_answered_by_their_number(run, told):
    panel = ft.TrainPanel(run)
    panel._hear(panel, {"rid": 7, "ask": "events", "args": {"run": str(run.folder), "cursor": {}}}, [])
    (content, buffers) = told[-1]
    assert content["rid"] == 7
    assert content["value"]["steps"] == 399
    assert len(buffers[0]) == 7 * 4 * 399


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"ask": "event"}, "a panel cannot be asked 'event'; nearest is 'events'"),
        ({"ask": "events", "args": {"run": "/etc", "cursor": {}}}, "run '/etc' is not in this panel"),
        ({"ask": "events", "args": {"wrong": 1}}, "unexpected keyword"),
        ({"ask": "control", "args": {"run": "{run}", "request": "explode"}}, "request 'explode' is not known"),
    ],
)
def test_an_error_is_a_reply_too(run, told, asked, said):
    panel = ft.TrainPanel(run)
    if asked.get("args", {}).get("run") == "{run}":
        asked = asked | {"args": asked["args"] | {"run": str(run.folder)}}
    panel._hear(panel, {"rid": 1} | asked, [])
    assert said in told[-1][0]["error"]


def test_messages_of_others_are_passed_over(run, told):
    panel = ft.TrainPanel(run)
    for content in ("x", None, {"rid": "1", "ask": "events"}, {"event": "custom"}):
        panel._hear(panel, content, [])
    assert [said for said, *_ in told if "push" not in said] == []  # panels of other tests may still push


def test_code_repeats_what_was_asked(run):
    panel = ft.TrainPanel(run)
    panel._answer({"ask": "control", "args": {"run": str(run.folder), "request": "learning_rate", "value": 1e-4}})
    panel._answer({"ask": "control", "args": {"run": str(run.folder), "request": "pause"}})
    made = {}
    exec(f"import ftkit as ft\n{panel.code()}", made)
    lines = (run.folder / "control.jsonl").read_text().splitlines()
    assert len(lines) == 4
    assert made["run"].name == "叶片-1"


def test_what_is_no_run_is_told(tmp_path):
    with pytest.raises(RunError, match="run 'no-1' is not in"):
        ft.TrainPanel("no-1")
    with pytest.raises(DataError, match="needs a run"):
        ft.TrainPanel()
    with pytest.raises(DataError, match="no panel for int"):
        ft.open_panel(3)


def test_a_page_that_cannot_ask_is_told_what_is_new(run, told, live):
    from ftkit.panels import push

    live(extension=False)
    panel = ft.TrainPanel(run)
    push.start_pushing(panel, list(panel._feeds.values()))
    panel.comm = panel.comm or object()
    for _ in range(100):
        if told:
            break
        push.time.sleep(0.1)
    assert told[0][0]["push"] == "events"
    assert told[0][0]["value"]["steps"] == 399
    panel.close()


def test_a_closed_panel_is_collected(run):
    panel = ft.TrainPanel(run)
    gone = weakref.ref(panel)
    panel.close()
    del panel
    gc.collect()
    assert gone() is None
