"""A display as a notebook keeps it beside a live panel: in three forms that together stay under 100 kB."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ftkit.data.picture import fewer_colours
from ftkit.displays.display import Display

HTML, PICTURE, PLAIN = 32_000, 42_000, 8_000  # characters and bytes


def small(display: Display) -> dict[str, str]:
    """As many of a display's first blocks as fit, as HTML, picture and text.

    Parameters
    ----------
    display : Display

    Returns
    -------
    dict of str to str
        By MIME type; the picture in base64.

    Examples
    --------
    >>> from ftkit.displays import Paragraph
    >>> sorted(small(Display("Hello", [Paragraph("world")])))
    ['image/png', 'text/html', 'text/plain']
    """
    picture = _fitting(display, lambda shown: fewer_colours(shown.png(zoom=1)), PICTURE)
    return {
        "text/html": _fitting(display, Display.html, HTML),
        "image/png": base64.b64encode(picture).decode("ascii"),
        "text/plain": display.text()[:PLAIN],
    }


def _fitting(display: Display, draw: Callable[[Display], Any], limit: int) -> Any:
    whole = draw(display)
    if len(whole) <= limit:
        return whole
    fits, low, high = draw(Display(display.title, [])), 0, len(display.blocks)
    while high - low > 1:
        middle = (low + high) // 2
        drawn = draw(Display(display.title, display.blocks[:middle]))
        if len(drawn) <= limit:
            fits, low = drawn, middle
        else:
            high = middle
    return fits
