"""Random steps on the rows of a batch, on the training device, the same for (seed, epoch, row) whatever the batch."""

from ftkit._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Augmenter": "augmenter",
        "Color": "image",
        "Crop": "image",
        "Flip": "image",
        "Grayscale": "image",
        "Noise": "image",
        "Rotate": "image",
        "STEPS": "form",
        "Scale": "image",
        "Shear": "image",
        "compose": "augmenter",
        "describe": "form",
        "dump": "form",
        "parse": "form",
        "row_keys": "counter",
        "steps_for": "form",
        "uniform": "counter",
    },
)
