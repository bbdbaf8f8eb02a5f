"""Displays of an evaluation: whole, alone, readable without colour, plain through JSON."""

import json

import numpy as np
import pytest

import ftkit as ft
from ftkit.data.columnar import to_parquet
from ftkit.displays import Display, show_calibration, show_curves, show_evaluation, show_stability
from ftkit.evaluate import evaluate, find_drift, over_windows
from ftkit.runs.files import write_bytes

CLASSES = ["<script>alert(1)</script>", "铁锈", "c"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    draw, folder = np.random.default_rng(0), tmp_path_factory.mktemp("runs") / "run"
    folder.mkdir()
    n = 900
    labels = draw.integers(0, 3, n)
    raised = np.exp(3 * (draw.normal(size=(n, 3)) + 1.2 * np.eye(3)[labels]))
    p = raised / raised.sum(axis=1, keepdims=True)
    names = np.array(CLASSES, object)
    split = np.array(["test"] * 600 + ["validation"] * 300, object)
    columns = {"row_id": np.array([f"r{i}" for i in range(n)], object), "split": split, "label": names[labels]}
    columns |= {"prediction": names[p.argmax(1)], **{f"p_{c}": p[:, k] for k, c in enumerate(CLASSES)}}
    write_bytes(folder / "predictions.parquet", to_parquet(columns))
    metrics = evaluate(labels[:600], p[:600], metrics=["accuracy", "f1", "ece"], split="test", classes=CLASSES)
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "recipe.yaml").write_text("version: 1\ntask: image-classification\n")
    return ft.Run(folder)


def test_it_stands_alone(run):
    html = show_evaluation(run).html()
    assert "<script" not in html
    assert "http" not in html.replace("http://www.w3.org", "")
    assert html.count("<svg") >= 5
    assert html.count('role="img"') == html.count("<svg")
    assert "ROC curve" in html
    assert "铁锈" in html


def test_it_survives_json_and_has_every_form(run):
    shown = show_evaluation(run)
    assert Display.from_spec(json.loads(json.dumps(shown.spec()))).blocks == shown.blocks
    assert shown.png().startswith(b"\x89PNG")
    assert shown.frame().height
    assert "Calibration error" in shown.text()


def test_curves_differ_by_more_than_colour_and_say_their_areas(run):
    roc = next(block for block in show_curves(run).blocks if getattr(block, "title", "") == "ROC curve")
    assert all(line.name.split()[-1].startswith("0.") for line in roc.series)
    assert show_curves(run).html().count("stroke-dasharray") >= 2


def test_overconfidence_is_seen_and_the_temperature_that_mends_it_told(run):
    told = show_calibration(run).text()
    assert "It is too sure: a temperature of" in told


def test_numbers_have_no_curves(tmp_path):
    y = np.arange(9.0)
    columns = {"row_id": np.array([str(i) for i in range(9)], object), "split": np.full(9, "test", object)}
    write_bytes(tmp_path / "predictions.parquet", to_parquet(columns | {"label": y, "prediction": y + 1}))
    (tmp_path / "metrics.json").write_text(json.dumps(evaluate(y, y + 1, metrics=["mae"], split="test")))
    (tmp_path / "recipe.yaml").write_text("version: 1\ntask: tabular-regression\n")
    shown = show_evaluation(ft.Run(tmp_path))
    assert "no probabilities" in shown.text()
    assert "Predicted against true" in shown.html()


def test_alarms_are_words():
    right = np.r_[np.ones(300), np.zeros(100)]
    p = np.where(right[:, None] == 1, [0.9, 0.1], [0.1, 0.9])
    windows = over_windows(np.zeros(400, int), p, np.arange(400.0), "accuracy", windows=4)
    draw = np.random.default_rng(0)
    drift = find_drift({"x": draw.normal(size=200)}, {"x": draw.normal(2, 1, 200)}, permutations=99)
    told = show_stability(windows, drift, "accuracy").text()
    assert "Alarm: accuracy is worse than the reference in 1 window: 4." in told
    assert "Moved: x (PSI" in told
