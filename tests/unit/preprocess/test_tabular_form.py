"""Which step a column gets, and what is said about columns that are odd."""

import json

import numpy as np
import pandas as pd
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.preprocess import TableEncoder, TableForm, table_form


def view(**columns):
    n = len(next(iter(columns.values())))
    return ft.read(pd.DataFrame(columns | {"label": ["x", "y"] * (n // 2)}))


@pytest.fixture
def shop():
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
    return view(
        price=np.where(rng.random(60) < 0.2, np.nan, rng.gamma(2, 10, 60)),
        weight=rng.gamma(2, 1, 60),
        size=rng.choice(["S", "M", "L"], 60),
        city=rng.choice(["北京", "上海"], 60),
        day=days,
    )


def fit(rows, **form):
    kinds = ("number",), ("category", "boolean", "text"), ("date",)
    names = [[n for n in rows.features if rows.columns[n].kind in some] for some in kinds]
    return TableEncoder.fit(rows, *names, form=TableForm(**form), labels=rows.labels, classes=len(rows.classes))


@pytest.mark.parametrize("numbers", ["zscore", "minmax", "robust", "log", "power", "none"])
@pytest.mark.parametrize("categories", ["onehot", "ordinal", "target", "hash"])
def test_every_form_is_finite_the_same_from_json_and_comes_back(shop, numbers, categories):
    encoder = fit(shop, numbers=numbers, categories=categories, dates="parts")
    again = TableEncoder.from_state(json.loads(json.dumps(encoder.state())))
    assert again == encoder
    matrix = encoder.transform(shop, 60)
    assert np.isfinite(matrix).all()
    np.testing.assert_array_equal(again.transform(shop, 60), matrix)
    assert matrix.shape == (60, len(encoder.names))
    back = encoder.inverse_transform(matrix)
    np.testing.assert_allclose(back["price"], shop.numbers("price"), rtol=1e-4)
    np.testing.assert_array_equal(back["day"], shop.numbers("day"))
    if categories in ("onehot", "ordinal"):
        assert back["size"].tolist() == shop.strings("size").tolist()


def test_a_column_may_have_a_step_of_its_own(shop):
    own = {"price": "log", "weight": "ignore", "size": ["S", "M", "L"], "city": "hash", "day": "cycles"}
    encoder = fit(shop, columns=own, hash_places=4)
    kinds = {step.column: step.transform for step in encoder.steps}
    assert "weight" not in kinds
    assert kinds["price"].scaler.method == "log"
    assert kinds["size"].categories == ("S", "M", "L")
    assert kinds["city"].places == 4
    assert fit(shop, columns={"weight": "onehot"}, most_categories=5).names[-4:]
    with pytest.raises(DataError, match="no feature 'prize'; nearest is 'price'"):
        fit(shop, columns={"prize": "log"})
    with pytest.raises(DataError, match=r"columns\.price: 'logg' is not known; nearest is 'log'"):
        TableForm(columns={"price": "logg"})


@pytest.mark.parametrize("missing", ["median", "constant", "knn", "iterative"])
def test_missing_numbers_are_filled_and_flagged(shop, missing):
    encoder = fit(shop, missing=missing, missing_value=-7.0, numbers="none")
    again = TableEncoder.from_state(json.loads(json.dumps(encoder.state())))
    matrix = again.transform(shop, 60)
    gone = np.isnan(shop.numbers("price"))
    np.testing.assert_array_equal(matrix[:, 1], gone)
    filled = matrix[gone, 0]
    if missing == "constant":
        assert (filled == -7).all()
    elif missing == "median":
        np.testing.assert_allclose(filled, np.nanmedian(shop.numbers("price")), rtol=1e-6)
    else:
        assert len(np.unique(filled)) > 1
    np.testing.assert_array_equal(matrix, encoder.transform(shop, 60))


def test_target_means_of_train_rows_are_out_of_fold(shop):
    encoder = fit(shop, categories="target")
    folds = np.arange(60) % 5
    train, other = encoder.transform_train(shop, shop.labels, folds, 2), encoder.transform(shop, 60)
    at = encoder.names.index("city=mean")
    assert not np.array_equal(train[:, at], other[:, at])
    np.testing.assert_array_equal(np.delete(train, [at, at - 1], 1), np.delete(other, [at, at - 1], 1))


def test_wide_one_hot_is_hashed_and_said(monkeypatch):
    rng = np.random.default_rng(0)
    rows = view(wide=rng.choice([f"w{i}" for i in range(90)], 600), narrow=rng.choice(["a", "b"], 600))
    assert fit(rows).notes == ()
    monkeypatch.setattr(table_form, "MOST_BYTES", 600 * 4 * 50)
    encoder = fit(rows)
    assert [step.transform.kind for step in encoder.steps] == ["hash", "onehot"]
    assert len(encoder.names) <= 50
    assert "Column 'wide' is hashed to 32 places" in encoder.notes[0]


def test_words_among_numbers_are_said():
    rows = view(age=["31", "oops", "40", "40"] * 10 + ["31"] * 40)
    (note,) = fit(rows).notes
    assert note.startswith("Column 'age' is read as categories: 10 of 80 cells are no numbers ('oops')")
    with pytest.raises(DataError, match="'oops', which is not a number"):
        fit(rows, columns={"age": "zscore"})


def test_columns_that_say_nothing_are_left_out_and_said():
    rows = view(empty=[None] * 20, same=[3.0] * 20, one=["a"] * 20, each=[f"id {i}" for i in range(20)])
    encoder = TableEncoder.fit(rows, ["empty", "same"], ["one", "each"])
    assert encoder.names == ["same", "one=a", "one=missing", "one=other"]
    assert np.isfinite(encoder.transform(rows, 20)).all()
    assert [note.split("'")[1] for note in encoder.notes] == ["empty", "each"]


def test_unseen_categories_are_said(shop):
    encoder = fit(shop)
    assert encoder.unseen(shop) == ()
    new = view(price=[1.0, 2], weight=[1.0, 2], size=["XXL", "S"], city=["北京", None], day=["2024-02-01"] * 2)
    (said,) = encoder.unseen(new)
    assert "Column 'size': 1 cells hold categories that were not learned ('XXL')" in said
