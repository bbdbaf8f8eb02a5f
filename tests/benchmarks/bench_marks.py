"""Marks planted on real photos: found, on which images, where, and painted over how well.

``python tests/benchmarks/bench_marks.py [folder of images-flowers5] [seeds]`` plants texts in five sizes and three opacities,
tiled on 2% and in a corner on 5% of the 1,000 images, and prints for each setting the mean and the worst of three seeds.
The peer is the median of the images' gradients as the template (Dekel et al., CVPR 2017).
"""

from __future__ import annotations

import io
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from sklearn.metrics import roc_auc_score

from ftkit.data.inpaint import inpaint
from ftkit.quality.mark_field import MarkField
from ftkit.quality.mark_found import marks_in
from ftkit.quality.mark_frames import Frame
from ftkit.quality.mark_search import sharpened
from ftkit.quality.mark_shape import widened

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CHINESE = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc")
SIDE = 128
SETTINGS = (
    ("tiled", "SAMPLE", 16),
    ("tiled", "© stock.example", 12),
    ("tiled", "样品", 22),
    ("corner", "shutter", 16),
    ("corner", "© flora 2024", 12),
    ("corner", "图库", 20),
    ("corner", "LOGO", 28),
)
SHARE = {"tiled": 0.02, "corner": 0.05}


def photos(folder: Path) -> np.ndarray:
    """The photos, uint8 (N, 128, 128, 3)."""
    with tarfile.open(folder / "flowers5.tar") as tar:
        files = [tar.extractfile(m).read() for m in tar.getmembers() if m.name.endswith(".jpg")]
    return np.stack([np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) for data in files])


def grey(pixels: np.ndarray) -> np.ndarray:
    """As PIL's mode L."""
    return np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in pixels])


def layer(kind: str, text: str, size: int) -> np.ndarray:
    """How much of a mark lies on each pixel, 0 to 1."""
    plain = all(ord(letter) < 256 for letter in text)
    font = ImageFont.load_default(size) if plain else ImageFont.truetype(str(CHINESE), size)
    wide = 2 * SIDE
    sheet = Image.new("L", (wide, wide), 0)
    draw = ImageDraw.Draw(sheet)
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    width, height = right - left, bottom - top
    if kind == "corner":
        draw.text((SIDE - width - 5 - left, SIDE - height - 5 - top), text, 255, font=font)
        return np.asarray(sheet.crop((0, 0, SIDE, SIDE)), np.float32) / 255
    for y in range(0, wide, int(2.5 * height) + 4):
        for x in range(-(y % 7) * 5, wide, width + 12):
            draw.text((x - left, y - top), text, 255, font=font)
    turned = sheet.rotate(25, resample=Image.Resampling.BILINEAR)
    return np.asarray(turned.crop((SIDE // 2, SIDE // 2, SIDE // 2 + SIDE, SIDE // 2 + SIDE)), np.float32) / 255


def planted(pixels: np.ndarray, mark: np.ndarray, opacity: float) -> np.ndarray:
    """Images with a white mark."""
    alpha = (mark * opacity)[None, :, :, None]
    return np.clip(np.rint(pixels * (1 - alpha) + 255 * alpha), 0, 255).astype(np.uint8)


def median_of_gradients(images: np.ndarray) -> np.ndarray:
    """The peer's scores: how well each image's gradients fit their median over the images."""
    gradients = np.stack(np.gradient(images.astype(np.float32), axis=(1, 2)), axis=1)
    template = np.median(gradients, axis=0)
    size = np.sqrt((gradients**2).sum(axis=(1, 2, 3))) + 1e-6
    return (gradients * template).sum(axis=(1, 2, 3)) / size


def undone(marked: np.ndarray, paint: np.ndarray) -> np.ndarray:
    """Marked photos with the blend inverted: what it does to each pixel is a line fitted to photos painted over."""
    shown = marked.astype(np.float64)
    guess = np.stack([inpaint(image, paint) for image in marked]).astype(np.float64)
    apart, mean = guess - guess.mean(axis=0), guess.mean(axis=0)
    along = ((shown - shown.mean(axis=0)) * apart).sum(axis=(0, 3)) / np.maximum((apart**2).sum(axis=(0, 3)), 1)
    slope = along.clip(0.3, 1)[..., None]
    clear = (shown - shown.mean(axis=0)) / slope + mean
    return np.where(paint[..., None], clear.clip(0, 255), shown)


def one(images: np.ndarray, mark: np.ndarray, opacity: float, share: float, seed: int) -> dict[str, float]:
    """Plant, find, paint over."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(images))[: round(share * len(images))]
    marked = images.copy()
    marked[rows] = planted(images[rows], mark, opacity)
    truth = np.isin(np.arange(len(images)), rows)
    lights = grey(marked)
    start = time.process_time()
    field = MarkField(lights)
    (scores,), _ = sharpened(field, field.sums(np.ones((1, len(lights)), np.float32)), np.ones((1, SIDE, SIDE), bool))
    found = marks_in(Frame("whole", SIDE, np.arange(len(lights)), lights)) or []
    seconds = time.process_time() - start
    result = {"auroc": roc_auc_score(truth, scores), "peer": roc_auc_score(truth, median_of_gradients(lights))}
    result |= {"alarm": float(bool(found)), "seconds": seconds}
    if not found:
        return result
    covered, mask = mark > 0.05, found[0].mask
    result["precision"], result["recall"] = (mask & covered).sum() / mask.sum(), (mask & covered).sum() / covered.sum()
    result["rows_precision"], result["rows_recall"] = (
        truth[found[0].rows].mean(),
        truth[found[0].rows].sum() / len(rows),
    )
    paint = widened(mask)
    result["told_left"], result["told_painted"] = found[0].left, found[0].painted
    shown = rows[:20]
    whole = covered | paint
    result["left"] = np.mean([np.abs(marked[r].astype(int) - images[r])[whole].mean() for r in shown])
    result["painted"] = np.mean(
        [np.abs(inpaint(marked[r], paint).astype(int) - images[r])[whole].mean() for r in shown]
    )
    given = found[0].rows
    errors = np.abs(undone(marked[given], paint) - images[given])
    result["undone"] = float(errors[:, whole].mean())
    result["suggested"] = result["painted"] if found[0].is_worth_painting else result["left"]
    return result


def main() -> None:
    """Print the table."""
    images = photos(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "images-flowers5")
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    names = (
        "auroc",
        "peer",
        "alarm",
        "precision",
        "recall",
        "rows_precision",
        "rows_recall",
        "left",
        "painted",
        "told_left",
        "told_painted",
        "undone",
        "suggested",
        "seconds",
    )
    print(f"{'setting':40s}" + "".join(f"{name:>16s}" for name in names))
    lights = grey(images)
    flagged = [len(marks_in(Frame("whole", SIDE, np.arange(len(part)), part)) or []) for part in _parts(lights)]
    print(f"marks found in the photos themselves, whole and by class: {flagged}")
    totals: dict[str, list[dict[str, float]]] = {}
    for kind, text, size in SETTINGS:
        if not CHINESE.exists() and not all(ord(letter) < 256 for letter in text):
            continue
        for opacity in (0.1, 0.2, 0.4):
            runs = [one(images, layer(kind, text, size), opacity, SHARE[kind], seed) for seed in range(seeds)]
            totals.setdefault(f"{kind} {opacity:.0%}", []).extend(runs)
            totals.setdefault(kind, []).extend(runs)
            print(f"{kind} {SHARE[kind]:.0%} {opacity:.0%} {size:2d} px {text:18s}".ljust(40) + _line(runs, names))
    for name, runs in totals.items():
        print(name.ljust(40) + _line(runs, names))


def _parts(lights: np.ndarray) -> list[np.ndarray]:
    """All photos, and those of each class."""
    return [lights, *(lights[start : start + 200] for start in range(0, len(lights), 200))]


def _line(runs: list[dict[str, float]], names: tuple[str, ...]) -> str:
    cells = []
    for name in names:
        values = [run[name] for run in runs if name in run]
        low = min(values, default=float("nan"))
        cells.append(f"{np.mean(values) if values else float('nan'):.3f} ({low:.3f})")
    return "".join(f"{cell:>16s}" for cell in cells)


if __name__ == "__main__":
    main()
