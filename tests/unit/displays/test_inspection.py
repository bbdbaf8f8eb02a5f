from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft
from ftkit.displays import Display, Verdict, Verdicts, show_readiness
from ftkit.displays.inspection import flagged
from ftkit.displays.readiness import figures
from ftkit.errors import DataError
from ftkit.quality import Inspection
from ftkit.quality import Verdict as Told
from ftkit.quality.finding import Finding

WORDS = ["cloth", "pepper", "iron", "glass", "river", "stone", "cloud", "house", "winter", "paper", "bread", "field"]


@pytest.fixture(scope="module")
def shown():
    return ft.show(ft.inspect("iris"))


def test_the_verdicts_come_first(shown):
    assert isinstance(shown.blocks[1], Verdicts)
    assert len(shown.blocks[1].verdicts) == 10


def test_every_form_tells_a_verdict_and_what_to_do(shown):
    page, text = shown.html(), shown.text()
    for said in ("duplicates", "exact copies", "found.propose(drop="):
        assert said in text
        assert said.capitalize() in page or said in page
    assert "<code>found.propose(drop=[&#x27;DUP101&#x27;])</code>" in page
    assert shown.png().startswith(b"\x89PNG")


def test_a_verdict_is_not_told_by_colour_alone(shown):
    page = shown.html()
    assert 'aria-hidden="true">!</span>' in page
    assert ": look at it" in page


def test_it_survives_a_notebook(shown):
    assert Display.from_spec(shown.spec()) == shown


def test_checks_that_do_not_apply_are_told_once_a_reason(shown):
    checks = next(block for block in shown.blocks if getattr(block, "caption", "").startswith("Checks"))
    reasons = [
        why
        for why, out in zip(checks.columns["heading, or why"], checks.columns["outcome"], strict=True)
        if out == "not applicable"
    ]
    assert reasons
    assert len(reasons) == len(set(reasons))


def test_figures_that_say_nothing_are_left_out():
    told = Told("missing", "?", "look", "…", {"rows": 2000, "share": 0.5, "cells": 3000, "checks": "2 of 3"})
    assert figures(told) == "2,000 rows (50%) · 3,000 cells"
    assert figures(Told("outliers", "?", "good", "…", {"rows": 0, "share": 0.0})) == ""


def test_readiness_alone():
    assert show_readiness(ft.inspect("iris")).title == "iris: is it good enough?"


def test_an_unknown_verdict_is_told():
    with pytest.raises(DataError, match="nearest is 'good'"):
        Verdict("size", "god")


@pytest.mark.parametrize(
    "columns",
    [
        {"a": [1.0, 2.0, 3.0, 4.0] * 10, "b": list("xyzx") * 10},
        {"label": [f"q{i}" for i in range(50)], "b": list(range(50))},
        {"text": [f"a sentence of {i} words or so, about nothing" for i in range(30)]},
    ],
    ids=["no target", "no task", "texts alone"],
)
def test_rows_without_classes_are_shown_too(columns):
    view = ft.read(columns)
    assert view.name in ft.show(view).html()
    assert "Is it good enough?" in ft.show(ft.inspect(view)).html()


def test_rows_to_look_at_are_told_in_their_own_words():
    chats = [
        [{"role": "user", "content": f"问题 {i}"}, {"role": "assistant", "content": f"答案 {i}"}] for i in range(30)
    ]
    found = ft.inspect(ft.read({"messages": [*chats, chats[0]]}))
    (table,) = [block for block in ft.show(found).blocks if getattr(block, "caption", "") == "Rows to look at"]
    assert "[user] 问题 0 [assistant] 答案 0" in table.columns["what it says"]


def test_what_is_private_is_not_spread_by_the_report():
    texts = [f"please write to me about the {i}th matter of the day" for i in range(30)]
    texts[20] += ", or call 13812345678"
    columns = {"id": [f"r{i}" for i in range(30)], "text": texts, "y": ["a", "b"] * 15}
    found = ft.inspect(ft.read(columns, target="y", text="text", id="id"))
    assert "TXT208" in {finding.code for finding in found.findings}
    for shown in (ft.show(found).html(), str(ft.show(found))):
        assert "13812345678" not in shown


def test_checks_that_passed_are_told_by_heading(shown):
    table = next(block for block in shown.blocks if getattr(block, "caption", "").startswith("Checks"))
    passed = [i for i, outcome in enumerate(table.columns["outcome"]) if outcome == "passed"]
    assert 0 < len(passed) <= 10
    assert "BAL101 class imbalance" in {table.columns["checks"][i] for i in passed}


def test_rows_found_say_what_they_are_like_and_what_label_is_suggested():
    rng = np.random.default_rng(0)
    said = [" ".join(rng.choice(WORDS, 15)) for _ in range(20)]
    view = ft.read({"text": [*said, f"{said[3]}!"], "kind": ["a", "b"] * 10 + ["b"]}, text="text", target="kind")
    found = Finding("LAB201", "label errors", "warning", "…", [view.ids[0]], [0.9], {"op": "relabel", "values": ["b"]})
    near = next(finding for finding in ft.inspect(view).findings if finding.code == "DUP201")
    (rows,) = flagged(Inspection(view, [], [near, found]))
    assert sorted(rows.columns["where, or why"]) == sorted([near.places[0], "→ b"])
    assert near.places[0] in [f"like {view.ids[3]}", f"like {view.ids[20]}"]


def test_captions_count_with_the_right_words(shown):
    captions = [getattr(block, "caption", "") for block in shown.blocks]
    assert any(caption.startswith("Findings: 1 warning, ") for caption in captions)
    assert any(" with findings, " in caption for caption in captions)
