"""Tests of who responds: conversion of leads, levels, engagement, predictability of teams."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.periods import Period
from planlib.pipeline import CutTables
from planlib.pipeline.deals import prepare_deals
from planlib.pipeline.levels import title_levels
from planlib.pipeline.predictability import team_predictability
from planlib.pipeline.source_words import source_headlines
from planlib.settings.marketing import MarketingSettings
from planlib.tables import table
from tests.pipeline_frames import AS_OF, deal, make_accounts, make_deals, make_reps
from tests.source_frames import make_campaigns, make_table, row, sources

SCOPE = "2026Q1"


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Chief Information Officer", "executive"),
        ("VP Operations", "executive"),
        ("总经理", "executive"),
        ("Director of Analytics", "manager"),
        ("采购部经理", "manager"),
        ("Data Engineer", "staff"),
        ("Manager", "unknown"),
        (None, "unknown"),
    ],
)
def test_levels_come_from_titles(title, level):
    """Chief officers and general managers, heads and managers, and all others."""
    assert title_levels(pd.Series([title], dtype="str")).tolist() == [level]


def lead(key: str, converted: bool, **more: object) -> dict[str, object]:
    """Make one row of table leads."""
    return {
        "lead_id": key,
        "created_at": "2026-01-10 09:00",
        "source": "Website",
        "is_converted": converted,
        "title": "CIO",
        **more,
    }


def test_leads_convert_by_source_and_level_with_an_interval():
    """One of two executives' leads became a deal, and its pipeline is counted."""
    leads = make_table(
        "leads",
        lead("L1", True, opportunity_id="a", campaign_id="C1"),
        lead("L2", False, first_response_at="2026-01-11 09:00"),
        lead("L3", False, title="Buyer"),
        lead("L4", True, created_at="2025-06-01 09:00"),
    )
    found = sources(
        deal("a", "won", 70, "2026-02-01", "2026-01-12"), leads=leads, campaigns=make_campaigns()
    )
    keys = {"scope": SCOPE, "by": "source", "by_value": "Website", "group": "level"}
    top = row(found, "marketing_response", group_value="executive", **keys)
    assert (top["lead_count"], top["converted_count"], top["won_count"]) == (2, 1, 1)
    assert (top["converted_share"], top["pipeline_amount"], top["answered_count"]) == (0.5, 70, 1)
    assert top["low"] < 0.5 < top["high"]
    channel = {"scope": SCOPE, "by": "channel", "by_value": "trade fair", "group": "all"}
    assert row(found, "marketing_response", **channel)["lead_count"] == 1


def test_a_group_that_is_filled_in_on_conversion_has_no_colour():
    """Segments known for converted leads only would always convert best; it is said and grey."""
    leads = make_table(
        "leads",
        lead("L1", True, account_id="A1"),
        *(lead(f"L{at}", False) for at in range(2, 8)),
    )
    found = sources(deal("a"), leads=leads, accounts=make_accounts())
    rows = found.tables["marketing_response"]
    segment = rows[(rows["group"] == "segment") & (rows["scope"] == SCOPE)]
    assert (segment["status"] == "selected").all()
    assert segment["is_grey"].all()
    assert not rows.loc[(rows["group"] == "all") & (rows["scope"] == SCOPE), "is_grey"].any()
    assert any("how it was filled in" in note for note in found.notes("caution"))


def test_few_leads_are_grey():
    """Fewer leads than the plan's minimum keep their share and lose their colour."""
    leads = make_table("leads", lead("L1", True), lead("L2", False))
    found = sources(deal("a"), leads=leads, settings=MarketingSettings(minimum_count=3))
    whole = {"scope": SCOPE, "by": "source", "group": "all"}
    assert row(found, "marketing_response", **whole)["is_grey"]
    assert row(found, "marketing_response", **whole)["converted_share"] == 0.5


def test_engagement_counts_touches_and_activities_by_level():
    """Inbound is the customer's; what a system sent is left out; shares are of the group."""
    activities = make_table(
        "activities",
        {"activity_id": "1", "activity_date": "2026-01-10", "account_id": "A1",
         "contact_id": "P1", "activity_type": "visit", "direction": "in"},
        {"activity_id": "2", "activity_date": "2026-01-11", "account_id": "A1",
         "contact_id": "P1", "activity_type": "email", "direction": "out"},
        {"activity_id": "3", "activity_date": "2026-01-12", "account_id": "A1",
         "activity_type": "email", "direction": "out", "is_automatic": True},
    )  # fmt: skip
    contacts = make_table(
        "contacts", {"contact_id": "P1", "account_id": "A1", "level": "executive"}
    )
    touches = make_table(
        "marketing_touches",
        {"touch_id": "t1", "touch_date": "2026-01-10", "account_id": "A2", "channel": "webinar"},
    )
    found = sources(
        deal("a"),
        activities=activities,
        contacts=contacts,
        accounts=make_accounts(),
        marketing_touches=touches,
    )
    keys = {"scope": SCOPE, "group": "level", "group_value": "executive"}
    visit = row(found, "customer_engagement", channel="visit", **keys)
    assert (visit["way"], visit["contact_count"], visit["group_share"]) == ("face to face", 1, 0.5)
    assert visit["inbound_share"] == 1
    segment = {"scope": SCOPE, "group": "segment", "group_value": "Mid"}
    touched = row(found, "customer_engagement", channel="webinar", **segment)
    assert touched["contact_count"] == 1
    assert pd.isna(touched["inbound_share"])


def quarters(*counts: tuple[int, int], owner: str = "R1") -> list[dict[str, object]]:
    """Won and lost deals by quarter from 2024Q1 on, with a cycle of a day."""
    rows = []
    first = Period.parse("2024Q1")
    for at, (won, lost) in enumerate(counts):
        day = first.shift(at).start.isoformat()
        for status, count in (("won", won), ("lost", lost)):
            rows += [
                deal(f"{owner}-{at}-{status}-{number}", status, 100 * (at + 1), day, day,
                     owner_id=owner)
                for number in range(count)
            ]  # fmt: skip
    return rows


def predicted(*rows: dict[str, object], minimum: int = 1) -> pd.DataFrame:
    """Measure the predictability of two teams."""
    early = deal("e", "lost", 1, "2023-01-02", "2023-01-01", owner_id="R9")
    deals = prepare_deals(make_deals(early, *rows))
    cuts = CutTables({"opportunities": deals, "reps": make_reps()})
    period = Period.parse("2026Q1")
    return team_predictability(deals, period, AS_OF, cuts, minimum_count=minimum).set_index("team")


def test_a_steady_team_is_told_from_one_that_swings():
    """Equal quarters are what chance gives; 10 of 10 and 0 of 10 in turn are not."""
    steady = quarters(*[(5, 5)] * 8)
    swings = quarters(*[(10, 0), (0, 10)] * 4, owner="R2")
    found = predicted(*steady, *swings)
    assert found.loc["Mia", "chance_share"] == 1
    assert bool(found.loc["Mia", "is_stable"])
    assert not found.loc["Max", "is_stable"]
    assert (found.loc["Mia", "win_rate"], found.loc["Mia", "quarter_count"]) == (0.5, 8)
    assert (found.loc["Max", "quarter_low"], found.loc["Max", "quarter_high"]) == (0, 1)


def test_variance_of_revenue_is_of_quarters():
    """500, 1,000 .. 4,000 a quarter: mean 2,250 and the sample deviation, 500 x root of 6."""
    found = predicted(*quarters(*[(5, 5)] * 8))
    assert found.loc["Mia", "acv_mean_amount"] == 2250
    assert found.loc["Mia", "acv_deviation_amount"] == pytest.approx(500 * 6**0.5)
    assert found.loc["Mia", "acv_variation"] == pytest.approx(500 * 6**0.5 / 2250)


def test_the_best_team_is_found_on_rates_drawn_to_all():
    """One won of one is luck: the team with many deals stays the best."""
    found = predicted(*quarters(*[(8, 2)] * 8), *quarters((1, 0), owner="R2"), minimum=20)
    assert found.index[0] == "Mia"
    assert found.loc["Max", "win_rate"] == 1
    assert found.loc["Max", "is_grey"]
    assert pd.isna(found.loc["Max", "is_stable"])
    assert found.loc["Max", "note"].startswith("too few quarters")


def test_without_closed_deals_nothing_is_said():
    """No quarter, no team, and the reason stands among what is missing."""
    found = sources(deal("a"))
    assert found.tables["team_predictability"].empty
    assert any(note.startswith("predictability") for note in found.notes("missing"))


def test_lifetime_value_says_what_is_missing():
    """One line names what would be needed."""
    line = [note for note in sources(deal("a")).notes("missing") if "lifetime value" in note]
    assert len(line) == 1
    assert "cost of sales staff" in line[0]
    assert "products.margin_share" in line[0]


@pytest.mark.parametrize(("second", "told_apart"), [((6, 4), False), ((1, 9), True)])
def test_the_best_team_is_not_claimed_where_others_may_be_as_good(second, told_apart):
    """A team whose interval overlaps may be as good; one far below may not."""
    teams = predicted(*quarters(*[(7, 3)] * 4), *quarters(*[second] * 4, owner="R2"))
    known = ("creation_credit", "closing_credit", "marketing_sources", "marketing_balance",
             "marketing_accounts")  # fmt: skip
    tables = {name: table(name).empty() for name in known}
    tables["team_predictability"] = teams.reset_index()
    said = source_headlines(tables, "even", "USD")[-1]
    assert said.startswith("Best team by win rate is Mia: 70 %")
    assert ("1 of 1 other team may be as good" in said) is not told_apart
