"""Numbers brought to one scale, by what train rows say, in blocks: no second copy of the table is ever made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.errors import DataError, nearest
from ftkit.preprocess.power import best_power, lower_from, raise_to

METHODS = ("zscore", "minmax", "robust", "log", "power", "none")
# Numbers of a block: it and what is made of it stay in the processor's cache.
BLOCK = 1 << 16
BEYOND = 1e150


@dataclass(frozen=True)
class Scaler:
    """Columns of numbers on one scale, and back.

    Attributes
    ----------
    method : {"zscore", "minmax", "robust", "log", "power", "none"}
    center, scale : tuple of float, length F
        A column becomes (x - center) / scale, after its power.
    powers : tuple of (str, float), length F or 0
        Kind and lambda of each column's power; none without.
    low : tuple of float, length F or 0
        The smallest train value; smaller ones have no Box-Cox power, and are taken for it.
    """

    method: str
    center: tuple[float, ...]
    scale: tuple[float, ...]
    powers: tuple[tuple[str, float], ...] = ()
    low: tuple[float, ...] = ()

    @classmethod
    def fit(cls, values: np.ndarray, method: str = "zscore") -> Scaler:
        """The scaler of these rows.

        Parameters
        ----------
        values : float array, (N, F)
            Train rows only. NaN, infinity and what is beyond 1e150, whose square overflows, are missing: left out of
            every statistic.
        method : str, default "zscore"
            ``zscore``: mean 0, deviation 1. ``minmax``: 0 to 1. ``robust``: median 0, middle half 1 wide. ``log``: the
            sign times log(1 + |x|), then zscore. ``power``: Box-Cox where all values are above 0, else Yeo-Johnson,
            then zscore. ``none``: as they are. A column that is the same in all rows becomes 0.

        Returns
        -------
        Scaler

        Raises
        ------
        DataError
            The method is not known, or ``values`` is no matrix.

        Examples
        --------
        >>> table = np.array([[1.0, 10.0], [3.0, 10.0]])
        >>> scaler = Scaler.fit(table, "minmax")
        >>> scaler.transform(table).tolist(), scaler.inverse_transform(scaler.transform(table)).tolist()
        ([[0.0, 0.0], [1.0, 0.0]], [[1.0, 10.0], [3.0, 10.0]])
        """
        if method not in METHODS:
            raise DataError(f"method '{method}' is not known; {nearest(method, METHODS)}.")
        values = _matrix(values)
        if method in ("log", "power"):
            return _fit_power(cls, values, method)
        made = {"zscore": _moments, "minmax": _range, "robust": _middle, "none": _nothing}[method](values)
        return cls(method, *_listed(*made))

    def transform(self, values: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """The scaled values.

        Parameters
        ----------
        values : float array, (N, F)
            NaN stays NaN.
        out : float array, (N, F), optional
            Where to write; ``values`` itself scales in place. A new array of the same type by default.

        Returns
        -------
        float array, (N, F)

        Raises
        ------
        DataError
            There are not as many columns as were fitted.
        """
        values, out = self._places(values, out)
        center, factor = np.array(self.center), 1 / np.array(self.scale)
        moved, stretched = center.any(), (factor != 1).any()
        for rows in _blocks(values):
            block = self._raised(values[rows])
            if moved:
                block = np.subtract(block, center, out=out[rows], casting="same_kind")
            if stretched:
                block = np.multiply(block, factor, out=out[rows], casting="same_kind")
            if block.base is not out and block is not out:
                out[rows] = block
        return out

    def inverse_transform(self, values: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """The values before scaling: within 1e-9 of a column's spread for float64, 1e-5 for float32 (powers 1e-3).

        Parameters
        ----------
        values : float array, (N, F)
        out : float array, (N, F), optional
            Where to write; ``values`` itself works in place.

        Returns
        -------
        float array, (N, F)

        Raises
        ------
        DataError
            There are not as many columns as were fitted.
        """
        values, out = self._places(values, out)
        center, scale = np.array(self.center), np.array(self.scale)
        for rows in _blocks(values):
            block = values[rows] * scale + center
            for j, (kind, power) in enumerate(self.powers):
                block[:, j] = lower_from(block[:, j], kind, power)
            out[rows] = block
        return out

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Scaler.from_state(state)`` gives it back."""
        told = {"method": self.method, "center": list(self.center), "scale": list(self.scale)}
        return told | ({"powers": [list(p) for p in self.powers], "low": list(self.low)} if self.powers else {})

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Scaler:
        """The scaler whose ``state()`` this is."""
        powers = tuple((kind, power) for kind, power in state.get("powers", ()))
        return cls(state["method"], tuple(state["center"]), tuple(state["scale"]), powers, tuple(state.get("low", ())))

    def _raised(self, block: np.ndarray) -> np.ndarray:
        """A block after its powers; the block itself where there are none."""
        if not self.powers:
            return block
        block = block.astype(np.float64)
        for j, (kind, power) in enumerate(self.powers):
            cells = np.maximum(block[:, j], self.low[j]) if kind == "box-cox" else block[:, j]
            block[:, j] = raise_to(cells, kind, power)
        return block

    def _places(self, values: np.ndarray, out: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        values = _matrix(values)
        if values.shape[1] != len(self.center):
            raise DataError(f"the scaler was fitted on {len(self.center)} columns; here are {values.shape[1]}.")
        return values, np.empty(values.shape, values.dtype) if out is None else out


def is_known(values: np.ndarray) -> np.ndarray:
    """Which numbers count: not NaN, not infinite, not so large that their squares are."""
    return np.isfinite(values) if values.dtype == np.float32 else np.abs(values) < BEYOND


def all_known(values: np.ndarray) -> bool:
    """Whether every number counts: the two outermost tell, without a look at each."""
    return bool(is_known(np.array([values.min(initial=0), values.max(initial=0)])).all())


def _matrix(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 2:
        raise DataError(f"a matrix of rows and columns is scaled; here is an array of shape {values.shape}.")
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _blocks(values: np.ndarray) -> Iterator[slice]:
    step = max(1, BLOCK // max(1, values.shape[1]))
    return (slice(start, start + step) for start in range(0, len(values), step))


def _known(values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Blocks of float64, with which cells are known where some are not."""
    for rows in _blocks(values):
        block = values[rows].astype(np.float64, copy=False)
        yield block, None if all_known(block) else is_known(block)


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation; of numbers that differ by no more than the rounding of a sum, the deviation is 1."""
    width = values.shape[1]
    total, count, squares, rest = (np.zeros(width) for _ in range(4))
    for block, known in _known(values):
        total += (block if known is None else np.where(known, block, 0.0)).sum(axis=0)
        count += len(block) if known is None else known.sum(axis=0)
    count = np.maximum(count, 1)
    mean = total / count
    for block, known in _known(values):
        apart = block - mean if known is None else np.where(known, block - mean, 0.0)
        squares += np.einsum("ij,ij->j", apart, apart)
        rest += apart.sum(axis=0)
    # What rounding cost the mean is the mean of what is left (Chan, Golub & LeVeque, "Algorithms for computing the
    # sample variance", 1983).
    std = np.sqrt(np.maximum(squares - rest**2 / count, 0) / count)
    return mean + rest / count, np.where(std > count * np.finfo(np.float64).eps * np.abs(mean), std, 1.0)


def _range(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.full(values.shape[1], np.inf), np.full(values.shape[1], -np.inf)
    for rows in _blocks(values):
        block = values[rows]
        # These two pass NaN over; they give it for a column that has nothing else in this block.
        least, most = np.fmin.reduce(block, axis=0), np.fmax.reduce(block, axis=0)
        if not (is_known(least).all() and is_known(most).all()):
            known = is_known(block)
            least = np.where(known, block, np.inf).min(axis=0)
            most = np.where(known, block, -np.inf).max(axis=0)
        low, high = np.minimum(low, least), np.maximum(high, most)
    low = np.where(np.isfinite(low), low, 0.0)
    width = np.where(np.isfinite(high), high - low, 0.0)
    return low, np.where(width > 0, width, 1.0)


def _middle(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median and the width of the middle half, column by column."""
    made = np.zeros((3, values.shape[1]))
    for j in range(values.shape[1]):
        cells = values[:, j].astype(np.float64)
        cells = cells[is_known(cells)]
        if len(cells):
            made[:, j] = np.percentile(cells, [25, 50, 75], overwrite_input=True)
    width = made[2] - made[0]
    return made[1], np.where(width > 0, width, 1.0)


def _nothing(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(values.shape[1]), np.ones(values.shape[1])


def _fit_power(cls: type[Scaler], values: np.ndarray, method: str) -> Scaler:
    """Power by power, one column at a time."""
    powers, low, centers, scales = [], [], [], []
    for j in range(values.shape[1]):
        cells = values[:, j].astype(np.float64)
        cells = cells[is_known(cells)]
        kind, power = ("log", 0.0) if method == "log" else best_power(cells)
        mean, std = _moments(raise_to(cells, kind, power)[:, None])
        powers.append((kind, power))
        low.append(float(cells.min()) if len(cells) else 0.0)
        centers.append(mean[0])
        scales.append(std[0])
    return cls(method, *_listed(np.array(centers), np.array(scales)), tuple(powers), tuple(low))


def _listed(*arrays: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(array.tolist()) for array in arrays)
