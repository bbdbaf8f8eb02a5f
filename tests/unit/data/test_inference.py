from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft

N = 200
X = (np.arange(N) * 1.5).tolist()


def task_of(values: list, **options) -> tuple[str | None, str]:
    view = ft.read({"x": X, "target": values}, **options)
    return view.task, view.task_reason


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"] * 100, "tabular-classification"),
        ([True, False] * 100, "tabular-classification"),
        (list(range(10)) * 20, "tabular-classification"),
        (list(range(50)) * 4, "tabular-regression"),
        ([i / 4 for i in range(4)] * 50, "tabular-regression"),
        ([f"name {i}" for i in range(200)], None),
        (["2024-01-01", "2024-01-02"] * 100, "tabular-classification"),
    ],
)
def test_tasks(values, task):
    assert task_of(values)[0] == task


def test_the_reason_has_the_figures():
    assert task_of(["a", "b"] * 100)[1] == "tabular-classification, because target 'target' has 2 values"
    assert "50 different whole numbers in 200 rows" in task_of(list(range(50)) * 4)[1]


def test_a_given_task_wins():
    assert task_of(list(range(10)) * 20, task="tabular-regression")[0] == "tabular-regression"
    assert task_of(list(range(50)) * 4, task="tabular-classification")[0] == "tabular-classification"


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("image-classification", "no images"),
        ("text-classification", "no column of text"),
        ("tabular-clasification", "nearest is 'tabular-classification'"),
    ],
)
def test_impossible_tasks_are_refused_at_once(task, said):
    with pytest.raises(ft.DataError, match=said):
        ft.read({"x": X, "target": [0, 1] * 100}, task=task)


def test_classification_needs_a_target():
    with pytest.raises(ft.DataError, match="no target"):
        ft.read({"x": X}, task="tabular-classification")


def test_one_column_of_text_is_text_classification():
    texts = [f"这是第{i}条评论，味道很好" for i in range(N)]
    view = ft.read({"评论": texts, "标签": [0, 1] * 100})
    assert view.task == "text-classification"
    assert view.columns["评论"].role == "text"


@pytest.mark.parametrize("name", ["label", "Labels", "TARGET", "class", "y", "标签", "类别", "目标"])
def test_targets_are_found_by_name(name):
    assert ft.read({"x": [1, 2], name: [0, 1]}).target == name


def test_a_missing_target_names_the_nearest():
    with pytest.raises(ft.DataError, match="no column 'incme' for target=; nearest is 'income'"):
        ft.read({"income": [1, 2], "age": [3, 4]}, target="incme")


def test_kinds_and_roles():
    rows = {
        "number": X,
        "category": ["a", "b"] * 100,
        "boolean": [True, False] * 100,
        "text": [f"a remark of its own, number {i}" for i in range(N)],
        "date": [f"2024-01-{i % 28 + 1:02d}" for i in range(N)],
        "other": [[1, 2]] * N,
        "y": [0, 1] * 100,
    }
    view = ft.read(rows)
    assert [column.kind for column in view.columns.values()][:-1] == list(rows)[:-1]
    assert view.features == ["number", "category", "boolean", "date"]
    assert view.columns["text"].role == "ignored"
    assert any("'text' has a value of its own" in note.message for note in view.notes)


def test_text_can_be_asked_for():
    rows = {"x": X, "remark": [f"a remark of its own, number {i}" for i in range(N)], "y": [0, 1] * 100}
    view = ft.read(rows, text="remark")
    assert view.task == "text-classification"
    assert view.columns["remark"].role == "text"


def test_numbers_are_always_features():
    assert ft.read({"amount": list(range(N)), "y": [0, 1] * 100}).features == ["amount"]


@pytest.mark.parametrize(
    ("name", "target", "task"),
    [
        ("tab-titanic/titanic.csv", "Survived", "tabular-classification"),
        ("tab-california-housing/housing.csv.gz", "median_house_value", "tabular-regression"),
        ("tab-ames-housing/AmesHousing.csv.gz", "SalePrice", "tabular-regression"),
        ("tab-credit-default/UCI_Credit_Card.csv.gz", None, "tabular-classification"),
        ("text-zh-waimai/waimai_10k.csv.gz", None, "text-classification"),
        ("text-banking77/train.csv.gz", "category", "text-classification"),
        ("images-cifar10/test.parquet", None, "image-classification"),
        ("images-fashion-mnist", None, "image-classification"),
    ],
)
def test_tasks_of_real_data(shared, name, target, task):
    assert ft.read(shared / name, target=target).task == task
