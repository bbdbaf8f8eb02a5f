"""Small real data sets that every installation has: those inside scikit-learn, read without importing it; a series."""

from __future__ import annotations

import gzip
import importlib.util
import io
from pathlib import Path

import numpy as np
import pyarrow as pa

from ftkit.data.image_field import array_field
from ftkit.data.part import Part
from ftkit.data.source import Table
from ftkit.errors import MissingDependency

EMBEDDED = ("digits", "iris", "wine", "breast-cancer", "diabetes", "airline")
IRIS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
WINE = (
    "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids",
    "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline",
)  # fmt: skip
CELL = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
    "fractal dimension",
)  # fmt: skip
CANCER = (*(f"mean {m}" for m in CELL), *(f"{m} error" for m in CELL), *(f"worst {m}" for m in CELL))
DIABETES = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
# Thousands of passengers of international airlines a month, from January 1949 (Box, Jenkins & Reinsel, series G).
AIRLINE = (
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
    115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
    145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
    171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
    196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
    204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
    242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
    284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306,
    315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336,
    340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
    360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405,
    417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
)  # fmt: skip
TABLES = {
    "iris": ("iris.csv", IRIS, "species"),
    "wine": ("wine_data.csv", WINE, "cultivar"),
    "breast-cancer": ("breast_cancer.csv", CANCER, "diagnosis"),
}


def open_embedded(name: str) -> Part:
    """The rows of one of the embedded data sets.

    ``digits`` are 8×8 images whose 17 grey levels are spread over 0 to 255; ``diabetes`` are the measured values, not
    scaled; ``airline`` is a monthly series.

    Raises
    ------
    MissingDependency
        scikit-learn is not installed.
    """
    if name == "digits":
        return Part(Table(_digits()), name, facts={"target": "label"})
    if name == "airline":
        months = np.arange("1949-01", "1961-01", dtype="datetime64[M]").astype(str)
        table = pa.table({"month": months, "passengers": pa.array(AIRLINE, pa.int64())})
        return Part(Table(table), name, facts={"target": "passengers", "time": "month"})
    if name == "diabetes":
        values = {
            n: pa.array(column)
            for n, column in zip(DIABETES, _numbers("diabetes_data_raw.csv.gz", None).T, strict=True)
        }
        values["progression"] = pa.array(_numbers("diabetes_target.csv.gz", None).ravel())
        return Part(Table(pa.table(values)), name, facts={"target": "progression"})
    file, features, target = TABLES[name]
    return Part(Table(_classified(file, features, target)), name, facts={"target": target})


def _classified(file: str, features: tuple[str, ...], target: str) -> pa.Table:
    """A table whose first line says the counts and the class names, and whose last column is the class."""
    names = _open(file).decode().splitlines()[0].split(",")[2:]
    values = _numbers(file, ",", skip=1)
    columns = {name: pa.array(column) for name, column in zip(features, values.T[:-1], strict=True)}
    codes = pa.array(values[:, -1].astype(np.int32))
    columns[target] = pa.DictionaryArray.from_arrays(codes, pa.array(names)).dictionary_decode()
    return pa.table(columns)


def _digits() -> pa.Table:
    values = _numbers("digits.csv.gz", ",")
    pixels = np.rint(values[:, :-1] * (255 / 16)).astype(np.uint8)
    field = array_field("image", (8, 8))
    images = pa.FixedSizeListArray.from_arrays(pa.array(pixels.ravel()), 64)
    labels = pa.array(values[:, -1].astype(np.int64))
    return pa.table([images, labels], schema=pa.schema([field, pa.field("label", pa.int64())]))


def _numbers(file: str, separator: str | None, skip: int = 0) -> np.ndarray:
    return np.loadtxt(io.BytesIO(_open(file)), delimiter=separator, skiprows=skip, ndmin=2)


def _open(file: str) -> bytes:
    found = importlib.util.find_spec("sklearn")
    if found is None or not found.submodule_search_locations:
        raise MissingDependency("scikit-learn", "dev")
    data = (Path(found.submodule_search_locations[0]) / "datasets" / "data" / file).read_bytes()
    return gzip.decompress(data) if file.endswith(".gz") else data
