from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from image_rows import encoded
from PIL import Image

import ftkit as ft
from ftkit.cleaning.settled import settled
from ftkit.data import Edit, Edits, append_edits, read_edits
from ftkit.data.image_edit import layer_for, mask_of, over, painted_over, value_of_layer
from ftkit.data.inpaint import inpaint
from ftkit.data.layer import HIDDEN, blended, cleared, layer_of, layer_value
from ftkit.errors import DataError


def image(channels=3, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (24, 30, channels), dtype=np.uint8)


def layer(opacity, seed=1):
    out = np.random.default_rng(seed).integers(0, 256, (24, 30, 4), dtype=np.uint8)
    out[..., 3] = 0
    out[5:15, 8:20, 3] = opacity
    return out


GREY = base64.b64encode(encoded(np.zeros((24, 30), np.uint8))).decode()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("opacity", [1, 25, 128, 200, 254])
def test_what_is_laid_over_comes_off_again(opacity, channels):
    before, mark = image(channels), layer(opacity)
    after = cleared(blended(before, mark), mark)
    # What is lost is the rounding of the blend, made larger.
    assert np.abs(after.astype(int) - before).max() <= 0.5 * 255 / (255 - opacity) + 0.5
    outside = mark[..., 3] == 0
    assert (after[outside] == before[outside]).all()


def test_what_is_hidden_is_painted_over_from_what_was_cleared_around_it():
    before, mark = np.full((24, 30, 3), 90, np.uint8), layer(128)
    mark[8:12, 10:15, 3] = HIDDEN
    shown = blended(before, mark)
    assert (shown[8:12, 10:15] == mark[8:12, 10:15, :3]).all()
    assert np.abs(cleared(shown, mark).astype(int) - 90).max() <= 1
    mark[..., 3] = np.where(mark[..., 3] > 0, HIDDEN, 0)
    assert (cleared(shown, mark) == inpaint(shown, mark[..., 3] > 0)).all()


def test_a_layer_is_kept_as_a_picture():
    mark = layer(77)
    value = layer_value(mark)
    assert json.loads(json.dumps(value)) == value
    assert (layer_of(value["layer"])[..., 3] == mark[..., 3]).all()
    assert (layer_of(value["layer"])[5:15, 8:20] == mark[5:15, 8:20]).all()
    assert (mask_of(value, 24, 30) == (mark[..., 3] > 0)).all()
    assert mask_of(value, 48, 60).sum() == 4 * 120
    assert painted_over(value) == value_of_layer(layer(HIDDEN))
    assert "rle" in value_of_layer(layer(HIDDEN))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"size": [24, 30], "layer": "猫"}, "no PNG picture in base64"),
        ({"size": [24, 30], "layer": "aGVsbG8="}, "no PNG picture in base64"),
        ({"size": [24, 30], "layer": GREY}, "red, green, blue and opacity"),
        ({"size": [24, 30], "layer": 3}, "of its size"),
        ({**layer_value(layer(9)), "size": [30, 24]}, "of its size"),
        ({"layer": layer_value(layer(9))["layer"]}, "of its size"),
        ({**layer_value(layer(9)), "rle": [720]}, '"layer"'),
    ],
)
def test_what_is_no_layer_is_refused(value, said):
    with pytest.raises(DataError, match=said):
        Edit("a", "mask", value=value)


def test_a_layer_cut_short_is_refused():
    value = layer_value(layer(9))
    with pytest.raises(DataError, match="no PNG picture"):
        Edit("a", "mask", value={**value, "layer": value["layer"][:200]})


@pytest.fixture
def photos(tmp_path):
    for name in ("猫", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(3):
            Image.fromarray(blended(image(seed=i), layer(100))).save(tmp_path / "photos" / name / f"{i}.png")
    return tmp_path / "photos"


def test_edits_with_a_layer_replay_from_disk_bit_for_bit(photos, tmp_path):
    view, value = ft.read(photos), layer_value(layer(100))
    edits = Edits(Edit(row, "mask", value=value) for row in view.ids.tolist())
    kept = read_edits(edits.save(tmp_path / "edits.jsonl"))
    assert kept == edits
    once, again = (view.apply(e).pixels((24, 30))[0] for e in (edits, kept))
    assert (once == again).all()
    assert np.abs(once[0].astype(int) - image()).max() <= 2
    assert view.apply(kept).fingerprint == view.apply(edits).fingerprint
    before = {path: path.read_bytes() for path in photos.rglob("*.png")}
    done = ft.clean(view, tmp_path / "edits.jsonl", tmp_path / "out")
    assert (ft.read(done.folder).pixels((24, 30))[0] == once).all()
    assert {path: path.read_bytes() for path in photos.rglob("*.png")} == before
    assert read_edits(done.folder / "edits.jsonl") == edits


def test_one_layer_for_many_rows_is_written_once(tmp_path):
    value, other = layer_value(layer(100)), layer_value(layer(50))
    edits = Edits(Edit(f"行{i}", "mask", value=value if i % 10 else other) for i in range(50))
    path = edits.save(tmp_path / "edits.jsonl")
    assert path.stat().st_size < 2.2 * len(value["layer"]) + 50 * 80
    append_edits(path, edits)
    assert read_edits(path) == Edits([*edits, *edits])
    first = path.read_text("utf-8").splitlines()[2]
    assert json.loads(first) == {"row": "行2", "op": "mask", "like": "行1"}


def test_a_row_whose_value_has_changed_is_not_referred_to(tmp_path):
    one, other = layer_value(layer(100)), layer_value(layer(50))
    edits = Edits([Edit(row, "mask", value=v) for row, v in [("a", one), ("a", other), ("b", one), ("a", one)]])
    assert read_edits(edits.save(tmp_path / "edits.jsonl")) == edits


def test_a_line_that_refers_to_nothing_is_named(tmp_path):
    path = tmp_path / "edits.jsonl"
    path.write_text('{"row": "a", "op": "drop"}\n{"row": "b", "op": "mask", "like": "a"}\n', "utf-8")
    with pytest.raises(DataError, match="line 2: its value is said to be that of row 'a'"):
        read_edits(path)


def test_layers_of_two_marks_add_up(photos):
    view, row = ft.read(photos), "dog/0.png"
    elsewhere = np.roll(layer(60, seed=4), 9, axis=0)
    masks = [Edit(row, "mask", value=layer_value(mark)) for mark in (layer(100), elsewhere)]
    (both,) = settled(view, masks)
    made = layer_for(both.value, 24, 30)
    assert (made[6:13, 9:19] == layer(100)[6:13, 9:19]).all()
    assert (made[16:20, 9:19] == elsewhere[16:20, 9:19]).all()
    assert (made[14, 8:20, 3] == HIDDEN).all()  # both are there: which was first is not known
    once = view.apply(masks[:1])
    assert settled(once, masks[1:])[0].value == both.value
    assert settled(once, masks[:1])[0].value == masks[0].value
    assert (over(elsewhere, elsewhere)[..., 3] == elsewhere[..., 3]).all()


def test_a_layer_found_on_a_cropped_image_comes_off_the_whole_one(photos):
    view, row = ft.read(photos), "dog/0.png"
    crop = Edit(row, "crop", value={"box": [4, 2, 28, 20]})
    cropped = view.apply([crop])
    (edit,) = settled(cropped, [Edit(row, "mask", value=layer_value(layer(100)[2:20, 4:28]))])
    assert edit.value == layer_value(layer(100))
    whole = view.apply([edit, crop])[[view.ids.tolist().index(row)]].pixels((18, 24))[0][0]
    assert np.abs(whole.astype(int) - image()[2:20, 4:28]).max() <= 2
