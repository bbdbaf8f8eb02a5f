"""Deterministic steps, fitted on train rows only, that turn rows into what a model reads."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "ChatInput": "chat",
        "Dates": "dates",
        "Hashed": "categories",
        "ImageInput": "image",
        "Imputer": "impute",
        "LabelEncoder": "target",
        "Lags": "series",
        "Numbers": "numbers",
        "OneHot": "categories",
        "Ordinal": "categories",
        "Scaler": "scaling",
        "TableEncoder": "tabular",
        "TableForm": "table_form",
        "TargetMeans": "target_means",
        "TargetScaler": "target",
        "TextInput": "text",
        "TokenRows": "text",
        "Windows": "series",
    },
)
