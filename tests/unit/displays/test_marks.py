from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.displays.blocks import Gallery
from ftkit.displays.marks import mark_blocks


@pytest.fixture
def inspected(tmp_path):
    """Smooth pictures, a fifth of them with a mark in a corner."""
    rng = np.random.default_rng(0)
    glyphs = (rng.random((4, 7)) > 0.5).repeat(3, axis=0).repeat(4, axis=1)
    for i in range(100):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        rough = Image.fromarray(rng.integers(60, 190, (10, 10, 3), dtype=np.uint8))
        image = np.array(rough.resize((64, 64), Image.Resampling.BICUBIC))
        if i % 5 == 0:
            image[46:58, 30:58][glyphs] = 255
        Image.fromarray(image).save(tmp_path / "ab"[i % 2] / f"{i}.png")
    return ft.inspect(tmp_path)


def test_a_mark_is_shown_with_its_mask_before_and_after(inspected):
    (gallery,) = mark_blocks(inspected)
    assert isinstance(gallery, Gallery)
    assert gallery.captions[:2] == ["the mean of 20 marked images", "the mask"]
    assert len(gallery.pictures) == 2 + 2 * 4
    mask = np.asarray(Image.open(io.BytesIO(gallery.pictures[1])))
    assert mask[:100].max() == 0
    assert mask[140:170, 95:170].mean() > 60


def test_no_mark_no_pictures():
    assert mark_blocks(ft.inspect("iris")) == []
