from __future__ import annotations

import base64
import json
import time
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest

from ftkit.displays import (
    BarChart,
    Display,
    Gallery,
    Heatmap,
    Histogram,
    Line,
    LineChart,
    Note,
    Paragraph,
    Scatter,
    Table,
    Tile,
    Tiles,
    Verdict,
    Verdicts,
    show,
)
from ftkit.displays.heatmap import MOST
from ftkit.displays.interactive import figure_of
from ftkit.displays.markup import DRAW
from ftkit.displays.png import compose
from ftkit.errors import DataError

HOSTILE = [
    "<script>alert(1)</script>",
    "a\u202egnp.exe",
    "nul\x00byte",
    "铁锈病害叶片",
    '"><img src=x onerror=alert(1)>',
]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CHARTS = [
    LineChart([Line(HOSTILE[0], [1, 2, 3], [3, 2, 1], [2.5, 1.5, 0.5], [3.5, 2.5, 1.5]), Line("b", [1, 2], [1, None])],
              "epoch", "loss", HOSTILE[0]),
    LineChart([Line("lr", [0, 1, 2], [1e-6, 1e-3, 0.0])], log_y=True),
    BarChart(HOSTILE, [1, 2, 3, 4, None], title=HOSTILE[4]),
    BarChart(["accuracy", "r2"], [0.97, 0.9], [0.95, None], [0.98, None]),
    Histogram([0, 1, 2], [5, 7], x_title=HOSTILE[0]),
    Heatmap(HOSTILE, [[9, 1, 0, 0, 0]] * 5, HOSTILE[0]),
    Heatmap([f"class {i}" for i in range(40)], [[2] * 40] * 40),
    Scatter([1, 2, 3], [1.5, 2.5, None], title=HOSTILE[0]),
]  # fmt: skip
BLOCKS = [
    Tiles([Tile(HOSTILE[0], HOSTILE[4], HOSTILE[1])]),
    Paragraph("\n".join(HOSTILE)),
    Note(HOSTILE[0], "warning"),
    Verdicts([Verdict(HOSTILE[0], "look", HOSTILE[4], HOSTILE[1], HOSTILE[2], HOSTILE[3])], HOSTILE[0]),
    Table({HOSTILE[0]: HOSTILE, "n": [1, 2.5, None, True, -3]}, HOSTILE[4], 3, [None, "info", "error", None, None]),
    *CHARTS,
    Gallery([PNG] * 3, [HOSTILE[0], "two\nlines", ""], HOSTILE[0], ["a", "a", HOSTILE[4]]),
]
EVERYTHING = Display(HOSTILE[0], BLOCKS)


class Reader(HTMLParser):
    """The elements and attributes of a piece of HTML, and whether each element is closed."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.open = set(), set(), []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("img", "br", "input", "link", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_specification_goes_through_json_and_back():
    assert Display.from_spec(json.loads(json.dumps(EVERYTHING.spec(), allow_nan=False))) == EVERYTHING


def test_a_folded_table_is_closed_at_first_and_stays_folded_when_read_back():
    shown = Display("", [Table({"why": ["<b>"]}, caption="12 <checks>", folded=True)])
    again = Display.from_spec(shown.spec())
    assert '<details class="ft-fold"><summary>12 &lt;checks&gt;</summary>' in again.html()
    assert "12 <checks>" in again.text()


def test_columns_keep_their_order_in_a_notebook_which_sorts_its_keys():
    shown = Display("", [Table({"b": [1], "a": [2]})])
    again = Display.from_spec(json.loads(json.dumps(shown.spec(), sort_keys=True)))
    assert list(again.blocks[0].columns) == ["b", "a"]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: type(c).__name__)
def test_a_chart_is_well_formed_named_and_has_no_element_of_the_data(chart):
    if isinstance(chart, Heatmap) and len(chart.labels) > MOST:
        pytest.skip("drawn as a table")
    root = ET.fromstring(DRAW[type(chart)](chart))
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert not {e.tag for e in root.iter() if e.tag.endswith(("script", "img"))}


def test_html_is_well_formed_and_inert():
    read = Reader(EVERYTHING.html())
    assert not read.open
    assert not read.tags & {"script", "iframe", "link", "object", "form"}
    assert not {a for a in read.attributes if a.startswith("on")}
    for raw in HOSTILE[:3]:
        assert raw not in EVERYTHING.html()


def test_text_has_no_escape_sequence_and_all_of_the_words():
    text = Display("t\x1b[31m", BLOCKS).text()
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "铁锈病害叶片" in text
    assert "… 2 more" in text


def test_the_picture_is_one_well_formed_drawing_with_fixed_colours():
    markup = compose(EVERYTHING.title, EVERYTHING.blocks)
    ET.fromstring(markup)
    assert "var(" not in markup
    assert EVERYTHING.png().startswith(b"\x89PNG")


def test_every_chart_has_a_figure_of_plain_data():
    for chart in CHARTS:
        figure = json.dumps(figure_of(chart), allow_nan=False)
        assert "<script" not in figure
        assert "<img" not in figure


def test_the_first_chart_as_a_plotly_figure_and_a_frame():
    shown = Display("", [BarChart(["a", "b"], [1, 2])])
    assert list(shown.figure().data[0].x) == [1, 2]
    assert shown.frame()["label"].to_list() == ["a", "b"]


def test_a_display_without_a_chart_says_what_shows_it():
    with pytest.raises(DataError, match="holds no chart"):
        Display("notes", [Paragraph("x")]).figure()


@pytest.mark.parametrize(
    "spec",
    [
        {"version": 9},
        [],
        {"version": 1, "blocks": [{"type": "nope"}]},
        {"version": 1, "blocks": [{}]},
        {"version": 1, "blocks": [{"type": "note", "text": "x", "level": '"><script>'}]},
        {"version": 1, "blocks": [{"type": "gallery", "pictures": ["eA=="], "captions": ["x"]}]},
        {"version": 1, "blocks": [{"type": "bar_chart", "labels": ["a"], "values": ["<b>"]}]},
        {"version": 1, "blocks": [{"type": "heatmap", "labels": ["a"], "counts": [[1, 2]]}]},
    ],
)
def test_a_damaged_specification_is_refused(spec):
    with pytest.raises(DataError):
        Display.from_spec(spec)


def test_numbers_that_are_not_finite_leave_gaps():
    chart = LineChart([Line("a", [1, 2, 3], np.array([1.0, np.nan, np.inf]))])
    assert chart.series[0].y == [1.0, None, None]
    assert "NaN" not in json.dumps(Display("", [chart]).spec())


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(DataError, match="different lengths"):
        Table({"a": [1], "b": [1, 2]})


def test_a_cloud_of_points_is_thinned_and_says_so():
    cloud = Scatter(np.arange(9000.0), np.arange(9000.0))
    assert len(cloud.x) <= 2000
    assert "of 9,000 rows" in Display("", [cloud]).text()


def test_many_classes_are_listed_by_their_worst_confusions():
    counts = np.eye(40, dtype=int) * 50
    counts[3, 7] = 9
    text = Display("", [Heatmap([f"c{i}" for i in range(40)], counts, "Matrix")]).text()
    assert "c3" in text
    assert "c7" in text
    assert "15%" in text


def test_the_sentence_of_a_chart_is_made_from_its_data():
    line = Line("validation", list(range(1, 11)), np.linspace(0.41, 0.97, 10))
    said = Display("", [LineChart([line], "epochs", "accuracy")]).text()
    assert said == "validation accuracy rises from 0.41 to 0.97 over epochs 1 to 10."


def test_the_bundle_holds_all_forms():
    bundle = Display("x", [Note("y")])._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.ftkit.display.v1+json", "text/html", "image/png", "text/plain"}


def test_a_chart_is_drawn_in_about_a_millisecond():
    chart = LineChart([Line("a", list(range(200)), np.random.default_rng(0).random(200))])
    best = min(_seconds(DRAW[LineChart], chart) for _ in range(5))
    assert best < 0.01


def _seconds(call, *args):
    began = time.perf_counter()
    call(*args)
    return time.perf_counter() - began


def test_show_refuses_what_has_no_display_and_names_what_has():
    with pytest.raises(DataError, match=r"no display for int.*DatasetView"):
        show(3)
