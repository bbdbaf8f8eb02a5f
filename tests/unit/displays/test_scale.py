from __future__ import annotations

import math

import pytest

from ftkit.displays.scale import Scale, decades, domain, tick_labels, ticks


@pytest.mark.parametrize("span", [(0, 1), (0.41, 0.97), (-3e5, 7e5), (1e-9, 3e-9), (99.9, 100.1)])
def test_ticks_are_round_few_and_inside(span):
    found = ticks(*span)
    assert 3 <= len(found) <= 9
    assert all(span[0] <= t <= span[1] for t in found)


@pytest.mark.parametrize("values", [[], [0.0], [5.0], [-2.0, -1.0], [1e-12], [3.0, 3.0], [0.0, 1e300]])
def test_a_domain_has_a_length_and_holds_its_values(values):
    low, high = domain(values)
    assert low < high
    assert all(low <= v <= high for v in values)
    assert math.isfinite(Scale(low, high, 0, 100)(low))


def test_zero_is_in_a_domain_for_bars():
    assert domain([3.0, 8.0], zero=True)[0] == 0


def test_whole_ticks_for_epochs():
    assert ticks(1, 3, whole=True) == [1, 2, 3]


def test_logarithmic_places_and_ticks():
    scale = Scale(1e-4, 1.0, 0, 100, log=True)
    assert scale(1e-2) == pytest.approx(50)
    assert decades(1e-4, 1) == [1e-4, 1e-3, 1e-2, 1e-1, 1]


def test_labels_of_one_axis_agree():
    assert tick_labels([0, 500000, 1000000]) == ["0", "500k", "1M"]
    assert tick_labels([-0.5, 0.0, 0.5]) == ["−0.5", "0", "0.5"]
