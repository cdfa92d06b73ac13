"""Tests of planlib.intervals: Wilson's interval against published figures and scipy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from planlib.intervals import newcombe, wilson


def test_the_published_interval() -> None:
    """81 of 263 at 95 %: 0.2553 to 0.3662 (Newcombe 1998, method 3)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@given(st.integers(1, 400), st.data(), st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]))
def test_it_is_that_of_scipy(count: int, data: st.DataObject, confidence: float) -> None:
    """Numbers, arrays and columns give what scipy gives, case by case."""
    hits = data.draw(st.integers(0, count))
    peer = binomtest(hits, count).proportion_ci(confidence, method="wilson")
    wanted = pytest.approx((peer.low, peer.high), abs=1e-9)
    assert wilson(hits, count, confidence) == wanted
    low, high = wilson(np.array([hits, 0.0]), np.array([count, 1.0]), confidence)
    assert (low[0], high[0]) == wanted
    first, last = wilson(pd.Series([hits]), pd.Series([count]), confidence)
    assert (first[0], last[0]) == wanted


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share(count: int, data: st.DataObject) -> None:
    """It lies within 0 and 1, holds the share, and narrows with more cases."""
    hits = data.draw(st.integers(0, count))
    low, high = wilson(pd.Series([hits, 10 * hits]), pd.Series([count, 10 * count]))
    share = hits / count
    assert 0 <= low[0] <= share <= high[0] <= 1
    assert high[1] - low[1] < high[0] - low[0]


def test_no_case_and_an_unknown_figure_have_no_interval() -> None:
    """Zero cases, a missing count and a missing number of hits are NaN, never 0 to 1."""
    assert all(math.isnan(one) for one in wilson(0, 0))
    hits = pd.Series([0, 1, None], dtype="Int64")
    low, high = wilson(hits, pd.Series([0, None, 5], dtype="Int64"))
    assert low.isna().all()
    assert high.isna().all()


def test_columns_come_together_by_their_index() -> None:
    """The order of the rows does not matter; a row that one column lacks is not known."""
    hits = pd.Series({"a": 1.0, "b": 5.0})
    low, _ = wilson(hits, pd.Series({"b": 5.0, "a": 2.0, "c": 3.0}))
    assert low["a"] == wilson(1, 2)[0]
    assert low["b"] == wilson(5, 5)[0]
    assert math.isnan(low["c"])


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, -0.5])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    """Percent instead of a share is named."""
    with pytest.raises(ValueError, match=r"confidence must be in \(0, 1\)"):
        wilson(1, 2, confidence)


def test_newcombe_gives_the_published_interval() -> None:
    """56/70 less 48/80 at 95 %: 0.0524 to 0.3339 (Newcombe 1998, method 10)."""
    assert newcombe((56, 70), (48, 80), 0.95) == pytest.approx((0.0524, 0.3339), abs=5e-5)
