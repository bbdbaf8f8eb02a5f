import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ftkit as ft
from ftkit.cli import main
from ftkit.runs import open_validation

SHORT = {"epochs": 3, "threads": 1}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    recipe = {"data": "iris", "split": {"method": "stratified", "folds": 3}, "training": SHORT}
    return ft.cross_validate(recipe, runs=tmp_path_factory.mktemp("runs"), name="cv")


def test_every_fold_is_a_run_and_together_they_hold_every_row(found):
    assert [run.state for run in found.runs] == ["done"] * 3
    told = [run.predictions() for run in found.runs]
    ids = np.concatenate([columns["row_id"][columns["split"] == "test"] for columns in told])
    assert len(set(ids)) == len(ids) == 150
    assert [m["split"] for m in found.metrics if m["name"] == "accuracy"] == ["over folds", "pooled"]


def test_the_interval_is_the_corrected_one(found):
    [row] = [m for m in found.metrics if m["name"] == "accuracy" and m["split"] == "over folds"]
    values = [m["value"] for fold in found.folds for m in fold["metrics"] if m["name"] == "accuracy"]
    spread = np.var(values, ddof=1) * (1 / 3 + 50 / 90)
    assert row["value"] == pytest.approx(np.mean(values))
    assert row["value"] - row["low"] == pytest.approx(4.3027 * spread**0.5, rel=0.01)
    assert row["high"] == min(1.0, row["value"] + 4.3027 * spread**0.5)
    pooled = next(m for m in found.metrics if m["split"] == "pooled")
    assert pooled["n"] == 150


def test_it_is_read_back_and_not_trained_twice(found):
    assert open_validation(found.folder).to_dict() == found.to_dict()
    before = [(run.folder / "metrics.json").stat().st_mtime_ns for run in found.runs]
    recipe = {"data": "iris", "split": {"method": "stratified", "folds": 3}, "training": SHORT}
    ft.cross_validate(recipe, runs=found.folder.parent, name="cv")
    assert before == [(run.folder / "metrics.json").stat().st_mtime_ns for run in found.runs]


def test_it_shows_itself(found):
    shown = ft.show(found)
    assert "over folds" in shown.text()
    assert shown.frame().height == len(found.metrics)


def test_one_fold_must_be_named_to_train_it(tmp_path):
    recipe = {"data": "iris", "split": {"method": "kfold"}, "training": SHORT}
    with pytest.raises(ft.RecipeError, match=r"split\.fold: a run trains one fold of 5"):
        ft.train(recipe, runs=tmp_path)
    with pytest.raises(ft.DataError, match=r"split\.fold is 9"):
        ft.train({**recipe, "split": {"method": "kfold", "fold": 9}}, runs=tmp_path)
    assert not list(tmp_path.iterdir())


def leaking(path):
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=100), ["a", "b"] * 50
    x[80:90] = x[:10]
    pq.write_table(pa.table({"x": x, "y": y, "split": ["train"] * 80 + ["test"] * 20}), path / "rows.parquet")
    recipe = {"data": {"path": str(path / "rows.parquet"), "target": "y", "split": "split"}, "training": SHORT}
    (path / "recipe.yaml").write_text(json.dumps({"version": 1, **recipe}))
    return recipe


def test_a_leak_is_refused_before_anything_is_written_and_recorded_when_allowed(tmp_path, capsys):
    recipe = leaking(tmp_path)
    runs = tmp_path / "runs"
    assert main(["train", str(tmp_path / "recipe.yaml"), "--runs", str(runs)]) == 2
    assert "rows held out are exact copies" in capsys.readouterr().err
    assert not runs.exists()
    run = ft.train({**recipe, "split": {"allow_leak": True}}, runs=runs, process=False)
    assert run.recipe["split"]["allow_leak"] is True
    assert any(event["event"] == "leak" for event in run.events())
    assert "exact copies of train rows" in ft.show_metrics(run).text()


def test_the_command_line_trains_all_folds(tmp_path, capsys):
    recipe = {"version": 1, "data": {"path": "iris"}, "split": {"method": "kfold", "folds": 2}, "training": SHORT}
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    assert main(["train", str(tmp_path / "recipe.yaml"), "--runs", str(tmp_path), "--name", "cv", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.split("\n", 0)[0])
    assert len(told["folds"]) == 2
    assert (tmp_path / "cv" / "report.html").exists()
