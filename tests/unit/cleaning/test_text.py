import pytest

import ftkit as ft
from ftkit.cleaning import strip_text
from ftkit.cleaning.text import strip


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>好看</p>\x00的", "好看\n的"),
        ("a &lt; b", "a < b"),
        ("3 < 4 and 5 > 2", "3 < 4 and 5 > 2"),
        ("\u200bhidden\ufeff  blanks ", "hidden blanks"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("<script>x</script>", "x"),
    ],
)
def test_strip(text, plain):
    assert strip(text) == plain


def test_only_changed_texts_are_edited():
    view = ft.read({"text": ["fine words", "<i>odd</i> words"], "label": ["a", "b"]}, text="text")
    assert [(e.row, e.value) for e in strip_text(view)] == [(view.ids[1], "odd words")]


def test_no_text_is_told():
    with pytest.raises(ft.DataError, match="of text"):
        strip_text(ft.read("iris"))
