from __future__ import annotations

import pytest

import ftkit as ft
from ftkit.cleaning import edits_for, propose
from ftkit.quality import CheckResult, Finding, Inspection

COPIES = Finding("DUP101", "exact copies", "warning", "…", ["b", "c"], [1.0, 1.0], {"op": "drop", "because": "DUP101"})
LABELS = Finding(
    "LAB901", "label errors", "warning", "…", ["a", "d", "e"], [0.9, 0.4, 0.8],
    {"op": "relabel", "values": ["y", "x", None], "because": "LAB901"},
)  # fmt: skip
FAR = Finding("OUT901", "far from the others", "warning", "…", ["e"], [0.7])
SPANS = Finding(
    "TXT901", "personal data", "info", "…", ["a", "a"], [1.0, 1.0],
    {"op": "redact", "column": "t", "value": {"values": [[[0, 2]], [[3, 4]]]}},
)  # fmt: skip


@pytest.fixture
def found():
    view = ft.read({"id": list("abcde"), "t": ["one", "two", "three", "four", "five"], "y": list("xyxyx")}, target="y")
    findings = [COPIES, LABELS, FAR, SPANS]
    checks = [CheckResult(f.code, f.check, "finding", "", 0.0) for f in findings]
    return Inspection(view, [*checks, CheckResult("BAL101", "class imbalance", "passed", "", 0.0)], findings)


def pairs(edits):
    return [(edit.row, edit.op, edit.value) for edit in edits]


@pytest.mark.parametrize("word", ["DUP101", "DUP", "copies", "duplicate", "Duplicates", "exact copies"])
def test_a_kind_is_a_code_a_word_or_a_heading(found, word):
    assert pairs(found.propose(drop=[word])) == [("b", "drop", None), ("c", "drop", None)]


def test_the_readme_form(found):
    edits = found.propose(drop=["duplicate", "outlier"])
    assert [edit.row for edit in edits] == ["b", "c", "e"]
    assert [edit.because for edit in edits] == ["DUP101", "DUP101", "OUT901"]
    assert len(found.view.apply(edits)) == 2


def test_values_of_single_rows_are_taken_and_rows_without_one_left_alone(found):
    assert pairs(found.propose(relabel="label error")) == [("a", "relabel", "y"), ("d", "relabel", "x")]
    assert pairs(found.propose(relabel=True, least=0.5)) == [("a", "relabel", "y")]
    assert found.view.apply(found.propose(relabel=True)).labels.tolist() == [1, 1, 0, 0, 0]


def test_redactions_carry_their_column_and_add_up(found):
    edit = propose(found, redact=True)[0]
    assert (edit.column, edit.value) == ("t", [[0, 2], [3, 4]])


def test_keep_answers_findings_and_spares_their_rows(found):
    edits = found.propose(drop=["DUP101"], keep=["b"])
    assert [(e.row, e.op) for e in edits] == [("c", "drop"), ("b", "keep")]
    assert {e.because for e in found.propose(keep=["OUT901"])} == {"OUT901"}


def test_a_dropped_row_needs_no_other_edit(found):
    assert [e.op for e in found.propose(drop=["outlier"], relabel=True, fill=()) if e.row == "e"] == ["drop"]


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"drop": ["duplicat3"]}, "nearest is 'duplicates'"),
        ({"relabel": ["DUP101"]}, "DUP101 suggests drop, not relabel"),
        ({"drop": ["OUT205"]}, "is no check"),
        ({"drop": [""]}, "is no check"),
        ({"drop": ["DUP101"], "least": 2}, "from 0 to 1"),
    ],
)
def test_what_cannot_be_meant_is_told(found, kinds, said):
    with pytest.raises(ft.DataError, match=said):
        found.propose(**kinds)


def test_a_check_that_found_nothing_gives_nothing(found):
    assert len(found.propose(drop=["balance", "imbalance", "leakage"])) == 0


def test_edits_of_a_finding_without_suggestion():
    assert [e.op for e in edits_for(FAR, "drop", by="me")] == ["drop"]


def test_kept_rows_are_found_no_more():
    view = ft.inspect("iris").view
    found = ft.inspect(view)
    kept = view.apply(found.propose(keep=["DUP101"]))
    assert "DUP101" not in [f.code for f in ft.inspect(kept).findings]
    assert len(kept) == 150
    other = view.apply([{"row": found.findings[0].rows[0], "op": "keep", "because": "OUT201"}])
    assert "DUP101" in [f.code for f in ft.inspect(other).findings]
