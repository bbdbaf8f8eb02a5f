"""The rows behind the inspect panel, and the panel's decisions."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

import ftkit as ft
from ftkit.errors import DataError
from ftkit.panels.rows import Rows
from ftkit.quality import Finding, Inspection

VIEW = ft.read("iris")


def table(body):
    return pa.ipc.open_stream(body).read_all().to_pydict()


@pytest.fixture
def found():
    rows = [VIEW.ids[7], VIEW.ids[3], "not there any more"]
    return [
        Finding("DUP101", "duplicates", "warning", "copies", rows, [1.0, 0.9, 0.8], {"op": "drop"}),
        Finding("FIT201", "fit", "info", "a probe"),
    ]


@pytest.fixture
def panel(found, tmp_path):
    return ft.InspectPanel(Inspection(VIEW, [], found), edits=tmp_path / "edits.jsonl")


def test_rows_of_a_finding_come_by_worth_and_those_of_a_class_in_order(found):
    rows = Rows(VIEW, found)
    assert rows.places({"finding": 0}).tolist() == [7, 3]
    assert rows.places({"finding": 0, "sort": "petal width (cm)"}).tolist() == [3, 7]
    assert rows.places({"label": "versicolor"}).tolist() == list(range(50, 100))
    assert rows.places({"search": "7.9"}).tolist() == [131]
    with pytest.raises(DataError, match="class 'rose'"):
        rows.places({"label": "rose"})
    with pytest.raises(DataError, match="finding 9"):
        rows.places({"finding": 9})


def test_a_window_says_what_was_decided(found):
    total, body = Rows(VIEW, found).window({"sort": "sepal length (cm)", "down": True}, 0, 2, {VIEW.ids[131]: "drop"})
    told = table(body)
    assert total == 150
    assert told["place"][0] == 131
    assert told["mark"] == ["drop", ""]
    assert told["c0"] == ["7.9", "7.7"]


def test_rows_of_one_class_alone_have_no_classes_to_choose():
    view = ft.read({"x": [1, 2, 3], "label": ["a", "a", "a"]}, target="label")
    panel = ft.OutliersPanel(view, vectors=np.zeros((3, 2)))
    assert panel._answer_about()[0]["classes"] == []
    assert panel._answer_map()[1][1] == b"\xff" * 3


def test_an_answer_has_its_limit():
    total, _ = Rows(VIEW, []).window({}, 0, 10**9, {})
    assert total == 150
    view = VIEW.select(np.arange(1000) % 150)
    assert len(table(Rows(view, []).window({}, 0, 10**9, {})[1])["place"]) == 400


def test_the_pictures_that_are_seen_come_with_their_rows(tmp_path):
    view = ft.read("digits")
    panel = ft.InspectPanel(view, edits=tmp_path / "edits.jsonl")
    query = {"sort": "label", "down": True}
    told, (body, *pictures) = panel._answer_rows(query, 100, 50, tiles=[110, 114])
    assert told["tiles"] == table(body)["place"][10:14]
    assert pictures == panel._answer_pictures(told["tiles"])[1] == view.tiles(np.array(told["tiles"]))
    assert Image.open(io.BytesIO(pictures[0])).size == (8, 8)
    assert len(panel._answer_rows(query, 100, 50)[1]) == 1
    assert (
        panel._answer_rows(query, 1700, 100, tiles=[1790, 10**9])[0]["tiles"]
        == table(panel._answer_rows(query, 1700, 100)[1][0])["place"][90:]
    )


def test_a_tile_is_small_upright_and_grey_where_there_is_no_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 200), "red").save(tmp_path / "a.jpg", exif=exif)
    Image.new("RGBA", (30, 20), (0, 0, 255, 99)).save(tmp_path / "b.png")
    (tmp_path / "c.png").write_bytes(b"no picture")
    tiles = [Image.open(io.BytesIO(tile)) for tile in ft.read(tmp_path).tiles(np.arange(3))]
    assert [tile.size for tile in tiles] == [(48, 96), (30, 20), (1, 1)]


def test_decisions_are_edits_that_replay_to_the_same_view(panel):
    panel._answer_edit([1, 2], "drop", because="DUP101")
    panel._answer_edit([60], "relabel", "setosa")
    panel._answer_edit([1], "keep")
    edits = ft.read_edits(panel._book.path)
    assert [(e.op, e.value, e.because) for e in edits][:3] == [("drop", None, "DUP101")] * 2 + [
        ("relabel", "setosa", "")
    ]
    assert all(e.by and e.at for e in edits)
    replayed = VIEW.apply(panel._book.path)
    made = {}
    exec(f"rows = view\n{panel.code()}", {"view": VIEW}, made)
    assert replayed.fingerprint == made["clean"].fingerprint
    assert len(replayed) == 149
    assert replayed.labels[list(replayed.ids).index(VIEW.ids[60])] == 0


def test_accepting_a_finding_does_what_it_suggests(panel):
    state, _ = panel._answer_accept(0)
    assert state["edits"] == "3 drop"
    with pytest.raises(DataError, match="FIT201 suggests nothing"):
        panel._answer_accept(1)


def test_each_row_of_an_accepted_finding_gets_its_own_value(tmp_path):
    rows = [VIEW.ids[i] for i in (1, 2, 3)]
    values = {"op": "relabel", "values": ["setosa", "virginica", None]}
    kept = Finding("IMG201", "repeated marks", "warning", "a mark", rows, suggest={"op": "keep", "value": {"rle": [1]}})
    found = [Finding("LAB201", "label errors", "warning", "wrong", rows, suggest=values), kept]
    panel = ft.InspectPanel(Inspection(VIEW, [], found), edits=tmp_path / "edits.jsonl")
    assert panel._answer_accept(0)[0]["edits"] == "2 relabel"
    assert {e.row: e.value for e in ft.read_edits(tmp_path / "edits.jsonl")} == {
        rows[0]: "setosa",
        rows[1]: "virginica",
    }
    assert panel._answer_accept(1)[0]["edits"] == "2 relabel, 3 keep"


def test_a_class_that_is_not_there_is_told_at_once(panel):
    with pytest.raises(DataError, match="rose"):
        panel._answer_edit([1], "relabel", "rose")
    with pytest.raises(DataError, match="outside the 150 rows"):
        panel._answer_edit([150], "drop")
    assert not panel._book.path.exists()


def test_a_row_tells_its_life(panel):
    panel._answer_edit([3], "drop")
    told, pictures = panel._answer_row(3)
    assert told["id"] == VIEW.ids[3]
    assert [f["code"] for f in told["findings"]] == ["DUP101"]
    assert told["edits"][0]["op"] == "drop"
    assert told["cells"]["species"] == "setosa"
    assert pictures == []


def test_the_panel_is_that_of_an_inspection_and_of_nothing_else(panel):
    assert isinstance(ft.open_panel(Inspection(VIEW, [], [])), ft.InspectPanel)
    assert panel.twin().title == "iris: inspected"
    with pytest.raises(DataError, match="not int"):
        ft.InspectPanel(3)
