"""A folder of images with their labels in a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import ftkit as ft


def _images(folder: Path, names: list[str]) -> Path:
    rng = np.random.default_rng(0)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(folder / name)
    return folder


def _table(path: Path, rows: list[tuple[object, ...]], header: str = "file,label") -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve images in one folder, cats and dogs in turn, by a table with Chinese names."""
    names = [f"图{i:02d}.png" for i in range(12)]
    folder = _images(tmp_path / "照片", names)
    _table(folder / "标签.csv", [(name, "猫狗"[i % 2], i % 3) for i, name in enumerate(names)], "文件名,标签,site")
    return folder


def test_a_table_in_the_folder_is_found(photos: Path) -> None:
    view = ft.read(photos)
    assert view.task == "image-classification"
    assert view.target == "标签"
    assert view.ids[0] == "图00.png"
    assert view.strings("标签").tolist()[:3] == ["猫", "狗", "猫"]
    assert view.columns["site"].role == "feature"
    assert not view.notes


@pytest.mark.parametrize("how", ["folder", "table", "named"])
def test_the_same_rows_by_folder_by_table_and_by_name(photos: Path, how: str) -> None:
    arguments = {"folder": (photos, {}), "table": (photos / "标签.csv", {}), "named": (photos, {"labels": "标签.csv"})}
    if how == "named":
        arguments["named"] = (photos, {"labels": photos / "标签.csv"})
    source, more = arguments[how]
    view = ft.read(source, **more)
    assert view.ids.tolist() == ft.read(photos).ids.tolist()
    assert view.pixels((8, 8))[1] == {}


def test_a_relative_name_of_the_table_is_looked_up_in_the_folder(photos: Path) -> None:
    assert ft.read(photos, labels="标签.csv").target == "标签"


def test_what_does_not_meet_is_told(photos: Path) -> None:
    (photos / "图03.png").rename(photos / "别的.png")
    with (photos / "标签.csv").open("a", encoding="utf-8") as file:
        file.write("图00.png,狗,0\n")
    found = ft.inspect(ft.read(photos)).findings
    told = {finding.code: finding for finding in found}
    assert "1 of its 13 rows name no image that is there (row 4: '图03.png'" in told["SRC106"].message
    assert told["SRC107"].rows == ["别的.png"]
    assert told["SRC108"].rows == ["图00.png"]
    assert told["LAB101"].rows == ["别的.png"]
    assert ft.read(photos).strings("标签").tolist()[ft.read(photos).ids.tolist().index("图00.png")] == "猫"


@pytest.mark.parametrize(
    "spelling", [lambda i: f"train/{i:03d}.png", lambda i: f"{i:03d}.png", lambda i: f"{i:03d}", lambda i: f".\\train\\{i:03d}.png"]
)  # fmt: skip
def test_names_as_paths_as_files_and_without_suffix(tmp_path: Path, spelling) -> None:
    folder = _images(tmp_path / "all", [f"train/{i:03d}.png" for i in range(8)])
    _table(folder / "train.csv", [(spelling(i), "ab"[i % 2]) for i in range(8)])
    view = ft.read(folder)
    assert view.strings("label").tolist() == ["a", "b"] * 4


def test_two_ways_to_write_an_accent_are_one_name(tmp_path: Path) -> None:
    folder = _images(tmp_path / "all", [f"cafe\u0301{i}.png" for i in range(4)])
    _table(folder / "labels.csv", [(f"caf\u00e9{i}.png", "ab"[i % 2]) for i in range(4)])
    assert ft.read(folder).missing("label") == 0


def test_class_folders_win_over_a_table(tmp_path: Path) -> None:
    folder = _images(tmp_path / "all", ["a/1.png", "b/2.png"])
    _table(folder / "labels.csv", [("1.png", "x"), ("2.png", "y")])
    assert ft.read(folder).classes == ("a", "b")
    assert ft.read(folder, labels=folder / "labels.csv").classes == ("x", "y")


def test_a_table_that_names_no_image(tmp_path: Path) -> None:
    folder = _images(tmp_path / "all", ["1.png", "2.png"])
    table = _table(folder / "people.csv", [("Ann", "x"), ("Bob", "y")], "name,label")
    assert "label" not in ft.read(folder).columns
    with pytest.raises(ft.DataError, match=r"no column names the images .* there are 'name' \('Ann', …\)"):
        ft.read(folder, labels=table)
    with pytest.raises(ft.DataError, match=r"there is no such file .*nearest is 'people.csv'"):
        ft.read(folder, labels="peopel.csv")


def test_a_table_cannot_name_files_outside_its_folder(tmp_path: Path) -> None:
    _images(tmp_path, ["secret/1.png", "secret/2.png"])
    (tmp_path / "in").mkdir()
    rows = [("../secret/1.png", "x"), (tmp_path / "secret" / "2.png", "y")]
    view = ft.read(_table(tmp_path / "in" / "labels.csv", rows))
    assert all(column.role != "image" for column in view.columns.values())


@pytest.mark.parametrize("by", ["folder", "table"])
def test_a_cleaned_copy_has_its_table_changed(photos: Path, tmp_path: Path, by: str) -> None:
    source = photos if by == "folder" else photos / "标签.csv"
    before = (photos / "标签.csv").read_text(encoding="utf-8")
    edits = [
        {"row": "图03.png", "op": "drop"},
        {"row": "图04.png", "op": "relabel", "value": "狗"},
        {"row": "图05.png", "op": "replace", "column": "site", "value": 7},
        {"row": "图06.png", "op": "crop", "value": {"box": [0, 0, 4, 4]}},
    ]
    ft.clean(ft.read(source), edits, tmp_path / "out")
    lines = (tmp_path / "out" / "标签.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        line.replace("图04.png,猫", "图04.png,狗").replace("图05.png,狗,2", "图05.png,狗,7")
        for line in before.splitlines()
        if not line.startswith("图03")
    ]
    again = ft.read(tmp_path / "out")
    assert len(again) == 11
    assert again.scan().width.tolist() == [8, 8, 8, 8, 8, 4, 8, 8, 8, 8, 8]
    assert (photos / "标签.csv").read_text(encoding="utf-8") == before


def test_a_label_of_an_image_that_no_row_names_cannot_be_written(photos: Path, tmp_path: Path) -> None:
    (photos / "图03.png").rename(photos / "别的.png")
    with pytest.raises(ft.DataError, match=r"'别的.png' has no row in 标签.csv"):
        ft.clean(ft.read(photos), [{"row": "别的.png", "op": "relabel", "value": "猫"}], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_table_of_whole_numbers_names_files_without_suffix(tmp_path: Path) -> None:
    folder = _images(tmp_path / "all", [f"{i}.png" for i in range(100, 108)])
    _table(folder / "labels.csv", [(i, i % 2) for i in range(100, 108)], "id,label")
    view = ft.read(folder)
    assert view.target == "label"
    assert view.strings("label").tolist() == ["0", "1"] * 4


def test_a_parquet_file_that_names_images_is_known_by_its_summary(tmp_path):
    for i in range(4):
        Image.fromarray(np.full((8, 8, 3), 40 * i, np.uint8)).save(tmp_path / f"{i}.png")
    table = pa.table({"file": [f"{i}.png" for i in range(4)], "kind": ["猫", "狗"] * 2})
    pq.write_table(table, tmp_path / "labels.parquet")
    view = ft.read(tmp_path / "labels.parquet")
    assert view.task == "image-classification"
    assert view.classes == ("狗", "猫")
