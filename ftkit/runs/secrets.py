"""What looks like a secret is not written down."""

from __future__ import annotations

import re

PATTERNS = (
    # Tokens known by how they begin.
    r"\b(?:hf_|gh[pousr]_|github_pat_|glpat-|xox[abpr]-|sk-|AKIA|ASIA|AIza)[\w-]{8,}",
    r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",
    # What follows a word that says so.
    r"(?i)(?<=bearer )\S+",
    r"(?i)(?<=token=)[^\s&]+|(?<=token )\S+|(?<=password=)[^\s&]+|(?<=password )\S+|(?<=passwd=)[^\s&]+",
    r"(?i)(?<=secret=)[^\s&]+|(?<=api_key=)[^\s&]+|(?<=api-key=)[^\s&]+|(?<=apikey=)[^\s&]+|(?<=signature=)[^\s&]+",
    # User and password in an address.
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",
)
SECRET = re.compile("|".join(f"(?:{pattern.replace('(?i)', '')})" for pattern in PATTERNS), re.IGNORECASE)


def redact(text: str) -> str:
    """The text without what looks like a token, a password or a key.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> redact("ftkit run -p token abc123 https://me:pw@host/x")
    'ftkit run -p token [redacted] https://[redacted]@host/x'
    """
    return SECRET.sub("[redacted]", text)
