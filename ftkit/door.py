"""A door into a busy process: a thread of its own answers what other processes of the same user ask.

A kernel that runs a cell hears nothing from its page on most versions of ipykernel. The Jupyter server beside it can
knock here instead (docs/decisions/0007-a-door-into-the-kernel.md). The door is a socket in a folder of its own that
nobody else may enter (a named pipe on Windows); its address and a key lie in a file that only its user may read. What
passes is bytes: nothing is unpickled.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import secrets
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

FAMILY = "AF_PIPE" if os.name == "nt" else "AF_UNIX"
NAME = re.compile("[0-9a-f]{32}")


class Door:
    """A thread that answers questions, until the process ends.

    Parameters
    ----------
    folder : Path
        Where its card is laid: address and key, for processes of the same user.
    answer : callable
        Makes an answer of a question, both bytes, in a thread of its own for each visitor. It must not raise.

    Attributes
    ----------
    name : str
        32 hexadecimal digits that nobody guesses; what :class:`Visitor` is given.
    """

    def __init__(self, folder: Path, answer: Callable[[bytes], bytes]) -> None:
        self.name, self._answer, key = secrets.token_hex(16), answer, secrets.token_bytes(32)
        self._listener = Listener(family=FAMILY, backlog=16, authkey=key)
        card = _card(folder, self.name)
        with os.fdopen(os.open(card, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"address": self._listener.address, "key": key.hex()}, file)
        atexit.register(_take_away, card, os.getpid())
        threading.Thread(target=self._welcome, name="ftkit-door", daemon=True).start()

    def _welcome(self) -> None:
        while True:
            try:
                visitor = self._listener.accept()
            except (AuthenticationError, EOFError, ConnectionError):
                continue
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(visitor,), daemon=True).start()

    def _serve(self, visitor: Connection) -> None:
        with suppress(EOFError, OSError), visitor:
            while True:
                visitor.send_bytes(self._answer(visitor.recv_bytes()))


class Visitor:
    """Asks at doors; keeps what it has opened for the next question, from any thread.

    Parameters
    ----------
    folder : Path
        Where the doors' cards are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._idle: dict[str, list[Connection]] = {}

    def ask(self, name: str, question: bytes) -> bytes | None:
        """The answer of a door; waits for it.

        Parameters
        ----------
        name : str
            The door's.
        question : bytes

        Returns
        -------
        bytes or None
            None where there is no such door, or nobody behind it any more.
        """
        if not NAME.fullmatch(name):
            return None
        with suppress(IndexError, EOFError, OSError):
            return self._ask(name, self._idle.get(name, []).pop(), question)
        try:
            return self._ask(name, self._open(name), question)
        except (OSError, EOFError, ValueError, KeyError, TypeError, AuthenticationError):
            self._idle.pop(name, None)
            return None

    def _ask(self, name: str, door: Connection, question: bytes) -> bytes:
        door.send_bytes(question)
        answer = door.recv_bytes()
        self._idle.setdefault(name, []).append(door)
        return answer

    def _open(self, name: str) -> Connection:
        told = json.loads(_card(self.folder, name).read_text(encoding="utf-8"))
        return Client(told["address"], FAMILY, bytes.fromhex(told["key"]))


def pack(header: dict[str, Any] | bytes, *body: bytes) -> bytes:
    """A header and a body as one reply: the header's length (uint32, little endian), the header padded to 8, the body.

    Parameters
    ----------
    header : dict or bytes
        Bytes are JSON already.
    *body : bytes

    Returns
    -------
    bytes

    Examples
    --------
    >>> pack({"a": 1}, b"xy")[4:]
    b'{"a": 1}    xy'
    """
    words = header if isinstance(header, bytes) else json.dumps(header, ensure_ascii=False).encode()
    words += b" " * (-(len(words) + 4) % 8)
    return b"".join([struct.pack("<I", len(words)), words, *body])


def padded(part: bytes) -> bytes:
    """Bytes whose length is a multiple of 8, so that what follows them begins at one."""
    return part + bytes(-len(part) % 8)


def _card(folder: Path, name: str) -> Path:
    return folder / f"ftkit-{name}.json"


def _take_away(card: Path, process: int) -> None:
    if os.getpid() == process:  # a fork leaves it to its parent
        card.unlink(missing_ok=True)
