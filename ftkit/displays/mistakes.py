"""The rows a run is most wrong about: where the model, or the label, should be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.displays.blocks import Block, Gallery, Note, Table
from ftkit.displays.data import has_images, thumbnail
from ftkit.displays.display import Display
from ftkit.displays.metrics import class_names, codes, test_rows
from ftkit.displays.text import elide, number, percent, plural

if TYPE_CHECKING:
    from ftkit.data import DatasetView
    from ftkit.runs import Run


def show_errors(run: Run, view: DatasetView | None = None, rows: int = 12) -> Display:
    """The test rows with the highest loss among those predicted wrongly; for numbers, the furthest off.

    Parameters
    ----------
    run : Run
        A run with predictions.
    view : DatasetView, optional
        The rows it was trained and tested on, for their pictures or values.
    rows : int, default 12
        At most so many.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_errors(Run("runs/not-begun")).title
    'Largest errors'
    """
    columns, split = test_rows(run)
    if not len(columns["row_id"]):
        return Display("Largest errors", [Note("The run has no predictions yet.", "warning")])
    names = class_names(columns)
    worst, lines, wrong = _classes(columns, names, rows) if names else _numbers(columns, rows)
    if not wrong:
        return Display(
            "Largest errors", [Note(f"None of the {len(columns['row_id']):,} {split} rows is wrong.", "info")]
        )
    ids = [str(columns["row_id"][i]) for i in worst]
    title = f"{wrong:,} of {plural(len(columns['row_id']), f'{split} row')} predicted wrongly"
    title += f"; the worst {len(ids)}" if len(ids) < wrong else ""
    if not names:
        title = f"The {len(ids)} {split} rows furthest off"
    return Display("Largest errors", [_block(ids, lines, _view(run, view), title)])


def _classes(columns: dict[str, np.ndarray], names: list[str], most: int) -> tuple[np.ndarray, dict[str, Any], int]:
    true, predicted = codes(columns["label"], names), codes(columns["prediction"], names)
    shares = np.stack([np.asarray(columns[f"p_{n}"], dtype=float) for n in names], axis=1)
    wrong = np.flatnonzero((true >= 0) & (true != predicted))
    worst = wrong[np.argsort(shares[wrong, true[wrong]], kind="stable")][:most]
    lines = {
        "true": [names[true[i]] for i in worst],
        "predicted": [names[predicted[i]] for i in worst],
        "sure": [percent(float(shares[i, predicted[i]])) for i in worst],
    }
    return worst, lines, len(wrong)


def _numbers(columns: dict[str, np.ndarray], most: int) -> tuple[np.ndarray, dict[str, Any], int]:
    true, predicted = (np.asarray(columns[k], dtype=float) for k in ("label", "prediction"))
    off = np.nan_to_num(predicted - true)
    worst = np.argsort(-np.abs(off), kind="stable")[:most]
    lines = {"true": true[worst].tolist(), "predicted": predicted[worst].tolist(), "off by": off[worst].tolist()}
    when = {name: columns[name][worst].tolist() for name in ("series", "time") if any(columns.get(name, ()))}
    return worst, when | lines, int((off != 0).sum())


def _view(run: Run, view: DatasetView | None) -> DatasetView | None:
    """The rows; a report must not fail because they have moved."""
    if view is not None or not hasattr(run, "view"):
        return view
    try:
        return run.view()
    except Exception:
        return None


def _block(ids: list[str], lines: dict[str, list[Any]], view: DatasetView | None, title: str) -> Block:
    places = {str(row): i for i, row in enumerate(np.asarray(view.ids))} if view is not None else {}
    if view is not None and has_images(view):
        pictures = [thumbnail(view, places[row], side=96) if row in places else None for row in ids]
        if all(pictures):
            return Gallery(pictures, [_caption(row, lines, i) for i, row in enumerate(ids)], title)
    return Table({"row": ids, **lines, **_features(view, [places.get(row) for row in ids])}, caption=title)


def _caption(row: str, lines: dict[str, list[Any]], i: int) -> str:
    if "sure" in lines:
        return f"true {lines['true'][i]}\npredicted {lines['predicted'][i]}, {lines['sure'][i]} sure\n{row}"
    return f"true {number(lines['true'][i])}\npredicted {number(lines['predicted'][i])}\n{row}"


def _features(view: DatasetView | None, places: list[int | None], most: int = 4) -> dict[str, list[Any]]:
    """The values of the first features of those rows."""
    if view is None or None in places:
        return {}
    names = [n for n in view.features if view.columns[n].kind != "image"][:most]
    cells = [view[place] for place in places]
    return {f"{elide(name, 40)} ": [_cell(row.get(name)) for row in cells] for name in names}


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float) or value is None else elide(value, 60)
