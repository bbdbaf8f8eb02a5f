import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import beta

from ftkit.augment import CutMix, Mixer, MixUp, compose, make_mixer, row_keys
from ftkit.augment.mixing import beta_quantile
from ftkit.training.mixed import MixedRows
from ftkit.training.plan import plan
from ftkit.training.rows import ImageRows, TableRows

STEPS = ["rotate", "noise", {"mix_up": {"alpha": 1, "p": 0.6}}, {"cut_mix": {"p": 1}}]


def rows(count=64, side=12, steps=STEPS, order=None, seed=5):
    random = np.random.default_rng(0)
    pixels, labels = random.integers(0, 256, (count, side, side, 3), dtype=np.uint8), random.integers(0, 4, count)
    where = np.arange(count) if order is None else order
    keys = row_keys(map(str, where))
    augment = compose(steps, size=(side, side), seed=seed)
    plain = ImageRows(pixels, where, labels[where], keys, augment, compose([], size=(side, side)), torch.device("cpu"))
    return MixedRows(plain, make_mixer(steps, seed=seed, classes=4))


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.5, 1.0, 2.0, 8.0])
def test_shares_are_those_of_the_beta_distribution(alpha):
    u = np.linspace(0.001, 0.999, 999)
    assert abs(beta_quantile(u, alpha) - beta.ppf(u, alpha, alpha)).max() < 1e-4


def test_a_row_is_mixed_bitwise_the_same_in_any_batch_and_order():
    mixed = rows()
    inputs, labels = mixed.batch(np.arange(64), 3)
    for size in (1, 7):
        parts = [mixed.batch(np.arange(i, min(i + size, 64)), 3) for i in range(0, 64, size)]
        assert torch.equal(torch.cat([p[0] for p in parts]), inputs)
        assert torch.equal(torch.cat([p[1] for p in parts]), labels)
    order = np.random.default_rng(1).permutation(64)
    again = mixed.batch(order, 3)
    assert torch.equal(again[0], inputs[order])
    assert torch.equal(again[1], labels[order])


def test_rows_read_in_another_order_are_mixed_the_same():
    order = np.random.default_rng(2).permutation(64)
    inputs, labels = rows().batch(order, 3)
    again = rows(order=order).batch(np.arange(64), 3)
    assert torch.equal(again[0], inputs)
    assert torch.equal(again[1], labels)


def test_labels_say_what_the_picture_shows():
    plain, mixed = rows(steps=["rotate"]), rows()
    _, labels = mixed.batch(np.arange(64), 1)
    assert torch.allclose(labels.sum(1), torch.ones(64))
    own = mixed.rows._labels
    partner = own[torch.from_numpy(mixed.partners(1))]
    for row in range(64):
        shown = set(labels[row].nonzero().flatten().tolist())
        assert shown <= {int(own[row]), int(partner[row])}
    assert plain.mixer is None


def test_every_row_is_a_partner_once_and_never_its_own():
    mixed = rows()
    for epoch in range(3):
        partners = mixed.partners(epoch)
        assert sorted(partners) == list(range(64))
        assert (partners != np.arange(64)).all()
    assert (mixed.partners(0) != mixed.partners(1)).any()


def test_a_batch_of_the_plan_needs_one_row_more():
    mixed, asked = rows(), []
    fetch = mixed.rows.batch
    mixed.rows.batch = lambda positions, epoch: asked.append(len(positions)) or fetch(positions, epoch)
    for positions in plan(mixed.keys, 16, 2, 5):
        mixed.batch(positions, 2)
    assert asked == [17] * 4


def test_nothing_is_mixed_without_an_epoch():
    mixed = rows()
    inputs, labels = mixed.batch(np.arange(8), None)
    assert labels.dtype == torch.int64
    assert torch.equal(inputs, mixed.rows.batch(np.arange(8), None)[0])


def pair(step, seed=0, side=16):
    random = np.random.default_rng(0)
    a, b = (torch.from_numpy(random.random((1, 3, side, side), dtype=np.float32)) for _ in range(2))
    labels = torch.tensor([0]), torch.tensor([1])
    inputs, soft = Mixer((step,), seed, 2)(a, labels[0], b, labels[1], row_keys(["x"]), 0)
    return a, b, inputs, soft[0]


def as_image(tensor):
    return Image.fromarray((tensor[0].permute(1, 2, 0) * 255).round().byte().numpy())


def test_mix_up_is_pillows_blend():
    a, b, mixed, soft = pair(MixUp(alpha=1), seed=1)
    theirs = np.asarray(Image.blend(as_image(b), as_image(a), float(soft[0])), dtype=float)
    assert abs(np.asarray(as_image(mixed), dtype=float) - theirs).max() <= 1.5
    assert 0.05 < soft[0] < 0.95


def test_cut_mix_is_pillows_paste():
    a, b, mixed, soft = pair(CutMix(p=1))
    [box] = Mixer((CutMix(p=1),), 0, 2).draw(row_keys(["x"]), 0, (3, 16, 16))[1]
    top, left, bottom, right = box.tolist()
    theirs = as_image(a)
    theirs.paste(as_image(b).crop((left, top, right, bottom)), (left, top))
    assert (np.asarray(as_image(mixed)) == np.asarray(theirs)).all()
    assert float(soft[1]) == pytest.approx((bottom - top) * (right - left) / 256)
    assert 0 < soft[1] < 1


def test_a_row_is_mixed_by_one_step_at_most():
    mixer = make_mixer([{"mix_up": {"p": 0.5}}, {"cut_mix": {"p": 0.5}}], classes=2)
    share, boxes = mixer.draw(np.arange(4000), 0, (3, 32, 32))
    cut, blended = boxes.any(axis=1), ~boxes.any(axis=1) & (share < 1)
    assert abs(blended.mean() - 0.5) < 0.03
    assert abs(cut.mean() - 0.25) < 0.03


def test_numbers_and_table_rows_can_be_mixed_too():
    keys = row_keys(map(str, range(10)))
    table = TableRows(np.eye(10, dtype=np.float32), np.arange(10, dtype=np.float32), keys, torch.device("cpu"))
    inputs, labels = MixedRows(table, Mixer((MixUp(alpha=1),))).batch(np.arange(10), 0)
    assert torch.allclose(labels, inputs @ torch.arange(10.0), atol=1e-5)
    assert not torch.allclose(labels, torch.arange(10.0))


def test_without_a_mixing_step_there_is_no_mixer():
    assert make_mixer(["rotate", "noise"]) is None
