from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.cleaning import Policy, apply_policy
from ftkit.data.layer import blended, cleared, layer_value
from ftkit.quality import CheckResult, Finding, Inspection
from ftkit.quality.kept import without_kept


@pytest.fixture
def found():
    x = [float(i) for i in range(40)]
    rows = {"x": [*x, 0.0, None, 7e9], "z": [*x, 0.0, 1.0, 2.0], "y": [*("ab" * 20), "a", None, "b"]}
    return ft.inspect(ft.read(rows, target="y"))


def test_auto_does_what_nobody_regrets(found):
    edits = apply_policy(found)
    assert sorted((e.op, e.because) for e in edits) == [("drop", "DUP101"), ("drop", "LAB101")]
    assert {e.by for e in edits} == {"auto"}


def test_auto_drops_unreadable_images(photos):
    (photos / "dog" / "03.png").write_bytes(b"")
    assert [e.row for e in apply_policy(ft.inspect(photos))] == ["dog/03.png"]


def test_everything_can_be_kept(found):
    assert len(apply_policy(found, Policy(duplicates="keep", unlabelled="keep"))) == 0


def test_missing_cells_of_rows_that_stay_are_filled(found):
    edits = apply_policy(found, Policy(missing="median", unlabelled="keep"))
    fills = [e for e in edits if e.op == "fill"]
    assert [(e.column, e.value) for e in fills] == [("x", 20)]
    assert not [e for e in apply_policy(found, Policy(missing="median")) if e.op == "fill"]


def test_winsorising_brings_the_far_back(found):
    edits = apply_policy(found, Policy(outliers="winsorise"))
    assert 7e9 not in found.view.apply(edits).numbers("x")


def test_labels_are_changed_only_on_demand_and_when_sure():
    view = ft.read({"id": list("abcd"), "x": [1.5, 2.5, 3.5, 4.5], "y": list("pqpq")}, target="y")
    wrong = Finding(
        "LAB901", "label errors", "warning", "", ["a", "b"], [0.9, 0.2], {"op": "relabel", "values": ["q", "p"]}
    )
    found = Inspection(view, [CheckResult("LAB901", "label errors", "finding", "", 0)], [wrong])
    assert len(apply_policy(found)) == 0
    assert [(e.row, e.value) for e in apply_policy(found, Policy(labels="relabel"))] == [("a", "q")]
    assert [(e.row, e.op) for e in apply_policy(found, Policy(labels="drop"))] == [("a", "drop")]


def test_near_duplicates_keep_the_longest_or_the_newest():
    rows = {
        "id": list("abc"),
        "text": ["good film", "good film!!", "other words here"],
        "when": ["2024-01-03", "2024-01-02", "2024-01-01"],
    }
    view = ft.read(rows, text="text", time="when")
    near = Finding("DUP201", "near duplicates", "warning", "", ["b"], [0.9], {"op": "drop", "of": ["a"]})
    found = Inspection(view, [CheckResult("DUP201", "near duplicates", "finding", "", 0)], [near])
    dropped = {
        rule: [e.row for e in apply_policy(found, Policy(near_duplicates=rule))]
        for rule in ("first", "longest", "newest", "keep")
    }
    assert dropped == {"first": ["b"], "longest": ["a"], "newest": ["b"], "keep": []}


def test_personal_data_and_markup_are_two_decisions():
    texts = ["call 13812345678", "<p>hello there</p>", "nothing odd"]
    view = ft.read({"id": list("abc"), "text": texts, "label": list("pqp")}, text="text")
    phone = Finding(
        "TXT208",
        "personal data",
        "warning",
        "",
        ["a"],
        [1.0],
        {"op": "redact", "column": "text", "values": [[[5, 16]]]},
    )
    markup = Finding(
        "TXT205", "markup", "warning", "", ["b"], [1.0], {"op": "redact", "column": "text", "values": [[[0, 3, ""]]]}
    )
    found = Inspection(view, [], [phone, markup])
    assert [e.row for e in apply_policy(found, Policy(private="redact"))] == ["a"]
    assert [e.row for e in apply_policy(found, Policy(text="strip"))] == ["b"]


def test_a_policy_is_a_few_keys():
    policy = Policy.from_dict({"missing": "group", "group": "city"}, "mine")
    assert policy.to_dict() == {"name": "mine", "missing": "group", "group": "city"}
    assert Policy.from_dict(policy.to_dict()) == policy


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"mising": "median"}, "nearest is 'missing'"),
        ({"missing": "medain", "outliers": "x"}, "outliers: 'x'.*nearest is 'median'"),
        ({"missing": "constant"}, "value: is needed"),
        ({"least": 3}, "from 0 to 1"),
        (["drop"], "keys and values"),
    ],
)
def test_faults_of_a_policy_are_told(keys, said):
    with pytest.raises(ft.DataError, match=said):
        Policy.from_dict(keys)


@pytest.fixture
def marked(photos):
    """The photos, four with a mark, its layer, and what was found."""
    layer = np.zeros((16, 16, 4), np.uint8)
    layer[4:8, 3:12] = (240, 30, 60, 120)
    rows = [f"dog/{i:02d}.png" for i in range(4)]
    for row in rows:
        Image.fromarray(blended(np.asarray(Image.open(photos / row)), layer)).save(photos / row)
    suggest = {"op": "mask", "values": {"16x16": layer_value(layer)}, "which": ["16x16"] * 3 + [""]}
    finding = Finding("IMG201", "repeated marks", "warning", "4 marks", rows, [1.0] * 4, suggest)
    return photos, layer, Inspection(ft.read(photos), [], [finding])


def test_marks_are_taken_off_painted_over_or_left(marked, tmp_path):
    photos, layer, found = marked
    row = photos / "dog" / "00.png"
    before = np.asarray(Image.open(row))
    covered = layer.copy()
    covered[layer[..., 3] > 0] = 255
    for choice, expected in (("keep", None), ("remove", cleared(before, layer)), ("inpaint", cleared(before, covered))):
        edits = apply_policy(found, Policy(marks=choice))
        assert len(edits) == (0 if choice == "keep" else 3)
        if edits:
            done = ft.clean(found.view, edits.save(tmp_path / f"{choice}.jsonl"), tmp_path / choice)
            assert (np.asarray(Image.open(done.folder / "dog" / "00.png")) == expected).all()
            assert (done.folder / "dog" / "03.png").read_bytes() == (photos / "dog" / "03.png").read_bytes()
    assert (np.asarray(Image.open(row)) == before).all()


def test_findings_answered_for_some_rows_keep_the_values_of_the_others(marked):
    _, layer, found = marked
    (left,) = without_kept(found.findings, ft.Edits([{"row": "dog/00.png", "op": "keep"}]))
    assert left.each("value") == [layer_value(layer)] * 2 + [None]
    (left,) = without_kept(found.findings, ft.Edits([{"row": f"dog/0{i}.png", "op": "keep"} for i in (0, 3)]))
    assert left.each("value") == [layer_value(layer)] * 2
