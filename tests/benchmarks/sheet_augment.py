"""A contact sheet: every augmentation of pictures beside Pillow's own, as one PNG.

Each row: the picture, ours, Pillow's with the same numbers, and how far they are apart (8 times as strong). Steps that
Pillow does not have show three draws instead.
Run: PYTHONPATH=.:tests python tests/benchmarks/sheet_augment.py sheet.png [photograph]
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from beside_pillow import PAIRS, Pair, ours, theirs
from PIL import Image, ImageDraw, ImageFont, ImageOps

from ftkit.augment import Augmenter, CutMix, Mixer, MixUp, row_keys

SIDE, GAP, NAME, COLUMNS = 96, 6, 150, 3


def picture(path: str | None) -> np.ndarray:
    if path:
        return np.asarray(ImageOps.fit(Image.open(path).convert("RGB"), (SIDE, SIDE)))
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    values = np.stack([np.sin(9 * x + 5 * y), np.cos(7 * y - x), np.sin(12 * x * y)], axis=-1)
    return (128 + 110 * values).astype(np.uint8)


def draws(pair: Pair, of: np.ndarray) -> list[np.ndarray]:
    pixels = torch.from_numpy(np.stack([of] * 3))
    out = Augmenter((type(pair.step)(**vars(pair.step) | {"p": 1.0}),), of.shape[:2])(pixels, row_keys("abc"))
    return list((out * 255).round().byte().permute(0, 2, 3, 1).numpy())


def row(pair: Pair, of: np.ndarray) -> list[np.ndarray]:
    if not pair.pillow:
        return [of, *draws(pair, of)]
    mine, pillows = ours(pair, of), theirs(pair, of)
    apart = (abs(mine.astype(int) - pillows) * 8).clip(0, 255).astype(np.uint8)
    return [of, mine, pillows, apart]


def mixed(step: MixUp | CutMix, of: np.ndarray) -> list[np.ndarray]:
    one = torch.from_numpy(of).permute(2, 0, 1)[None] / 255
    three, other = one.repeat(3, 1, 1, 1), one.flip(3).flip(1).repeat(3, 1, 1, 1)
    labels = torch.zeros(3, dtype=torch.int64)
    out, _ = Mixer((step,), 1, 2)(three, labels, other, labels + 1, row_keys("xyz"), 0)
    return [of, *(out * 255).round().byte().permute(0, 2, 3, 1).numpy()]


def main() -> None:
    of = picture(sys.argv[2] if len(sys.argv) > 2 else None)
    told = [(pair.name, pair.why, row(pair, of)) for pair in PAIRS]
    told += [("MixUp", "", mixed(MixUp(1), of)), ("CutMix", "", mixed(CutMix(p=1), of))]
    lines, cell = -(-len(told) // COLUMNS), NAME + 4 * (SIDE + GAP)
    sheet = Image.new("RGB", (COLUMNS * cell + GAP, lines * (SIDE + GAP) + GAP), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for at, (name, why, pictures) in enumerate(told):
        x, y = (at // lines) * cell + GAP, (at % lines) * (SIDE + GAP) + GAP
        pen.text((x, y + 6), name, "black", font)
        words = why.split()
        for line in range(0, len(words), 3):
            pen.text((x, y + 28 + 6 * line), " ".join(words[line : line + 3]), "gray", ImageFont.load_default(11))
        for k, each in enumerate(pictures):
            sheet.paste(Image.fromarray(each), (x + NAME - GAP + k * (SIDE + GAP), y))
    sheet.save(sys.argv[1])


if __name__ == "__main__":
    main()
