from __future__ import annotations

import pytest

import ftkit as ft
from ftkit.data import Texts
from ftkit.quality.check import SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.language import LANGUAGES, languages_of
from ftkit.quality.mojibake import mended
from ftkit.quality.passages import replaced
from ftkit.quality.text_checks import CHECKS

ENGLISH = [
    f"This is the report of day {i}: the weather was fine and we walked {i * 3} miles along the river."
    for i in range(40)
]
CHINESE = [f"这是第{i}天的报告：天气很好，我们沿着河走了{i * 3}公里，晚上在村子里休息。" for i in range(15)]
PLANTED = {
    "empty": ("TXT201", "  \u3000 "),
    "missing": ("TXT201", None),
    "fragment": ("TXT202", "?!"),
    "run together": ("TXT202", " ".join(ENGLISH * 9)),
    "German": ("TXT203", "Das ist der Bericht über den Tag, und wir sind nicht weit von dem Haus auf dem Berg."),
    "Chinese": ("TXT203", "今天的天气很好，我们沿着河走了很远。"),
    "Russian": ("TXT203", "Сегодня хорошая погода, и мы гуляли у реки."),
    "UTF-8 as cp1252": ("TXT204", "We donâ€™t know whether the cafÃ© was open on that day."),
    "cp1252 as Latin-1": ("TXT204", "We don\x92t know whether it was open on that day."),
    "tags": ("TXT205", "The weather was fine.<br /><b>We</b> walked &amp; talked along the river."),
    "address": ("TXT206", "See https://example.com/a?b=1, where the report of the day is."),
    "hidden": ("TXT210", "The wea\u200bther was fine on that day and we walked."),
    "direction": ("TXT210", "The weather was \u202efine on that day and we walked."),
    "width": ("TXT211", "On that day we walked １２ miles along the river."),
}


def found(view, **options) -> dict[str, list]:
    evidence, out = Evidence(view, **options), {}
    for check in CHECKS:
        try:
            for finding in check.run(view, check, evidence):
                out.setdefault(finding.code, []).append(finding)
        except SkipCheckError:
            continue
    return out


def read(texts: list) -> ft.DatasetView:
    return ft.read({"text": texts, "n": list(range(len(texts)))}, text="text", id="n")


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE])
def test_clean_texts_pass(texts):
    assert found(read(texts)) == {}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_text_is_found_alone(name):
    code, text = PLANTED[name]
    view = read([*ENGLISH, text])
    there = found(view)
    assert set(there) == {code}
    assert there[code][0].rows == [view.ids[-1]]


@pytest.mark.parametrize(
    "name", [n for n, (c, _) in PLANTED.items() if c in ("TXT204", "TXT205", "TXT206", "TXT210", "TXT211")]
)
def test_the_edit_leaves_it_clean(name):
    code, text = PLANTED[name]
    suggest = found(read([*ENGLISH, text]))[code][0].suggest
    new = replaced(text, suggest["values"][0]) if suggest["op"] == "redact" else suggest["values"][0]
    assert new != text
    assert found(read([*ENGLISH, new])) == {}


def test_the_order_of_rows_does_not_matter():
    view = read(ENGLISH + [text for _, text in PLANTED.values()])
    one, other = found(view), found(view[list(range(len(view)))[::-1]])
    assert {c: {r for f in fs for r in f.rows} for c, fs in one.items()} == {
        c: {r for f in fs for r in f.rows} for c, fs in other.items()
    }


def test_not_applicable_to_tables():
    view = ft.read("iris")
    assert all(check.applies(view) for check in CHECKS)


def test_a_full_width_set_is_left_alone():
    assert "TXT211" not in found(read([f"今天是第{i}天，我们走了１２公里。" for i in range(30)]))


def test_the_window_of_a_local_tokenizer(shared):
    view = read([*ENGLISH, "a dog and a cat " * 300])
    said = [f.message for f in found(view, model=str(shared / "weights" / "stories260k"))["TXT202"]]
    assert any("512 tokens" in message for message in said)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Where is the house that they had built for us?", "en"),
        ("Wo ist das Haus, das sie nicht für uns gebaut haben?", "de"),
        ("Où est la maison que vous avez construite pour nous dans les bois ?", "fr"),
        ("¿Dónde está la casa que construyeron para nosotros en el bosque y por qué?", "es"),
        ("彼らが建てた家はどこですか", "ja"),
        ("그들이 지은 집은 어디에 있습니까", "ko"),
        ("他们盖的房子在哪里？", "zh"),
        ("أين البيت الذي بنوه لنا", "ar"),
        ("123 !!", None),
        ("OK", None),
    ],
)
def test_languages(text, code):
    told = languages_of(Texts([text]))[0]
    assert (LANGUAGES[told] if told >= 0 else None) == code


@pytest.mark.parametrize(
    "text", ["你好，世界", "donâ€™t" and "don’t", "naïve café", "Überraschung für Zoë", "价格：100元"]
)
@pytest.mark.parametrize(
    ("encoding", "read_as"), [("utf-8", "cp1252"), ("utf-8", "latin-1"), ("gb2312", "latin-1"), ("utf-8", "gbk")]
)
def test_what_was_read_in_the_wrong_encoding_is_mended(text, encoding, read_as):
    try:
        spoilt = text.encode(encoding).decode(read_as)
    except UnicodeError:
        pytest.skip("that encoding cannot have been mistaken for the other here")
    if spoilt == text or (encoding == "gb2312" and text[0] != "你"):
        pytest.skip("nothing is spoilt, or nobody could tell")
    if read_as == "gbk" and text[0] not in "你价":
        pytest.skip("too few characters to tell")
    assert mended(spoilt) == text


@pytest.mark.parametrize(
    "text",
    ["naïve café", "联通", "Ænima Ÿ", "ça va très bien, Zoë", "鐨的汉字", "Ångström, Øre", "ÄÖÜ äöü", "Ã propos"],
)
def test_text_that_is_right_stays(text):
    assert mended(text) == text


def test_lost_characters_are_counted_apart():
    messages = [f.message for f in found(read([*ENGLISH, "The caf\ufffd was open, and we walked on."]))["TXT204"]]
    assert len(messages) == 1
    assert "lost" in messages[0]


@pytest.mark.parametrize("name", ["text-banking77/train.csv.gz", "text-zh-waimai"])
def test_clean_real_texts_are_nearly_silent(shared, name):
    options = {"target": "category"} if "banking" in name else {}
    view = ft.read(shared / name, **options)
    assert sum(len(f.rows) for fs in found(view).values() for f in fs) < 0.001 * len(view)
