"""Blocks to plain dicts and back: the form in which a display lies in a notebook."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict, fields
from typing import Any

from ftkit.displays.blocks import KINDS, Block, Table
from ftkit.errors import DataError, nearest

VERSION = 1
NAMES = {kind: name for name, kind in KINDS.items()}


def to_spec(title: str, blocks: list[Block]) -> dict[str, Any]:
    """A display as what JSON can hold.

    Parameters
    ----------
    title : str
        The display's title.
    blocks : list of blocks
        What is in it.

    Returns
    -------
    dict
        ``{"version", "title", "blocks": [{"type", …}]}``; pictures are base64, absent fields are left out.
    """
    return {"version": VERSION, "title": title, "blocks": [_plain(b) for b in blocks]}


def from_spec(spec: dict[str, Any]) -> tuple[str, list[Block]]:
    """Title and blocks of a specification, checked as if they had been written in code.

    Parameters
    ----------
    spec : dict
        What :func:`to_spec` made, perhaps read from a file.

    Returns
    -------
    tuple
        ``(title, blocks)``.

    Raises
    ------
    DataError
        The specification is of another version or holds something that is no block.
    """
    if not isinstance(spec, dict) or spec.get("version") != VERSION:
        found = spec.get("version") if isinstance(spec, dict) else type(spec).__name__
        raise DataError(f"display of version {found!r}: this ftkit shows version {VERSION}. Make the display again.")
    try:
        return str(spec.get("title", "")), [_block(b) for b in spec.get("blocks", [])]
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
        raise DataError(f"a display's specification is damaged: {error}. Make the display again.") from None


def _plain(block: Block) -> dict[str, Any]:
    values = {name: value for name, value in asdict(block).items() if value is not None and value != ""}
    if "pictures" in values:
        values["pictures"] = [base64.b64encode(p).decode("ascii") for p in values["pictures"]]
    if isinstance(block, Table):
        # In pairs: a notebook is written with its keys sorted, and columns have an order.
        values["columns"] = [[name, column] for name, column in block.columns.items()]
    if "domain" in values:
        values["domain"] = list(values["domain"])
    return {"type": NAMES[type(block)], **values}


def _block(plain: dict[str, Any]) -> Block:
    kind = KINDS.get(plain["type"])
    if kind is None:
        raise DataError(f"block '{plain['type']}' is not known; {nearest(plain['type'], KINDS)}.")
    values = {field.name: plain[field.name] for field in fields(kind) if field.name in plain}
    if kind is Table:
        values["columns"] = dict(values["columns"])
    if "pictures" in values:
        values["pictures"] = [_picture(p) for p in values["pictures"]]
    return kind(**values)


def _picture(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"a picture is not base64 ({error})") from None
