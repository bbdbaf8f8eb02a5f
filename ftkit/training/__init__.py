"""One training loop for every task, in plain torch."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "ImageRows": "rows",
        "Loss": "losses",
        "SeriesRows": "series_rows",
        "Settings": "settings",
        "TableRows": "rows",
        "TokenRows": "token_rows",
        "balanced": "losses",
        "choose_device": "device",
        "load_checkpoint": "checkpoint",
        "make_loss": "losses",
        "newest_checkpoint": "checkpoint",
        "predict": "prediction",
        "save_checkpoint": "checkpoint",
        "train": "loop",
    },
)
