"""Shares still going on and shares ended by cause: known answers, closed forms, brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import CensoredData, ecdf

from planlib.pipeline.movement import cumulative_incidence, kaplan_meier
from planlib.pipeline.movement.survival import Curve

CAUSES = ("won", "lost")


def curve(days: list[float], ended: list[bool]) -> Curve:
    """Estimate a curve."""
    return kaplan_meier(pd.Series(days), pd.Series(ended))


def test_a_hand_computed_curve():
    """Of 5, one ends on day 2, one on day 4 with 3 left: shares 4/5 and 4/5 x 2/3."""
    found = curve([2, 3, 4, 5, 6], [True, False, True, False, False])
    assert found.days.tolist() == [2, 4]
    assert found.at_risk.tolist() == [5, 3]
    assert found.share.tolist() == pytest.approx([0.8, 0.8 * 2 / 3])


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_is_that_of_scipy(seed):
    """Share and interval agree with scipy's estimate for censored data."""
    rng = np.random.default_rng(seed)
    days = rng.integers(1, 30, 60).astype(float)
    ended = (rng.random(60) < 0.6) & (days < 25)  # some are still going on at the end
    days[0], ended[0] = 0, True  # and one ends at once, so that every share is inside 0 and 1
    found = curve(list(days), list(ended))
    data = CensoredData(uncensored=days[ended], right=days[~ended])
    theirs = ecdf(data).sf
    band = theirs.confidence_interval(method="log-log")
    at = found.days
    assert found.share == pytest.approx(theirs.evaluate(at))
    inside = ~np.isnan(found.low)
    assert found.low[inside] == pytest.approx(band.low.evaluate(at[inside]))
    assert found.high[inside] == pytest.approx(band.high.evaluate(at[inside]))


def test_the_median_counts_open_deals_in():
    """Three ended after 10 days; with three open ones that took longer the median is later."""
    days, ended = [10.0, 11.0, 12.0], [True] * 3
    assert curve(days, ended).median[0] == 11
    longer = [*days, 50.0, 50.0, 50.0]
    assert curve(longer, [*ended, False, False, False]).median[0] == 12


def test_all_censored_gives_no_estimate():
    """Nothing has ended: no curve, no median, no shares; not zero."""
    days, nothing = pd.Series([5.0, 9.0]), pd.Series([False, False])
    found = kaplan_meier(days, nothing)
    assert len(found.days) == 0
    assert np.isnan(found.median).all()
    found = cumulative_incidence(
        days, pd.Series(["", ""]), pd.Series([0, 0]), np.array([0.0, 5.0]), CAUSES
    )
    assert found[["won", "lost"]].isna().all().all()


def test_constant_hazards_give_the_closed_form():
    """With daily chances a and b of winning and losing: a / (a + b) x (1 - (1 - a - b)^t)."""
    a, b, start = 0.02, 0.03, 1_000_000
    going, days, causes, weights = float(start), [], [], []
    for day in range(1, 61):
        for name, chance in (("won", a), ("lost", b)):
            days.append(day)
            causes.append(name)
            weights.append(round(going * chance))
        going *= 1 - a - b
    repeat = np.array(weights)
    left = start - repeat.sum()
    days = pd.Series(np.concatenate([np.repeat(days, repeat), np.full(left, 61)]))
    why = pd.Series(np.concatenate([np.repeat(causes, repeat), np.full(left, "")]))
    ages = np.array([1.0, 10.0, 30.0, 60.0])
    entry = pd.Series(np.zeros(len(days)))
    found = cumulative_incidence(days, why, entry, ages, CAUSES)
    expected = a / (a + b) * (1 - (1 - a - b) ** ages)
    assert found["won"].to_numpy() == pytest.approx(expected, abs=1e-5)
    assert found["lost"].to_numpy() == pytest.approx(expected * b / a, abs=1e-5)
    known = found["won"] + found["lost"]
    assert (known <= 1).all()


def test_without_open_deals_shares_are_counts():
    """With all deals closed the estimate is the plain share, and its error that of a share."""
    days = pd.Series([1.0, 2.0, 3.0, 4.0])
    why = pd.Series(["won", "lost", "won", "lost"])
    found = cumulative_incidence(days, why, pd.Series([0] * 4), np.array([2.0, 4.0]), CAUSES)
    assert found["won"].tolist() == [0.25, 0.5]
    assert found["lost"].tolist() == [0.25, 0.5]
    spread = (found["won_high"] - found["won"])[0] / 1.959963984540054
    assert spread == pytest.approx(np.sqrt(0.25 * 0.75 / 4))


def brute_force(days, why, entry, age):
    """Estimate the share won until an age, one day at a time."""
    going, won = 1.0, 0.0
    for day in sorted({d for d, w in zip(days, why, strict=True) if w and d <= age}):
        risk = sum(e <= day <= d for d, e in zip(days, entry, strict=True))
        ended = [w for d, w in zip(days, why, strict=True) if d == day and w]
        won += going * ended.count("won") / risk
        going *= 1 - len(ended) / risk
    return won


@pytest.mark.parametrize("seed", range(5))
def test_late_entries_count_from_their_entry(seed):
    """Deals watched from a later age on agree with a day-by-day computation."""
    rng = np.random.default_rng(seed)
    days = rng.integers(1, 25, 80)
    entry = np.minimum(rng.integers(0, 12, 80) * (rng.random(80) < 0.5), days)
    why = rng.choice(["won", "lost", ""], 80)
    ages = np.array([5.0, 12.0, 20.0])
    found = cumulative_incidence(pd.Series(days), pd.Series(why), pd.Series(entry), ages, CAUSES)
    expected = [brute_force(days, why, entry, age) for age in ages]
    assert found["won"].to_numpy() == pytest.approx(expected)


def test_beyond_the_last_look_nothing_is_known():
    """An age that no deal has reached has no share."""
    found = cumulative_incidence(
        pd.Series([3.0, 5.0]), pd.Series(["won", ""]), pd.Series([0, 0]),
        np.array([4.0, 6.0]), CAUSES,
    )  # fmt: skip
    assert found["won"].tolist()[0] == 0.5
    assert np.isnan(found["won"].tolist()[1])
