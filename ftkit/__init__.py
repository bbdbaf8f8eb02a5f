"""Look at your data, fine-tune, and know whether it helped."""

from ftkit._lazy import attach

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "DataError": "errors",
        "DatasetView": "data",
        "Edit": "data",
        "Edits": "data",
        "FtkitError": "errors",
        "InspectPanel": "panels",
        "MissingDependency": "errors",
        "Policy": "cleaning",
        "Predictions": "runs",
        "Recipe": "recipe",
        "RecipeError": "errors",
        "Run": "runs",
        "RunError": "errors",
        "RunsPanel": "panels",
        "TrainPanel": "panels",
        "apply_policy": "cleaning",
        "augment": "",
        "clean": "cleaning",
        "evaluate": "",
        "fill_missing": "cleaning",
        "holdout": "data",
        "inspect": "quality",
        "metric": "evaluate",
        "open_panel": "panels",
        "open_run": "runs",
        "predict": "runs",
        "propose": "cleaning",
        "read": "data",
        "read_edits": "data",
        "report": "reports",
        "show": "displays",
        "show_confusion": "displays",
        "show_environment": "displays",
        "show_errors": "displays",
        "show_metrics": "displays",
        "show_training": "displays",
        "suggest_augmentation": "quality",
        "train": "runs",
    },
)
