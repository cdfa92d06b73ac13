"""Many comparisons: the adjustment is Benjamini-Hochberg's, and p-values say what intervals say."""

from __future__ import annotations

import numpy as np
import pytest

from planlib.team.multiplicity import FALSE_SHARE, adjust, p_of_interval


def test_the_adjustment_is_the_published_example() -> None:
    """Fifteen p-values of Benjamini and Hochberg (1995): the four smallest are kept at 5 %."""
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
                 0.4262, 0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert (adjust(published) <= FALSE_SHARE).sum() == 4


def test_order_and_unknown_comparisons_do_not_matter() -> None:
    """Shuffled p-values keep their adjusted value, NaN stays NaN and counts for nothing."""
    plain = adjust([0.01, 0.04, 0.03])
    mixed = adjust([np.nan, 0.03, 0.01, np.nan, 0.04])
    assert mixed[[2, 4, 1]] == pytest.approx(plain)
    assert np.isnan(mixed[[0, 3]]).all()
    assert np.isnan(adjust([np.nan])).all()
    assert adjust([]).size == 0


def test_chance_alone_names_hardly_anything() -> None:
    """Of 200 comparisons of nothing ten are below 5 %, and none is left after the adjustment."""
    chance = np.random.default_rng(4).random(200)
    assert (chance < FALSE_SHARE).sum() > 4
    assert not (adjust(chance) <= FALSE_SHARE).any()


@pytest.mark.parametrize(
    ("middle", "low", "high", "below"),
    [(2.0, 0.5, 4.0, True), (2.0, -0.5, 4.0, False), (-2.0, -3.0, -0.1, True), (0.0, -1, 1, False)],
)
def test_a_p_value_is_small_where_the_interval_leaves_out_zero(
    middle: float, low: float, high: float, below: bool
) -> None:
    """The p-value and the interval never contradict each other."""
    assert (float(p_of_interval(middle, low, high)) < FALSE_SHARE) is below
