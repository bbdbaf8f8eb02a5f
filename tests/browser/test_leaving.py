"""A cell that is run again and again: what the page and the kernel keep of panels that are gone."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from judged import shares, write_run

import ftkit as ft
from ftkit.panels.panel import LOADER

AGAIN = """async ([loader, code, state, times]) => {
  const view = await import(URL.createObjectURL(new Blob([loader], { type: 'text/javascript' })));
  for (let i = 0; i < times; i++) {
    const model = window.fake({ ...state, _view: code, _key: 'inspect-x', _twin: 'none' });
    const el = document.createElement('div');
    document.body.append(el);
    const end = await view.default.render({ model, el });
    await new Promise((go) => setTimeout(go, 60));
    end();
    el.remove();
  }
}"""


def made(kind, tmp_path):
    """A panel with something to show."""
    view = ft.read({"x": np.arange(3000.0), "y": np.arange(3000) % 7, "label": ["a", "b"] * 1500}, target="label")
    if kind == "MetricsPanel":
        return ft.MetricsPanel(ft.Run(write_run(tmp_path / "a-1", view, shares(view))), view, tmp_path / "edits.jsonl")
    if kind == "AugmentPanel":
        return ft.AugmentPanel(ft.Recipe(data=view, augment=["jitter"]), tmp_path / "recipe.yaml")
    return getattr(ft, kind)(view, edits=tmp_path / "edits.jsonl")


@pytest.mark.e2e
@pytest.mark.parametrize("kind", ["InspectPanel", "OutliersPanel", "MetricsPanel", "AugmentPanel"])
def test_fifty_times_leave_less_than_ten_megabytes(bare, tmp_path, kind):
    from ipywidgets import DOMWidget

    panel = made(kind, tmp_path)
    seen = bare(panel)
    devtools = seen.page.context.new_cdp_session(seen.page)
    names = set(panel.traits(sync=True)) - set(DOMWidget.class_trait_names())
    state = {name: getattr(panel, name) for name in names if not name.startswith("_")}

    def heap(times):
        seen.page.evaluate(AGAIN, [LOADER, panel._view, state, times])
        devtools.send("HeapProfiler.collectGarbage")
        return devtools.send("Runtime.getHeapUsage")["usedSize"]

    before = heap(5)
    assert heap(50) - before < 10e6


def test_a_closed_panel_is_collected(tmp_path):
    panel = ft.OutliersPanel(ft.read("iris"), edits=tmp_path / "edits.jsonl")
    gone = weakref.ref(panel)
    panel.close()
    del panel
    gc.collect()
    assert gone() is None
