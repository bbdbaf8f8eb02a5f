from __future__ import annotations

import gzip
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import ftkit as ft
from ftkit.data import Edit
from ftkit.data.copying import copy_to


def copied(source, edits, out, **options):
    """Copy, and see that the source is as it was."""
    before = tree(source) if source.is_dir() else source.read_bytes()
    copy_to(ft.read(source, **options).apply(edits), out)
    assert (tree(source) if source.is_dir() else source.read_bytes()) == before
    return out


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_csv_is_the_same_but_for_what_edits_say(written, tmp_path):
    path = written('id;label;size;note\r\na;p;1;"x; y"\r\nb;q;?;"say ""hi"""\r\nc;p;3;\r\nd;q;4;last')
    edits = [Edit("a", "drop"), Edit("b", "fill", "size", 2), Edit("c", "relabel", value="q")]
    out = copied(path, edits, tmp_path / "out")
    said = (out / "rows.csv").read_bytes().decode()
    assert said == 'id;label;size;note\r\nb;q;2;"say ""hi"""\r\nc;q;3;\r\nd;q;4;last'
    assert [e.row for e in ft.read_edits(out / "edits.jsonl")] == ["a", "b", "c"]


def test_chinese_encodings_and_line_breaks_in_cells_stay(written, tmp_path):
    text = "文本,标签\n" + '"好\n的",正\n坏,负\n不错的东西,正\n' * 3
    path = written(text.encode("gb18030"))
    view = ft.read(path)
    edits = [Edit(view.ids[1], "drop"), Edit(view.ids[2], "relabel", value="负")]
    out = copied(path, edits, tmp_path / "out")
    expected = text.replace("坏,负\n", "", 1).replace("不错的东西,正", "不错的东西,负", 1)
    assert (out / "rows.csv").read_bytes().decode("gb18030") == expected


def test_packed_tables_without_a_header(written, tmp_path):
    path = written(gzip.compress(b"1.5,a\n2.5,b\n3.5,a\n"), "rows.csv.gz")
    view = ft.read(path, target="column_2")
    out = copied(path, [Edit(view.ids[1], "drop")], tmp_path / "out", target="column_2")
    assert gzip.decompress((out / "rows.csv.gz").read_bytes()) == b"1.5,a\n3.5,a\n"


def test_json_lines_keep_their_text(written, tmp_path):
    lines = [
        '{"id": "a", "text":"x",  "label": "p"}',
        '{"id":"b","text":"好","label":"q"}',
        '{"id":"c","text":"z","label":"p"}',
    ]
    path = written("\n".join(lines) + "\n", "rows.jsonl")
    out = copied(path, [Edit("b", "replace", "text", "很好"), Edit("c", "drop")], tmp_path / "out")
    assert (out / "rows.jsonl").read_text() == f'{lines[0]}\n{{"id": "b", "text": "很好", "label": "q"}}\n'


def test_a_json_list_stays_one(written, tmp_path):
    rows = [{"id": name, "text": name * 3, "label": "pq"[i % 2]} for i, name in enumerate("abcd")]
    path = written(json.dumps(rows), "rows.json")
    out = copied(path, [Edit("a", "drop"), Edit("b", "relabel", value="p")], tmp_path / "out")
    assert json.loads((out / "rows.json").read_text()) == [{**rows[1], "label": "p"}, rows[2], rows[3]]


def test_parquet_keeps_schema_and_metadata(tmp_path):
    table = pa.table({"id": ["a", "b", "c"], "x": pa.array([1, None, 3], pa.int32()), "label": ["p", "q", "p"]})
    table = table.replace_schema_metadata({"made": "by hand"})
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=2, compression="gzip")
    out = copied(tmp_path / "rows.parquet", [Edit("b", "fill", "x", 2), Edit("c", "drop")], tmp_path / "out")
    again = pq.ParquetFile(out / "rows.parquet")
    assert again.schema_arrow.equals(table.schema, check_metadata=True)
    assert again.read().to_pylist() == [{"id": "a", "x": 1, "label": "p"}, {"id": "b", "x": 2, "label": "q"}]
    assert again.metadata.row_group(0).column(0).compression == "GZIP"


def test_a_folder_of_tables(tmp_path):
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "train.csv").write_text("id,x,label\na,1.5,p\nb,2.5,q\nc,2.5,q\n")
    (tmp_path / "rows" / "test.csv").write_text("id,x,label\nd,1.5,p\ne,2.5,q\n")
    (tmp_path / "rows" / "README.md").write_text("read me")
    out = copied(tmp_path / "rows", [Edit("b", "drop"), Edit("e", "drop")], tmp_path / "out")
    assert (out / "train.csv").read_text() == "id,x,label\na,1.5,p\nc,2.5,q\n"
    assert (out / "test.csv").read_text() == "id,x,label\nd,1.5,p\n"
    assert ft.read(out).given_split.tolist() == ["test", "train", "train"]


def test_chats_stay_in_their_form(written, tmp_path):
    rows = [{"conversations": [{"from": "human", "value": w}, {"from": "gpt", "value": w * 2}]} for w in "abc"]
    path = written("".join(json.dumps(row) + "\n" for row in rows), "chats.jsonl")
    view = ft.read(path)
    better = [{"role": "user", "content": "b"}, {"role": "assistant", "content": "better"}]
    out = copied(path, [Edit(view.ids[0], "drop"), Edit(view.ids[1], "replace", "messages", better)], tmp_path / "out")
    made = [json.loads(line) for line in (out / "chats.jsonl").read_text().splitlines()]
    assert made[0]["conversations"][1] == {"from": "gpt", "value": "better"}
    assert made[1] == rows[2]


def test_image_folders_keep_their_layout(photos, tmp_path):
    (photos / "about.md").write_text("photos")
    edits = [
        Edit("dog/0.png", "drop"),
        Edit("dog/1.png", "relabel", value="猫"),
        Edit("dog/2.png", "crop", value={"box": [0, 0, 5, 4]}),
    ]
    out = copied(photos, edits, tmp_path / "out")
    old, new = tree(photos), tree(out)
    assert set(new) == {
        "about.md",
        "dog/2.png",
        "dog/3.png",
        "edits.jsonl",
        "猫/1-2.png",
        *(f"猫/{i}.png" for i in range(4)),
    }
    assert new["猫/1-2.png"] == old["dog/1.png"]
    assert new["dog/3.png"] == old["dog/3.png"]
    assert Image.open(out / "dog" / "2.png").size == (5, 4)
    view, again = ft.read(photos).apply(edits), ft.read(out)
    assert (len(again), again.notes[0].code if again.notes else "") == (len(view), "SRC101")


def test_files_outside_the_source_are_linked_never_copied(photos, tmp_path):
    secret = tmp_path / "elsewhere.png"
    Image.new("RGB", (8, 8)).save(secret)
    (photos / "dog" / "9.png").symlink_to(secret)
    (photos / "dog" / "8.png").symlink_to(photos / "dog" / "0.png")
    out = copied(photos, [Edit("dog/0.png", "drop")], tmp_path / "out")
    assert os.readlink(out / "dog" / "9.png") == str(secret)
    assert not (out / "dog" / "8.png").is_symlink()


def test_texts_in_class_folders(tmp_path):
    for name in ("pos", "neg"):
        (tmp_path / "texts" / name).mkdir(parents=True)
        for i in range(3):
            (tmp_path / "texts" / name / f"{i}.txt").write_text(f"{name} text number {i}")
    edits = [
        Edit("pos/0.txt", "drop"),
        Edit("pos/1.txt", "redact", "text", [[0, 3]]),
        Edit("neg/0.txt", "relabel", value="pos"),
    ]
    out = copied(tmp_path / "texts", edits, tmp_path / "out")
    assert (out / "pos" / "1.txt").read_text() == "[redacted] text number 1"
    assert (out / "pos" / "0-2.txt").read_text() == "neg text number 0"


def test_embedded_rows_become_parquet(tmp_path):
    iris = ft.read("iris")
    copy_to(iris.apply([Edit(iris.ids[0], "drop")]), tmp_path / "out")
    assert len(ft.read(tmp_path / "out" / "iris.parquet")) == 149


@pytest.mark.parametrize("where", ["photos", "photos/clean", "full", "file", "."])
def test_nothing_is_written_into_the_source_or_over_something(photos, tmp_path, where):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    (tmp_path / "file").write_text("")
    before = tree(tmp_path)
    with pytest.raises(ft.DataError, match="Choose another"):
        copy_to(ft.read(photos).apply([Edit("dog/0.png", "drop")]), tmp_path / where)
    assert tree(tmp_path) == before


def test_a_copy_that_fails_leaves_nothing(photos, tmp_path):
    view = ft.read(photos).apply([Edit("dog/0.png", "replace", "label", "a/b")])
    with pytest.raises(ft.DataError, match="no name of a folder"):
        copy_to(view, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["photos"]


def test_rows_in_memory_have_no_layout(tmp_path):
    with pytest.raises(ft.DataError, match=r"view\.save"):
        copy_to(ft.read({"x": [1.5, 2.5], "y": ["a", "b"]}), tmp_path / "out")
