"""Reading rows: any source becomes a DatasetView, an immutable, lazy, ordered selection of rows."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Column": "column",
        "DatasetView": "view",
        "EMBEDDED": "embedded",
        "Edit": "edit",
        "Edits": "edits",
        "ImageLook": "looking",
        "ImageScan": "scan",
        "Note": "note",
        "ROLES": "turns",
        "Split": "split",
        "Texts": "texts",
        "Turns": "turns",
        "append_edits": "edits",
        "chat_rows": "chat",
        "check_leaks": "leaks",
        "chats_at": "turns",
        "folds": "schemes",
        "frame": "convert",
        "holdout": "split",
        "look": "looking",
        "mix": "hashing",
        "nested_folds": "schemes",
        "plates_of": "looking",
        "read": "reader",
        "read_edits": "edits",
        "resized": "looking",
        "turns_of": "turns",
        "write_chat": "chat",
        "write_edits": "edits",
    },
)
