"""Data sets of the Hugging Face hub."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import getproxies

from ftkit.data.memory import open_object
from ftkit.data.part import Part
from ftkit.data.source import first_line
from ftkit.errors import DataError

ID = re.compile(r"[\w.-]+/[\w.-]+")
SECONDS = 3.0


def open_hub(name: str, nearby: str) -> list[Part]:
    """The splits of a data set of the hub, through ``datasets.load_dataset``.

    Raises
    ------
    DataError
        It cannot be loaded; ``nearby`` says what there is on this machine instead.
    """
    import datasets

    try:
        with _offline_unless_reachable():
            return open_object(datasets.load_dataset(name))
    except DataError:
        raise
    except Exception as error:  # the hub's client raises many kinds, all of them about the name or the network
        raise DataError(
            f"'{name}': there is no such file or folder here ({nearby}), and as a data set of the hub it could not be "
            f"loaded: {first_line(error)}. Correct the path, or go online once so that the data set is cached."
        ) from None


@contextmanager
def _offline_unless_reachable() -> Iterator[None]:
    """Where the hub cannot be reached, look into the cache only, rather than try again for half a minute."""
    import datasets.config
    from huggingface_hub import constants

    host = urlsplit(constants.ENDPOINT)
    if getproxies() or _reachable(host.hostname or "", host.port or 443):
        yield
        return
    before = datasets.config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE
    datasets.config.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE = before


def _reachable(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except OSError:
        return False
    return True
