"""Outliers of tables: mean AUROC over the sets of ADBench beside every detector of PyOD at its defaults.

``python tests/benchmarks/bench_outliers.py [most rows]``. PyOD is optional. Sets with more rows are cut to a random
sample, the same for all, since several detectors compare all pairs.
"""

from __future__ import annotations

import importlib
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

DATA = Path(__file__).parents[3] / "shared" / "data" / "anomaly-adbench"
PEERS = {
    "IForest": "iforest", "KNN": "knn", "LOF": "lof", "HBOS": "hbos", "ECOD": "ecod", "COPOD": "copod", "PCA": "pca",
    "MCD": "mcd", "OCSVM": "ocsvm", "CBLOF": "cblof", "GMM": "gmm", "KDE": "kde", "INNE": "inne", "LODA": "loda",
    "COF": "cof", "ABOD": "abod", "SOD": "sod", "FeatureBagging": "feature_bagging", "QMCD": "qmcd", "LMDD": "lmdd",
    "Sampling": "sampling", "CD": "cd", "KPCA": "kpca", "SOS": "sos", "DIF": "dif", "LUNAR": "lunar",
    "AutoEncoder": "auto_encoder", "DeepSVDD": "deep_svdd", "VAE": "vae",
}  # fmt: skip
SLOW = {"LMDD", "SOS", "KPCA", "COF", "SOD", "DIF", "LUNAR", "AutoEncoder", "DeepSVDD", "VAE", "ABOD"}


def sets(most: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The sets, cut to ``most`` rows."""
    out = {}
    for path in sorted(DATA.glob("*.npz")):
        with np.load(path, allow_pickle=False) as file:
            values, truth = file["X"].astype(float), file["y"]
        rows = np.sort(np.random.default_rng(0).permutation(len(truth))[:most])
        out[path.stem] = (values[rows], truth[rows])
    return out


def ours(values: np.ndarray) -> np.ndarray:
    """ftkit's score."""
    from ftkit.quality.outlier_scores import strangeness

    return strangeness(values).score


def peer(name: str, values: np.ndarray) -> np.ndarray:
    """A detector of PyOD at its defaults, on standardised columns as its documentation asks."""
    detector = getattr(importlib.import_module(f"pyod.models.{PEERS[name]}"), name)
    made = detector(n_features=values.shape[1]) if name == "DeepSVDD" else detector()
    scale = values.std(axis=0)
    made.fit((values - values.mean(axis=0)) / np.where(scale > 0, scale, 1))
    return np.nan_to_num(made.decision_scores_, nan=0.0)


def main(most: int = 10_000, names: list[str] | None = None) -> None:
    """Every detector on every set."""
    data = sets(most)
    for name in names or ["ftkit", *PEERS]:
        found, start = [], time.process_time()
        for values, truth in data.values():
            if name in SLOW and len(values) > 6_000:
                found.append(np.nan)
                continue
            try:
                found.append(roc_auc_score(truth, ours(values) if name == "ftkit" else peer(name, values)))
            except Exception as error:
                print(f"{name}: {type(error).__name__}: {str(error)[:80]}", file=sys.stderr)
                found.append(np.nan)
        seconds = time.process_time() - start
        print(f"{name:15} {np.nanmean(found):.4f}  {seconds:7.1f} s  on {np.isfinite(found).sum()} sets", flush=True)
        print(" " * 15, " ".join(f"{value:.3f}" for value in found), flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000, sys.argv[2:] or None)
