"""Pictures a second, crop + scale + flip + rotate + colour + noise + normalisation, against PIL and kornia.

One thread, CPU time, interleaved rounds; the ratio of the medians is what counts. Then the cost of every step alone,
beside the same of Pillow, picture by picture, and of kornia, where they have it.
Run: OMP_NUM_THREADS=1 python tests/benchmarks/bench_augment.py
"""

from __future__ import annotations

import io
import random
import statistics
import time

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from ftkit.augment import STEPS as STEPS_KNOWN
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


def one_by_one(change, pictures: np.ndarray) -> torch.Tensor:
    """Pillow picture by picture: from stored pixels to a float batch."""
    done = [np.asarray(change(Image.fromarray(p)), dtype=np.float32) / 255 for p in pictures]
    return torch.from_numpy(np.stack(done)).permute(0, 3, 1, 2).contiguous()


def jpeg_file(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return Image.open(file)


def pil_steps() -> dict:
    bilinear, transform = Image.Resampling.BILINEAR, Image.Transform
    warped = (1.1, 0.1, -5, -0.05, 0.95, 3, 0.0005, 0.0003)
    return {
        "rotate": lambda i: i.rotate(15, bilinear),
        "flip": ImageOps.mirror,
        "translate": lambda i: i.transform(i.size, transform.AFFINE, (1, 0, 3.3, 0, 1, 2.2), bilinear),
        "resized_crop": lambda i: i.resize(i.size, bilinear, (5, 5, i.width - 5, i.height - 5)),
        "perspective": lambda i: i.transform(i.size, transform.PERSPECTIVE, warped, bilinear),
        "color": lambda i: ImageEnhance.Color(
            ImageEnhance.Contrast(ImageEnhance.Brightness(i).enhance(1.1)).enhance(1.1)
        ).enhance(1.1),
        "posterize": lambda i: ImageOps.posterize(i, 4),
        "solarize": lambda i: ImageOps.solarize(i, 128),
        "auto_contrast": ImageOps.autocontrast,
        "equalize": ImageOps.equalize,
        "blur": lambda i: i.filter(ImageFilter.GaussianBlur(1.0)),
        "sharpness": lambda i: ImageEnhance.Sharpness(i).enhance(1.4),
        "jpeg": jpeg_file,
    }


def kornia_steps() -> dict:
    import kornia.augmentation as k

    one = {"p": 1.0}
    return {
        "rotate": k.RandomRotation(15, **one),
        "flip": k.RandomHorizontalFlip(**one),
        "translate": k.RandomAffine(0, translate=(0.1, 0.1), **one),
        "perspective": k.RandomPerspective(0.3, **one),
        "color": k.ColorJitter(0.2, 0.2, 0.2, 0.0, **one),
        "posterize": k.RandomPosterize(4, **one),
        "solarize": k.RandomSolarize(0.1, 0.1, **one),
        "auto_contrast": k.RandomAutoContrast(**one),
        "equalize": k.RandomEqualize(**one),
        "blur": k.RandomGaussianBlur((7, 7), (0.1, 1.5), **one),
        "sharpness": k.RandomSharpness(0.5, **one),
        "noise": k.RandomGaussianNoise(std=0.02, **one),
        "salt_and_pepper": k.RandomSaltAndPepperNoise(0.02, **one),
        "jpeg": k.RandomJPEG((30.0, 90.0), **one),
        "cut_out": k.RandomErasing((0.09, 0.09), (1.0, 1.0), **one),
    }


def of_steps(pixels: torch.Tensor) -> None:
    """Milliseconds a picture of each step alone, read and normalised."""
    rows, side = pixels.shape[:2]
    keys, pictures, theirs = row_keys(map(str, range(rows))), pixels.numpy(), kornia_steps()
    print(f"\n{side}²: milliseconds a picture    ftkit    PIL one by one    kornia")
    for name, step in STEPS_KNOWN.items():
        if not hasattr(step, "draw"):
            continue
        one = step(p=1.0) if "p" in step.__dataclass_fields__ else step()
        augmenter = compose([one], size=(side, side))
        run = {"ftkit": lambda epoch, augmenter=augmenter: augmenter(pixels, keys, epoch, MEAN, STD)}
        if name in PIL_STEPS:
            run["PIL"] = lambda epoch, change=PIL_STEPS[name]: one_by_one(change, pictures)
        if name in theirs:
            run["kornia"] = lambda epoch, change=theirs[name]: change(pixels.permute(0, 3, 1, 2).float().div_(255))
        took = {who: 1000 * seconds / rows for who, seconds in medians(run, 7).items()}
        told = "".join(f"{took[who]:12.3f}" if who in took else " " * 12 for who in ("ftkit", "PIL", "kornia"))
        print(f"{name:20}{told}")


def medians(runs: dict, rounds: int) -> dict[str, float]:
    """The median CPU seconds of each, rounds interleaved, the first two left out."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for epoch in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            run(epoch)
            times[name].append(time.process_time() - start)
    return {name: statistics.median(t[2:]) for name, t in times.items()}


PIL_STEPS = pil_steps()


def main() -> None:
    torch.set_num_threads(1)
    for rows, side in ((128, 28), (64, 64), (16, 224)):
        pixels = torch.randint(0, 256, (rows, side, side, 3), dtype=torch.uint8)
        peers = {"ftkit": ours(pixels), "PIL one by one": pil(pixels), "kornia": kornia(pixels)}
        middle = medians(peers, 12)
        for name, seconds in middle.items():
            print(f"{side}² {name:15} {rows / seconds:9,.0f} pictures/s   ftkit is {seconds / middle['ftkit']:.2f} ×")
    for rows, side in ((64, 64), (16, 224)):
        of_steps(torch.randint(0, 256, (rows, side, side, 3), dtype=torch.uint8))


if __name__ == "__main__":
    main()
