"""Each check by itself, in four ways: it finds the planted, is silent on the clean, says where it does not apply, and
does not mind the order of the rows.

What is planted is what the tests of each room plant; a check without a case here fails the first test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_rows import encoded, view_of
from PIL import Image
from unit.quality import test_annotators as annotators
from unit.quality import test_boilerplate as boilerplate
from unit.quality import test_borders as borders
from unit.quality import test_chat as chats
from unit.quality import test_diversity as diversity
from unit.quality import test_image_quality as pictures
from unit.quality import test_label_errors as label_errors
from unit.quality import test_leakage as leakage
from unit.quality import test_learning_curve as curves
from unit.quality import test_marks as marks
from unit.quality import test_metadata as metadata
from unit.quality import test_near_duplicates as near
from unit.quality import test_outliers as outliers
from unit.quality import test_personal as personal
from unit.quality import test_reading as reading
from unit.quality import test_series as series
from unit.quality import test_table as tables
from unit.quality import test_text as texts

import ftkit as ft
from ftkit.data import DatasetView
from ftkit.quality import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import CheckResult, Finding
from ftkit.quality.inspection import _run


@dataclass(frozen=True)
class Case:
    """Rows with one defect, the same kind of rows without it, and rows of another kind."""

    planted: DatasetView
    clean: DatasetView
    wrong: DatasetView
    rows: set[str] | None = None  # those that have the defect; None where it is not one of single rows
    options: dict[str, Any] = field(default_factory=dict)


# What they measure they always say; silence is that they do not warn.
ALWAYS_SPEAK = {"SIZ201", "FIT201", "ANN201"}
# The order is what they ask about.
ABOUT_ORDER = {"ORD201", "SER202"}
# Of rows that are equal the first stays: which one that is depends on the order, how many do not.
FIRST_STAYS = {"DUP101", "CHT209"}
# Their sentence shows the first of many rows.
FIRST_SHOWN = {"TAB209", "TXT207"}


@cache
def iris() -> DatasetView:
    return ft.read("iris")


@cache
def sentences() -> DatasetView:
    return ft.read({"text": texts.ENGLISH}, text="text")


def table(rows: set[int] | None = None, *, clean: dict | None = None, **columns: list) -> Case:
    """A table with columns changed; ``clean`` are other columns of the table without the defect."""
    ids = [f"r{i}" for i in range(tables.N)]

    def view(**changed: list) -> DatasetView:
        return ft.read(tables.table(**changed) | {"id": ids}, target="y", id="id")

    named = None if rows is None else {ids[i] for i in rows}
    return Case(view(**columns), view(**clean or {}), sentences(), named)


def planted_table(code: str) -> Case:
    return table(**next(columns for other, columns, _ in tables.PLANTED.values() if other == code))


def image(code: str) -> Case:
    images = pictures.scenes(60)
    images[7] = dict(reversed(pictures.PLANTED))[code](images[7])
    return Case(view_of(images), view_of(pictures.scenes(60)), iris(), {"r0007"})


def spoilt_image(image: bytes | np.ndarray, clean: list | None = None) -> Case:
    clean = borders.corpus() if clean is None else clean
    images = [*clean]
    images[3] = image
    return Case(view_of(images), view_of(clean), iris(), {"r0003"})


def turned() -> Case:
    exif = Image.Exif()
    exif[0x0112] = 6
    return spoilt_image(encoded(borders.noise(), "JPEG", exif=exif))


def marked() -> Case:
    images = marks.marked(marks.scenes(), marks.ROWS, marks.stamp(), 0.5)
    return Case(view_of(images), view_of(marks.scenes()), iris(), {f"r{i:04d}" for i in marks.ROWS})


def mirrored() -> Case:
    rng = np.random.default_rng(0)
    small = [Image.fromarray(rng.integers(0, 255, (6, 6, 3), dtype=np.uint8)) for _ in range(30)]
    large = [np.asarray(one.resize((96, 96), Image.Resampling.BICUBIC)) for one in small]
    return Case(view_of([*large, large[4][:, ::-1]]), view_of(large), iris())


def text(code: str) -> Case:
    planted = next(text for other, text in texts.PLANTED.values() if other == code)
    view = texts.read([*texts.ENGLISH, planted])
    return Case(view, texts.read(texts.ENGLISH), iris(), {view.ids[-1]})


def secret(known: dict[str, str]) -> Case:
    return Case(texts.read([*texts.ENGLISH, next(iter(known))]), texts.read(texts.ENGLISH), iris(), {"40"})


def footers() -> Case:
    rows, where = boilerplate.texts(500), range(0, 500, 20)
    signed = [f"{row} {boilerplate.FOOTER}" if i in where else row for i, row in enumerate(rows)]
    return Case(texts.read(signed), texts.read(rows), iris(), {str(i) for i in where})


def in_time(code: str) -> Case:
    source = next(rows for other, rows, _ in series.PLANTED.values() if other == code)
    clean = series.rows(x=np.random.default_rng(1).normal(size=series.N).tolist())
    planted, passing = (ft.read(rows, time="time", target="value") for rows in (source, clean))
    return Case(planted, passing, iris())


def chat(code: str) -> Case:
    planted = next(turns for other, _, turns in chats.PLANTED.values() if other == code)
    view = chats.read([*chats.GOOD, planted])
    return Case(view, chats.read(chats.GOOD), iris(), {view.ids[-1]})


def contaminated() -> Case:
    question = "Where do the wild geese of the northern lakes go in winter?"
    view = chats.read([*chats.GOOD, chats.say(question, "South.")])
    return Case(
        view,
        chats.read(chats.GOOD),
        iris(),
        {view.ids[-1]},
        {"against": ft.read({"text": [question] * 2}, text="text")},
    )


def untranslated() -> Case:
    chinese = [chats.say(f"第{i}条河流叫什么？", f"它叫河{i}。") for i in range(20)]
    view = chats.read([*chinese, chats.say("What is this one called?", "Elbe.")])
    return Case(view, chats.read(chinese), iris(), {view.ids[-1]})


def noticed(code: str, folder: Path) -> Case:
    clean = folder / "clean"
    clean.mkdir()
    of_images = code in ("SRC101", "SRC106", "SRC107", "SRC108", "LAB105")
    view = (
        reading.pictures(clean, classes=True) if of_images else reading.csv(clean, reading.HEAD + "".join(reading.ROWS))
    )
    wrong = sentences() if not code.startswith("LAB") or of_images else ft.read({"x": [1.5, 2.5, 3.5]})
    if code.startswith("EDT"):
        view = view.apply([ft.Edit(view.ids[3], "drop")])
    return Case(reading.PLANTED[code](folder), view, wrong)


def with_copies(other_label: bool) -> Case:
    rows = tables.table() | {"id": [f"r{i}" for i in range(tables.N)]}
    twice = {name: [*values, values[0]] for name, values in rows.items() if name != "id"} | {
        "id": [*rows["id"], "twice"]
    }
    if other_label:
        twice["y"][-1] = "b" if twice["y"][0] == "a" else "a"
    wrong = ft.read({"y": ["a", "b"] * 5}, target="y")
    named = {"r0", "twice"} if other_label else None
    return Case(ft.read(twice, target="y", id="id"), ft.read(rows, target="y", id="id"), wrong, named)


def nearly_equal() -> Case:
    rows = near.sentences(40)
    return Case(texts.read([*rows, near.LONG, near.LONG.upper() + "!"]), texts.read([*rows, near.LONG]), iris())


def both_sides() -> Case:
    rows = {"x": [i + 0.5 for i in range(60)], "y": ["a", "b"] * 30}
    leaky, apart = ({"x": [first, 99.5], "y": ["a", "b"]} for first in (4.5, 98.5))
    view = ft.read(rows, target="y", test=leaky)
    return Case(view, ft.read(rows, target="y", test=apart), iris(), {view.ids[4]})


def nearly_both_sides() -> Case:
    rows = leakage.sentences(60)
    view = leakage.split_texts(rows[:40], [rows[3].upper() + "!", *rows[40:]])
    return Case(view, leakage.split_texts(rows[:40], rows[40:]), iris(), {str(view.ids[3])})


def later() -> Case:
    days = [f"2024-01-{day:02d}" for day in range(1, 29)]
    return Case(leakage.timed(days[:20] + days[26:], days[20:26]), leakage.timed(days[:20], days[20:]), iris())


def strange_row() -> Case:
    rows = outliers.table() | {"id": [f"r{i}" for i in range(600)]}
    odd = rows | {"b": [999.0 if i == 7 else value for i, value in enumerate(rows["b"])]}
    return Case(ft.read(odd, target="y", id="id"), ft.read(rows, target="y", id="id"), sentences(), {"r7"})


def strange_text() -> Case:
    rows = diversity.texts(300, diversity.WORDS)
    view = texts.read([*rows, "这家店的牛肉面味道非常好，送餐的小哥也很热情"])
    return Case(view, texts.read(rows), iris(), {"300"})


def monotonous() -> Case:
    same = [f"{' '.join(diversity.WORDS[:3])} {'!' * i}" for i in range(60)]
    return Case(texts.read(same), texts.read(diversity.texts(300, diversity.WORDS)), iris())


def sorted_rows(folder: Path) -> Case:
    rng = np.random.default_rng(0)
    view = ft.read({"x": rng.normal(size=200), "y": np.repeat(["a", "b"], 100).tolist()}, target="y")
    return Case(view, view.select(rng.permutation(200)), reading.pictures(folder, classes=True))


def turned_labels() -> Case:
    view, turned, _ = label_errors.blobs(flips=0.1)
    return Case(view, label_errors.blobs()[0], ft.read("diabetes"), turned)


def alike_with_other_labels() -> Case:
    rows = near.sentences(60)
    ids, labels = [f"t{i}" for i in range(61)], ["a", "b"] * 31

    def view(last: str) -> DatasetView:
        columns = {"text": [*rows, f"{rows[1]}."], "kind": [*labels[:60], last], "id": ids}
        return ft.read(columns, text="text", target="kind", id="id")

    return Case(view("a"), view("b"), iris(), {"t1", "t60"})


def slipped() -> Case:
    return Case(label_errors.numbers(slips=3), label_errors.numbers(), iris(), {"r0", "r1", "r2"})


def against_the_consensus() -> Case:
    true, said = annotators.crowd(skill=(0.97, 0.97, 0.97))
    wrong = true.copy()
    wrong[:20] = (wrong[:20] + 1) % 3
    agreed = annotators.table(true, np.stack([true] * 3, axis=1))
    return Case(annotators.table(true, said, target=wrong), agreed, iris(), {f"r{i}" for i in range(20)})


def numbers_and_labels(x: np.ndarray, labels: np.ndarray) -> DatasetView:
    columns = {f"x{i}": column for i, column in enumerate(x.T)} | {"y": [f"class {k}" for k in labels]}
    return ft.read(columns | {"id": [f"r{i}" for i in range(len(x))]}, target="y", id="id")


def rising() -> Case:
    x, labels = curves.rows(400, d=100)
    flat = numbers_and_labels(x[:, :1], (x[:, 0] > 0).astype(int))
    return Case(numbers_and_labels(x, labels), flat, sentences())


def meaningless() -> Case:
    rng = np.random.default_rng(0)
    view = numbers_and_labels(rng.normal(size=(200, 3)), rng.integers(0, 2, 200))
    return Case(view, iris(), sentences())


def unlabelled(rows: int, value: Any) -> Case:
    y = tables.put(tables.Y, range(rows), value)
    case = table(set(range(rows)), y=y)
    return Case(case.planted, case.clean, ft.read({"x": [1.5, 2.5, 3.5]}), case.rows)


def one_class() -> Case:
    case = table(y=["a"] * tables.N)
    return Case(case.planted, case.clean, ft.read({"x": [1.5, 2.5, 3.5]}))


def rare_class() -> Case:
    case = table(y=["rare" if i < 5 else "a" if i % 2 else "b" for i in range(tables.N)])
    return Case(case.planted, case.clean, ft.read("diabetes"))


CASES: dict[str, Callable[[], Case]] = {
    "LAB101": lambda: unlabelled(3, None),
    "LAB104": one_class,
    "BAL101": rare_class,
    "IMG101": lambda: spoilt_image(b"no image"),
    "IMG102": lambda: spoilt_image(encoded(Image.new("CMYK", (60, 40)), "JPEG")),
    "IMG201": marked,
    "IMG208": lambda: spoilt_image(borders.boxed(borders.corpus()[3], 4)),
    "IMG209": turned,
    "IMG210": lambda: spoilt_image(encoded(borders.noise(), "JPEG", exif=metadata.with_place())),
    "TAB101": lambda: table({0, 3, 6}, x=tables.put(tables.X, [0, 3, 6], None)),
    "TAB102": lambda: table(same=[3] * tables.N),
    "TXT207": footers,
    "TXT208": lambda: secret(personal.PERSONAL),
    "TXT209": lambda: secret(personal.KEYS),
    "CHT210": contaminated,
    "CHT214": untranslated,
    "DUP101": lambda: with_copies(False),
    "DUP102": lambda: with_copies(True),
    "DUP201": nearly_equal,
    "DUP202": mirrored,
    "SPL101": both_sides,
    "LEK201": nearly_both_sides,
    "LEK202": lambda: Case(leakage.grouped(["w3", "new"]), leakage.grouped(["n1", "n2"]), iris()),
    "LEK203": later,
    "OUT201": strange_row,
    "OUT202": strange_text,
    "DIV201": monotonous,
    "LAB201": turned_labels,
    "LAB202": alike_with_other_labels,
    "LAB203": slipped,
    "ANN201": against_the_consensus,
    "SIZ201": rising,
    "FIT201": meaningless,
}
KINDS: dict[str, Callable[[str], Case]] = {
    "IMG": image,
    "TAB": planted_table,
    "TXT": text,
    "SER": in_time,
    "CHT": chat,
}


@pytest.fixture
def case(request, tmp_path, monkeypatch) -> Case:
    """The rows for the check of the test's ``code``."""
    code = request.node.callspec.params["code"]
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    if code in CASES:
        return CASES[code]()
    if code == "ORD201":
        return sorted_rows(tmp_path)
    if code in reading.PLANTED:
        with monkeypatch.context() as patch:
            patch.setattr("ftkit.data.jsonl.BIG", 1000)
            return noticed(code, tmp_path)
    return KINDS[code[:3]](code)


def ask(code: str, view: DatasetView, case: Case) -> tuple[CheckResult, list[Finding]]:
    return _run(CHECKS[code], Evidence(view, **case.options))


@pytest.mark.parametrize("code", CHECKS)
def test_the_planted_is_found(code, case):
    result, found = ask(code, case.planted, case)
    assert result.outcome == "finding", result.reason
    named = {row for finding in found for row in finding.rows}
    assert case.rows is None or len(named & case.rows) >= 0.8 * len(case.rows)
    assert code not in ALWAYS_SPEAK or max(finding.severity for finding in found) == "warning"


@pytest.mark.parametrize("code", CHECKS)
def test_the_clean_passes(code, case):
    result, found = ask(code, case.clean, case)
    if code in ALWAYS_SPEAK:
        assert [finding.severity for finding in found] == ["info"]
    else:
        assert (result.outcome, found) == ("passed", [])


@pytest.mark.parametrize("code", CHECKS)
def test_the_wrong_kind_is_not_asked(code, case):
    result, _ = ask(code, case.wrong, case)
    assert result.outcome == "not applicable"
    assert result.reason


@pytest.mark.parametrize("code", [code for code in CHECKS if code not in ABOUT_ORDER])
def test_the_order_of_the_rows_does_not_matter(code, case):
    order = np.random.default_rng(1).permutation(len(case.planted))
    here, there = (ask(code, view, case)[1] for view in (case.planted, case.planted.select(order)))
    if code in FIRST_STAYS:
        assert [len(finding.rows) for finding in here] == [len(finding.rows) for finding in there]
    else:
        assert said(here, code not in FIRST_SHOWN) == said(there, code not in FIRST_SHOWN)


def said(found: list[Finding], sentence: bool) -> list[tuple]:
    """What the findings say, their rows by name."""
    out = []
    for finding in found:
        rows = sorted((row, round(score, 3)) for row, score in zip(finding.rows, finding.scores, strict=True))
        out.append((finding.severity, finding.message if sentence else "", rows))
    return sorted(out)


@pytest.mark.parametrize("code", sorted(ABOUT_ORDER))
def test_the_order_is_what_some_ask_about(code, case):
    order = np.random.default_rng(1).permutation(len(case.clean))
    found = ask(code, case.clean.select(order), case)[1]
    assert bool(found) == (code == "SER202"), (
        "a series in any order but that of time; other rows in any but a sorted one"
    )


@pytest.mark.parametrize("code", CHECKS)
def test_every_check_has_a_case(code):
    planted = {code for code, *_ in (*pictures.PLANTED, *tables.PLANTED.values(), *texts.PLANTED.values())}
    planted |= {code for code, *_ in (*series.PLANTED.values(), *chats.PLANTED.values())}
    assert code in CASES.keys() | reading.PLANTED.keys() | planted | {"ORD201"}
