"""Where a run happened: versions, hardware, data fingerprint, command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ftkit.displays.blocks import Note, Table
from ftkit.displays.display import Display
from ftkit.displays.text import elide

if TYPE_CHECKING:
    from ftkit.runs import Run


def show_environment(run: Run) -> Display:
    """The environment of a run as a table.

    Parameters
    ----------
    run : Run
        Any run that has started.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_environment(Run("runs/not-begun")).title
    'Environment'
    """
    pairs = list(flat(run.environment or {}))
    if not pairs:
        return Display("Environment", [Note("The run has not started: nothing is known of its environment.", "info")])
    return Display("Environment", [Table({"what": [k for k, _ in pairs], "value": [v for _, v in pairs]}, limit=80)])


def flat(values: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as dotted names and short texts; what is empty is left out."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        elif value not in (None, "", [], ()):
            words = ", ".join(map(_word, value)) if isinstance(value, list | tuple) else _word(value)
            yield f"{before}{name}", elide(words, 160)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(f"{k} {_word(v)}" if v not in (None, {}) else str(k) for k, v in value.items())
    return str(value)
