"""``show``: the display of anything that has one."""

from __future__ import annotations

from functools import singledispatch
from importlib import import_module
from typing import Any

from ftkit.displays.display import Display
from ftkit.errors import DataError

# Room and class name to the function that shows it: nothing is imported before something is shown.
OWN = {
    "evaluate.Backtest": ("backtest", "show_backtest"),
    "data.DatasetView": ("data", "show_data"),
    "data.Split": ("split", "show_split"),
    "quality.Inspection": ("inspection", "show_inspection"),
    "quality.Suggestion": ("suggestion", "show_suggestion"),
    "runs.Comparison": ("comparison", "show_comparison"),
    "runs.Estimate": ("estimate", "show_estimate"),
    "runs.Failures": ("failures", "show_failures"),
    "runs.Latency": ("latency", "show_latency"),
    "runs.Run": ("run", "show_run"),
    "runs.RateSearch": ("rates", "show_rates"),
    "runs.Validation": ("validation", "show_validation"),
}


@singledispatch
def show(obj: Any) -> Display:
    """The display of a view of rows, a split, an inspection, a run or a search of a learning rate.

    ``show.register`` adds a type of your own (:func:`functools.singledispatch`).

    Parameters
    ----------
    obj : DatasetView, Split, Inspection, Run, RateSearch or Display
        What to show.

    Returns
    -------
    Display
        It shows itself in a notebook; ``print`` shows it in a terminal.

    Raises
    ------
    DataError
        There is no display for such an object.

    Examples
    --------
    >>> from ftkit.displays import Display, Paragraph
    >>> print(show(Display("Hello", [Paragraph("world")])))
    Hello
    ═════
    <BLANKLINE>
    world
    """
    for kind in type(obj).__mro__:
        package, _, rest = kind.__module__.partition(".")
        found = OWN.get(f"{rest.split('.')[0]}.{kind.__name__}") if package == "ftkit" else None
        if found:
            return getattr(import_module(f"ftkit.displays.{found[0]}"), found[1])(obj)
    raise DataError(
        f"there is no display for {type(obj).__name__}; there is one for "
        f"{', '.join(name.split('.')[1] for name in OWN)}. Add one with ftkit.show.register."
    )


@show.register
def _(obj: Display) -> Display:
    return obj
