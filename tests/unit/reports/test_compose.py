from __future__ import annotations

from types import SimpleNamespace

import nbformat

from ftkit.displays.display import MIME
from ftkit.reports.compose import compose


def make_run(**changes):
    run = {
        "name": "a_b-1", "state": "queued", "recipe": {"model": {"name": "mlp"}}, "metrics": [], "environment": {},
        "events": list, "predictions": dict, "status": SimpleNamespace(sentence="queued.", seconds=0.0),
    }  # fmt: skip
    return SimpleNamespace(**run | changes)


def test_a_run_becomes_a_valid_notebook_with_displays():
    node = compose(make_run())
    nbformat.validate(node)
    assert sum(MIME in o.data for c in node.cells if c.cell_type == "code" for o in c.outputs) == 3


def test_a_name_is_not_read_as_markdown():
    assert compose(make_run()).cells[0].source == "# a\\_b\\-1"
