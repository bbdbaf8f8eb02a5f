from __future__ import annotations

import pytest

from ftkit.displays.text import brief, columns, duration, elide, escape, number, percent, visible


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('" onload="x', "&quot; onload=&quot;x"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("a\x00b", "a\\u0000b"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\ud800", "\\ud800"),
        ("铁锈", "铁锈"),
    ],
)
def test_text_is_escaped_and_what_hides_is_seen(raw, shown):
    assert escape(raw) == shown


def test_joiners_and_line_breaks_stay():
    assert visible("می‌خواهم 👩‍🔬\n\t") == "می‌خواهم 👩‍🔬\n\t"


def test_chinese_counts_double():
    assert columns("铁锈病a") == 7


@pytest.mark.parametrize("text", ["a" * 300, "铁" * 300, "铁锈" + "x" * 40, "e\u0301" * 80])
@pytest.mark.parametrize("limit", [5, 10, 21])
def test_elided_text_fits_and_keeps_both_ends(text, limit):
    short = elide(text, limit)
    assert columns(short) <= limit
    assert "…" in short
    assert short[0] == text[0]


def test_short_text_is_left_alone():
    assert elide("rust", 4) == "rust"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1797, "1,797"), (-3, "−3"), (0.5, "0.500"), (12.34, "12.3"), (1e-7, "1e−7"), (1234.5, "1,234"), (True, "yes"),
     (float("nan"), "nan"), ("<b>", "<b>"), (0.0, "0"), (1.0, "1")],
)  # fmt: skip
def test_numbers_as_people_write_them(value, shown):
    assert number(value) == shown


def test_shares_never_round_to_certainty():
    assert percent(0.99951) == ">99.9%"
    assert percent(0.0001) == "<0.1%"


def test_brief_and_duration():
    assert brief(0.41) == "0.41"
    assert [duration(s) for s in (None, 0.001, 59, 60, 3600)] == ["–", "under 0.01 s", "59 s", "1 min", "1 h"]
