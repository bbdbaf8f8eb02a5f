"""Small real data sets that every installation has: those inside scikit-learn, read without importing it."""

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

EMBEDDED = ("digits", "iris", "wine", "breast-cancer", "diabetes")
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
TABLES = {
    "iris": ("iris.csv", IRIS, "species"),
    "wine": ("wine_data.csv", WINE, "cultivar"),
    "breast-cancer": ("breast_cancer.csv", CANCER, "diagnosis"),
}


def open_embedded(name: str) -> Part:
    """The rows of one of the embedded data sets.

    ``digits`` are 8×8 images whose 17 grey levels are spread over 0 to 255; ``diabetes`` are the measured values, not
    scaled.

    Raises
    ------
    MissingDependency
        scikit-learn is not installed.
    """
    if name == "digits":
        return Part(Table(_digits()), name, facts={"target": "label"})
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
