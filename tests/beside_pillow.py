"""Every augmentation of pictures beside what Pillow makes of the same numbers."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from ftkit import augment as a
from ftkit.augment.draft import Draft
from ftkit.augment.stages import Stages

BILINEAR, BICUBIC, NEAREST = Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST


@dataclass(frozen=True)
class Pair:
    """A step with the uniform numbers it is given, and Pillow's way to the same picture.

    ``mean`` and ``most`` are how far the two may be apart, of 255: on average, and in 99 of 100 values.
    """

    name: str
    step: object
    u: tuple[float, ...]
    pillow: Callable[[Image.Image], Image.Image] | None
    mean: float = 0.6
    most: float = 1.5
    resample: a.Resample = a.Resample("bilinear", "constant")  # noqa: RUF009 - a frozen value
    why: str = ""


def ours(pair: Pair, picture: np.ndarray) -> np.ndarray:
    """The step's picture, uint8 (H, W, C)."""
    draft = Draft(1, picture.shape[:2])
    pair.resample.draw(np.zeros((1, 0)), draft, None)
    pair.step.draw(np.array([pair.u], dtype=np.float64).reshape(1, -1), draft, None)
    pixels = torch.from_numpy(picture.copy())[None]
    out = torch.empty(1, picture.shape[2], *picture.shape[:2])
    Stages(draft, np.array([12345], dtype=np.int64), pixels, 0.5, 0.25).write(slice(0, 1), pixels, out)
    return ((out[0] * 0.25 + 0.5) * 255).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()


def theirs(pair: Pair, picture: np.ndarray) -> np.ndarray:
    """Pillow's picture, uint8 (H, W, C)."""
    image = Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    return np.asarray(pair.pillow(image)).reshape(picture.shape)


def affine(matrix: list[list[float]], resampling: Image.Resampling = BILINEAR) -> Callable[[Image.Image], Image.Image]:
    """Pillow's affine transform by a matrix about the centre."""

    def change(image: Image.Image) -> Image.Image:
        half = np.array([image.width / 2, image.height / 2])
        m = np.array(matrix, dtype=float)
        offset = half - m[:, :2] @ half + m[:, 2] * [image.width, image.height]
        numbers = (*m[0, :2], offset[0], *m[1, :2], offset[1])
        return image.transform(image.size, Image.Transform.AFFINE, numbers, resampling)

    return change


def perspective(inwards: np.ndarray) -> Callable[[Image.Image], Image.Image]:
    """Pillow's perspective: its eight numbers found by least squares from the corners."""

    def change(image: Image.Image) -> Image.Image:
        whole = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * np.array(image.size)
        moved = whole + inwards * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * np.array(image.size) / 2
        lines, values = [], []
        for (x, y), (to_x, to_y) in zip(moved, whole, strict=True):
            lines += [[x, y, 1, 0, 0, 0, -to_x * x, -to_x * y], [0, 0, 0, x, y, 1, -to_y * x, -to_y * y]]
            values += [to_x, to_y]
        numbers = np.linalg.lstsq(np.array(lines), np.array(values), rcond=None)[0]
        return image.transform(image.size, Image.Transform.PERSPECTIVE, tuple(numbers), BILINEAR)

    return change


def jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    """Pillow's own encoder and decoder."""

    def change(image: Image.Image) -> Image.Image:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return Image.open(io.BytesIO(file.getvalue())).copy()

    return change


def shift_hue(turn: float) -> Callable[[Image.Image], Image.Image]:
    """A turn of the hue in HSV."""

    def change(image: Image.Image) -> Image.Image:
        hue, saturation, value = image.convert("HSV").split()
        hue = hue.point(lambda v: (v + round(turn * 256)) % 256)
        return Image.merge("HSV", (hue, saturation, value)).convert("RGB")

    return change


def covered(image: Image.Image) -> Image.Image:
    """A black box over the middle half."""
    out = image.copy()
    w, h = image.size
    ImageDraw.Draw(out).rectangle((round(w / 4), round(h / 4), round(3 * w / 4) - 1, round(3 * h / 4) - 1), fill=0)
    return out


def cropped(image: Image.Image) -> Image.Image:
    """Pad with the border and crop, one eighth up and to the left."""
    reach = round(image.width / 8)
    padded = np.pad(np.asarray(image), [(reach, reach), (reach, reach), (0, 0)][: np.asarray(image).ndim], mode="edge")
    return Image.fromarray(padded[: image.height, : image.width])


def resized_crop(image: Image.Image) -> Image.Image:
    """The middle half of the area, brought back to the whole size."""
    half = 0.5 * np.sqrt(0.5)
    box = (
        (0.5 - half) * image.width,
        (0.5 - half) * image.height,
        (0.5 + half) * image.width,
        (0.5 + half) * image.height,
    )
    return image.transform(image.size, Image.Transform.EXTENT, box, BILINEAR)


COS, SIN = np.cos(np.deg2rad(20)), np.sin(np.deg2rad(20))
TURN = [[COS, -SIN, 0], [SIN, COS, 0]]
UP = 1 - 1e-9  # the largest uniform number: the step's upper end
CORNERS = (0.9, 0.5, 0.2, 0.7, 0.6, 0.1, 0.3, 0.8)
BLENDED = "the edge blends with the fill"

PAIRS = (
    Pair("rotate", a.Rotate(20), (UP,), lambda i: i.rotate(20, BILINEAR)),
    Pair(
        "rotate, nearest",
        a.Rotate(20),
        (UP,),
        lambda i: i.rotate(20, NEAREST),
        1.5,
        40,
        a.Resample("nearest", "constant"),
        "a tie falls to another pixel",
    ),
    Pair(
        "rotate, bicubic",
        a.Rotate(20),
        (UP,),
        affine(TURN, BICUBIC),
        1.2,
        8,
        a.Resample("bicubic", "constant"),
        "a = -0.75 in torch, -0.5 in Pillow",
    ),
    Pair(
        "rotate, grey around",
        a.Rotate(20),
        (UP,),
        lambda i: i.rotate(20, BILINEAR, fillcolor=(51,) * len(i.getbands())),
        1,
        20,
        a.Resample("bilinear", "constant", 0.2),
        BLENDED,
    ),
    Pair("scale", a.Scale(0.7, 1.4), (UP,), affine([[1 / 1.4, 0, 0], [0, 1 / 1.4, 0]])),
    Pair("flip", a.Flip(p=1), (0.5, 0.5), ImageOps.mirror),
    Pair("flip, vertical", a.Flip("vertical", p=1), (0.5, 0.5), ImageOps.flip),
    Pair("flip, both", a.Flip("both", p=1), (0.5, 0.5), lambda i: i.rotate(180)),
    Pair("crop", a.Crop(0.125), (0.0, 0.0), cropped, resample=a.Resample()),
    Pair("resized crop", a.ResizedCrop(0.5, 1, 1), (0.0, 0.5, 0.5, 0.5), resized_crop),
    Pair("translate", a.Translate(0.2, 0.1), (UP, UP), affine([[1, 0, 0.2], [0, 1, 0.1]])),
    Pair("shear", a.Shear(20), (UP,), affine([[1, np.tan(np.deg2rad(20)), 0], [0, 1, 0]])),
    Pair("perspective", a.Perspective(0.5), CORNERS, perspective(0.5 * np.array(CORNERS).reshape(4, 2))),
    Pair("brightness", a.Color(0.6, 0, 0), (UP, 0, 0, 0), lambda i: ImageEnhance.Brightness(i).enhance(1.6)),
    Pair(
        "contrast",
        a.Color(0, 0.6, 0),
        (0, UP, 0, 0),
        lambda i: ImageEnhance.Contrast(i).enhance(1.6),
        1.2,
        2.5,
        why="the mean is not rounded",
    ),
    Pair("saturation", a.Color(0, 0, 0.8), (0, 0, UP, 0), lambda i: ImageEnhance.Color(i).enhance(1.8), 0.8, 2),
    Pair(
        "hue",
        a.Color(0, 0, 0, 0.2),
        (0, 0, 0, UP),
        shift_hue(0.2),
        60,
        255,
        why="Pillow turns in HSV, ours keeps brightness",
    ),
    Pair("grayscale", a.Grayscale(), (), lambda i: ImageOps.grayscale(i).convert(i.mode)),
    Pair("posterize", a.Posterize(3, 3), (0.5,), lambda i: ImageOps.posterize(i, 3), 0, 0),
    Pair("solarize", a.Solarize(0.5, 0.5), (0.5,), lambda i: ImageOps.solarize(i, 127), 0, 0),
    Pair("auto contrast", a.AutoContrast(), (), ImageOps.autocontrast, 0.1, 1),
    Pair("equalize", a.Equalize(), (), ImageOps.equalize, 0, 0),
    Pair("sharpness", a.Sharpness(2), (UP,), lambda i: ImageEnhance.Sharpness(i).enhance(3), 0.8, 2),
    Pair(
        "blur",
        a.Blur(0, 2),
        (UP,),
        lambda i: i.filter(ImageFilter.GaussianBlur(2)),
        1,
        4,
        why="Pillow's is three box blurs",
    ),
    Pair("JPEG, quality 10", a.Jpeg(10, 10), (0.5,), jpeg(10), 0.6, 3, why="libjpeg's cosine transform is in integers"),
    Pair("JPEG, quality 50", a.Jpeg(50, 50), (0.5,), jpeg(50), 1.2, 15, why="where a coefficient rounds the other way"),
    Pair("JPEG, quality 95", a.Jpeg(95, 95), (0.5,), jpeg(95), 0.9, 5),
    Pair("cut out", a.CutOut(0.5, "black"), (0.5, 0.5), covered),
    Pair("noise", a.Noise(0.1), (), None),
    Pair("salt and pepper", a.SaltAndPepper(0.1), (), None),
    Pair("speckle", a.Speckle(0.3), (), None),
    Pair("RandAugment", a.RandAugment(3, 15), (0.4, 0.9, 0.1, 0.2, 0.62, 0.8), None),
    Pair("TrivialAugment", a.TrivialAugment(), (0.97, 0.9, 0.8), None),
)
