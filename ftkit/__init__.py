"""Look at your data, fine-tune, and know whether it helped."""

from ftkit._lazy import attach

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "DataError": "errors",
        "DatasetView": "data",
        "FtkitError": "errors",
        "MissingDependency": "errors",
        "Recipe": "recipe",
        "RecipeError": "errors",
        "Run": "runs",
        "RunError": "errors",
        "augment": "",
        "holdout": "data",
        "inspect": "quality",
        "open_run": "runs",
        "read": "data",
        "report": "reports",
        "show": "displays",
        "show_confusion": "displays",
        "show_environment": "displays",
        "show_errors": "displays",
        "show_metrics": "displays",
        "show_training": "displays",
        "train": "runs",
    },
)
