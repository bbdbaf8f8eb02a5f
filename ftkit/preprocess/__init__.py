"""Deterministic steps, fitted on train rows only, that turn rows into what a model reads."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__, {"ImageInput": "image", "Imputer": "impute", "TableEncoder": "tabular", "TargetScaler": "target"}
)
