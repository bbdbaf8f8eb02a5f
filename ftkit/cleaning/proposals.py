"""From findings to edits: what a person says of kinds of findings, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ftkit.cleaning.settled import WHOLE_ROW, settled
from ftkit.data import Edit, Edits
from ftkit.errors import DataError, nearest
from ftkit.quality import Finding, Inspection, heading_of
from ftkit.quality.headings import NAMES

CODE = re.compile(r"[A-Z]{2,}\d*")
Names = bool | str | Sequence[str]


def propose(
    found: Inspection,
    *,
    drop: Names = (),
    relabel: Names = (),
    fill: Names = (),
    replace: Names = (),
    redact: Names = (),
    mask: Names = (),
    crop: Names = (),
    keep: Names = (),
    least: float = 0.0,
    by: str = "",
) -> Edits:
    """The edits that settle some kinds of findings; nothing is applied.

    Parameters
    ----------
    found : Inspection
        What ``ftkit.inspect`` gave.
    drop, keep : str, list of str, or True
        Kinds of findings whose rows are left out, or left as they are. A kind is a check's code (``DUP101``), the
        letters it begins with (``DUP``), a word of its name (``copies``) or a heading of the readiness report
        (``duplicate``, ``outliers``). True takes every finding that suggests it. ``keep`` takes row ids too.
    relabel, fill, replace, redact, mask, crop : str, list of str, or True
        Kinds of findings whose suggestions of that op are taken.
    least : float, default 0
        Rows with a lower score are left alone, 0 to 1.
    by : str, optional
        Who decides.

    Returns
    -------
    Edits
        ``view.apply(edits)`` applies them; ``edits.save("edits.jsonl")`` keeps them.

    Raises
    ------
    DataError
        A kind is not known, or its findings suggest nothing of the sort.

    Examples
    --------
    >>> import ftkit as ft
    >>> found = ft.inspect("iris")
    >>> edits = found.propose(drop=["duplicate"])
    >>> edits, len(found.view.apply(edits))
    (Edits: 1 drop, 149)
    """
    asked = {
        "drop": drop, "relabel": relabel, "fill": fill, "replace": replace, "redact": redact, "mask": mask,
        "crop": crop, "keep": keep,
    }  # fmt: skip
    if not 0 <= least <= 1:
        raise DataError(f"least={least:g} is no score; scores go from 0 to 1.")
    edits: list[Edit] = []
    for op, names in asked.items():
        findings, rows = _chosen(found, op, names)
        at = _now()
        edits += [edit for finding in findings for edit in edits_for(finding, op, least=least, by=by, at=at)]
        edits += [Edit(row, "keep", by=by, at=at) for row in rows]
    return settled(found.view, edits)


def edits_for(finding: Finding, op: str, *, least: float = 0.0, by: str = "", at: str = "") -> Iterator[Edit]:
    """One edit for each row of a finding.

    Parameters
    ----------
    finding : Finding
    op : str
        ``drop`` and ``keep`` go for any finding, other ops where the finding suggests them.
    least : float, default 0
        Rows with a lower score are left alone.
    by, at : str, optional
        Who decides, and when.

    Yields
    ------
    Edit
    """
    taken = _suggests(finding, op) and op not in WHOLE_ROW
    values, columns = (finding.each(key) if taken else [None] * len(finding.rows) for key in ("value", "column"))
    scores = finding.scores or [1.0] * len(finding.rows)
    for row, score, given, name in zip(finding.rows, scores, values, columns, strict=True):
        nothing = given is None and op in ("relabel", "fill", "crop", "mask")
        if score >= least and not nothing:
            yield Edit(str(row), op, name, given, finding.code, by, at)


def matches(code: str, name: str, word: str) -> bool:
    """Whether a word speaks of a check: its code, its first letters, a word of its name, its heading.

    Examples
    --------
    >>> matches("DUP101", "exact copies", "duplicate"), matches("DUP101", "exact copies", "outlier")
    (True, False)
    """
    if CODE.fullmatch(word):
        return code.startswith(word)
    low = word.lower().strip().rstrip("s")
    heading = heading_of(code, name).rstrip("s")
    return low == heading or re.search(rf"\b{re.escape(low)}", name.lower()) is not None


def _chosen(found: Inspection, op: str, names: Names) -> tuple[list[Finding], list[str]]:
    """The findings of some kinds, and for ``keep`` the row ids among the names."""
    if names is True:
        return [f for f in found.findings if _suggests(f, op)], []
    words = [names] if isinstance(names, str) else list(names or ())
    chosen: dict[int, Finding] = {}
    rows: list[str] = []
    flagged = {row for f in found.findings for row in f.rows} if op == "keep" and words else set()
    for word in words:
        if word in flagged:
            rows.append(word)
            continue
        if not _is_known(found, word):
            raise _unknown(found, op, word)
        hits = [f for f in found.findings if matches(f.code, f.check, word)]
        fit = hits if op in WHOLE_ROW else [f for f in hits if _suggests(f, op)]
        if hits and not fit:
            raise DataError(f"{op}='{word}': {hits[0].code} suggests {_suggestion(hits[0])}, not {op}.")
        chosen.update((id(f), f) for f in fit if f.rows)
    return list(chosen.values()), rows


def _is_known(found: Inspection, word: str) -> bool:
    """Whether a word names a heading or a check that was asked."""
    heading = word.lower().strip().rstrip("s") in {name.rstrip("s") for name in NAMES}
    return heading or (bool(word.strip()) and any(matches(check.code, check.name, word) for check in found.checks))


def _suggests(finding: Finding, op: str) -> bool:
    return (finding.suggest or {}).get("op") == op


def _suggestion(finding: Finding) -> str:
    return (finding.suggest or {}).get("op", "nothing for single rows")


def _unknown(found: Inspection, op: str, word: str) -> DataError:
    codes = [check.code for check in found.checks if check.outcome == "finding"]
    return DataError(
        f"{op}='{word}' is no check, no word of a check's name and no heading; {nearest(word, [*NAMES, *codes])}."
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
