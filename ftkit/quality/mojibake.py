"""The check for texts that were written in one encoding and read in another, and how to mend them."""

from __future__ import annotations

import re

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.passages import has_texts_or_chats, noted, passages

# What UTF-8 looks like when read as Windows' Latin-1, and when read as GBK; GB 2312 read as Latin-1; what is lost.
HIGH = r"\x{80}-\x{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
AS_LATIN = rf"[ÃÂÐÑ][{HIGH}]|â[€\x{{80}}-\x{{bf}}‚ˆ][{HIGH}]|[ãäåæçèéï][{HIGH}][{HIGH}]"
AS_GBK = r"[鐨銆锛鏄涓鍦浜鏈鎴浠杩鍙鍚瑕鑳鎵閫鍥澶灏](?s:.{0,40})[鐨銆锛鏄涓鍦浜鏈鎴浠杩鍙鍚瑕鑳鎵閫鍥澶灏]"
GB_AS_LATIN = r"[\x{b0}-\x{f7}][\x{a1}-\x{fe}][\x{a1}-\x{f7}][\x{a1}-\x{fe}][\x{a1}-\x{f7}][\x{a1}-\x{fe}]"
LOST = r"\x{fffd}|锟斤拷|ï¿½|烫烫烫|屯屯屯"
CONTROLS = re.compile(r"[\x80-\x9f]")  # Windows-1252 read as Latin-1: quotation marks, dashes
RUN = re.compile(r"[^\x00-\x7f](?:[^\x00-\x7f]|[\t ](?=[^\x00-\x7f]))*")
TELLING = frozenset("ÃÂÐÑâãäåæçèéï")


def mojibake(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts that were read in the wrong encoding, such as ``donâ€™t`` and ``ä½ å¥½``.

    How: runs of characters that become shorter, readable text when written as Windows-1252, Latin-1 or GBK and read as
    UTF-8 (or written as Latin-1 and read as GBK); control codes that are quotation marks in Windows-1252.
    Replacement characters and 锟斤拷 are counted apart: what they stand for is lost.

    Do: the edit puts the mended text in place; rows where text is lost are to be dropped or fetched again.
    """
    out = []
    for part in passages(evidence):
        maybe = np.flatnonzero(part.texts.matches(rf"{AS_LATIN}|{AS_GBK}|{GB_AS_LATIN}|[\x{{80}}-\x{{9f}}]"))
        at = [i for i in maybe.tolist() if mended(text := part.texts[i]) != text]
        what = "{n} text[ was|s were] read in the wrong encoding"
        out += noted(check, evidence, "warning", part, np.array(at), what, scores=0.95, change=mended)
        lost = np.flatnonzero(part.texts.matches(LOST))
        lost = lost[[mended(text := part.texts[i]) == text for i in lost.tolist()]] if len(lost) else lost
        what = "{n} text[ holds|s hold] characters that were lost when it was decoded"
        out += noted(check, evidence, "warning", part, lost, what.replace(" it ", " the text "), scores=0.9)
    return out


def mended(text: str) -> str:
    r"""The text with what was read in the wrong encoding put right, as far as it can be.

    Examples
    --------
    >>> mended("donâ€™t"), mended("ä½\xa0å¥½"), mended("naïve café")
    ('don’t', '你好', 'naïve café')
    """
    for _ in range(2):  # some texts were spoilt twice
        new = RUN.sub(lambda match: _mended_run(match[0]), text)
        if new == text:
            break
        text = new
    return CONTROLS.sub(lambda match: match[0].encode("latin-1").decode("cp1252", "ignore"), text)


def _mended_run(run: str) -> str:
    raw = _octets(run)
    if raw is not None and len(run) > 1:
        if not TELLING.isdisjoint(run) and (new := _decoded(raw, "utf-8")) is not None:
            return new
        if len(run) >= 6 and (new := _decoded(raw, "gb2312")) is not None and _is_chinese(new):
            return new
    if len(run) >= 3 and raw is None:
        try:
            new = _decoded(run.encode("gbk"), "utf-8")
        except UnicodeEncodeError:
            return run
        return new if new is not None and len(new) < len(run) and len(run) >= 4 else run
    return run


def _octets(run: str) -> bytes | None:
    """The bytes a run was before it was read as Windows-1252, or Latin-1 where that has no character."""
    out = bytearray()
    for character in run:
        try:
            out += character.encode("cp1252")
        except UnicodeEncodeError:
            if ord(character) > 0xFF:
                return None
            out.append(ord(character))
    return bytes(out)


def _decoded(raw: bytes, encoding: str) -> str | None:
    """Readable text, or None."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    readable = all(c.isprintable() or c in "\u3000\xa0\ufeff\u200b\u2028" for c in text)
    return text if readable else None


def _is_chinese(text: str) -> bool:
    """Whether a text is of Chinese characters and their marks, some of which are common."""
    inside = sum("\u4e00" <= c <= "\u9fff" or c in "，。！？、；：“”‘’（）《》—…" for c in text)
    return inside == len(text)


CHECKS = (Check("TXT204", "wrong encoding", "cheap", has_texts_or_chats, mojibake),)
