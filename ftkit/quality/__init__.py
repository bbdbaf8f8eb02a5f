"""Is the data good enough? Numbered checks of a view, and what they find."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "CHECKS": "checks",
        "Check": "check",
        "CheckResult": "finding",
        "Finding": "finding",
        "Inspection": "inspection",
        "Suggestion": "suggestion",
        "Trial": "suggestion",
        "Verdict": "readiness",
        "Worth": "worth",
        "check_rule": "severity",
        "fails": "severity",
        "heading_of": "headings",
        "inspect": "inspection",
        "suggest_augmentation": "suggesting",
        "worst": "severity",
    },
)
