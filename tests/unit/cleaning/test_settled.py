from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft
from ftkit.cleaning.settled import settled
from ftkit.data import Edit, Edits
from ftkit.data.image_edit import crop_after, layer_before, mask_of

ROW = "cat/00.png"


def pixels(view):
    return np.asarray(view[0]["image"])


@pytest.mark.parametrize("first", [{"box": [2, 1, 12, 9]}, {"rotate": 90}, {"rotate": 180, "box": [1, 2, 9, 14]}])
@pytest.mark.parametrize("second", [{"box": [1, 2, 5, 7]}, {"rotate": 270}, {"rotate": 90, "box": [0, 1, 6, 5]}])
def test_a_crop_of_a_crop_is_one_crop(photos, first, second):
    once = ft.read(photos).apply([Edit(ROW, "crop", value=first)])
    twice = once.apply(settled(once, [Edit(ROW, "crop", value=second)]))
    from ftkit.data.image_edit import edit_picture

    expected = np.asarray(edit_picture(once[0]["image"], [("crop", second)]))
    assert (pixels(twice) == expected).all()
    assert crop_after(first, {"rotate": 0}, 16, 16).get("rotate", 0) == first.get("rotate", 0)


def test_a_mask_on_a_cropped_image_hits_the_same_pixels(photos):
    once = ft.read(photos).apply([Edit(ROW, "crop", value={"rotate": 90, "box": [3, 2, 13, 12]})])
    twice = once.apply(settled(once, [Edit(ROW, "mask", value={"box": [0, 0, 4, 3]})]))
    changed = (pixels(once) != pixels(twice)).any(-1)
    assert changed[:3, :4].mean() > 0.8
    assert not changed[3:].any()
    assert not changed[:, 4:].any()


def test_masks_add_up(photos):
    view = ft.read(photos)
    masks = [Edit(ROW, "mask", value={"box": [0, 0, 4, 3]}), Edit(ROW, "mask", value={"box": [10, 10, 16, 16]})]
    together = settled(view, masks)
    assert len(together) == 1
    assert mask_of(together[0].value, 16, 16).sum() == 4 * 3 + 36
    once = view.apply(masks[:1])
    assert mask_of(settled(once, masks[1:])[0].value, 16, 16).sum() == 4 * 3 + 36


def test_a_mask_of_the_cut_part_is_one_of_the_whole():
    mask = layer_before({"box": [2, 1, 4, 3]}, np.full((2, 2, 4), 255, np.uint8), 5, 4)[..., 3] > 0
    assert np.argwhere(mask).tolist() == [[1, 2], [1, 3], [2, 2], [2, 3]]


def test_redactions_add_up_and_go_on():
    view = ft.read(
        {"id": ["a", "b"], "text": ["call 12345 or x@y.zz now", "nothing"], "label": ["p", "q"]}, text="text"
    )
    first, second = Edit("a", "redact", "text", [[5, 10, "<phone>"]]), Edit("a", "redact", "text", [[14, 20, "<mail>"]])
    together = settled(view, [first, second])
    assert view.apply(together).strings("text")[0] == "call <phone> or <mail> now"
    once = view.apply([first])
    again = settled(once, [Edit("a", "redact", "text", [[16, 22, "<mail>"]])])
    assert once.apply(again).strings("text")[0] == "call <phone> or <mail> now"


def test_spans_that_overlap_are_one():
    view = ft.read({"id": ["a", "b"], "text": ["0123456789", "nothing"], "label": ["p", "q"]}, text="text")
    spans = [Edit("a", "redact", "text", {"spans": [[2, 5]], "with": "-"}), Edit("a", "redact", "text", [[4, 8]])]
    assert view.apply(settled(view, spans)).strings("text")[0] == "01-89"


def secret():
    return ft.read(
        {
            "id": ["a", "b"],
            "text": ["<p>key sk-123 and again sk-123</p>", "nothing"],
            "label": ["p", "q"],
        },
        text="text",
    )


def test_a_key_stays_redacted_in_a_text_that_another_check_rewrites():
    view = secret()
    redact = Edit("a", "redact", "text", [[7, 13, "<key>"]], "TXT209")
    strip = Edit("a", "replace", "text", "key sk-123 and again sk-123", "TXT205")
    for edits in ([redact, strip], [strip, redact]):
        together = settled(view, edits)
        assert view.apply(together).strings("text")[0] == "key <key> and again <key>"
        assert [(edit.op, edit.because) for edit in together] == [("redact", "TXT209")]
        assert not together.notes


def test_a_redaction_wins_where_both_cannot_be():
    view = secret()
    redact = Edit("a", "redact", "text", [[7, 13, "<key>"]], "TXT209")
    strip = Edit("a", "replace", "text", "key sk—123", "TXT207")
    together = settled(view, [strip, redact])
    assert view.apply(together).strings("text")[0] == "<p>key <key> and again sk-123</p>"
    assert "1 text was redacted, and not rewritten as well" in together.notes[0]


def test_two_labels_for_one_row_are_told_and_neither_is_taken():
    view = secret()
    edits = [
        Edit("a", "relabel", value="q", because="LAB201"),
        Edit("a", "relabel", value="p", because="DUP102"),
        Edit("b", "relabel", value="p", because="LAB201"),
        Edit("b", "relabel", value="p", because="DUP102"),
    ]
    together = settled(view, edits)
    assert [(edit.row, edit.value) for edit in together] == [("b", "p")]
    assert "1 row would get two different labels (row 'a': LAB201 'q' and DUP102 'p')" in together.notes[0]
    assert together.notes[0] in repr(together)


def test_of_two_rewritings_the_first_is_taken_and_it_is_told():
    view = secret()
    together = settled(view, [Edit("a", "replace", "text", t, f"TXT20{t}") for t in "56"])
    assert view.apply(together).strings("text")[0] == "5"
    assert "Inspect the cleaned rows again" in together.notes[0]


def test_a_drop_wins_over_the_rest_and_a_keep_over_a_drop():
    view = secret()
    edits = [Edit("a", "redact", "text", [[0, 3]]), Edit("a", "drop"), Edit("b", "drop"), Edit("b", "keep")]
    assert [(edit.row, edit.op) for edit in settled(view, edits)] == [("a", "drop"), ("b", "keep")]


def test_what_was_left_out_is_told_after_cleaning(tmp_path):
    (tmp_path / "rows.csv").write_text("id,text,label\na,x y z,p\nb,u v w,q\n")
    view = ft.read(tmp_path / "rows.csv", text="text")
    torn = settled(view, [Edit("a", "relabel", value=v, because=v) for v in "pq"])
    assert ft.clean(view, torn + Edits([Edit("b", "relabel", value="p")]), tmp_path / "out").notes == list(torn.notes)
