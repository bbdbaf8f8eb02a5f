"""Metrics by scikit-learn's names, each with an interval, and what is undefined said to be so."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "METRICS": "metrics",
        "MetricSpec": "metrics",
        "confusion": "tables",
        "evaluate": "scoring",
        "roc_curve": "ranking",
    },
)
