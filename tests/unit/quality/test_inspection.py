from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from PIL import Image

import ftkit as ft
from ftkit.quality import CHECKS, fails, worst
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

N = 60
X = [i + 0.5 for i in range(N)]
Y = ["a", "b"] * (N // 2)


# What a small model says of rows made at random here: that it learns nothing from them, and how many more it wants.
MEASURED = ("FIT201", "SIZ201", "ORD201")


def codes(source, **options) -> set[str]:
    return {finding.code for finding in ft.inspect(ft.read(source, **options)).findings} - set(MEASURED)


def finding(source, code: str, **options) -> Finding:
    return next(found for found in ft.inspect(ft.read(source, **options)).findings if found.code == code)


def outcomes(view) -> dict[str, str]:
    return {check.code: check.outcome for check in ft.inspect(view).checks}


def test_good_rows_pass():
    inspection = ft.inspect(ft.read({"x": X, "y": Y}))
    assert [f for f in inspection.findings if f.code not in MEASURED and f.severity != "info"] == []
    assert {c.outcome for c in inspection.checks if c.code not in (*MEASURED, "LAB201")} <= {"passed", "not applicable"}


def test_every_code_is_three_letters_and_three_digits():
    assert all(code[:3].isupper() and code[3:].isdecimal() and len(code) == 6 for code in CHECKS)


def test_missing_values():
    found = finding({"x": [None] * 20 + X[20:], "y": Y}, "TAB101")
    assert "'x' is missing in 20 of 60 rows (33.3%)" in found.message
    assert (found.severity, len(found.rows)) == ("warning", 20)


def test_missing_rows_are_listed_to_a_thousand():
    found = finding({"x": [None] * 1500 + X, "y": Y * 26}, "TAB101")
    assert len(found.rows) == 1000
    assert "1,500 of 1,560" in found.message


@pytest.mark.parametrize("value", [3, None, "same"])
def test_constant_columns(value):
    assert "TAB102" in codes({"x": X, "c": [value] * N, "y": Y})


def test_label_notes_become_findings():
    found = codes({"x": X, "y": ["a ", None, *Y[2:]]})
    assert {"LAB101", "LAB102"} <= found


def test_one_class_is_an_error_and_what_needs_labels_is_skipped():
    view = ft.read({"x": X, "y": ["a"] * N})
    inspection = ft.inspect(view)
    assert [f.code for f in inspection.findings if f.severity == "error"] == ["LAB104"]
    assert outcomes(view)["BAL101"] == "skipped"


@pytest.mark.parametrize("y", [[1.5] * N, [float("inf"), *X[1:]]])
def test_targets_that_cannot_be_learned(y):
    assert finding({"x": X, "y": y}, "LAB104").severity == "error"


def test_imbalance():
    assert "'b' 3" in finding({"x": X, "y": ["b"] * 3 + ["a"] * (N - 3)}, "BAL101").message
    assert "BAL101" not in codes({"x": X, "y": ["b"] * 10 + ["a"] * (N - 10)})


def test_copies_keep_the_first():
    rows = {"x": [*X[:-2], X[0], X[0]], "y": [*Y[:-2], "a", "a"]}
    found = finding(rows, "DUP101")
    assert found.rows == [f"{ft.read(rows).ids[0]}-{k}" for k in (2, 3)]
    assert found.suggest == {"op": "drop", "because": "DUP101"}


def test_equal_rows_with_other_labels():
    found = finding({"x": [*X[:-1], X[0]], "y": Y}, "DUP102")
    assert len(found.rows) == 2
    assert "DUP101" not in codes({"x": [*X[:-1], X[0]], "y": Y})


def test_equal_rows_stand_side_by_side():
    view = ft.read({"x": [1.5, 2.5, 3.5, 2.5, 1.5, 4.5], "y": ["a", "b", "a", "a", "b", "b"]}, target="y")
    found = CHECKS["DUP102"].run(view, CHECKS["DUP102"], Evidence(view))[0]
    assert found.rows == view.ids[[0, 4, 1, 3]].tolist()


def test_rows_on_both_sides():
    found = finding({"x": X, "y": Y}, "SPL101", test={"x": [X[4], 99.5], "y": ["a", "b"]})
    assert "1 of 2 test" in found.message
    assert found.rows == [ft.read({"x": X, "y": Y}).ids[4]]


def test_unreadable_and_converted_images(photos):
    (photos / "dog" / "00.png").write_bytes(b"")
    (photos / "dog" / "01.jpg").write_text("text")
    Image.new("CMYK", (8, 8)).save(photos / "dog" / "02.jpg")
    found = finding(photos, "IMG101")
    assert found.rows == ["dog/00.png", "dog/01.jpg"]
    assert "2 of 26" in found.message
    assert "CMYK" in finding(photos, "IMG102").message


def test_copies_of_images(photos):
    shutil.copy(photos / "dog" / "03.png", photos / "dog" / "99.png")
    shutil.copy(photos / "dog" / "04.png", photos / "猫" / "98.png")
    assert finding(photos, "DUP101").rows == ["dog/99.png"]
    assert finding(photos, "DUP102").rows == ["dog/04.png", "猫/98.png"]


def test_empty_files_are_no_copies_of_each_other(photos):
    for i in range(3):
        (photos / "dog" / f"{i:02d}.png").write_bytes(b"")
    assert codes(photos) == {"IMG101"}


def test_a_broken_check_stays_alone(monkeypatch):
    def broken(view, check, evidence):
        raise ZeroDivisionError("by zero")

    monkeypatch.setitem(CHECKS, "TAB102", replace(CHECKS["TAB102"], run=broken))
    result = next(check for check in ft.inspect("iris").checks if check.code == "TAB102")
    assert (result.outcome, result.reason) == ("failed", "ZeroDivisionError: by zero")
    assert outcomes(ft.read("iris"))["DUP101"] == "finding"


def test_to_dict_is_json():
    made = json.loads(json.dumps(ft.inspect("iris").to_dict()))
    assert set(made) == {"dataset", "readiness", "checks", "findings"}
    assert made["dataset"]["classes"] == {"setosa": 50, "versicolor": 50, "virginica": 50}
    assert made["dataset"]["columns"][4] == {"name": "species", "kind": "category", "role": "target", "missing": 0}
    assert set(made["findings"][0]) == {"code", "check", "severity", "message", "rows", "scores", "suggest"}


def test_inspection_of_a_selection():
    view = ft.read("iris")[:20]
    assert "LAB104" in {found.code for found in ft.inspect(view).findings}


def test_no_target_is_no_fault():
    inspection = ft.inspect(ft.read({"x": X, "z": X[::-1]}))
    assert [f for f in inspection.findings if f.code not in MEASURED and f.severity != "info"] == []
    assert inspection.to_dict()["dataset"]["target"] is None


def test_worst_first():
    ordered = worst([Finding("A", "", "info", ""), Finding("B", "", "error", ""), Finding("C", "", "warning", "")])
    assert [found.code for found in ordered] == ["B", "C", "A"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("error", False), ("warning", True), ("info", True), ("DUP101", True), ("DUP101=0", True), ("DUP101=1", False)],
)
def test_fails(rule, expected):
    assert fails(ft.inspect("iris"), rule) is expected


@pytest.mark.parametrize("rule", ["eror", "DUP1O1", "DUP101=", "DUP101=x", ""])
def test_unknown_rules(rule):
    with pytest.raises(ft.DataError):
        fails(ft.inspect("iris"), rule)


def test_adult(shared):
    folder = shared / "tab-adult"
    view = ft.read(folder / "adult-train.csv.gz", target="column_15", test=folder / "adult-test.csv.gz")
    found = {f.code: f for f in ft.inspect(view).findings}
    assert len(found["DUP101"].rows) == 24 + 5
    assert {"TAB101", "TAB104", "LAB103", "SPL101"} <= set(found)
    assert "failed" not in outcomes(view).values()
