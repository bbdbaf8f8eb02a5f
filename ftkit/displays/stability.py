"""What a metric over time and drift look like, with the alarms in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ftkit.displays.blocks import Block, Line, LineChart, Note, Table
from ftkit.displays.display import Display
from ftkit.displays.text import number, plural

if TYPE_CHECKING:
    from ftkit.evaluate.drift import Drift
    from ftkit.evaluate.windows import Window


def show_stability(windows: Sequence[Window] = (), drift: Sequence[Drift] = (), metric: str = "metric") -> Display:
    """Whether a model still holds: its metric window by window, what has moved, and the alarms.

    Parameters
    ----------
    windows : sequence of Window
        What ``over_windows`` gave.
    drift : sequence of Drift
        What ``find_drift`` and ``calibration_drift`` gave.
    metric : str
        What the windows hold.

    Returns
    -------
    Display

    Examples
    --------
    >>> show_stability(metric="accuracy").text().splitlines()[-1]
    'info: No alarm: nothing has moved, and no window is worse than the reference.'
    """
    alarms = [i for i, window in enumerate(windows, 1) if window.alarm]
    moved = [one for one in drift if one.moved]
    blocks: list[Block] = []
    if alarms:
        listed = ", ".join(map(str, alarms))
        blocks.append(
            Note(f"Alarm: {metric} is worse than the reference in {plural(len(alarms), 'window')}: {listed}.", "error")
        )
    blocks += [
        Note(f"Moved: {one.what} ({one.statistic} {number(one.value)}, p {number(one.p)}).", "warning") for one in moved
    ]
    if not blocks:
        blocks.append(Note("No alarm: nothing has moved, and no window is worse than the reference.", "info"))
    if windows:
        at = list(range(1, len(windows) + 1))
        values, low, high = ([getattr(w, key) for w in windows] for key in ("value", "low", "high"))
        blocks.append(LineChart([Line(metric, at, values, low, high)], "window", metric, f"{metric} over time"))
        blocks.append(
            Table(
                {
                    "window": at,
                    "rows": [w.n for w in windows],
                    metric: values,
                    "interval": ["–" if w.low is None else f"{number(w.low)} to {number(w.high)}" for w in windows],
                    "alarm": ["alarm" if w.alarm else w.reason or "" for w in windows],
                },
                caption="Windows; their intervals hold for all of them together",
                levels=["error" if w.alarm else None for w in windows],
            )
        )
    if drift:
        blocks.append(
            Table(
                {
                    "what": [one.what for one in drift],
                    "statistic": [one.statistic for one in drift],
                    "value": [one.value for one in drift],
                    "p": [one.p for one in drift],
                    "verdict": ["moved" if one.moved else "stayed" for one in drift],
                },
                caption="Drift; p corrected for all that was looked at",
                levels=["warning" if one.moved else None for one in drift],
            )
        )
    return Display("Stability", blocks)


def _moved(one: Drift) -> str:
    return f"Moved: {one.what} ({one.statistic} {number(one.value)}, p {number(one.p)})."
