"""The learning rate as a function of the step."""

import pytest

from ftkit.errors import DataError
from ftkit.training import Settings, choose_device
from ftkit.training.schedule import learning_rate


def rates(schedule, warmup, steps=100):
    settings = Settings(learning_rate=2.0, schedule=schedule, warmup=warmup)
    return [learning_rate(step, steps, settings) for step in range(steps)]


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
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


def test_a_device_that_is_not_there_is_said():
    with pytest.raises(DataError, match="'cuda:7' is not there; this machine has cpu"):
        choose_device("cuda:7")
