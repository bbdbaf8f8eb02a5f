"""The outliers panel on a bare page, told as gestures: the map, the lasso, and what is decided about what it holds."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hostile import HOSTILE

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality import Finding, Inspection


@pytest.fixture
def opened(bare, tmp_path):
    def go(view, points, findings=(), **context):
        panel = ft.OutliersPanel(Inspection(view, [], list(findings)), edits=tmp_path / "edits.jsonl", vectors=points)
        seen = bare(panel, **context)
        seen.page.wait_for_selector("[data-test=map] canvas", timeout=60_000)
        seen.page.wait_for_function(DRAWN, timeout=60_000)
        seen.edits = tmp_path / "edits.jsonl"
        return seen

    return go


INK = """() => { const canvas = document.querySelector('[data-test=map] canvas'), gl = canvas.getContext('webgl2');
  const pixels = new Uint8Array(canvas.width * canvas.height * 4);
  gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  const sum = [0, 0, 0]; for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3]) for (let c = 0; c < 3; c++) sum[c] += pixels[i + c];
  return sum; }"""
DRAWN = f"() => ({INK})().some((value) => value > 0)"


def islands(n=2000, far=100):
    """Two islands of points: the second holds the last rows."""
    rng = np.random.default_rng(0)
    points = rng.normal(0, (0.5, 0.3), (n, 2))
    points[-far:] += (10, 0)
    labels = np.array(["near"] * (n - far) + ["far"] * far, dtype=object)
    labels[-1] = "near"
    return ft.read({"id": [f"r{i}" for i in range(n)], "x": points[:, 0], "label": labels}, target="label"), points


def draw_lasso(seen):
    """Around the right half of the map."""
    seen.find("lasso").click()
    box = seen.find("map").bounding_box()
    corners = [(0.7, 0.02), (0.99, 0.02), (0.99, 0.98), (0.7, 0.98), (0.7, 0.05)]
    mouse = seen.page.mouse
    mouse.move(box["x"] + corners[0][0] * box["width"], box["y"] + corners[0][1] * box["height"])
    mouse.down()
    for x, y in corners[1:]:
        mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
    mouse.up()


def said(seen, name, text, timeout=30_000):
    seen.page.wait_for_function(
        f"() => document.querySelector('[data-test={name}]').textContent.includes('{text}')", timeout=timeout
    )


def test_what_is_lassoed_is_seen_chosen_and_relabelled(opened):
    view, points = islands()
    seen = opened(view, points)
    draw_lasso(seen)
    said(seen, "count", "100 chosen of 100 rows")
    seen.find("new-label").select_option("far")
    seen.find("relabel").click()
    said(seen, "edits", "100 relabel")
    assert {edit.row for edit in ft.read_edits(seen.edits)} == {f"r{i}" for i in range(1900, 2000)}
    assert np.bincount(view.apply(seen.edits).labels).tolist() == [100, 1900]
    seen.find("undo").click()
    said(seen, "edits", "nothing decided yet")
    assert len(ft.read_edits(seen.edits)) == 0
    seen.find("showAll").click()
    said(seen, "count", "2,000 of 2,000 rows")
    assert seen.complaints == []


def test_a_point_opens_its_row_and_colours_follow_findings_and_theme(opened):
    view, points = islands(50, 5)
    seen = opened(view, points, [Finding("OUT1", "o", "warning", "far", ["r49"], [0.95])], color_scheme="light")
    box = seen.find("map").bounding_box()
    centre = (points[:, 0].max() + points[:, 0].min()) / 2, (points[:, 1].max() + points[:, 1].min()) / 2
    pixels = 0.92 * min(box["width"] / np.ptp(points[:, 0]), box["height"] / np.ptp(points[:, 1]))
    x, y = (points[49] - centre) * pixels
    seen.page.mouse.click(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 - y)
    said(seen, "detail", "r49")
    assert "OUT1" in seen.find("detail").inner_text()
    before = seen.page.evaluate(INK)
    seen.find("colour").select_option("finding")
    seen.page.wait_for_function(f"() => ({INK})().join() !== '{','.join(map(str, before))}'")
    before = seen.page.evaluate(INK)
    seen.page.emulate_media(color_scheme="dark")
    seen.page.wait_for_function(f"() => ({INK})().join() !== '{','.join(map(str, before))}'")


def test_the_keyboard_moves_zooms_and_chooses(opened):
    view, points = islands()
    seen = opened(view, points)
    seen.find("map").focus()
    for key in ["ArrowRight"] * 8 + ["+"] * 2:
        seen.page.keyboard.press(key)
    seen.find("chooseSeen").focus()
    seen.page.keyboard.press("Enter")
    said(seen, "count", "100 chosen of 100 rows")
    seen.find("whole").click()
    seen.find("chooseSeen").click()
    said(seen, "count", "2,000 chosen")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(opened, scheme):
    seen = opened(*islands(100, 5), color_scheme=scheme, width=420)
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 460


def test_hostile_texts_are_seen_and_do_nothing(opened):
    columns = {"id": HOSTILE, "text": HOSTILE[::-1], HOSTILE[1]: HOSTILE, "label": HOSTILE}
    view = ft.read(columns, target="label")
    findings = [Finding("X1", HOSTILE[1], "error", text, [view.ids[0]], [1.0]) for text in HOSTILE]
    seen = opened(view, np.random.default_rng(0).normal(size=(len(HOSTILE), 2)), findings)
    seen.find("chooseSeen").click()
    said(seen, "count", "18 chosen of 18 rows")
    for name in ("row", "finding", "class"):
        seen.find(name).first.click()
    seen.page.wait_for_selector("[data-test=detail]:not([hidden])")
    text = seen.page.locator("main").inner_text()
    for shown in (HOSTILE[0], HOSTILE[8], HOSTILE[9], "a\\u202eb", "__proto__"):
        assert shown in text
    assert seen.page.evaluate("window.hurt") is None
    assert seen.page.locator("main script, main img, main style, main [onload], main [onmouseover]").count() == 0
    assert seen.complaints == []


def test_a_threshold_says_live_how_many_rows_it_takes(opened):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 3))
    values[:5] += np.array([[9, 0, 0], [0, 12, 0], [0, 0, -15], [-18, 9, 0], [20, 20, 0]])
    view = ft.read({"id": [f"r{i}" for i in range(400)]} | {f"c{i}": values[:, i] for i in range(3)})
    seen = opened(view, values[:, :2])
    seen.find("threshold-box").locator("summary").click()
    said(seen, "takes", "of 400 rows are taken; about 5% of them")
    counts = []
    for place in ("0", "0.5", "1"):
        seen.find("threshold").fill(place)
        counts.append(int(seen.find("takes").inner_text().split(" of ")[0]))
    assert counts == sorted(counts)
    assert counts[2] > counts[1] >= 4
    seen.find("threshold").fill("0.5")
    seen.find("choose-these").click()
    said(seen, "count", f"{counts[1]} chosen of {counts[1]} rows")
    seen.find("drop").click()
    said(seen, "edits", f"{counts[1]} drop")
    assert {"r2", "r3", "r4"} <= {edit.row for edit in ft.read_edits(seen.edits)}
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []


def test_near_duplicates_are_seen_side_by_side_and_decided_by_keys(opened):
    said_often = "the quick brown fox jumps over the lazy dog beside the river bank"
    texts = [f"{said_often} {i}" for i in range(3)] + ["铁锈病害 " + HOSTILE[1]] * 2
    texts += ["".join(word) for word in np.random.default_rng(1).choice(list("abcdefghij "), (30, 60))]
    view = ft.read({"id": [f"r{i:02d}" for i in range(35)], "text": texts})
    seen = opened(view, np.random.default_rng(0).normal(size=(35, 2)))
    seen.find("groups-box").locator("summary").click()
    said(seen, "group-count", "Set 1 of 2")
    seen.page.wait_for_function("() => document.querySelectorAll('[data-test=card]').length === 3")
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
    seen.find("groups").focus()
    seen.page.keyboard.press("2")
    said(seen, "group-count", "Set 2 of 2")
    said(seen, "edits", "2 drop")
    kept = {"r00", "r01", "r02"} - {edit.row for edit in ft.read_edits(seen.edits)}
    assert len(kept) == 1
    seen.page.wait_for_function("() => document.querySelectorAll('[data-test=card]').length === 2")
    seen.page.keyboard.press("a")
    said(seen, "edits", "2 keep")
    seen.page.keyboard.press("u")
    said(seen, "edits", "2 drop ·")
    seen.page.keyboard.press("ArrowLeft")
    said(seen, "group-count", "Set 1 of 2")
    seen.page.wait_for_function("() => document.querySelectorAll('[data-test=card][data-mark=drop]').length === 2")
    assert seen.page.evaluate("window.hurt") is None
    assert seen.complaints == []


def test_rows_that_cannot_be_strange_are_told_so(opened):
    seen = opened(*islands(20, 5))
    seen.find("threshold-box").locator("summary").click()
    said(seen, "said", "fewer than 30 rows")
    seen.find("groups-box").locator("summary").click()
    seen.page.get_by_text("No row is nearly the same as another.").wait_for()


def test_vectors_are_one_a_row():
    with pytest.raises(DataError, match="150 rows need as many vectors"):
        ft.OutliersPanel(ft.read("iris"), vectors=np.zeros((3, 2)))


@pytest.mark.e2e
def test_ten_thousand_of_a_million_points_are_lassoed_relabelled_and_replayed(opened):
    view, points = islands(1_000_000, 10_000)
    seen = opened(view, points)
    began = time.monotonic()
    draw_lasso(seen)
    said(seen, "count", "10,000 chosen of 10,000 rows", 60_000)
    print(f"lassoed in {time.monotonic() - began:.2f} s")
    seen.find("new-label").select_option("far")
    seen.find("relabel").click()
    said(seen, "edits", "10,000 relabel", 60_000)
    edits = ft.read_edits(seen.edits)
    assert [edit.row for edit in edits] == [f"r{i}" for i in range(990_000, 1_000_000)]
    replayed = view.apply(seen.edits)
    assert np.bincount(replayed.labels).tolist() == [10_000, 990_000]
    made = {}
    exec(f"rows = view\n{seen.panel.code()}", {"view": view}, made)
    assert made["clean"].fingerprint == replayed.fingerprint
    seen.find("undo").click()
    said(seen, "edits", "nothing decided yet", 60_000)
    assert seen.edits.read_text() == ""
