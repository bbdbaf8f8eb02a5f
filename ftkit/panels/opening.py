"""The panel of an object, and objects that show themselves by it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ftkit.errors import DataError, MissingDependency
from ftkit.panels.place import built, is_live

if TYPE_CHECKING:
    from ftkit.panels.panel import Panel

# Room and class name to the panel: nothing is imported before something is opened.
OWN = {"runs.Run": ("train", "TrainPanel"), "quality.Inspection": ("inspect", "InspectPanel")}
_shown: dict[str, object] = {}  # what was shown last, and in which cell


def open_panel(obj: Any) -> Panel:
    """The live panel of a run or an inspection.

    Parameters
    ----------
    obj : Run or Inspection
        What to look at and to steer.

    Returns
    -------
    Panel
        It shows itself in a notebook; where nothing can be live, by its static twin.

    Raises
    ------
    DataError
        There is no panel for such an object.
    MissingDependency
        anywidget is not installed.

    Examples
    --------
    >>> import ftkit as ft
    >>> open_panel(ft.Run("runs/not-begun")).twin().title
    'Training'
    """
    found = _panel_of(obj)
    if found is None:
        named = ", ".join(name.split(".")[1] for name in OWN)
        raise DataError(f"there is no panel for {type(obj).__name__}; there is one for {named}.")
    return getattr(import_module(f"ftkit.panels.{found[0]}"), found[1])(obj)


def show_live(obj: Any) -> bool:
    """Show an object by its panel, once a cell.

    Parameters
    ----------
    obj : Any

    Returns
    -------
    bool
        False where there is no panel, nobody before the kernel, or nothing to draw it with: nothing was shown then.
    """
    found = _panel_of(obj)
    if found is None or not is_live() or not built(f"{found[0]}.js"):
        return False
    if _shown.get("obj") is obj and _shown.get("cell") == _cell():
        return True
    try:
        panel = open_panel(obj)
    except MissingDependency:
        return False
    _shown.update(obj=obj, cell=_cell())
    panel._ipython_display_()
    return True


def _cell() -> int | None:
    from IPython import get_ipython

    shell = get_ipython()
    return shell.execution_count if shell else None


def _panel_of(obj: Any) -> tuple[str, str] | None:
    for kind in type(obj).__mro__:
        package, _, rest = kind.__module__.partition(".")
        if package == "ftkit" and (found := OWN.get(f"{rest.split('.')[0]}.{kind.__name__}")):
            return found
    return None
