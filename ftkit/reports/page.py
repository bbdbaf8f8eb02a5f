"""The page: head, header, contents, body, in one file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from ftkit import __version__
from ftkit.displays.markup import stylesheet
from ftkit.displays.text import escape
from ftkit.reports.live import Live

STATES = {"done": "good", "failed": "bad", "stopped": "odd", "paused": "odd", "running": "busy", "queued": "busy"}


@dataclass(frozen=True)
class Header:
    """What stands at the head of a report."""

    title: str
    name: str = ""
    state: str = ""
    date: str = ""
    summary: str = ""
    facts: list[str] = field(default_factory=list)
    alarm: str = ""
    language: str = "en"


@cache
def page_style() -> str:
    """The stylesheet of the page around the displays."""
    return (files("ftkit.reports") / "assets" / "page.css").read_text(encoding="utf-8")


def page(header: Header, contents: str, body: str, charts: Live) -> str:
    """The whole HTML document.

    Parameters
    ----------
    header : Header
        Title, run, state, date, one line about the recipe.
    contents : str
        The table of contents as HTML; may be empty.
    body : str
        The cells as HTML.
    charts : Live
        The charts that can become interactive.

    Returns
    -------
    str
    """
    return f"""<!doctype html>
<html lang="{escape(header.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{charts.policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="ftkit {__version__}">
<link rel="icon" href="data:,">
<title>{escape(header.title)}</title>
<style>
{stylesheet()}
{page_style()}
</style>
</head>
<body class="ftkit-page">
<a class="skip" href="#content">Skip to the content</a>
{_header(header)}
<div class="frame{" with-contents" if contents else ""}">
{contents}
<main id="content">
{body}
</main>
</div>
<footer><p>{" · ".join(map(escape, _facts(header)))}</p></footer>
{charts.scripts()}
</body>
</html>
"""


def _facts(header: Header) -> list[str]:
    return [f"Made by ftkit {__version__}", *header.facts, "This file needs no kernel and no network."]


def _header(header: Header) -> str:
    tone = STATES.get(header.state, "busy")
    line = [
        f'<span class="state {tone}">{escape(header.state)}</span>' if header.state else "",
        f"<span>{escape(header.name)}</span>" if header.name and header.name != header.title else "",
        f"<time>{escape(header.date)}</time>" if header.date else "",
    ]
    summary = f'<p class="summary">{escape(header.summary)}</p>' if header.summary else ""
    alarm = f'<p class="alarm" role="note">{escape(header.alarm)}</p>' if header.alarm else ""
    return f'<header><p class="line">{"".join(line)}</p><h1>{escape(header.title)}</h1>{summary}{alarm}</header>'
