"""From findings to decisions: edits proposed, policies, fills, and the cleaned copy of a source."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Edit": "proposals",
        "Edits": "proposals",
        "Policy": "policy",
        "apply_policy": "policy",
        "clean": "cleaned",
        "edits_for": "proposals",
        "fill_missing": "missing",
        "propose": "proposals",
        "strip_text": "text",
        "winsorise": "outliers",
    },
)
