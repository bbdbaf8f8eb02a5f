from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import ftkit as ft
from ftkit import displays
from ftkit.displays.blocks import BarChart, Gallery, Heatmap, Histogram, LineChart, Note, Scatter, Table
from ftkit.displays.training import POINTS


def kinds(display):
    return [type(block) for block in display.blocks]


def make_run(**changes):
    step = {"event": "step", "learning_rate": 1e-3, "rows_per_second": 9.0}
    events = [step | {"step": i, "epoch": i / 50, "loss": 2 / i} for i in range(1, 201)]
    judged = {"event": "evaluation", "split": "validation", "seconds": 0.1}
    events += [
        judged | {"step": 50 * e, "epoch": float(e), "loss": 1 / e, "accuracy": 0.5 + e / 10} for e in (1, 2, 3, 4)
    ]
    labels = np.array(["a", "b", "a", "b"], dtype=object)
    predictions = {
        "row_id": np.array(["r0", "r1", "r2", "r3"]),
        "split": np.array(["test"] * 4),
        "label": labels,
        "prediction": np.array(["a", "a", "a", "b"], dtype=object),
        "p_a": np.array([0.9, 0.8, 0.7, 0.1]),
        "p_b": np.array([0.1, 0.2, 0.3, 0.9]),
    }
    metrics = [
        {"name": "accuracy", "split": "test", "value": 0.75, "low": 0.3, "high": 0.95, "method": "wilson", "n": 4},
        {"name": "f1", "label": "a", "split": "test", "value": 0.8, "low": 0.4, "high": 1.0, "method": "x", "n": 2},
        {"name": "roc_auc", "split": "test", "value": None, "low": None, "high": None, "n": 4, "reason": "one class"},
    ]
    run = {
        "name": "r-1", "state": "done", "recipe": {"model": {"name": "mlp"}, "edits": None}, "metrics": metrics,
        "environment": {"python": "3.11", "versions": {"torch": "2"}}, "events": lambda: events,
        "predictions": lambda: predictions, "status": SimpleNamespace(sentence="done: 200 steps in 4 s.", seconds=4.0),
    }  # fmt: skip
    return SimpleNamespace(**{**run, **changes})


def test_images_show_classes_balance_and_first_rows():
    shown = ft.show(ft.read("digits"))
    assert kinds(shown)[-2:] == [BarChart, Gallery]
    assert sum(shown.blocks[-2].values) == 1797
    assert len(set(shown.blocks[-1].groups)) == 10


def test_a_table_shows_its_columns_and_a_number_its_distribution():
    shown = ft.show(ft.read("diabetes"))
    assert kinds(shown)[-1] is Histogram
    assert sum(shown.blocks[-1].counts) == 442
    assert shown.blocks[1].columns["role"].count("target") == 1


def test_an_inspection_keeps_outcomes_apart():
    shown = ft.show(ft.inspect(ft.read("iris")))
    tables = [b for b in shown.blocks if isinstance(b, Table)]
    assert {"passed", "not applicable"} <= set(tables[-2].columns["outcome"])
    assert "exact copies" in shown.text()


def test_a_split_shows_rows_rule_and_classes():
    shown = ft.show(ft.holdout(ft.read("iris")))
    assert [t.value for t in shown.blocks[0].tiles] == ["105", "15", "30"]
    assert shown.blocks[2].columns["train"] == [35, 35, 35]


def test_training_draws_losses_metrics_and_rate():
    charts = [b for b in displays.show_training(make_run()).blocks if isinstance(b, LineChart)]
    assert [c.title for c in charts] == ["Loss", "Validation metrics", "Learning rate"]
    assert [s.name for s in charts[0].series] == ["train", "validation"]
    assert len(charts[0].series[0].x) == POINTS
    assert [s.name for s in charts[1].series] == ["accuracy"]


def test_a_failed_run_says_why_and_how_to_go_on():
    status = SimpleNamespace(sentence="failed: disk full.", seconds=1.0)
    first = displays.show_training(make_run(state="failed", status=status)).blocks[0]
    assert first.level == "error"
    assert first.text == "Failed: disk full. Go on from the last whole checkpoint with: ftkit resume r-1"


def test_a_run_that_has_not_begun_can_be_shown():
    run = make_run(state="queued", metrics=[], environment={}, events=list, predictions=dict)
    assert "No step has been recorded yet." in displays.show_run(run).text()
    assert kinds(displays.show_confusion(run)) == kinds(displays.show_errors(run)) == [Note]


def test_metrics_show_intervals_and_why_one_has_no_value():
    shown = displays.show_metrics(make_run())
    assert kinds(shown) == [BarChart, Table, Note]
    assert "one class" in shown.text()


def test_confusions_are_counted_by_true_class():
    matrix = displays.show_confusion(make_run()).blocks[0]
    assert isinstance(matrix, Heatmap)
    assert matrix.counts == [[2, 0], [1, 1]]


def test_the_surest_error_comes_first():
    table = displays.show_errors(make_run()).blocks[0]
    assert table.columns["row"] == ["r1"]
    assert table.columns["sure"] == ["80%"]


def test_numbers_show_true_against_predicted_and_how_far_off():
    rows = {"row_id": np.array(["a", "b"]), "split": np.array(["test"] * 2)}
    rows |= {"label": np.array([1.0, 2.0]), "prediction": np.array([1.5, 5.0])}
    run = make_run(predictions=lambda: rows)
    assert kinds(displays.show_confusion(run)) == [Scatter, Histogram]
    assert displays.show_errors(run).blocks[0].columns["row"] == ["b", "a"]


@pytest.mark.parametrize("name", ["show_run", "show_training", "show_environment"])
def test_every_part_has_a_text(name):
    assert getattr(displays, name)(make_run()).text()
