"""What a display is made of: small pieces of data, each of which knows nothing of how it will look.

Making a block makes it plain: text is ``str``, numbers are Python floats with None for what is not finite, pictures
are bytes. So whatever a block was made from, a specification read from a file included, drawing it is safe.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftkit.errors import DataError, nearest

LEVELS = ("info", "warning", "error")
VERDICTS = ("good", "look", "bad", "unknown")
Numbers = Sequence[float | None]


def _numbers(values: Iterable[Any] | None) -> list[float | None] | None:
    if values is None:
        return None
    values = values.tolist() if hasattr(values, "tolist") else values
    return [None if v is None or not math.isfinite(v) else float(v) for v in values]


def _cell(value: Any) -> str | int | float | bool | None:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _level(level: str | None) -> None:
    if level is not None and level not in LEVELS:
        raise DataError(f"level '{level}' is not known; {nearest(level, LEVELS)}.")


def _even(what: str, *columns: Sequence[Any] | None) -> None:
    sizes = {len(c) for c in columns if c is not None}
    if len(sizes) > 1:
        raise DataError(f"{what}: its columns have different lengths, {sorted(sizes)}. Give them one value a row.")


def _set(block: Any, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(block, name, value)


@dataclass(frozen=True)
class Tile:
    """One key figure: what it is, its value, and a word about it."""

    label: str
    value: str
    detail: str = ""

    def __post_init__(self) -> None:
        _set(self, label=str(self.label), value=str(self.value), detail=str(self.detail))


@dataclass(frozen=True)
class Tiles:
    """A row of key figures."""

    tiles: list[Tile]

    def __post_init__(self) -> None:
        _set(self, tiles=[t if isinstance(t, Tile) else Tile(**t) for t in self.tiles])


@dataclass(frozen=True)
class Paragraph:
    """Plain text."""

    text: str

    def __post_init__(self) -> None:
        _set(self, text=str(self.text))


@dataclass(frozen=True)
class Note:
    """A sentence that should be noticed; its level is info, warning or error."""

    text: str
    level: str = "info"

    def __post_init__(self) -> None:
        _level(self.level)
        _set(self, text=str(self.text))


@dataclass(frozen=True)
class Verdict:
    """The answer under one heading: good, look, bad or unknown; why, the figures behind it, and what to do."""

    heading: str
    verdict: str
    sentence: str = ""
    figures: str = ""
    rows: str = ""
    next: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise DataError(f"verdict '{self.verdict}' is not known; {nearest(self.verdict, VERDICTS)}.")
        _set(self, **_texts(self, "heading", "sentence", "figures", "rows", "next"))


@dataclass(frozen=True)
class Verdicts:
    """Verdicts, one under the other."""

    verdicts: list[Verdict]
    title: str = ""

    def __post_init__(self) -> None:
        made = [v if isinstance(v, Verdict) else Verdict(**v) for v in self.verdicts]
        _set(self, verdicts=made, title=str(self.title))


@dataclass(frozen=True)
class Table:
    """Columns of cells: text, numbers, yes or no, None.

    ``levels`` marks rows as info, warning or error; a page shows a folded table once its caption is clicked.
    """

    columns: dict[str, list[Any]]
    caption: str = ""
    limit: int = 50
    levels: list[str | None] | None = None
    folded: bool = False

    def __post_init__(self) -> None:
        columns = {str(name): [_cell(v) for v in values] for name, values in self.columns.items()}
        _even(f"table '{self.caption}'", *columns.values(), self.levels)
        for level in self.levels or ():
            _level(level)
        _set(self, columns=columns, caption=str(self.caption), limit=int(self.limit), folded=bool(self.folded))

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))


@dataclass(frozen=True)
class Line:
    """One series of a chart, with an interval (low, high) around it where there is one."""

    name: str
    x: Numbers
    y: Numbers
    low: Numbers | None = None
    high: Numbers | None = None

    def __post_init__(self) -> None:
        named = {n: _numbers(getattr(self, n)) for n in ("x", "y", "low", "high")}
        _even(f"line '{self.name}'", *named.values())
        _set(self, name=str(self.name), **named)


@dataclass(frozen=True)
class LineChart:
    """Lines over a number: loss over epochs, a metric over steps."""

    series: list[Line]
    x_title: str = ""
    y_title: str = ""
    title: str = ""
    log_y: bool = False
    height: int = 264
    last: bool = True  # whether each line's last value is written beside it

    def __post_init__(self) -> None:
        _set(self, series=[s if isinstance(s, Line) else Line(**s) for s in self.series])
        _set(self, **_texts(self, "x_title", "y_title", "title"), height=min(max(int(self.height), 120), 800))


@dataclass(frozen=True)
class BarChart:
    """Horizontal bars, one a label, with an interval (low, high) drawn as a whisker where there is one."""

    labels: list[str]
    values: Numbers
    low: Numbers | None = None
    high: Numbers | None = None
    title: str = ""
    x_title: str = ""
    domain: tuple[float, float] | None = None
    limit: int = 40

    def __post_init__(self) -> None:
        named = {n: _numbers(getattr(self, n)) for n in ("values", "low", "high")}
        _even(f"bars '{self.title}'", self.labels, *named.values())
        _set(self, labels=[str(v) for v in self.labels], **named, **_texts(self, "title", "x_title"))
        _set(self, limit=int(self.limit), domain=None if self.domain is None else _ends(self.domain))


@dataclass(frozen=True)
class Histogram:
    """Counts of a number between edges, of which there is one more than counts."""

    edges: Numbers
    counts: Numbers
    title: str = ""
    x_title: str = ""
    y_title: str = "rows"

    def __post_init__(self) -> None:
        _set(self, edges=_numbers(self.edges), counts=_numbers(self.counts))
        if len(self.edges) != len(self.counts) + 1 or None in self.edges:
            raise DataError(f"histogram '{self.title}': {len(self.counts)} counts need {len(self.counts) + 1} edges.")
        _set(self, **_texts(self, "title", "x_title", "y_title"))


@dataclass(frozen=True)
class Heatmap:
    """A confusion matrix: counts of rows by true class (down) and predicted class (across)."""

    labels: list[str]
    counts: list[list[int]]
    title: str = ""

    def __post_init__(self) -> None:
        counts = self.counts.tolist() if hasattr(self.counts, "tolist") else self.counts
        _set(self, labels=[str(v) for v in self.labels], counts=[[int(v) for v in row] for row in counts])
        _even(f"heatmap '{self.title}'", self.labels, self.counts, *self.counts)
        _set(self, title=str(self.title))


@dataclass(frozen=True)
class Scatter:
    """True against predicted numbers, with the diagonal on which they agree; at most 2,000 points are kept."""

    x: Numbers
    y: Numbers
    title: str = ""
    x_title: str = "true"
    y_title: str = "predicted"
    total: int = 0

    def __post_init__(self) -> None:
        x, y = _numbers(self.x), _numbers(self.y)
        _even(f"scatter '{self.title}'", x, y)
        kept = range(0, len(x), -(-len(x) // 2000)) if len(x) > 2000 else range(len(x))
        _set(self, total=int(self.total) or len(x), x=[x[i] for i in kept], y=[y[i] for i in kept])
        _set(self, **_texts(self, "title", "x_title", "y_title"))


@dataclass(frozen=True)
class Gallery:
    """Pictures (PNG bytes) with captions; pictures of one group stand in one row under its name."""

    pictures: list[bytes]
    captions: list[str]
    title: str = ""
    groups: list[str] | None = None

    def __post_init__(self) -> None:
        if not all(isinstance(p, bytes) and p.startswith(b"\x89PNG\r\n\x1a\n") for p in self.pictures):
            raise DataError(f"gallery '{self.title}': pictures are PNG bytes; something else was given.")
        _even(f"gallery '{self.title}'", self.pictures, self.captions, self.groups)
        groups = None if self.groups is None else [str(g) for g in self.groups]
        _set(self, captions=[str(c) for c in self.captions], groups=groups, title=str(self.title))


def _texts(block: Any, *names: str) -> dict[str, str]:
    return {name: str(getattr(block, name)) for name in names}


def _ends(ends: Sequence[float]) -> tuple[float, float]:
    low, high = (float(v) for v in ends)
    if not low < high:
        raise DataError(f"domain {low:g} to {high:g}: the first must be below the second.")
    return low, high


Block = Tiles | Paragraph | Note | Verdicts | Table | LineChart | BarChart | Histogram | Heatmap | Scatter | Gallery
Chart = LineChart | BarChart | Histogram | Heatmap | Scatter
KINDS: Mapping[str, type] = {
    "tiles": Tiles,
    "paragraph": Paragraph,
    "note": Note,
    "verdicts": Verdicts,
    "table": Table,
    "line_chart": LineChart,
    "bar_chart": BarChart,
    "histogram": Histogram,
    "heatmap": Heatmap,
    "scatter": Scatter,
    "gallery": Gallery,
}
