"""What pre-trained weights bring: letters of fonts to digits, and the published ResNet-20 on copies of CIFAR-10.

``python tests/benchmarks/bench_transfer.py [--small] [fonts [vit] [densenet] [resnet]] [cifar]``; ``--small`` is for a slow
core: fewer letters, epochs and rows. fonts needs matplotlib (extra ``bench``), cifar the data sets beside the project. It
exits 1 where a figure is missed. Accuracy alone is measured, so it may run beside other work.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw, ImageFont

import ftkit as ft

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FONTS = ("DejaVuS", "STIXGeneral", "cmb", "cmr", "cmss", "cmti", "cmtt")
SMALL = "--small" in sys.argv
SEEDS, LABELS, SIDE = range(5), 20, 8
DRAWINGS, TEST = (2, 600) if SMALL else (4, 1597)
EPOCHS, TUNING = (5, 12) if SMALL else (6, 20)
# A transformer has to learn from letters what a convolution is born with: that takes epochs, and a lower rate.
LONGER, RATES = {"vit": 5}, {"vit": 5e-4}
AUGMENT = [{"rotate": {"degrees": 10}}, {"scale": {"low": 0.9, "high": 1.1}}]


def letters() -> Any:
    """Every letter of every Latin font of matplotlib, drawn some times a little otherwise, 8×8 as the digits are."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    draw = np.random.default_rng(0)
    pictures, labels = [], []
    for path in sorted(folder.glob("*.ttf")):
        if not path.stem.startswith(FONTS) or "Display" in path.stem:
            continue
        font = ImageFont.truetype(str(path), 40)
        for letter in LETTERS:
            pictures += [drawn(letter, font, *draw.uniform(-1, 1, 2)) for _ in range(DRAWINGS)]
            labels += [letter] * DRAWINGS
    return ft.read({"image": pictures, "letter": labels}, target="letter")


def drawn(letter: str, font: Any, turn: float, slant: float) -> bytes:
    """A letter as a PNG: bright on black, from edge to edge as the digits are."""
    import io

    whole = Image.new("L", (96, 96))
    ImageDraw.Draw(whole).text((48, 48), letter, fill=255, font=font, anchor="mm")
    whole = whole.rotate(8 * turn, Image.Resampling.BILINEAR)
    whole = whole.transform(
        whole.size, Image.Transform.AFFINE, (1, 0.15 * slant, -7.2 * slant, 0, 1, 0), Image.Resampling.BILINEAR
    )
    ink = whole.crop(whole.getbbox() or (0, 0, 96, 96))
    side = max(ink.size)
    square = Image.new("L", (side, side))
    square.paste(ink, ((side - ink.width) // 2, (side - ink.height) // 2))
    out = io.BytesIO()
    square.resize((SIDE, SIDE), Image.Resampling.BOX).save(out, "PNG")
    return out.getvalue()


def few_digits(seed: int) -> Any:
    """20 labelled digits a class, drawn by the seed; of the others the test set."""
    view = ft.read("digits")
    draw, split = np.random.default_rng(seed), np.full(len(view), "test", dtype=object)
    for label in range(10):
        split[draw.permutation(np.flatnonzero(view.labels == label))[:LABELS]] = "train"
    rest = draw.permutation(np.flatnonzero(split == "test"))[:TEST]
    table = view.to_arrow().append_column("split", pa.array(split, pa.string()))
    table = table.take(np.sort(np.concatenate([np.flatnonzero(split == "train"), rest])))
    return ft.read(table, target="label", split="split")


def accuracy(run: Any) -> float:
    """On the test rows."""
    return next(m["value"] for m in run.metrics if (m["name"], m["split"]) == ("accuracy", "test"))


def fonts() -> bool:
    """Whether letters help with digits: DenseNet and ViT in each of 5 seeds, ResNet on average not worse."""
    rows, met = letters(), True
    print(f"{len(rows):,} letters in {len(rows.classes)} classes", flush=True)
    named = [name for name in ("vit", "densenet", "resnet") if name in sys.argv]
    for name in named or ("vit", "densenet", "resnet"):
        with tempfile.TemporaryDirectory() as runs:
            training = {
                "epochs": EPOCHS * LONGER.get(name, 1),
                "batch_size": 64,
                "learning_rate": RATES.get(name, "auto"),
            }
            before = ft.train(
                {"data": rows, "model": name, "augment": AUGMENT, "training": training}, runs=runs, process=False
            )
            print(f"{name}: letters {accuracy(before):.3f}", flush=True)
            gains = []
            for seed in SEEDS:
                recipe: dict[str, Any] = {
                    "data": few_digits(seed),
                    "split": {"validation": 0.0},
                    "seed": seed,
                    "augment": AUGMENT,
                }
                recipe["training"] = {"epochs": TUNING, "batch_size": 32, "learning_rate": RATES.get(name, 1e-3)}
                models = {"name": name}, {"weights": str(before.folder / "model")}
                fresh, tuned = (accuracy(ft.train(recipe | {"model": m}, runs=runs, process=False)) for m in models)
                gains.append(tuned - fresh)
                print(f"  seed {seed}: {fresh:.3f} from scratch, {tuned:.3f} from letters", flush=True)
        better = sum(gain > 0 for gain in gains)
        print(f"{name}: {np.mean(gains):+.3f} on average, better in {better} of {len(gains)} seeds", flush=True)
        met &= better == len(gains) if name != "resnet" else np.mean(gains) > -0.005
    return met


def cifar() -> bool:
    """Whether an epoch on the JPEG copies brings the published ResNet-20 5 points above its 0.81."""
    if not DATA.is_dir():
        print(f"the real data sets are not there: {DATA}")
        return True
    folder, weights = DATA / "images-cifar10", DATA / "weights" / "cifar10-resnet20" / "resnet20_cifar10.safetensors"
    rows = ft.read(folder / "train.parquet", test=folder / "test.parquet", target="label")
    if SMALL:  # a tenth: what it brings is a lower bound of what all bring
        rows = rows.select(np.concatenate([np.arange(0, 50_000, 10), np.arange(50_000, 60_000, 5)]))
    recipe = {
        "data": rows,
        "model": {"weights": str(weights)},
        "split": {"validation": 0.0},
        "augment": [{"flip": {"direction": "horizontal"}}],
        "training": {"epochs": 1, "batch_size": 128, "learning_rate": 1e-3},
    }
    with tempfile.TemporaryDirectory() as runs:
        run = ft.train(recipe, runs=runs, process=False)
        found = next(m for m in run.metrics if (m["name"], m["split"]) == ("accuracy", "test"))
        notes = [e["message"] for e in run.events() if "head" in str(e.get("message"))]
    print(*notes, f"accuracy {found['value']:.4f} ({found['low']:.4f} to {found['high']:.4f})", flush=True)
    return found["value"] >= 0.86


def main() -> int:
    """What is asked for, or both."""
    jobs = {"fonts": fonts, "cifar": cifar}
    asked = [word for word in sys.argv[1:] if word in jobs]
    return int(not all([jobs[name]() for name in asked or jobs]))  # noqa: C419 - all are to be seen


if __name__ == "__main__":
    sys.exit(main())
