from __future__ import annotations

import numpy as np

import ftkit as ft
from ftkit.quality.checks import CHECKS
from ftkit.quality.diversity import diversity_of, vendi_score
from ftkit.quality.evidence import Evidence
from ftkit.quality.inspection import _run

WORDS = [f"{a}{b}" for a in ("ka", "lo", "mi", "ne", "pu", "ra") for b in ("bar", "cel", "dit", "fol", "gum", "hix")]


def texts(n: int, words: list[str], seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(words, 12)) for _ in range(n)]


def run(view):
    return _run(CHECKS["DIV201"], Evidence(view))


def test_the_dual_equals_the_score_from_all_similarities():
    x = np.random.default_rng(0).standard_normal((50, 8))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    values = np.linalg.eigvalsh(x @ x.T / 50)
    values = values[values > 1e-12]
    assert np.isclose(vendi_score(x), np.exp(-(values * np.log(values)).sum()))


def test_copies_add_nothing():
    x = np.random.default_rng(0).standard_normal((30, 8))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    assert np.isclose(vendi_score(np.repeat(x, 5, axis=0)), vendi_score(x))
    assert vendi_score(x[:0]) == 0


def test_a_thin_class_is_named():
    rows = texts(300, WORDS) + [f"{WORDS[0]} {WORDS[1]} {WORDS[2]} {i % 3}" for i in range(100)]
    view = ft.read({"text": rows, "y": ["a", "b", "c"] * 100 + ["d"] * 100})
    message = run(view)[1][0].message
    assert message.startswith("1 of 4 classes")
    assert "'d'" in message


def test_varied_rows_pass():
    view = ft.read({"text": texts(300, WORDS), "y": ["a", "b", "c"] * 100})
    assert run(view)[0].outcome == "passed"
    assert set(diversity_of(Evidence(view)).by_class) == {"a", "b", "c"}


def test_the_same_over_and_over():
    rows = [f"{WORDS[0]} {WORDS[1]} {WORDS[2]} {'!' * i}" for i in range(60)]
    assert "as varied as" in run(ft.read({"text": rows, "y": ["a", "b"] * 30}))[1][0].message


def test_order_of_rows_does_not_matter():
    view = ft.read({"text": texts(300, WORDS), "y": ["a", "b", "c"] * 100})
    one, two = (diversity_of(Evidence(v)) for v in (view, view[::-1]))
    assert np.isclose(one.vendi, two.vendi, rtol=1e-3)


def test_few_rows_and_tables():
    assert run(ft.read({"text": texts(20, WORDS), "y": ["a", "b"] * 10}))[0].outcome == "skipped"
    assert run(ft.read("iris"))[0].outcome == "not applicable"
