from __future__ import annotations

import numpy as np
import pytest
from image_rows import check, encoded, view_of
from PIL import Image

import ftkit as ft


def picture(seed=0):
    return np.random.default_rng(seed).integers(30, 220, (20, 30, 3), dtype=np.uint8)


def with_place():
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 11.0), 3: "E", 4: (8.0, 32.0, 9.0)})
    return exif


def with_names():
    exif = Image.Exif()
    exif[0x013B] = "Li Wei 李伟"
    exif.get_ifd(0x8769)[0xA431] = "SN-998877"
    return exif


def with_text():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "Somebody")
    return info


def test_places_names_and_numbers_are_found_and_not_shown():
    images = [
        picture(),
        encoded(picture(1), "JPEG", exif=with_place()),
        encoded(picture(2), "JPEG", exif=with_names()),
        encoded(picture(3), "PNG", pnginfo=with_text()),
    ]
    (found,) = check("IMG210", view_of(images))
    assert found.rows == ["r0001", "r0002", "r0003"]
    for part in ("place (GPS) 1", "author 2", "camera's serial number 1"):
        assert part in found.message
    assert not any(value in str(found) for value in ("47", "998877", "Li Wei", "李伟", "Somebody"))


def test_an_xmp_packet_is_read():
    packet = b'<x:xmpmeta><rdf:Description exif:GPSLatitude="47,22N"/></x:xmpmeta>'
    (found,) = check("IMG210", view_of([picture(), encoded(picture(1), "JPEG", xmp=packet)]))
    assert "place (GPS) 1" in found.message


@pytest.mark.parametrize(
    "exif", [None, {0x010F: "Maker", 0x0110: "Model", 0x0132: "2024:01:01 00:00:00"}, {0x013B: "  "}]
)
def test_what_names_nobody_passes(exif):
    made = Image.Exif()
    made.update(exif or {})
    assert check("IMG210", view_of([encoded(picture(i), "JPEG", exif=made) for i in range(3)])) == []


def test_order_does_not_matter():
    view = view_of(
        [picture(), encoded(picture(1), "JPEG", exif=with_place()), encoded(picture(2), "JPEG", exif=with_names())]
    )
    assert check("IMG210", view) == check("IMG210", view[::-1])


def test_real_photos_pass(shared):
    assert check("IMG210", ft.read(shared / "images-cifar10" / "test.parquet")[:500]) == []
