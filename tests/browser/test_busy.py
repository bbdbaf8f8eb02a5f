"""Inspect and outliers panels while a cell runs, in a real JupyterLab, told as gestures."""

from __future__ import annotations

import time

import pytest

import ftkit as ft

CELLS = (
    "import ftkit as ft\nft.InspectPanel(ft.read('digits'), edits='digits.jsonl')",
    "ft.OutliersPanel(ft.read('iris'), edits='iris.jsonl')",
)
BUSY = {
    "sleeping": "import time\nprint('begun', flush=True)\ntime.sleep(40)\nprint('over')",
    "computing": "import time\nprint('begun', flush=True)\nt = time.time() + 40\nwhile time.time() < t: pass\nprint('over')",
}
JUMP = """async () => {
  const box = document.querySelector('[data-test=gallery]');
  box.scrollTop = 0.7 * (box.scrollHeight - box.clientHeight);
  const frame = () => new Promise(requestAnimationFrame);
  await frame(); await frame();
  while (document.querySelector('.ft-tile:not([hidden])[data-there=false]')) await frame();
}"""


@pytest.mark.e2e
@pytest.mark.parametrize("how", list(BUSY))
def test_a_busy_kernel_answers(lab, page, how):
    name = f"busy-{how}.ipynb"
    lab.write(name, *CELLS, BUSY[how])
    lab.open(page, name)
    lab.run(page)
    page.locator("pre", has_text="begun").first.wait_for(timeout=60_000)
    began = time.monotonic()
    gallery, table = page.locator("[data-test=inspect-panel]").nth(0), page.locator("[data-test=inspect-panel]").nth(1)
    table.scroll_into_view_if_needed()
    gallery.scroll_into_view_if_needed()
    page.wait_for_selector("[data-test=tile][data-there=true]")
    page.evaluate(JUMP)
    gallery.locator("[data-test=tile]:visible").nth(3).click()
    page.wait_for_function("() => document.querySelector('[data-test=detail] img')?.naturalWidth > 100")
    gallery.locator("[data-test=class]").first.click()
    page.wait_for_function("() => document.querySelector('[data-test=count]').textContent.startsWith('178 of')")
    table.scroll_into_view_if_needed()
    table.locator("[data-test='sort-sepal length (cm)']").click()
    table.locator("[data-test=row]", has_text="4.3").first.wait_for()
    table.locator("[data-test=row]").nth(1).click()
    table.locator("[data-test=drop]").click()
    table.locator("[data-test=edits]", has_text="1 drop").wait_for()
    page.evaluate("() => document.querySelectorAll('[data-test=row]').length")
    assert page.locator("pre", has_text="over").count() == 0
    assert time.monotonic() - began < 30
    assert len(ft.read_edits(lab.root / "iris.jsonl")) == 1
    (lab.root / "iris.jsonl").unlink()
    page.evaluate("() => jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    assert page.complaints == []
