"""Metrics by scikit-learn's names, each with an interval, and what is undefined said to be so."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "METRICS": "metrics",
        "MetricSpec": "metrics",
        "apply_temperature": "calibration",
        "calibration_drift": "drift",
        "choose_threshold": "thresholds",
        "compare_answers": "compare",
        "compare_recipes": "compare",
        "confusion": "tables",
        "cost_of": "thresholds",
        "corrected_mean": "folds",
        "evaluate": "scoring",
        "evaluate_slices": "slices",
        "find_drift": "drift",
        "find_metric": "own",
        "find_slices": "slices",
        "fit_temperature": "calibration",
        "holm": "compare",
        "metric": "own",
        "mmd": "drift",
        "over_windows": "windows",
        "perplexity": "text",
        "precision_recall_curve": "precision_recall",
        "psi": "drift",
        "reliability": "calibration",
        "roc_curve": "ranking",
    },
)
