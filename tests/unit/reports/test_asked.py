from __future__ import annotations

from ftkit.reports.asked import asked, parameters

DEFAULTS = 'data = "digits"\nepochs: int = 10  # passes over the rows\nrate = 3e-4\n'


def test_assignments_with_their_remarks():
    assert parameters(DEFAULTS)["epochs"] == ("10", "passes over the rows")
    assert parameters("def f(:") == {}


def test_only_what_was_changed_stands_open():
    html = asked(DEFAULTS, '# Parameters\nepochs = 3\ndata = "digits"\n')
    opened, folded = html.split("<details", 1)
    assert "epochs" in opened
    assert "passes over the rows" in opened
    assert "data" not in opened.split("<table>", 1)[1]
    assert "2 parameters left at their defaults" in folded


def test_a_value_with_markup_is_text():
    assert "<script>" not in asked("", 'data = "<script>alert(1)</script>"')


def test_nothing_asked_leaves_nothing():
    assert asked("", "") == ""
