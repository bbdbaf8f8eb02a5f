"""A real browser, without a network."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; what needs it is skipped where it is not there."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


FAKE_MODEL = """
window.fake = (state) => {
  const heard = {};
  const tell = (event, ...given) => (heard[event] ?? []).forEach((each) => each(...given));
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer);
  return {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; tell(`change:${name}`); tell('change'); },
    save_changes: () => window.keep(JSON.stringify(state)),
    on: (event, each) => (heard[event] ??= []).push(each),
    off: (event, each) => { heard[event] = (heard[event] ?? []).filter((other) => other !== each); },
    send: async (content) => {
      for (const [reply, buffers] of await window.toPython(content)) tell('msg:custom', reply, buffers.map(bytes));
    },
    hear: (content, buffers) => tell('msg:custom', content, buffers.map(bytes)),
  };
};
window.draw = async (code, state) => {
  const view = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  window.view = view;
  window.model = window.fake(state);
  window.leave = await view.default.render({ model: window.model, el: document.getElementById('cell') });
};
"""


class BarePage:
    """A page with one panel: the real view and the real Python object, with nothing of Jupyter between them."""

    def __init__(self, page, panel):
        self.page, self.panel, self.asked, self.complaints = page, panel, [], []
        self.replies: list[list] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.expose_function("toPython", self._ask)
        page.expose_function("keep", self._keep)

    def _ask(self, content):
        replies = []
        self.asked.append(content)
        self.panel.send = lambda said, buffers=(): replies.append(
            [said, [base64.b64encode(b).decode() for b in buffers]]
        )
        self.panel._hear(self.panel, content, [])
        self.replies += replies
        return json.loads(json.dumps(replies))

    def _keep(self, text):
        for name, value in json.loads(text).items():
            if not name.startswith("_"):
                setattr(self.panel, name, value)

    def open(self, language="en", width=900):
        from ipywidgets import DOMWidget

        self.page.goto("about:blank")
        self.page.set_content(
            f"<!doctype html><html lang='{language}'><title>panel</title><style>{self.panel._css}</style>"
            f"<body style='margin:16px'><main id=cell style='max-width:{width}px'></main></body></html>"
        )
        self.page.add_script_tag(content=FAKE_MODEL)
        names = [name for name in self.panel.traits(sync=True) if name not in DOMWidget.class_trait_names()]
        state = {name: getattr(self.panel, name) for name in names if not name.startswith("_")}
        self.page.evaluate("([code, state]) => window.draw(code, state)", [self.panel._view, state])
        return self

    def find(self, name):
        return self.page.locator(f"[data-test='{name}']")

    def violations(self):
        """What axe finds: rule and element."""
        axe = ROOT / "widgets/node_modules/axe-core/axe.min.js"
        self.page.add_script_tag(content=axe.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        return [(rule["id"], node["html"][:160]) for rule in found for node in rule["nodes"]]


@pytest.fixture
def bare(browser):
    """Open a panel on a bare page: ``bare(panel, color_scheme="dark")``."""
    if not (ROOT / "ftkit/panels/static/panel.css").exists():
        pytest.skip("the front end is not built: make front")
    contexts = []

    def go(panel, language="en", width=900, **context):
        contexts.append(browser.new_context(viewport={"width": width + 40, "height": 1000}, **context))
        return BarePage(contexts[-1].new_page(), panel).open(language, width)

    yield go
    for context in contexts:
        context.close()


class Lab:
    """A JupyterLab of its own: its own folder, settings and token; ftkit from this checkout."""

    def __init__(self, home: Path, extension: bool = True):
        self.home, self.root, self.token = home, home / "work", secrets.token_hex(16)
        self.root.mkdir(parents=True)
        if extension:
            self._link(ROOT / "widgets/dist/labextension", home / "share/jupyter/labextensions/ftkit")
            self._link(ROOT / "ftkit/server/enable.json", home / "etc/jupyter/jupyter_server_config.d/ftkit.json")
        else:
            self._hide_extension()
        news = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        news.parent.mkdir(parents=True)
        news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def _link(self, source: Path, place: Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(source)

    def _hide_extension(self):
        """Everything of the environment's share/jupyter but ftkit, which an installed ftkit has there."""
        site = self.home / "site"
        site.mkdir()
        (site / "sitecustomize.py").write_text("import jupyter_core.paths\njupyter_core.paths.ENV_JUPYTER_PATH = []\n")
        for found in Path(sys.prefix, "share/jupyter/labextensions").iterdir():
            if found.name != "ftkit":
                self._link(found, self.home / "share/jupyter/labextensions" / found.name)
        off = self.home / "etc/jupyter/jupyter_server_config.d/ftkit.json"
        off.parent.mkdir(parents=True)
        off.write_text('{"ServerApp": {"jpserver_extensions": {"ftkit.server": false}}}')

    def start(self):
        folders = {"JUPYTER_PATH": "share/jupyter", "JUPYTER_CONFIG_PATH": "etc/jupyter", "JUPYTER_CONFIG_DIR": "config",
                   "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
                   "IPYTHONDIR": "ipython"}  # fmt: skip
        self.environment = environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(self.home / "site"), str(ROOT)]),
            **{k: str(self.home / v) for k, v in folders.items()},
        }
        options = [f"--ServerApp.port={self.port}", f"--IdentityProvider.token={self.token}", "--no-browser", "--allow-root",
                   f"--ServerApp.root_dir={self.root}", "--LabApp.expose_app_in_browser=True", "--ServerApp.port_retries=0"]  # fmt: skip
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=log, stderr=log, cwd=self.root
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}/api?token={self.token}", timeout=2)
                return
            except OSError:
                time.sleep(0.2)
        raise TimeoutError((self.home / "server.log").read_text())

    def stop(self):
        """End the server; one that a loaded machine keeps from closing its kernels in time is killed."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write(self, name: str, *cells: str, **metadata):
        """A notebook of code cells in the server's folder."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, self.root / name)

    def open(self, page, name: str):
        """The notebook in a page, its kernel ready."""
        page.goto(f"{self.url}/lab/tree/{name}?token={self.token}&reset")
        page.wait_for_function(THERE, timeout=60_000)
        page.evaluate(READY)

    def save(self, page):
        """Save the notebook."""
        page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")

    def run(self, page):
        """Run all cells; returns at once."""
        page.evaluate("() => { void jupyterapp.commands.execute('notebook:run-all-cells') }")


THERE = "() => window.jupyterapp?.shell?.currentWidget?.context?.sessionContext !== undefined"
# The sign "idle" comes before the kernel: a cell that is run then is dropped without a word.
READY = """async () => {
  const session = window.jupyterapp.shell.currentWidget.context.sessionContext;
  await session.ready;
  while (!session.session?.kernel) await new Promise((go) => setTimeout(go, 100));
  await session.session.kernel.info;
}"""


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """One JupyterLab for all stories; each has a notebook of its own."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    if not (ROOT / "widgets/dist/labextension").exists():
        pytest.skip("the front end is not built: make front")
    started = Lab(tmp_path_factory.mktemp("lab"))
    yield started
    started.stop()


@pytest.fixture
def page(browser):
    """A page of its own; what it complained about is in ``page.complaints``."""
    context = browser.new_context(viewport={"width": 1200, "height": 1400})
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()
