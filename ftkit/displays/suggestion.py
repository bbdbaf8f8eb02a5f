"""Which augmentations keep the label: every step that was tried, with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.augment import step_name
from ftkit.displays.blocks import BarChart, Paragraph, Table, Tile, Tiles
from ftkit.displays.display import Display

if TYPE_CHECKING:
    from ftkit.quality import Suggestion, Trial
    from ftkit.quality.suggestion import Change

LEVELS = {"alters": "error", "harms": "warning", "unclear": "warning"}


def show_suggestion(suggestion: Suggestion) -> Display:
    """The suggested steps, and what was measured of every step tried.

    Parameters
    ----------
    suggestion : Suggestion
        What ``ftkit.augment.suggest`` gave.

    Returns
    -------
    Display
    """
    trials = [trial for trial in suggestion.trials if len(trial.steps) == 1]
    names = [_name(trial) for trial in trials]
    tiles = Tiles(
        [
            Tile("suggested", f"{len(suggestion)}", ", ".join(_plain(step) for step in suggestion) or "none"),
            Tile("measured on", f"{suggestion.rows:,} rows", suggestion.source),
            Tile("plain score", f"{suggestion.score:.3f}", f"{suggestion.margin:.1%} may be lost"),
        ]
    )
    chart = BarChart(
        names,
        *([round(100 * getattr(t.agreement, end), 1) for t in trials] for end in ("value", "low", "high")),
        title="Agreement on changed rows less agreement on plain ones, in points",
        x_title="points",
    )
    table = Table(
        {
            "step": names,
            "verdict": [t.verdict for t in trials],
            "use, points": [_points(t.use) for t in trials],
            "told apart": [f"{t.told_apart:.0%}" for t in trials],
            "why": [t.sentence for t in trials],
        },
        caption="Every step that was tried",
        levels=[LEVELS.get(t.verdict) for t in trials],
    )
    said = (
        "Agreement: of a probe that learnt from plain and changed rows, about changed ones. Use: about plain ones. "
        "Told apart: how often it knows changed rows from plain ones, 50% by chance."
    )
    return Display("Which augmentations keep the label", [tiles, chart, table, Paragraph(said)])


def _points(change: Change) -> str:
    """A change in hundredths, with its interval; spaces that do not break keep it on one line."""
    told = (f"{100 * end:+.1f}".replace("-", "−") for end in (change.value, change.low, change.high))
    return "{} ({} to {})".format(*told).replace(" ", "\u00a0")


def _name(trial: Trial) -> str:
    return ", ".join(_plain(step) for step in trial.steps)


def _plain(step: object) -> str:
    """A step in few words: its name and what differs from its defaults."""
    values = {k: v for k, v in vars(step).items() if v != type(step).__dataclass_fields__[k].default}
    told = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in values.values())
    return f"{step_name(step)} {told}".strip()
