"""Metrics by scikit-learn's names, each with an interval, and what is undefined said to be so."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "METRICS": "metrics",
        "MetricSpec": "metrics",
        "apply_temperature": "calibration",
        "confusion": "tables",
        "evaluate": "scoring",
        "find_metric": "own",
        "fit_temperature": "calibration",
        "metric": "own",
        "perplexity": "text",
        "precision_recall_curve": "precision_recall",
        "reliability": "calibration",
        "roc_curve": "ranking",
    },
)
