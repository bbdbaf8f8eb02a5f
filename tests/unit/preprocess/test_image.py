"""What an image model reads."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.preprocess import ImageInput
from ftkit.preprocess.image import input_size


def sizes(*pairs):
    return input_size(np.array([h for h, _ in pairs]), np.array([w for _, w in pairs]))


@pytest.mark.parametrize(
    ("stored", "seen"),
    [((8, 8), (32, 32)), ((16, 16), (32, 32)), ((28, 28), (56, 56)), ((32, 32), (64, 64)), ((64, 64), (64, 64)),
     ((224, 224), (224, 224)), ((3000, 4000), (168, 224)), ((600, 400), (224, 152)), ((10, 300), (32, 960))],
)  # fmt: skip
def test_the_size_a_model_sees(stored, seen):
    assert sizes(stored) == seen


def test_the_size_is_that_of_the_median_image():
    assert sizes((64, 64), (64, 64), (2000, 3000)) == (64, 64)


def test_mean_and_deviation_are_those_of_the_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (50, 8, 8, 3), dtype=np.uint8)
    form = ImageInput.fit(pixels, (32, 32))
    np.testing.assert_allclose(form.mean, (pixels / 255).mean((0, 1, 2)), atol=1e-5)
    np.testing.assert_allclose(form.std, (pixels / 255).std((0, 1, 2)), atol=1e-5)


def test_one_colour_does_not_divide_by_zero():
    assert ImageInput.fit(np.zeros((4, 8, 8, 1), np.uint8), (32, 32)).std[0] > 0


def test_a_processor_config_gives_the_same_input_back():
    form = ImageInput(48, 64, 3, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert ImageInput.from_processor(form.to_processor()) == form
    assert ImageInput(**form.state()) == form


@pytest.mark.parametrize(
    ("config", "side"),
    [({}, None), ({"size": 224, "image_mean": [0] * 3, "image_std": [1] * 3}, 224),
     ({"size": {"shortest_edge": 160}, "image_mean": [0] * 3, "image_std": [1] * 3}, 160),
     ({"size": 224, "image_mean": [0], "image_std": [1]}, 224), ({"size": 224, "image_mean": [0] * 4, "image_std": [1] * 4}, None)],
)  # fmt: skip
def test_processors_of_others_are_read(config, side):
    form = ImageInput.from_processor(config)
    assert (form and form.height) == side


def _flowers(shared, folder, count=6):
    """A view of some photos, and the photos."""
    import tarfile

    from PIL import Image

    with tarfile.open(shared / "images-flowers5" / "flowers5.tar") as tar:
        members = [m for m in tar.getmembers() if m.name.endswith(".jpg")][::170][:count]
        tar.extractall(folder, members, filter="data")
    view = ft.read(folder)
    return view, [Image.open(folder / name).convert("RGB") for name in view.ids]


CLIP = {"image_mean": [0.48, 0.46, 0.41], "image_std": [0.27, 0.26, 0.28], "do_center_crop": True}


@pytest.mark.parametrize(
    "config",
    [
        CLIP | {"size": {"shortest_edge": 64}, "crop_size": {"height": 64, "width": 64}, "resample": 3},
        CLIP | {"size": {"shortest_edge": 72}, "crop_size": {"height": 56, "width": 56}, "resample": 2},
        CLIP | {"size": {"height": 72, "width": 96}, "crop_size": {"height": 60, "width": 80}, "resample": 3},
        CLIP | {"size": {"height": 64, "width": 48}, "do_center_crop": False, "resample": 1},
    ],
    ids=["crop", "smaller crop", "stretched, then cropped", "stretched"],
)
def test_images_are_those_of_transformers_own_processor(shared, tmp_path, config):
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    kinds = {"CLIPImageProcessor": CLIPImageProcessorPil, "ViTImageProcessor": ViTImageProcessorPil}
    view, photos = _flowers(shared, tmp_path)
    form = ImageInput.from_processor(config)
    theirs = CLIPImageProcessorPil(**config)(photos, return_tensors="np")["pixel_values"]
    ours = form.transform(form.pixels(view)[0])
    assert ours.shape == theirs.shape
    # In levels of 255: the processor cuts at whole pixels after resizing, and a JPEG is decoded small here.
    apart = np.abs(ours - theirs).mean() * 0.27 * 255
    assert apart < 3.0
    # What is written for plain transformers is read back as the same, and makes the same.
    assert ImageInput.from_processor(form.to_processor()) == form
    written = form.to_processor()
    again = kinds[written.pop("image_processor_type")](**written)(photos, return_tensors="np")["pixel_values"]
    assert np.abs(again - theirs).mean() * 0.27 * 255 < 0.5


def test_the_filter_of_the_processor_is_the_one_used(shared, tmp_path):
    view, photos = _flowers(shared, tmp_path, 3)
    for code, name in ((0, "nearest"), (3, "bicubic")):
        form = ImageInput.from_processor(
            {"size": 48, "image_mean": [0.0] * 3, "image_std": [1.0] * 3, "resample": code}
        )
        assert form.resample == name
        pixels, _ = form.pixels(view)
        plain = np.stack([np.asarray(photo.resize((48, 48), code)) for photo in photos])
        assert np.abs(pixels.astype(int) - plain).mean() < (12 if name == "nearest" else 1)
    with pytest.raises(ft.errors.DataError, match="resample='bicubik' is not known; nearest is 'bicubic'"):
        view.pixels((8, 8), resample="bicubik")


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_come_back_exactly(channels):
    pixels = np.arange(256, dtype=np.uint8).repeat(channels).reshape(4, 8, 8, channels)
    form = ImageInput(8, 8, channels, (0.485, 0.456, 0.406)[:channels], (0.229, 0.224, 0.225)[:channels])
    batch = form.transform(pixels)
    assert batch.dtype == np.float32
    assert batch.shape == (4, channels, 8, 8)
    np.testing.assert_array_equal(form.inverse_transform(batch), pixels)
