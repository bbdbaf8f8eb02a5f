"""Jumping through pictures and rows while the kernel is idle, sleeps, or computes, in a real JupyterLab.

``python bench_busy.py [NAME=FOLDER ...]``: each folder holds another ipykernel, as for ``bench_kernels.py``; the
environment's own comes last, then its own without ftkit's part of the server, where questions go by comm.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from bench_kernels import add_kernel, bare
from playwright.sync_api import Page, sync_playwright

spec = importlib.util.spec_from_file_location("bench_panels", Path(__file__).with_name("bench_panels.py"))
panels = importlib.util.module_from_spec(spec)
spec.loader.exec_module(panels)

PICTURES = panels.CIFAR if panels.CIFAR.exists() else "digits"
CELLS = (
    f"import ftkit as ft, ipykernel\nprint('kernel', ipykernel.__version__)\nft.InspectPanel(ft.read({str(PICTURES)!r}))",
    "import numpy as np\nn = 1_000_000\n"
    "ft.InspectPanel(ft.read({'id': [f'r{i}' for i in range(n)], 'x': np.arange(n), 'y': np.arange(n) / 7}))",
)
SECONDS = 75
STATES = {
    "idle": "print('begun')",
    "sleeping": f"import time\nprint('begun', flush=True)\ntime.sleep({SECONDS})",
    "computing": f"import time\nprint('begun', flush=True)\nt = time.time() + {SECONDS}\nwhile time.time() < t: pass",
}
RUN = "() => { void jupyterapp.commands.execute('notebook:run-cell-and-select-next') }"
THERE = """() => document.querySelectorAll('[data-test=inspect-panel]').length === 2
  && document.querySelectorAll('[data-test=inspect-panel]')[1].querySelector('[data-test=row]:not(.ft-coming)')"""
JUMP = """async ([at, list, coming, share]) => {
  const panel = document.querySelectorAll('[data-test=inspect-panel]')[at];
  panel.scrollIntoView({ block: 'start' });
  const box = panel.querySelector(`[data-test=${list}]`), began = performance.now();
  box.scrollTop = share * (box.scrollHeight - box.clientHeight);
  const frame = () => new Promise(requestAnimationFrame);
  await frame(); await frame();
  while (panel.querySelector(coming)) {
    if (performance.now() - began > 5000) return 5000;
    await frame();
  }
  return performance.now() - began;
}"""
OPEN = """async (at) => {
  const panel = document.querySelectorAll('[data-test=inspect-panel]')[0];
  const tile = panel.querySelectorAll('.ft-tile:not([hidden])')[at], began = performance.now();
  const name = tile.querySelector('.ft-tile-name').textContent;
  tile.click();
  while (panel.querySelector('[data-test=detail] h4')?.textContent !== name) {
    if (performance.now() - began > 5000) return 5000;
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - began;
}"""
TIMES = 12


def told(took: list[float]) -> str:
    return f"{statistics.median(took):4.0f} ms (worst {max(took):4.0f})"


def measure(lab, page: Page, kernel: str, state: str, seed: int) -> None:
    book = f"{kernel}-{state}.ipynb"
    lab.write(book, *CELLS, STATES[state])
    text = json.loads((lab.root / book).read_text())
    text["metadata"]["kernelspec"]["name"] = kernel
    (lab.root / book).write_text(json.dumps(text))
    lab.open(page, book)
    for _ in CELLS:
        page.evaluate(RUN)
    page.wait_for_function(THERE, timeout=120_000)
    page.evaluate(RUN)
    page.locator("pre", has_text="begun").first.wait_for(timeout=120_000)
    version = page.locator("pre", has_text="kernel ").first.inner_text().strip()
    shares = np.random.default_rng(seed).random(TIMES).tolist()
    where = {
        "gallery": (0, "gallery", ".ft-tile:not([hidden])[data-there=false]"),
        "table": (1, "table", ".ft-coming:not([hidden])"),
    }
    line = [
        f"{name} {told([page.evaluate(JUMP, [*place, share]) for share in shares])}" for name, place in where.items()
    ]
    line.append(f"row {told([page.evaluate(OPEN, at) for at in range(TIMES)])}")
    print(f"  ipy{version}, {state}: {', '.join(line)}; load {os.getloadavg()[0]:.1f}", flush=True)
    page.evaluate("() => jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")


def look(chromium, kernels: dict[str, str | None], extension: bool) -> None:
    home = Path(tempfile.mkdtemp())
    for name, folder in kernels.items():
        add_kernel(home, name, folder)
    lab = bare.Lab(home, extension)
    try:
        for seed, (name, state) in enumerate((name, state) for name in kernels for state in STATES):
            page = chromium.new_context(viewport={"width": 1200, "height": 1400}).new_page()
            measure(lab, page, name, state, seed)
            page.context.close()
    finally:
        lab.stop()


if __name__ == "__main__":
    kernels = dict(given.split("=", 1) for given in sys.argv[1:]) | {"own": None}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(bare.CHROMIUM), args=bare.ARGUMENTS)
        print("by the door (5000: not answered):")
        look(chromium, kernels, extension=True)
        print("by comm, without ftkit's part of the server:")
        look(chromium, {"own": None}, extension=False)
        chromium.close()
