from __future__ import annotations

import pytest

import ftkit as ft
from ftkit.data.pairs import pair_of

ROWS = 40


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        (["sentence1", "sentence2"], ("sentence1", "sentence2")),
        (["text_a", "id", "text_b"], ("text_a", "text_b")),
        (["Premise", "Hypothesis"], ("Premise", "Hypothesis")),
        (["#1 String", "#2 String"], ("#1 String", "#2 String")),
        (["句子1", "句子2"], ("句子1", "句子2")),
        (["title", "body"], None),
        (["text", "b"], None),
    ],
)
def test_pairs_by_name(names, pair):
    assert pair_of(names) == pair


def test_two_texts_and_a_label(written):
    lines = "".join(f"{i},sentence number {i} is here,another one {i} is there,{i % 2}\n" for i in range(ROWS))
    view = ft.read(written("pair_id,text1,text2,label\n" + lines))
    assert (view.task, view.features) == ("text-classification", ["text1", "text2"])


def test_real_pairs(shared):
    view = ft.read(shared / "pairs-zh-afqmc" / "train.jsonl.gz")
    assert (view.task, view.features, len(view.classes)) == ("text-classification", ["sentence1", "sentence2"], 2)
    mrpc = ft.read(shared / "pairs-mrpc" / "msr_paraphrase_train.tsv.gz", target="Quality")
    assert (mrpc.task, mrpc.features, len(mrpc)) == ("text-classification", ["#1 String", "#2 String"], 4076)


def test_class_folders_of_texts(tmp_path):
    for split in ("train", "test"):
        for label in ("好", "bad"):
            folder = tmp_path / "reviews" / split / label
            folder.mkdir(parents=True)
            for i in range(3):
                (folder / f"{i}.txt").write_text(f"{label} {split} {i}", encoding="utf-8")
    view = ft.read(tmp_path / "reviews")
    assert (len(view), view.task, set(view.classes)) == (12, "text-classification", {"好", "bad"})
    assert view.ids[0] == "test/bad/0.txt"
    assert view[0]["text"] == "bad test 0"
    assert set(view.given_split) == {"train", "test"}


def test_a_file_that_is_no_text(tmp_path):
    for i in range(6):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        (tmp_path / "ab"[i % 2] / f"{i}.txt").write_bytes(b"\0\1\2" if i == 3 else b"words")
    with pytest.raises(ft.DataError, match=r"file b/3.txt: .* other 5 rows can"):
        ft.read(tmp_path)
    view = ft.read(tmp_path, errors="report")
    assert (len(view), [note.code for note in view.notes]) == (5, ["SRC105"])


def test_folders_of_tables_stay_tables(tmp_path):
    for name in ("train", "test"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.txt").write_text("a,b\n1,2\n3,4\n")
    assert list(ft.read(tmp_path).columns) == ["a", "b"]


def test_ragged_lines_are_left_out_when_asked(written):
    path = written("a,b\n1,2\n3\n4,5,6\n7,8\n")
    with pytest.raises(ft.DataError, match=r"line 3: 1 fields, .*; the other 3 lines are fine"):
        ft.read(path)
    view = ft.read(path, errors="report")
    assert view.numbers("a").tolist() == [1, 7]
    assert "2 rows that cannot be read left out" in view.notes[-1].message


def test_errors_are_raised_or_reported(written):
    with pytest.raises(ft.DataError, match="errors='ignore' is not known"):
        ft.read(written("a,b\n1,2\n"), errors="ignore")
