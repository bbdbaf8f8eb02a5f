"""Pictures a second, crop + scale + flip + rotate + colour + noise + normalisation, against PIL and kornia.

One thread, CPU time, interleaved rounds; the ratio of the medians is what counts.
Run: OMP_NUM_THREADS=1 python tests/benchmarks/bench_augment.py
"""

from __future__ import annotations

import random
import statistics
import time

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps

from ftkit.augment import compose, row_keys

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
STEPS = [
    "crop",
    "scale",
    "flip",
    {"rotate": {"degrees": 15}},
    {"color": {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2}},
    {"noise": {"std": 0.02}},
]


def ours(pixels: torch.Tensor):
    augmenter = compose(STEPS, size=tuple(pixels.shape[1:3]))
    keys = row_keys(map(str, range(len(pixels))))
    return lambda epoch: augmenter(pixels, keys, epoch, MEAN, STD)


def pil(pixels: torch.Tensor):
    side, draw, noise = pixels.shape[1], random.Random(0), np.random.default_rng(0)
    reach = round(side / 8)
    mean, std = np.array(MEAN, dtype=np.float32), np.array(STD, dtype=np.float32)

    def one(picture: np.ndarray) -> torch.Tensor:
        image = ImageOps.expand(Image.fromarray(picture), reach)
        x, y = draw.randint(0, 2 * reach), draw.randint(0, 2 * reach)
        image = image.crop((x, y, x + side, y + side))
        half = side / 2 / draw.uniform(0.9, 1.1)
        box = (side / 2 - half, side / 2 - half, side / 2 + half, side / 2 + half)
        image = image.transform((side, side), Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
        image = ImageOps.mirror(image) if draw.random() < 0.5 else image
        image = image.rotate(draw.uniform(-15, 15), Image.Resampling.BILINEAR)
        for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            image = enhance(image).enhance(draw.uniform(0.8, 1.2))
        values = np.asarray(image, dtype=np.float32) / 255
        values += noise.standard_normal(values.shape, dtype=np.float32) * 0.02
        return torch.from_numpy((values.clip(0, 1) - mean) / std).permute(2, 0, 1)

    pictures = pixels.numpy()
    return lambda epoch: torch.stack([one(p) for p in pictures])


def kornia(pixels: torch.Tensor):
    import kornia.augmentation as k

    chain = k.AugmentationSequential(
        k.RandomAffine(15, translate=(0.125, 0.125), scale=(0.9, 1.1), p=1.0),  # its cheapest form: one resampling
        k.RandomHorizontalFlip(p=0.5),
        k.ColorJitter(0.2, 0.2, 0.2, 0.0, p=1.0),
        k.RandomGaussianNoise(std=0.02, p=1.0),
        k.Normalize(torch.tensor(MEAN), torch.tensor(STD)),
    )
    return lambda epoch: chain(pixels.permute(0, 3, 1, 2).float().div_(255))


def main() -> None:
    torch.set_num_threads(1)
    for rows, side in ((128, 28), (64, 64), (16, 224)):
        pixels = torch.randint(0, 256, (rows, side, side, 3), dtype=torch.uint8)
        peers = {"ftkit": ours(pixels), "PIL one by one": pil(pixels)}
        try:
            peers["kornia"] = kornia(pixels)
        except ImportError:
            print("kornia is not installed: left out")
        times: dict[str, list[float]] = {name: [] for name in peers}
        for epoch in range(12):
            for name, run in peers.items():
                start = time.process_time()
                run(epoch)
                times[name].append(time.process_time() - start)
        middle = {name: statistics.median(t[2:]) for name, t in times.items()}
        for name, seconds in middle.items():
            print(f"{side}² {name:15} {rows / seconds:9,.0f} pictures/s   ftkit is {seconds / middle['ftkit']:.2f} ×")


if __name__ == "__main__":
    main()
