from __future__ import annotations

import base64
import json
import re

import nbformat.v4 as nb
import pytest

from ftkit.displays import BarChart, Display, Heatmap, Note
from ftkit.errors import DataError
from ftkit.reports.freeze import freeze
from ftkit.reports.live import fingerprint, harmless


def code(source="x", *outputs, tags=()):
    return nb.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shown(**bundle):
    return nb.new_output("display_data", data={k.replace("_", "/", 1): v for k, v in bundle.items()})


def displayed(*blocks, title="x"):
    return nb.new_output("display_data", data=Display(title, list(blocks))._repr_mimebundle_())


@pytest.fixture
def page(tmp_path):
    def make(*cells, **options):
        return freeze(nb.new_notebook(cells=list(cells)), tmp_path / "r.html", **options).read_text(encoding="utf-8")

    return make


def test_the_first_heading_is_the_title_and_levels_follow(page):
    html = page(
        nb.new_markdown_cell("# Leaves\n\nprose"), nb.new_markdown_cell("#### Deep"), nb.new_markdown_cell("## B")
    )
    assert "<title>Leaves</title>" in html
    assert re.findall(r"<h(\d)", html) == ["1", "2", "2"]


def test_headings_alike_have_different_addresses(page):
    html = page(*(nb.new_markdown_cell("## 数据") for _ in range(3)))
    assert re.findall(r'<h2 id="(.*?)"', html) == ["s-数据", "s-数据-2", "s-数据-3"]
    assert html.count('href="#s-数据') == 3


def test_a_display_is_drawn_anew_and_not_taken_from_its_html(page):
    output = displayed(Note("fine"))
    output.data["text/html"] = "<b>forged</b>"
    html = page(code("show", output))
    assert "fine" in html
    assert "forged" not in html


def test_a_display_of_another_version_falls_back_to_its_other_forms(page):
    output = displayed(Note("fine"))
    output.data["application/vnd.ftkit.display.v1+json"]["version"] = 99
    output.data["text/html"] = "<b>older</b>"
    assert "<b>older</b>" in page(code("show", output))


def test_plotly_is_there_once_and_only_where_a_chart_is(page):
    chart = displayed(BarChart(["a"], [1]))
    assert page(code("c", chart, chart)).count('id="plotly"') == 1
    assert "<script" not in page(code("c", displayed(Heatmap(["a"], [[1]]))))


def test_the_policy_names_exactly_the_scripts_of_the_page(page):
    html = page(code("c", displayed(BarChart(["a"], [1]))))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    own = re.search(r"<script>(.*?)</script>", html, re.DOTALL)[1]
    assert f"'{fingerprint(own)}'" in policy
    assert policy.count("sha256-") == 2
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]


def test_data_in_scripts_cannot_end_them():
    text = harmless({"a": "</script><!--\u2028"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!--\u2028"}


def test_pictures_are_in_the_page(page):
    png, svg = base64.b64encode(b"\x89PNG").decode(), '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    html = page(code("p", shown(image_png=png), shown(**{"image_svg+xml": svg})))
    assert f"data:image/png;base64,{png}" in html
    assert "data:image/svg+xml;base64," in html
    assert "onload" not in html


def test_html_that_is_only_a_script_gives_way_to_the_text(page):
    html = page(code("w", shown(text_html="<script>alert(1)</script>", text_plain="Widget()")))
    assert "Widget()" in html
    assert "alert" not in html


def test_a_live_control_says_that_it_was_one(page):
    output = nb.new_output(
        "display_data", data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "Slider()"}
    )
    html = page(code("s", output))
    assert "Slider()" in html
    assert "was a live control" in html


def test_a_failed_cell_is_said_at_the_top_with_its_sentence(page):
    error = nb.new_output("error", ename="DataError", evalue="no rows <b>", traceback=["\x1b[31mTrace\x1b[0m"])
    html = page(code("a"), code("b", error))
    assert "Cell 2 failed" in html.split("</header>")[0]
    assert "DataError: no rows &lt;b&gt;" in html
    assert "\x1b" not in html


def test_tags_hide_input_output_and_cells(page):
    stream = nb.new_output("stream", name="stdout", text="printed")
    html = page(code("secret_1", tags=["hide-input"]), code("kept", stream, tags=["hide-output"]),
                code("secret_2", tags=["remove-cell"]))  # fmt: skip
    assert "secret" not in html
    assert "kept" in html
    assert "printed" not in html


def test_pieces_of_a_stream_are_one(page):
    pieces = [nb.new_output("stream", name="stderr", text=t) for t in ("\r 10%", "\r 50%", "\r100%\n")]
    html = page(code("bar", *pieces))
    assert "100%" in html
    assert "10%" not in html.replace("100%", "")


def test_the_run_stands_in_the_header(page):
    from types import SimpleNamespace

    recipe = {"task": "image-classification", "model": {"name": "resnet"}, "training": {"epochs": 5}, "seed": 0}
    run = SimpleNamespace(name="leaves-3", state="failed", recipe=recipe, environment={"python": "3.11.7"})
    html = page(nb.new_markdown_cell("# Leaves"), run=run)
    for words in ("leaves-3", "failed", "image-classification · resnet · 5 epochs · seed 0", "python 3.11.7"):
        assert words in html


def test_a_file_that_is_no_notebook_is_said_so(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        freeze(tmp_path / "none.ipynb", tmp_path / "r.html")
    (tmp_path / "bad.ipynb").write_text("{")
    with pytest.raises(DataError, match="is no notebook"):
        freeze(tmp_path / "bad.ipynb", tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    out = tmp_path / "r.html"
    out.write_text("old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(DataError, match="No space left"):
        freeze(nb.new_notebook(), out)
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]
    assert out.read_text() == "old"
