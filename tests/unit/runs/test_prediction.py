"""A run's model on other rows: the same numbers as when it was judged, and clear words where rows do not fit."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import ftkit as ft
from ftkit.cli import main
from ftkit.data.columnar import read_parquet
from ftkit.errors import DataError, RecipeError, RunError

QUICK = {"training": {"epochs": 2}}


@pytest.fixture(scope="module")
def leaves(tmp_path_factory):
    """Three classes of pictures of different sizes and modes, some of them broken."""
    rng = np.random.default_rng(0)
    root = tmp_path_factory.mktemp("data") / "树叶"
    for k, name in enumerate(("健康", "锈病", "枯萎")):
        (root / name).mkdir(parents=True)
        for i in range(16):
            side = 20 + 7 * (i % 3)
            pixels = rng.integers(0, 90, (side, side + i, 3)) + 60 * k
            picture = Image.fromarray(pixels.astype(np.uint8)).convert(("RGB", "L", "CMYK")[i % 3])
            picture.save(root / name / f"{i}.jpg")
        (root / name / "broken.jpg").write_bytes(b"\xff\xd8 not whole")
    return root


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"年龄": rng.normal(40, 9, 300), "城市": rng.choice(["北京", "上海", "广州"], 300)})
    rows.loc[::9, "年龄"] = None
    rows.loc[::7, "城市"] = None
    rows["等级"] = np.where(rows["年龄"].fillna(40) > 40, "高", "低")
    return rows


def trained(tmp_path_factory, data, **keys):
    return ft.train({"data": data, **QUICK, **keys}, runs=tmp_path_factory.mktemp("runs"), process=False)


@pytest.fixture(scope="module")
def runs(tmp_path_factory, leaves, people):
    """Finished runs by kind, each with the rows it was trained on."""
    table, iris = ft.read(people, target="等级"), ft.read("iris")
    made = {"leaves": ft.read(leaves), "digits": ft.read("digits"), "people": table, "iris": iris}
    made |= {"diabetes": ft.read("diabetes")}
    return {name: (trained(tmp_path_factory, rows), rows) for name, rows in made.items()}


@pytest.mark.parametrize("name", ["leaves", "digits", "people", "iris", "diabetes"])
def test_test_rows_are_predicted_bit_for_bit_as_they_were_judged(runs, name):
    run, rows = runs[name]
    judged = run.predictions()
    test = judged["split"] == "test"
    place = {row: i for i, row in enumerate(rows.ids)}
    told = ft.predict(run, rows.select([place[row] for row in judged["row_id"][test]]))
    assert set(told.columns) == set(judged) - {"split", "label"}
    for column, values in told.columns.items():
        np.testing.assert_array_equal(values, judged[column][test], err_msg=column)


@pytest.mark.parametrize("name", ["leaves", "people", "diabetes"])
def test_rows_alone_are_predicted_as_among_others(runs, name):
    run, rows = runs[name]
    whole = ft.predict(run, rows)
    last = next(column for column in reversed(whole.columns))
    for i in (0, 3, 5):
        alone = ft.predict(run, rows[i : i + 1])
        assert alone.columns["row_id"][0] == whole.columns["row_id"][i]
        np.testing.assert_allclose(alone.columns[last][0], whole.columns[last][i], rtol=1e-4, atol=1e-6)


def test_any_number_of_rows_at_once_gives_the_same(runs, monkeypatch):
    from ftkit.runs import inputs

    run, rows = runs["people"]
    many = rows.select(np.arange(1500) % len(rows))
    whole = ft.predict(run, many).columns
    monkeypatch.setattr(inputs, "AT_ONCE", 1)
    for column, values in ft.predict(run, many).columns.items():
        np.testing.assert_array_equal(values, whole[column])


def test_unreadable_images_are_counted_and_named(runs, leaves):
    run, rows = runs["leaves"]
    told = ft.predict(run, leaves)
    assert len(told) == len(rows) - 3
    assert set(told.skipped) == {f"{name}/broken.jpg" for name in ("健康", "锈病", "枯萎")}
    assert told.classes == ("健康", "枯萎", "锈病")
    assert set(told.columns["prediction"]) <= set(told.classes)
    assert "3 skipped" in repr(told)


def test_a_target_is_not_needed(runs, people, leaves, tmp_path):
    run, rows = runs["people"]
    told = ft.predict(run, people.drop(columns="等级"))
    np.testing.assert_array_equal(told.columns["p_高"], ft.predict(run, rows).columns["p_高"])
    flat = tmp_path / "new"
    flat.mkdir()
    for path in (leaves / "锈病").glob("?.jpg"):
        (flat / path.name).write_bytes(path.read_bytes())
    assert len(ft.predict(runs["leaves"][0], flat)) == 10


def test_probabilities_sum_to_one(runs):
    told = ft.predict(runs["leaves"][0], runs["leaves"][1])
    np.testing.assert_allclose(sum(told.columns[f"p_{name}"] for name in told.classes), 1)


def test_a_table_is_read_as_the_run_s_own_was(tmp_path):
    lines = [f"{i % 7};{'?' if i % 5 == 0 else i % 3};{'ab'[i % 2]}" for i in range(60)]
    (tmp_path / "train.csv").write_text("\n".join(lines))
    told = {"path": str(tmp_path / "train.csv"), "target": "column_3", "header": False, "separator": ";"}
    run = ft.train({"data": told, **QUICK}, runs=tmp_path, process=False)
    (tmp_path / "new.csv").write_text("\n".join(line[:-2] for line in lines[:12]))
    assert len(ft.predict(run, tmp_path / "new.csv")) == 12


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="年龄"), "lacks 1 of the columns .* '年龄'"),
        (lambda t: t.rename(columns={"年龄": "年紀", "城市": "x"}), "lacks 2 of the columns"),
        (lambda t: t.assign(年龄="老"), "column '年龄' holds '老', which is not a number"),
        (lambda t: t[:0], "there is nothing to read"),
    ],
)
def test_rows_that_do_not_fit_are_told(runs, people, change, said):
    with pytest.raises(DataError, match=said):
        ft.predict(runs["people"][0], change(people))


def test_rows_of_another_kind_are_told(runs, people, leaves):
    with pytest.raises(DataError, match="holds no images, which run '树叶-resnet-1' reads"):
        ft.predict(runs["leaves"][0], people)
    with pytest.raises(DataError, match="lacks 2 of the columns"):
        ft.predict(runs["people"][0], leaves)
    with pytest.raises(DataError, match="there is no row to predict"):
        ft.predict(runs["people"][0], runs["people"][1][:0])


def test_a_run_without_a_model_is_told(tmp_path, runs):
    with pytest.raises(RunError, match="is not in"):
        ft.predict("nothing", "iris", runs=tmp_path)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "events.jsonl").write_text("")
    with pytest.raises(RunError, match="has no model to predict with"):
        ft.predict("new", "iris", runs=tmp_path)


def test_images_that_are_all_broken_are_told(runs, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"nothing")
    with pytest.raises(DataError, match="none of the 1 rows can be read"):
        ft.predict(runs["leaves"][0], tmp_path)


def test_the_command_line(runs, leaves, tmp_path, capsys):
    run, out = runs["leaves"][0], tmp_path / "out.parquet"
    assert main(["predict", str(run.folder), str(leaves), "-o", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "48 rows predicted by" in shown
    assert "3 rows cannot be read" in shown
    assert "健康/broken.jpg" in shown
    assert len(read_parquet(out)["row_id"]) == 48
    assert main(["predict", run.name, str(leaves), "--runs", str(run.folder.parent), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["rows"]) == 48
    assert set(told["rows"][0]["probabilities"]) == {"健康", "枯萎", "锈病"}
    assert len(told["skipped"]) == 3
    assert main(["predict", str(runs["diabetes"][0].folder), "diabetes"]) == 0
    assert "442 rows predicted by" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["predict", "none", "iris"], "run 'none' is not in"),
        (["predict", "RUN", "nowhere"], "there is no such file or folder"),
        (["predict", "RUN", "wine"], "lacks 4 of the columns"),
        (["predict", "RUN", "iris", "-o", "/nowhere/out.parquet"], "there is no folder /nowhere"),
    ],
)
def test_bad_input_is_one_line(runs, words, said, capsys):
    folder = str(runs["iris"][0].folder)
    assert main([folder if word == "RUN" else word for word in words]) == 2
    assert said in capsys.readouterr().err


@pytest.fixture(scope="module")
def augmented(tmp_path_factory):
    keys = {"augment": [{"rotate": {"degrees": 10}}, "noise", "mix_up"], "training": {"epochs": 2, "tta": 3}}
    return trained(tmp_path_factory, ft.read("digits"), **keys)


def test_augmentations_are_averaged_and_always_the_same(augmented):
    rows = ft.read("digits")[:40]
    plain, several = (ft.predict(augmented, rows, times=times) for times in (0, 4))
    again = ft.predict(augmented, rows.select(np.arange(39, -1, -1)), times=4)
    for name in several.columns:
        assert (several.columns[name] == again.columns[name][::-1]).all(), name
    probabilities = np.stack([several.columns[f"p_{k}"] for k in range(10)])
    np.testing.assert_allclose(probabilities.sum(axis=0), 1, rtol=0, atol=1e-12)
    assert 1e-4 < abs(probabilities - np.stack([plain.columns[f"p_{k}"] for k in range(10)])).mean() < 0.1


def test_steps_that_change_nothing_average_to_the_plain_answer(augmented):
    rows = ft.read("digits")[:20]
    one, two = (ft.predict(augmented, rows, times=times).columns["p_3"] for times in (1, 2))
    assert not np.allclose(one, two)
    still = [ft.predict(augmented, rows, augment=["resample"], times=times).columns["p_3"] for times in (1, 5)]
    np.testing.assert_allclose(*still, rtol=1e-12)
    np.testing.assert_allclose(still[0], ft.predict(augmented, rows, times=0).columns["p_3"], rtol=1e-9)


def test_a_run_judged_by_a_mean_predicts_by_it(augmented):
    judged = augmented.predictions()
    test, rows = judged["split"] == "test", ft.read("digits")
    place = {row: i for i, row in enumerate(rows.ids)}
    told = ft.predict(augmented, rows.select([place[row] for row in judged["row_id"][test]]))
    for name, values in told.columns.items():
        np.testing.assert_array_equal(values, judged[name][test], err_msg=name)


def test_augmentations_that_cannot_be_drawn_are_said(runs, augmented):
    rows = ft.read("digits")[:4]
    for given, said in (
        ({"times": 1.5}, "whole number"),
        ({"times": -1}, "whole number"),
        ({"augment": ["flip"], "times": 0}, "is not said how often"),
        ({"augment": ["flipp"], "times": 2}, "nearest is 'flip'"),
    ):
        with pytest.raises(RecipeError, match=said):
            ft.predict(augmented, rows, **given)
    with pytest.raises(RecipeError, match="trained without augmentations"):
        ft.predict(runs["digits"][0], rows, times=4)
    with pytest.raises(RecipeError, match="changes image rows, these are tabular rows"):
        ft.predict(runs["iris"][0], "iris", augment=["flip"], times=4)
    with pytest.raises(RecipeError, match=r"training.tta: averages over augmentations"):
        ft.Recipe(data="digits", training={"tta": 4})


def test_the_command_line_averages_too(augmented, capsys):
    arguments = ["predict", augmented.name, "digits", "--runs", str(augmented.folder.parent), "--json", "--tta"]
    told = []
    for times in ("0", "4"):
        assert main([*arguments, times]) == 0
        told.append(json.loads(capsys.readouterr().out)["rows"][0]["probabilities"]["3"])
    assert told[0] != told[1]
    assert main([*arguments, "-2"]) == 2
