"""What stands behind the figures of the metrics panel."""

from __future__ import annotations

import numpy as np
import pytest
from hostile import HOSTILE
from judged import shares, write_run

import ftkit as ft
from ftkit.errors import DataError, RunError
from ftkit.panels.job import Job
from ftkit.panels.judged import MOST_CLASSES


@pytest.fixture
def opened(tmp_path):
    def go(view, answers, name="a-1"):
        return ft.MetricsPanel(ft.Run(write_run(tmp_path / name, view, answers)), view, tmp_path / "edits.jsonl")

    return go


def ask(panel, name, **args):
    return panel._answer({"ask": name, "args": args})[0]


@pytest.fixture(scope="module")
def iris():
    return ft.read("iris")


def test_rows_come_with_the_highest_loss_first_and_say_what_was_answered(opened, iris):
    panel = opened(iris, shares(iris, 4.0, [(10, 2)]))
    assert panel._rows.view.ids[0] == iris.ids[10]
    row = ask(panel, "row", place=0)
    assert list(row["cells"])[:2] == ["predicted", "loss"]
    assert row["cells"]["predicted"] == "virginica"
    assert row["cells"]["p(virginica)"].startswith("0.99")
    columns = [column["name"] for column in ask(panel, "about")["columns"]]
    assert columns[:3] == ["predicted", "loss", "sepal length (cm)"]


def test_they_are_sorted_by_what_was_answered_too(opened, iris):
    panel = opened(iris, shares(iris, 1.0))
    assert panel._rows.order("loss", down=False)[-1] == 0
    said = panel._rows.told["predicted"][panel._rows.order("predicted", down=False)]
    assert list(said) == sorted(said)


def test_what_was_answered_has_a_profile_as_columns_have(opened, iris):
    panel = opened(iris, shares(iris, 6.0))
    assert ask(panel, "profile", column="predicted")["distinct"] == 3
    assert (
        ask(panel, "profile", column="loss")["missing"] == ask(panel, "profile", column="petal width (cm)")["missing"]
    )


def test_a_column_of_the_same_name_stays_what_it_is(opened):
    view = ft.read({"predicted": [1, 2] * 20, "label": ["a", "b"] * 20}, target="label")
    names = [column["name"] for column in ask(opened(view, shares(view)), "about")["columns"]]
    assert names[:3] == ["predicted ", "loss", "predicted"]


def test_what_a_matrix_counts_is_what_its_cells_open(opened, iris):
    panel = opened(iris, shares(iris, 1.0))
    told = ask(panel, "matrix")
    for t, true in enumerate(told["classes"]):
        for p, predicted in enumerate(told["classes"]):
            assert len(panel._answers.cell(true, predicted)) == told["counts"][t][p]
    first = told["pairs"][0]
    assert ask(panel, "behind", what="cell", true=first[0], predicted=first[1])["rows"] == int(first[2])


def test_of_very_many_classes_those_with_most_errors_are_drawn(opened):
    names = [f"class {k:02d}" for k in range(60)]
    view = ft.read({"x": list(range(1200)), "label": names * 20}, target="label")
    wrong = [(row, 59) for row in range(120) if view.labels[row] == 8]
    told = ask(opened(view, shares(view, 12.0, wrong)), "matrix")
    assert len(told["classes"]) == MOST_CLASSES
    assert {"class 08", "class 59"} <= set(told["classes"])
    assert told["left_out"] == 20


def test_the_counts_a_page_follows_by_are_those_of_the_rule(opened, iris):
    panel = opened(iris, shares(iris, 1.0))
    curve = ask(panel, "curve", of="versicolor")
    for threshold in (0.0, 0.25, 0.5, 1.0):
        rule = ask(panel, "rule", of="versicolor", threshold=threshold, miss=3.0, alarm=1.0)
        at = round(threshold * 1000)
        assert (curve["found"][at], curve["taken"][at]) == (rule["found"], rule["found"] + rule["alarms"])
        assert rule["found"] + rule["missed"] == curve["positive"]
        assert rule["cost"][0] == pytest.approx((3 * rule["missed"] + rule["alarms"]) / curve["rows"])
        for part in ("found", "missed", "alarms", "passed"):
            panel.of, panel.threshold = "versicolor", threshold
            if rule[part]:
                assert ask(panel, "behind", what="rule", part=part)["rows"] == rule[part]
    assert ask(panel, "rule", of="setosa", threshold=1.001, miss=1.0, alarm=1.0)["precision"] is None


def test_of_a_class_without_test_rows_there_is_no_curve(opened):
    view = ft.read({"x": list(range(90)), "label": (["a", "b"] * 44) + ["c", "rare"]}, target="label")
    panel = opened(view, shares(view))
    assert panel.of == "a"
    with pytest.raises(DataError, match="the labels have one class"):
        ask(panel, "curve", of="rare")
    assert ask(panel, "curve", of="a")["positive"] == 44


def test_where_yes_is_never_worth_it_the_threshold_is_out_of_reach(opened, iris):
    panel = opened(iris, shares(iris, 0.1))
    told = ask(panel, "cheapest", of="setosa", miss=0.0, alarm=5.0)
    assert told["never"]
    assert told["threshold"] > 1


def test_bins_hold_all_rows_and_open_them(opened, iris):
    panel = opened(iris, shares(iris, 1.0))
    for mended in (False, True):
        panel.mended = mended
        told = ask(panel, "calibration", mended=mended)
        assert sum(one["rows"] for one in told["bins"]) == 75
        for one in told["bins"]:
            assert ask(panel, "behind", what="bin", at=one["at"])["rows"] == one["rows"]


def test_numbers_and_their_residuals(opened):
    view = ft.read("diabetes")
    answers = view.labels + np.linspace(-9, 9, len(view))
    panel = opened(view, answers)
    told = ask(panel, "residuals")
    assert sum(told["counts"]) == 221
    for at, rows in enumerate(told["counts"]):
        if rows:
            assert ask(panel, "behind", what="residual", at=at)["rows"] == rows
    assert ask(panel, "judged")["lenses"] == ["residuals", "slices", "compare"]
    assert panel.lens == "residuals"


def test_only_runs_of_the_same_rows_are_compared(opened, iris, tmp_path):
    panel = opened(iris, shares(iris, 1.0))
    write_run(tmp_path / "b-2", iris, shares(iris, 6.0))
    write_run(tmp_path / "c-3", ft.read("wine"), shares(ft.read("wine")))
    assert ask(panel, "rivals")["runs"] == ["b-2"]
    panel.other = "b-2"
    told = ask(panel, "contest", other="b-2")
    for part, rows in told["parts"].items():
        if rows:
            assert ask(panel, "behind", what="part", part=part)["rows"] == rows
    assert sum(told["parts"].values()) <= 75
    with pytest.raises(DataError, match="'c-3' was not judged by the same rows; one of 'b-2'"):
        ask(panel, "contest", other="c-3")


def test_code_repeats_what_was_done(opened, iris, tmp_path):
    panel = opened(iris, shares(iris, 1.0))
    write_run(tmp_path / "b-2", iris, shares(iris, 6.0))
    panel.threshold, panel.of, panel.other = 0.3, "virginica", "b-2"
    ask(panel, "edit", places=[0], op="drop")
    code = panel.code().replace("ft.predict(run, rows)", "run.predictions()").replace("answers.columns", "answers")
    made = {"ft": ft, "rows": iris}
    exec(code, made)
    assert made["yes"].sum() == (made["run"].predictions()["p_virginica"] >= 0.3).sum()
    assert len(made["clean"]) == 149


def test_its_output_is_small_and_its_twin_says_the_same(opened, monkeypatch):
    monkeypatch.setenv("FTKIT_LIVE", "1")
    monkeypatch.setattr("ftkit.panels.panel.has_extension", lambda: True)
    monkeypatch.setattr("ftkit.panels.panel.built", lambda name: f"// {name}")
    view = ft.read("digits")
    panel = opened(view, shares(view, 1.0))
    (bundle,) = panel.bundles()
    assert sum(len(str(value)) for value in bundle.values()) < 100_000
    assert "accuracy" in bundle["text/html"]
    text = panel.twin().text()
    for part in ("Confusion matrix", "ROC curve", "Reliability", "predicted wrongly"):
        assert part in text


def test_the_twin_holds_the_slices_that_were_looked_for(opened, iris):
    panel = opened(iris, shares(iris, 2.0))
    ask(panel, "slices")
    panel._slices.wait()
    assert "slices of the rows were tried" in panel.twin().text() or "slices tried" in panel.twin().text()


def test_hostile_class_names_pass_through(opened):
    view = ft.read({"x": list(range(360)), "label": HOSTILE * 20}, target="label")
    panel = opened(view, shares(view, 1.0))
    assert set(ask(panel, "matrix")["classes"]) == set(map(str, view.classes))
    assert "<script>" not in panel.twin().html()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"what": "cells"}, "'cells' is no figure with rows behind it; nearest is 'cell'"),
        ({"what": "cell", "true": "rose", "predicted": "setosa"}, "class 'rose' is not known"),
        ({"what": "rule", "part": "lost"}, "part 'lost' is not known"),
        ({"what": "slice", "at": 0}, "slice 0 is not one of 0"),
        ({"what": "bin", "at": 0}, "no row is behind this figure"),
    ],
)
def test_what_has_no_rows_behind_it_is_told(opened, iris, args, said):
    with pytest.raises(DataError, match=said):
        ask(opened(iris, shares(iris)), "behind", **args)


def test_what_was_not_judged_is_told(tmp_path, iris):
    folder = write_run(tmp_path / "a-1", iris, shares(iris))
    with pytest.raises(DataError, match="75 of 75 rows that 'a-1' was judged by are not among these rows"):
        ft.MetricsPanel(ft.Run(folder), ft.read("wine"))
    (folder / "predictions.parquet").unlink()
    with pytest.raises(RunError, match="no predictions"):
        ft.MetricsPanel(ft.Run(folder))


def test_a_job_says_how_far_it_is_and_ends_when_asked():
    done = Job(lambda tell: [tell(k, 3) for k in range(3)] and 7)
    assert done.wait() == {"state": "done", "done": 2, "of": 3, "error": ""}
    assert done.result == 7

    def for_ever(tell):
        while True:
            tell(1, 0)

    endless = Job(for_ever)
    endless.stop()
    assert endless.wait()["state"] == "stopped"
    failed = Job(lambda tell: (_ for _ in ()).throw(DataError("nothing there")))
    assert failed.wait()["error"] == "nothing there"
