"""Objects that show themselves in a notebook.

Rooms import only rooms below them, and a view of rows is far below the room that draws. So the drawing is asked for
through the public door, ``ftkit.show``, at the moment a notebook asks for it: the one place where the corridor is
walked backwards (docs/decisions/0002-shown-objects.md).
"""

from __future__ import annotations

from typing import Any


class Shown:
    """Mixin of an object whose picture is ``ftkit.show(object)``."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        import ftkit

        return ftkit.show(self)._repr_mimebundle_(include, exclude)
