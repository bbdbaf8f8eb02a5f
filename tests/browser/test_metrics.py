"""The metrics panel, told as gestures: on a bare page with the real Python object, and in one JupyterLab story."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hostile import HOSTILE
from judged import shares, write_run

import ftkit as ft

SEEN = "[data-test=row]:not(.ft-coming), [data-test=tile][data-there=true]"


@pytest.fixture
def opened(bare, tmp_path):
    def go(view, answers, lens=None, **context):
        panel = ft.MetricsPanel(ft.Run(write_run(tmp_path / "叶片-1", view, answers)), view, tmp_path / "edits.jsonl")
        panel.lens = lens or panel.lens
        seen = bare(panel, **context)
        seen.page.wait_for_selector(SEEN)
        seen.edits = tmp_path / "edits.jsonl"
        return seen

    return go


def said(seen, name, text):
    seen.page.wait_for_function(
        "([name, text]) => document.querySelector(`[data-test=${name}]`)?.textContent.includes(text)", arg=[name, text]
    )


def income(n=400):
    """Two classes, of which the scores part most rows."""
    rng = np.random.default_rng(0)
    yes = rng.random(n) < 0.3
    table = {"id": [f"r{i}" for i in range(n)], "age": rng.normal(40, 10, n), "pays": np.where(yes, "yes", "no")}
    view = ft.read(table, target="pays", id="id")
    score = 1 / (1 + np.exp(-rng.normal(np.where(yes, 1.2, -1.2), 1.0)))
    return view, np.stack([1 - score, score], axis=1), np.asarray(view.labels) == view.classes.index("yes"), score


def test_a_cell_opens_its_rows_and_they_are_relabelled_and_taken_back(opened):
    view = ft.read("digits")
    wrong = [(row, 1) for row in np.flatnonzero(view.labels == 8)[:12]]
    seen = opened(view, shares(view, 9.0, wrong))
    mine = [row for row, _ in wrong if row % 2 == 0]
    cell = seen.page.get_by_role("gridcell", name=f"true 8, predicted 1: {len(mine)} rows")
    cell.click()
    said(seen, "count", f"{len(mine)} of ")
    said(seen, "behind", "True 8, predicted 1")
    assert cell.get_attribute("aria-selected") == "true"
    said(seen, "gallery", "8 → 1")
    seen.page.wait_for_selector("[data-test=tile][data-there=true] img")
    seen.find("tile").first.click()
    seen.find("new-label").select_option("1")
    seen.find("relabel").click()
    said(seen, "edits", "1 relabel")
    [edit] = ft.read_edits(seen.edits)
    assert (edit.op, edit.value) == ("relabel", "1")
    assert edit.row in {view.ids[row] for row in mine}
    seen.find("undo").click()
    said(seen, "edits", "nothing decided yet")
    seen.find("showAll").click()
    said(seen, "behind", "the highest loss first")
    assert seen.complaints == []


def test_the_threshold_is_followed_live_and_chosen_by_cost(opened):
    view, answers, yes, score = income()
    seen = opened(view, answers, "threshold")
    test = np.arange(len(view)) % 2 == 0

    def counts(at):
        return str(int((yes & (score >= at))[test].sum())), str(int((~yes & (score >= at))[test].sum()))

    said(seen, "part-found", counts(0.5)[0])
    seen.page.evaluate(  # while the slider moves nothing is written and nobody is asked
        """() => { const s = document.querySelector('input[data-test=threshold]'); s.value = 0.2; s.dispatchEvent(new Event('input')); }"""
    )
    assert (
        seen.find("part-found").locator("b").inner_text(),
        seen.find("part-alarms").locator("b").inner_text(),
    ) == counts(0.2)
    assert seen.panel.threshold == 0.5
    seen.find("miss").fill("10")
    seen.find("miss").press("Enter")
    seen.find("cheapest").click()
    said(seen, "chosen-by", "on the validation rows")
    chosen = seen.panel.threshold
    costs = [(10 * (yes & (score < at))[~test].sum() + (~yes & (score >= at))[~test].sum(), at) for at in score[~test]]
    assert chosen == min(costs)[1]
    said(seen, "part-found", counts(chosen)[0])
    seen.find("part-alarms").click()
    said(seen, "count", f"{counts(chosen)[1]} of 200 rows")
    assert f"answers.columns['p_yes'] >= {chosen!r}" in seen.panel.code()


def test_calibration_opens_its_bins_and_is_mended_by_a_temperature(opened):
    view = ft.read("digits")
    too_sure = shares(view, 1.5) ** 4
    seen = opened(view, too_sure / too_sure.sum(axis=1, keepdims=True), "calibration")
    said(seen, "lens", "too sure")
    before = float(seen.find("ece").inner_text().split("error ")[1].split()[0])
    seen.find("mended").click()
    seen.page.wait_for_function(f"() => !document.querySelector('[data-test=ece]').textContent.includes('{before} ')")
    assert float(seen.find("ece").inner_text().split("error ")[1].split()[0]) < before / 2
    bar = seen.page.locator("[data-test=bin]:not([disabled])").first
    rows = bar.get_attribute("aria-label").split(": ")[1].split()[0]
    bar.click()
    said(seen, "count", f"{rows} of 899 rows")


def test_slices_are_looked_for_and_open(opened):
    rng = np.random.default_rng(0)
    field = np.array(["north", "south"] * 500)
    labels = np.array(["rust", "mould"])[rng.integers(0, 2, 1000)]
    view = ft.read({"id": [f"r{i}" for i in range(1000)], "field": np.repeat(["north", "south"], 500), "x": rng.normal(size=1000), "label": labels}, target="label", id="id")  # fmt: skip
    bad = [(row, 1 - view.labels[row]) for row in range(0, 500, 3)]
    assert len(field) == len(view)
    seen = opened(view, shares(view, 9.0, bad), "slices")
    said(seen, "slices-said", "worse than elsewhere")
    seen.page.locator("[data-test=slice]", has_text="field = north").first.click()
    said(seen, "behind", "field = north")
    said(seen, "count", "250 of 500 rows")


def test_runs_of_the_same_rows_are_compared_and_the_rows_between_them_open(opened, tmp_path):
    view = ft.read("digits")
    write_run(tmp_path / "better-2", view, shares(view, 9.0))
    write_run(tmp_path / "others-3", view.select(np.arange(100)), shares(view.select(np.arange(100))))
    seen = opened(view, shares(view, 9.0, [(row, (view.labels[row] + 1) % 10) for row in range(0, 80, 2)]), "compare")
    seen.page.wait_for_selector("[data-test=other]")
    assert seen.find("other").locator("option").all_inner_texts() == ["choose a run", "better-2"]
    seen.find("other").select_option("better-2")
    said(seen, "contest", "better-2 is better by 4.4 points of accuracy")
    seen.find("part-second").click()
    said(seen, "count", "40 of 899 rows")
    assert "ft.compare(run, " in seen.panel.code()


def test_numbers_have_residuals_in_place_of_confusions(opened):
    rng = np.random.default_rng(0)
    price = rng.uniform(50, 500, 600)
    view = ft.read({"id": [f"r{i}" for i in range(600)], "size": price / 3, "price": price}, target="price", id="id")
    answers = price + rng.normal(0, 5, 600)
    answers[10] = price[10] + 400
    seen = opened(view, answers)
    assert [tab.inner_text() for tab in seen.page.get_by_role("tab").all()] == ["Residuals", "Slices", "Compare"]
    assert seen.find("row").first.locator("div").nth(1).inner_text() == "r10"
    bars = seen.page.locator("[data-test=bin]:not([disabled])")
    bars.last.click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=behind]').textContent.startsWith('Off by')")
    assert "r10" in seen.find("table").inner_text()
    box = seen.page.locator(".ft-plot").bounding_box()
    mark = seen.page.locator(".ft-plot circle").first.bounding_box()
    seen.page.mouse.click(mark["x"] + 2, mark["y"] + 2)
    assert box["width"] > 200
    said(seen, "behind", "The row at true")
    said(seen, "count", "1 of 300 rows")


def test_the_keyboard_is_enough(opened):
    view = ft.read("digits")
    wrong = [(row, 1) for row in np.flatnonzero(view.labels == 0)[:6]]
    seen = opened(view, shares(view, 9.0, wrong))
    keys = seen.page.keyboard
    for _ in range(40):
        keys.press("Tab")
        if seen.page.evaluate("document.activeElement.getAttribute('role')") == "gridcell":
            break
    keys.press("ArrowRight")
    keys.press("Enter")
    said(seen, "behind", "True 0, predicted 1")
    seen.find("gallery").focus()
    keys.press("d")
    said(seen, "edits", "1 drop")
    seen.find("lens-confusions").focus()
    keys.press("ArrowRight")
    keys.press("Enter")
    seen.page.wait_for_selector("[data-test=threshold]")
    assert seen.find("lens-threshold").get_attribute("aria-selected") == "true"
    seen.find("threshold").focus()
    keys.press("Home")
    said(seen, "part-missed", "0")
    assert seen.panel.threshold == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1000])
def test_it_is_accessible_and_fits(opened, scheme, width):
    view, answers, *_ = income()
    seen = opened(view, answers, color_scheme=scheme, width=width)
    for lens in ("confusions", "threshold", "calibration", "slices", "compare"):
        seen.find(f"lens-{lens}").click()
        seen.page.wait_for_function(f"() => document.querySelector('[data-test=lens]').dataset.lens === '{lens}'")
        seen.page.wait_for_timeout(250)
        assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == [], lens
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width + 40, lens


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_high_contrast_tells_what_is_opened(opened, scheme):
    view, answers, *_ = income()
    seen = opened(view, answers, color_scheme=scheme, forced_colors="active")
    look = "(e) => { const s = getComputedStyle(e); return [s.outlineStyle, s.boxShadow, s.backgroundColor].join(); }"
    cell = seen.find("cell").nth(1)
    before = cell.evaluate(look)
    cell.click()
    seen.find("find").focus()
    assert cell.evaluate(look) != before
    for lens in ("confusions", "threshold", "calibration"):
        seen.find(f"lens-{lens}").click()
        seen.page.wait_for_timeout(250)
        assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == [], lens


def test_hostile_texts_are_seen_and_do_nothing(opened, tmp_path):
    n = len(HOSTILE)
    table = {"text": HOSTILE * 20, HOSTILE[1]: HOSTILE[::-1] * 20, "label": HOSTILE * 20}
    view = ft.read(table, target="label", task="tabular-classification")
    other = "<img src=x onerror=window.hurt=1>"
    write_run(tmp_path / other, view, shares(view, 4.0))
    seen = opened(view, shares(view, 2.0))
    for lens in ("threshold", "calibration", "slices", "compare", "confusions"):
        seen.find(f"lens-{lens}").click()
        seen.page.wait_for_timeout(300)
        if lens == "compare":
            seen.find("other").select_option(other)
            said(seen, "contest", other)
    seen.find("pair").first.click()
    seen.find("row").first.click()
    seen.page.wait_for_selector("[data-test=detail]:not([hidden])")
    assert n == 18
    text = seen.page.locator("main").inner_text()
    for shown in (HOSTILE[0], HOSTILE[7], HOSTILE[9], "a\\u202eb", "__proto__"):
        assert shown in text
    assert seen.page.evaluate("window.hurt") is None
    assert seen.page.locator("main script, main img, main style, main svg[onload]").count() == 0
    assert seen.complaints == []


def test_rows_that_have_moved_leave_the_figures(bare, tmp_path):
    view, answers, *_ = income()
    folder = write_run(tmp_path / "a-1", view, answers, "{path: gone.csv}")
    seen = bare(ft.MetricsPanel(ft.Run(folder), edits=tmp_path / "e.jsonl"))
    seen.page.wait_for_selector(SEEN)
    seen.find("pair").first.click()
    said(seen, "behind", "True ")
    seen.find("lens-slices").click()
    said(seen, "slices-said", "the rows are not where the run read them")


def test_an_error_is_shown_and_the_panel_goes_on(opened):
    view, answers, *_ = income()
    seen = opened(view, answers)
    seen.panel._answers.cell = lambda **_: (_ for _ in ()).throw(ft.DataError("the disk is gone: 磁盘"))
    seen.find("pair").first.click()
    said(seen, "lens-said", "the disk is gone: 磁盘")
    seen.find("lens-threshold").click()
    said(seen, "part-found", "found")


def test_two_views_of_one_panel_stay_in_step(opened):
    view, answers, *_ = income()
    seen = opened(view, answers)
    seen.page.evaluate("""async () => {
      const other = document.createElement('section');
      document.querySelector('main').append(other);
      await window.view.default.render({ model: window.model, el: other });
    }""")
    seen.find("lens-threshold").first.click()
    seen.page.wait_for_function("() => document.querySelectorAll('[data-test=threshold]').length === 2")


def test_the_language_is_that_of_the_page(opened):
    view, answers, *_ = income()
    seen = opened(view, answers, language="zh-CN")
    assert seen.find("lens-confusions").inner_text() == "混淆"
    assert "损失最高的在前" in seen.find("behind").inner_text()


@pytest.mark.e2e
def test_a_story_in_jupyterlab(lab, page):
    """A run is judged in a notebook: a confusion opens its rows, one is dropped, and the notebook stays small."""
    view = ft.read("digits")
    wrong = [(row, 1) for row in np.flatnonzero(view.labels == 8)[:12]]
    write_run(lab.root / "runs/digits-1", view, shares(view, 9.0, wrong), "digits")
    lab.write("metrics.ipynb", "import ftkit as ft\npanel = ft.MetricsPanel('digits-1')\npanel", "print(panel.code())")
    lab.open(page, "metrics.ipynb")
    lab.run(page)
    page.wait_for_selector("[data-test=metrics-panel]", timeout=90_000)
    page.locator("[data-test=pair]").first.click()
    page.wait_for_selector("[data-test=tile][data-there=true]", timeout=30_000)
    page.locator("[data-test=tile]").first.click()
    page.locator("[data-test=metrics-panel] [data-test=drop]").click()
    page.wait_for_function("() => document.querySelector('[data-test=edits]').textContent.startsWith('1 drop')")
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell')")
    lab.save(page)
    page.wait_for_timeout(1000)
    assert page.complaints == []
    assert page.get_by_text("Error displaying widget").count() == 0
    [edit] = ft.read_edits(lab.root / "edits.jsonl")
    assert edit.op == "drop"
    assert edit.row in set(view.ids[[row for row, _ in wrong]])
    (lab.root / "edits.jsonl").unlink()
    book = json.loads((lab.root / "metrics.ipynb").read_text())
    assert "widgets" not in book["metadata"]
    assert (lab.root / "metrics.ipynb").stat().st_size < 100_000
