"""Checks for what must not be in a training set: personal data and keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.passages import Spans, has_texts_or_chats, noted, passages

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
NUMBERS = r"\d[\d\-\s().]{7,}[\dXx]|[A-Z]{2}\d{2}[ ]?[A-Z0-9]{4}"


@dataclass(frozen=True)
class Mark:
    """One kind of thing to find in texts.

    ``pattern`` finds it in Python; ``maybe`` is an RE2 pattern that every text with it matches; ``true`` says whether
    what was found is one indeed.
    """

    name: str
    instead: str
    pattern: re.Pattern[str]
    maybe: str
    true: Callable[[str], bool] = bool

    def spans(self, text: str) -> Spans:
        """Where it is, with what stands there instead."""
        return [[m.start(), m.end(), self.instead] for m in self.pattern.finditer(text) if self.true(m[0])]


def is_id_card(number: str) -> bool:
    """Whether 18 digits are a Chinese identity number: province, date of birth and check digit (GB 11643-1999).

    Examples
    --------
    >>> is_id_card("11010519491231002X"), is_id_card("110105194912310021")
    (True, False)
    """
    total = sum(w * int(d) for w, d in zip(WEIGHTS, number, strict=False))
    if not 11 <= int(number[:2]) <= 82 or "10X98765432"[total % 11] != number[-1].upper():
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2035


def is_bank_card(number: str) -> bool:
    """Whether digits are a card's: a known first digit and the check digit of Luhn (ISO/IEC 7812-1).

    Examples
    --------
    >>> is_bank_card("4111 1111 1111 1111"), is_bank_card("4111 1111 1111 1112")
    (True, False)
    """
    digits = [int(c) for c in number if c.isdigit()]
    if not 13 <= len(digits) <= 19 or (len(set(digits)) < 3 and digits[0] != 4):
        return False
    if not re.match(r"4|5[1-5]|2[2-7]|3[47]|6[02-5]", "".join(map(str, digits[:2]))):
        return False
    doubled = [d if i % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def is_iban(number: str) -> bool:
    """Whether letters and digits are an international bank account number (ISO 13616, check by ISO 7064).

    Examples
    --------
    >>> is_iban("DE89 3704 0044 0532 0130 00")
    True
    """
    plain = number.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _mixed(key: str) -> bool:
    """Whether a key is one, not a word with hyphens."""
    return bool(re.search(r"\d", key) and re.search(r"[A-Za-z]", key[3:]))


PERSONAL = (
    Mark(
        "e-mail addresses",
        "[EMAIL]",
        re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}(?![\w@]|:[\w/~])"),
        r"[A-Za-z0-9._+-]@[A-Za-z0-9-]+\.[A-Za-z]",
    ),
    Mark(
        "Chinese identity numbers",
        "[ID]",
        re.compile(r"(?<![0-9A-Za-z])[1-8]\d{5}(?:19|20)\d{9}[\dXx](?![0-9A-Za-z])"),
        r"[1-8]\d{5}(?:19|20)\d{9}[\dXx]",
        is_id_card,
    ),
    Mark(
        "bank card numbers",
        "[CARD]",
        re.compile(r"(?<![\d.,-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7})(?![\d.,-]\d|\d)"),
        r"\d{13}|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d",
        is_bank_card,
    ),
    Mark(
        "bank account numbers (IBAN)",
        "[IBAN]",
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        r"\b[A-Z]{2}\d{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}",
        is_iban,
    ),
    Mark(
        "telephone numbers",
        "[PHONE]",
        re.compile(
            r"(?<![\d.,:/=-])(?:(?:\+|00)86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d.]\d|\d)|"
            r"(?<![\w.,:/=-])\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}(?!\d)|"
            r"(?<![\w.,:/=(-])(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?![\d-])|"
            r"(?<![\w.,:/=-])0\d{2,3}-\d{7,8}(?![\d-])|(?<![\w.,:/=-])0[1-9]\d{9}(?!\d)"
        ),
        r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\+\d{1,3}[ .(-]?\(?\d|\d{3}\)? ?[-.]?\d{3}[-.]\d{4}|0\d{2,3}-\d{7}|0[1-9]\d{9}",
    ),
)
KEYS = (
    Mark("AWS keys", "[KEY]", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), r"(?:AKIA|ASIA)[0-9A-Z]{16}"),
    Mark("Hugging Face tokens", "[KEY]", re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"), r"hf_[A-Za-z0-9]{30}"),
    Mark(
        "API keys (sk-…)",
        "[KEY]",
        re.compile(r"\bsk-[A-Za-z0-9_-]{20,}"),
        r"\bsk-[A-Za-z0-9_-]{20}",
        _mixed,
    ),
    Mark(
        "GitHub, GitLab, Slack, Google and npm tokens",
        "[KEY]",
        re.compile(
            r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[\w-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|"
            r"AIza[\w-]{35}|npm_[A-Za-z0-9]{36})"
        ),
        r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_|glpat-|xox[abprs]-|AIza[\w-]{35}|npm_[A-Za-z0-9]{36}",
    ),
    Mark(
        "private keys",
        "[KEY]",
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY\1?-----|\Z)", re.DOTALL
        ),
        r"-----BEGIN [A-Z ]*PRIVATE KEY",
    ),
    Mark(
        "JSON web tokens",
        "[KEY]",
        re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
        r"eyJ[\w-]{8,}\.eyJ",
    ),
)


def personal_data(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts with e-mail addresses, telephone numbers, identity numbers, bank cards or accounts.

    How: by their form, and by their check digit where they have one: Chinese identity numbers by GB 11643, cards by
    Luhn (ISO/IEC 7812-1), accounts by ISO 7064. A form without a check digit, such as a telephone number, scores lower.

    Do: the edit puts words such as ``[EMAIL]`` in place of all that was found in a text. A model repeats what it has
    seen.
    """
    return _marked(check, evidence, PERSONAL, "warning")


def keys(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts with what looks like a secret: keys of cloud services and hubs, private keys, web tokens.

    How: the fixed beginnings of these keys, and their length.

    Do: revoke them, they have leaked; the edit puts ``[KEY]`` in their place.
    """
    return _marked(check, evidence, KEYS, "error")


def _marked(check: Check, evidence: Evidence, marks: tuple[Mark, ...], severity: str) -> list[Finding]:
    out = []
    for part in passages(evidence):
        maybe = np.flatnonzero(part.texts.matches("|".join(f"(?:{mark.maybe})" for mark in marks)))
        texts = [part.texts[i] for i in maybe]
        found = [_claimed(marks, text) for text in texts]

        def spans(text: str, marks: tuple[Mark, ...] = marks) -> Spans:
            return [span for _, span in _claimed(marks, text)]

        for mark in marks:
            at = [i for i, claimed in zip(maybe.tolist(), found, strict=True) if any(m is mark for m, _ in claimed)]
            score = 0.95 if mark.true is not bool or mark.instead == "[EMAIL]" else 0.7
            what = f"{{n}} text[ holds|s hold] {mark.name}"
            out += noted(check, evidence, severity, part, np.array(at), what, scores=score, spans=spans, hide=True)
    return out


def _claimed(marks: tuple[Mark, ...], text: str) -> list[tuple[Mark, list]]:
    """The spans of all kinds in a text; what an earlier kind has claimed is not a later one's too."""
    out: list[tuple[Mark, list]] = []
    for mark in marks:
        for span in mark.spans(text):
            if not any(span[0] < other[1] and other[0] < span[1] for _, other in out):
                out.append((mark, span))
    return sorted(out, key=lambda pair: pair[1][0])


CHECKS = (
    Check("TXT208", "personal data", "cheap", has_texts_or_chats, personal_data),
    Check("TXT209", "keys", "cheap", has_texts_or_chats, keys),
)
