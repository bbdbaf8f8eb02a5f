"""Runs: their folders, the process that trains, what happened, and requests from outside."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Comparison": "comparison",
        "Estimate": "estimates",
        "Failures": "wrong",
        "Latency": "latency",
        "Predictions": "prediction",
        "Feed": "feed",
        "Search": "searches",
        "Run": "run",
        "Status": "status",
        "Validation": "validation",
        "check_data": "check",
        "compare": "comparison",
        "cross_validate": "validation",
        "estimate": "estimates",
        "execute": "job",
        "failures": "wrong",
        "list_runs": "folder",
        "measure_latency": "latency",
        "new_folder": "folder",
        "open_run": "run",
        "open_search": "searches",
        "open_validation": "validation",
        "predict": "prediction",
        "RateSearch": "rates",
        "find_learning_rate": "rates",
        "replay": "start",
        "resume": "start",
        "search": "searches",
        "train": "start",
        "watch": "watching",
    },
)
