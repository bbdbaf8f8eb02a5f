import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ftkit.augment import (
    STEPS,
    Blur,
    Color,
    Crop,
    CutOut,
    Flip,
    Grayscale,
    Jpeg,
    Noise,
    Perspective,
    Posterize,
    RandAugment,
    Resample,
    Rotate,
    SaltAndPepper,
    Scale,
    Shear,
    Speckle,
    compose,
    row_keys,
)
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


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if hasattr(step, "draw")])
@pytest.mark.parametrize(("side", "size", "channels"), [(28, 28, 1), (20, 33, 3), (70, 64, 3)])
def test_every_step_gives_a_row_bitwise_the_same_picture_in_any_batch_and_order(name, side, size, channels):
    pixels, keys = batch(rows=64, side=side, channels=channels)
    augmenter = compose([name], size=(size, size), seed=3)
    whole = augmenter(pixels, keys, 5, 0.4, 0.3)
    assert torch.isfinite(whole).all()
    for rows in (1, 7):
        parts = [augmenter(pixels[i : i + rows], keys[i : i + rows], 5, 0.4, 0.3) for i in range(0, 64, rows)]
        assert torch.equal(torch.cat(parts), whole)
    order = np.random.default_rng(1).permutation(64)
    assert torch.equal(augmenter(pixels[order], keys[order], 5, 0.4, 0.3), whole[order])


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if hasattr(step, "draw")])
def test_every_step_does_something_and_leaves_what_it_was_given(name):
    pixels, keys = batch(rows=64, side=28)
    before, plain = pixels.clone(), compose((), size=(28, 28))(pixels)
    after = compose([name], size=(28, 28))(pixels, keys)
    changed = (after - plain).abs().flatten(1).amax(1) > 1e-3
    assert torch.equal(pixels, before)
    assert changed.any() == (name != "resample")
    assert after.min() >= 0
    assert after.max() <= 1


@pytest.mark.parametrize("step", [Rotate, Color, Blur, Noise, Jpeg, CutOut, Perspective, Posterize, RandAugment])
def test_a_chance_leaves_the_other_rows_as_they_are(step):
    pixels, keys = batch(rows=400, side=16)
    plain = compose((), size=(16, 16))(pixels)
    changed = {
        p: (compose([step(p=p)], size=(16, 16))(pixels, keys) - plain).abs().flatten(1).amax(1) > 1e-3
        for p in (0.0, 0.3, 1.0)
    }
    assert not changed[0.0].any()
    # RandAugment draws two times "identity" now and then; the rows of the smaller chance are among those of the larger.
    assert abs(changed[0.3].float().mean() / changed[1.0].float().mean() - 0.3) < 0.08
    assert not (changed[0.3] & ~changed[1.0]).any()


class Allocations(TorchDispatchMode):
    """Notes how large the storage of every tensor is that an operation gives."""

    def __init__(self):
        super().__init__()
        self.sizes = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        self.sizes |= {t.untyped_storage().nbytes() for t in tree_leaves(out) if isinstance(t, torch.Tensor)}
        return out


def test_no_temporary_grows_with_the_batch():
    steps = ["rand_augment", "perspective", {"blur": {"p": 1}}, {"jpeg": {"p": 1}}, {"speckle": {"p": 1}}, "cut_out"]
    run, largest = compose(steps, size=(64, 64)), {}
    for rows in (60, 600):
        pixels, keys = batch(rows=rows, side=64)
        with Allocations() as seen:
            out = run(pixels, keys)
        largest[rows] = max(seen.sizes - {out.untyped_storage().nbytes(), pixels.untyped_storage().nbytes()})
    assert largest[600] == largest[60] < 8 << 20


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
    assert (alone.draft(keys, 0).backward == followed.draft(keys, 0).backward).all()


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
    with pytest.raises(RecipeError, match="height, width"):
        compose((), size=(0, 8))


def test_speckle_grows_with_brightness():
    grey = torch.full((40, 32, 32, 1), 0.25)
    grey[:, 16:] = 0.5
    noise = compose([Speckle(0.1, p=1)], size=(32, 32))(grey, row_keys(map(str, range(40))))
    assert abs(noise[:, :, :16].std() / 0.025 - 1) < 0.03
    assert abs(noise[:, :, 16:].std() / 0.05 - 1) < 0.03


def test_salt_and_pepper_is_as_much_as_asked_and_the_same_in_all_channels():
    grey = torch.full((40, 32, 32, 3), 0.5)
    out = compose([SaltAndPepper(0.1, p=1)], size=(32, 32))(grey, row_keys(map(str, range(40))))
    assert abs((out == 1).float().mean() - 0.05) < 0.004
    assert abs((out == 0).float().mean() - 0.05) < 0.004
    assert torch.equal(out[:, 0], out[:, 2])


def test_cut_out_puts_the_mean_where_the_model_sees_zero():
    pixels, keys = batch(rows=50, side=20)
    out = compose([CutOut(0.5, p=1)], size=(20, 20))(pixels, keys, 0, MEAN, STD)
    share = (out == 0).all(1).float().mean((1, 2))
    assert share.max() == pytest.approx(0.25)
    assert 0.1 < share.mean() < 0.2


def test_what_lies_outside_is_what_was_asked_for():
    pixels = torch.full((1, 8, 8, 3), 255, dtype=torch.uint8)
    key = row_keys(["a"])
    around = {
        padding: compose([Rotate(180), Resample("bilinear", padding, [0.2, 0.4, 0.6])], size=(8, 8))(pixels, key)
        for padding in ("border", "reflection", "constant")
    }
    assert around["border"].min() == around["reflection"].min() == 1
    assert around["constant"][0, :, 0, 0].tolist() == pytest.approx([0.2, 0.4, 0.6], abs=1e-5)


def test_nearest_makes_no_new_value():
    pixels, keys = batch(rows=9, side=16, channels=1)
    pixels = (pixels > 127).to(torch.uint8) * 255
    out = compose([Rotate(30), Scale(), Resample("nearest")], size=(16, 16))(pixels, keys)
    assert set(out.unique().tolist()) == {0.0, 1.0}
