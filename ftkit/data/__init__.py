"""Reading rows: any source becomes a DatasetView, an immutable, lazy, ordered selection of rows."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Column": "column",
        "DatasetView": "view",
        "EMBEDDED": "embedded",
        "ImageScan": "scan",
        "Note": "note",
        "Split": "split",
        "frame": "convert",
        "holdout": "split",
        "read": "reader",
    },
)
