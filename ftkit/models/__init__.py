"""Models by name, from scratch or from weights, in the ``save_pretrained`` form that plain transformers loads."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Tokens": "tokens",
        "local_tokens": "tokens",
        "Built": "build",
        "MODELS": "names",
        "TabularMLP": "mlp",
        "TabularMLPConfig": "mlp",
        "build_model": "build",
        "check_model": "names",
        "embed_images": "embed",
        "embed_texts": "embed",
        "keep_vectors": "kept_vectors",
        "similar_on_gpu": "similar",
        "translate_texts": "translate",
    },
)
