"""All steps of a batch in one resampling, one colour matrix and one addition of noise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ftkit.augment import matrices
from ftkit.augment.counter import GAMMA, mix, state, uniform
from ftkit.augment.fields import Step
from ftkit.augment.form import parse
from ftkit.augment.image import Noise
from ftkit.augment.stages import Drawn, Stages, Vector, chunks
from ftkit.errors import DataError, RecipeError, nearest

_PADDINGS = ("border", "reflection", "zeros")
# Streams kept for each step, so that a step's numbers do not move when another learns to draw one more.
_STREAMS = 64


@dataclass(frozen=True)
class Augmenter:
    """Random steps, the resize to the model's input and its normalisation, for whole batches on their device.

    The picture is brought to ``size``; the geometric steps act on it there, in the order given, as one bilinear
    resampling; then the colour steps, in their order, as one matrix; then noise; then values are held within 0..1 and
    normalised. Without steps it only resizes and normalises. When the picture shrinks, it is averaged first, so that
    fine texture does not turn into moiré.

    Parameters
    ----------
    steps : tuple of steps
    size : (H, W)
        The model's input.
    seed : int, default 0
    padding : {"border", "reflection", "zeros"}, default "border"
        What lies outside the picture. "border" repeats the last pixel: it draws no edge and no colour that the picture
        does not have. "reflection" suits textures and photographs, "zeros" is black and leaves wedges that only
        training rows have.

    Raises
    ------
    RecipeError
        ``size`` is not two positive integers, or ``padding`` is none of these.

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
    padding: str = "border"

    def __post_init__(self) -> None:
        faults = []
        if len(self.size) != 2 or not all(isinstance(s, (int, np.integer)) and s > 0 for s in self.size):
            faults.append(f"size: {self.size!r} is not (height, width) in pixels.")
        if self.padding not in _PADDINGS:
            faults.append(f"padding: {self.padding!r} is not known; {nearest(self.padding, _PADDINGS)}.")
        if faults:
            raise RecipeError(faults, where="augmentation")

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
        drawn = self.parameters(row_keys, epoch, len(pixels))
        out = pixels.new_empty((len(pixels), pixels.shape[3], *self.size), dtype=torch.float32)
        stages = Stages(drawn, self, pixels, mean, std)
        for at in chunks(pixels, out):
            stages.write(at, pixels[at], out[at])
        return out

    def parameters(self, row_keys: Any, epoch: int, rows: int) -> Drawn:
        """What is drawn for these rows in this epoch.

        Parameters
        ----------
        row_keys : int64 array or tensor (N,)
        epoch : int
        rows : int
            N, for the message when they differ.

        Returns
        -------
        Drawn
            The matrices and states, before any picture is touched.

        Raises
        ------
        DataError
            There is not one integer key a row.
        """
        if not self.steps:
            return Drawn(None, None, None, 0.0)
        keys = _keys(row_keys, rows)
        backward = colour = None
        streams = [i * _STREAMS + j for i, step in enumerate(self.steps) for j in range(step.draws)]
        drawn, start = uniform(self.seed, epoch, keys, streams), 0
        for step in self.steps:
            u, start = drawn[:, start : start + step.draws], start + step.draws
            if hasattr(step, "warp"):
                matrix = step.warp(u, self.size)
                backward = matrix if backward is None else matrices.multiply(backward, matrix)
            elif hasattr(step, "colour"):
                colour = step.colour(u, matrices.same_colours(rows) if colour is None else colour)
        noise = sum(step.std**2 for step in self.steps if isinstance(step, Noise)) ** 0.5
        # A stream of its own, far from those of the steps.
        states = mix(state(self.seed, epoch, keys) ^ GAMMA) if noise else None
        return Drawn(backward, colour, states, noise)


def compose(steps: Iterable[Any], *, size: tuple[int, int], seed: int = 0, padding: str = "border") -> Augmenter:
    """One function of a batch out of a list of steps.

    Parameters
    ----------
    steps : iterable
        Steps, or their form in a recipe; see :func:`ftkit.augment.parse`.
    size : (H, W)
        The model's input in pixels.
    seed : int, default 0
    padding : {"border", "reflection", "zeros"}, default "border"
        What lies outside the picture; see :class:`Augmenter`.

    Returns
    -------
    Augmenter

    Raises
    ------
    RecipeError
        A step, a parameter, ``size`` or ``padding`` has a fault; all faults of the steps are listed.

    Examples
    --------
    >>> compose([{"rotate": {"degrees": 15}}], size=(8, 8)).steps
    (Rotate(degrees=15.0),)
    """
    return Augmenter(parse(steps), tuple(size), seed, padding)


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
