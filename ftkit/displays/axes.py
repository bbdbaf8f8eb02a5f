"""The frame of a chart: scales, ticks, a light grid, titles."""

from __future__ import annotations

from dataclasses import dataclass

from ftkit.displays.scale import Scale, tick_labels
from ftkit.displays.svg import ink, label, tag
from ftkit.displays.text import columns, elide

COLUMN = 6.7  # the width of a column of text at 12 px, rounded up: fonts differ


@dataclass(frozen=True)
class Frame:
    """Where the data is drawn, and how values become places there."""

    x: Scale
    y: Scale

    @property
    def left(self) -> float:
        """Where x begins."""
        return self.x.start

    @property
    def right(self) -> float:
        """Where x ends."""
        return self.x.end

    @property
    def top(self) -> float:
        """Where y ends."""
        return self.y.end

    @property
    def bottom(self) -> float:
        """Where y begins."""
        return self.y.start


def room(texts: list[str], most: int = 60, size: float = 12) -> float:
    """The width that lines of text take, each elided to ``most`` columns."""
    return max((columns(elide(t, most)) for t in texts), default=0) * COLUMN * size / 12


def tick_room(y: Scale) -> float:
    """The width the tick labels of a vertical scale take."""
    return room(tick_labels(y.ticks())) + 10


def horizontal_grid(frame: Frame) -> str:
    """Hairlines at the ticks of y, their labels at the left."""
    values = frame.y.ticks()
    lines = "".join(f"M{frame.left:.1f} {frame.y(v):.1f}H{frame.right:.1f}" for v in values)
    marks = [
        label(frame.left - 8, frame.y(v) + 4, t, text_anchor="end")
        for v, t in zip(values, tick_labels(values), strict=True)
    ]
    return tag("path", d=lines, stroke=ink("grid"), fill="none") + "".join(marks)


def vertical_grid(frame: Frame, count: int = 4) -> str:
    """Hairlines at the ticks of x."""
    lines = "".join(f"M{frame.x(v):.1f} {frame.top:.1f}V{frame.bottom:.1f}" for v in frame.x.ticks(count))
    return tag("path", d=lines, stroke=ink("grid"), fill="none")


def bottom_axis(frame: Frame, title: str = "", count: int = 5, whole: bool = False) -> str:
    """The line at the bottom with ticks, their labels and the title of x."""
    values = frame.x.ticks(count, whole)
    base = tag("path", d=f"M{frame.left:.1f} {frame.bottom:.1f}H{frame.right:.1f}", stroke=ink("rule"), fill="none")
    marks = "".join(f"M{frame.x(v):.1f} {frame.bottom:.1f}v4" for v in values)
    named = [
        label(frame.x(v), frame.bottom + 17, t, text_anchor="middle")
        for v, t in zip(values, tick_labels(values), strict=True)
    ]
    under = label((frame.left + frame.right) / 2, frame.bottom + 34, title, text_anchor="middle") if title else ""
    return base + tag("path", d=marks, stroke=ink("rule"), fill="none") + "".join(named) + under


def side_title(title: str) -> str:
    """The title of y: upright, above its ticks, where it can be read."""
    return label(0, 12, title) if title else ""
