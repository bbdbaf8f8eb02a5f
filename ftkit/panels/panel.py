"""What all panels share: their view's code, questions from the page and answers, and how they show themselves."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from typing import Any, ClassVar
from uuid import uuid4

from ftkit.displays import Display, Note
from ftkit.displays.small import small
from ftkit.door import pack, padded
from ftkit.errors import DataError, FtkitError, MissingDependency, nearest
from ftkit.language import say, speaking
from ftkit.panels.listening import listen_for
from ftkit.panels.place import built, has_extension, is_live

try:
    import anywidget
    from traitlets import Unicode
except ImportError:
    raise MissingDependency("anywidget", "lab") from None

MIME = "application/vnd.ftkit.panel.v1+json"
VIEW = "application/vnd.jupyter.widget-view+json"
Answer = tuple[Any, list[bytes]]

# The code of a view is imported once a page, however often a cell is run again: a page never forgets a module.
LOADER = """
const views = (globalThis[Symbol.for("ftkit.views")] ??= new Map());
function load(model) {
  const key = model.get("_key");
  if (!views.has(key)) {
    const address = URL.createObjectURL(new Blob([model.get("_view")], { type: "text/javascript" }));
    views.set(key, import(address).finally(() => URL.revokeObjectURL(address)));
  }
  return views.get(key);
}
// Without JupyterLab's extension the twin is an output of its own, which may come a moment later.
function hide(name, panel, tries = 40) {
  const twin = document.querySelector(`[data-ftkit-twin="${CSS.escape(name)}"]`);
  const output = twin?.closest(".jp-OutputArea-child") ?? twin;
  if (output && !output.contains(panel)) output.style.display = "none";
  else if (!twin && tries) setTimeout(() => hide(name, panel, tries - 1), 100);
}
async function render(given) {
  const end = await (await load(given.model)).default.render(given);
  hide(given.model.get("_twin"), given.el);
  return end;
}
export default { render };
"""


class Panel(anywidget.AnyWidget):
    """A live control around a display. Subclasses have traits, answers (``_answer_…``), a twin and code."""

    view: ClassVar[str]  # the name of the view's file
    asked: ClassVar[tuple[str, ...]]  # what the view can ask; each is a method that answers
    _esm = LOADER
    _css = built("panel.css")
    _view = Unicode().tag(sync=True)
    _key = Unicode().tag(sync=True)
    _twin = Unicode().tag(sync=True)
    _door = Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        text = built(f"{self.view}.js")
        key = f"{self.view}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        self._busy = threading.RLock()
        self.heard: object = None  # changes with every question
        twin = uuid4().hex
        super().__init__(_view=text, _key=key, _twin=twin, _door=listen_for(self, twin), **traits)
        self.on_msg(self._hear)

    def twin(self) -> Display:
        """What is seen where nothing is live."""
        raise NotImplementedError

    def code(self) -> str:
        """Python that repeats what was done in the panel."""
        raise NotImplementedError

    def kept(self) -> dict[str, Any]:
        """What the notebook keeps beside the twin, for a page that can show the panel without this kernel."""
        return {}

    def answer_bytes(self, asked: bytes) -> bytes:
        """The answer to a question that came by the door, as :func:`ftkit.door.pack` packs it; see ``_hear``."""
        try:
            content = json.loads(asked)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            return pack({"error": "asked is a JSON object.", "sizes": []})
        told, body = self._reply(content)
        try:
            return pack(_json({**told, "sizes": [len(part) for part in body]}), *map(padded, body))
        except ValueError as error:
            return pack({"error": f"the answer cannot be sent: {error}", "sizes": []})

    def _hear(self, _: Any, content: Any, buffers: list[Any]) -> None:
        rid = content.get("rid") if isinstance(content, dict) else None
        if isinstance(rid, int):
            told, body = self._reply(content)
            self.send({"rid": rid, **told}, body)

    def _reply(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """A value or an error, and what goes with it; in any thread, one answer at a time."""
        self.heard = content
        with speaking(content.get("language")):
            return self._told(content)

    def _told(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        try:
            value, body = self._answer(content)
            return {"value": value}, body
        except FtkitError as error:
            return {"error": say(str(error))}, []
        except Exception as error:  # told in the panel: a reply that never comes would leave it waiting
            logging.getLogger(__name__).exception("a panel's answer failed")
            return {"error": f"{type(error).__name__}: {error}"}, []

    def _answer(self, content: dict[str, Any]) -> Answer:
        asked = content.get("ask")
        if asked not in self.asked:
            raise DataError(f"a panel cannot be asked '{asked}'; {nearest(asked, self.asked)}.")
        with self._busy:  # questions are heard in several threads at once
            return getattr(self, f"_answer_{asked}")(**content.get("args", {}))

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for bundle in self.bundles():
            display(bundle, raw=True)

    def bundles(self) -> list[dict[str, Any]]:
        """The outputs that show the panel.

        Returns
        -------
        list of dict
            The static twin alone where nobody is there, or the front end was not built. One output that holds both
            where JupyterLab has the extension, which shows the twin until the panel is live. Two outputs elsewhere: the
            panel, and the twin, which the live panel hides.
        """
        if not is_live() or not self._view:
            return [self._static()]
        panel = {VIEW: {"version_major": 2, "version_minor": 1, "model_id": self.model_id}}
        if has_extension():
            kept = {"version": 1, "view": self.view, "model_id": self.model_id, **self.kept()}
            return [{MIME: kept, **panel, **self._small()}]
        return [{**panel, "text/plain": self.twin().text()}, self._small()]

    def _static(self) -> dict[str, Any]:
        twin = self.twin()
        if is_live() and not self._view:
            said = "The panel's front end is not built, so this is its static view. Build it with: make front"
            twin = Display(twin.title, [Note(said, "warning"), *twin.blocks])
        return twin._repr_mimebundle_()

    def _small(self) -> dict[str, Any]:
        """The twin as a notebook keeps it beside a live panel."""
        twin = small(self.twin())
        return {**twin, "text/html": f'<div data-ftkit-twin="{self._twin}">{twin["text/html"]}</div>'}


def _json(told: dict[str, Any]) -> bytes:
    """As the kernel writes its own messages."""
    from jupyter_client.session import json_packer

    return json_packer(told)
