"""Runs: their folders, the process that trains, what happened, and requests from outside."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Predictions": "prediction",
        "Feed": "feed",
        "Run": "run",
        "Status": "status",
        "check_data": "check",
        "execute": "job",
        "list_runs": "folder",
        "new_folder": "folder",
        "open_run": "run",
        "predict": "prediction",
        "RateSearch": "rates",
        "find_learning_rate": "rates",
        "replay": "start",
        "resume": "start",
        "train": "start",
        "watch": "watching",
    },
)
