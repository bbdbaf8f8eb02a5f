"""What a notebook shows of panels: live, reopened, trusted or not, without the extension, exported; never an error."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e
CELLS = (
    "import ftkit as ft\nft.InspectPanel(ft.read('digits'))",
    "ft.InspectPanel(ft.read('iris'))",
)


def twins(page):
    """Static views that can be seen: as HTML, or as pictures where the notebook is not trusted."""
    return page.locator("section.ftkit:visible, .jp-RenderedImage:visible").count()


def has_error(page):
    return page.get_by_text("Error displaying widget").filter(visible=True).count() > 0


def executed(lab, page, name):
    lab.write(name, *CELLS)
    lab.open(page, name)
    lab.run(page)
    page.wait_for_function("() => document.querySelectorAll('[data-test=inspect-panel]').length === 2", timeout=90_000)
    page.locator("[data-test=row]:visible").first.wait_for()
    lab.save(page)
    return lab.root / name


def reopened(lab, page, path, trusted=True):
    """The same notebook without its kernel."""
    book = json.loads(path.read_text())
    assert "widgets" not in book["metadata"]
    again = path.with_name(f"again-{trusted}-{path.name}")
    again.write_text(path.read_text())
    if trusted:
        environment = lab.environment
        subprocess.run([sys.executable, "-m", "jupyter", "trust", str(again)], env=environment, check=True)
    lab.open(page, again.name)
    page.wait_for_timeout(2500)


def test_live_and_reopened_with_the_extension(lab, page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    path = executed(lab, page, "outputs.ipynb")
    assert page.locator("[data-test=inspect-panel]:visible").count() == 2
    assert twins(page) == 0
    assert not has_error(page)
    assert path.stat().st_size < 2 * 100_000 + 5000
    page.locator("[data-test=drop]").last.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-test=edits]')].some((e) => e.textContent.startsWith('1 drop'))"
    )
    for trusted in (True, False):
        reopened(lab, page, path, trusted)
        assert twins(page) >= 2, trusted
        assert not has_error(page)
    exported = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--stdout", str(path)], capture_output=True, text=True, check=True, env=lab.environment
    ).stdout  # fmt: skip
    page.set_content(exported.replace("<script", "<template").replace("</script>", "</template>"))
    assert page.locator("section.ftkit:visible").count() >= 2
    page.wait_for_timeout(500)
    assert [url for url in asked if not url.startswith((lab.url, "blob:", "data:"))] == []
    assert any(url.startswith(f"{lab.url}/lab") for url in asked)


@pytest.fixture
def plain_lab(lab, tmp_path):
    """A JupyterLab that does not have the extension."""
    started = type(lab)(tmp_path, extension=False)
    yield started
    started.stop()


def test_without_the_extension_the_live_panel_hides_its_twin(plain_lab, page):
    path = executed(plain_lab, page, "plain.ipynb")
    assert page.locator("[data-test=inspect-panel]:visible").count() == 2
    assert twins(page) == 0
    assert "application/vnd.ftkit.panel.v1+json" not in path.read_text()
    reopened(plain_lab, page, path)
    assert twins(page) >= 2
