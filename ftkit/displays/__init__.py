"""Static views of data, findings and runs: data first, then HTML, text, picture or plotly figure."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "AugmentDisplay": "augmentation",
        "BarChart": "blocks",
        "Display": "display",
        "Gallery": "blocks",
        "Heatmap": "blocks",
        "Histogram": "blocks",
        "Line": "blocks",
        "LineChart": "blocks",
        "Note": "blocks",
        "Paragraph": "blocks",
        "Scatter": "blocks",
        "Table": "blocks",
        "Tile": "blocks",
        "Tiles": "blocks",
        "Verdict": "blocks",
        "Verdicts": "blocks",
        "show": "showing",
        "show_augment": "augmentation",
        "show_confusion": "metrics",
        "show_data": "data",
        "show_environment": "environment",
        "show_errors": "mistakes",
        "show_inspection": "inspection",
        "show_metrics": "metrics",
        "show_readiness": "readiness",
        "show_run": "run",
        "show_runs": "runs",
        "show_split": "split",
        "show_suggestion": "suggestion",
        "show_training": "training",
    },
)
