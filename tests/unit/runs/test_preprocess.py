"""What a recipe says under ``preprocess`` is what the rows go through; statistics never see validation or test rows."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import ftkit as ft
from ftkit.errors import DataError, RecipeError
from ftkit.runs import prepare

TRAINING = {"epochs": 1}


def train(rows, folder, **keys):
    data = rows if isinstance(rows, (str, dict)) else ft.read(rows, target="y" if "y" in rows else None)
    return ft.train({"data": data, "training": TRAINING, **keys}, runs=folder, process=False)


@pytest.fixture
def people():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"id": [f"p{i}" for i in range(160)], "income": rng.lognormal(10, 1, 160)})
    rows["city"] = rng.choice(["北京", "上海", "广州"], 160)
    rows["born"] = pd.date_range("1980-01-01", periods=160, freq="37D").astype(str)
    rows.loc[::8, "income"] = None
    rows["y"] = rng.choice(["no", "yes"], 160)
    return rows


FORMS = [
    {},
    {"numbers": "power", "categories": "target", "missing": "knn", "dates": "parts"},
    {"numbers": "minmax", "categories": "hash", "missing": "iterative", "dates": "none", "hash_places": 8},
    {"numbers": "robust", "categories": "ordinal", "missing": "constant", "columns": {"income": "log"}},
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.get("numbers", "usual"))
def test_a_run_uses_its_form_and_prediction_the_same(people, tmp_path, form):
    run = train(people, tmp_path, preprocess=form)
    steps = {step["column"]: step for step in run.preprocess["input"]["steps"]}
    assert steps["city"]["kind"] == form.get("categories", "onehot")
    expected = form.get("columns", {}).get("income", form.get("numbers", "zscore"))
    assert steps["income"]["scaler"]["method"] == expected
    assert steps["born"]["method"] == form.get("dates", "cycles")
    judged = run.predictions()
    test = judged["split"] == "test"
    rows = people.set_index("id").loc[judged["row_id"][test]].reset_index()
    told = ft.predict(run, rows.drop(columns="y"))
    np.testing.assert_array_equal(told.columns["p_yes"], judged["p_yes"][test])


def fingerprints(run):
    """What was fitted on the rows: the preprocessing, and the weights."""
    weights = hashlib.sha256((run.folder / "model" / "model.safetensors").read_bytes()).hexdigest()
    return run.preprocess, weights


def planted(people, run):
    """The same rows with other features in all that is not trained on."""
    changed = people.copy()
    held = changed["id"].isin(run.predictions()["row_id"])
    assert 20 < held.sum() < 80
    changed.loc[held, "income"] = 1e9 + np.arange(held.sum())  # no two alike: copies are split together
    changed.loc[held, "city"] = "planted"
    changed.loc[held, "born"] = "2031-07-07"
    return changed


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.get("numbers", "usual"))
def test_statistics_never_see_validation_or_test_rows(people, tmp_path, form):
    first = train(people, tmp_path, preprocess=form)
    assert fingerprints(train(planted(people, first), tmp_path, preprocess=form)) == fingerprints(first)


def test_a_planted_leak_is_caught(people, tmp_path, monkeypatch):
    """The test above must be able to fail: here the encoder is fitted on all rows."""
    honest = prepare._encoder
    whole = {}

    def leaking(recipe, train, labels):
        rows = whole["rows"]
        return honest(recipe, rows, rows.labels)

    monkeypatch.setattr(prepare, "_encoder", leaking)
    whole["rows"] = ft.read(people, target="y")
    first = train(people, tmp_path)
    changed = planted(people, first)
    whole["rows"] = ft.read(changed, target="y")
    assert fingerprints(train(changed, tmp_path))[0] != fingerprints(first)[0]


def test_pixels_of_test_images_do_not_move_the_mean(tmp_path):
    rng = np.random.default_rng(0)
    for k, name in enumerate(("a", "b")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(30):
            pixels = rng.integers(0, 100, (9, 9)) + 80 * k
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "photos" / name / f"{i}.png")
    first = train(str(tmp_path / "photos"), tmp_path)
    for i, row in enumerate(first.predictions()["row_id"]):
        white = np.full((9, 9), 255, np.uint8)
        white[0, 0] = i  # no two alike: copies are split together
        Image.fromarray(white).save(tmp_path / "photos" / row)
    assert fingerprints(train(str(tmp_path / "photos"), tmp_path)) == fingerprints(first)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Images of many sizes and modes in one folder."""
    rng = np.random.default_rng(0)
    root = tmp_path_factory.mktemp("mixed") / "photos"
    modes = ("RGB", "L", "RGBA", "CMYK", "P", "1", "I;16")
    for k, name in enumerate(("a", "b")):
        (root / name).mkdir(parents=True)
        for i in range(21):
            pixels = (rng.integers(0, 120, (20 + 9 * (i % 5), 60 - 7 * (i % 4), 3)) + 100 * k).astype(np.uint8)
            mode = modes[i % len(modes)]
            picture = Image.fromarray(pixels)
            if mode == "I;16":
                picture = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
            picture = picture if mode == "I;16" else picture.convert(mode)
            picture.save(root / name / f"{i}.{'tif' if mode in ('CMYK', 'I;16') else 'png'}")
    return root


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_images_of_different_sizes_and_modes(mixed, tmp_path, resize):
    run = train(str(mixed), tmp_path, preprocess={"resize": resize, "image_size": 32})
    assert run.preprocess["input"]["resize"] == resize
    judged = run.predictions()
    rows = ft.read(mixed)
    place = {row: i for i, row in enumerate(rows.ids)}
    test = judged["split"] == "test"
    told = ft.predict(run, rows.select([place[row] for row in judged["row_id"][test]]))
    np.testing.assert_array_equal(told.columns["p_a"], judged["p_a"][test])
    assert len(ft.predict(run, mixed)) == 42


ODD = {
    "ten rows": {"x": [1.0, 2] * 5, "y": ["a", "b"] * 5},
    "a class of one row": {"x": [1.0, 2, 3] * 7, "y": ["a", "b"] * 10 + ["c"]},
    "a constant column": {"x": [1.0, 2] * 15, "same": [7.5] * 30, "y": ["a", "b"] * 15},
    "an empty column": {"x": [1.0, 2] * 15, "empty": [None] * 30, "y": ["a", "b"] * 15},
    "one category": {"x": [1.0, 2] * 15, "city": ["北京"] * 30, "y": ["a", "b"] * 15},
    "strings among numbers": {
        "x": [1.0, 2] * 15,
        "age": ["3", "4", "5", "3", "4", "5", "3", "4", "5", "x"] * 3,
        "y": ["a", "b"] * 15,
    },
    "infinity": {"x": [1.0, np.inf, -np.inf] * 10, "y": ["a", "b"] * 15},
    "a column of huge numbers": {"x": [1e300, -1e300, 1.0] * 10, "y": ["a", "b"] * 15},
}


@pytest.mark.parametrize("name", ODD)
def test_odd_tables_train_and_predict(tmp_path, name):
    run = train(pd.DataFrame(ODD[name]), tmp_path)
    told = ft.predict(run, pd.DataFrame(ODD[name]).drop(columns="y"))
    assert np.isfinite(told.columns["p_a"]).all()
    notes = " ".join(event.get("message", "") for event in run.events())
    assert ("'age' is read as categories" in notes) == (name == "strings among numbers")
    assert ("'empty'" in notes) == (name == "an empty column")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"numbers": "zscores"}, "preprocess.numbers: 'zscores'; nearest is 'zscore'"),
        ({"columns": {"x": "logg"}}, "x: 'logg' is no step; nearest is 'log'"),
        ({"columns": {"x": ["one"]}}, "is no step"),
        ({"hash_places": 1}, "preprocess.hash_places: 1; asked is at least 2"),
    ],
)
def test_faults_in_a_recipe_are_told(keys, said):
    with pytest.raises(RecipeError) as caught:
        ft.Recipe(data="iris", preprocess=keys)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [({"agee": "log"}, "has no feature 'agee'; nearest is 'age'"), ({"age": "zscore"}, "'x', which is not a number")],
)
def test_columns_that_do_not_fit_are_told(tmp_path, columns, said):
    rows = pd.DataFrame({"x": [1.0, 2] * 15, "age": ["3", "4", "5", "x", "3"] * 6, "y": ["a", "b"] * 15})
    with pytest.raises(DataError, match=said):
        train(rows, tmp_path / "runs", preprocess={"columns": columns})
    assert "zscore" in columns.values() or not (tmp_path / "runs").exists()


def test_the_form_is_in_the_recipe_of_the_run(people, tmp_path):
    form = {"columns": {"city": ["广州", "上海", "北京"], "income": "robust"}}
    run = train(people, tmp_path, preprocess=form)
    assert run.recipe["preprocess"]["columns"] == form["columns"]
