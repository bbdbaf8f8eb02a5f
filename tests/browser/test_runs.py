"""The runs panel on a bare page, told as gestures."""

from __future__ import annotations

import json

import pytest
from hostile import HOSTILE

import ftkit as ft
from ftkit.runs.events import EventLog
from ftkit.runs.process import identity

NAMES = ["leaves-1", "叶片-2", "<img src=x onerror=window.hurt=1>", "a\u202eb"]


@pytest.fixture
def opened(bare, tmp_path):
    for place, name in enumerate(NAMES):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "recipe.yaml").write_text("version: 1\ndata: {path: photos/叶}\nmodel: {name: resnet}\n")
        log = EventLog(folder)
        log.write("started", **identity())
        log.write("state", state="running")
        log.write("plan", steps=100, epochs=1)
        for n in range(1, 60):
            log.write(
                "step", step=n, epoch=n / 100, loss=1 / n, learning_rate=1e-3, rows_per_second=9.0, gradient_norm=1
            )
        log.write("state", state="failed" if place == 2 else "done", error="<b>no</b>")
        score = {"name": "accuracy", "split": "test", "value": 0.9 - place / 10, "low": 0.5, "high": 0.95, "n": 9}
        (folder / "metrics.json").write_text(json.dumps([score]))
    (tmp_path / NAMES[0] / "report.html").touch()

    def go(**context):
        seen = bare(ft.RunsPanel(tmp_path), **context)
        seen.page.wait_for_selector("[data-test=row]")
        seen.folder = tmp_path
        return seen

    return go


def names(seen):
    return seen.page.locator("[data-test=row] th").all_inner_texts()


def test_every_run_is_a_line_with_its_metrics_and_losses(opened):
    seen = opened()
    assert len(names(seen)) == 4
    text = seen.page.locator("[data-test=row]", has_text="leaves-1").inner_text()
    for part in ("done", "叶", "resnet", "0.9 (0.5–0.95)", "report.html"):
        assert part in text
    assert seen.page.locator("[data-test=row] polyline").count() == 4
    assert seen.page.evaluate("window.hurt") is None
    assert "a\\u202eb" in names(seen)
    assert seen.complaints == []


def test_sorting_and_finding(opened):
    seen = opened()
    seen.find("sort-metric accuracy").click()
    assert names(seen)[0] == "leaves-1"
    assert seen.page.locator("th[aria-sort=descending]").inner_text().startswith("accuracy")
    seen.find("sort-metric accuracy").click()
    assert names(seen)[-1] == "leaves-1"
    seen.find("find").fill("叶片 done")
    assert names(seen) == ["叶片-2"]


def test_chosen_runs_are_followed_over_each_other_and_code_says_so(opened):
    seen = opened()
    for name in ("leaves-1", "叶片-2"):
        seen.page.get_by_label(f"Follow {name}").check()
    seen.page.wait_for_function("() => document.querySelectorAll('[data-test=chosen] [data-test=run]').length === 2")
    seen.page.wait_for_selector("[data-test=chart-loss] li:nth-child(2)")
    assert seen.panel.code() == f"ft.TrainPanel({str(seen.folder / 'leaves-1')!r}, {str(seen.folder / '叶片-2')!r})"
    seen.page.get_by_label("Follow leaves-1").uncheck()
    seen.page.wait_for_function("() => document.querySelectorAll('[data-test=chosen] [data-test=run]').length === 1")


def test_a_run_of_another_folder_is_not_told(opened):
    seen = opened()
    replies = seen._ask({"rid": 1, "ask": "events", "args": {"run": "/etc", "cursor": {}}})
    assert "is not in" in replies[0][0]["error"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(opened, scheme):
    seen = opened(width=420, color_scheme=scheme)
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 460


def test_the_keyboard_is_enough(opened):
    seen = opened()
    for _ in range(30):
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("document.activeElement.dataset.test") == "choose":
            break
    seen.page.keyboard.press("Space")
    seen.page.wait_for_selector("[data-test=chosen] [data-test=run]")
    assert seen.page.evaluate("document.activeElement.dataset.test") == "choose"


def test_the_twin_says_the_same(opened):
    text = opened().panel.twin().text()
    assert "leaves-1" in text
    assert "accuracy 0.9" in text


def test_hostile_names_and_texts_are_seen_and_do_nothing(bare, tmp_path):
    for place, text in enumerate(HOSTILE):
        folder = tmp_path / f"{place}-{text.replace('/', '∕')[:60]}"
        folder.mkdir()
        recipe = {"version": 1, "data": {"path": text}, "model": {"name": text}}
        (folder / "recipe.yaml").write_text(json.dumps(recipe))  # every JSON is YAML
        log = EventLog(folder)
        log.write("started", **identity())
        log.write("step", step=1, epoch=1, loss=0.5, learning_rate=1e-3, rows_per_second=9.0, gradient_norm=1)
        log.write("state", state="failed", error=text)
        score = {"name": text, "split": "test", "value": 0.5, "low": None, "high": None, "n": 9}
        (folder / "metrics.json").write_text(json.dumps([score]))
    seen = bare(ft.RunsPanel(tmp_path))
    seen.page.wait_for_function(f"() => document.querySelectorAll('[data-test=row]').length === {len(HOSTILE)}")
    for box in seen.find("choose").all():
        box.check()
    count = f"() => document.querySelectorAll('[data-test=chosen] [data-state=failed]').length === {len(HOSTILE)}"
    seen.page.wait_for_function(count)
    text = seen.page.locator("main").inner_text()
    for shown in (HOSTILE[1], HOSTILE[8], HOSTILE[9], "a\\u202eb", "\\u200bnone", "__proto__"):
        assert shown in text
    assert seen.page.evaluate("window.hurt") is None
    assert seen.page.locator("main script, main img, main style, main [onload], main [onmouseover]").count() == 0
    assert seen.complaints == []
