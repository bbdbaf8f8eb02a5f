from __future__ import annotations

import numpy as np

from ftkit.data import frame


def test_columns_of_one_type_keep_it():
    made = frame({"a": np.arange(3), "b": ["x", None, "z"], "c": [1, 2.5, None]})
    assert made.shape == (3, 3)
    assert [str(t) for t in made.dtypes] == ["Int64", "String", "Float64"]


def test_columns_of_several_types_become_strings():
    assert frame({"a": [1, "x", None]})["a"].to_list() == ["1", "x", None]
