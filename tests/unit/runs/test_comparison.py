import json

import numpy as np
import pytest

import ftkit as ft
from ftkit.cli import main
from ftkit.data.columnar import to_parquet
from ftkit.errors import DataError, RunError
from ftkit.runs.files import write_bytes

CLASSES = ["好", "<b>"]


@pytest.fixture
def make(tmp_path):
    """A run folder as a judged run leaves it."""

    def made(name, share, rows=400, seed=0, labels=None, first=0, runs=tmp_path):
        folder, draw = runs / name, np.random.default_rng(seed)
        folder.mkdir(parents=True)
        labels = np.random.default_rng(1).integers(0, 2, rows) if labels is None else labels
        right = np.random.default_rng(2).random(rows) + 0.1 * draw.normal(size=rows) < share
        p = np.where((np.where(right, labels, 1 - labels) == 1)[:, None], [0.2, 0.8], [0.8, 0.2])
        order = draw.permutation(rows)
        columns = {
            "row_id": np.array([f"r{i + first:04}" for i in range(rows)], object)[order],
            "split": np.full(rows, "test", object),
            "label": np.array(CLASSES, object)[labels][order],
            "prediction": np.array(CLASSES, object)[p.argmax(1)][order],
            **{f"p_{name}": p[order, k] for k, name in enumerate(CLASSES)},
        }
        write_bytes(folder / "predictions.parquet", to_parquet(columns))
        (folder / "recipe.yaml").write_text(
            f"version: 1\ntask: image-classification\nseed: {seed}\nmodel: {{name: {share}}}"
        )
        return ft.Run(folder)

    return made


def test_the_better_run_is_told_whatever_the_order_of_its_rows(make):
    found = ft.compare(make("a", 0.7), make("b", 0.85, seed=3), metrics=["accuracy"])
    [(a, b, one)] = found.pairs
    assert (a, b, one.better, found.rows) == ("a", "b", "b", 400)
    assert found.sentences()[0].startswith("b is better by 9.8 points of accuracy (")
    assert "several seeds" in found.notes[0]


def test_three_runs_are_corrected(make):
    found = ft.compare(
        *(make(name, share, seed=i) for i, (name, share) in enumerate(zip("abc", (0.7, 0.7, 0.9), strict=True)))
    )
    assert len(found.pairs) == 9
    assert any("Holm over 3 pairs" in one.method for _, _, one in found.pairs)


def test_runs_of_one_recipe_are_said_to_be_so(make):
    assert "same but for the seed" in ft.compare(make("a", 0.7, seed=0), make("b", 0.7, seed=1)).notes[0]


def test_recipes_of_several_seeds(make):
    sides = [[make(f"{name}{s}", share, seed=s) for s in range(3)] for name, share in (("a", 0.7), ("b", 0.85))]
    found = ft.compare(*sides, metrics=["accuracy"])
    assert found.pairs[0][2].better == "b"
    assert "seeds (3 and 3 runs)" in found.pairs[0][2].method


def test_other_test_rows_are_refused(make):
    with pytest.raises(DataError, match="different test rows: 400 and 400, of which 390 are the same"):
        ft.compare(make("a", 0.7), make("b", 0.7, first=10))
    with pytest.raises(DataError, match="other labels"):
        ft.compare(make("c", 0.7), make("d", 0.7, labels=np.zeros(400, int)))
    with pytest.raises(DataError, match="at least two"):
        ft.compare(make("e", 0.7))


def test_a_run_that_was_not_judged_is_refused(make, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "recipe.yaml").write_text("version: 1")
    with pytest.raises(RunError, match="no predictions to compare"):
        ft.compare(make("a", 0.7), ft.Run(tmp_path / "x"))


def test_runs_of_one_name_are_told_by_their_folder(make, tmp_path):
    found = ft.compare(make("a", 0.7, runs=tmp_path / "one"), make("a", 0.8, runs=tmp_path / "two", seed=1))
    assert found.names == ("one/a", "two/a")


def test_the_command_line(make, tmp_path, capsys):
    make("a", 0.7), make("b", 0.85, seed=1)
    assert main(["compare", "a", "b", "--metric", "accuracy", "--runs", str(tmp_path)]) == 0
    assert "b is better by" in capsys.readouterr().out
    assert main(["compare", "a", "b", "--json", "--runs", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pairs"][0]["better"] == "b"
    assert main(["compare", "a", "c", "--runs", str(tmp_path)]) == 2
    assert "run 'c' is not in" in capsys.readouterr().err
    assert main(["compare", "a", "b", "--metric", "acuracy", "--runs", str(tmp_path)]) == 2


def test_it_shows_itself(make):
    shown = ft.show(ft.compare(make("a", 0.7), make("b", 0.85, seed=1)))
    assert "b is better by" in shown.text()
    assert "<svg" in shown.html()
    assert shown.frame().height == 3
