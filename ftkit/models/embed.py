"""Texts and images as the vectors of a pre-trained model: the only place that embeds."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer

from ftkit.errors import DataError

TOKENS = 16_384  # of one batch, padding included
LONGEST = 512
IMAGES = 64
USUAL_SIZE = 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
Pixels = Callable[[tuple[int, int], int, np.ndarray], np.ndarray]


def embed_texts(texts: Sequence[str], model: str, *, device: str | None = None, tokens: int = TOKENS) -> np.ndarray:
    """A vector of each text: the mean of its tokens' last states, or its first token's where the model says so.

    Parameters
    ----------
    texts : sequence of str, length N
    model : str
        A local folder in ``save_pretrained`` or sentence-transformers form, or a hub id.
    device : str, optional
        Such as ``cuda``; the GPU where there is one.
    tokens : int, default 16,384
        In one batch at most, padding included. Texts are sorted by length, so that little is padding.

    Returns
    -------
    ndarray of float32, shape (N, d)
        Texts are cut at the model's window, at 512 tokens at most.

    Raises
    ------
    DataError
        The model or its tokenizer cannot be loaded.

    Examples
    --------
    >>> embed_texts(["a cat"], "/no/such/folder")
    Traceback (most recent call last):
    ftkit.errors.DataError: model '/no/such/folder' cannot be loaded: ...
    """
    with _loading(model):
        tokenizer = AutoTokenizer.from_pretrained(model)
        network = AutoModel.from_pretrained(model)
    device = _placed(network, device)
    window = min(tokenizer.model_max_length, getattr(network.config, "max_position_embeddings", LONGEST), LONGEST)
    coded = tokenizer(list(texts), truncation=True, max_length=window, add_special_tokens=True)["input_ids"]
    first = _takes_first_token(model)
    out = np.zeros((len(texts), network.config.hidden_size), dtype=np.float32)
    for rows in _batches([len(codes) for codes in coded], tokens):
        ids, mask = _padded([coded[row] for row in rows], tokenizer.pad_token_id or 0)
        with torch.inference_mode():
            states = network(input_ids=ids.to(device), attention_mask=mask.to(device)).last_hidden_state.float()
        weights = mask.to(device)[:, :, None].float()
        mean = (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
        out[rows] = (states[:, 0] if first else mean).cpu().numpy()
    return out


def embed_images(pixels: Pixels, rows: int, model: str, *, device: str | None = None) -> np.ndarray:
    """A vector of each image: the model's pooled features.

    Parameters
    ----------
    pixels : callable
        Size (height, width), channels and row positions to uint8 (n, H, W, C): such as ``DatasetView.pixels``.
    rows : int
        How many images there are.
    model : str
        A local folder in ``save_pretrained`` form, or a hub id.
    device : str, optional
        Such as ``cuda``; the GPU where there is one.

    Returns
    -------
    ndarray of float32, shape (N, d)
        Images are resized to the size the model was trained with, without cropping.

    Raises
    ------
    DataError
        The model cannot be loaded.

    Examples
    --------
    >>> embed_images(lambda size, channels, rows: np.zeros((len(rows), *size, channels), np.uint8), 1, "/no/folder")
    Traceback (most recent call last):
    ftkit.errors.DataError: model '/no/folder' cannot be loaded: ...
    """
    with _loading(model):
        config = AutoConfig.from_pretrained(model)
        network = AutoModel.from_pretrained(model, config=config)
    device = _placed(network, device)
    size, mean, std = _expected(model, config)
    channels = getattr(config, "num_channels", 3)
    shift, scale = (torch.tensor(values[:channels])[:, None, None] for values in (mean, std))
    out = []
    for start in range(0, rows, IMAGES):
        there = np.arange(start, min(start + IMAGES, rows))
        batch = torch.from_numpy(pixels(size, channels, there)).permute(0, 3, 1, 2).float() / 255
        with torch.inference_mode():
            answer = network(pixel_values=((batch - shift) / scale).to(device))
        out.append(_pooled(answer).float().cpu().numpy())
    return np.concatenate(out) if out else np.zeros((0, 1), dtype=np.float32)


@contextmanager
def _loading(model: str) -> Iterator[None]:
    """What goes wrong while loading, in one sentence; transformers' tables stay unsaid."""
    logger = logging.getLogger("transformers")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise DataError(
            f"model '{model}' cannot be loaded: {str(error).splitlines()[0] if str(error) else type(error).__name__} "
            "Give a folder that holds config.json, model.safetensors and, for texts, a tokenizer, or a hub id that can "
            "be reached."
        ) from error
    finally:
        logger.setLevel(level)


def _placed(network: torch.nn.Module, device: str | None) -> str:
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    network.to(device).eval()
    return device


def _takes_first_token(model: str) -> bool:
    """Whether a sentence-transformers folder says that the first token stands for the text."""
    pooling = _json(model, "1_Pooling/config.json")
    return bool(pooling.get("pooling_mode_cls_token"))


def _expected(model: str, config: Any) -> tuple[tuple[int, int], tuple[float, ...], tuple[float, ...]]:
    """The size, mean and deviation the model was trained with."""
    said = _json(model, "preprocessor_config.json")
    size = said.get("size") or getattr(config, "image_size", None) or USUAL_SIZE
    if isinstance(size, dict):
        side = size.get("shortest_edge", USUAL_SIZE)
        size = (size.get("height", side), size.get("width", side))
    size = (size, size) if isinstance(size, int) else tuple(size)
    mean, std = said.get("image_mean") or MEAN, said.get("image_std") or STD
    return size, tuple(mean), tuple(std)


def _json(model: str, name: str) -> dict[str, Any]:
    """A JSON file beside the weights; empty where there is none."""
    from transformers.utils import cached_file

    try:
        path = Path(model, name) if Path(model).is_dir() else Path(cached_file(model, name) or "")
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Rows of about the same length, so many that padded they have at most so many tokens."""
    order = np.argsort(lengths, kind="stable").tolist()
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and lengths[order[end]] * (end + 1 - start) <= tokens:
            end += 1
        yield order[start:end]
        start = end


def _padded(coded: Sequence[Sequence[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask of one batch."""
    longest = max(1, *(len(codes) for codes in coded)) if len(coded) > 1 else max(1, len(coded[0]))
    ids = torch.full((len(coded), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(coded), longest), dtype=torch.long)
    for i, codes in enumerate(coded):
        ids[i, : len(codes)] = torch.tensor(codes, dtype=torch.long)
        mask[i, : len(codes)] = 1
    return ids, mask


def _pooled(answer: Any) -> torch.Tensor:
    """The pooled features: the model's own, else the mean over places."""
    pooled = getattr(answer, "pooler_output", None)
    if pooled is None:
        states = answer.last_hidden_state
        pooled = states.mean(dim=1) if states.dim() == 3 else states.mean(dim=(2, 3))
    return pooled.flatten(start_dim=1)
