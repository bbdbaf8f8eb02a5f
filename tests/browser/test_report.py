"""A frozen report in a real browser with the network cut, scripts on and off, wide and narrow, light and dark."""

from __future__ import annotations

import base64
import io
import itertools
from dataclasses import dataclass, field

import nbformat.v4 as nb
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
    Scatter,
    Table,
    Tile,
    Tiles,
)
from ftkit.reports.freeze import freeze

HOSTILE = ["<script>window.hurt=1</script>", "<img src=x onerror=window.hurt=1>", "a\u202eb", "铁锈病害叶片", "x" * 300]
DRAWN = 6  # charts of ftkit that become interactive
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def displays() -> list[Display]:
    epochs = list(range(1, 11))
    curve = np.exp(-np.array(epochs) / 3)
    labels = [str(i) for i in range(10)]
    return [
        Display(HOSTILE[0], [Tiles([Tile(h, h, h) for h in HOSTILE]), Note(HOSTILE[1], "error"),
                             Table({HOSTILE[0]: HOSTILE}), BarChart(HOSTILE, [1, 2, 3, 4, 5], title=HOSTILE[1]),
                             Gallery([PNG] * 30, HOSTILE * 6, HOSTILE[0], HOSTILE * 6)]),
        Display("Training", [LineChart([Line("train", epochs, curve, curve * 0.8, curve * 1.2),
                                        Line(HOSTILE[1], epochs, curve)], "epoch", "loss", "Loss"),
                             LineChart([Line("", epochs, curve)], log_y=True)]),
        Display("Metrics", [BarChart(["accuracy"], [0.97], [0.95], [0.98]), Heatmap(labels, np.eye(10, dtype=int) * 9),
                            Heatmap([f"class {i}" for i in range(28)], np.eye(28, dtype=int))]),
        Display("Numbers", [Scatter(epochs, curve), Histogram([0, 1, 2], [3, 4])]),
    ]  # fmt: skip


def hostile_outputs() -> list:
    page = (
        "".join(f"<p>{h}</p>" for h in HOSTILE)
        + "<script>window.hurt=1</script><iframe src='http://x.example'></iframe>"
    )
    drawn = "<rect width='9' height='9'/>"
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' onload='window.hurt=1'>{drawn}</svg>"
    figure = {"data": [{"type": "scatter", "y": [1, 2], "name": HOSTILE[1]}], "layout": {"title": {"text": HOSTILE[1]}}}
    bundles = [{"text/html": page}, {"image/svg+xml": svg}, {"application/vnd.plotly.v1+json": figure}]
    return [nb.new_output("display_data", data=bundle) for bundle in bundles]


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    shown = [nb.new_output("display_data", data=d._repr_mimebundle_()) for d in displays()]
    cells = [
        nb.new_markdown_cell("# Leaves\n\n" + HOSTILE[0]),
        nb.new_markdown_cell("## Data\n\n### Rows\n\n## Training"),
    ]
    cells += [nb.new_code_cell("show()" + "x" * 300, outputs=[output]) for output in shown]
    cells += [nb.new_code_cell("others", outputs=hostile_outputs()), nb.new_markdown_cell(HOSTILE[1])]
    return freeze(nb.new_notebook(cells=cells), tmp_path_factory.mktemp("report") / "report.html")


@dataclass
class Opened:
    """A page and what it did."""

    page: object
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def opened(browser, report):
    contexts = []

    def go(*, scripts=True, width=1280, scheme="light", done=True):
        context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
        )
        contexts.append(context)
        seen = Opened(context.new_page())
        context.route(
            "**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort()
        )
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto(report.as_uri())
        if scripts and done:
            seen.page.wait_for_selector("html[data-live=done]", state="attached", timeout=60_000)
        return seen

    yield go
    for context in contexts:
        context.close()


def is_blank(picture: bytes) -> bool:
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("L"), dtype=int)
    return (np.abs(pixels - np.median(pixels)) > 20).mean() < 0.002


def figures_shown(page) -> int:
    """How many charts there are, each of them seen."""
    found = page.locator(".ft-chart").all()
    for figure in found:
        box = figure.bounding_box()
        assert box["width"] > 200
        assert box["height"] > 40
        assert not is_blank(figure.screenshot())
    return len(found)


def test_with_scripts_off_every_figure_shows(opened):
    seen = opened(scripts=False)
    assert figures_shown(seen.page) == 9
    assert seen.page.locator("svg[role=img]").count() == 9
    assert len(seen.requests) == 1
    assert seen.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_scripts_on_charts_become_interactive_and_nothing_is_fetched(opened, scheme):
    seen = opened(scheme=scheme)
    assert seen.page.locator(".is-live .js-plotly-plot").count() == DRAWN + 1
    assert figures_shown(seen.page) == 9
    assert [r for r in seen.requests if not r.startswith(("file:", "data:"))] == []
    assert sum(r.startswith("file:") for r in seen.requests) == 1
    assert seen.complaints == []


def test_hostile_text_is_seen_and_does_nothing(opened):
    seen = opened()
    assert seen.page.evaluate("window.hurt") is None
    assert seen.page.evaluate("document.querySelectorAll('iframe, form, [onload], [onerror]').length") == 0
    assert HOSTILE[0] in seen.page.locator("main").inner_text()
    assert "\\u202e" in seen.page.locator("main").inner_text()


def test_the_policy_stops_a_script_that_slipped_in(browser, report, tmp_path):
    slipped = tmp_path / "slipped.html"
    slipped.write_text(report.read_text(encoding="utf-8").replace("</main>", "<script>window.hurt=1</script></main>"))
    page = browser.new_page()
    page.goto(slipped.as_uri())
    assert page.evaluate("window.hurt") is None
    page.close()


@pytest.mark.parametrize("width", [390, 768, 1500])
@pytest.mark.parametrize("scripts", [True, False])
def test_nothing_is_wider_than_the_page(opened, width, scripts):
    page = opened(scripts=scripts, width=width).page
    right = max(
        box["x"] + box["width"]
        for element in page.locator("main > *, header > *").all()
        if (box := element.bounding_box())
    )
    assert right <= width
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hovering_a_chart_tells_its_values(opened):
    page = opened().page
    page.locator(".js-plotly-plot").nth(1).hover()
    page.wait_for_selector(".hoverlayer text", timeout=5000)


def test_printing_shows_the_still_pictures(opened):
    page = opened().page
    page.emulate_media(media="print")
    assert page.locator(".is-live .ft-still svg").first.is_visible()
    assert not page.locator(".ft-live").first.is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_headings_follow_and_the_page_has_its_landmarks(opened):
    page = opened(done=False).page
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    for landmark in ("main", "header", "nav", "footer", "html[lang]", ".skip"):
        assert page.locator(landmark).count() == 1


def test_contents_lead_to_their_headings(opened):
    page = opened(done=False).page
    for link in page.locator("nav a").all():
        assert page.locator(f"[id='{link.get_attribute('href')[1:]}']").count() == 1
