from __future__ import annotations

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ftkit as ft
from ftkit.data.source import Parquet


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rows.parquet"
    columns = {"x": np.arange(25) + 0.5, "a.b": [f"c{i % 3}" for i in range(25)], "y": [i % 2 for i in range(25)]}
    pq.write_table(pa.table(columns), path, row_group_size=10)
    return path


def test_rows_are_found_across_row_groups(table):
    view = ft.read(table)[[24, 3, 11, 3]]
    assert view.numbers("x").tolist() == [24.5, 3.5, 11.5, 3.5]
    assert view.strings("a.b").tolist() == ["c0", "c0", "c2", "c0"]


def test_opening_reads_no_values(table, monkeypatch):
    monkeypatch.setattr(Parquet, "_read_group", lambda *_: pytest.fail("a value was read"))
    assert len(ft.read(table)) == 25


def test_gz(table, tmp_path):
    packed = tmp_path / "packed.parquet.gz"
    packed.write_bytes(gzip.compress(table.read_bytes()))
    assert ft.read(packed).ids.tolist() == ft.read(table).ids.tolist()


@pytest.mark.parametrize("keep", [0, 3, -20])
def test_broken_files(table, keep):
    table.write_bytes(table.read_bytes()[:keep])
    with pytest.raises(ft.DataError, match="not a whole Parquet file"):
        ft.read(table)


def test_no_rows(tmp_path):
    pq.write_table(pa.table({"x": pa.array([], pa.int64())}), tmp_path / "x.parquet")
    with pytest.raises(ft.DataError, match="1 columns and no rows"):
        ft.read(tmp_path / "x.parquet")


def test_bytes_that_are_images_are_images(photos, tmp_path):
    files = [(photos / "dog" / f"{i}.png").read_bytes() for i in range(2)]
    pq.write_table(pa.table({"picture": files, "label": ["a", "b"]}), tmp_path / "x.parquet")
    view = ft.read(tmp_path / "x.parquet")
    assert view.task == "image-classification"
    assert view.scan().width.tolist() == [12, 12]


def test_shards_with_other_number_types_are_joined(tmp_path):
    pq.write_table(pa.table({"x": [1, 2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1.5]}), tmp_path / "b.parquet")
    view = ft.read([tmp_path / "a.parquet", str(tmp_path / "b.parquet")])
    assert view.numbers("x").tolist() == [1.0, 2.0, 1.5]
    assert view[[2, 0]].numbers("x").tolist() == [1.5, 1.0]


def test_hub_form(shared):
    view = ft.read(shared / "images-cifar10" / "train.parquet", test=shared / "images-cifar10" / "test.parquet")
    assert len(view) == 60_000
    assert view.classes[:2] == ("airplane", "automobile")
    assert view[50_000]["image"].size == (32, 32)


def test_paths_inside_a_file_from_elsewhere_are_not_followed(photos, tmp_path):
    cells = [{"bytes": None, "path": str(photos / "dog" / "0.png")}] * 2
    rows = pa.table({"image": pa.array(cells, pa.struct([("bytes", pa.binary()), ("path", pa.string())]))})
    pq.write_table(rows, tmp_path / "x.parquet")
    assert "holds a path and no bytes" in ft.read(tmp_path / "x.parquet").scan().error[0]
    assert not ft.read(rows).scan().error
