"""The inspect panel on a bare page, told as gestures, with the real Python object behind it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hostile import HOSTILE

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality import Finding, Inspection


@pytest.fixture
def opened(bare, tmp_path):
    def go(view, findings=(), **context):
        panel = ft.InspectPanel(Inspection(view, [], list(findings)), edits=tmp_path / "edits.jsonl")
        seen = bare(panel, **context)
        seen.page.wait_for_selector("[data-test=row]:not(.ft-coming), [data-test=tile][data-there=true]")
        seen.edits = tmp_path / "edits.jsonl"
        return seen

    return go


def first_id(seen, which="row"):
    return seen.find(which).first.locator("div").nth(1).inner_text()


def decided(seen, count):
    seen.page.wait_for_function(f"() => document.querySelector('[data-test=edits]').textContent.startsWith('{count}')")
    return [(edit.row, edit.op, edit.value) for edit in ft.read_edits(seen.edits)]


def test_rows_are_dropped_relabelled_and_taken_back(opened):
    view = ft.read("iris")
    seen = opened(view)
    seen.find("row").nth(2).click()
    seen.find("drop").click()
    assert decided(seen, "1 drop") == [(view.ids[2], "drop", None)]
    seen.page.wait_for_function("() => document.querySelectorAll('[data-test=row]')[2].textContent.includes('drop')")
    seen.find("new-label").select_option("virginica")
    seen.find("relabel").click()
    assert decided(seen, "1 drop, 1 relabel")[1] == (view.ids[3], "relabel", "virginica")
    seen.find("undo").click()
    decided(seen, "1 drop ·")
    seen.find("redo").click()
    decided(seen, "1 drop, 1 relabel")
    assert seen.complaints == []


def test_several_rows_are_chosen_with_shift_and_control(opened):
    seen = opened(ft.read("iris"))
    seen.find("row").nth(1).click()
    seen.find("row").nth(4).click(modifiers=["Shift"])
    seen.find("row").nth(6).click(modifiers=["Control"])
    assert seen.find("count").inner_text() == "5 chosen of 150 rows"
    seen.find("keep").click()
    assert len(decided(seen, "5 keep")) == 5


def test_sorting_searching_and_classes_choose_what_is_seen(opened):
    view = ft.read("iris")
    seen = opened(view)
    sort = seen.find("sort-sepal length (cm)")
    sort.click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=row]').textContent.includes('4.3')")
    sort.click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=row]').textContent.includes('7.9')")
    seen.page.locator("[data-test=class][data-name=setosa]").click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=count]').textContent.startsWith('50 of')")
    seen.find("find").fill("5.8")
    seen.find("find").press("Enter")
    seen.page.wait_for_function("() => document.querySelector('[data-test=count]').textContent.startsWith('1 of')")
    assert first_id(seen) == view.ids[14]
    assert (seen.panel.label, seen.panel.search) == ("setosa", "5.8")


def test_a_finding_shows_its_rows_and_is_done_as_it_suggests(opened):
    view = ft.read("iris")
    rows = [view.ids[9], view.ids[4]]
    seen = opened(view, [Finding("DUP101", "d", "warning", "two copies", rows, [1, 1], {"op": "drop"})])
    seen.find("finding").click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=count]').textContent.startsWith('2 of')")
    assert first_id(seen) == view.ids[9]
    seen.find("accept").click()
    assert decided(seen, "2 drop") == [(rows[0], "drop", None), (rows[1], "drop", None)]


def test_a_row_opens_in_full_with_its_picture(opened):
    seen = opened(ft.read("digits"))
    seen.find("tile").nth(5).click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=detail] img')?.naturalWidth > 100")
    assert "label" in seen.find("detail").inner_text()
    seen.find("shut").click()
    assert not seen.find("detail").is_visible()


def test_the_keyboard_is_enough(opened):
    view = ft.read("iris")
    seen = opened(view)
    seen.find("table").focus()
    for key in ("End", "Home", "ArrowDown", "ArrowDown", "Space", "ArrowDown", "Space", "d"):
        seen.page.keyboard.press(key)
        seen.page.wait_for_timeout(120)
    assert [row for row, *_ in decided(seen, "2 drop")] == [view.ids[2], view.ids[3]]
    seen.page.keyboard.press("u")
    seen.page.wait_for_function(
        "() => document.querySelector('[data-test=edits]').textContent === 'nothing decided yet'"
    )
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("[data-test=detail]:not([hidden])")
    assert seen.page.evaluate("document.querySelector('[data-test=table]').getAttribute('aria-activedescendant')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("data", ["iris", "digits"])
def test_it_is_accessible_and_fits(opened, scheme, data):
    seen = opened(ft.read(data), [Finding("X1", "x", "error", HOSTILE[0])], color_scheme=scheme, width=420)
    seen.find("tile" if data == "digits" else "row").first.click()
    seen.page.wait_for_selector("[data-test=detail]:not([hidden])")
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 460


def test_hostile_texts_are_seen_and_do_nothing(opened):
    columns = {"text": HOSTILE, HOSTILE[1]: HOSTILE[::-1], "label": ["a", HOSTILE[1]] * 9}
    view = ft.read(columns, target="label")
    seen = opened(view, [Finding("X1", HOSTILE[1], "error", text, [view.ids[0]], [1.0]) for text in HOSTILE])
    seen.find("row").first.click()
    seen.page.wait_for_selector("[data-test=detail]:not([hidden])")
    text = seen.page.locator("main").inner_text()
    for shown in (HOSTILE[0], HOSTILE[7], HOSTILE[9], "a\\u202eb", "__proto__"):
        assert shown in text
    assert seen.page.evaluate("window.hurt") is None
    assert seen.page.locator("main script, main img, main svg, main style").count() == 0
    assert seen.complaints == []


def test_an_error_is_shown_and_nothing_is_decided(opened):
    seen = opened(ft.read("iris"))
    seen.edits.mkdir()
    seen.find("row").nth(2).click()
    seen.find("drop").click()
    seen.page.wait_for_selector("[data-test=said][data-fault]")
    assert "edits.jsonl" in seen.find("said").inner_text()


def test_pictures_that_do_not_come_are_told(bare, tmp_path):
    panel = ft.InspectPanel(ft.read("digits"), edits=tmp_path / "edits.jsonl")
    panel._rows.tiles = lambda *_: (_ for _ in ()).throw(DataError("photos/3.jpg: the disk is gone"))
    seen = bare(panel)
    seen.page.wait_for_selector("[data-test=said][data-fault]")
    assert seen.find("said").inner_text() == "photos/3.jpg: the disk is gone"


def test_a_million_rows_cost_the_page_less_than_a_megabyte(opened):
    n = 1_000_000
    seen = opened(ft.read({"number": np.arange(n), "half": np.arange(n) / 2, "id": [f"r{i}" for i in range(n)]}))
    sent = sum(len(b) for _, buffers in seen.replies for b in buffers) + sum(len(str(c)) for c, _ in seen.replies)
    assert sent < 1e6
    assert seen.page.locator("main *").count() < 500
    seen.page.evaluate(
        "() => { const box = document.querySelector('[data-test=table]'); box.scrollTop = box.scrollHeight; }"
    )
    seen.page.wait_for_function(
        "() => [...document.querySelectorAll('[data-test=row]')].some((row) => row.textContent.includes('999999'))"
    )
    seen.find("table").focus()
    seen.page.keyboard.press("Home")
    seen.page.wait_for_function("() => document.querySelector('[data-test=row]').textContent.includes('r0')")


def test_two_views_of_one_panel_stay_in_step(opened):
    seen = opened(ft.read("digits"))
    seen.page.evaluate("""async () => {
      const other = document.createElement('section');
      document.querySelector('main').append(other);
      await window.view.default.render({ model: window.model, el: other });
    }""")
    seen.page.locator("[data-test=mode-table]").first.click()
    seen.page.wait_for_function(
        "() => [...document.querySelectorAll('[data-test=table]')].filter((table) => !table.hidden).length === 2"
    )


def columns_seen(seen):
    seen.find("mode-columns").click()
    seen.page.wait_for_function(
        "() => { const lines = [...document.querySelectorAll('[data-test=profile-line]')];"
        " return lines.length > 0 && lines.every((line) => line.dataset.there !== undefined); }"
    )


def test_columns_are_profiled_and_lead_back_to_the_table(opened):
    age = np.where(np.arange(300) < 30, np.nan, np.arange(300.0))
    view = ft.read({"age": age, "town": ["Ulm", "北京", None] * 100, "word": [HOSTILE[1]] * 300})
    seen = opened(view)
    columns_seen(seen)
    lines = seen.find("profile-line").all_inner_texts()
    assert "number" in lines[0]
    assert "30.0 – 299.0" in lines[0].replace("30 – 299", "30.0 – 299.0")
    assert "30 (10%)" in lines[0]
    assert "100 (33.3%)" in lines[1]
    gaps = seen.page.locator(".ft-gaps").first.locator("i")
    assert [gaps.nth(at).evaluate("(e) => Number(e.style.opacity) > 0.9") for at in (0, 39)] == [True, False]
    assert seen.page.evaluate("window.hurt") is None
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
    assert not seen.find("drop").is_visible()
    seen.find("profile").first.click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=row]').textContent.includes('30')")
    assert (seen.panel.mode, seen.panel.sort) == ("table", "age")


def test_token_lengths_are_seen_against_a_window(opened):
    texts = [f"text {i:03d} " + "word " * (i % 40) for i in range(200)]
    seen = opened(ft.read({"text": texts}))
    columns_seen(seen)
    seen.find("window").fill("30")
    over = sum(-(-len(text) // 4) > 30 for text in texts)
    seen.page.wait_for_function(
        f"() => document.querySelector('[data-test=over-window]').textContent.startsWith('{over} of 200 rows')"
    )
    assert seen.page.locator(".ft-over").count() > 0
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []


def test_a_chat_shows_what_of_it_is_learned(opened):
    turns = [{"role": "user", "content": HOSTILE[1]}, {"role": "assistant", "content": "铁锈 rust"}]
    seen = opened(ft.read({"messages": [turns] * 5}))
    seen.find("row").first.click()
    seen.page.wait_for_selector("[data-test=chat]")
    assert seen.page.locator("[data-test=piece].ft-trained").all_inner_texts() == ["铁锈 rust"]
    assert seen.page.locator("[data-test=piece].ft-context").all_inner_texts() == [HOSTILE[1]]
    assert seen.page.evaluate("window.hurt") is None
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []


def test_what_python_says_is_chinese_on_a_chinese_page(opened):
    view = ft.read({"数": [1.0, 2.0, None] * 20, "类别": ["好", "坏"] * 30}, target="类别")
    found = Finding(
        "TAB101", "missing values", "warning", "Column '数' is missing in 20 of 60 rows (33.3%).", [view.ids[2]]
    )
    seen = opened(view, [found], language="zh-CN")
    assert "列“数”在 60 行中有 20 行缺失（33.3%）。" in seen.find("finding").inner_text()
    seen.find("row").nth(2).click()
    seen.page.wait_for_selector("[data-test=detail] .ft-life")
    assert "列“数”" in seen.find("detail").inner_text()
    seen.find("drop").click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=edits]').textContent.startsWith('1 删除')")
    seen.page.evaluate("() => document.querySelector('[data-test=mode-columns]').click()")
    seen.page.wait_for_selector("[data-test=profile-line]")
    english = set(re.findall(r"[a-z]{3,}", seen.page.locator("main").inner_text()))
    assert english <= {"edits", "jsonl", "builtins", "dict"}  # the file, and what the rows are called
