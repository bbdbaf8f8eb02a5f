"""What a model answers for rows: as they are, or augmented several times."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from ftkit.training.data_workers import announce
from ftkit.training.device import Place
from ftkit.training.gradient import forward

# Rows go through in batches of at most so many, and of at most so many numbers: ResNet-50 keeps about 80 times as much.
BATCH, NUMBERS = 512, 8_000_000


def rows_a_batch(numbers: int) -> int:
    """How many rows of so many numbers go through together."""
    return max(1, min(BATCH, NUMBERS // max(1, numbers)))


@torch.no_grad()
def predict(model: nn.Module, rows: Any, place: Place, predicts: str, *, times: int = 0) -> np.ndarray:
    """Probabilities of the classes, or predicted numbers.

    Parameters
    ----------
    model : torch.nn.Module
    rows : ImageRows or TableRows
    place : Place
        Device and precision.
    predicts : {"class", "number"}
    times : int, default 0
        How often each row is augmented, and the answers averaged. What is drawn is a function of (seed, number of the
        time, row id), and never what was drawn in training. 0 asks for the row as it is.

    Returns
    -------
    float64 array, (N, K) or (N,)
        Probabilities that sum to 1, or numbers in the unit of ``rows.labels``.
    """
    model.eval()
    place.processes.same_buffers(model)
    answers = []
    size = rows_a_batch(rows.numbers_a_row)
    # Of several processes each answers for as many rows, the last ones more than once.
    each = -(-len(rows) // place.processes.count)
    first = place.processes.rank * each
    starts = range(first, first + each, size)
    batches = [np.arange(start, min(start + size, first + each)).clip(max=len(rows) - 1) for start in starts]
    announce(rows, batches, -1 if times else None)
    for positions in batches:
        # Epochs count from 0, so that nothing is drawn as in training.
        seen = [_answer(model, rows.batch(positions, -1 - time)[0], place, predicts) for time in range(times)]
        answers.append(sum(seen) / times if times else _answer(model, rows.batch(positions, None)[0], place, predicts))
    if not answers:
        return np.zeros((0, model.config.num_labels) if predicts == "class" else 0)
    return place.processes.gather(torch.cat(answers))[: len(rows)].numpy()


def _answer(model: nn.Module, inputs: Any, place: Place, predicts: str) -> torch.Tensor:
    """Probabilities or numbers of a batch, in float64, so that the probabilities of a row sum to 1 within 1e-15."""
    with place.autocast():
        logits = forward(model, inputs)
    answers = logits.cpu().double()
    return answers.softmax(1) if predicts == "class" else answers.squeeze(1)
