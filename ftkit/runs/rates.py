"""Which learning rate to take: a short training with a rising rate."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from ftkit.errors import DataError
from ftkit.recipe import Recipe
from ftkit.runs.check import check_data
from ftkit.runs.job import build
from ftkit.runs.prepare import prepare
from ftkit.runs.resolve import resolve, resolve_loss
from ftkit.shown import Shown
from ftkit.training.device import choose_device, set_threads
from ftkit.training.rate_range import rate_range, suggest


@dataclass(frozen=True)
class RateSearch(Shown):
    """What a range test of the learning rate found.

    Attributes
    ----------
    rates : tuple of float
        Tried, rising.
    losses : tuple of float
        The smoothed train loss at each.
    suggested : float
        A tenth of the rate with the lowest loss: a good highest rate of a schedule.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggested: float

    def __repr__(self) -> str:
        return f"RateSearch: suggested learning rate {self.suggested:.1e} ({len(self.rates)} rates tried)"


def find_learning_rate(
    recipe: Recipe | dict, *, lowest: float = 1e-6, highest: float = 1.0, steps: int = 100
) -> RateSearch:
    """A learning rate for a recipe, by training a few steps with a rising one.

    Nothing is written; the rows are split as the run would split them, and only train rows are used.

    Parameters
    ----------
    recipe : Recipe or dict
    lowest, highest : float over 0, default 1e-6 and 1
        The rates to begin and to end with.
    steps : int from 10 on, default 100
        Batches to train.

    Returns
    -------
    RateSearch
        Shows itself as a curve; ``.suggested`` is the rate.

    Raises
    ------
    RecipeError
        The recipe has faults.
    DataError
        The rows do not fit it, or the rates do not rise.

    Examples
    --------
    >>> found = find_learning_rate({"data": "iris"}, steps=40)
    >>> 1e-6 <= found.suggested < 1
    True

    References
    ----------
    Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3.
    """
    if not (0 < lowest < highest and steps >= 10):
        raise DataError(
            f"lowest {lowest:g}, highest {highest:g}, steps {steps}: asked is 0 < lowest < highest, steps >= 10."
        )
    recipe = recipe if isinstance(recipe, Recipe) else Recipe(**recipe)
    set_threads(None if recipe.training.threads == "auto" else recipe.training.threads)
    place = choose_device(recipe.training.device, recipe.training.precision)
    view, task = check_data(recipe)
    with closing(prepare(recipe, view, task, place, lambda event, **fields: None)) as prepared:
        model = build(recipe, task, prepared, place).model
        loss, settings = resolve_loss(recipe, task, prepared.split.train), resolve(recipe, len(prepared.rows["train"]))
        span = {"lowest": lowest, "highest": highest, "steps": steps}
        rates, losses = rate_range(model, prepared.rows["train"], loss, settings, place, **span)
    if not len(rates):
        raise DataError(
            f"the loss is not finite at the lowest rate, {lowest:g}: look for NaN and huge values in the rows."
        )
    return RateSearch(tuple(rates.tolist()), tuple(losses.tolist()), suggest(rates, losses))
