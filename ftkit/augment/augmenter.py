"""All steps of a batch: one resampling, one colour matrix, and then only what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ftkit.augment.counter import STREAMS, state, uniform
from ftkit.augment.draft import Draft, Hit
from ftkit.augment.fields import Step
from ftkit.augment.form import parse
from ftkit.augment.stages import Stages, Vector, chunks
from ftkit.errors import DataError, RecipeError


@dataclass(frozen=True)
class Augmenter:
    """Random steps, the resize to the model's input and its normalisation, for whole batches on their device.

    The picture is brought to ``size``, and the steps act on it there. They are done in the order in which a picture
    comes to be, whatever the order they are listed in: tone curves; places, as one resampling; colours, as one matrix;
    sharpness and blur; noise; JPEG; boxes that cover. Within one of these the order listed counts. Values are held
    within 0..1 and normalised. Without steps it only resizes and normalises. When the picture shrinks, it is averaged
    first, so that fine texture does not turn into moiré.

    Parameters
    ----------
    steps : tuple of steps
        Steps that mix rows are not done here, see :class:`Mixer`.
    size : (H, W)
        The model's input.
    seed : int, default 0

    Raises
    ------
    RecipeError
        ``size`` is not two positive integers.

    Examples
    --------
    >>> import torch
    >>> from ftkit.augment import Rotate, row_keys
    >>> pixels = torch.randint(0, 256, (2, 8, 8, 1), dtype=torch.uint8)
    >>> Augmenter((Rotate(15),), size=(8, 8))(pixels, row_keys(["a", "b"]), epoch=0).shape
    torch.Size([2, 1, 8, 8])
    """

    steps: tuple[Step, ...]
    size: tuple[int, int]
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.size) != 2 or not all(isinstance(s, (int, np.integer)) and s > 0 for s in self.size):
            raise RecipeError([f"size: {self.size!r} is not (height, width) in pixels."], where="augmentation")

    def __call__(
        self, pixels: torch.Tensor, row_keys: Any = None, epoch: int = 0, mean: Vector = 0.0, std: Vector = 1.0
    ) -> torch.Tensor:
        """The batch, augmented, resized and normalised.

        Parameters
        ----------
        pixels : tensor (N, H0, W0, C)
            uint8 in 0..255, or floating point in 0..1; C is 1 or 3.
        row_keys : int64 array or tensor (N,), optional
            See :func:`ftkit.augment.row_keys`; best kept on the host. Not needed without steps.
        epoch : int, default 0
            With the seed and the row's key it decides what is drawn.
        mean, std : float or C floats, default 0 and 1
            The model's normalisation, of values in 0..1.

        Returns
        -------
        float32 tensor (N, C, H, W)
            On the device of ``pixels``; every row is bitwise the same whatever rows are beside it.

        Raises
        ------
        DataError
            ``pixels`` has another shape or type, there is not one key a row, or ``mean`` or ``std`` does not fit.
        """
        _check(pixels, mean, std)
        keys = _keys(row_keys, len(pixels)) if self.steps else None
        draft = self.draft(keys, epoch) if self.steps else Draft(len(pixels), self.size)
        states = state(self.seed, epoch, keys) if draft.noises else None
        stages = Stages(draft, states, pixels, mean, std)
        shape = (len(pixels), pixels.shape[3], *self.size)
        out = torch.empty(shape, dtype=torch.float32, device=pixels.device, memory_format=stages.layout)
        for at in chunks(pixels, out):
            stages.write(at, pixels[at], out[at])
        return out

    def draft(self, keys: np.ndarray, epoch: int) -> Draft:
        """What is drawn for these rows in this epoch, before any picture is touched.

        Parameters
        ----------
        keys : int64 array (N,)
        epoch : int

        Returns
        -------
        Draft
        """
        draft = Draft(len(keys), tuple(self.size))
        for i, step in enumerate(self.steps):
            if hasattr(step, "draw"):
                u = uniform(self.seed, epoch, keys, [i * STREAMS + j for j in range(step.draws)])
                step.draw(u, draft, self._hit(step, i, keys, epoch))
        return draft

    def _hit(self, step: Step, number: int, keys: np.ndarray, epoch: int) -> Hit:
        """The rows a step comes up for; None is all."""
        if getattr(step, "p", 1.0) >= 1.0:
            return None
        return uniform(self.seed, epoch, keys, (number + 1) * STREAMS - 1) < step.p


def compose(steps: Iterable[Any], *, size: tuple[int, int], seed: int = 0) -> Augmenter:
    """One function of a batch out of a list of steps.

    Parameters
    ----------
    steps : iterable
        Steps, or their form in a recipe; see :func:`ftkit.augment.parse`.
    size : (H, W)
        The model's input in pixels.
    seed : int, default 0

    Returns
    -------
    Augmenter

    Raises
    ------
    RecipeError
        A step, a parameter or ``size`` has a fault, or a step is not for images; all faults of the steps are listed.

    Examples
    --------
    >>> compose([{"rotate": {"degrees": 15}}], size=(8, 8)).steps
    (Rotate(degrees=15.0, p=1.0),)
    """
    return Augmenter(parse(steps, kind="image"), tuple(size), seed)


def _keys(row_keys: Any, rows: int) -> np.ndarray:
    keys = row_keys.detach().cpu().numpy() if isinstance(row_keys, torch.Tensor) else np.asarray(row_keys)
    if keys.shape != (rows,) or keys.dtype.kind not in "iu":
        found = "none" if row_keys is None else f"{keys.dtype} of shape {keys.shape}"
        raise DataError(
            f"augmentation: one int64 key a row is needed for {rows} rows, found {found}; make them with row_keys(ids)."
        )
    return keys.astype(np.int64, copy=False)


def _check(pixels: torch.Tensor, mean: Vector, std: Vector) -> None:
    """Shapes and types the work relies on."""
    if pixels.ndim != 4 or pixels.shape[3] not in (1, 3) or 0 in pixels.shape[1:]:
        raise DataError(
            f"augmentation: pixels have shape {tuple(pixels.shape)}; expected rows × height × width × 1 or 3 channels."
        )
    if pixels.dtype != torch.uint8 and not pixels.dtype.is_floating_point:
        raise DataError(f"augmentation: pixels are {pixels.dtype}; expected uint8 in 0..255 or floating point in 0..1.")
    for name, value in (("mean", mean), ("std", std)):
        if np.size(value) not in (1, pixels.shape[3]) or not np.isfinite(value).all():
            raise DataError(
                f"augmentation: {name} is {value}; expected one number, or one for each of {pixels.shape[3]} channels."
            )
    if not (np.asarray(std) > 0).all():
        raise DataError(f"augmentation: std is {std}; expected numbers above 0.")
