"""What the failures of a run look like: confusions, slices with their intervals, findings that go with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.displays.blocks import BarChart, Block, Heatmap, Note, Paragraph, Table
from ftkit.displays.display import Display
from ftkit.displays.text import elide, number, plural

if TYPE_CHECKING:
    from ftkit.evaluate.slices import Slice
    from ftkit.runs import Failures

SLICES, ROWS = 12, 20


def show_failures(failures: Failures) -> Display:
    """Where a run is wrong: cells, slices, findings, and the rows with the highest losses.

    Parameters
    ----------
    failures : Failures
        What ``ft.failures`` gave.

    Returns
    -------
    Display
    """
    wrong, total = int(failures.wrong.sum()), len(failures.ids)
    blocks: list[Block] = []
    if failures.classes:
        blocks.append(Paragraph(f"{wrong:,} of {plural(total, 'test row')} are predicted wrongly."))
    blocks += [Note(link.sentence(), "warning") for link in failures.links]
    blocks += slice_blocks(failures.slices, failures.tried, bool(failures.classes))
    if failures.classes:
        blocks.append(Heatmap(list(failures.classes), failures.table(), "Confusion matrix of the test rows"))
    top = failures.top(ROWS)
    columns = {"row": [t["row"] for t in top], "true": [t["true"] for t in top]}
    columns |= {"predicted": [t["predicted"] for t in top], "loss": [t["loss"] for t in top]}
    blocks.append(Table(columns, caption=f"The {len(top)} rows with the highest loss", limit=ROWS))
    return Display("Where it is wrong", blocks)


def slice_blocks(slices: list[Slice], tried: int, classes: bool) -> list[Block]:
    """Slices on which errors are more frequent, or larger, than elsewhere; how many were tried."""
    shown = slices[:SLICES]
    what = "error rate" if classes else "mean absolute error"
    if not shown:
        told = f"{tried:,} slices of the rows were tried; on none is the {what} higher than elsewhere."
        return [Note(told, "info")] if tried else []
    chart = BarChart(
        [one.name for one in shown],
        [one.value for one in shown],
        [one.low for one in shown],
        [one.high for one in shown],
        f"Slices where the {what} is higher than elsewhere",
        what,
    )
    table = Table(
        {
            "slice": [elide(one.name, 80) for one in shown],
            "rows": [len(one.rows) for one in shown],
            what: [one.value for one in shown],
            "elsewhere": [one.rest for one in shown],
            "interval": [f"{number(one.low)} to {number(one.high)}" for one in shown],
            "p": ["< 0.0001" if one.p < 1e-4 else f"{one.p:.4f}" for one in shown],
        },
        caption=f"{len(slices):,} of {tried:,} slices tried; intervals and p hold for all together",
    )
    return [chart, table]
