"""What stands behind the augment panel: the recipe it writes, what it shows, and what it tries."""

from __future__ import annotations

import pytest

import ftkit as ft
from ftkit.augment import Flip, Noise, Rotate, parse
from ftkit.errors import DataError, RecipeError
from ftkit.panels.recipe_book import open_recipe_book
from ftkit.recipe import read_recipe


@pytest.fixture(scope="module")
def digits():
    return ft.read("digits")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "recipe.yaml"


def ask(panel, name, **args):
    return panel._answer({"ask": name, "args": args})


def chosen(*steps):
    return [{"name": name, "parameters": parameters} for name, parameters in steps]


def test_what_is_written_is_a_recipe_that_can_be_trained(digits, path):
    panel = ft.AugmentPanel(digits, path)
    told, _ = ask(panel, "write", steps=chosen(("rotate", {"degrees": 7}), ("flip", {})))
    recipe = read_recipe(path)
    assert parse(recipe.augment) == (Rotate(7), Flip())
    assert (recipe.data.path, recipe.task) == ("digits", "image-classification")
    assert told["steps"][0] == {"name": "rotate", "parameters": {"degrees": 7.0, "p": 1.0}}
    made = {}
    exec(panel.code(), {"ft": ft, "rows": digits}, made)
    assert made["recipe"].augment == recipe.augment


def test_undo_and_redo_go_through_the_gestures(digits, path):
    panel = ft.AugmentPanel(digits, path)
    for degrees in (5, 10, 20):
        ask(panel, "write", steps=chosen(("rotate", {"degrees": degrees})))
    assert ask(panel, "undo")[0]["steps"][0]["parameters"]["degrees"] == 10
    assert ask(panel, "undo")[0]["undo"]
    assert ask(panel, "redo")[0]["redo"]
    told, _ = ask(panel, "write", steps=[])
    assert not told["redo"]
    assert read_recipe(path).augment == []
    for _ in range(9):
        ask(panel, "undo")
    assert ask(panel, "steps")[0]["steps"] == []


def test_a_recipe_is_shown_and_its_file_written(digits, path):
    path.write_text("version: 1\ndata: digits\n# why: 数字\naugment: [noise]\nseed: 3\n")
    panel = ft.AugmentPanel(path)
    assert panel.steps == (Noise(),)
    ask(panel, "write", steps=chosen(("flip", {"direction": "vertical"})))
    assert "# why: 数字" in path.read_text()
    assert read_recipe(path).seed == 3
    assert panel.code() == "recipe = recipe.replace(augment=[ft.augment.Flip(direction='vertical', p=0.5)])"


def test_the_steps_of_a_recipe_are_what_its_file_begins_with(path):
    panel = ft.AugmentPanel(ft.Recipe(data="iris", augment=[ft.augment.Jitter(0.1)], seed=4), path)
    assert [step["name"] for step in ask(panel, "steps")[0]["steps"]] == ["jitter"]
    assert not path.exists()
    ask(panel, "write", steps=chosen(("jitter", {"std": 0.2})))
    assert read_recipe(path).seed == 4


def test_two_panels_of_one_file_are_in_step_and_others_are_heard(digits, path):
    one, two = ft.AugmentPanel(digits, path), ft.AugmentPanel(digits, path)
    ask(one, "write", steps=chosen(("flip", {})))
    assert (two.written, two.steps) == (1, (Flip(),))
    path.write_text(path.read_text().replace("horizontal", "vertical"))
    assert one.steps == (Flip("vertical"),)
    assert not ask(one, "steps")[0]["undo"]  # what somebody else wrote is not undone here


def test_a_book_is_shared_and_kept_by_nobody(path):
    book = open_recipe_book(path)
    assert open_recipe_book(path) is book
    assert not book.undo()


def test_rows_without_a_file_get_a_recipe_of_steps_alone(path):
    view = ft.read({"a": [1.0, 2.0] * 20, "y": ["u", "v"] * 20}, target="y")
    ask(ft.AugmentPanel(view, path), "write", steps=chosen(("jitter", {})))
    assert "data" not in path.read_text()
    assert "jitter" in path.read_text()


def test_what_is_shown_are_the_drawn_rows(digits, path):
    panel = ft.AugmentPanel(digits, path)
    steps = chosen(("rotate", {"degrees": 30}), ("noise", {}))
    told, pictures = ask(panel, "preview", steps=steps, seed=0, sample=0)
    again = ask(panel, "preview", steps=steps, seed=0, sample=0)[1]
    other = ask(panel, "preview", steps=steps, seed=4, sample=0)[1]
    assert [block["type"] for block in told["blocks"]] == ["gallery", "gallery"]
    assert told["blocks"][1]["first"] == 20
    assert len(pictures) == 20 + 2 * 6
    assert pictures == again
    assert pictures[0] == other[0]
    assert pictures[1:5] != other[1:5]
    assert ask(panel, "preview", steps=[], seed=0, sample=0)[0]["blocks"] == []


@pytest.mark.parametrize("kind", ["image", "tabular", "text", "series", "chat"])
def test_every_offered_step_of_every_kind_can_be_shown(kind, path, digits):
    talk = [{"role": "user", "content": "好吃吗"}, {"role": "assistant", "content": "yes, very good"}]
    texts = [f"第{i}家 very good food, please come again" for i in range(12)]
    rows = {
        "image": lambda: digits,
        "tabular": lambda: ft.read("iris"),
        "text": lambda: ft.read({"text": texts, "label": ["a", "b"] * 6}, target="label", task="text-classification"),
        "series": lambda: ft.read(
            {"time": [f"2024-01-{d:02d}" for d in range(1, 31)], "load": list(range(30))},
            time="time", target="load", task="time-series-forecasting",
        ),
        "chat": lambda: ft.read({"messages": [talk] * 6}, task="text-generation"),
    }  # fmt: skip
    panel = ft.AugmentPanel(rows[kind](), path)
    kit, _ = ask(panel, "kit")
    assert kit["kind"] == kind
    for step in kit["steps"]:
        if not step["offered"]:
            continue
        assert step["does"]
        assert {field["name"] for field in step["fields"]} == set(step["parameters"])
        told, _ = ask(panel, "preview", steps=chosen((step["name"], step["parameters"])), seed=0, sample=1)
        assert told["blocks"], step["name"]


def test_distances_are_those_of_the_steps_that_were_asked_last(path):
    panel = ft.AugmentPanel(ft.read("iris"), path)
    few, many = (chosen(("jitter", {"std": std})) for std in (0.01, 1.0))

    def far(steps):
        while (told := ask(panel, "distance", steps=steps)[0])["state"] == "working":
            pass
        return told["blocks"][0]["series"][0]["y"][2]

    assert far(few) < far(many)
    assert far(few) < far(many)


def test_trials_are_told_one_by_one(path):
    panel = ft.AugmentPanel(ft.read("iris"), path)
    assert ask(panel, "suggest")[0]["state"] == "idle"
    ask(panel, "suggest", begin=True)
    panel._trials.wait()
    told, _ = ask(panel, "suggest")
    assert told["state"] == "done"
    assert 0 < told["done"] <= told["of"]
    assert len(told["trials"]) == sum(len(trial.steps) == 1 for trial in panel._trials.result.trials)
    assert {trial["step"]["name"] for trial in told["trials"]} == {"jitter", "feature_dropout"}
    assert sum(trial["suggested"] for trial in told["trials"]) == len(panel._trials.result)
    for trial in told["trials"]:
        assert trial["low"] <= trial["value"] <= trial["high"]
    assert "agreement" in panel.twin().text()


def test_rows_without_labels_are_told_in_the_panel(path):
    panel = ft.AugmentPanel(ft.read({"a": [1.0, 2.0] * 20}), path)
    ask(panel, "suggest", begin=True)
    panel._trials.wait()
    assert "no augmentation can be suggested" in ask(panel, "suggest")[0]["error"]


def test_its_output_is_small(digits, path, monkeypatch):
    monkeypatch.setenv("FTKIT_LIVE", "1")
    monkeypatch.setattr("ftkit.panels.panel.has_extension", lambda: True)
    monkeypatch.setattr("ftkit.panels.panel.built", lambda name: f"// {name}")
    panel = ft.AugmentPanel(digits, path)
    ask(panel, "write", steps=chosen(("rotate", {}), ("noise", {}), ("color", {})))
    (bundle,) = panel.bundles()
    assert sum(len(str(value)) for value in bundle.values()) < 100_000
    assert "rotate" in bundle["text/html"]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([("rotat", {})], "there is no step 'rotat'; nearest is 'rotate'"),
        ([("rotate", {"degrees": 999})], "999 is outside 0 to 180 degrees"),
        ([("jitter", {})], "'jitter' changes tabular and series rows, these are image rows"),
    ],
)
def test_a_wrong_step_is_told_and_nothing_written(digits, path, steps, said):
    with pytest.raises(RecipeError, match=said):
        ask(ft.AugmentPanel(digits, path), "write", steps=chosen(*steps))
    assert not path.exists()


def test_what_cannot_be_shown_is_told(digits, path):
    with pytest.raises(DataError, match="shows rows or a recipe, not int"):
        ft.AugmentPanel(3)
    path.write_text("version: 1\naugment: [homophones]\n")
    with pytest.raises(RecipeError, match="'homophones' changes text rows"):
        ft.AugmentPanel(digits, path)
    with pytest.raises(RecipeError, match="cannot be read"):
        ft.AugmentPanel("no-such.yaml")
