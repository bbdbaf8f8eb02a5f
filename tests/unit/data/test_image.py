from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.data.image import UnreadableImageError, decode, fit


def encoded(
    mode: str = "RGB", size: tuple[int, int] = (12, 8), form: str = "PNG", value: int = 100, **options
) -> bytes:
    """An image file of one colour."""
    return as_file(Image.new(mode, size, value if mode in ("L", "P", "I;16", "1", "F") else None), form, **options)


def converted(data: bytes) -> str | None:
    return decode(data).converted


def as_file(picture: Image.Image, form: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "not there"),
        (b"", r"empty \(0 bytes\)"),
        (b"I am a text file\nnot an image\n", "it is text"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\x00\x01\x02\xff" * 10, "not an image"),
        (encoded(size=(64, 64), form="JPEG")[:300], "cut short|broken"),
        (encoded(size=(64, 64))[:60], "cut short|broken"),
    ],
)
def test_unreadable_images_say_why(data, reason):
    with pytest.raises(UnreadableImageError, match=reason):
        decode(data)


def test_decompression_bomb_is_refused():
    bomb = as_file(Image.new("1", (20000, 20000)), "PNG")
    with pytest.raises(UnreadableImageError, match="bomb"):
        decode(bomb)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (encoded("RGB"), None),
        (encoded("L"), None),
        (encoded("CMYK", form="JPEG"), "CMYK, read as RGB"),
        (encoded("I;16", value=40000), "16-bit, scaled"),
        (encoded("P"), "palette"),
        (encoded("RGBA"), "laid on white"),
        (encoded("LA"), "laid on white"),
        (encoded("1"), "1 bit"),
        (encoded("F", form="TIFF"), "float"),
    ],
)
def test_modes_are_converted_and_said(data, said):
    done = converted(data)
    assert done == said if said is None else said in done
    assert decode(data).picture.mode in ("L", "RGB")


def test_16_bit_is_scaled_not_clipped():
    pixels = np.array([[0, 25700, 65535]], dtype=np.uint16)
    assert np.asarray(decode(as_file(Image.fromarray(pixels), "PNG")).picture).tolist() == [[0, 100, 255]]


def test_alpha_is_laid_on_white():
    clear = as_file(Image.new("RGBA", (2, 2), (0, 0, 0, 0)), "PNG")
    assert np.asarray(decode(clear).picture).min() == 255


def test_first_frame_of_an_animation():
    frames = [Image.new("L", (4, 4), value) for value in (10, 200)]
    decoded = decode(as_file(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert "the first of 2 frames" in decoded.converted
    assert np.asarray(decoded.picture.convert("L")).max() == 10


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.new("RGB", (40, 20))
    decoded = decode(as_file(picture, "JPEG", exif=exif), shrink_to=(4, 4))
    assert (decoded.width, decoded.height) == (20, 40)
    assert decoded.picture.height > decoded.picture.width


def test_drafted_jpeg_is_close_to_the_whole():
    ramp = np.linspace(0, 255, 512).astype(np.uint8)
    data = as_file(Image.fromarray(np.tile(ramp, (512, 1))), "JPEG", quality=95)
    small = fit(decode(data, (32, 32)).picture, (32, 32), 1).astype(int)
    whole = fit(decode(data).picture, (32, 32), 1).astype(int)
    assert abs(small - whole).max() <= 3


@pytest.fixture
def broken(photos):
    """A folder in which three of eight images cannot be read."""
    (photos / "dog" / "0.png").write_bytes(b"")
    (photos / "dog" / "1.jpg").write_text("a text file")
    (photos / "dog" / "1.png").unlink()
    (photos / "猫" / "3.png").write_bytes((photos / "猫" / "3.png").read_bytes()[:70])
    return ft.read(photos)


def test_scan_reports_and_never_raises(broken):
    scan = broken.scan()
    assert set(scan.error) == {0, 1, 7}
    assert scan.width.tolist() == [0, 0, 12, 12, 12, 12, 12, 0]
    assert scan.mode[2] == "RGB"


def test_scan_of_a_selection_counts_its_own_rows(broken):
    assert set(broken[[7, 2]].scan().error) == {0}


def test_pixels_are_zero_where_unreadable(broken):
    pixels, errors = broken.pixels((6, 5))
    assert pixels.shape == (8, 6, 5, 3)
    assert set(errors) == {0, 1, 7}
    assert pixels[[0, 1, 7]].max() == 0
    assert pixels[2].max() > 0


def test_pixels_of_some_rows_into_a_given_array(photos, tmp_path):
    out = np.memmap(tmp_path / "pixels", np.uint8, "w+", shape=(2, 8, 12, 1))
    pixels, errors = ft.read(photos).pixels((8, 12), channels=1, positions=[3, 0], out=out)
    assert pixels is out
    assert not errors
    assert (pixels[1] == np.asarray(Image.open(photos / "dog" / "0.png").convert("L"))[..., None]).all()


@pytest.mark.parametrize(
    "bad", [{"size": (0, 4)}, {"size": (4, 4), "channels": 2}, {"size": (4, 4), "out": np.zeros(3)}]
)
def test_pixels_refuses_what_cannot_be_made(photos, bad):
    with pytest.raises(ft.DataError):
        ft.read(photos).pixels(**bad)


def test_tables_have_no_pixels():
    with pytest.raises(ft.DataError, match="no column of images"):
        ft.read("iris").pixels((4, 4))


def test_thumbnails_are_png_even_where_unreadable(broken):
    for i in (0, 2):
        assert max(Image.open(io.BytesIO(broken.thumbnail(i, 48))).size) == 48


def test_file_that_went_away(photos):
    view = ft.read(photos)
    (photos / "dog" / "0.png").unlink()
    assert view.scan().error == {0: "the file is not there"}
    assert view[0]["image"] is None


def test_cifar_decodes(shared):
    view = ft.read(shared / "images-cifar10" / "test.parquet")[:200]
    scan = view.scan()
    assert not scan.error
    assert set(scan.width) == {32}
    pixels, _ = view.pixels((32, 32))
    assert (pixels[5] == np.asarray(view[5]["image"])).all()
