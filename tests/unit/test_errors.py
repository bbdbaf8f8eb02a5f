"""Errors say what was asked, what is there, where, and what to do; and survive a process boundary."""

import pickle

import pytest

from ftkit.errors import DataError, FtkitError, MissingDependency, RecipeError, RunError, nearest


@pytest.mark.parametrize(
    "error",
    [
        DataError("a"),
        RecipeError(["x: y.", "z: w."], "r.yaml"),
        RunError("gone", "/tmp/r"),
        MissingDependency("optuna", "hpo"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_error_travels_whole(error):
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert isinstance(again, FtkitError)


def test_one_fault_is_a_sentence_and_several_are_a_list():
    assert str(RecipeError(["epochs: too many."])) == "recipe: epochs: too many."
    assert str(RecipeError(["a: b.", "c: d."], "r.yaml")) == "r.yaml: 2 faults\n  - a: b.\n  - c: d."


def test_a_missing_package_names_the_extra():
    assert 'pip install "ftkit[hpo]"' in str(MissingDependency("optuna", "hpo"))
    assert isinstance(MissingDependency("optuna", "hpo"), ImportError)


def test_nearest():
    assert nearest("rsut", ["rust", "blight"]) == "nearest is 'rust'; one of 'rust', 'blight'"
    assert nearest("好怀", ["好坏"]) == "nearest is '好坏'; one of '好坏'"
    assert nearest("x", []) == "one of: there is none"
    assert "and 8 more" in nearest("x", range(20))
