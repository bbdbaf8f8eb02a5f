"""What a model answers for rows, without chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from ftkit.training.device import Place

# Rows go through in batches of at most so many, and of at most so many numbers: ResNet-50 keeps about 80 times as much.
BATCH, NUMBERS = 512, 8_000_000


def rows_a_batch(numbers: int) -> int:
    """How many rows of so many numbers go through together."""
    return max(1, min(BATCH, NUMBERS // max(1, numbers)))


@torch.no_grad()
def predict(model: nn.Module, rows: Any, place: Place, predicts: str) -> np.ndarray:
    """Probabilities of the classes, or predicted numbers.

    Parameters
    ----------
    model : torch.nn.Module
    rows : ImageRows or TableRows
    place : Place
        Device and precision.
    predicts : {"class", "number"}

    Returns
    -------
    float64 array, (N, K) or (N,)
        Probabilities that sum to 1, or numbers in the unit of ``rows.labels``.
    """
    model.eval()
    answers = []
    size = rows_a_batch(rows.numbers_a_row)
    for start in range(0, len(rows), size):
        positions = np.arange(start, min(start + size, len(rows)))
        inputs, _ = rows.batch(positions, None)
        with place.autocast():
            logits = model(inputs).logits
        # float64, so that the probabilities of a row sum to 1 within 1e-15.
        answers.append(logits.cpu().double())
    if not answers:
        return np.zeros((0, model.config.num_labels) if predicts == "class" else 0)
    joined = torch.cat(answers)
    return (joined.softmax(1) if predicts == "class" else joined.squeeze(1)).numpy()
