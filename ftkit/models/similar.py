"""The most similar vectors of every vector, on a GPU: every pair is compared."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

GROUP = 64
WIDTH = 1 << 17  # vectors that are compared with at once


def similar_on_gpu(
    vectors: np.ndarray, k: int, signs: np.ndarray | None = None, *, device: str = "cuda"
) -> tuple[np.ndarray, np.ndarray] | None:
    """The ``k`` most similar other rows of every row, exactly; None where there is no GPU with room for them.

    Similarities are float32 products. Of each block the largest of every 64 neighbouring ones are looked at first: the
    k best lie in the k groups with the largest of these, so that few are ever sorted.

    Parameters
    ----------
    vectors : ndarray of float32, shape (N, d)
        Rows of unit length.
    k : int
        At most N - 1.
    signs : ndarray of 1 and -1, shape (d,), optional
        Compare each row with the other rows times these.
    device : str, default "cuda"

    Returns
    -------
    (ndarray of int64 (N, k), ndarray of float32 (N, k)) or None
        Positions, the most similar first, and similarities.

    Examples
    --------
    >>> turn = np.deg2rad([0, 10, 90, 100])
    >>> vectors = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)
    >>> similar_on_gpu(vectors, 1, device="cpu")[0].ravel()
    array([1, 0, 3, 2])
    """
    n, place = len(vectors), torch.device(device)
    lines = 1 << 13
    if place.type == "cuda":
        if not torch.cuda.is_available():
            return None
        free = torch.cuda.mem_get_info()[0] - 2 * vectors.nbytes
        lines = min(lines, free // (3 * 4 * min(n, WIDTH)))
        if lines < GROUP:
            return None
    own = torch.from_numpy(np.ascontiguousarray(vectors, dtype=np.float32)).to(place)
    others = own if signs is None else own * torch.from_numpy(np.asarray(signs, dtype=np.float32)).to(place)
    rows, values = np.zeros((n, k), np.int64), np.zeros((n, k), np.float32)
    exactly = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        for start in range(0, n, lines):
            found, at = _most_similar(own[start : start + lines], others, start, k)
            rows[start : start + lines], values[start : start + lines] = at.cpu().numpy(), found.cpu().numpy()
    finally:
        torch.backends.cuda.matmul.allow_tf32 = exactly
    return rows, values


def _most_similar(queries: Tensor, others: Tensor, first: int, k: int) -> tuple[Tensor, Tensor]:
    """The k largest similarities of each query and where they are; query i is row ``first + i`` itself."""
    best = queries.new_full((len(queries), k), -3)
    at = torch.zeros((len(queries), k), dtype=torch.int64, device=queries.device)
    mine = torch.arange(first, first + len(queries), device=queries.device)
    for start in range(0, len(others), WIDTH):
        found = queries @ others[start : start + WIDTH].T
        here = (mine >= start) & (mine < start + found.shape[1])
        # The row itself is not its neighbour; written where it is no column of this block, it changes nothing.
        place = (mine - start).clamp(0, found.shape[1] - 1)[:, None]
        found.scatter_(1, place, torch.where(here[:, None], -2.0, found.gather(1, place)))
        values, columns = _largest(found, k)
        best, order = torch.cat([best, values], dim=1).topk(k, dim=1)
        at = torch.cat([at, columns + start], dim=1).gather(1, order)
    return best, at


def _largest(found: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest values of each line and their columns; all of them, where there are fewer."""
    lines, width = found.shape
    whole = width - width % GROUP
    groups = whole // GROUP
    if groups <= 2 * k:
        return found.topk(min(k, width), dim=1)
    chosen = found[:, :whole].view(lines, groups, GROUP).amax(dim=2).topk(k, dim=1).indices
    columns = (chosen[:, :, None] * GROUP + torch.arange(GROUP, device=found.device)).flatten(1)
    rest = torch.arange(whole, width, device=found.device).expand(lines, -1)
    columns = torch.cat([columns, rest], dim=1)
    values, order = found.gather(1, columns).topk(k, dim=1)
    return values, columns.gather(1, order)
