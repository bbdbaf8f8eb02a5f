"""Markdown cells as HTML, with headings that follow from one another and a table of contents."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from ftkit.displays.text import escape
from ftkit.reports.sanitize import picture, sanitize

HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
ANCHOR = re.compile(r'<a class="anchor-link".*?</a>', re.DOTALL)
ATTACHED = re.compile(r'src="attachment:([^"]+)"')
TITLE = re.compile(r"\A\s*# +([^\n]+?) *#*\s*(?:\n|\Z)")


@dataclass
class Outline:
    """The headings met so far; levels are moved so that none is skipped below the page's own."""

    top: int = 2
    level: int = 1
    text: str = ""
    entries: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, depth: int, words: str) -> tuple[int, str]:
        """The level and the id of a heading that was written with ``depth`` marks."""
        self.level = max(2, min(depth - self.top + 2, self.level + 1, 6))
        self.text = re.sub(r"\s+", " ", words).strip()
        slug = "s-" + (re.sub(r"[^\w]+", "-", self.text.lower()).strip("-")[:60] or "section")
        taken = {name for _, name, _ in self.entries}
        name = next(n for n in (slug, *(f"{slug}-{i}" for i in range(2, 10**6))) if n not in taken)
        self.entries.append((self.level, name, self.text))
        return self.level, name

    def contents(self) -> str:
        """The table of contents; none where there is little to find."""
        shown = [e for e in self.entries if e[0] <= 3]
        if len(shown) < 3:
            return ""
        items = "".join(f'<li class="l{level}"><a href="#{escape(n)}">{escape(t)}</a></li>' for level, n, t in shown)
        return f'<nav aria-label="Contents"><ol>{items}</ol></nav>'


def prose(source: str, outline: Outline, attachments: dict[str, dict[str, str]] | None = None) -> str:
    """A Markdown cell as harmless HTML; its headings enter the outline.

    Parameters
    ----------
    source : str
        Markdown.
    outline : Outline
        The headings before it; changed.
    attachments : dict, optional
        The cell's own pictures: name to ``{mime: base64}``.

    Returns
    -------
    str
    """
    from nbconvert.filters.markdown import markdown2html

    rendered = ANCHOR.sub("", markdown2html(source))
    rendered = ATTACHED.sub(lambda m: _attached(html.unescape(m[1]), attachments or {}), rendered)
    return HEADING.sub(lambda m: _heading(m, outline), sanitize(rendered))


def _attached(name: str, attachments: dict[str, dict[str, str]]) -> str:
    for mime, data in attachments.get(name, {}).items():
        if mime in ("image/png", "image/jpeg", "image/gif", "image/webp"):
            return f'src="{picture(mime, data)}"'
    return ""


def _heading(match: re.Match[str], outline: Outline) -> str:
    words = html.unescape(re.sub(r"<[^>]+>", "", match[2]))
    level, name = outline.add(int(match[1]), words)
    return f'<h{level} id="{escape(name)}">{match[2]}</h{level}>'


def take_title(source: str) -> tuple[str, str]:
    """The ``# title`` a cell begins with, as plain words, and the rest of the cell; empty where it has none."""
    found = TITLE.match(source)
    if not found:
        return "", source
    return re.sub(r"[*_`]", "", found[1]).strip(), source[found.end() :]
