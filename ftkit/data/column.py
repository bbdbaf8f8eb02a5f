"""What is known about one column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "category", "text", "date", "image", "boolean", "other"]
Role = Literal["target", "image", "text", "messages", "feature", "group", "time", "split", "id", "ignored"]


@dataclass(frozen=True)
class Column:
    """One column: what its cells are, and what they are used for.

    Attributes
    ----------
    name : str
        Its name in the source, or ``column_1``, ``column_2``, … where the source has no names.
    kind : {"number", "category", "text", "date", "image", "boolean", "other"}
        What the cells are.
    role : {"target", "image", "text", "messages", "feature", "group", "time", "split", "id", "ignored"}
        What they are used for. ``image``, ``text``, ``messages`` (chats) and ``feature`` are what a model sees.
    dtype : str
        The Arrow type, such as ``double``.
    """

    name: str
    kind: Kind
    role: Role
    dtype: str
