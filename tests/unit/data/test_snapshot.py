from __future__ import annotations

import pytest

import ftkit as ft


def same(one, other):
    assert one.ids.tolist() == other.ids.tolist()
    assert one.classes == other.classes
    assert one.labels.tolist() == other.labels.tolist()
    assert (one.task, one.target, one.fingerprint) == (other.task, other.target, other.fingerprint)
    assert {n: c.role for n, c in one.columns.items()} == {n: c.role for n, c in other.columns.items()}


def test_images(photos, tmp_path):
    view = ft.read(photos)[[6, 1, 2]]
    again = ft.read(view.save(tmp_path / "photos.parquet"))
    same(view, again)
    assert (view.pixels((8, 12))[0] == again.pixels((8, 12))[0]).all()
    assert again.name == "photos"


def test_digits_and_iris(tmp_path):
    for name in ("digits", "iris", "diabetes"):
        view = ft.read(name)[::3]
        same(view, ft.read(view.save(tmp_path / f"{name}.parquet")))


def test_splits_groups_and_matched_labels(tmp_path):
    rows = {"id": [1, 2, 3, 4], "x": [1.5, 2.5, 3.5, 4.5], "y": ["a", "b ", "a", "b"], "g": list("ppqq")}
    view = ft.read(rows, test={"id": [4], "x": [0.5], "y": ["A."], "g": ["r"]}, group="g")
    again = ft.read(view.save(tmp_path / "x.parquet"))
    same(view, again)
    assert again.given_split.tolist() == view.given_split.tolist()
    assert again.group.tolist() == view.group.tolist()


def test_split_column(tmp_path):
    view = ft.read({"x": [1.5, 2.5], "split": ["train", "test"], "y": ["a", "a"]})
    again = ft.read(view.save(tmp_path / "x.parquet"))
    assert again.given_split.tolist() == ["train", "test"]
    assert again.features == ["x"]


def test_a_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(ft.DataError, match="cannot be written"):
        ft.read("iris").save(tmp_path / "no" / "x.parquet")
    assert list(tmp_path.iterdir()) == []


def test_disk_full_leaves_the_old_file(tmp_path, monkeypatch):
    path = ft.read("iris").save(tmp_path / "x.parquet")
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ft.DataError, match="No space left"):
        ft.read("wine").save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.parquet"]
