from __future__ import annotations

import gzip

import numpy as np
import pytest

import ftkit as ft


def idx(values: np.ndarray) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes() + values.astype(np.uint8).tobytes()


@pytest.fixture
def mnist(written):
    images = np.arange(5 * 6 * 4).reshape(5, 6, 4)
    for split, images_here in (("train", images), ("t10k", images[:3] + 100)):
        written(gzip.compress(idx(images_here)), f"{split}-images-idx3-ubyte.gz")
        written(idx(np.arange(len(images_here)) % 2), f"{split}-labels-idx1-ubyte")
    return written(b"", "README").parent


def test_images_with_the_labels_beside_them(mnist):
    view = ft.read(mnist / "train-images-idx3-ubyte.gz")
    assert view.task == "image-classification"
    assert view.labels.tolist() == [0, 1, 0, 1, 0]
    pixels, _ = view[[1]].pixels((6, 4), channels=1)
    assert pixels.ravel().tolist() == list(range(24, 48))


def test_the_folder_and_a_test_file_beside(mnist):
    beside = ft.read(mnist / "train-images-idx3-ubyte.gz", test=mnist / "t10k-images-idx3-ubyte.gz")
    for view in (ft.read(mnist), beside):
        assert sorted(view.given_split.tolist()) == ["test"] * 3 + ["train"] * 5
    assert ft.read(mnist).ids.tolist()[3:] == beside.ids.tolist()[:5]


def test_without_labels(mnist):
    (mnist / "train-labels-idx1-ubyte").unlink()
    view = ft.read(mnist / "train-images-idx3-ubyte.gz")
    assert view.target is None
    assert "LAB105" in {note.code for note in view.notes}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not an idx file"),
        (idx(np.zeros((4, 2, 2)))[:-3], "should hold 16 bytes"),
        (idx(np.zeros(4)), "Give the images file"),
    ],
)
def test_faults(written, content, said):
    with pytest.raises(ft.DataError, match=said):
        ft.read(written(content, "some-images-idx3-ubyte"))


def test_other_number_of_labels(mnist, written):
    written(idx(np.zeros(4)), "train-labels-idx1-ubyte")
    with pytest.raises(ft.DataError, match="5 images, and train-labels-idx1-ubyte 4 labels"):
        ft.read(mnist / "train-images-idx3-ubyte.gz")


def test_fashion_mnist(shared):
    view = ft.read(shared / "images-fashion-mnist")
    assert len(view) == 20_000
    assert np.bincount(view.labels[view.given_split == "test"]).tolist() == [1000] * 10
