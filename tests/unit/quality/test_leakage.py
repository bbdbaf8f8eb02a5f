from __future__ import annotations

import numpy as np

import ftkit as ft
from ftkit.quality.checks import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.inspection import _run


def run(view, code: str):
    return _run(CHECKS[code], Evidence(view))


def sentences(n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    words = ["".join(map(chr, rng.integers(97, 123, rng.integers(3, 9)))) for _ in range(2000)]
    return [" ".join(rng.choice(words, 18)) for _ in range(n)]


def split_texts(train: list[str], test: list[str]):
    labels = ["a", "b"] * len(train)
    rows = {"text": train, "y": labels[: len(train)]}
    return ft.read(rows, target="y", text="text", test={"text": test, "y": labels[: len(test)]})


def test_near_duplicates_across():
    texts = sentences(60)
    view = split_texts(texts[:40], [texts[3].upper(), texts[8] + " indeed", *texts[40:]])
    finding = run(view, "LEK201")[1][0]
    assert set(finding.rows) == {str(view.ids[3]), str(view.ids[8])}
    assert finding.message.startswith("2 of 22 test and validation rows")
    assert finding.suggest == {"op": "drop", "because": "LEK201"}


def test_exact_copies_across_are_left_to_the_other_check():
    texts = sentences(60)
    view = split_texts(texts[:40], texts[38:])
    assert run(view, "LEK201")[0].outcome == "passed"
    assert len(run(view, "SPL101")[1][0].rows) == 2


def test_near_duplicates_inside_train_are_no_leak():
    texts = sentences(40)
    assert run(split_texts([*texts[:20], texts[0] + " indeed"], texts[20:]), "LEK201")[0].outcome == "passed"


def grouped(test_groups: list[str]):
    n = len(test_groups)
    train = {"x": np.arange(40) / 7, "who": [f"w{i % 8}" for i in range(40)], "y": ["a", "b"] * 20}
    test = {"x": np.arange(n) / 3 + 100, "who": test_groups, "y": (["a", "b"] * n)[:n]}
    return ft.read(train, target="y", group="who", test=test)


def test_groups_on_both_sides():
    view = grouped(["w3", "w3", "new", "other"])
    finding = run(view, "LEK202")[1][0]
    assert finding.message.startswith("1 of 3 groups")
    assert finding.severity == "error"
    assert set(finding.rows) == {str(row) for row in view.ids[:40][np.arange(40) % 8 == 3]}


def test_groups_apart_pass():
    assert run(grouped(["n1", "n2", "n1"]), "LEK202")[0].outcome == "passed"


def timed(train: list[str], test: list[str]):
    def rows(days: list[str]) -> dict[str, list]:
        return {"when": days, "x": [int(day[-2:]) + 0.5 for day in days], "y": (["a", "b"] * len(days))[: len(days)]}

    return ft.read(rows(train), target="y", time="when", test=rows(test))


def test_train_later_than_test():
    days = [f"2024-01-{day:02d}" for day in range(1, 29)]
    view = timed(days[:20] + days[26:], days[20:26])
    finding = run(view, "LEK203")[1][0]
    assert finding.message.startswith("2 of 22 train rows")
    assert finding.scores == [1.0, 1.0]
    assert run(timed(days[:20], days[20:]), "LEK203")[0].outcome == "passed"


def test_not_asked_without_split_group_or_time():
    assert {run(ft.read("iris"), code)[0].outcome for code in ("LEK201", "LEK202", "LEK203")} == {"not applicable"}


def test_sorted_rows_are_named():
    labels = ["a"] * 100 + ["b"] * 100
    view = ft.read({"x": np.random.default_rng(0).normal(size=200), "y": labels})
    assert "have the class of the row before" in run(view, "ORD201")[1][0].message
    mixed = view.select(np.random.default_rng(1).permutation(200))
    assert run(mixed, "ORD201")[0].outcome == "passed"


def test_drifting_texts_are_named():
    words = sentences(40)
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words[i // 30].split(), 12)) for i in range(300)]
    view = ft.read({"text": texts, "y": rng.choice(["a", "b"], 300).tolist()})
    assert "places from it" in run(view, "ORD201")[1][0].message
    assert run(view.select(rng.permutation(300)), "ORD201")[0].outcome == "passed"
