"""Nested folds: what is chosen never saw what judges it."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.runs import open_validation
from ftkit.runs.run import Run
from ftkit.runs.splits import splits_of

GRID = {"learning_rate": [1e-6, 0.01]}
RECIPE = {
    "data": "iris",
    "split": {"method": "nested", "folds": 3, "inner": 2, "grid": GRID},
    "training": {"epochs": 4, "threads": 1},
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return ft.cross_validate(RECIPE, runs=tmp_path_factory.mktemp("runs"), name="cv")


def test_every_fold_chooses_by_inner_folds_and_is_trained_with_what_was_chosen(found):
    assert found.method == "nested, stratified"
    for fold, run in zip(found.folds, found.runs, strict=True):
        # A network that does not move is worse than one that learns.
        assert fold["chosen"] == {"learning_rate": 0.01}
        assert run.recipe["training"]["learning_rate"] == 0.01
        means = [one["mean"] for one in fold["tried"]]
        assert means[1] == max(means) == pytest.approx(np.mean(fold["tried"][1]["inner"]))
    assert {m["split"] for m in found.metrics} == {"over folds", "pooled"}
    assert next(m for m in found.metrics if m["split"] == "pooled")["n"] == 150


def test_inner_runs_never_saw_the_rows_that_judge(found):
    for number, run in enumerate(found.runs, 1):
        told = run.predictions()
        judged = set(told["row_id"][told["split"] == "test"])
        inner = [Run(p) for p in (found.folder / "inner").glob(f"fold-{number}-*")]
        assert len(inner) == 4
        for one in inner:
            assert not judged & set(one.predictions()["row_id"])


def test_it_is_read_back_shown_and_not_trained_twice(found):
    assert open_validation(found.folder).to_dict() == found.to_dict()
    before = [p.stat().st_mtime_ns for p in sorted(found.folder.rglob("metrics.json"))]
    ft.cross_validate(RECIPE, runs=found.folder.parent, name="cv")
    assert before == [p.stat().st_mtime_ns for p in sorted(found.folder.rglob("metrics.json"))]
    assert "learning_rate 0.01" in ft.show(found).text()


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ({"method": "nested"}, r"split\.grid: nested folds choose among values"),
        ({"method": "kfold", "grid": GRID}, r"split\.grid: belongs to method: nested only"),
        ({"method": "nested", "grid": {"learning_rat": [1]}}, r"learning_rat: cannot be chosen; nearest is 'learning_rate'"),
        ({"method": "nested", "grid": {"epochs": []}}, r"split\.grid\.epochs: \[\] is no list of values"),
        ({"method": "nested", "grid": GRID, "fold": 1, "inner_fold": 4}, r"split\.inner_fold: is 4; there are 3"),
    ],
)  # fmt: skip
def test_faults_are_told(split, said):
    with pytest.raises(ft.RecipeError, match=said):
        ft.Recipe(data="iris", split=split)


def test_a_value_no_recipe_may_have_is_told_before_anything_is_written(tmp_path):
    recipe = RECIPE | {"split": RECIPE["split"] | {"grid": {"epochs": [2, "many"]}}}
    with pytest.raises(ft.RecipeError, match=r"training\.epochs"):
        ft.cross_validate(recipe, runs=tmp_path)
    assert not list(tmp_path.iterdir())


def test_groups_and_time_stay_on_their_side():
    rng = np.random.default_rng(0)
    rows = {"x": rng.normal(size=60), "y": ["a", "b"] * 30, "who": [f"p{i // 5}" for i in range(60)]}
    view = ft.read(rows, target="y", group="who")
    recipe = ft.Recipe(data=view, split=RECIPE["split"])
    inner = recipe.replace(split={"inner_fold": 1})
    for outside, inside in zip(splits_of(recipe, view), splits_of(inner, view), strict=True):
        assert not set(outside.train.group) & set(outside.test.group)
        assert not set(inside.train.group) & set(inside.test.group)
        assert not set(inside.test.ids) & set(outside.test.ids)
    dated = ft.read(rows | {"when": np.arange(60.0)}, target="y", time="when")
    recipe = ft.Recipe(data=dated, split=RECIPE["split"])
    assert all(s.train.numbers("when").max() < s.test.numbers("when").min() for s in splits_of(recipe, dated))
