from __future__ import annotations

import gzip

import pytest

import ftkit as ft


def message(path, **options) -> str:
    with pytest.raises(ft.DataError) as error:
        ft.read(path, **options)
    return str(error.value)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_found(written, separator):
    text = "\n".join(separator.join(row) for row in (["height", "kind"], ["1.5", "a"], ["2.5", "b"]))
    view = ft.read(written(text))
    assert list(view.columns) == ["height", "kind"]
    assert view.numbers("height").tolist() == [1.5, 2.5]


def test_separator_may_be_any_character(written):
    view = ft.read(written("a^b\n1^2\n"), separator="^")
    assert view.numbers("b").tolist() == [2.0]


def test_separator_of_two_characters_is_refused(written):
    assert "one character" in message(written("a,b\n1,2\n"), separator="::")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks(written, encoding):
    view = ft.read(written("名字,数\n猫,1\n狗,2\n".encode(encoding)))
    assert view.strings("名字").tolist() == ["猫", "狗"]
    assert not [note for note in view.notes if note.code == "SRC102"]


def test_gb18030_is_read_with_a_note(written):
    view = ft.read(written("名字,标签\n今天天气很好,好\n这个产品不行,坏\n".encode("gb18030")))
    assert view.target == "标签"
    assert "gb18030" in next(note.message for note in view.notes if note.code == "SRC102")


def test_western_accents_are_not_read_as_chinese(written):
    view = ft.read(written("name,age\nRené élan,3\nZoë Müller,4\n".encode("cp1252")))
    assert view.strings("name").tolist() == ["René élan", "Zoë Müller"]


def test_ragged_line_is_named(written):
    said = message(written('a,b,c\n1,2,3\n"x\ny",2,3\n4,5\n6,7\n'))
    assert "rows.csv, line 5: 2 fields, where the first line has 3 (1 more lines" in said
    assert "separator=" in said


def test_too_many_fields_are_named(written):
    assert "line 3: 4 fields, where the first line has 3" in message(written("a,b,c\n1,2,3\n1,2,3,4\n"))


def test_repeated_names_are_named(written):
    assert "more than once: 'a'" in message(written("a,b,a\n1,2,3\n"))


@pytest.mark.parametrize("content", ["", "  \n\n", "\ufeff"])
def test_empty_file(written, content):
    assert "rows.csv is empty" in message(written(content))


def test_only_a_header(written):
    assert "a header (2 columns) and no rows" in message(written("label,b\n"))


def test_binary_file_called_csv(written):
    assert "no text" in message(written(b"PK\x03\x04\0\0\0\0"))


def test_broken_gzip(written):
    assert "cannot be read" in message(written(b"not gzip", "rows.csv.gz"))


def test_gzip(written):
    assert len(ft.read(written(gzip.compress(b"a,b\n1,2\n3,4\n"), "rows.csv.gz"))) == 2


def test_no_header_is_found_and_said(written):
    view = ft.read(written("39, State-gov, 77516, <=50K\n50, ?, 83311, >50K\n38, Private, 215646, <=50K\n"))
    assert list(view.columns) == ["column_1", "column_2", "column_3", "column_4"]
    assert view.strings("column_2").tolist() == ["State-gov", None, "Private"]
    assert {note.code for note in view.notes} >= {"SRC103", "TAB104"}


def test_header_can_be_said(written):
    path = written("2019,2020\n1,2\n3,4\n")
    assert len(ft.read(path)) == 3
    assert list(ft.read(path, header=True).columns) == ["2019", "2020"]


def test_names_above_words(written):
    assert list(ft.read(written("city,mood\nBonn,good\nRiga,bad\nRiga,good\n")).columns) == ["city", "mood"]


def test_words_that_come_again_are_no_header(written):
    assert len(ft.read(written("ham\tsee you there\nspam\twin a prize now\nham\tok then\n", "x.tsv"))) == 3


def test_missing_markers(written):
    view = ft.read(written("a,b\n1,x\nNA,?\n ,y\nnull,N/A\n"))
    assert view.missing("a") == 3
    assert view.missing("b") == 2
    note = next(note.message for note in view.notes if note.code == "TAB104")
    assert "1 'NA'" in note
    assert "1 '?'" in note


def test_missing_markers_can_be_said(written):
    path = written("a,b\nNA,1\nDE,-9\n")
    view = ft.read(path, missing=["-9"])
    assert view.strings("a").tolist() == ["NA", "DE"]
    assert view.missing("b") == 1


def test_numbers_words_truths_and_dates(written):
    view = ft.read(written("n,f,w,t,d\n1,1.5,x,True,2024-01-02\n2,,y,false,2024-02-03 10:00\n"))
    assert [column.kind for column in view.columns.values()] == ["number", "number", "category", "boolean", "date"]
    assert view.numbers("d")[0] == 1704153600.0


def test_quoted_separators_and_newlines(written):
    view = ft.read(written('text,n\n"a, b\nc ""d""",1\nplain,2\n'))
    assert view.strings("text").tolist() == ['a, b\nc "d"', "plain"]


def test_quotation_marks_of_unquoted_tab_files(written):
    view = ft.read(written('n\tsaid\n1\t"well, he said\n2\tno "way" out\n3\tyes\n', "x.tsv"))
    assert view.strings("said").tolist() == ['"well, he said', 'no "way" out', "yes"]


def test_index_that_pandas_wrote(written):
    view = ft.read(written(",size\n0,1.5\n1,2.5\n2,3.5\n"))
    assert view.columns["index"].role == "id"


def test_cell_longer_than_a_block(written):
    long = "x" * (1 << 25)
    assert len(ft.read(written(f'a,b\n"{long}",1\n')).strings("a")[0]) == 1 << 25


def test_adult_as_it_is(shared):
    folder = shared / "tab-adult"
    view = ft.read(folder / "adult-train.csv.gz", target="column_15", test=folder / "adult-test.csv.gz")
    assert view.task == "tabular-classification"
    assert view.classes == ("<=50K", ">50K")
    assert len(view) == 32561 + 16281
    markers = [note.message for note in view.notes if note.code == "TAB104"]
    assert "4,262 '?'" in markers[0]
    matched = next(note for note in view.notes if note.code == "LAB103")
    assert "16,281 labels" in matched.message


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("pairs-mrpc/msr_paraphrase_train.tsv.gz", 4076, 5),
        ("text-sms-spam/sms.tsv.gz", 5574, 2),
        ("text-ag-news/ag_news_test.csv.gz", 7600, 3),
        ("text-zh-thucnews/dev.txt.gz", 10000, 2),
        ("text-zh-waimai/waimai_10k.csv.gz", 11987, 2),
        ("tab-bank-marketing/bank-additional-full.csv.gz", 41188, 21),
        ("tab-wine-quality/winequality-red.csv.gz", 1599, 12),
        ("ts-exchange-rate/exchange_rate.txt.gz", 7588, 8),
    ],
)
def test_real_files_have_the_rows_they_are_known_to_have(shared, name, rows, columns):
    view = ft.read(shared / name)
    assert (len(view), len(view.columns)) == (rows, columns)
