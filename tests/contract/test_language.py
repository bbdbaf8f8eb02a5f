"""Everything the panels show of what Python says has a Chinese entry, with the same values in it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from spoken import templates

import ftkit
from ftkit.augment import STEPS, describe
from ftkit.evaluate.metrics import METRICS
from ftkit.language import FORMS, PLACE, named, read_catalogue, say, speaking, word
from ftkit.quality.checks import CHECKS
from ftkit.quality.headings import HEADINGS
from ftkit.quality.outliers import SEEN
from ftkit.quality.readiness import _advice

PACKAGE = Path(ftkit.__file__).parent
SKIP = ("BY_CODE", "BY_WORD", "BY_LETTERS", "FUNCTION_WORDS", "NAMES", "WORDS", "_WORDS", "COMMON", "NOTED")
# Files of the room that make no sentence of a finding, a verdict or a reason.
SILENT = {"catalogue", "finding", "inspection", "worth", "pruning", "queue"}
# Grammar of English: what is put in says nothing that Chinese says.
GRAMMAR = {
    "{0} of {1} rows {2} no '{3}'; {4} left out of training.": {2, 4},
    "{0} {1} kept as {2} by an edit.": {2},
    "{0} of {1} rows {2} unlike the others, most of all {3}.{4}": {2},
    "{0} row{1} later": {1},
}
# Not said: lists of words of many languages or for "missing", pages of the catalogue.
OTHER = re.compile(
    r"(?:\b\S{1,9} ){24}|,n\.a\.,|\n\nHow:|^the rows are no$|^ ?the text ?$|^\{0\} \{1\} \{2\} \(|^ or $"
)
# Other files whose sentences and headings panels show.
SPOKEN = ("runs/status.py", "displays/changed.py", "displays/augmentation.py")
# Pieces of one word, which are not told from other strings by their form, and notes of what reading noticed.
PIECES = {"above", "below", "harms", "broke", "texts", "images", "accuracy", "nothing found", "column '{0}'"}
PIECES |= {"{0} to {1}", "{0} seconds", "{0} rows", "{0} as {1}", "turn {0}", "row {0}, {1}", "{0} set[|s]"}
PIECES |= {"running: {0}.", "running: {0}, {1}.", "failed: {0}", "paused at {0}.", "starting", "training", "judging"}
PIECES |= {"running", "paused", "queued", "reading rows", "reading images", "encoding the table", "cutting windows"}
# What is put together from two of these, where the seam could not be found otherwise.
PIECES |= {
    f"Columns {{0}} {said}: one of them is enough." for said in ("are equal", "say the same in other words or units")
}
PIECES |= {"{0} ({1} more to look at)", "{0} ({1} more remarks)"}
PIECES |= {"{0} 1 of them is kept as it is by an edit.", "{0} {1} of them are kept as they are by an edit."}
PIECES |= {f"{said} {{0}}; half the rows have above {{1}}" for said in SEEN}
PIECES |= {f"'{{0}}': {said} {{1}}; half the rows have above {{2}}" for said in SEEN}
PIECES |= {f"'{{0}}': {{1}} is {{2}}; 99% are {way} {{3}}" for way in ("below", "above")}
PIECES |= {"In the chats {0} (row {1}).", "In column '{0}' {1} (row {2}).", "row {0}: {1}"}
PIECES |= {
    "{+put in+}",
    "before",
    "seed {0}",
    "row",
    "seed",
    "text",
    "strength",
    "step",
    "turn",
}  # heads of tables and pictures
PIECES |= {"above {0}", "below {0}", "above {0} or below {1}", "below {0} or above {1}"}
PIECES |= {f"{who} {{0}} {{1}} ({{2}} to {{3}})" for who in ("A probe reaches", "The given probabilities reach")}
NOTES = {text for path in (PACKAGE / "data").glob("*.py") for text in templates(path, making="Note")}
# Names that Chinese texts of the field write in Latin letters.
UNTRANSLATED = {"Cramér's V", "rand_augment", "trivial_augment", "mix_up", "cut_mix", "alpha"}
CATALOGUE = read_catalogue((PACKAGE / "zh.po").read_text(encoding="utf-8"))


def said() -> set[str]:
    """All templates, names and sentences that have to be there."""
    rooms = [path for path in (PACKAGE / "quality").glob("*.py") if path.stem not in SILENT]
    found = {text for path in rooms for text in templates(path, SKIP) if not OTHER.search(text)}
    found |= {check.name for check in CHECKS.values()} | {_advice(check.code) for check in CHECKS.values()}
    found |= {heading.question for heading in HEADINGS} | {f"heading: {heading.name}" for heading in HEADINGS}
    found |= {f"verdict: {name}" for name in ("good", "look", "bad", "unknown")}
    found |= {text for path in SPOKEN for text in templates(PACKAGE / path)}
    return (found | steps() | NOTES | PIECES) - {""}


def steps() -> set[str]:
    """What the augment panel shows of each step."""
    found = set()
    for name, kind in STEPS.items():
        (told,) = describe([kind()])
        found |= {f"step: {name}", told["does"], told["keeps"], *(f"altered: {part}" for part in told["may_alter"])}
        for field in fields(kind):
            found.add(f"parameter: {field.name}")
            found |= {f"option: {option}" for option in field.metadata.get("options", ())}
            found |= {f"unit: {unit}" for unit in [field.metadata.get("unit")] if unit}
    return found


def test_everything_has_a_chinese_entry_and_nothing_else_has():
    wanted = said()
    assert sorted(wanted - CATALOGUE.keys()) == [], "say it in Chinese in ftkit/zh.po"
    assert sorted(CATALOGUE.keys() - wanted) == [], "nothing says this any more"


@pytest.mark.parametrize("english", CATALOGUE)
def test_an_entry_has_the_values_of_its_template_and_is_chinese(english):
    chinese = CATALOGUE[english]
    places = {int(number) for number in PLACE.findall(english)} - GRAMMAR.get(english, set())
    assert {int(number) for number in PLACE.findall(chinese)} == places
    assert re.search(r"[\u4e00-\u9fff]", chinese) or english.split(": ")[-1] in UNTRANSLATED
    assert not FORMS.search(chinese)


def test_every_metric_has_a_name_in_the_pages_words():
    words = (PACKAGE.parent / "widgets/src/words.ts").read_text(encoding="utf-8")
    names = set(re.findall(r"\b(\w+): '", words[words.index("const NAMES") :]))
    assert METRICS.keys() <= names


def test_values_stay_and_pieces_are_said_too():
    english = "Columns 'a to b' and 'missing values' say the same in other words or units: one of them is enough."
    with speaking("zh"):
        assert say("Column 'missing values' is missing in 3 of 9 rows (33.3%). The first 2 are listed.") == (
            "列“missing values”在 9 行中有 3 行缺失（33.3%）。仅列出前 2 行。"
        )
        assert (
            say("1 turn is empty: row 3, turn 2. To mend: drop the row.")
            == "1 个轮次为空：第 3 行，第 2 轮。修复：删除该行。"
        )
        assert say("2 turns are empty: row 3, turn 2.") == "2 turns are empty: row 3, turn 2."
        assert say("铁锈 rust and nothing that is known") == "铁锈 rust and nothing that is known"
        assert "以不同文字或单位表达相同内容" in say(english)
        assert named("step", "rotate") == "旋转 (rotate)"
        assert (word("heading", "missing"), word("heading", "own")) == ("缺失", "own")
    assert say(english) == english
    assert named("step", "rotate") == "rotate"


def test_the_surroundings_choose_the_language(monkeypatch):
    monkeypatch.setenv("FTKIT_LANGUAGE", "zh-CN")
    assert say("no value") == "没有值"
    with speaking("en"):
        assert say("no value") == "no value"
    with speaking("klingon"):
        assert say("no value") == "没有值"


@pytest.mark.parametrize(
    "text", ["{0}", "[a|b]", "\\0", "(" * 500, "'{0}' is " * 99, "A probe reaches " * 200, "x " * 99_999]
)
def test_what_looks_like_a_template_or_is_long_does_no_harm(text):
    with speaking("zh"):
        assert isinstance(say(text), str)
