"""What a model answers for rows, without chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from ftkit.training.device import Place

BATCH = 512


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
    for start in range(0, len(rows), BATCH):
        positions = np.arange(start, min(start + BATCH, len(rows)))
        inputs, _ = rows.batch(positions, None)
        with place.autocast():
            logits = model(inputs).logits
        # float64, so that the probabilities of a row sum to 1 within 1e-15.
        answers.append(logits.double().cpu())
    if not answers:
        return np.zeros((0, model.config.num_labels) if predicts == "class" else 0)
    joined = torch.cat(answers)
    return (joined.softmax(1) if predicts == "class" else joined.squeeze(1)).numpy()
