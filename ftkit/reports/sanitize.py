"""HTML that others wrote, reduced to what cannot act: an allow-list, no links to pictures, no styles with addresses."""

from __future__ import annotations

import base64
import binascii
import re

import nh3

from ftkit.displays.text import HIDDEN, visible

# fmt: off
TAGS = {
    "a", "abbr", "b", "bdi", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub",
    "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var",
}
# fmt: on
ATTRIBUTES = {
    "*": {"title", "lang", "style", "class"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "details": {"open"},
}
STYLES = {"text-align", "font-weight", "font-style"}
CLASSES = re.compile(r"dataframe|highlight|hl-\w+|[a-z]{1,2}\d?")  # of pandas, and of highlighted code
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)


def sanitize(markup: str) -> str:
    """HTML with everything taken out that acts, loads or leaves the page.

    Parameters
    ----------
    markup : str
        HTML from a notebook: a pandas table, rendered Markdown, anything.

    Returns
    -------
    str
        Well-formed HTML: no script, style sheet, frame, form, event handler or address that is loaded.

    Examples
    --------
    >>> sanitize('<b onclick="x()">a</b><script>alert(1)</script><img src="http://a/b.png">')
    '<b>a</b><img>'
    """
    return nh3.clean(
        HIDDEN.sub(lambda m: "\n" if m[0] == "\r" else visible(m[0]), markup),
        tags=TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "svg", "math", "template", "noscript", "title"},
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        filter_style_properties=STYLES,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The attribute's value where it may stay."""
    if name == "src":
        return value if PICTURE.fullmatch(value) else None
    if name == "href":
        return value if LINK.match(value) else None
    if name == "class":
        return " ".join(c for c in value.split() if CLASSES.fullmatch(c)) or None
    return value


def picture(mime: str, data: str) -> str:
    """A picture of an output as an address that holds the picture itself.

    Parameters
    ----------
    mime : str
        ``image/png``, ``image/jpeg``, ``image/gif``, ``image/webp`` or ``image/svg+xml``.
    data : str
        Base64; for SVG the markup.

    Returns
    -------
    str
        A ``data:`` address. In an ``<img>`` not even an SVG picture can run a script or load a file.

    Raises
    ------
    ValueError
        The data is not base64.
    """
    if mime == "image/svg+xml":
        raw = data.encode("utf-8", "replace")
    else:
        try:
            raw = base64.b64decode(re.sub(r"\s", "", data), validate=True)
        except binascii.Error as error:
            raise ValueError(f"a picture is not base64: {error}") from None
    return f"data:{mime};base64,{base64.b64encode(raw).decode('ascii')}"
