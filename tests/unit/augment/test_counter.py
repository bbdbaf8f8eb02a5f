import numpy as np
import torch

from ftkit.augment import row_keys, uniform

KEYS = row_keys(f"photos/{i}.jpg" for i in range(20_000))


def test_numpy_and_torch_agree_to_the_bit():
    ours = uniform(7, 3, KEYS, [0, 5, 64])
    theirs = uniform(7, 3, torch.from_numpy(KEYS), [0, 5, 64])
    assert (ours == theirs.numpy()).all()


def test_one_stream_is_a_column_of_several():
    assert (uniform(7, 3, KEYS, [2, 9])[:, 1] == uniform(7, 3, KEYS, 9)).all()


def test_numbers_do_not_depend_on_the_rows_around():
    order = np.random.default_rng(0).permutation(len(KEYS))
    assert (uniform(1, 2, KEYS[order]) == uniform(1, 2, KEYS)[order]).all()
    assert (uniform(1, 2, KEYS[17:18]) == uniform(1, 2, KEYS)[17:18]).all()


def test_every_argument_changes_the_numbers():
    base = uniform(1, 2, KEYS, 3)
    for other in (uniform(2, 2, KEYS, 3), uniform(1, 3, KEYS, 3), uniform(1, 2, KEYS + 1, 3), uniform(1, 2, KEYS, 4)):
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.03


def test_numbers_are_uniform_even_for_keys_that_count():
    values = np.sort(uniform(0, 0, np.arange(20_000)))
    assert values[0] >= 0
    assert values[-1] < 1
    assert abs(values - np.linspace(0, 1, len(values))).max() < 1.63 / np.sqrt(len(values))  # Kolmogorov-Smirnov, 1%


def test_negative_and_huge_seeds_are_fine():
    assert np.isfinite(uniform(-1, -1, KEYS)).all()
    assert np.isfinite(uniform(2**80, 2**70, KEYS)).all()


def test_row_keys_are_stable_and_distinct():
    assert row_keys(["a.png", "向日葵/1.jpg"]).tolist() == [6266261796961190882, 3313848607414914529]
    assert len(np.unique(KEYS)) == len(KEYS)
    assert row_keys([]).shape == (0,)
