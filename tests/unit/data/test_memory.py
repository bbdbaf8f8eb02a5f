from __future__ import annotations

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ftkit as ft

ROWS = {"x": [1.5, None, 3.5], "word": ["a", None, "猫"], "label": [0, 1, 1]}


@pytest.mark.parametrize(
    "make", [dict, pa.table, pd.DataFrame, pl.DataFrame, lambda r: pl.DataFrame(r).lazy(), datasets.Dataset.from_dict]
)
def test_every_library_gives_the_same_rows(make):
    view = ft.read(make(ROWS))
    assert view.ids.tolist() == ft.read(ROWS).ids.tolist()
    assert view.strings("word").tolist() == ["a", None, "猫"]
    assert view.labels.tolist() == [0, 1, 1]
    assert view.origin is None


def test_dataset_dict_keeps_splits_and_class_names():
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    rows = {"text": ["a long enough text, really", "another", "third"], "label": [0, -1, 1]}
    train, test = (datasets.Dataset.from_dict(rows, features=features) for _ in range(2))
    view = ft.read(datasets.DatasetDict(train=train, test=test))
    assert view.given_split.tolist() == ["train"] * 3 + ["test"] * 3
    assert view.classes == ("neg", "pos")
    assert view.labels.tolist() == [0, -1, 1] * 2
    assert view.strings("label").tolist() == ["neg", None, "pos"] * 2


def test_indices_of_a_dataset_are_respected():
    dataset = datasets.Dataset.from_dict({"x": [1, 2, 3, 4], "y": [0, 1, 0, 1]}).select([3, 1])
    assert ft.read(dataset).numbers("x").tolist() == [4.0, 2.0]


def test_images_of_a_dataset(photos):
    dataset = ft.read(photos).to_datasets()
    assert isinstance(dataset.features["image"], datasets.Image)
    assert dataset.features["label"].names == ["dog", "猫"]
    view = ft.read(dataset)
    pixels, errors = view.pixels((8, 12))
    assert not errors
    assert (pixels == ft.read(photos).pixels((8, 12))[0]).all()


def test_named_index_of_pandas_is_kept():
    frame = pd.DataFrame({"x": [1.5, 2.5]}, index=pd.Index(["p", "q"], name="id"))
    assert ft.read(frame).ids.tolist() == ["p", "q"]


def test_streamed_dataset_is_refused():
    with pytest.raises(ft.DataError, match="streamed"):
        ft.read(datasets.Dataset.from_dict(ROWS).to_iterable_dataset())


@pytest.mark.parametrize("thing", [3, object(), [], {}, pd.DataFrame(), pa.table({"x": pa.array([], pa.int64())})])
def test_what_holds_no_rows_is_refused(thing):
    with pytest.raises(ft.DataError):
        ft.read(thing)


def test_mixed_column_is_named():
    with pytest.raises(ft.DataError, match="column 'x' of the DataFrame mixes types"):
        ft.read(pd.DataFrame({"x": [1, "a", object()]}))


def test_repeated_columns_are_named():
    with pytest.raises(ft.DataError, match="same name: 'x'"):
        ft.read(pd.DataFrame(np.zeros((2, 2)), columns=["x", "x"]))


def test_conversions_give_the_same_rows_back():
    view = ft.read(ROWS)[[2, 0]]
    for other in (view.to_arrow(), view.to_pandas(), view.to_polars(), view.to_datasets()):
        assert ft.read(other).strings("word").tolist() == ["猫", "a"]
