"""High contrast: the system's few colours, switched on and off while a panel is open; what colour said is still said."""

from __future__ import annotations

import numpy as np
import pytest
from judged import write_running

import ftkit as ft
from ftkit.quality import Finding, Inspection

SCHEMES = [("light", "none"), ("dark", "none"), ("light", "active"), ("dark", "active"), ("light", "none")]
HUES = """() => { const c = document.querySelector('[data-test=chart-loss] canvas'), hues = new Set();
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  for (let i = 0; i < d.length; i += 4) {
    const [most, least] = [Math.max(d[i], d[i + 1], d[i + 2]), Math.min(d[i], d[i + 1], d[i + 2])];
    if (d[i + 3] > 250 && most - least > 60) hues.add(most === d[i] ? 'red' : most === d[i + 2] ? 'blue' : 'green');
  }
  return hues.size; }"""
INK = """() => { const probe = document.createElement('b'); document.querySelector('.ft-panel').append(probe);
  const found = getComputedStyle(probe).color; probe.remove(); return found; }"""


def look(locator):
    """What tells an element from others: its own and its outline's colours."""
    script = "(e) => { const s = getComputedStyle(e); return [s.backgroundColor, s.outlineStyle].join(); }"
    return locator.evaluate(script)


def train(tmp_path):
    return ft.TrainPanel(write_running(tmp_path / "leaves-1"))


def test_charts_keep_their_colours_while_schemes_change(bare, tmp_path):
    seen = bare(train(tmp_path), color_scheme="light")
    seen.page.wait_for_selector("[data-state=running]")
    inks = []
    for scheme, forced in SCHEMES:
        seen.page.emulate_media(color_scheme=scheme, forced_colors=forced)
        seen.page.wait_for_function(f"() => ({HUES})() >= 2")
        inks.append(seen.page.evaluate(INK))
        assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
    assert inks[0] == inks[4]
    assert len(set(inks[:4])) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["InspectPanel", "OutliersPanel"])
def test_what_is_chosen_pressed_and_active_is_told_apart(bare, tmp_path, kind, scheme):
    view = ft.read({"x": np.arange(60.0), "y": np.arange(60) % 7, "label": ["a", "b"] * 30}, target="label")
    found = Inspection(view, [], [Finding("X1", "x", "error", "odd", view.ids[:3].tolist())])
    seen = bare(getattr(ft, kind)(found, edits=tmp_path / "e.jsonl"), color_scheme=scheme, forced_colors="active")
    seen.page.wait_for_selector("[data-test=row]:not(.ft-coming)")
    rows = seen.find("row")
    rows.nth(1).click(modifiers=["Control"])
    rows.nth(4).click(modifiers=["Control"])
    seen.page.wait_for_function("() => document.querySelectorAll('[aria-selected=true]').length === 2")
    assert len({look(rows.nth(place)) for place in (0, 1, 4)}) == 3  # neither, chosen, chosen and active
    before = look(seen.find("class").first)
    seen.find("class").first.click()
    seen.page.wait_for_selector("[data-test=class][aria-pressed=true]")
    seen.page.mouse.move(0, 0)
    assert look(seen.find("class").first) != before
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
