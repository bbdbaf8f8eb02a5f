from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.quality.checks import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.inspection import _run
from ftkit.quality.outlier_scores import false_discoveries, strangeness, tail_p


def run(view, code: str):
    return _run(CHECKS[code], Evidence(view))


def table(n: int = 600, seed: int = 0) -> dict[str, list]:
    rng = np.random.default_rng(seed)
    rows = {name: rng.normal(scale, 1, n).tolist() for name, scale in (("a", 0), ("b", 50), ("c", 3), ("d", -4))}
    return rows | {"y": ["u", "v"] * (n // 2)}


def test_planted_rows_are_found_with_their_reason():
    rows = table()
    rows["b"][7] = 999.0
    for name in "abcd":
        rows[name][30] = 70.0
    view = ft.read(rows)
    _, findings = run(view, "OUT201")
    assert {str(view.ids[7]), str(view.ids[30])} <= set(findings[0].rows)
    assert len(findings[0].rows) <= 4
    at = findings[0].rows.index(str(view.ids[7]))
    assert findings[0].places[at].startswith("b is 999; 99% are below 52.")
    assert all(0.95 <= score <= 1 for score in findings[0].scores)


@pytest.mark.parametrize("seed", range(5))
def test_clean_tables_pass(seed):
    assert run(ft.read(table(seed=seed)), "OUT201")[0].outcome == "passed"


def test_real_tables_are_quiet():
    assert run(ft.read("iris"), "OUT201")[0].outcome == "passed"
    assert run(ft.read("wine"), "OUT201")[0].outcome == "passed"


@pytest.mark.parametrize(
    "rows",
    [
        {"c": ["p", "q", "r"] * 20, "y": ["u", "v"] * 30},
        {"x": [1.5] * 10 + [None] * 50, "z": ["p", "q", "r"] * 20, "y": ["u", "v"] * 30},
        {"x": [1.5, 2.5], "y": ["u", "v"]},
    ],
)
def test_nothing_to_look_at(rows):
    assert run(ft.read(rows, target="y"), "OUT201")[0].outcome in ("skipped", "not applicable")


def test_missing_and_infinite_cells():
    rows = table()
    rows["a"][:40], rows["b"][3] = [None] * 40, float("inf")
    assert run(ft.read(rows), "OUT201")[0].outcome in ("passed", "finding")


def test_order_of_rows_does_not_matter():
    rows = table()
    rows["b"][7] = 999.0
    view = ft.read(rows)
    turned = view.select(np.random.default_rng(0).permutation(600))
    assert set(run(view, "OUT201")[1][0].rows) == set(run(turned, "OUT201")[1][0].rows)


def test_scores_do_not_depend_on_units():
    x = np.random.default_rng(0).normal(size=(300, 4))
    np.testing.assert_allclose(strangeness(x).score, strangeness(x * [1, 1e3, 1e-3, 7] + 5).score, rtol=0.1)


def test_above_known_rivals(shared):
    """IsolationForest at its defaults, on three of the sets."""
    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import roc_auc_score

    gain = []
    for name in ("7_Cardiotocography", "18_Ionosphere", "40_vowels"):
        with np.load(shared / "anomaly-adbench" / f"{name}.npz") as file:
            x, y = file["X"].astype(float), file["y"]
        forest = -IsolationForest(random_state=0).fit(x).score_samples(x)
        gain.append(roc_auc_score(y, strangeness(x).score) - roc_auc_score(y, forest))
    assert np.mean(gain) > 0


@pytest.mark.parametrize("draw", ["normal", "exponential", "uniform"])
def test_the_tail_holds_its_word(draw):
    x = getattr(np.random.default_rng(0), draw)(size=5000)
    assert (false_discoveries(tail_p(x)) <= 0.05).sum() <= 1
    assert false_discoveries(tail_p(np.append(x, 60.0)))[-1] <= 0.05


def test_constant_values_have_no_tail():
    assert (tail_p(np.ones(50)) >= 0.5).all()
    assert strangeness(np.ones((50, 2))).score.tolist() == [0] * 50


def test_texts_in_another_tongue():
    rng = np.random.default_rng(0)
    words = ["the", "cat", "dog", "house", "tree", "runs", "sleeps", "under", "over", "near", "river", "old", "sings"]
    texts = [" ".join(rng.choice(words, 15)) for _ in range(300)]
    view = ft.read({"text": [*texts, "这家店的牛肉面味道非常好，送餐的小哥也很热情"], "y": ["u", "v"] * 150 + ["u"]})
    findings = run(view, "OUT202")[1]
    assert findings[0].rows == [str(view.ids[300])]
    assert findings[0].severity == "info"
    assert run(view[:300], "OUT202")[0].outcome == "passed"


def test_a_photograph_among_scans(tmp_path):
    rng = np.random.default_rng(0)
    pixels = ft.read("digits").pixels((32, 32), positions=np.arange(400))[0]
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / f"{i:03d}.png")
    Image.fromarray(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(tmp_path / "noise.png")
    findings = run(ft.read(tmp_path), "OUT202")[1]
    assert findings
    assert findings[0].rows[0] == "noise.png"
