from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.data import Edit

ROWS = {
    "id": [f"r{i}" for i in range(8)],
    "age": [20, 30, None, 40, 50, 60, 70, 80],
    "note": ["call 13812345678 now, thanks", *["a longer note about nothing in particular"] * 7],
    "y": ["cat", "dog"] * 4,
}


@pytest.fixture
def view():
    return ft.read(ROWS, target="y")


def test_drop_leaves_rows_out_and_keeps_ids(view):
    edited = view.apply([Edit("r1", "drop"), Edit("r6", "drop")])
    assert edited.ids.tolist() == ["r0", "r2", "r3", "r4", "r5", "r7"]
    assert len(view) == 8
    assert edited.fingerprint != view.fingerprint


def test_cells_are_changed_where_asked_and_nowhere_else(view):
    edited = view.apply(
        [Edit("r2", "fill", "age", 33), Edit("r3", "replace", "age", None), Edit("r0", "relabel", value="dog")]
    )
    assert edited.numbers("age").tolist()[:3] == [20, 30, 33]
    assert np.isnan(edited.numbers("age")[3])
    assert edited.labels.tolist() == [1, 1, 0, 1, 0, 1, 0, 1]
    assert edited.columns == view.columns
    assert str(edited.column("age").type) == "int64"


def test_a_fraction_makes_a_column_of_whole_numbers_one_of_fractions(view):
    assert view.apply([Edit("r2", "fill", "age", 33.5)]).numbers("age")[2] == 33.5


def test_a_fill_leaves_a_value_alone_and_says_so(view):
    edited = view.apply([Edit("r0", "fill", "age", 99)])
    assert edited.fingerprint == view.fingerprint
    assert any(note.code == "EDT102" for note in edited.notes)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "[redacted]"),
        ([[5, 16]], "call [redacted] now, thanks"),
        ([[5, 16, "<phone>"], [0, 4, "ring"]], "ring <phone> now, thanks"),
        ({"spans": [[5, 999]], "with": "…"}, "call …"),
    ],
)
def test_redact(view, value, said):
    assert view.apply([Edit("r0", "redact", "note", value)]).strings("note")[0] == said


def test_applying_again_changes_nothing(view):
    edits = [Edit("r0", "redact", "note", [[0, 4]]), Edit("r1", "drop"), Edit("r2", "fill", "age", 3)]
    once = view.apply(edits)
    twice = once.apply(edits)
    assert once.fingerprint == twice.fingerprint
    assert once.edits == twice.edits
    assert twice.strings("note")[0] == once.strings("note")[0]


def test_edits_on_edits_are_one_history(view):
    edited = view.apply([Edit("r0", "drop")]).apply([Edit("r1", "drop")]).apply([Edit("r0", "keep")])
    assert edited.ids.tolist() == ["r0", *[f"r{i}" for i in range(2, 8)]]
    assert len(edited.edits) == 3
    assert view.apply(edited.edits.undo(3)).fingerprint == view.fingerprint


def test_a_selection_can_be_edited(view):
    edited = view[2:6].apply([Edit("r2", "drop"), Edit("r7", "drop"), Edit("r3", "relabel", value="cat")])
    assert edited.ids.tolist() == ["r3", "r4", "r5"]
    assert edited.labels[0] == 0
    assert edited.unedited.labels[0] == 1
    assert edited[1:].apply([Edit("r4", "drop")]).ids.tolist() == ["r5"]


def test_content_is_that_of_the_rows_as_they_are_now(view):
    edited = view.apply([Edit("r2", "fill", "age", 33), Edit("r5", "relabel", value="cat"), Edit("r0", "drop")])
    assert ft.read(edited.to_arrow(), target="y").fingerprint == edited.fingerprint


def test_unknown_rows_are_a_note_with_the_nearest(view):
    note = next(n for n in view.apply([Edit("r9", "drop"), Edit("r0", "drop")]).notes if n.code == "EDT101")
    assert "Of 2 edits some are about a row not in" in note.message
    assert "'r9'" in note.message


def test_all_faults_are_listed(view):
    edits = [
        Edit("r0", "fill", "agee", 3), Edit("r0", "relabel", value="cats"), Edit("r1", "relabel", value="cats"),
        Edit("r0", "replace", "age", "old"), Edit("r0", "crop", value={"rotate": 90}),
    ]  # fmt: skip
    with pytest.raises(ft.DataError) as told:
        view.apply(edits)
    for said in (
        "5 edits",
        "nearest is 'age'",
        "label 'cats' is not one of the 2 classes",
        "(2 edits)",
        "'old'",
        "no images",
    ):
        assert said in str(told.value)


def test_a_relabelled_class_that_is_gone_is_no_class_any_more():
    view = ft.read({"x": [1.5, 2.5, 3.5, 4.5], "y": ["a", "b", "c", "a"]})
    edited = view.apply([Edit(view.ids[2], "relabel", value="a")])
    assert edited.classes == ("a", "b")
    assert edited.apply(edited.edits).labels.tolist() == [0, 1, 0, 0]


def test_a_label_that_stopped_the_reading_can_be_dropped():
    view = ft.read({"x": [0.5, 1.5, 2.5], "y": [1.5, float("inf"), 3.5]}, task="tabular-regression", target="y")
    with pytest.raises(ft.DataError, match="infinite"):
        _ = view.labels
    assert view.apply([Edit(view.ids[1], "drop")]).labels.tolist() == [1.5, 3.5]


def test_codes_and_names_of_classes():
    coded = ft.read({"x": [1.5, 2.5, 3.5], "y": [0, 1, 0]}, target="y", classes=["no", "yes"])
    edited = coded.apply([Edit(coded.ids[0], "relabel", value="yes")])
    assert edited.labels.tolist() == [1, 1, 0]
    digits = ft.read("digits")
    assert digits.apply([Edit(digits.ids[0], "relabel", value=7)]).labels[0] == 7


def test_hub_labels_are_written_as_codes():
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    hub = datasets.Dataset.from_dict({"text": ["a", "b", "c"], "label": [0, 1, 0]}, features=features)
    view = ft.read(hub)
    assert view.apply([Edit(view.ids[0], "relabel", value="pos")]).labels.tolist() == [1, 1, 0]


def test_edits_from_a_file_are_part_of_the_origin(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,x,label\na,1.5,p\nb,2.5,q\nc,3.5,p\n")
    edits = ft.Edits([Edit("b", "drop")]).save(tmp_path / "edits.jsonl")
    view = ft.read(path).apply(edits)
    origin = view.origin
    assert ft.read(origin.pop("path"), **origin).fingerprint == view.fingerprint
    assert ft.read(path).apply([Edit("b", "drop")]).origin is None


def test_reading_a_view_again_keeps_its_edits(view):
    edited = ft.read(view.apply([Edit("r0", "drop"), Edit("r2", "fill", "age", 5)]), target="age")
    assert edited.target == "age"
    assert edited.labels[1] == 5


def test_images_are_cropped_turned_and_painted_over(photos):
    view = ft.read(photos)
    edits = [
        Edit("dog/0.png", "crop", value={"box": [2, 1, 7, 5]}),
        Edit("dog/1.png", "crop", value={"rotate": 90}),
        Edit("dog/2.png", "mask", value={"box": [0, 0, 3, 2]}),
    ]
    edited = view.apply(edits)
    scan = edited.scan()
    assert scan.width.tolist()[:4] == [5, 8, 12, 12]
    assert scan.height.tolist()[:4] == [4, 12, 8, 8]
    old, new = view.pixels((8, 12))[0], edited.pixels((8, 12))[0]
    changed = (old[2] != new[2]).any(-1)
    assert changed[:2, :3].any()
    assert not changed[2:].any()
    assert (old[3] == new[3]).all()
    turned = np.asarray(edited[1]["image"])
    assert (turned == np.rot90(np.asarray(view[1]["image"]), -1)).all()
    assert edited.fingerprint not in (view.fingerprint, view.apply(edits[:2]).fingerprint)


def test_class_folders_are_relabelled(photos):
    view = ft.read(photos).apply([Edit("dog/0.png", "relabel", value="猫"), Edit("dog/1.png", "drop")])
    assert view.labels.tolist() == [1, 0, 0, 1, 1, 1, 1]
    assert view[:2].labels.tolist() == [1, 0]


def test_edited_images_survive_a_snapshot(photos, tmp_path):
    edited = ft.read(photos).apply([Edit("dog/0.png", "crop", value={"box": [0, 0, 4, 4]}), Edit("dog/1.png", "drop")])
    again = ft.read(edited.save(tmp_path / "rows.parquet"))
    assert again.ids.tolist() == edited.ids.tolist()
    assert (again.pixels((4, 4))[0] == edited.pixels((4, 4))[0]).all()


def test_edited_pixels_of_arrays():
    digits = ft.read("digits")[:6]
    edited = digits.apply([Edit(digits.ids[1], "crop", value={"box": [0, 0, 4, 8]})])
    assert edited.scan().width.tolist() == [8, 4, 8, 8, 8, 8]
    assert (edited.pixels((8, 8), 1)[0][2:] == digits.pixels((8, 8), 1)[0][2:]).all()


def test_an_unreadable_image_stays_unreadable(photos):
    (photos / "dog" / "0.png").write_bytes(b"")
    edited = ft.read(photos).apply([Edit("dog/0.png", "crop", value={"rotate": 90})])
    assert list(edited.scan().error) == [0]


def test_masks_as_runs():
    from ftkit.data.image_edit import mask_of, runs_of

    mask = np.random.default_rng(0).random((7, 9)) > 0.5
    assert (mask_of(runs_of(mask), 7, 9) == mask).all()
    assert mask_of(runs_of(mask), 14, 18).sum() == 4 * mask.sum()


def test_edits_of_one_image_may_come_in_any_number(photos):
    Image.new("L", (6, 4), 9).save(photos / "dog" / "grey.png")
    edits = [
        Edit("dog/grey.png", "mask", value={"boxes": [[0, 0, 1, 1]]}),
        Edit("dog/grey.png", "crop", value={"rotate": 270}),
    ]
    assert np.asarray(ft.read(photos).apply(edits)[4]["image"]).shape == (6, 4)
