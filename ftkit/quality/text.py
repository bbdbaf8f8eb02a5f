"""Checks of single texts: empty, of odd length, with markup, addresses, invisible characters or mixed width."""

from __future__ import annotations

import html
import re
import unicodedata

import numpy as np

from ftkit.data import DatasetView
from ftkit.models import local_tokens
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.passages import Passages, Spans, has_texts, has_texts_or_chats, noted, passages

TAGS = (
    r"p|br|hr|div|span|a|b|i|u|s|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|td|th|img|h[1-6]|strong|em|small|sub|sup|script|"
    r"style|html|body|head|title|meta|link|font|center|blockquote|pre|code|iframe|form|input|button"
)
ENTITIES = r"&(?:nbsp|amp|lt|gt|quot|apos|#[0-9]{2,6}|#x[0-9a-fA-F]{2,5});"
MARKUP = rf"(?i)</?(?:{TAGS})(?: [^<>]{{0,300}})? ?/?>|{ENTITIES}"
BREAKS = re.compile(r"(?i)</?(?:br|p|div|tr|li|h[1-6])\b")
URLS = r"(?i)https?://[^\s<>\"'（），。；、\x{4e00}-\x{9fff}]+|\bwww\.[a-z0-9-]+\.[a-z][^\s<>\"'（），。；、\x{4e00}-\x{9fff}]*"
HIDDEN = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{ad}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}"
    r"\x{2066}-\x{2069}\x{feff}\x{fff9}-\x{fffb}\x{e0000}-\x{e007f}]"
)
WIDE = r"[０-９Ａ-Ｚａ-ｚ]"
NARROW = r"[0-9A-Za-z]"
FEWEST = 20  # characters of the median text, below which texts are short by nature
FAR = 6.0  # robust standard deviations of the logarithm of the length


def _python(pattern: str) -> re.Pattern[str]:
    """An RE2 pattern for Python."""
    return re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda m: rf"\U{int(m[1], 16):08x}", pattern))


FOUND = {name: _python(pattern) for name, pattern in {"markup": MARKUP, "url": URLS, "hidden": HIDDEN}.items()}
WIDE_RUN = re.compile(rf"{WIDE}+")


def empty_texts(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts that are missing, or nothing but white space.

    How: no character but white space and invisible ones.

    Do: drop the rows: a model learns nothing from them but the label's frequency.
    """
    out = []
    for part in passages(evidence):
        missing = view.missing(part.column)
        what = f"{{n}} text[ is|s are] empty{f', {missing:,} of them missing' if missing else ''}"
        out += noted(check, evidence, "warning", part, np.flatnonzero(part.texts.is_blank()), what)
    return out


def odd_lengths(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts much shorter or longer than the others, or longer than the model's window.

    How: fewer than two letters or digits where the median text has 20 characters; a length whose logarithm is more
    than 6 robust standard deviations (1.4826 times the median absolute deviation) above the median and more than 10
    times the median. With ``model`` a folder that has a tokenizer, also texts of more tokens than its window.

    Do: look at them: fragments, or several texts run together. What is beyond the window is cut in training.
    """
    out = []
    tokens = local_tokens(evidence.model)
    for part in passages(evidence):
        lengths = part.texts.lengths
        there = lengths > 0
        if there.sum() < FEWEST:
            continue
        median = float(np.median(lengths[there]))
        out += _short(check, evidence, part, median) + _long(check, evidence, part, median)
        if tokens is not None and tokens.window is not None:
            maybe = np.flatnonzero(part.texts.octets > tokens.window)
            counts = np.array(tokens.count([part.texts[i] for i in maybe]), dtype=np.int64)
            what = f"{{n}} text[ has|s have] more than the {tokens.window:,} tokens of the model's window"
            out += noted(check, evidence, "warning", part, maybe[counts > tokens.window], what, scores=0.8)
    return out


def _short(check: Check, evidence: Evidence, part: Passages, median: float) -> list[Finding]:
    if median < FEWEST:
        return []
    short = np.flatnonzero((part.texts.lengths > 0) & (part.texts.lengths < 8))
    short = short[~part.texts.take(short).matches(r"[\p{L}\p{N}].*[\p{L}\p{N}]") & ~part.texts.take(short).is_blank()]
    what = f"{{n}} text[ has|s have] fewer than two letters or digits (the median is {median:,.0f} characters)"
    return noted(check, evidence, "info", part, short, what, scores=0.7)


def _long(check: Check, evidence: Evidence, part: Passages, median: float) -> list[Finding]:
    logs = np.log(np.maximum(part.texts.lengths, 1))
    spread = 1.4826 * np.median(np.abs(logs - np.log(median)))
    long = np.flatnonzero((logs > np.log(median) + FAR * max(spread, 0.25)) & (part.texts.lengths > 10 * median))
    what = f"{{n}} text[ is|s are] far longer than the others (the median is {median:,.0f} characters)"
    return noted(check, evidence, "info", part, long, what, scores=0.5)


def markup(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts with HTML left in them.

    How: tags of HTML by their names, and entities such as ``&amp;`` and ``&#39;``.

    Do: the edit takes tags out and puts characters in place of entities. Keep them where the texts are about HTML.
    """
    out = []
    for part in passages(evidence):
        maybe = np.flatnonzero(part.texts.matches(r"<|&"))
        at = maybe[part.texts.take(maybe).matches(MARKUP)]
        what = f"{{n}} text[ holds|s hold] HTML ({len(at) / max(len(part.texts), 1):.1%})"
        out += noted(check, evidence, "warning", part, at, what, scores=0.8, spans=_markup_spans)
    return out


def _markup_spans(text: str) -> Spans:
    return [[m.start(), m.end(), _instead(m[0])] for m in FOUND["markup"].finditer(text)]


def _instead(mark: str) -> str:
    if mark.startswith("&"):
        return html.unescape(mark).replace("\xa0", " ")
    return " " if BREAKS.match(mark) else ""


def addresses(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts with addresses of the web.

    How: ``http://``, ``https://`` or ``www.`` and what follows.

    Do: they say little and are often unique; the edit puts ``[URL]`` in their place. Where the address is the answer or
    the tell-tale (spam), keep them.
    """
    out = []
    for part in passages(evidence):
        at = np.flatnonzero(part.texts.matches(r"(?i)https?://[^\s]|\bwww\.[a-z0-9-]+\.[a-z]"))
        what = f"{{n}} text[ holds|s hold] web addresses ({len(at) / max(len(part.texts), 1):.1%})"
        out += noted(check, evidence, "info", part, at, what, scores=0.5, spans=_url_spans)
    return out


def _url_spans(text: str) -> Spans:
    return [[m.start(), m.start() + len(m[0].rstrip(".,;:!?)")), "[URL]"] for m in FOUND["url"].finditer(text)]


def hidden_characters(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts with characters that nobody sees: control codes, zero-width spaces, marks of direction, tags.

    How: the control characters of Unicode but tab and line ends, zero-width space, soft hyphen, byte order mark,
    direction marks, invisible operators and tag characters. Joiners are left alone: scripts and emoji need them.

    Do: the edit takes them out. They split words for a tokenizer, and can hide text from a reader.
    """
    out = []
    for part in passages(evidence):
        at = np.flatnonzero(part.texts.matches(HIDDEN))
        kinds = {
            unicodedata.name(c, f"U+{ord(c):04X}") for i in at[:200] for c in FOUND["hidden"].findall(part.texts[i])
        }
        what = f"{{n}} text[ holds|s hold] characters that cannot be seen: {', '.join(sorted(kinds)[:4]).lower()}"
        out += noted(check, evidence, "info", part, at, what, scores=0.7, spans=_hidden_spans)
    return out


def _hidden_spans(text: str) -> Spans:
    return [[m.start(), m.end(), ""] for m in FOUND["hidden"].finditer(text)]


def mixed_width(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts with letters or digits of full width, where most are of half width.

    How: Ａ to ｚ and ０ to ９ in fewer than half of the texts that hold letters or digits of either width.

    Do: the edit writes them at half width: １２３ and 123 are different tokens.
    """
    out = []
    for part in passages(evidence):
        wide = part.texts.matches(WIDE)
        if not wide.any() or 2 * wide.sum() > (wide | part.texts.matches(NARROW)).sum():
            continue
        what = "{n} text[ holds|s hold] letters or digits of full width"
        out += noted(check, evidence, "info", part, np.flatnonzero(wide), what, scores=0.6, spans=_wide_spans)
    return out


def _wide_spans(text: str) -> Spans:
    return [[m.start(), m.end(), unicodedata.normalize("NFKC", m[0])] for m in WIDE_RUN.finditer(text)]


CHECKS = (
    Check("TXT201", "empty texts", "cheap", has_texts, empty_texts),
    Check("TXT202", "odd lengths", "cheap", has_texts, odd_lengths),
    Check("TXT205", "markup", "cheap", has_texts, markup),
    Check("TXT206", "web addresses", "cheap", has_texts, addresses),
    Check("TXT210", "hidden characters", "cheap", has_texts_or_chats, hidden_characters),
    Check("TXT211", "mixed width", "cheap", has_texts, mixed_width),
)
