"""What a cell printed, as it stood at the end: no escape sequences, only the last state of a progress bar."""

from __future__ import annotations

import re

ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # titles, links, clipboard writes
    r"|\x1b[ -/]*[0-~]",
    re.DOTALL,
)
HEAD, TAIL = 200, 100


def settle(text: str) -> str:
    r"""The text a terminal would show in the end.

    Parameters
    ----------
    text : str
        What was written to a stream.

    Returns
    -------
    str
        Lines without escape sequences; of parts overwritten by carriage returns the last that holds anything.

    Examples
    --------
    >>> settle("10%\r50%\r\x1b[32m100%\x1b[0m\ndone")
    '100%\ndone'
    """
    lines = ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(_last(line) for line in lines)


def _last(line: str) -> str:
    return next((part for part in reversed(line.split("\r")) if part.strip()), "") if "\r" in line else line


def shorten(text: str) -> str:
    """Long output with its middle left out; how much is said."""
    lines = text.split("\n")
    left_out = len(lines) - HEAD - TAIL
    if left_out <= 0:
        return text
    return "\n".join([*lines[:HEAD], f"… {left_out:,} lines left out …", *lines[-TAIL:]])
