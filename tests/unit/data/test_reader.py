from __future__ import annotations

import time

import pytest

import ftkit as ft


def message(source, **options) -> str:
    with pytest.raises(ft.DataError) as error:
        ft.read(source, **options)
    return str(error.value)


def test_missing_path_names_the_nearest(photos):
    assert "nearest is 'photos'" in message(photos.parent / "photo")


@pytest.mark.parametrize("source", ["", "  ", "irs", "./no/such/folder", "/no/such.csv", "x" * 5000, "a\0b"])
def test_names_of_nothing(source):
    assert message(source)


def test_hub_without_network_says_what_was_tried(monkeypatch):
    monkeypatch.setattr("ftkit.data.hub._reachable", lambda *_: False)
    start = time.perf_counter()
    said = message("no-such-owner/no-such-name")
    assert "no such file or folder here" in said
    assert "as a data set of the hub" in said
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    ("name", "said"), [("x.jpg", "give the folder"), ("x.zip", "Unpack"), ("x.xlsx", "Save the sheet")]
)
def test_files_of_other_kinds(written, name, said):
    assert said in message(written(b"x", name))


def test_unreadable_file(written, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    path = written("a,b\n1,2\n")
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    assert "Permission denied" in message(path)


def test_reading_a_view_gives_it_back():
    view = ft.read("iris")
    assert ft.read(view) is view
    assert ft.read(view[:10], target="petal width (cm)").task == "tabular-regression"


def test_origin_reads_the_same_rows_again(written):
    path = written("a;y\n1,5;x\n2,5;y\n")
    view = ft.read(path, separator=";", target="y")
    again = dict(view.origin)
    assert ft.read(again.pop("path"), **again).ids.tolist() == view.ids.tolist()
    assert view[:1].origin is None


def test_unicode_everywhere(written):
    view = ft.read(written("名字,类别\n阿猫,好 的\n阿狗,坏\n", "数据 集.csv"))
    assert view.name == "数据 集.csv"
    assert view.classes == ("坏", "好 的")


def test_test_set_without_a_column_is_named():
    assert "has no column 'a'" in message({"a": [1, 2], "y": [0, 1]}, test={"b": [1], "y": [0]})


def test_test_set_without_labels_is_read():
    view = ft.read({"a": [1, 2], "y": ["p", "q"]}, test={"a": [3]})
    assert view.labels.tolist() == [0, 1, -1]


def test_split_column_is_found_and_checked():
    rows = {"x": [1.5, 2.5, 3.5], "split": ["train", "dev", "test"], "y": [0, 1, 0]}
    view = ft.read(rows)
    assert view.given_split.tolist() == ["train", "validation", "test"]
    assert view.features == ["x"]
    assert ft.read(rows | {"split": ["a", "b", "c"]}).given_split is None
    with pytest.raises(ft.DataError, match=r"split column 'x' holds '1\.5'"):
        _ = ft.read(rows, split="x").given_split
