"""Texts through a sequence-to-sequence model: the only place that translates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from ftkit.errors import DataError

TOKENS = 4_096  # of one batch
LONGEST = 512


def translate_texts(texts: Sequence[str], model: str, *, device: str | None = None) -> list[str]:
    """Each text as the model says it, without chance: the most probable token each time.

    Parameters
    ----------
    texts : sequence of str, length N
        Cut at the model's window, at 512 tokens at most.
    model : str
        A local folder in ``save_pretrained`` form, or a hub id, of a sequence-to-sequence model.
    device : str, optional
        Such as ``cuda``; the GPU where there is one.

    Returns
    -------
    list of N str
        A text's translation does not depend on the texts beside it: only texts of one length share a batch, so nothing
        is padded.

    Raises
    ------
    DataError
        The model or its tokenizer cannot be loaded.

    Examples
    --------
    >>> translate_texts(["a cat"], "/no/such/folder")
    Traceback (most recent call last):
    ftkit.errors.DataError: model '/no/such/folder' cannot be loaded: ...
    """
    if not len(texts):
        return []
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer, network = _loaded(model, device)
    coded = tokenizer(list(texts), truncation=True, max_length=_window(tokenizer, network))["input_ids"]
    out = [""] * len(coded)
    for rows in _alike(coded):
        ids = torch.tensor([coded[i] for i in rows], device=device)
        with torch.inference_mode():
            said = network.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=1,
                max_new_tokens=min(LONGEST, 2 * ids.shape[1] + 16),
            )  # fmt: skip
        for i, text in zip(rows, tokenizer.batch_decode(said, skip_special_tokens=True), strict=True):
            out[i] = text.strip()
    return out


@lru_cache(maxsize=2)
def _loaded(model: str, device: str) -> tuple[Any, Any]:
    try:
        tokenizer = AutoTokenizer.from_pretrained(model)
        network = AutoModelForSeq2SeqLM.from_pretrained(model)
    except (OSError, ValueError, KeyError, ImportError) as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"model '{model}' cannot be loaded: {why} Give the folder or hub id of a sequence-to-sequence model."
        ) from error
    return tokenizer, network.to(device).eval()


def _window(tokenizer: Any, network: Any) -> int:
    return min(tokenizer.model_max_length, getattr(network.config, "max_position_embeddings", LONGEST), LONGEST)


def _alike(coded: list[list[int]]) -> list[list[int]]:
    """Rows of one length in batches; those of no token are left out."""
    by_length: dict[int, list[int]] = {}
    for i, ids in enumerate(coded):
        if ids:
            by_length.setdefault(len(ids), []).append(i)
    return [
        rows[start : start + max(1, TOKENS // length)]
        for length, rows in by_length.items()
        for start in range(0, len(rows), max(1, TOKENS // length))
    ]
