"""The learning rate as a function of the step."""

import pytest

from ftkit.errors import DataError
from ftkit.training import Settings, choose_device
from ftkit.training.schedule import learning_rate


def rates(schedule, warmup, steps=100):
    settings = Settings(learning_rate=2.0, schedule=schedule, warmup=warmup)
    return [learning_rate(step, steps, settings) for step in range(steps)]


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant", "inverse_sqrt", "plateau"])
def test_it_rises_to_the_highest_rate(schedule):
    assert rates(schedule, 0.1)[:10] == pytest.approx([0.2 * (k + 1) for k in range(10)])


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_it_falls_to_nearly_nothing(schedule):
    falling = rates(schedule, 0.0)
    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 2.0
    assert falling[-1] < 0.03


def test_constant_stays():
    assert set(rates("constant", 0.0)) == {2.0}


def test_one_cycle_rises_and_falls():
    told = rates("one_cycle", 0.3)
    assert told[0] == pytest.approx(2.0 / 25)
    assert told[30] == max(told) == 2.0
    assert told[:31] == sorted(told[:31])
    assert told[30:] == sorted(told[30:], reverse=True)
    assert told[-1] < 2.0 / 25


def test_one_cycle_is_torch_s():
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2.0, total_steps=100, pct_start=0.31)
    told = []
    for _ in range(100):
        told.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        theirs.step()
    assert max(abs(a - b) for a, b in zip(rates("one_cycle", 0.3), told, strict=True)) < 0.03


def test_inverse_sqrt_halves_in_four_times_the_steps():
    told = rates("inverse_sqrt", 0.1)
    assert told[39] == pytest.approx(told[9] / 2)


def test_a_device_that_is_not_there_is_said():
    with pytest.raises(DataError, match="'cuda:7' is not there; this machine has cpu"):
        choose_device("cuda:7")
