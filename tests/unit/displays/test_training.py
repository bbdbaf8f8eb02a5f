"""What is said of a run's curves."""

import pytest

from ftkit.displays.training import _best


@pytest.mark.parametrize(
    ("name", "best"), [("accuracy", "0.900"), ("mase", "0.200"), ("smape", "0.200"), ("my_own", "0.900")]
)
def test_the_best_value_is_the_highest_or_the_lowest_as_the_metric_has_it(name, best):
    tile = _best(name, [{"epoch": 1, name: 0.9}, {"epoch": 2, name: 0.2}, {"epoch": 3, name: None}])
    assert tile.value == best
