"""Tests of planlib.projects.losses: won and lost by bands of closeness."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.errors import SettingsError
from planlib.intervals import wilson
from planlib.plan import Plan
from planlib.projects.losses import closeness_results
from planlib.settings.projects import ProjectsSettings
from planlib.tables import table
from tests.key_account_frames import make

RULES = ProjectsSettings(closeness_limits=(30, 60), minimum_deals=2)


def make_closed(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make lost projects P0, P1 ... of K1, decided in January; a row gives what differs."""
    base = {"account_id": "K1", "close_date": "2026-01-15", "is_won": False, "loss_cause": None}
    given = [{"project_id": f"P{at}", **base, **row} for at, row in enumerate(rows)]
    found = pd.DataFrame(given)
    return found.assign(close_date=pd.to_datetime(found["close_date"]))


def results(
    closed: pd.DataFrame, before: dict[str, float], *, trend: pd.DataFrame | None = None,
    rated: dict[str, float] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Give the table by measure and band."""
    counted = pd.DataFrame({"project_id": list(before), "counted_before": list(before.values())})
    found = closeness_results(closed, counted, trend, pd.Series(rated or {}, dtype="float64"),
                              RULES)  # fmt: skip
    return table("project_closeness_results").check(found).set_index(["measure", "band"])


def test_bands_count_won_and_lost_with_intervals_and_causes() -> None:
    """The lower limit belongs to the band; a cause of a won project does not count."""
    closed = make_closed(
        {"loss_cause": "relation"}, {"loss_cause": "both"}, {"loss_cause": "support"}, {},
        {"is_won": True, "loss_cause": "relation"}, {"is_won": True}, {},
    )  # fmt: skip
    found = results(closed, {"P0": 10, "P1": 29.9, "P2": 30, "P3": 0, "P4": 60, "P5": 100})
    low = found.loc[("counted at the opening", "low")]
    assert low[["won_count", "lost_count", "closed_count"]].tolist() == [0, 3, 3]
    assert low[["relation_count", "support_count", "coded_count"]].tolist() == [2, 1, 2]
    assert low["relation_share"] == 1
    ends = wilson(pd.Series([0.0]), pd.Series([3.0]))
    assert (low["low"], low["high"]) == (pytest.approx(ends[0][0]), pytest.approx(ends[1][0]))
    middle = found.loc[("counted at the opening", "middle")]
    assert middle[["lost_count", "support_count"]].tolist() == [1, 1]
    assert bool(middle["is_grey"])
    high = found.loc[("counted at the opening", "high")]
    assert high[["won_count", "coded_count"]].tolist() == [2, 0]
    assert pd.isna(high["relation_share"])
    assert high["relation_count"] == 0  # nothing was lost
    unknown = results(make_closed({}, {}), {"P0": 10, "P1": 10})
    row = unknown.loc[("counted at the opening", "low")]
    assert row[["relation_count", "support_count"]].isna().all()  # no cause is known
    assert found.loc[("counted at the opening", "not known"), "closed_count"] == 1
    sums = found.groupby("measure")["closed_count"].sum()
    assert sums.to_dict() == {"counted at the opening": 7}  # the others are known of none


def test_at_the_decision_the_last_month_end_before_it_counts() -> None:
    """December before the 15th of January; a count of the day itself or too old does not."""
    trend = make(
        "closeness_trend",
        *[{"account_id": account, "month_date": day, "automatic_score": score}
          for account, day, score in (
              ("K1", "2025-11-30", 80.0), ("K1", "2025-12-31", 20.0), ("K1", "2026-01-31", 90.0),
              ("K2", "2026-01-15", 50.0), ("K3", "2025-08-31", 50.0))],
    )  # fmt: skip
    closed = make_closed({}, {"account_id": "K2"}, {"account_id": "K3"}, {"project_id": None})
    found = results(closed, {}, trend=trend)
    mine = found.loc["counted at the decision", "closed_count"]
    assert mine.to_dict() == {"low": 1, "middle": 0, "high": 0, "not known": 2}
    mixed = results(closed.iloc[::-1], {}, trend=trend.iloc[::-1])
    pd.testing.assert_frame_equal(found, mixed)


def test_ratings_from_0_to_10_are_put_on_the_same_bands() -> None:
    """A rating of 6 is high, one of 2.9 low; without projects there is no table."""
    found = results(make_closed({}, {}), {}, rated={"P0": 6.0, "P1": 2.9})
    mine = found.loc["rated before the decision", "closed_count"]
    assert mine.to_dict() == {"low": 1, "middle": 0, "high": 1, "not known": 0}
    bare = make_closed({"project_id": None})
    assert closeness_results(bare, pd.DataFrame(columns=["project_id", "counted_before"]), None,
                             pd.Series(dtype="float64"), RULES).empty  # fmt: skip


def test_limits_that_do_not_rise_are_refused() -> None:
    """Two limits, the first below the second, both within the scale."""
    for wrong in ((60, 30), (0, 50), (50, 101)):
        with pytest.raises(SettingsError, match="two rising limits"):
            Plan().override("projects", closeness_limits=wrong)
