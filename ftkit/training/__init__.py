"""One training loop for every task, in plain torch."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "ImageRows": "rows",
        "Settings": "settings",
        "TableRows": "rows",
        "choose_device": "device",
        "load_checkpoint": "checkpoint",
        "newest_checkpoint": "checkpoint",
        "predict": "prediction",
        "save_checkpoint": "checkpoint",
        "train": "loop",
    },
)
