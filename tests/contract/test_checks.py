"""All checks together: each has a page, none fails on rows of any kind, and none minds their order."""

from __future__ import annotations

import inspect as python_inspect
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.quality import CHECKS
from ftkit.quality.catalogue import catalogue, page

ROOT = Path(ft.__file__).resolve().parents[1]
WORDS = ("the", "film", "was", "good", "bad", "very", "plot", "actor", "slow", "fast", "happy", "sad", "long", "story")


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    """A small view of each kind."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("photos")
    for name in ("cat", "dog"):
        (folder / name).mkdir()
        for i in range(15):
            Image.fromarray(rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)).save(folder / name / f"{i}.png")
    texts = [" ".join(rng.choice(WORDS, 12)) for _ in range(60)]
    say = [{"role": "user", "content": "{}?"}, {"role": "assistant", "content": "Yes, {} it is."}]
    chats = [{"messages": [{**turn, "content": turn["content"].format(text)} for turn in say]} for text in texts]
    days = [str(np.datetime64("2024-01-01") + i) for i in range(60)]
    return {
        "images": ft.read(folder),
        "table": ft.read("iris"),
        "numbers": ft.read("diabetes"),
        "texts": ft.read({"text": texts, "label": ["p", "q"] * 30}, text="text"),
        "chats": ft.read(chats),
        "series": ft.read({"day": days, "sold": rng.normal(50, 5, 60).tolist()}, time="day", target="sold"),
        "nothing": ft.read({"x": [1.5], "y": ["a"]}),
    }


KINDS = ("images", "table", "numbers", "texts", "chats", "series", "nothing")


@pytest.fixture(scope="module")
def inspected(views):
    return {kind: ft.inspect(view) for kind, view in views.items()}


@pytest.mark.parametrize("code", CHECKS)
def test_every_check_has_a_page(code):
    text = python_inspect.getdoc(CHECKS[code].run) or ""
    assert re.match(r"\S.*\.$", text.split("\n\n")[0].replace("\n", " ")), "the first paragraph is a sentence"
    assert re.search(r"^How:", text, re.MULTILINE), "how it works"
    assert re.search(r"^Do:", text, re.MULTILINE), "what to do"
    assert "Parameters\n---" not in text
    assert page(CHECKS[code]).startswith(f"### {code} ")


def test_codes_and_names_are_unique():
    assert all(re.fullmatch(r"[A-Z]{3}\d{3}", code) and CHECKS[code].code == code for code in CHECKS)
    names = [check.name for check in CHECKS.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", KINDS)
def test_no_check_breaks(inspected, kind):
    broken = {c.code: c.reason for c in inspected[kind].checks if c.outcome == "failed"}
    assert not broken


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("series", "nothing")])
def test_the_order_of_rows_does_not_matter(views, inspected, kind):
    view = views[kind]
    mixed = ft.inspect(view.select(np.random.default_rng(1).permutation(len(view))))
    assert _found(mixed) == _found(inspected[kind])


def _found(inspection):
    """What was found by code; of equal rows, and of lists cut short, any may be named, so ids lose their copy's number."""
    about_order = ("ORD", "SER", "TAB104", "SRC")
    return {
        (f.code, tuple(sorted(re.sub(r"-\d+$", "", row) for row in f.rows)))
        for f in inspection.findings
        if not f.code.startswith(about_order)
    }


def test_findings_can_be_read_by_machine(views, inspected):
    for kind, found in inspected.items():
        ids = set(views[kind].ids.tolist())
        for finding in found.findings:
            assert set(finding.rows) <= ids, finding.code
            assert len(finding.scores) == len(finding.rows), finding.code
            assert all(0 <= score <= 1 for score in finding.scores), finding.code
            assert finding.message.endswith((".", "。")), finding.message


def test_suggestions_are_edits(views, inspected):
    from ftkit.cleaning import propose

    for kind, found in inspected.items():
        for finding in found.findings:
            if finding.suggest:
                op = finding.suggest["op"]
                views[kind].apply(propose(found, **{op: [finding.code]}))


def test_the_document_is_up_to_date():
    written = (ROOT / "docs" / "CHECKS.md").read_text(encoding="utf-8")
    assert written == catalogue(), "run: python -m ftkit.quality.catalogue > docs/CHECKS.md"
