"""Marks planted on real photos: found, on which images, where, and taken off how well.

``python tests/benchmarks/bench_marks.py [folder of images-flowers5] [seeds]`` plants texts in five sizes and three opacities,
tiled on 2% and in a corner on 5% of the 1,000 images, and prints for each setting the mean and the worst of three seeds.
The peer is the median of the images' gradients as the template (Dekel et al., CVPR 2017).
"""

from __future__ import annotations

import io
import re
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw, ImageFont
from sklearn.metrics import roc_auc_score

import ftkit as ft
from ftkit.cleaning.proposals import edits_for
from ftkit.data import DatasetView
from ftkit.data.image import png
from ftkit.quality import CHECKS, Finding
from ftkit.quality.evidence import Evidence
from ftkit.quality.mark_field import MarkField
from ftkit.quality.mark_found import marks_in
from ftkit.quality.mark_frames import Frame
from ftkit.quality.mark_removal import painted
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
TOLD = re.compile(
    r"pixels (?P<suggested>\d+\.\d) grey levels off, .*would be (?P<painted>\d+\.\d), left (?P<left>\d+\.\d)"
)


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


def suggested(pixels: np.ndarray) -> tuple[Finding | None, DatasetView, DatasetView]:
    """What the check finds, the rows, and the rows under the edits that it suggests."""
    cells = [{"bytes": png(image), "path": None} for image in pixels]
    struct = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    view = ft.read(pa.table({"id": [str(i) for i in range(len(cells))], "image": pa.array(cells, struct)}))
    found = CHECKS["IMG201"].run(view, CHECKS["IMG201"], Evidence(view))
    edits = [edit for finding in found[:1] for edit in edits_for(finding, "mask")]
    return (found[0] if found else None), view, view.apply(ft.Edits(edits))


def one(images: np.ndarray, mark: np.ndarray, opacity: float, share: float, seed: int) -> dict[str, float]:
    """Plant, find, take off."""
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
    whole, shown = covered | widened(mask), marked[rows]
    finding, _, edited = suggested(marked)
    given = edited.pixels((SIDE, SIDE), 3, rows)[0]
    for name, pixels in (("left", shown), ("painted", painted(shown, widened(mask))), ("suggested", given)):
        result[name] = float(np.abs(pixels.astype(float) - images[rows])[:, whole].mean())
    others = np.setdiff1d(np.arange(len(images)), rows)
    result["others_changed"] = float((edited.pixels((SIDE, SIDE), 3, others)[0] != images[others]).any((1, 2, 3)).sum())
    result |= {f"told_{name}": float(figure) for name, figure in TOLD.search(finding.message).groupdict().items()}
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
        "suggested",
        "told_left",
        "told_painted",
        "told_suggested",
        "others_changed",
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
