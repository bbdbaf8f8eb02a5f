"""The headings of the readiness report, and which check answers to which."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """One question about the rows.

    Attributes
    ----------
    name : str
        One or two words.
    question : str
        What a person wants to know.
    """

    name: str
    question: str


HEADINGS = (
    Heading("fit", "Do the rows fit the task, and does a model know their kind?"),
    Heading("size", "Are there enough rows?"),
    Heading("diversity", "Are they different enough from each other?"),
    Heading("label quality", "Are the labels right?"),
    Heading("marks", "Is there anything in the rows that does not belong to them?"),
    Heading("missing", "Is anything missing or unreadable?"),
    Heading("outliers", "Are there rows far from all others?"),
    Heading("duplicates", "Do rows come twice?"),
    Heading("leakage", "Does the test set stay unseen, and the answer unsaid?"),
    Heading("balance", "Has every class its share?"),
)
NAMES = tuple(heading.name for heading in HEADINGS)

# Exact codes first, then words of a check's name, then the letters of its code.
BY_CODE = {
    "DUP102": "label quality",
    "SRC108": "label quality",
    "IMG101": "missing",
    "IMG102": "fit",
    "TAB102": "fit",
    "TAB103": "fit",
    "TAB104": "missing",
    "TXT202": "outliers",
    "TXT203": "outliers",
    "IMG207": "fit",
    "IMG209": "fit",
    "CHT203": "missing",
    "CHT204": "label quality",
    "CHT205": "label quality",
    "CHT206": "label quality",
    "CHT209": "label quality",
    "CHT212": "label quality",
    "CHT213": "label quality",
    "CHT214": "label quality",
}
BY_WORD = (
    ("leakage", ("leak", "both sides", "away", "future", "contaminat", "evaluation set", "order of the rows")),
    ("missing", ("missing", "sentinel", "gap", "unreadable", "empty", "left out")),
    ("label quality", ("conflict", "other labels", "different answers", "annotator")),
    ("duplicates", ("duplicate", "copies", "twice")),
    ("outliers", ("outlier", "spike", "far ")),
    ("marks", ("mark", "border", "letterbox", "private", "personal", "secret", "markup", "boilerplate", "template")),
    ("balance", ("imbalance", "rare class")),
)
BY_LETTERS = {
    "FIT": "fit",
    "SIZ": "size",
    "DIV": "diversity",
    "LAB": "label quality",
    "ANN": "label quality",
    "MRK": "marks",
    "TXT": "marks",
    "OUT": "outliers",
    "IMG": "outliers",
    "SER": "outliers",
    "DUP": "duplicates",
    "SPL": "leakage",
    "LEK": "leakage",
    "ORD": "leakage",
    "BAL": "balance",
    "TAB": "fit",
    "CHT": "fit",
    "SRC": "missing",
    "EDT": "fit",
}


def heading_of(code: str, name: str) -> str:
    """The heading a check answers to.

    Parameters
    ----------
    code, name : str
        The check's.

    Returns
    -------
    str
        One of ``NAMES``; "fit" for a check of unknown letters.

    Examples
    --------
    >>> heading_of("DUP101", "exact copies"), heading_of("TAB101", "missing values")
    ('duplicates', 'missing')
    """
    if code in BY_CODE:
        return BY_CODE[code]
    lower = name.lower()
    for heading, words in BY_WORD:
        if any(word in lower for word in words):
            return heading
    return BY_LETTERS.get(code[:3], "fit")
