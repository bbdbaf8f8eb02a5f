from __future__ import annotations

import json

import pytest

import ftkit as ft
from ftkit.quality import CHECKS, CheckResult, Finding, Inspection, heading_of
from ftkit.quality.headings import NAMES
from ftkit.quality.readiness import readiness

PASSED = CheckResult("OUT901", "outliers", "passed", "", 0.1)


@pytest.fixture(scope="module")
def iris():
    return ft.read("iris")


def told(view, heading, checks=(), findings=()):
    return next(v for v in readiness(Inspection(view, list(checks), list(findings))) if v.heading == heading)


def found(severity, **fields):
    return Finding(**{"code": "OUT901", "check": "outliers", "severity": severity, "message": f"{severity}.", **fields})


def test_ten_headings_in_order(iris):
    assert tuple(v.heading for v in readiness(ft.inspect(iris))) == NAMES
    assert len(NAMES) == 10


@pytest.mark.parametrize(("severity", "verdict"), [("error", "bad"), ("warning", "look"), ("info", "good")])
def test_the_gravest_finding_decides(iris, severity, verdict):
    findings = [found("info"), found(severity)]
    assert told(iris, "outliers", [PASSED], findings).verdict == verdict


def test_passed_is_good_and_unasked_is_unknown(iris):
    assert told(iris, "outliers", [PASSED]).verdict == "good"
    assert told(iris, "outliers").verdict == "unknown"


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        ("skipped", "no model was given", "was skipped: no model was given."),
        ("not applicable", "the rows are no images", "No check applies: the rows are no images."),
        ("failed", "ValueError: odd", "broke: ValueError: odd."),
    ],
)
def test_unknown_says_why(iris, outcome, reason, said):
    verdict = told(iris, "outliers", [CheckResult("OUT901", "outliers", outcome, reason, 0.1)])
    assert (verdict.verdict, verdict.next) == ("unknown", "")
    assert said in verdict.sentence


def test_a_check_that_broke_is_told_beside_those_that_passed(iris):
    broken = CheckResult("OUT902", "far rows", "failed", "ValueError: odd", 0.1)
    verdict = told(iris, "outliers", [PASSED, broken])
    assert "Not asked: far rows; ValueError: odd." in verdict.sentence


def test_rows_come_surest_first_and_once(iris):
    rows = [str(i) for i in range(20)]
    finding = found("warning", rows=rows, scores=[i / 20 for i in range(20)], suggest={"op": "drop"})
    verdict = told(iris, "outliers", [PASSED], [finding, found("warning", rows=["19"], scores=[1.0])])
    assert verdict.rows == ["19", "18", "17", "16", "15", "14", "13", "12"]
    assert verdict.figures["rows"] == 20
    assert verdict.next == "found.propose(drop=['OUT901'])"


def test_what_to_do_comes_from_the_checks_page(iris):
    verdict = next(v for v in readiness(ft.inspect(iris)) if v.heading == "duplicates")
    assert verdict.next.startswith("Drop them, the first stays")
    assert verdict.next.endswith("found.propose(drop=['DUP101'])")


def test_reading_notes_alone_make_nothing_good(iris):
    notes = [CheckResult("SRC101", "files left out", "passed", "", 0.0)]
    assert told(iris, "missing", notes).verdict == "unknown"


def test_figures_of_headings(iris):
    verdicts = {v.heading: v.figures for v in readiness(ft.inspect(iris))}
    assert verdicts["size"]["rows"] == 150
    assert (verdicts["balance"]["classes"], verdicts["balance"]["rarest"]) == (3, 50)
    assert verdicts["missing"]["cells"] == 0


def test_it_is_part_of_the_json(iris):
    made = json.loads(json.dumps(ft.inspect(iris).to_dict(), allow_nan=False))
    assert [v["heading"] for v in made["readiness"]] == list(NAMES)
    assert set(made["readiness"][0]) == {"heading", "question", "verdict", "sentence", "figures", "rows", "next"}


def test_an_unusable_target_is_bad():
    found = ft.inspect(ft.read({"x": [1.5, 2.5, 3.5] * 9, "y": ["a"] * 27}))
    assert told(found.view, "label quality", found.checks, found.findings).verdict == "bad"


def test_every_check_answers_to_a_heading():
    assert {heading_of(check.code, check.name) for check in CHECKS.values()} <= set(NAMES)
