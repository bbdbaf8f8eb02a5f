"""The templates, from the command line to the report."""

import json

import pytest

from ftkit.runs import Run

pytestmark = pytest.mark.e2e


def test_images(ftkit, tmp_path):
    done = ftkit("run", "finetune-image", "-p", "data", "digits", "-p", "epochs", "4", "--name", "手写", "--json")
    told = json.loads(done.stdout)
    assert told["state"] == "done"
    run = Run(tmp_path / "runs" / "手写")
    accuracy = next(m for m in run.metrics if (m["name"], m["split"]) == ("accuracy", "test"))
    assert accuracy["low"] > 0.9
    report = (run.folder / "report.html").read_text(encoding="utf-8")
    assert report.count("<svg") >= 6
    assert "Fine-tune an image classifier" in report
    notebook = json.loads((run.folder / "notebook.ipynb").read_text())
    assert "widgets" not in notebook["metadata"]
    assert "手写" in ftkit("runs").stdout
    assert "accuracy" in ftkit("show", "手写").stdout
    again = ftkit("report", "手写", "-o", "again.html").stdout.strip()
    assert again.endswith("again.html")
    assert (tmp_path / "again.html").stat().st_size > 100_000


def test_tables(ftkit, tmp_path):
    ftkit("run", "finetune-tabular", "-p", "epochs", "5", "--name", "t")
    run = Run(tmp_path / "runs" / "t")
    assert run.recipe["task"] == "tabular-classification"
    assert next(m for m in run.metrics if m["name"] == "roc_auc")["value"] > 0.95
    assert (run.folder / "report.html").exists()


def test_regression(ftkit, tmp_path):
    ftkit("run", "finetune-tabular", "-p", "data", "diabetes", "-p", "epochs", "5", "--name", "t")
    assert {m["name"] for m in Run(tmp_path / "runs" / "t").metrics} == {"r2", "mae", "mse"}


def test_series(ftkit, tmp_path):
    ftkit("run", "finetune-series", "-p", "epochs", "3", "--name", "t")
    run = Run(tmp_path / "runs" / "t")
    assert run.recipe["task"] == "time-series-forecasting"
    assert {m["name"] for m in run.metrics} == {"mase", "mae", "smape"}
    assert "MASE by steps ahead" in (run.folder / "report.html").read_text(encoding="utf-8")


def test_without_a_notebook(ftkit, tmp_path):
    (tmp_path / "recipe.yaml").write_text("data: iris\ntraining: {epochs: 5}\n")
    ftkit("train", "recipe.yaml", "--name", "plain")
    folder = tmp_path / "runs" / "plain"
    assert not (folder / "notebook.ipynb").exists()
    assert (folder / "report.html").read_text().count("<svg") >= 3


def test_parameters_from_a_file_give_way_to_the_command_line(ftkit, tmp_path):
    (tmp_path / "p.yaml").write_text("data: iris\nepochs: 9\nlearning_rate: 1e-3\n")
    ftkit("run", "finetune-tabular", "-f", "p.yaml", "-p", "epochs", "2", "--name", "t")
    recipe = Run(tmp_path / "runs" / "t").recipe
    assert (recipe["data"]["path"], recipe["training"]["epochs"], recipe["training"]["learning_rate"]) == (
        "iris",
        2,
        1e-3,
    )


def test_a_folder_of_real_photographs_with_bad_ones_among_them(ftkit, tmp_path, shared):
    import tarfile

    with tarfile.open(shared / "images-flowers5" / "flowers5.tar") as tar:
        tar.extractall(tmp_path, filter="data")
    photos = tmp_path / "flowers5"
    (photos / "daisy").rename(photos / "雏菊")
    (photos / "rose" / "text.jpg").write_text("not a picture")
    (photos / "rose" / "empty.jpg").write_bytes(b"")
    whole = next((photos / "tulip").glob("*.jpg")).read_bytes()
    (photos / "tulip" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    ftkit(
        "run", "finetune-image", "-p", "data", "flowers5", "-p", "epochs", "1", "-p", "image_size", "32", "--name", "f"
    )
    run = Run(tmp_path / "runs" / "f")
    skipped = next(event for event in run.events() if event["event"] == "skipped")["rows"]
    assert set(skipped) == {"rose/text.jpg", "rose/empty.jpg", "tulip/cut.jpg"}
    assert "雏菊" in (run.folder / "report.html").read_text(encoding="utf-8")
    found = json.loads(ftkit("inspect", "flowers5", "--json").stdout)
    unreadable = next(f for f in found["findings"] if f["code"] == "IMG101")
    assert set(unreadable["rows"]) == set(skipped)
    duplicates = next(f for f in found["findings"] if f["code"] == "DUP101")
    assert len(duplicates["rows"]) >= 2
