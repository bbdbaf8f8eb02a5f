"""What a range test of the learning rate looks like."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ftkit.displays.blocks import Line, LineChart, Note
from ftkit.displays.display import Display

if TYPE_CHECKING:
    from ftkit.runs.rates import RateSearch


def show_rates(found: RateSearch) -> Display:
    """The loss over the logarithm of the rate, and the rate that is suggested.

    Parameters
    ----------
    found : RateSearch

    Returns
    -------
    Display
    """
    sentence = (
        f"Suggested: learning_rate {found.suggested:.1e}, a tenth of the rate with the lowest loss; "
        f"{len(found.rates)} rates from {found.rates[0]:.0e} to {found.rates[-1]:.0e} were tried."
    )
    places = [math.log10(rate) for rate in found.rates]
    low, high = min(found.losses), max(found.losses)
    mark = Line("suggested", [math.log10(found.suggested)] * 2, [low, high])
    chart = LineChart(
        [Line("loss", places, list(found.losses)), mark], "learning rate, power of ten", "loss", "Loss at each rate"
    )
    return Display("Learning rate", [Note(sentence, "info"), chart])
