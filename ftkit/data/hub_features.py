"""The features that the hub's datasets write into an Arrow schema."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa


def class_names(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """The class names of every ClassLabel column."""
    return {
        name: tuple(feature["names"])
        for name, feature in _features(schema).items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and feature.get("names")
    }


def _features(schema: pa.Schema) -> dict[str, Any]:
    try:
        return json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError):
        return {}
