"""The panels under JupyterLab's own high-contrast theme: its variables on a bare page, looked at by axe."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from judged import shares, write_run, write_running

import ftkit as ft
from ftkit.quality import Finding, Inspection

THEME = Path(sys.prefix, "share/jupyter/lab/themes/@jupyterlab/theme-dark-high-contrast-extension/index.css")
DRESS = """(css) => {
  const style = document.createElement('style');
  style.textContent = css + 'body { background: var(--jp-layout-color0); }';
  document.head.append(style);
  Object.assign(document.body.dataset, { jpThemeLight: 'false', jpThemeName: 'JupyterLab Dark High Contrast' });
}"""


def made(kind, tmp_path):
    view = ft.read({"x": np.arange(60.0), "y": np.arange(60) % 7, "label": ["a", "b"] * 30}, target="label")
    found = Inspection(
        view, [], [Finding("X1", "x", level, "odd", view.ids[:3].tolist()) for level in ("error", "warning")]
    )
    edits = tmp_path / "edits.jsonl"
    return {
        "inspect": lambda: ft.InspectPanel(found, edits=edits),
        "outliers": lambda: ft.OutliersPanel(found, edits=edits),
        "augment": lambda: ft.AugmentPanel(ft.Recipe(data=view, augment=["jitter"]), tmp_path / "recipe.yaml"),
        "metrics": lambda: ft.MetricsPanel(ft.Run(write_run(tmp_path / "a-1", view, shares(view))), view, edits),
        "train": lambda: ft.TrainPanel(write_running(tmp_path / "b-1")),
        "runs": lambda: write_running(tmp_path / "b-1") and ft.RunsPanel(tmp_path),
    }[kind]()


@pytest.mark.skipif(not THEME.exists(), reason="JupyterLab has no high-contrast theme here")
@pytest.mark.parametrize("kind", ["inspect", "outliers", "augment", "metrics", "train", "runs"])
def test_a_panel_is_read_under_the_high_contrast_theme(bare, tmp_path, kind):
    seen = bare(made(kind, tmp_path), color_scheme="dark")
    seen.page.wait_for_selector(f"[data-test={'inspect' if kind == 'outliers' else kind}-panel]")
    seen.page.evaluate(DRESS, THEME.read_text(encoding="utf-8"))
    seen.page.wait_for_timeout(800)
    assert seen.page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--jp-layout-color0')"
    ).strip()
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
