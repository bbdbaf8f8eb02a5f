import numpy as np
import pytest
import torch

from ftkit.augment import Color, Crop, Flip, Grayscale, Noise, Rotate, Scale, Shear, compose, row_keys
from ftkit.errors import DataError, RecipeError

ALL = (Rotate(20), Scale(), Flip("both"), Crop(), Shear(), Color(hue=0.1), Noise(0.05))
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def batch(rows=67, side=8, channels=3, seed=0):
    pixels = torch.from_numpy(
        np.random.default_rng(seed).integers(0, 256, (rows, side, side, channels), dtype=np.uint8)
    )
    return pixels, row_keys(f"row {i}" for i in range(rows))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("side", "size"), [(8, 8), (28, 28), (64, 64), (50, 28), (13, 21)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_a_row_is_bitwise_the_same_whatever_is_beside_it(side, size, channels, dtype):
    pixels, keys = batch(side=side, channels=channels)
    pixels = pixels if dtype == torch.uint8 else pixels.to(dtype) / 255
    augmenter = compose(ALL, size=(size, size), seed=3)
    whole = augmenter(pixels, keys, 5)
    for part in (slice(0, 1), slice(3, 10), slice(2, 66), np.random.default_rng(1).permutation(67)):
        assert torch.equal(augmenter(pixels[part], keys[part], 5), whole[part])


def test_threads_change_nothing():
    pixels, keys = batch(side=64)
    augmenter, threads = compose(ALL, size=(64, 64)), torch.get_num_threads()
    one = augmenter(pixels, keys, 0)
    torch.set_num_threads(2)
    two = augmenter(pixels, keys, 0)
    torch.set_num_threads(threads)
    assert torch.equal(one, two)


def test_seed_epoch_and_key_each_change_the_picture():
    pixels, keys = batch(rows=2)
    pixels[1] = pixels[0]
    a = compose(ALL, size=(8, 8), seed=1)(pixels, keys, 0)
    assert not torch.equal(a[0], a[1])
    assert not torch.equal(a, compose(ALL, size=(8, 8), seed=2)(pixels, keys, 0))
    assert not torch.equal(a, compose(ALL, size=(8, 8), seed=1)(pixels, keys, 1))


def test_a_step_put_behind_leaves_the_draws_of_those_before():
    _, keys = batch()
    alone, followed = (compose(steps, size=(8, 8)) for steps in ((Rotate(20),), (Rotate(20), Scale(1, 1))))
    assert (alone.parameters(keys, 0, 67).backward == followed.parameters(keys, 0, 67).backward).all()


def test_without_steps_pixels_are_only_normalised():
    pixels, _ = batch()
    expected = (pixels.permute(0, 3, 1, 2) / 255.0 - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[
        :, None, None
    ]
    out = compose((), size=(8, 8))(pixels, None, 0, MEAN, STD)
    torch.testing.assert_close(out, expected, rtol=0, atol=2e-6)
    assert torch.equal((compose((), size=(8, 8))(pixels) * 255).round().byte(), pixels.permute(0, 3, 1, 2))


def test_shrinking_averages_so_that_stripes_become_grey():
    stripes = torch.zeros(1, 64, 64, 1, dtype=torch.uint8)
    stripes[:, :, ::2] = 255
    for steps in ((), (Crop(0.1),)):
        out = compose(steps, size=(16, 16))(stripes, row_keys(["a"]))
        assert (out[..., 3:-3] - 0.5).abs().max() < 0.02


def test_enlarging_agrees_with_and_without_a_step():
    pixels, keys = batch(side=13)
    plain, still = (compose(steps, size=(21, 30))(pixels, keys) for steps in ((), (Rotate(0),)))
    torch.testing.assert_close(still, plain, rtol=0, atol=1e-5)


def test_flip_mirrors_without_blur():
    pixels, keys = batch()
    out = compose([Flip(p=1)], size=(8, 8))(pixels, keys)
    torch.testing.assert_close(out, pixels.permute(0, 3, 1, 2).flip(3) / 255, rtol=0, atol=1e-5)


def test_crop_moves_by_whole_pixels_and_repeats_the_border():
    pixels, keys = batch(rows=200)
    padded = np.pad(pixels.numpy(), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    out = (compose([Crop(0.125)], size=(8, 8))(pixels, keys) * 255).permute(0, 2, 3, 1).numpy()
    seen = set()
    for row, picture in enumerate(out):
        where = [
            (y, x) for y in range(3) for x in range(3) if abs(padded[row, y : y + 8, x : x + 8] - picture).max() < 0.1
        ]
        assert len(where) == 1
        seen.update(where)
    assert len(seen) == 9


def test_noise_has_its_deviation_and_no_pattern():
    grey = torch.full((40, 32, 32, 3), 0.5)
    noise = compose([Noise(0.05)], size=(32, 32))(grey, row_keys(map(str, range(40)))) - 0.5
    flat = noise.flatten(1).double()
    assert abs(flat.std() / 0.05 - 1) < 0.02
    assert abs(flat.mean()) < 0.001
    assert abs((flat**4).mean() / flat.var() ** 2 - 3) < 0.1
    for lag in (1, 2, 3, 4, 32, 1024):
        assert abs(np.corrcoef(flat[:, lag:].ravel(), flat[:, :-lag].ravel())[0, 1]) < 0.012
    assert abs(torch.corrcoef(flat) - torch.eye(40)).max() < 0.09


def test_values_stay_within_what_pictures_have():
    pixels, keys = batch(side=28)
    out = compose([Color(1, 1, 1), Noise(0.5)], size=(28, 28))(pixels, keys)
    assert out.min() == 0
    assert out.max() == 1


def test_one_channel_is_treated_as_three_equal_ones():
    pixels, keys = batch(channels=1)
    augmenter = compose([Rotate(20), Color(hue=0.3), Grayscale(0.5)], size=(8, 8))
    grey, colour = augmenter(pixels, keys), augmenter(pixels.expand(-1, -1, -1, 3), keys)
    torch.testing.assert_close(grey.expand(-1, 3, -1, -1), colour, rtol=0, atol=2e-4)


def test_an_empty_batch_stays_empty():
    pixels, keys = batch(rows=0)
    assert compose(ALL, size=(5, 6))(pixels, keys).shape == (0, 3, 5, 6)


def test_what_does_not_fit_is_said():
    pixels, keys = batch()
    run = compose(ALL, size=(8, 8))
    for call, words in (
        (lambda: run(pixels[..., 0], keys), "rows × height × width"),
        (lambda: run(pixels.long(), keys), "expected uint8"),
        (lambda: run(pixels, keys[:3]), "one int64 key a row"),
        (lambda: run(pixels), "found none"),
        (lambda: run(pixels, keys, 0, [0.5, 0.5]), "each of 3 channels"),
        (lambda: run(pixels, keys, 0, 0.5, 0), "above 0"),
    ):
        with pytest.raises(DataError, match=words):
            call()
    with pytest.raises(RecipeError, match="2 faults"):
        compose((), size=(0, 8), padding="blak")
