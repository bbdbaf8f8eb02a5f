"""Templates executed, and notebooks frozen into one file that opens anywhere."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Template": "template",
        "bind": "template",
        "list_templates": "template",
        "read_template": "template",
        "report": "reporting",
        "run_template": "execute",
    },
)
