from __future__ import annotations

import pytest

import ftkit as ft
from ftkit.displays import Display, Verdict, Verdicts, show_readiness
from ftkit.displays.readiness import figures
from ftkit.errors import DataError
from ftkit.quality import Verdict as Told


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
        for why, out in zip(checks.columns["why"], checks.columns["outcome"], strict=True)
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
