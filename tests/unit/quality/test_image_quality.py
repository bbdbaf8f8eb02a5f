from __future__ import annotations

import numpy as np
import pytest
from image_rows import check, view_of
from PIL import Image

import ftkit as ft

CODES = ("IMG203", "IMG204", "IMG205", "IMG206", "IMG207")


def scenes(n=40, size=(48, 64), seed=0):
    """Pictures of random squares, with a little noise."""
    rng = np.random.default_rng(seed)
    images = rng.integers(40, 200, (n, 1, 1, 3)) + rng.integers(-8, 8, (n, *size, 3))
    for image in images:
        for top, left in rng.integers(0, 40, (12, 2)):
            image[top : top + 9, left : left + 9] = rng.integers(20, 230, 3)
    return list(np.clip(images, 0, 255).astype(np.uint8))


def softened(image, radius=4):
    small = Image.fromarray(image).resize((64 // radius, 48 // radius), Image.Resampling.BOX)
    return np.asarray(small.resize((64, 48), Image.Resampling.BICUBIC))


PLANTED = [
    ("IMG203", softened),
    ("IMG204", lambda image: image // 16),
    ("IMG204", lambda image: 240 + image // 20),
    ("IMG204", lambda image: 120 + image // 16),
    ("IMG205", lambda image: np.full_like(image, 120)),
    ("IMG206", lambda image: image[:8, :10]),
    ("IMG206", lambda image: image[:12]),
    ("IMG207", lambda image: image[..., 0]),
]


@pytest.mark.parametrize(("code", "spoil"), PLANTED)
def test_the_planted_is_found_and_only_that(code, spoil):
    images = scenes(60)
    images[7] = spoil(images[7])
    (found,) = check(code, view_of(images))
    assert found.rows == ["r0007"]
    assert 0 < found.scores[0] <= 1
    assert found.message.startswith("1 of 60 images")


@pytest.mark.parametrize("code", CODES)
def test_clean_pictures_pass(code):
    assert check(code, view_of(scenes())) == []


@pytest.mark.parametrize(("code", "spoil"), PLANTED)
def test_the_order_of_the_rows_does_not_matter(code, spoil):
    images = scenes(60)
    images[7], images[30] = spoil(images[7]), spoil(images[30])
    view = view_of(images)
    there, back = check(code, view), check(code, view[::-1])
    assert there == back


def test_what_most_rows_have_is_how_the_data_are():
    assert check("IMG204", view_of([image // 16 for image in scenes()])) == []
    assert check("IMG207", view_of([image[..., 0] for image in scenes()])) == []


def test_an_empty_image_is_not_dark_too():
    images = [*scenes(), np.zeros((48, 64, 3), np.uint8)]
    assert check("IMG204", view_of(images)) == []
    (found,) = check("IMG205", view_of(images))
    assert found.suggest == {"op": "drop", "because": "IMG205"}


def test_unreadable_images_are_left_to_their_own_check():
    images = [*scenes(), b"no image"]
    assert [check(code, view_of(images)) for code in CODES] == [[]] * 5


def test_few_images_have_no_usual():
    assert [check(code, view_of([*scenes(4), softened(scenes(1)[0])])) for code in CODES] == [[]] * 5


@pytest.mark.parametrize("name", ["images-fashion-mnist", "images-cifar10/test.parquet"])
def test_real_pictures_pass(name, shared):
    view = ft.read(shared / name)[:2000]
    assert [check(code, view) for code in CODES] == [[]] * 5


def test_digits_pass():
    assert [check(code, ft.read("digits")) for code in CODES] == [[]] * 5
