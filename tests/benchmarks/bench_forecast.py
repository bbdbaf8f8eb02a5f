"""Forecasters trained from a recipe, scored by rolling origin beside the seasonal naive: airline, ETTh1, M4 hourly.

``python tests/benchmarks/bench_forecast.py [NAME …]`` needs the data sets beside the project; it exits 1 where
DLinear, the default, is not better than the seasonal naive. Accuracy alone is measured, so it may run beside other work.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import ftkit as ft

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MODELS = ("linear", "dlinear", "nhits")


def airline() -> tuple[Any, dict[str, Any]]:
    """144 months; the last 36 are forecast 12 ahead, from 3 origins."""
    return ft.read("airline"), {
        "split": {"test": 36 / 144, "validation": 0.1},
        "preprocess": {"context": 36, "horizon": 12, "window_scale": "last"},
        "training": {"epochs": 60},
    }


def etth1() -> tuple[Any, dict[str, Any]]:
    """Oil temperature, the standard 12, 4 and 4 months of hours; 24 ahead, 120 origins."""
    table = pd.read_csv(DATA / "ts-etth1" / "ETTh1.csv.gz", usecols=["date", "OT"])[: 20 * 30 * 24]
    view = ft.read(table, time="date", target="OT")
    return view, {
        "split": {"test": 4 / 20, "validation": 4 / 20},
        "preprocess": {"context": 96, "horizon": 24, "season": 24, "window_scale": "last"},
        "training": {"epochs": 6, "batch_size": 128, "early_stopping": 3},
    }


def m4() -> tuple[Any, dict[str, Any]]:
    """414 series, forecast 48 hours ahead from their ends, as the competition had it."""
    parts = []
    for split, file in (("train", "Hourly-train.csv.gz"), ("test", "Hourly-test.csv.gz")):
        with gzip.open(DATA / "ts-m4-hourly" / file) as stream:
            wide = pd.read_csv(stream).set_index("V1")
        long = wide.stack().dropna().rename("y").rename_axis(["series", "column"]).reset_index()
        parts.append(long.assign(split=split))
    table = pd.concat(parts, ignore_index=True)
    # The steps of the test part follow those of the train part.
    table["t"] = table["column"].str[1:].astype(int) - 2
    length = table[table["split"] == "train"].groupby("series")["t"].max() + 1
    table["t"] += np.where(table["split"] == "test", table["series"].map(length), 0)
    table = table.drop(columns="column")
    view = ft.read(table, time="t", group="series", target="y", split="split")
    return view, {
        "split": {"validation": 0.0},
        "preprocess": {"context": 168, "horizon": 48, "season": 24},
        "training": {"epochs": 2, "batch_size": 1024, "learning_rate": 2e-3},
    }


SETS = {"airline": airline, "etth1": etth1, "m4": m4}


def main() -> int:
    """Every model on every set that is asked for."""
    if not DATA.is_dir():
        print(f"the real data sets are not there: {DATA}")
        return 0
    missed = False
    for name in sys.argv[1:] or SETS:
        view, recipe = SETS[name]()
        for model in MODELS:
            with tempfile.TemporaryDirectory() as runs:
                run = ft.train(ft.Recipe(data=view, model=model, **recipe), runs=runs, process=False)
                told = {(m["name"], m.get("label")): m for m in run.metrics if m["split"] == "test"}
                ours, naive, smape = told["mase", None], told["mase", "seasonal naive"], told["smape", None]
                sentence = ft.show_forecast(run).blocks[0].text
            missed |= model == "dlinear" and ours["value"] >= naive["value"]
            print(
                f"{name:8} {model:8} MASE {ours['value']:.3f} ({ours['low']:.3f} to {ours['high']:.3f}), seasonal naive "
                f"{naive['value']:.3f}; sMAPE {smape['value']:.4f}. {sentence}",
                flush=True,
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
