"""One image: from the bytes of a file to upright 8-bit pixels, with what had to be done to get there."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ftkit.data.image_private import private_parts
from ftkit.errors import DataError, nearest

RESIZES = ("stretch", "crop", "pad")
RESAMPLES = {
    name: Image.Resampling[name.upper()] for name in ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")
}
PADDING = 128  # mid-grey: about 0 once normalised, and neither a black nor a white frame
SUFFIXES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".bmp",
        ".dib",
        ".gif",
        ".webp",
        ".tif",
        ".tiff",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
        ".jp2",
        ".ico",
        ".avif",
        ".tga",
        ".pcx",
    ]
)
# Between one and two times PIL's limit PIL warns, above it raises; only the second is a fault of the data.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class UnreadableImageError(Exception):
    """Why an image cannot be read. Never leaves the room: readers report it by row."""


@dataclass(frozen=True)
class Decoded:
    """An upright image of mode L or RGB; its size, mode and form as it was in the file.

    ``orientation`` is EXIF's, 1 where the pixels are stored upright; ``private`` names what the file says about its
    owner.
    """

    picture: Image.Image
    width: int
    height: int
    mode: str
    converted: str | None
    orientation: int = 1
    private: tuple[str, ...] = ()


def decode(data: bytes | None, shrink_to: tuple[int, int] | None = None, grey: bool = False) -> Decoded:
    """The image in the bytes of a file.

    Parameters
    ----------
    data : bytes or None
        The file; None where it is gone.
    shrink_to : (int, int), optional
        Height and width the image will be shrunk to: a much larger JPEG is then decoded at a fraction of its size.
    grey : bool, default False
        Whether only the brightness is wanted.

    Raises
    ------
    UnreadableImageError
        The bytes are no whole image.
    """
    if data is None:
        raise UnreadableImageError("the file is not there")
    if not data:
        raise UnreadableImageError("the file is empty (0 bytes)")
    try:
        with Image.open(io.BytesIO(data)) as opened:
            size, mode = opened.size, opened.mode
            frames = 1 if opened.format == "MPO" else getattr(opened, "n_frames", 1)
            exif = opened.getexif()
            orientation = exif.get(0x0112, 1)
            turned = orientation >= 5
            private = private_parts(exif, opened.info)
            if shrink_to is not None:
                _draft(opened, shrink_to, turned, grey)
            opened.load()
            picture, done = _plain(opened if orientation == 1 else ImageOps.exif_transpose(opened))
    except UnidentifiedImageError:
        raise UnreadableImageError(_what_else(data)) from None
    except Image.DecompressionBombError:
        raise UnreadableImageError("it unpacks to more pixels than is safe (a decompression bomb?)") from None
    except Exception as error:  # PIL's decoders raise many kinds on broken files
        raise UnreadableImageError(_said(error)) from None
    if frames > 1:
        done = ", ".join(filter(None, (f"animated, the first of {frames} frames read", done)))
    width, height = size[::-1] if turned else size
    return Decoded(picture, width, height, mode, done, orientation, private)


def from_array(pixels: np.ndarray) -> Image.Image:
    """An image from uint8 pixels H×W, H×W×1 or H×W×3."""
    return Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)


def fit(
    picture: Image.Image,
    size: tuple[int, int],
    channels: int,
    resize: str = "stretch",
    share: float = 1.0,
    resample: str = "bilinear",
) -> np.ndarray:
    """The pixels at exactly ``size`` (H, W), uint8 (H, W, channels); see ``DatasetView.pixels``."""
    picture = picture.convert("L" if channels == 1 else "RGB")
    if resize == "pad" and picture.width * size[0] != picture.height * size[1]:
        picture = _padded(picture, size, RESAMPLES[resample])
    box = None if resize == "pad" else _middle(picture, size if resize == "crop" else picture.size[::-1], share)
    if picture.size != size[::-1] or (box is not None and share < 1):
        picture = picture.resize(size[::-1], RESAMPLES[resample], box=box, reducing_gap=3.0)
    return np.asarray(picture, dtype=np.uint8).reshape(*size, channels)


def _middle(picture: Image.Image, size: tuple[int, int], share: float) -> tuple[float, float, float, float]:
    """The largest box of the target's shape in the middle of the picture, and of it so much of each side."""
    scale = share * min(picture.height / size[0], picture.width / size[1])
    height, width = size[0] * scale, size[1] * scale
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    return left, top, left + width, top + height


def _padded(picture: Image.Image, size: tuple[int, int], resample: Image.Resampling) -> Image.Image:
    """The whole picture as large as fits, in the middle of mid-grey."""
    scale = min(size[0] / picture.height, size[1] / picture.width)
    height, width = max(1, round(picture.height * scale)), max(1, round(picture.width * scale))
    small = picture.resize((width, height), resample, reducing_gap=3.0)
    whole = Image.new(picture.mode, size[::-1], PADDING if picture.mode == "L" else (PADDING,) * 3)
    whole.paste(small, ((size[1] - width) // 2, (size[0] - height) // 2))
    return whole


def thumbnail_png(picture: Image.Image | None, side: int) -> bytes:
    """PNG bytes that fit into side×side; small images are enlarged in whole pixels, none is a grey tile."""
    if picture is None:
        picture = Image.new("L", (side, side), 200)
    elif max(picture.size) * 2 <= side:
        factor = side // max(picture.size)
        picture = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
    else:
        picture.thumbnail((side, side), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)  # half the time of 6 for 5% more bytes
    return buffer.getvalue()


def tile_bytes(picture: Image.Image | None, side: int) -> bytes:
    """A file that fits into side×side and is made quickly: JPEG, BMP where that is hardly larger; none is grey."""
    buffer = io.BytesIO()
    picture = Image.new("L", (1, 1), 200) if picture is None else picture
    picture.thumbnail((side, side), Image.Resampling.BILINEAR)
    if max(picture.size) * 2 <= side:
        picture.save(buffer, "BMP")
    else:
        picture.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def png(pixels: np.ndarray) -> bytes:
    """Pixels as a PNG file."""
    return png_of(from_array(pixels))


def png_of(picture: Image.Image) -> bytes:
    """A picture as a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def check_size(
    size: tuple[int, int], channels: int, resize: str = "stretch", share: float = 1.0, resample: str = "bilinear"
) -> None:
    """The size and channels that were asked for can be made.

    Raises
    ------
    DataError
        They cannot.
    """
    if len(size) != 2 or any(int(side) != side or not 1 <= side <= 16384 for side in size):
        raise DataError(f"size={size!r} is not (height, width) in pixels, each from 1 to 16384.")
    if channels not in (1, 3):
        raise DataError(f"channels={channels!r} cannot be made; 1 (grey) or 3 (RGB) can.")
    if resize not in RESIZES:
        raise DataError(f"resize={resize!r} is not known; {nearest(resize, RESIZES)}.")
    if not 0 < share <= 1:
        raise DataError(f"share={share!r} of a picture cannot be kept; above 0 and at most 1 can.")
    if resample not in RESAMPLES:
        raise DataError(f"resample={resample!r} is not known; {nearest(resample, RESAMPLES)}.")


def _draft(opened: Image.Image, shrink_to: tuple[int, int], turned: bool, grey: bool) -> None:
    """Let a JPEG decode at a half, a quarter or an eighth, never below twice what is needed."""
    height, width = shrink_to[::-1] if turned else shrink_to
    if opened.format == "JPEG" and opened.mode in ("RGB", "L"):
        opened.draft("L" if grey else opened.mode, (2 * width, 2 * height))


def _plain(picture: Image.Image) -> tuple[Image.Image, str | None]:
    """The picture in mode L or RGB, and what was done."""
    mode = picture.mode
    if mode in ("L", "RGB"):
        if "transparency" not in picture.info:
            return picture, None
        return _on_white(picture), "transparent, laid on white"
    if mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        return _on_white(picture), "transparent, laid on white"
    if mode == "P":
        transparent = "transparency" in picture.info
        return _on_white(picture), "palette, read as RGB" + (" on white" if transparent else "")
    if mode == "F" or mode.startswith("I"):
        return _to_8_bit(picture)
    if mode == "1":
        return picture.convert("L"), "1 bit, read as 8-bit grey"
    return picture.convert("RGB"), f"{mode}, read as RGB"


def _on_white(picture: Image.Image) -> Image.Image:
    layer = picture.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _to_8_bit(picture: Image.Image) -> tuple[Image.Image, str]:
    """16-bit by its upper byte; floats from 0..1, or from their own range."""
    values = np.asarray(picture, dtype=np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if picture.mode != "F":
        deep = values.max(initial=0) > 255
        scaled = values / 257 if deep else values
        return _grey(scaled), "16-bit, scaled to 8-bit grey" if deep else f"{picture.mode}, read as 8-bit grey"
    low, high = values.min(initial=0), values.max(initial=0)
    if low >= 0 and high <= 1:
        return _grey(values * 255), "float, 0..1 scaled to 8-bit grey"
    return _grey((values - low) * (255 / max(high - low, 1e-12))), f"float, {low:g}..{high:g} scaled to 8-bit grey"


def _grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _what_else(data: bytes) -> str:
    """What bytes are that no image reader knows."""
    head = data[:512]
    if head.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer, not the image itself (git lfs pull)"
    try:
        text = head.decode("utf-8", "strict" if len(data) <= 512 else "ignore")
    except UnicodeDecodeError:
        return "it is not an image that can be read"
    return "it is text, not an image" if text.isprintable() or "\n" in text else "it is not an image that can be read"


def _said(error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    return f"the file is cut short ({said})" if "truncated" in said.lower() else f"the file is broken ({said})"
