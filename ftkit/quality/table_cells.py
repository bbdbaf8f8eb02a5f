"""Checks of the cells of single columns: types, spellings, outliers, dates, skew."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.cells import Values, listed, numeric, values_of, wordy
from ftkit.quality.check import Check, has_table
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

MANY = 2000  # different words, above which spellings are not compared
RARE = 20  # times rarer than its neighbour: a slip of the pen
FAR, FURTHER = 8.0, 5.0
HEAVY = 5.0
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DATES = (
    re.compile(r"(?P<a>\d{1,2})([/.\-])(?P<b>\d{1,2})\2(?P<y>\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?)?"),
    re.compile(r"(?P<d>\d{1,2})[ \-](?P<m>[A-Za-z]{3})[a-z]*[ \-,]+(?P<y>\d{4}|\d{2})"),
    re.compile(r"(?P<m>[A-Za-z]{3})[a-z]*\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
)


def mixed_types(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns of numbers that hold some words, and so are read as words.

    How: columns of words in which 80 % of the cells or more, but not all, are numbers.

    Do: the edit empties the other cells; or put the numbers right (1,200; 12 kg) where that is what they hold.
    """
    out = []
    for name in wordy(view, ("feature", "ignored")):
        cells = values_of(view, name)
        total = cells.counts.sum()
        odd = [i for i, cell in enumerate(cells.names) if not _is_number(cell)]
        share = cells.counts[odd].sum() / max(total, 1)
        if len(odd) == len(cells.names) or not 0 < share <= 0.2 or total < 20:
            continue
        at = np.flatnonzero(np.isin(cells.codes, odd))
        shown = listed([cells.names[i] for i in sorted(odd, key=lambda i: -cells.counts[i])])
        message = f"Column '{name}' holds numbers, and {shown} in {len(at):,} rows ({share:.1%}): it is read as words."
        suggest = {"op": "replace", "column": name, "value": None, "because": check.code}
        ids = view.ids[at].tolist()
        out.append(Finding(check.code, check.name, "warning", message, ids, [0.9] * len(at), suggest))
    return out


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def spellings(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Categories that differ in spelling only: 'NY' and 'N.Y.', 'red' and ' Red', a slip of the pen.

    How: equal without regard to case, width, spaces and punctuation; or, from five letters on, a letter too many, too
    few or two swapped (from eight letters on also a wrong one), against a category 20 times as common, with the same
    first letter and the same digits.

    Do: the edit writes the commonest spelling.
    """
    out = []
    for name in wordy(view, ("feature", "target")):
        cells = values_of(view, name)
        if not 1 < len(cells.names) <= MANY or view.columns[name].kind != "category":
            continue
        better = _better(cells)
        if not better:
            continue
        at = np.flatnonzero(np.isin(cells.codes, list(better)))
        pairs = ", ".join(f"{cells.names[i]!r} as {cells.names[j]!r}" for i, j in list(better.items())[:5])
        message = f"Column '{name}' spells categories in several ways ({pairs}; {len(at):,} rows)."
        new = [cells.names[better[int(code)]] for code in cells.codes[at]]
        op = {"op": "relabel"} if view.columns[name].role == "target" else {"op": "replace", "column": name}
        suggest = {**op, "values": new, "because": check.code}
        ids = view.ids[at].tolist()
        out.append(Finding(check.code, check.name, "warning", message, ids, [0.8] * len(at), suggest))
    return out


def _better(cells: Values) -> dict[int, int]:
    """The code of the commonest spelling, for each code that is another."""
    order = sorted(range(len(cells.names)), key=lambda i: (-cells.counts[i], cells.names[i]))
    best: dict[str, int] = {}
    out: dict[int, int] = {}
    for i in order:
        if not cells.counts[i]:
            continue
        key = _key(cells.names[i])
        if key and key in best:
            out[i] = best[key]
        elif key:
            near = next(
                (j for other, j in best.items() if _is_slip(key, other, cells.counts[i], cells.counts[j])), None
            )
            if near is not None:
                out[i] = near
            else:
                best[key] = i
    return out


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    if re.search(r"\d[.,:/+\-]\d|^[<>=+\-]|[<>=+]$", plain.strip()):
        return plain.strip()  # '<=50K', '1-2', '3+': the marks mean something
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c)[0] == "S")


def _is_slip(one: str, other: str, rare: int, common: int) -> bool:
    if common < RARE * rare or min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other) or not one.isascii():
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    if a == b[1:] or a[1:] == b or (a[:2] == b[1::-1] and a[2:] == b[2:]):
        return True
    return a[1:] == b[1:] and len(a) > 1 and len(one) >= 8  # short words one letter apart are often two words


def outliers(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Numbers far outside of their column.

    How: more than 8 standard deviations from the median, estimated for each side by itself from the median absolute
    deviation (Rousseeuw & Croux 1993; each side apart, so that a skewed column is judged by its own tail), and more
    than 5 times as far as the 98th percentile of that side. A column where more than half of the cells are equal,
    or where more than 1 % would be flagged, is left alone: its tail is long by nature.

    Do: look whether they are slips (a comma, a unit). The edit moves them to the bound; dropping rows needs a reason.
    """
    out = []
    for name in numeric(view):
        values = view.numbers(name)
        low, high = _bounds(values)
        at = np.flatnonzero((values < low) | (values > high))
        if not len(at) or len(at) > 0.01 * len(values):
            continue
        shown = ", ".join(f"{value:g}" for value in values[at][np.argsort(-np.abs(values[at]))][:5])
        sides = [f"above {high:g}"] * bool((values > high).any()) + [f"below {low:g}"] * bool((values < low).any())
        message = f"Column '{name}' holds {len(at):,} numbers far {' or '.join(sides)}: {shown}."
        new = [_like(bound, values) for bound in np.clip(values[at], low, high)]
        suggest = {"op": "replace", "column": name, "values": new, "because": check.code}
        centre = np.nanmedian(values)
        reach = np.where(values[at] > centre, high - centre, centre - low)
        score = 1 - 0.5 * np.abs(reach) / np.maximum(np.abs(values[at] - centre), 1e-300)
        ids = view.ids[at].tolist()
        out.append(Finding(check.code, check.name, "info", message, ids, score.clip(0, 1).round(3).tolist(), suggest))
    return out


def _bounds(values: np.ndarray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if len(known) < 30 or len(np.unique(known)) < 10:
        return -np.inf, np.inf
    centre = np.median(known)
    bounds = []
    for side in (centre - known[known <= centre], known[known >= centre] - centre):
        spread = 1.4826 * np.median(side)
        tail = np.quantile(side, 0.98 if len(known) >= 500 else 0.9)
        bounds.append(max(FAR * spread, FURTHER * tail) if spread > 0 else np.inf)
    return centre - bounds[0], centre + bounds[1]


def _like(bound: float, values: np.ndarray) -> float | int:
    """A bound as the column writes its numbers."""
    known = values[np.isfinite(values)]
    return int(bound) if (known == np.floor(known)).all() else float(bound)


def many_values(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns of words with so many different ones that a model can learn little from each.

    How: 50 different words or more, and more than one for five rows.

    Do: leave the column out, or group its values; a name or number of the row belongs to the row's id.
    """
    out = []
    for name in wordy(view):
        if view.columns[name].kind != "category":
            continue
        cells = values_of(view, name)
        total = int(cells.counts.sum())
        if len(cells.names) >= 50 and len(cells.names) > 0.2 * total and not _is_other(cells):
            message = f"Column '{name}' has {len(cells.names):,} different words in {total:,} rows."
            out.append(check.finding("info", message))
    return out


def _is_other(cells: Values) -> bool:
    """Whether most words are numbers or dates, which other checks speak of."""
    some = cells.names[:200]
    return sum(_is_number(c) or any(form.fullmatch(c.strip()) for form in DATES) for c in some) > 0.7 * len(some)


def dates_as_text(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns of dates that are read as words or whole numbers: 31/12/2024, 12-Nov-07, 2024年1月2日, 20240131.

    How: 95 % of the cells or more have one of these forms.

    Do: the edit writes them as 2024-12-31, where it is clear which number is the day (one above 12 tells).
    """
    out = []
    for name in wordy(view, ("feature", "ignored")):
        cells = values_of(view, name)
        if view.columns[name].kind != "date" and len(cells.names) >= 5:
            out += _dated(check, view, name, cells)
    for name in numeric(view):
        values = view.numbers(name)
        known = values[np.isfinite(values)]
        if len(known) >= 20 and known.min() >= 19000101 and known.max() <= 20991231 and _all_days(np.unique(known)):
            out.append(check.finding("info", f"Column '{name}' holds dates as whole numbers, such as {known[0]:.0f}."))
    return out


def _all_days(values: np.ndarray) -> bool:
    whole = values.astype(np.int64)
    month, day = whole // 100 % 100, whole % 100
    return bool((whole == values).all() and ((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def _dated(check: Check, view: DatasetView, name: str, cells: Values) -> list[Finding]:
    for form in DATES:
        found = [form.fullmatch(cell.strip()) for cell in cells.names]
        share = sum(n for n, m in zip(cells.counts, found, strict=True) if m) / max(cells.counts.sum(), 1)
        if share < 0.95:
            continue
        new = _iso(found)
        message = f"Column '{name}' holds dates as words, such as {cells.names[0]!r}."
        if new is None:
            return [check.finding("info", f"{message} Which number is the day cannot be told.")]
        at = np.flatnonzero(np.isin(cells.codes, [i for i, value in enumerate(new) if value]))
        suggest = {"op": "replace", "column": name, "values": [new[c] for c in cells.codes[at]], "because": check.code}
        ids = view.ids[at].tolist()
        return [Finding(check.code, check.name, "info", message, ids, [0.9] * len(at), suggest)]
    return []


def _iso(found: list[re.Match | None]) -> list[str | None] | None:
    """The dates in ISO form; None where day and month cannot be told apart."""
    parts = [m.groupdict() if m else None for m in found]
    if any(p and "a" in p for p in parts):
        a, b = (max(int(p[key]) for p in parts if p) for key in "ab")
        if (a > 12) == (b > 12):
            return None
        day, month = ("a", "b") if a > 12 else ("b", "a")
        parts = [p and {"d": p[day], "m": p[month], "y": p["y"]} for p in parts]
    return [p and _day(p) for p in parts]


def _day(part: dict[str, str]) -> str | None:
    month = part["m"].lower()
    number = int(month) if month.isdigit() else MONTHS.index(month) + 1 if month in MONTHS else 0
    year = int(part["y"])
    year += 0 if year > 99 else 2000 if year < 70 else 1900
    try:
        return date(year, number, int(part["d"])).isoformat()
    except ValueError:
        return None


def skewed(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns of numbers with a very long tail.

    How: a skewness (third standardised moment) above 5 in size, in columns of ten values or more.

    Do: take logarithms or ranks before a linear model or a neural network; trees do not mind.
    """
    found = []
    for name in numeric(view):
        values = view.numbers(name)
        known = values[np.isfinite(values)]
        spread = known.std() if len(known) else 0.0
        if spread > 0 and len(np.unique(known[:10000])) >= 10:
            skew = float((((known - known.mean()) / spread) ** 3).mean())
            if abs(skew) > HEAVY:
                found.append((name, skew))
    if not found:
        return []
    shown = ", ".join(f"'{name}' {skew:.0f}" for name, skew in sorted(found, key=lambda f: -abs(f[1]))[:8])
    count = f"{len(found)} columns have" if len(found) > 1 else "A column has"
    return [check.finding("info", f"{count} a very long tail (skewness: {shown}).")]


CHECKS = (
    Check("TAB205", "mixed types", "cheap", has_table, mixed_types),
    Check("TAB206", "spellings of one category", "cheap", has_table, spellings),
    Check("TAB207", "outliers in one column", "cheap", has_table, outliers),
    Check("TAB208", "many different words", "cheap", has_table, many_values),
    Check("TAB209", "dates as text", "cheap", has_table, dates_as_text),
    Check("TAB210", "skewed columns", "cheap", has_table, skewed),
)
