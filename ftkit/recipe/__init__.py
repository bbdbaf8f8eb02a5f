"""The whole, validated description of a run."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "PARAMETERS": "parameters",
        "Recipe": "recipe",
        "Parameter": "parameters",
        "load_yaml": "strict_yaml",
        "read_recipe": "recipe",
    },
)
