"""A notebook made from a run that was trained without one, so that it has a report too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ftkit.displays.display import Display
from ftkit.displays.environment import show_environment
from ftkit.displays.evaluation import show_calibration, show_curves
from ftkit.displays.forecast import show_forecast
from ftkit.displays.metrics import show_confusion, show_metrics
from ftkit.displays.mistakes import show_errors
from ftkit.displays.run import recipe
from ftkit.displays.training import show_training

if TYPE_CHECKING:
    from ftkit.data import DatasetView
    from ftkit.runs import Run


def compose(run: Run, view: DatasetView | None = None, title: str | None = None) -> Any:
    """An executed notebook that tells a run: what was asked, how it went, what came out, where it is wrong.

    Parameters
    ----------
    run : Run
        In any state; what has not happened yet is left out.
    view : DatasetView, optional
        The rows it was trained on, for their pictures.
    title : str, optional
        The notebook's heading; the run's name unless given.

    Returns
    -------
    nbformat.NotebookNode
    """
    from nbformat import v4

    cells = [v4.new_markdown_cell(f"# {_plain(title or run.name)}")]
    for heading, source, display in _sections(run, view):
        cells.append(v4.new_markdown_cell(f"## {heading}"))
        cells.append(_shown(v4, source, display))
    opened = v4.new_code_cell(f'import ftkit as ft\nfrom ftkit import displays\n\nrun = ft.open_run("{run.name}")')
    return v4.new_notebook(cells=[cells[0], opened, *cells[1:]])


def page_of(display: Display) -> Any:
    """A notebook with one display in it, to be frozen into a page of its own."""
    from nbformat import v4

    return v4.new_notebook(
        cells=[v4.new_markdown_cell(f"# {_plain(display.title)}"), _shown(v4, "", replace(display, title=""))]
    )


def _sections(run: Run, view: DatasetView | None) -> list[tuple[str, str, Display]]:
    sections = []
    if view is not None:
        from ftkit.displays.data import show_data

        sections.append(("The data", "ft.show(view)", show_data(view)))
    made = [("displays.show_training(run)", show_training(run))]
    if run.metrics:
        made += [
            ("displays.show_metrics(run)", show_metrics(run)),
            *_of_task(run),
            ("displays.show_confusion(run)", show_confusion(run)),
            ("displays.show_errors(run)", show_errors(run, view)),
        ]
    made += [
        ("run.recipe", Display("Recipe", [replace(recipe(run), caption="")])),
        ("displays.show_environment(run)", show_environment(run)),
    ]
    return sections + [(display.title, source, display) for source, display in made]


def _of_task(run: Run) -> list[tuple[str, Display]]:
    """Curves and calibration where the run states probabilities; forecasts beside the seasonal naive's."""
    if "naive" in run.predictions():
        return [("displays.show_forecast(run)", show_forecast(run))]
    if not any(name.startswith("p_") for name in run.predictions()):
        return []
    return [("displays.show_curves(run)", show_curves(run)), ("displays.show_calibration(run)", show_calibration(run))]


def _shown(v4: Any, source: str, display: Display) -> Any:
    """A cell that was, as it were, executed."""
    output = v4.new_output("display_data", data=display._repr_mimebundle_())
    return v4.new_code_cell(source, outputs=[output])


def _plain(text: str) -> str:
    """The words of a heading with nothing in them that Markdown would read."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]<>()#+-.!|$~" else char for char in text.replace("\n", " "))
