"""Live views in a notebook; none holds a truth, each has a static twin among the displays."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "AugmentPanel": "augment",
        "InspectPanel": "inspect",
        "MetricsPanel": "metrics",
        "OutliersPanel": "outliers",
        "RunsPanel": "runs",
        "TrainPanel": "train",
        "open_panel": "opening",
        "show_live": "opening",
    },
)
