"""Steering a run from its panel while a cell runs, in a real JupyterLab: from the click to the event, and to the page.

``python bench_kernels.py [NAME=FOLDER ...]``: each folder holds another ipykernel, made with
``pip install --no-deps --target FOLDER ipykernel==6.31.* nest_asyncio``; the environment's own comes last.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("bare", HERE.parent / "browser/conftest.py")
bare = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bare)

CELLS = (
    "import ftkit as ft\n"
    "run = ft.train({'data': 'digits', 'training': {'epochs': 500, 'log_every': 1, 'device': 'cpu'}}, name='NAME')",
    "import ipykernel, time\nprint('kernel', ipykernel.__version__, flush=True)\nfor _ in range(1200): time.sleep(0.1)",
)
# Clicks and waits until the list of what happened has one more line with a word; both moments on the machine's clock.
CLICK = """async ([click, word]) => {
  const told = () => [...document.querySelectorAll('[data-test=happened] li')].filter((li) => li.textContent.includes(word)).length;
  const before = told(), began = Date.now();
  for (const name of click) document.querySelector(`[data-test=${name}]`).click();
  while (told() <= before) {
    if (Date.now() - began > 20000) throw new Error(`nothing was told of ${word}`);
    await new Promise((go) => setTimeout(go, 4));
  }
  return [began, Date.now()];
}"""
PAUSES, OTHERS = 6, 3


def gestures(page: Page) -> Iterator[tuple[str, list[str], str, dict]]:
    """Name, buttons, the word on the page, and the event that says it was obeyed."""
    for _ in range(PAUSES):
        yield "pause", ["pause"], "paused", {"event": "state", "state": "paused"}
        yield "continue", ["continue"], "running", {"event": "state", "state": "running"}
    for n in range(OTHERS):
        page.locator("[data-test=value]").fill(f"{n + 1}e-4")
        yield "rate", ["set"], "learning_rate", {"event": "changed"}
        yield "checkpoint", ["checkpoint"], "checkpoint saved", {"event": "checkpoint"}
    yield "stop", ["stop", "stop"], "judging", {"event": "stage", "stage": "judging"}


def events(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def milliseconds(event: dict) -> float:
    return datetime.fromisoformat(event["time"]).timestamp() * 1e3


def obeyed(folder: Path, began: float, wanted: dict) -> float:
    """Milliseconds from a click to the first event after it that says so."""
    later = (e for e in events(folder) if milliseconds(e) >= began and wanted.items() <= e.items())
    return milliseconds(next(later)) - began


def steer(lab, page: Page, name: str) -> None:
    book, folder = f"{name}.ipynb", lab.root / "runs" / name
    lab.write(book, *(cell.replace("NAME", name) for cell in CELLS))
    text = json.loads((lab.root / book).read_text())
    text["metadata"]["kernelspec"]["name"] = name
    (lab.root / book).write_text(json.dumps(text))
    lab.open(page, book)
    lab.run(page)
    page.wait_for_selector("[data-test=train-panel]", timeout=90_000)
    page.wait_for_function(
        "() => document.querySelector('[data-test=figure-step]')?.textContent.includes(' / ')", timeout=120_000
    )
    version = page.locator("pre", has_text="kernel ").first.inner_text()  # so the cell runs that keeps the kernel busy
    took: dict[str, list[tuple[float, float]]] = {}
    for gesture, click, word, event in gestures(page):
        began, seen = page.evaluate(CLICK, [click, word])
        took.setdefault(gesture, []).append((obeyed(folder, began, event), seen - began))
        time.sleep(0.7)
    steps = [milliseconds(e) for e in events(folder) if e["event"] == "step"]
    step = statistics.median(b - a for a, b in itertools.pairwise(steps))
    assert page.get_by_text("Error displaying widget").count() == 0
    page.evaluate("() => jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    print(f"ipy{version.strip()}: a step takes {step:.0f} ms, load {os.getloadavg()[0]:.1f}")
    for gesture, pairs in took.items():
        events_, pages = zip(*pairs, strict=True)
        print(f"  {gesture:<10} click to event {statistics.median(events_):4.0f} ms (worst {max(events_):4.0f}), "
              f"to the page {statistics.median(pages):4.0f} ms (worst {max(pages):4.0f}), n={len(pairs)}")  # fmt: skip


def add_kernel(home: Path, name: str, folder: str | None) -> None:
    place = home / "share/jupyter/kernels" / name
    place.mkdir(parents=True)
    paths = [folder] if folder else []
    told = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "env": {"PYTHONPATH": os.pathsep.join([*paths, str(bare.ROOT)])},
    }
    (place / "kernel.json").write_text(json.dumps(told))


if __name__ == "__main__":
    kernels = dict(given.split("=", 1) for given in sys.argv[1:]) | {"own": None}
    home = Path(tempfile.mkdtemp())
    for name, folder in kernels.items():
        add_kernel(home, name, folder)
    lab = bare.Lab(home)
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=str(bare.CHROMIUM), args=bare.ARGUMENTS)
            for name in kernels:
                steer(lab, chromium.new_context(viewport={"width": 1200, "height": 1400}).new_page(), name)
            chromium.close()
    finally:
        lab.stop()
