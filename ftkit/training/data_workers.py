"""Processes that read rows ahead of the loop; one that dies is noticed, said, and replaced."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from ftkit.errors import FtkitError

MOST_DEATHS = 3  # over the same rows
NAMED = 8

Read = Callable[[np.ndarray], Sequence[np.ndarray | str]]


class DataWorkers:
    """Some processes that all read the same rows, each a few at a time.

    They are started when rows are first asked for, and end with ``close``, or with the process that started them,
    however it ends. What they read is a function of the positions, so which of them reads what makes no difference.

    Parameters
    ----------
    read : callable
        ``read(positions)`` gives one array a row, or the reason why it cannot be read; can be pickled, and needs no
        torch.
    count : int from 1 on
        How many.
    tell : callable
        ``tell("note", message=…, …)`` says that one has died.
    names : sequence of str
        What the row at each position is called.
    """

    def __init__(self, read: Read, count: int, tell: Callable[..., None], names: Sequence[str]) -> None:
        self.count = count
        self._read, self._tell, self.names = pickle.dumps(read, pickle.HIGHEST_PROTOCOL), tell, names
        # A thread for each process: it waits for what the process reads.
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="data-worker")
        self._own = threading.local()
        self._started: list[subprocess.Popen[bytes]] = []
        self._closed = False

    def ask(self, positions: np.ndarray) -> Future[list[np.ndarray | str]]:
        """What a worker will have read.

        Its ``result`` raises FtkitError where a row cannot be read, or where three workers died over these rows.
        """
        return self._threads.submit(self._answer, positions)

    def close(self) -> None:
        """End them; nothing can be asked any more."""
        self._closed = True
        for process in list(self._started):  # a thread may be replacing one
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._started:
            process.communicate()
        self._started.clear()

    @property
    def pids(self) -> list[int]:
        """Those that live."""
        return [process.pid for process in self._started if process.poll() is None]

    def _answer(self, positions: np.ndarray) -> list[np.ndarray | str]:
        for _ in range(MOST_DEATHS):
            process, first = self._process()
            try:
                process.stdin.write(first)
                pickle.dump(positions, process.stdin)
                process.stdin.flush()
                done, answer = pickle.load(process.stdout)  # noqa: S301 - from our own process
            except (EOFError, OSError, ValueError, pickle.UnpicklingError):
                if self._closed:
                    raise FtkitError("the data workers were closed while rows were asked for.") from None
                self._note_death(process, positions)
            else:
                if not done:
                    raise FtkitError(answer)
                return answer
        raise FtkitError(
            f"{MOST_DEATHS} data workers died, one after the other, while they read {self._named(positions)}. If the "
            "machine ran out of memory, take a smaller training.data_workers or training.batch_size; if not, one of "
            "these files may crash what decodes it: take them out, or see worker.log."
        )

    def _process(self) -> tuple[subprocess.Popen[bytes], bytes]:
        """The process of this thread, and what it is to be told before positions; started where there is none."""
        process = getattr(self._own, "process", None)
        if process is not None:
            return process, b""
        # No fork: this process has threads, and may hold a GPU. No multiprocessing: that would run a script anew.
        process = self._own.process = subprocess.Popen(
            # -P: a file of the user's that is called like a module must not be imported for it.
            [sys.executable, "-P", "-m", "ftkit.training.data_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self._started.append(process)
        return process, self._read

    def _note_death(self, process: subprocess.Popen[bytes], positions: np.ndarray) -> None:
        self._own.process = None
        self._started.remove(process)
        process.kill()  # one that answers what cannot be read is of no more use
        process.communicate()
        code = process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        self._tell(
            "note",
            message=f"Data worker {process.pid} {how} while it read {self._named(positions)}; another takes its place.",
            data_worker=process.pid,
            rows=[str(self.names[p]) for p in positions[:NAMED]],
        )

    def _named(self, positions: np.ndarray) -> str:
        first = str(self.names[positions[0]])
        return f"{first} and {len(positions) - 1:,} more rows" if len(positions) > 1 else first


class Fetched:
    """Rows that data workers read when they are asked for: ``fetched[positions]``, as of an array.

    Parameters
    ----------
    workers : DataWorkers
    shape : tuple of int
        Of the array: its rows first.
    where : int64 array, (N,), optional
        The position of each row among those the workers read; their own without it.
    """

    def __init__(self, workers: DataWorkers, shape: tuple[int, ...], where: np.ndarray | None = None) -> None:
        self.workers, self.shape = workers, shape
        self._where = np.arange(shape[0]) if where is None else where
        self._announced: Any = iter(())
        self._coming: list[tuple[frozenset[int], Future[list[np.ndarray | str]], list[int]]] = []
        self._in_hand: dict[int, np.ndarray | str] = {}

    def __len__(self) -> int:
        return self.shape[0]

    def part(self, where: np.ndarray) -> Fetched:
        """Some of the rows, in another order; read when they are asked for, too."""
        return Fetched(self.workers, (len(where), *self.shape[1:]), self._where[where])

    def ahead(self, batches: Any) -> None:
        """Which rows will be asked for, batch by batch: they are read ahead, a few batches and no more.

        Parameters
        ----------
        batches : iterable of int64 arrays
        """
        for _, future, _ in self._coming:
            future.cancel()
        self._coming.clear()
        self._announced = iter(batches)
        self._ask_ahead()

    def rows(self, positions: np.ndarray) -> list[np.ndarray | str]:
        """What was read of each of these rows: rows that were not announced are read now."""
        wanted = positions.tolist()
        if not self._in_hand.keys() >= set(wanted):
            self._in_hand = self._next(set(wanted)) or self._result(self._ask(positions), wanted)
        return [self._in_hand[position] for position in wanted]

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        found = self.rows(positions)
        lost = next((place for place, row in enumerate(found) if isinstance(row, str)), None)
        if lost is not None:
            name = self.workers.names[self._where[positions[lost]]]
            raise FtkitError(f"{name}: {found[lost]}. It could be read when the run began. Put it back, and resume.")
        return np.stack(found)

    def _next(self, wanted: set[int]) -> dict[int, np.ndarray | str]:
        """The announced batch that holds these rows, those before it are passed over; empty if there is none."""
        place = next((i for i, (held, _, _) in enumerate(self._coming) if held >= wanted), None)
        if place is None:
            return {}
        for _, future, _ in self._coming[:place]:
            future.cancel()
        _, future, positions = self._coming[place]
        del self._coming[: place + 1]
        self._ask_ahead()
        return self._result(future, positions)

    def _ask_ahead(self) -> None:
        """Have one batch more on its way than there are workers, and one that is ready."""
        while len(self._coming) < self.workers.count + 1:
            positions = next(self._announced, None)
            if positions is None:
                return
            self._coming.append((frozenset(positions.tolist()), self._ask(positions), positions.tolist()))

    def _ask(self, positions: np.ndarray) -> Future[list[np.ndarray | str]]:
        return self.workers.ask(self._where[positions])

    def _result(self, future: Future[list[np.ndarray | str]], positions: list[int]) -> dict[int, np.ndarray | str]:
        return dict(zip(positions, future.result(), strict=True))


def announce(rows: Any, batches: Any, epoch: int | None) -> None:
    """Say which batches of rows will be asked for, where the rows are such as are read ahead."""
    if hasattr(rows, "ahead"):
        rows.ahead(batches, epoch)
