from __future__ import annotations

import numpy as np
import pytest
from image_rows import check, encoded, view_of
from PIL import Image

import ftkit as ft


def noise(height=40, width=60, seed=0):
    return np.random.default_rng(seed).integers(30, 220, (height, width, 3), dtype=np.uint8)


def corpus(n=30):
    return [noise(seed=i) for i in range(n)]


def boxed(image, top=0, side=0, level=0):
    out = image.copy()
    for band in (out[:top], out[len(out) - top :], out[:, :side], out[:, out.shape[1] - side :]):
        band[:] = level
    return out


@pytest.mark.parametrize(("top", "side", "level"), [(4, 0, 0), (0, 6, 255), (4, 6, 128)])
def test_bands_are_found_with_the_box_inside(top, side, level):
    images = corpus()
    images[3] = boxed(images[3], top, side, level)
    (found,) = check("IMG208", view_of(images))
    assert found.rows == ["r0003"]
    assert found.suggest["op"] == "crop"
    assert found.suggest["values"] == [{"box": [side, top, 60 - side, 40 - top]}]


def test_the_suggested_box_can_be_applied():
    images = corpus()
    images[3] = boxed(images[3], 4)
    view = view_of(images)
    (found,) = check("IMG208", view)
    edit = {"row": "r0003", "op": "crop", "value": found.suggest["values"][0]}
    assert check("IMG208", view.apply([edit])) == []


@pytest.mark.parametrize("spoil", [lambda i: i, lambda i: np.concatenate([i[:36], 0 * i[:4]])])
def test_no_band_or_one_alone_passes(spoil):
    assert check("IMG208", view_of([spoil(image) for image in corpus()])) == []


def test_a_thing_before_a_plain_background_passes():
    images = corpus()
    for image in images[:4]:
        round_ = np.hypot(*np.ogrid[-20:20, -30:30]) > 16
        image[round_] = 255
    assert check("IMG208", view_of(images)) == []


def test_order_does_not_matter():
    images = corpus()
    images[3], images[9] = boxed(images[3], 4), boxed(images[9], 0, 8)
    view = view_of(images)
    assert check("IMG208", view) == check("IMG208", view[::-1])


def test_images_stored_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    images = [*corpus(3), encoded(noise(), "JPEG", exif=exif)]
    (found,) = check("IMG209", view_of(images))
    assert (found.rows, found.severity) == (["r0003"], "info")
    assert check("IMG209", view_of(images)[::-1]) == [found]
    assert check("IMG209", view_of(images[:3])) == []


@pytest.mark.parametrize("name", ["images-fashion-mnist", "images-cifar10/test.parquet"])
def test_real_pictures(name, shared):
    view = ft.read(shared / name)
    found = check("IMG208", view[:10000])
    assert sum(len(f.rows) for f in found) <= 5  # CIFAR-10's test images have five real frames
    assert check("IMG209", view[:1000]) == []


def test_digits_pass():
    assert check("IMG208", ft.read("digits")) == []
