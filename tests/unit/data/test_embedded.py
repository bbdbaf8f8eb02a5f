from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import ftkit as ft

LOADERS = {"iris": "load_iris", "wine": "load_wine", "breast-cancer": "load_breast_cancer"}


@pytest.mark.parametrize("name", LOADERS)
def test_tables_are_scikit_learns(name):
    from sklearn import datasets

    bunch, view = getattr(datasets, LOADERS[name])(), ft.read(name)
    assert view.features == list(bunch.feature_names)
    assert np.array_equal(np.column_stack([view.numbers(f) for f in view.features]), bunch.data)
    assert view.strings(view.target).tolist() == [str(bunch.target_names[t]) for t in bunch.target]


def test_diabetes_is_scikit_learns_unscaled():
    from sklearn.datasets import load_diabetes

    bunch, view = load_diabetes(scaled=False), ft.read("diabetes")
    assert view.features == list(bunch.feature_names)
    assert np.array_equal(np.column_stack([view.numbers(f) for f in view.features]), bunch.data)
    assert np.array_equal(view.labels, bunch.target)
    assert view.task == "tabular-regression"


def test_digits_are_scikit_learns_over_the_whole_range():
    from sklearn.datasets import load_digits

    bunch, view = load_digits(), ft.read("digits")
    pixels, errors = view.pixels((8, 8), channels=1)
    assert not errors
    assert np.array_equal(pixels[..., 0], np.rint(bunch.images * 255 / 16))
    assert np.array_equal(view.labels, bunch.target)


def test_scikit_learn_is_not_imported():
    code = "import sys, ftkit as ft; ft.read('digits').labels; print('sklearn' in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_file_of_the_same_name_needs_a_separator(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iris").mkdir()
    (tmp_path / "iris" / "rows.csv").write_text("a,b\n1,2\n")
    assert len(ft.read("iris")) == 150
    assert len(ft.read("./iris")) == 1
