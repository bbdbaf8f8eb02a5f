"""What findings are worth, told and sorted by; the queue; both from an inspection."""

from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft
from ftkit.quality import CheckResult, Finding, Inspection
from ftkit.quality.worth import Worth

ROWS = 2000


@pytest.fixture(scope="module")
def found() -> Inspection:
    """Two in five of one class called the other: one finding knows which, another asks to drop rows at random."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, ROWS)
    x = rng.standard_normal((ROWS, 8)) + 1.6 * true[:, None] * np.eye(8)[0]
    wrong = np.flatnonzero((true == 1) & (rng.random(ROWS) < 0.45))
    given = true.copy()
    given[wrong] = 0
    columns = {f"x{i}": x[:, i] for i in range(8)} | {"id": [f"r{i}" for i in range(ROWS)]}
    view = ft.read(columns | {"y": np.array(["no", "yes"])[given].tolist()}, target="y", id="id")
    ids = [f"r{i}" for i in wrong]
    some = [f"r{i}" for i in rng.choice(ROWS, 40, replace=False)]
    relabel = {"op": "relabel", "value": "yes"}
    findings = [
        Finding("OUT203", "outliers", "warning", "Far out.", some, [1.0] * 40, {"op": "drop"}),
        Finding("LAB201", "label errors", "warning", "Labels.", ids, [1.0] * len(ids), relabel),
        Finding("LEK201", "leakage", "error", "Leaks."),
        Finding("BAL101", "class imbalance", "info", "Uneven."),
    ]
    return Inspection(view, [CheckResult(f.code, f.check, "finding", "", 0) for f in findings], findings)


def test_the_edits_of_each_finding_are_measured_and_the_report_sorts_by_them(found: Inspection) -> None:
    before = [finding.code for finding in found.ranked()]
    assert before == ["LEK201", "OUT203", "LAB201", "BAL101"]
    done = found.value()
    assert [worth.group for worth in done] == ["LAB201 relabel", "OUT203 drop"]
    assert done[0].helps
    assert not done[1].helps
    assert [finding.code for finding in found.ranked()] == ["LEK201", "LAB201", "OUT203", "BAL101"]
    told = found.to_dict()
    assert [finding["code"] for finding in told["findings"]] == ["LEK201", "LAB201", "OUT203", "BAL101"]
    assert told["findings"][1]["worth"]["low"] > 0
    assert "worth" not in told["findings"][0]
    assert [worth["group"] for worth in told["worth"]] == ["LAB201 relabel", "OUT203 drop"]


def test_the_worth_is_shown(found: Inspection) -> None:
    found.value(repeats=2)
    said = found.worth_of(found.ranked()[1]).told
    assert said.startswith("+")
    verdict = next(v for v in found.readiness() if v.heading == "label quality")
    assert verdict.figures["worth"] == said
    assert f"Measured on rows held out: {said}" in verdict.next
    assert said in ft.show(found).html()
    assert said in str(ft.show(found))
    assert f"Worth {said}." in repr(found)
    outliers = next(v for v in found.readiness() if v.heading == "outliers")
    assert "no difference that could be seen" in outliers.next


def test_edits_of_a_person_are_measured_too(found: Inspection) -> None:
    mine = [{"row": "r1", "op": "drop", "because": "blurred"}, {"row": "r2", "op": "keep"}]
    measured = [worth for worth in found.value(mine, repeats=1) if worth.n]
    assert [(worth.group, worth.n) for worth in measured] == [("blurred drop", 1)]


def test_rows_without_labels_say_so() -> None:
    texts = [f"the {i}th sentence about nothing in particular" for i in range(40)]
    found = ft.inspect(ft.read({"text": texts}, text="text"))
    with pytest.raises(ft.DataError, match="worth is measured on labels"):
        found.value()
    with pytest.raises(ft.DataError, match="target"):
        found.queue(3)


def test_the_queue_of_an_inspection(found: Inspection) -> None:
    from ftkit.quality.queue import queue

    assert found.queue(10) == queue(found.view, 10)
    with pytest.raises(ft.DataError, match="1 or more"):
        found.queue(0)


def test_what_could_not_be_measured_is_null_in_json() -> None:
    nothing = Worth("a", float("nan"), float("nan"), float("nan"), 3, "no row is left")
    assert nothing.to_dict()["change"] is None
    assert nothing.told == "not measured: no row is left"
    assert not nothing.helps
