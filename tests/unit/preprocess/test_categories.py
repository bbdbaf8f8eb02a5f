"""Categories: scikit-learn's numbers, a place for the missing and the unseen, and back again."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction import FeatureHasher
from sklearn.model_selection import KFold
from sklearn.preprocessing import LabelEncoder as TheirLabels
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

import ftkit as ft
from ftkit.errors import DataError
from ftkit.preprocess import Hashed, LabelEncoder, OneHot, Ordinal, TargetMeans

words = st.one_of(st.none(), st.sampled_from(["红", "蓝", "a b", "", "7", "10", "<i>"]))
columns = st.lists(words, min_size=1, max_size=60)


@pytest.fixture(scope="module")
def adult(shared):
    """The categories of UCI Adult, and whether the income is high."""
    rows = ft.read(shared / "tab-adult" / "adult-train.csv.gz", target="column_15")[:6000]
    names = [name for name in rows.features if rows.columns[name].kind == "category"]
    return {name: rows.strings(name) for name in names}, rows.labels


def columned(cells):
    return np.array([[cell] for cell in cells], dtype=object)


def test_one_hot_equals_scikit_learn(adult):
    for cells in adult[0].values():
        peer = OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist", sparse_output=False)
        expected = peer.fit_transform(columned(cells))
        names = peer.get_feature_names_out([""])
        ours = OneHot.fit(cells)
        made = dict(zip(ours.names, ours.transform(cells).T, strict=True))
        for name, column in zip(names, expected.T, strict=True):
            word = {"_None": "missing", "_infrequent_sklearn": "other"}.get(name, name[1:])
            np.testing.assert_array_equal(made[word], column, err_msg=word)


def test_ordinal_equals_scikit_learn(adult):
    for cells in adult[0].values():
        known = np.array([cell for cell in cells if cell is not None], dtype=object)
        peer = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-2).fit(columned(known))
        np.testing.assert_array_equal(Ordinal.fit(known).codes(known), peer.transform(columned(known))[:, 0])
        assert Ordinal.fit(known).codes(["neverseen", None]).tolist() == [-2, -1]


@pytest.mark.parametrize("kind", ["numbers", "two", "three"])
def test_target_means_equal_scikit_learn(adult, kind):
    rng = np.random.default_rng(0)
    labels = adult[1] if kind == "two" else rng.integers(0, 3, 6000) if kind == "three" else rng.normal(size=6000)
    classes = {"numbers": 0, "two": 2, "three": 3}[kind]
    folds = np.empty(6000, int)
    for fold, (_, rows) in enumerate(KFold(5).split(labels)):
        folds[rows] = fold
    for cells in list(adult[0].values())[:4]:
        peer = TargetEncoder(
            target_type={"numbers": "continuous", "two": "binary", "three": "multiclass"}[kind], cv=KFold(5)
        )
        train = peer.fit_transform(columned(cells), labels)
        ours = TargetMeans.fit(cells, labels, classes)
        np.testing.assert_allclose(ours.transform(cells), peer.transform(columned(cells)), atol=1e-6)
        np.testing.assert_allclose(ours.transform_train(cells, labels, folds, classes), train, atol=1e-6)


def test_hashes_equal_scikit_learn():
    cells = ["猫", "dog", "", "a=b", "猫"]
    expected = FeatureHasher(8, input_type="string").transform([[cell] for cell in cells]).toarray()
    np.testing.assert_array_equal(Hashed.fit(places=8).transform(cells)[:, :8], expected)


def test_labels_equal_scikit_learn():
    cells = np.array(["锈", "b", "a", "b"], dtype=object)
    np.testing.assert_array_equal(LabelEncoder.fit(cells).transform(cells), TheirLabels().fit_transform(cells))


def test_a_row_s_own_target_is_never_in_its_encoding():
    cells = [f"only {i}" for i in range(200)]
    labels = np.arange(200) % 2
    folds = np.arange(200) // 2 % 5
    out = TargetMeans.fit(cells, labels, 2).transform_train(cells, labels, folds, 2)[:, 0]
    for i in range(20):
        other = labels.copy()
        other[i] = 1 - other[i]
        changed = TargetMeans.fit(cells, other, 2).transform_train(cells, other, folds, 2)[:, 0]
        assert changed[i] == out[i]


@settings(max_examples=60, deadline=None)
@given(columns, columns)
def test_one_hot_and_ordinal_come_back(train, cells):
    for encoder in (OneHot.fit(train, rarest=1), Ordinal.fit(train), Ordinal.fit(train, ["蓝", "红", "7"])):
        again = type(encoder).from_state(json.loads(json.dumps(encoder.state())))
        assert again == encoder
        block = again.transform(cells)
        assert block.shape == (len(cells), len(encoder.names))
        assert np.isfinite(block).all()
        expected = [cell if cell in encoder.categories else None for cell in cells]
        assert encoder.inverse_transform(block).tolist() == expected


@settings(max_examples=60, deadline=None)
@given(columns, columns, st.integers(0, 2**32 - 1))
def test_target_means_come_back_where_no_two_are_the_same(train, cells, seed):
    labels = np.random.default_rng(seed).normal(size=len(train))
    encoder = TargetMeans.fit(train, labels)
    assert TargetMeans.from_state(json.loads(json.dumps(encoder.state()))) == encoder
    block = encoder.transform(cells)
    assert np.isfinite(block).all()
    means = np.array(encoder.means, np.float32)[:-1, 0]
    for cell, back, value in zip(cells, encoder.inverse_transform(block), block[:, 0], strict=True):
        seen = cell in encoder.categories or (cell is None and None in train)
        if seen and (np.abs(means - value) < 1e-5).sum() == 1:
            assert back == cell


@settings(max_examples=30, deadline=None)
@given(columns, st.integers(2, 40))
def test_hashes_are_a_place_each(cells, places):
    encoder = Hashed.from_state(json.loads(json.dumps(Hashed.fit(places=places).state())))
    block = encoder.transform(cells)
    np.testing.assert_array_equal(np.abs(block).sum(axis=1), 1)
    np.testing.assert_array_equal(block[:, -1], [cell is None for cell in cells])
    with pytest.raises(DataError, match="cannot be turned back"):
        encoder.inverse_transform(block)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=4), min_size=1, max_size=30))
def test_labels_come_back(cells):
    encoder = LabelEncoder.from_state(json.loads(json.dumps(LabelEncoder.fit(cells).state())))
    assert encoder.inverse_transform(encoder.transform(cells)).tolist() == cells


def test_an_unknown_label_is_told():
    with pytest.raises(DataError, match="label 'rsut' is not one of the 2 classes; nearest is 'rust'"):
        LabelEncoder.fit(["rust", "blight"]).transform(["rust", "rsut"])


def test_an_order_is_kept():
    sizes = Ordinal.fit(["M"], ["S", "M", "L"])
    assert sizes.transform(["S", "M", "L", None, "XL"]).tolist() == [
        [0, 0, 0], [0.5, 0, 0], [1, 0, 0], [0.5, 1, 0], [0.5, 0, 1],
    ]  # fmt: skip
