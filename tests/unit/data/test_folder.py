from __future__ import annotations

import shutil

import pytest
from PIL import Image

import ftkit as ft
from ftkit.data.folder import walk


def test_class_folders(photos):
    view = ft.read(photos)
    assert view.task == "image-classification"
    assert view.classes == ("dog", "猫")
    assert view.ids[0] == "dog/0.png"
    assert view.labels.tolist() == [0] * 4 + [1] * 4
    assert view[0]["image"].size == (12, 8)
    assert view[-1]["label"] == "猫"


def test_split_folders(photos, tmp_path):
    root = tmp_path / "both"
    shutil.copytree(photos, root / "train")
    shutil.copytree(photos, root / "Val")
    view = ft.read(root)
    assert sorted(set(view.given_split.tolist())) == ["train", "validation"]
    assert view.classes == ("dog", "猫")
    assert view.ids[0] == "Val/dog/0.png"


def test_folder_around_everything_is_seen_through(photos, tmp_path):
    shutil.copytree(photos, tmp_path / "outer" / "archive" / "train")
    view = ft.read(tmp_path / "outer")
    assert view.classes == ("dog", "猫")
    assert view.ids[0] == "archive/train/dog/0.png"


def test_hidden_and_other_files_are_left_out_and_counted(photos):
    (photos / ".hidden.png").write_bytes(b"x")
    (photos / "dog" / "notes.md").write_text("x")
    view = ft.read(photos)
    assert len(view) == 8
    assert "1 files that are no images were left out (1 .md)" in view.notes[0].message


def test_test_folder_given_beside(photos, tmp_path):
    other = tmp_path / "held"
    shutil.copytree(photos / "dog", other / "dog")
    view = ft.read(photos, test=other)
    assert (view.given_split == "test").sum() == 4
    assert view.ids[-1] == "test/dog/3.png"
    assert ft.holdout(view, validation=0.25).counts() == {"train": 6, "validation": 2, "test": 4}


def test_unknown_test_class_names_the_nearest(photos, tmp_path):
    shutil.copytree(photos / "dog", tmp_path / "held" / "dgo")
    view = ft.read(photos, test=tmp_path / "held")
    with pytest.raises(ft.DataError, match=r"label 'dgo'.*in 4 rows.*nearest is 'dog'"):
        _ = view.labels


def test_one_class_reads_and_has_no_labels(photos):
    shutil.rmtree(photos / "dog")
    view = ft.read(photos)
    assert view.classes == ("猫",)
    with pytest.raises(ft.DataError, match="every row has the label '猫'"):
        _ = view.labels


def test_images_without_class_folders(photos):
    view = ft.read(photos / "dog")
    assert (view.target, view.task) == (None, None)
    with pytest.raises(ft.DataError, match="has no target"):
        _ = view.labels


def test_empty_folder(tmp_path):
    with pytest.raises(ft.DataError, match="is empty"):
        ft.read(tmp_path)


def test_folder_without_rows(tmp_path):
    (tmp_path / "thesis.docx").write_bytes(b"x")
    with pytest.raises(ft.DataError, match=r"no images or tables, only files '\.docx'"):
        ft.read(tmp_path)


def test_links_in_a_circle_end(photos):
    (photos / "dog" / "again").symlink_to(photos)
    assert len(walk(photos)) < 40


def test_ids_do_not_depend_on_where_the_folder_is(photos, tmp_path):
    moved = shutil.copytree(photos, tmp_path / "elsewhere")
    here, there = ft.read(photos), ft.read(moved)
    assert here.ids.tolist() == there.ids.tolist()
    assert here.fingerprint == there.fingerprint


def test_fingerprint_follows_the_content(photos):
    before = ft.read(photos).fingerprint
    Image.new("RGB", (12, 8)).save(photos / "dog" / "0.png")
    assert ft.read(photos).fingerprint != before


def test_shards_and_split_names(written, tmp_path):
    written("label,x\na,1.5\nb,2.5\n", "train-00000-of-00002.csv")
    written("label,x\na,3.5\n", "train-00001-of-00002.csv")
    written("label,x\nb,4\n", "test.csv")
    (tmp_path / "README.md").write_text("x")
    view = ft.read(tmp_path)
    assert view.given_split.tolist() == ["test", "train", "train", "train"]
    assert view.numbers("x").tolist() == [4.0, 1.5, 2.5, 3.5]


def test_shards_of_other_columns_are_named(written, tmp_path):
    written("a,b\n1,2\n", "one.csv")
    written("a,c\n1,2\n", "two.csv")
    with pytest.raises(ft.DataError, match=r"two\.csv has no column 'b', which one\.csv has"):
        ft.read(tmp_path)


def test_sst2_files_are_its_splits(shared):
    view = ft.read(shared / "text-sst2", target="column_2")
    assert view.task == "text-classification"
    assert ft.holdout(view).counts() == {"train": 6920, "validation": 872, "test": 1821}
