"""Panels in headless Chromium (software WebGL, a bare page): jumping through pictures and rows, live curves, maps."""

from __future__ import annotations

import importlib.util
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import ftkit as ft
from ftkit.runs.events import EventLog
from ftkit.runs.process import identity

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("bare", HERE.parent / "browser/conftest.py")
bare = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bare)
CIFAR = HERE.parents[2] / "shared/data/images-cifar10/train.parquet"
JUMP = """async (share) => {
  const box = document.querySelector('[data-test=%s]'), began = performance.now();
  box.scrollTop = share * (box.scrollHeight - box.clientHeight);
  const frame = () => new Promise(requestAnimationFrame);
  await frame(); await frame();
  while (document.querySelector('%s')) await frame();
  return performance.now() - began;
}"""
ANOTHER = """async () => {
  const other = document.createElement('section');
  document.querySelector('main').append(other);
  await window.view.default.render({ model: window.model, el: other });
}"""
ARRIVED = """() => [...document.querySelectorAll('[data-test=figure-step]')]
  .every((step) => parseInt(step.textContent.replace(/,/g, '')) >= %d)"""
FRAMES = """async (seconds) => {
  let frames = 0; const began = performance.now();
  while (performance.now() - began < seconds * 1000) { await new Promise(requestAnimationFrame); frames++; }
  return frames / seconds;
}"""


def jumps(page, box, coming, times=12, seed=0) -> str:
    rng = np.random.default_rng(seed)
    took = [page.evaluate(JUMP % (box, coming), share) for share in rng.random(times).tolist()]
    return f"median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms"


def opened(browser, panel):
    page = browser.new_context(viewport={"width": 1000, "height": 1000}).new_page()
    return bare.BarePage(page, panel).open("en", 940)


def gallery(browser):
    view = ft.read(CIFAR)
    seen = opened(browser, ft.InspectPanel(view, edits=Path(tempfile.mkdtemp()) / "edits.jsonl"))
    seen.page.wait_for_selector("[data-there=true]")
    told = jumps(seen.page, "gallery", ".ft-tile:not([hidden])[data-there=false]")
    print(f"gallery, {len(view):,} pictures, jump until all tiles are there: {told}")
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    told = jumps(seen.page, "gallery", ".ft-tile:not([hidden])[data-there=false]", seed=1)  # none of them seen before
    for process in busy:
        process.kill()
        process.wait()
    print(f"the same while every core is busy: {told}")


def table(browser, n=1_000_000):
    rng = np.random.default_rng(0)
    view = ft.read({"id": [f"r{i}" for i in range(n)]} | {f"c{i}": rng.random(n) for i in range(10)})
    seen = opened(browser, ft.InspectPanel(view, edits=Path(tempfile.mkdtemp()) / "edits.jsonl"))
    seen.page.wait_for_selector("[data-test=row]:not(.ft-coming)")
    sent = sum(len(b) * 3 // 4 for _, buffers in seen.replies for b in buffers)
    print(f"table, {n:,} rows x 11: {sent / 1e3:.0f} kB before scrolling; "
          f"jump {jumps(seen.page, 'table', '.ft-coming:not([hidden])')}")  # fmt: skip


def chart(browser, steps=50_000):
    folder = Path(tempfile.mkdtemp()) / "curve-1"
    folder.mkdir()
    (folder / "recipe.yaml").write_text("version: 1\ndata: iris\n")
    log = EventLog(folder)
    log.write("started", **identity())
    log.write("state", state="running")
    log.write("plan", steps=10 * steps, epochs=10)

    def step(n):
        rest = {"learning_rate": 1e-3, "rows_per_second": 9.0, "gradient_norm": 1.0}
        log.write("step", step=n, epoch=n / 100, loss=math.sin(n / 99), **rest)

    for n in range(steps):
        step(n)
    began = time.perf_counter()
    seen = opened(browser, ft.TrainPanel(ft.Run(folder)))
    seen.page.wait_for_function(
        f"() => document.querySelector('[data-test=figure-step]').textContent.startsWith('{steps - 1:,}')"
    )
    print(f"chart, {steps:,} x 5 points shown after {time.perf_counter() - began:.1f} s")
    stop = threading.Event()

    def write():
        n = steps
        while not stop.wait(0.01):
            step(n)
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    seen.page.set_viewport_size({"width": 1000, "height": 4200})  # what is not seen is asked for seldom
    for views in (1, 4):
        while seen.find("train-panel").count() < views:
            seen.page.evaluate(ANOTHER)
        seen.page.wait_for_timeout(2000)
        frames = seen.page.evaluate(FRAMES, 5)
        behind = []
        for _ in range(10):
            want = log.step
            now = time.perf_counter()
            seen.page.wait_for_function(ARRIVED % want)
            behind.append(time.perf_counter() - now)
        drawn = seen.page.locator("canvas:visible").count()
        print(f"{drawn} charts of 50,000 points at 100 events/s: {frames:.0f} frames/s, "
              f"behind {statistics.median(behind) * 1e3:.0f} ms (median of 10)")  # fmt: skip
    stop.set()
    writer.join()


if __name__ == "__main__":
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(bare.CHROMIUM), args=bare.ARGUMENTS)
        table(chromium)
        chart(chromium)
        if CIFAR.exists():
            gallery(chromium)
        chromium.close()
