"""Pictures that are drawn rather than taken, made small."""

from __future__ import annotations

import io

from PIL import Image


def fewer_colours(png: bytes, colours: int = 32) -> bytes:
    """The same picture with fewer colours: text and charts lose nothing a reader would miss, and two thirds in size.

    Parameters
    ----------
    png : bytes
    colours : int, default 32
        2 to 256.

    Returns
    -------
    bytes
        PNG.

    Examples
    --------
    >>> drawn = io.BytesIO()
    >>> Image.new("RGB", (90, 60), "white").save(drawn, "PNG")
    >>> Image.open(io.BytesIO(fewer_colours(drawn.getvalue()))).size
    (90, 60)
    """
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    return made.getvalue()
