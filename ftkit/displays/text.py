"""Text from data, made fit to be shown: escaped, measured, elided; and numbers written for people."""

from __future__ import annotations

import html
import math
import re
import unicodedata

# Control characters, bidi marks and overrides, zero-width and tag characters, lone surrogates, non-characters. The
# joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: object) -> str:
    r"""The text with every character that hides, re-orders or controls written as its escape.

    Parameters
    ----------
    text : object
        Anything; ``str`` of it is taken. Tabs and line feeds stay.

    Returns
    -------
    str
        Text that looks like what it is.

    Examples
    --------
    >>> visible("a\u202eb\x00")
    'a\\u202eb\\u0000'
    """
    return HIDDEN.sub(_code, str(text))


def _code(match: re.Match[str]) -> str:
    point = ord(match[0])
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def escape(text: object) -> str:
    """The text for HTML and XML, in an element or in a quoted attribute.

    Parameters
    ----------
    text : object
        Anything; ``str`` of it is taken.

    Returns
    -------
    str
        Made visible (:func:`visible`) and escaped.

    Examples
    --------
    >>> escape("<b>&")
    '&lt;b&gt;&amp;'
    """
    return html.escape(visible(text))


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: Chinese, Japanese and Korean characters take two.

    Parameters
    ----------
    text : str
        One line.

    Returns
    -------
    int

    Examples
    --------
    >>> columns("铁锈"), columns("rust")
    (4, 4)
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def elide(text: object, limit: int) -> str:
    """The text, its middle left out where it is longer than ``limit`` columns.

    Parameters
    ----------
    text : object
        Anything; made visible, line breaks become spaces.
    limit : int
        Columns, at least 5.

    Returns
    -------
    str

    Examples
    --------
    >>> elide("photos/2024/summer/leaf.png", 15)
    'photos/…eaf.png'
    """
    # Far more than can be shown need not be measured.
    text = re.sub(r"\s+", " ", visible(_ends(str(text), limit))).strip()
    if columns(text) <= limit:
        return text
    half = (limit - 1) // 2
    return _fitting(text, half) + "…" + _fitting(text[::-1], limit - 1 - half)[::-1]


def _ends(text: str, limit: int) -> str:
    return text if len(text) <= 4 * limit else text[: 2 * limit] + text[-2 * limit :]


def _fitting(text: str, limit: int) -> str:
    taken = 0
    for position, char in enumerate(text):
        taken += _cells(char)
        if taken > limit:
            return text[:position]
    return text


def number(value: object, digits: int = 3) -> str:
    """A value as a person writes it: thousands apart, few digits, a dash where there is none.

    Parameters
    ----------
    value : object
        A number, a bool, None, or anything else (shown as its text).
    digits : int, default 3
        Significant digits of a fraction.

    Returns
    -------
    str

    Examples
    --------
    >>> number(1797), number(0.97432), number(3e-4), number(None)
    ('1,797', '0.974', '0.0003', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if not isinstance(value, float):
        return visible(value)
    if not math.isfinite(value):
        return str(value)
    return _fraction(value, digits).replace("-", "−")


def _fraction(value: float, digits: int) -> str:
    size = abs(value)
    if size and (size < 1e-4 or size >= 1e9):
        return f"{value:.{digits - 1}g}".replace("e-0", "e-").replace("e+0", "e")
    if size >= 10 ** (digits - 1):
        return f"{value:,.0f}" if size >= 1000 or value == int(value) else f"{value:,.1f}"
    places = digits - 1 - math.floor(math.log10(size)) if size else 1
    short = f"{value:.{max(digits, 0) if 0.1 <= size < 1 else places}f}"
    return short.rstrip("0").rstrip(".") if size < 0.1 or value == int(value) else short


def brief(value: float | None) -> str:
    """A number in a sentence: :func:`number` without the zeros that only line up a column.

    Parameters
    ----------
    value : float or None
        Any.

    Returns
    -------
    str

    Examples
    --------
    >>> brief(0.41), brief(2000.0)
    ('0.41', '2,000')
    """
    text = number(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def percent(share: float | None) -> str:
    """A share between 0 and 1 as a percentage.

    Parameters
    ----------
    share : float or None
        0 to 1.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.123), percent(0.0004), percent(1.0)
    ('12%', '<0.1%', '100%')
    """
    if share is None:
        return "–"
    if 0 < share < 0.001:
        return "<0.1%"
    if 0.999 < share < 1:
        return ">99.9%"
    return f"{100 * share:.1f}%" if share < 0.1 and share else f"{100 * share:.0f}%"


def duration(seconds: float | None) -> str:
    """A span of time in the unit a person would choose.

    Parameters
    ----------
    seconds : float or None
        At least 0.

    Returns
    -------
    str

    Examples
    --------
    >>> duration(0.02), duration(75), duration(7300)
    ('0.02 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds is None:
        return "–"
    if seconds < 0.01:
        return "under 0.01 s"
    if seconds < 60:
        return f"{number(float(seconds), 2)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def plural(count: int, word: str, many: str | None = None) -> str:
    """A count and its word.

    Parameters
    ----------
    count : int
        How many.
    word : str
        The word for one.
    many : str, optional
        The word for several; ``word`` and an s unless given.

    Returns
    -------
    str

    Examples
    --------
    >>> plural(1, "row"), plural(1797, "row"), plural(10, "class", "classes")
    ('1 row', '1,797 rows', '10 classes')
    """
    return f"{count:,} {word if count == 1 else many or word + 's'}"
