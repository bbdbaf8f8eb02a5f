"""Objects that show themselves in a notebook.

Rooms import only rooms below them, and a view of rows is far below the room that draws. So the drawing is asked for
through the public door, ``ftkit.show`` or the room of panels, at the moment a notebook asks for it: the one place where
the corridor is walked backwards (docs/decisions/0002-shown-objects.md).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Shown:
    """Mixin of an object whose picture is ``ftkit.show(object)``, or its panel where a person sits at the kernel."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        import ftkit

        return ftkit.show(self)._repr_mimebundle_(include, exclude)

    def _ipython_display_(self) -> None:
        if not show_live(self):
            raise NotImplementedError  # IPython goes on to the picture then


def show_live(obj: Any) -> bool:
    """Show an object by its live panel; False where it has none, or nobody is there to see it."""
    return import_module("ftkit.panels").show_live(obj)
