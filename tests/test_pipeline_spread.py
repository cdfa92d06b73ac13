"""Tests of targets that are spread by a stated rule."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.pipeline.money import split_cents
from planlib.settings.pipeline import PipelineSettings
from tests.pipeline_frames import (
    cells,
    deal,
    figure,
    make_accounts,
    make_reps,
    make_targets,
    review,
)

LAST_YEAR = (
    deal("p", "won", 300, "2025-02-01", "2024-12-01", deal_type="new"),
    deal("q", "won", 100, "2025-03-20", "2024-12-01", deal_type="renewal", account_id="A2"),
)
NOW = (deal("a", deal_type="new"), deal("w", "won", 50, "2026-01-10", deal_type="renewal"))


def spread(rule: str, cut: str = "deal_type", **tables: object):
    """Measure with a target of 1,000.01 for all, spread by a rule."""
    settings = PipelineSettings(
        cuts=(cut,), periods_ahead=0, weeks=1, target_spread=rule, minimum_deals=1
    )
    targets = make_targets({"target_amount": 1000.01})
    return review(*LAST_YEAR, *NOW, targets=targets, settings=settings, **tables)


def test_targets_are_not_spread_unless_the_plan_says_how():
    """Without a rule the target is blank in the cut and intact in the total."""
    found = spread("none")
    assert figure(found, "target")["value"] == 1000.01
    assert pd.isna(figure(found, "target", "deal_type", "new")["value"])
    coverage = figure(found, "coverage", "deal_type", "new")
    assert (coverage["status"], pd.isna(coverage["value"])) == ("no_target", True)


def test_last_years_share_counts_the_whole_period_and_is_marked_derived():
    """300 to 100 won in the whole year-earlier quarter: three quarters of the target."""
    found = spread("prior_acv")
    new, renewal = (figure(found, "target", "deal_type", name) for name in ("new", "renewal"))
    assert (new["value"], renewal["value"]) == (750.01, 250.0)
    assert new["basis"] == (
        "derived: the total target spread by the closed ACV of the whole period a year before"
    )
    assert figure(found, "coverage", "deal_type", "renewal")["value"] == 0
    assert figure(found, "attainment", "deal_type", "renewal")["value"] == 0.2


@pytest.mark.parametrize("rule", ["prior_acv", "equal"])
def test_what_is_spread_adds_up_to_the_cent(rule):
    """The cells of the cut hold the whole target, odd cents included."""
    found = spread(rule)
    values = [
        figure(found, "target", "deal_type", cell)["value"] for cell in cells(found, "deal_type")
    ]
    assert round(100 * pd.Series(values).sum()) == 100001


def test_capacity_spreads_by_selling_hours_of_those_who_are_here():
    """Managers and reps who left carry no target; cuts without reps say why they have none."""
    reps = make_reps().assign(capacity_hours=[300.0, 100.0, 900.0, 900.0])
    found = spread("capacity", "owner", reps=reps)
    assert figure(found, "target", "owner", "Ann")["value"] == 750.01
    assert figure(found, "target", "owner", "Bo")["value"] == 250.0
    gone = reps.assign(leave_date=pd.to_datetime([None, "2025-12-31", None, None]))
    found = spread("capacity", "owner", reps=gone)
    assert figure(found, "target", "owner", "Ann")["value"] == 1000.01
    found = spread("capacity", "deal_type", reps=reps)
    assert "selling hours are known by" in figure(found, "target", "deal_type", "new")["note"]


def test_a_rule_with_nothing_to_go_by_gives_no_target():
    """Without a closed deal a year before there is no share, and the reason is there."""
    settings = PipelineSettings(
        cuts=("deal_type",), periods_ahead=0, weeks=1, target_spread="prior_acv"
    )
    found = review(*NOW, targets=make_targets({"target_amount": 10}), settings=settings)
    target = figure(found, "target", "deal_type", "new")
    assert pd.isna(target["value"])
    assert "no closed ACV a year before" in target["note"]


def test_crossed_cuts_spread_within_the_cells_that_have_a_target():
    """EMEA's own target stays in EMEA; APAC, without a deal a year before, keeps it unspread."""
    settings = PipelineSettings(
        cuts=("region", "deal_type"),
        two_way=("region", "deal_type"),
        periods_ahead=0,
        weeks=1,
        target_spread="prior_acv",
    )
    targets = make_targets(
        {"region": "EMEA", "target_amount": 400}, {"region": "APAC", "target_amount": 30}
    )
    found = review(
        deal("p", "won", 300, "2025-02-01", "2024-12-01", deal_type="new"),
        deal("q", "won", 100, "2025-03-20", "2024-12-01", deal_type="renewal"),
        deal("a", deal_type="new", account_id="A2"),
        targets=targets,
        settings=settings,
        accounts=make_accounts(),
    )
    cut = "region x deal_type"
    assert figure(found, "target", cut, "EMEA x new")["value"] == 300
    assert figure(found, "target", cut, "EMEA x renewal")["value"] == 100
    assert figure(found, "target", cut, "APAC x (unknown)")["value"] == 30


def test_split_cents_adds_up_and_keeps_the_unknown():
    """Every group gets its cents back; a group without an amount stays blank."""
    cents = pd.Series([100, 100, 100, pd.NA, 7], dtype="Int64")
    parts = split_cents(cents, pd.Series([1.0, 1, 1, 2, 5]), pd.Series(list("aaabc")))
    assert parts[:3].sum() == 100
    assert sorted(parts[:3]) == [33, 33, 34]
    assert pd.isna(parts[3])
    assert parts[4] == 7


def test_coverage_is_shown_by_deal_type_where_it_has_targets():
    """Else by the first cut that has a coverage, else in all."""
    settings = PipelineSettings(cuts=("region", "deal_type"), periods_ahead=0, weeks=1)
    won = deal("w", "won", 5, "2026-01-10", deal_type="new")
    rows = (won, deal("a", deal_type="new"), deal("b", deal_type="renewal"))
    by_type = make_targets({"deal_type": "new", "target_amount": 10}, {"target_amount": 30})
    by_region = make_targets({"region": "EMEA", "target_amount": 10})
    for targets, cut in ((by_type, "deal_type"), (by_region, "region"), (None, "total")):
        found = review(*rows, targets=targets, accounts=make_accounts(), settings=settings)
        assert found.coverage_cut(settings) == cut
