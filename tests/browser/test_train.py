"""The train panel, told as gestures: on a bare page with the real Python object, and in one JupyterLab story."""

from __future__ import annotations

import json
import math
import time

import pytest
from hostile import HOSTILE

import ftkit as ft
from ftkit.runs.events import EventLog
from ftkit.runs.process import identity


def begun(folder, steps=300, total=1000):
    """A run of this process, so that it counts as alive."""
    folder.mkdir()
    (folder / "recipe.yaml").write_text("version: 1\ndata: iris\n")
    log = EventLog(folder)
    log.write("started", **identity())
    log.write("state", state="running")
    log.write("plan", steps=total, epochs=10)
    take(log, range(1, steps + 1))
    log.write("evaluation", step=steps, epoch=steps / 100, split="validation", loss=0.4, accuracy=0.8, seconds=0.1)
    return log


def take(log, steps):
    for n in steps:
        log.write(
            "step",
            step=n,
            epoch=n / 100,
            loss=math.exp(-n / 200),
            learning_rate=1e-3,
            rows_per_second=9.0,
            gradient_norm=1,
        )


def asked(folder):
    path = folder / "control.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def opened(bare, tmp_path):
    def go(name="leaves-1", **context):
        log = begun(tmp_path / name)
        opened = bare(ft.TrainPanel(ft.Run(tmp_path / name)), **context)
        opened.log, opened.folder = log, tmp_path / name
        opened.page.wait_for_selector("[data-state=running]")
        return opened

    return go


def test_each_button_is_a_request_in_the_run_folder(opened):
    seen = opened()
    for name in ("pause", "checkpoint", "evaluate"):
        seen.find(name).click()
    seen.find("value").fill("2e-4")
    seen.find("set").click()
    seen.find("change").select_option("epochs")
    seen.find("value").fill("20")
    seen.find("set").click()
    until(lambda: len(asked(seen.folder)) == 5 or seen.page.wait_for_timeout(50))
    lines = [(line["request"], line.get("value")) for line in asked(seen.folder)]
    assert lines == [("pause", None), ("checkpoint", None), ("evaluate", None), ("learning_rate", 2e-4), ("epochs", 20)]
    assert "run.set_epochs(20)" in seen.panel.code()
    assert "run.set_learning_rate(0.0002)" in seen.panel.code()


def test_stop_asks_twice_and_pause_becomes_continue(opened):
    seen = opened()
    seen.find("stop").click()
    assert asked(seen.folder) == []
    seen.find("stop").click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=said]').textContent.includes('Stop')")
    seen.log.write("state", state="paused", step=300)
    seen.find("continue").click()
    until(lambda: len(asked(seen.folder)) == 2 or seen.page.wait_for_timeout(50))
    assert [line["request"] for line in asked(seen.folder)] == ["stop", "continue"]


def test_a_rate_that_is_none_is_told_in_the_panel(opened):
    seen = opened()
    for wrong in ("", "-1", "fast", "Infinity", "0"):
        seen.find("value").fill(wrong)
        seen.find("set").click()
        assert seen.find("value").get_attribute("aria-invalid") == "true"
    assert "over 0" in seen.find("said").inner_text()
    assert asked(seen.folder) == []


def test_what_happens_is_seen_while_it_happens(opened):
    seen = opened()
    take(seen.log, range(301, 401))
    seen.page.wait_for_function("() => document.querySelector('[data-test=figure-step]').textContent.startsWith('400')")
    seen.log.write("state", state="done")
    seen.page.wait_for_selector("[data-state=done]")
    assert not seen.find("pause").is_visible()
    assert seen.find("sentence").is_visible()
    assert seen.complaints == []


def test_an_error_from_python_is_shown_and_the_panel_goes_on(opened):
    seen = opened()
    seen.panel._feeds[str(seen.folder)].ask = lambda *_: (_ for _ in ()).throw(
        ft.RunError("the disk is full: 磁盘已满")
    )
    seen.find("pause").click()
    seen.page.wait_for_selector("[data-fault]")
    assert seen.find("said").inner_text() == "the disk is full: 磁盘已满"
    take(seen.log, range(301, 311))
    seen.page.wait_for_function("() => document.querySelector('[data-test=figure-step]').textContent.startsWith('310')")


def test_several_runs_lie_over_each_other(bare, tmp_path):
    for name in ("a-1", "b-1"):
        begun(tmp_path / name)
    seen = bare(ft.TrainPanel(ft.Run(tmp_path / "a-1"), ft.Run(tmp_path / "b-1")))
    seen.page.wait_for_function("() => document.querySelectorAll('[data-state=running]').length === 2")
    seen.page.wait_for_function("() => document.querySelectorAll('[data-test=chart-loss] li').length === 4")
    assert "b-1 validation" in seen.find("chart-loss").inner_text()


def test_hostile_names_and_texts_are_seen_and_do_nothing(bare, tmp_path):
    log = begun(tmp_path / "<img src=x onerror=window.hurt=1>叶")
    for text in HOSTILE:
        log.write("note", message=text)
        log.write("evaluation", step=300, epoch=3.0, split="validation", loss=0.1, **{text: 0.5})
    (log.path.parent / "worker.log").write_text("\n".join(HOSTILE))
    seen = bare(ft.TrainPanel(ft.Run(log.path.parent)))
    seen.page.wait_for_selector("[data-state=running]")
    seen.page.locator("summary").first.click()
    seen.find("log-box").locator("summary").click()
    told = seen.find("happened").inner_text()
    assert all(text in told for text in (HOSTILE[7], HOSTILE[8], HOSTILE[9], HOSTILE[15], HOSTILE[17]))
    assert "\\u202e" in seen.find("log").inner_text()
    assert seen.page.evaluate("window.hurt") is None
    assert seen.page.locator("main script, main img, main svg, main style").count() == 0
    assert seen.complaints == []
    log.write("state", state="failed", error=HOSTILE[1])
    seen.page.wait_for_selector("[data-state=failed]")
    assert HOSTILE[1] in seen.find("sentence").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 900])
def test_it_is_accessible_and_fits(opened, scheme, width):
    seen = opened(width=width, color_scheme=scheme)
    seen.page.wait_for_timeout(300)
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width + 40


def test_the_keyboard_is_enough(opened):
    seen = opened()
    reached = []
    for _ in range(13):
        seen.page.keyboard.press("Tab")
        reached.append(seen.page.evaluate("document.activeElement.dataset.test"))
    wanted = ["pause", "checkpoint", "evaluate", "stop", "change", "value", "set", "along", "smooth"]
    assert [name for name in reached if name][:9] == wanted
    seen.find("pause").focus()
    seen.page.keyboard.press("Enter")
    seen.find("value").focus()
    seen.page.keyboard.type("0.01")
    seen.page.keyboard.press("Enter")
    until(lambda: len(asked(seen.folder)) == 2 or seen.page.wait_for_timeout(50))


def test_charts_follow_the_theme_while_they_are_open(opened):
    seen = opened(color_scheme="light")
    brightness = """() => { const c = document.querySelector('[data-test=chart-loss] canvas');
      const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let sum = 0, n = 0;
      for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 200) { sum += d[i] + d[i + 1] + d[i + 2]; n++; } return sum / n; }"""
    seen.page.wait_for_function(f"() => ({brightness})() > 0")
    before = seen.page.evaluate(brightness)
    seen.page.emulate_media(color_scheme="dark")
    seen.page.wait_for_function(f"() => Math.abs(({brightness})() - {before}) > 40")


def test_the_language_is_that_of_the_page(opened):
    seen = opened(language="zh-CN")
    assert seen.find("pause").inner_text() == "暂停"
    assert seen.find("state").inner_text() == "运行中"


def test_leaving_takes_everything_away(opened):
    seen = opened()
    seen.page.evaluate("window.leave()")
    assert seen.page.locator("main *").count() == 0
    before = len(seen.asked)
    seen.page.wait_for_timeout(600)
    assert len(seen.asked) - before <= 1


@pytest.mark.e2e
def test_a_story_in_jupyterlab(lab, page):
    """Train, steer while a cell runs, reload, restart the kernel and the server: the run goes on and is seen."""
    cells = ["import ftkit as ft\nrun = ft.train({'data': 'iris', 'training': {'epochs': 20000, 'log_every': 20}}, name='story-1')",
             "import time\nfor _ in range(600): time.sleep(0.1)"]  # fmt: skip
    lab.write("train.ipynb", *cells)
    lab.open(page, "train.ipynb")
    lab.run(page)
    folder = lab.root / "runs/story-1"
    page.wait_for_selector("[data-test=train-panel]", timeout=60_000)
    page.wait_for_function(
        "() => document.querySelector('[data-test=figure-step]')?.textContent.includes(' / ')", timeout=90_000
    )
    page.locator("[data-test=pause]").click()
    page.wait_for_selector("[data-state=paused]", timeout=20_000)
    lab.save(page)
    page.reload()
    page.wait_for_selector("[data-state=paused]", timeout=60_000)
    page.evaluate("() => jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()")
    page.locator("[data-test=continue]").click()
    page.wait_for_selector("[data-state=running]", timeout=20_000)
    lab.stop()
    lab.start()
    page.add_locator_handler(page.locator(".jp-Dialog"), lambda box: box.locator("button").last.click())
    seen = int(page.locator("[data-test=figure-step]").inner_text().split(" /")[0].replace(",", ""))
    page.wait_for_function(
        f"() => parseInt(document.querySelector('[data-test=figure-step]').textContent.replace(',', '')) > {seen}",
        timeout=60_000,
    )
    page.locator("[data-test=stop]").click()
    page.locator("[data-test=stop]").click()
    page.wait_for_selector("[data-state=stopped]", timeout=60_000)
    assert page.get_by_text("Error displaying widget").count() == 0
    assert [line["request"] for line in asked(folder)] == ["pause", "continue", "stop"]
    book = json.loads((lab.root / "train.ipynb").read_text())
    assert "widgets" not in book["metadata"]
    assert (lab.root / "train.ipynb").stat().st_size < 100_000


@pytest.mark.e2e
def test_a_notebook_saved_after_the_end_keeps_the_whole_curve(lab, page):
    cell = "import ftkit as ft\nrun = ft.train({'data': 'iris', 'training': {'epochs': 60}}, name='end-1')"
    lab.write("end.ipynb", cell)
    lab.open(page, "end.ipynb")
    lab.run(page)
    page.wait_for_selector("[data-test=train-panel] [data-state=done]", timeout=120_000)

    def kept():
        lab.save(page)
        (output,) = json.loads((lab.root / "end.ipynb").read_text())["cells"][0]["outputs"]
        return "".join(output["data"]["text/plain"]), output

    until(lambda: "Done: " in kept()[0] or page.wait_for_timeout(300), 20)
    _, output = kept()
    assert "Loss" in "".join(output["data"]["text/html"])
    assert "application/vnd.ftkit.panel.v1+json" in output["data"]
    assert page.locator("[data-test=train-panel]:visible").count() == 1  # what is live stays as it is
    assert page.locator("section.ftkit:visible").count() == 0
    page.reload()
    page.wait_for_selector("[data-test=train-panel] [data-state=done]", timeout=60_000)
    page.wait_for_timeout(500)
    assert page.evaluate("() => jupyterapp.shell.currentWidget.context.model.dirty") is False  # nothing to renew
