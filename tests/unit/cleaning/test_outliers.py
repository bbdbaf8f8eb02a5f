import numpy as np
import pytest

import ftkit as ft
from ftkit.cleaning import winsorise


def view():
    return ft.read({"x": [*np.arange(100.0), 1e9, -1e9], "n": [0, 1] * 51, "y": ["a", "b"] * 51}, target="y")


def test_extreme_numbers_become_the_nearest_of_the_others():
    edited = view().apply(winsorise(view(), share=0.02))
    assert edited.numbers("x").min() >= 0
    assert edited.numbers("x").max() <= 99
    assert edited.numbers("n").tolist() == view().numbers("n").tolist()


def test_applied_again_nothing_changes():
    edited = view().apply(winsorise(view(), share=0.02))
    assert edited.apply(edited.edits).fingerprint == edited.fingerprint


@pytest.mark.parametrize(("asked", "said"), [({"share": 0}, "no share"), ({"columns": ["z"]}, "no column of numbers")])
def test_what_cannot_be_is_told(asked, said):
    with pytest.raises(ft.DataError, match=said):
        winsorise(view(), **asked)
