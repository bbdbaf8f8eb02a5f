"""Text of unknown encoding."""

from __future__ import annotations

from pathlib import Path

from ftkit.data.note import Note
from ftkit.errors import DataError

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def to_utf8(data: bytes, path: Path) -> tuple[bytes, tuple[Note, ...]]:
    """The same text in UTF-8 without a byte order mark, and a note where the encoding had to be guessed.

    Raises
    ------
    DataError
        The bytes are no text.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return (data[3:], ()) if encoding == "utf-8-sig" else (_decode(data, encoding, path), ())
    if b"\0" in data[:100_000]:
        raise DataError(f"{path} holds bytes that are no text. Is it really a table of text, and of this kind?")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = _guess(data)
        line = data[: error.start].count(b"\n") + 1
        message = (
            f"{path.name} is not UTF-8 (line {line:,}); it was read as {encoding}. If that is wrong, save it as UTF-8."
        )
        return data.decode(encoding, "replace").encode("utf-8"), (Note("SRC102", "warning", message),)
    return data, ()


def _decode(data: bytes, encoding: str, path: Path) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeDecodeError:
        raise DataError(f"{path} begins like {encoding} and is not. Save it as UTF-8.") from None


def _guess(data: bytes) -> str:
    """GB 18030 where bytes above ASCII come in pairs, as in Chinese text, else Windows' Latin-1."""
    paired = alone = run = 0
    for byte in data[:200_000]:
        if byte >= 0x80:
            run += 1
        else:
            paired, alone, run = paired + (run if run > 1 else 0), alone + (run == 1), 0
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return "cp1252"
    return "gb18030" if paired + run > 4 * alone else "cp1252"
