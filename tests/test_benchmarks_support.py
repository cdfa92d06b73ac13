"""Tests of benchmarks.support: its cases are fixed, and every way plans on the same market."""

from __future__ import annotations

import pandas as pd

from benchmarks import support
from planlib.support import fits, price, search


def test_a_case_is_the_same_each_time() -> None:
    """The same seed gives the same tables, and as many rows as asked for."""
    one, other = support.make_case(20, 4, 1.0), support.make_case(20, 4, 1.0)
    pd.testing.assert_frame_equal(one.requests, other.requests)
    pd.testing.assert_frame_equal(one.experts, other.experts)
    assert one.size == "20 x 4 x 26 weeks"
    scarce = support.make_case(20, 4, 2.0, seed=2)
    assert scarce.size == "20 x 4 x 26 weeks, hours scarce, draw 2"
    assert (one.requests["p_with"] > one.requests["p_without"]).all()


def test_the_textbook_model_finds_the_same_worth() -> None:
    """Two formulations of one problem agree on a small case, and both plans fit."""
    market = support.market_of(support.make_case(14, 3, 2.0))
    found = search(market, price(market), whole_requests=50, effort=1.0)
    plan, bound = support.whole_model(market, 20.0)
    assert found.is_best
    assert market.worth(plan) == market.worth(found.plan) == round(bound)
    assert fits(market, plan)
