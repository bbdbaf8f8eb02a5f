"""The kernel's ear for its panels while it runs a cell; see ``ftkit.door``."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from ftkit.door import Door
from ftkit.panels.place import is_live

if TYPE_CHECKING:
    from ftkit.panels.panel import Panel

_panels: WeakValueDictionary[str, Panel] = WeakValueDictionary()


def listen_for(panel: Panel, name: str) -> str:
    """The name of the door at which a panel is asked from now on.

    Parameters
    ----------
    panel : Panel
        Is not kept alive by this.
    name : str
        The panel's: what it is asked by.

    Returns
    -------
    str
        Empty where nobody sits before this kernel, or no door can be opened: the page then asks by comm alone.
    """
    if not is_live():
        return ""
    _panels[name] = panel
    return _door()


@cache
def _door() -> str:
    from jupyter_core.paths import jupyter_runtime_dir

    try:
        folder = Path(jupyter_runtime_dir())
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Door(folder, _answer).name
    except OSError as error:
        logging.getLogger(__name__).warning("panels will not answer while a cell runs: %s", error)
        return ""


def _answer(question: bytes) -> bytes:
    """What a panel answers; nothing where it is closed or gone."""
    name, _, asked = question.partition(b"\n")
    panel = _panels.get(name.decode("ascii", "replace"))
    return b"" if panel is None or panel.comm is None else panel.answer_bytes(asked)
