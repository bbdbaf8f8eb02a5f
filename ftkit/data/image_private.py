"""What an image file says of the person who made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

EXIF, GPS = 0x8769, 0x8825  # the tags of the two inner directories
NAMES = {
    0x013B: "author",
    0x9C9D: "author",
    0xA430: "owner's name",
    0xA431: "camera's serial number",
    0xA435: "lens's serial number",
    0xC62F: "camera's serial number",
}
PACKET = {
    b"GPSLatitude": "place (GPS)",
    b"OwnerName": "owner's name",
    b"SerialNumber": "camera's serial number",
    b"<dc:creator": "author",
}
TEXTS = {"author": "author", "artist": "author", "creator": "author"}


def private_parts(exif: Image.Exif, info: Mapping[str, Any]) -> tuple[str, ...]:
    """Which private metadata a file carries, in words, sorted; never their values.

    Parameters
    ----------
    exif : PIL.Image.Exif
        The EXIF directory.
    info : mapping
        What PIL's reader found beside the pixels: an XMP packet, texts of a PNG.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> exif = Image.Exif()
    >>> exif[0x013B] = "someone"
    >>> private_parts(exif, {})
    ('author',)
    """
    found = {NAMES[tag] for tag in NAMES if _said(exif.get(tag))}
    if EXIF in exif:
        inner = exif.get_ifd(EXIF)
        found |= {NAMES[tag] for tag in NAMES if _said(inner.get(tag))}
    if GPS in exif and {2, 4} <= set(exif.get_ifd(GPS)):
        found.add("place (GPS)")
    packet = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode("utf-8", "replace") if isinstance(packet, str) else packet
    found |= {name for word, name in PACKET.items() if word in packet}
    found |= {name for key, name in TEXTS.items() if any(str(k).lower() == key and _said(info[k]) for k in info)}
    return tuple(sorted(found))


def _said(value: Any) -> bool:
    """Whether a field says anything."""
    text = value.decode("latin-1") if isinstance(value, bytes) else "" if value is None else str(value)
    return bool(text.replace("\0", "").strip())
