"""The train rows of a table under the recipe's augmentations."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ftkit.augment import Layout, Smote, change_table, make_mixer, parse, row_keys
from ftkit.training import TableRows
from ftkit.training.mixed import MixedRows


def augmented_rows(rows: TableRows, steps: list[Any], features: list[int], seed: int, classes: int) -> Any:
    """Train rows with new rows of rare classes, changed anew each epoch, and mixed.

    Parameters
    ----------
    rows : TableRows
        Encoded train rows.
    steps : list
        The recipe's ``augment``.
    features : list of F int
        The feature each column of the matrix is from.
    seed : int
    classes : int
        0 where labels are numbers.

    Returns
    -------
    TableRows or MixedRows
    """
    parsed = parse(steps, kind="tabular")
    layout = Layout.of(features, rows.features)
    for step in parsed:
        if isinstance(step, Smote):
            rows = _with_new(rows, step, layout, seed)
    if any(hasattr(step, "change") for step in parsed):
        rows = replace(rows, augment=partial(change_table, steps=parsed, layout=layout, seed=seed))
    mixer = make_mixer(parsed, seed=seed, classes=classes or None)
    return MixedRows(rows, mixer) if mixer else rows


def _with_new(rows: TableRows, step: Smote, layout: Layout, seed: int) -> TableRows:
    new, labels = step.new_rows(rows.features, rows.labels, layout, seed)
    return replace(
        rows,
        features=np.concatenate([rows.features, new]),
        labels=np.concatenate([rows.labels, labels]),
        keys=np.concatenate([rows.keys, row_keys(f"smote {i}" for i in range(len(new)))]),
    )
