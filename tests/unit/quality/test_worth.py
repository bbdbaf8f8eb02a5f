"""What edits are worth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality.worth import worth


@dataclass
class Edit:
    row: str
    op: str
    column: str | None = None
    value: Any = None
    because: str = ""


def flipped(rows=800, seed=0):
    """A table with a third of one class called the other, and which rows those are."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 2, rows)
    x = rng.standard_normal((rows, 8)) + 1.2 * true[:, None] * np.eye(8)[0]
    wrong = (true == 1) & (rng.random(rows) < 0.4)
    given = np.where(wrong, 0, true)
    columns = {f"x{i}": x[:, i] for i in range(8)} | {"id": [f"r{i}" for i in range(rows)]}
    view = ft.read(columns | {"y": np.array(["no", "yes"])[given].tolist()}, target="y", id="id")
    return view, np.flatnonzero(wrong)


def test_the_right_edits_are_worth_something():
    view, wrong = flipped()
    right = [Edit(f"r{i}", "relabel", "y", "yes", "relabel") for i in wrong]
    away = [Edit(f"r{i}", "drop", because="drop") for i in wrong]
    found = {one.group: one for one in worth(view, right + away)}
    assert found["relabel"].helps
    assert found["drop"].helps
    assert found["drop"].n == len(wrong)


def test_random_edits_are_not():
    view, wrong = flipped()
    rows = np.random.default_rng(9).choice(len(view), len(wrong), replace=False)
    (drop,) = worth(view, [Edit(f"r{i}", "drop", because="x") for i in rows])
    assert not drop.helps


def test_edits_may_be_dicts_grouped_by_anything():
    view, wrong = flipped()
    edits = [{"row": f"r{i}", "op": "drop", "because": "LAB201"} for i in wrong[:10]]
    found = worth(view, edits, group=lambda edit: "even" if int(edit["row"][1:]) % 2 == 0 else "odd", repeats=2)
    assert {one.group for one in found} <= {"even", "odd"}
    assert sum(one.n for one in found) == 10


def test_an_inspection_will_do():
    from ftkit.quality.finding import Finding
    from ftkit.quality.inspection import Inspection

    view, wrong = flipped(200)
    found = worth(Inspection(view, [], [Finding("A", "a", "info", "")]), [Edit(f"r{wrong[0]}", "drop")], repeats=1)
    assert len(found) == 1


def test_what_has_to_be_applied_says_so():
    view, _ = flipped(100)
    (one,) = worth(view, [Edit("r0", "fill", "x0", 1.0, "TAB101")], repeats=1)
    assert np.isnan(one.change)
    assert "fill" in one.reason


def test_other_edits_are_measured_once_applied():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(600)
    seen = np.where(rng.random(600) < 0.4, 50.0, x)
    columns = {"id": [f"r{i}" for i in range(600)], "y": np.where(x > 0, "a", "b").tolist()}
    views = [ft.read(columns | {"x": v}, target="y", id="id") for v in (seen, np.where(seen == 50, np.nan, x))]
    edits = [Edit(f"r{i}", "fill", "x", None, "fill") for i in np.flatnonzero(seen == 50)]
    (one,) = worth(views[0], edits, apply=lambda view, edits: views[1], repeats=2)
    assert one.n == len(edits)
    assert one.low <= one.change <= one.high


def test_numbers_are_worth_r2():
    view = ft.read("diabetes")
    (one,) = worth(view, [Edit(view.ids[0], "relabel", view.target, 9999.0, "slip")])
    assert one.change < 0


def test_unknown_rows_and_classes_are_said():
    view, _ = flipped(100)
    with pytest.raises(DataError, match="nowhere"):
        worth(view, [Edit("nowhere", "drop")], repeats=1)
    with pytest.raises(DataError, match="yes"):
        worth(view, [Edit("r0", "relabel", "y", "yess")], repeats=1)


def test_flipped_incomes_of_adult(shared):
    """A tenth of the labels is wrong: relabelling those is worth something, relabelling as many others is not."""
    import polars as pl

    table = pl.read_csv(shared / "tab-adult" / "adult-train.csv.gz", has_header=False).drop_nulls()[:6000]
    rich = table["column_14"].str.contains(">50K").to_numpy()
    given = rich ^ (np.random.default_rng(1).random(len(rich)) < 0.1)
    columns = table.drop("column_14").to_dict(as_series=False) | {"id": list(range(len(rich)))}
    view = ft.read(columns | {"income": np.where(given, "rich", "poor").tolist()}, target="income", id="id")
    wrong = np.flatnonzero(given != rich)
    other = np.random.default_rng(2).choice(len(rich), len(wrong), replace=False)
    edits = [Edit(str(i), "relabel", "income", "rich" if rich[i] else "poor", "right") for i in wrong]
    edits += [Edit(str(i), "relabel", "income", "poor" if given[i] else "rich", "random") for i in other]
    found = {one.group: one for one in worth(view, edits, repeats=2)}
    assert found["right"].helps
    assert not found["random"].helps


def test_two_texts_rewritten_change_next_to_nothing():
    """Vectors of edited rows are fitted anew, so their axes are others: no row may be judged in the old ones."""
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(300)]
    labels = rng.integers(0, 2, 400)
    texts = [" ".join(rng.choice(words[100 * y : 100 * y + 200], 12)) for y in labels]
    columns = {"id": [f"r{i}" for i in range(400)], "text": texts, "y": np.array(["a", "b"])[labels].tolist()}
    view = ft.read(columns, target="y", id="id", text="text")
    edits = [Edit(f"r{i}", "replace", "text", "call me", "TXT208") for i in range(2)]
    (one,) = worth(view, edits, apply=lambda view, edits: view.apply([vars(edit) for edit in edits]))
    assert abs(one.change) < 0.03
    assert one.low <= 0 <= one.high
