"""Recipes: short forms, the round trip through YAML, and all faults at once."""

import pytest

import ftkit as ft
from ftkit.errors import RecipeError
from ftkit.recipe import Recipe, read_recipe


def faults(**keys):
    with pytest.raises(RecipeError) as caught:
        Recipe(**{"data": "digits"} | keys)
    return caught.value.faults


def test_the_example_of_the_design_is_valid(tmp_path):
    (tmp_path / "recipe.yaml").write_text(
        "version: 1\ntask: image-classification\ndata: {path: photos/, target: label}\nedits: edits.jsonl\n"
        "split: {method: holdout, validation: 0.1, test: 0.2, stratify: true, group: plant}\n"
        "augment: [{rotate: {degrees: 15}}, {flip: {direction: horizontal}}, {noise: {std: 0.02}}]\n"
        "model: {name: resnet-18, weights: microsoft/resnet-18, freeze: backbone}\n"
        "training: {epochs: 10, batch_size: auto, learning_rate: 3.0e-4, schedule: cosine, warmup: 0.05,\n"
        "           optimizer: adamw, weight_decay: 0.01, l1: 0.0, dropout: 0.1, precision: auto}\n"
        "metrics: [accuracy, f1_macro, roc_auc]\nseed: 7\n"
    )
    recipe = read_recipe(tmp_path / "recipe.yaml")
    assert recipe.training.learning_rate == 3e-4
    assert recipe.split.group == "plant"


def test_short_forms_are_the_long_ones():
    short = Recipe(data="digits", model="resnet-18", augment=["noise", ft.augment.Rotate(15)])
    long = Recipe(
        data={"path": "digits"}, model={"name": "resnet-18"}, augment=[{"noise": {}}, {"rotate": {"degrees": 15}}]
    )
    assert short.to_dict() == long.to_dict()


@pytest.mark.parametrize("whole", [True, False])
def test_yaml_gives_the_same_recipe_back(tmp_path, whole):
    recipe = Recipe(
        data={"path": "照片/", "target": "类别"}, augment=["flip"], training={"learning_rate": 1e-4}, seed=3
    )
    (tmp_path / "recipe.yaml").write_text(recipe.to_yaml(whole=whole), encoding="utf-8")
    assert read_recipe(tmp_path / "recipe.yaml").to_dict() == recipe.to_dict()
    assert "照片/" in recipe.to_yaml()


def test_all_faults_are_told_at_once():
    told = faults(
        task="image-clasification",
        model={"nam": "resnet"},
        training={"epochs": "abc", "learning_rate": -1, "warmup": 1},
        metrics=["acuracy"],
        augment=[{"rotat": {}}],
        split={"test": 1.5},
        seeed=1,
    )
    text = "\n".join(told)
    assert len(told) == 9
    for words in (
        "task: 'image-clasification' is not known; nearest is 'image-classification'",
        "model.nam: is not a key; nearest is 'name'",
        "training.epochs: 'abc'; asked is a whole number",
        "training.learning_rate: -1; asked is 'auto' or more than 0",
        "training.warmup: 1; asked is 'auto' or less than 1",
        "metrics: 'acuracy' is not known; nearest is 'accuracy'",
        "augment[0]: there is no step 'rotat'; nearest is 'rotate'",
        "split.test: 1.5; asked is less than 1",
        "seeed: is not a key; nearest is 'seed'",
    ):
        assert words in text


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "1e-3"])
def test_a_learning_rate_is_a_positive_number(value):
    assert "training.learning_rate" in faults(training={"learning_rate": value})[0]


@pytest.mark.parametrize(
    ("value", "fine"), [(3, True), (3.0, True), (3.5, False), ("3", False), (True, False), (0, False)]
)
def test_epochs_are_a_whole_number(value, fine):
    if fine:
        assert Recipe(data="digits", training={"epochs": value}).training.epochs == 3
    else:
        assert "training.epochs" in faults(training={"epochs": value})[0]


def test_a_task_that_cannot_be_trained_is_said():
    assert "cannot be trained by this version; it can train" in faults(task="text-generation")[0]


def test_model_and_metrics_must_fit_the_task():
    told = faults(task="tabular-regression", model="resnet", metrics=["accuracy"])
    assert "'accuracy' does not judge tabular-regression" in told[0]
    assert "model 'resnet' reads image rows, but tabular-regression has tabular rows" in told[1]


def test_data_is_required():
    with pytest.raises(RecipeError, match=r"data.path: is required"):
        Recipe(task="image-classification")


def test_a_file_s_faults_say_the_file(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text("data: digits\ntraining: {epochs: 3, epochs: 4}\n")
    with pytest.raises(RecipeError, match=r"r.yaml: line 2: key 'epochs' stands twice"):
        read_recipe(path)
    path.write_text("data: [digits\n")
    with pytest.raises(RecipeError, match=r"line 2, column 1: not valid YAML"):
        read_recipe(path)
    path.write_text("digits")
    with pytest.raises(RecipeError, match="a recipe is keys and values"):
        read_recipe(path)
    with pytest.raises(RecipeError, match="cannot be read: No such file"):
        read_recipe(tmp_path / "none.yaml")


def test_replace_merges_sections():
    recipe = Recipe(data="digits", training={"epochs": 3, "l1": 0.1}).replace(training={"epochs": 4})
    assert (recipe.training.epochs, recipe.training.l1) == (4, 0.1)


def test_a_view_brings_its_source_along():
    recipe = Recipe(data=ft.read("iris"))
    assert recipe.data.path == "iris"
    assert recipe.task == "tabular-classification"


def test_adapters_are_a_section():
    recipe = Recipe(data="digits", model={"name": "vit", "weights": "w", "lora": {"r": 4}})
    assert (recipe.model.lora.r, recipe.model.lora.alpha) == (4, 16.0)
    with pytest.raises(RecipeError) as told:
        Recipe(data="digits", model={"weights": "w", "lora": {"rank": 4, "r": 0}})
    assert list(told.value.faults) == [
        "model.lora.r: 0; asked is at least 1.",
        "model.lora.rank: is not a key; nearest is 'dora'; one of 'r', 'alpha', 'dropout', 'dora', 'target_modules'.",
    ]
    with pytest.raises(RecipeError, match=r"model\.lora: keeps pre-trained weights"):
        Recipe(data="digits", model={"lora": {}})
