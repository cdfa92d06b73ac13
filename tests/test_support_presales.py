"""Requests before there is a deal: their worth, what became of them, which deal is theirs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from planlib.pipeline.presales import is_presales, request_origins
from planlib.projects.words import finding_groups
from planlib.settings.support import SupportSettings
from planlib.support import SupportReview, learn_presales, plan_support, presales_queue
from planlib.tables import table
from tests.support_frames import make_experts, make_locks

AS_OF = date(2026, 3, 31)
SETTINGS = SupportSettings(deal_share=0.5, odds_ratio=2.0, place_rule="anywhere")
RATES = pd.DataFrame({
    "lane": ["all", "large"], "phase": "all", "position": "all", "won_count": [4, 9],
    "closed_count": [10, 10], "rate": [0.4, 0.9],
})  # fmt: skip
REVIEWS = table("project_reviews").empty()
CLOSED = pd.DataFrame({"project_id": [], "is_won": [], "lane": [], "loss_cause": []})


def make_asked(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make requests of account A for one week in May; a row gives what differs."""
    base = {"account_id": "A", "skill": "design", "hours": 10.0, "needed_from": "2026-05-04",
            "needed_to": "2026-05-29", "requested_date": "2026-03-20", "status": "open",
            "requested_by": "R1"}  # fmt: skip
    given = [{"request_id": f"Q{at}", **base, **row} for at, row in enumerate(rows)]
    return table("support_requests").coerce(pd.DataFrame(given))


def make_deals(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make open deals of account A; a row gives what differs."""
    base = {"account_id": "A", "created_date": "2026-03-25", "is_closed": False}
    return table("opportunities").coerce(
        pd.DataFrame([{"opportunity_id": f"D{at}", **base, **row} for at, row in enumerate(rows)])
    )


ACCOUNTS = table("accounts").coerce(pd.DataFrame({"account_id": ["A"], "name": ["Acme"]}))


def plan(asked: pd.DataFrame, **changes: Any) -> SupportReview:
    """Plan requests with one expert of 20 hours a week."""
    given: dict[str, Any] = {
        "closed": CLOSED, "support_requests": asked, "accounts": ACCOUNTS, "rates": RATES,
        "experts": make_experts({"hours_per_week": 20.0}), "opportunities": make_deals({}),
    }  # fmt: skip
    return plan_support(REVIEWS, SETTINGS, AS_OF, **{**given, **changes})


def test_what_asks_follows_from_what_a_request_names_and_when_the_deal_was_opened() -> None:
    """Neither, a deal that is younger or older than the request, a project, and its deal."""
    asked = make_asked(
        {}, {"opportunity_id": "D0"}, {"opportunity_id": "D1"}, {"project_id": "P0"},
        {"project_id": "P1"}, {"opportunity_id": "D0", "requested_date": None},
        {"opportunity_id": "D9"},
    )  # fmt: skip
    deals = make_deals({}, {"created_date": "2026-03-20"})
    works = table("projects").coerce(pd.DataFrame({
        "project_id": ["P0", "P1"], "opportunity_id": ["D1", "D0"]}))  # fmt: skip
    found = request_origins(asked, deals, works)
    assert found.tolist() == [
        "before a deal", "deal opened since", "deal", "project", "deal opened since", "deal",
        "deal",
    ]  # fmt: skip
    assert is_presales(found).tolist() == [True, True, False, False, True, False, False]
    bare = request_origins(asked)
    assert bare.tolist() == ["before a deal", "deal", "deal", "project", "project", "deal", "deal"]


def test_the_margin_of_the_request_and_the_chance_of_a_deal_that_is_won_give_its_worth() -> None:
    """1000 x (p with - p without) with p without = 0.5 x 0.4 and odds doubled, by hand."""
    found = plan(make_asked({"margin_amount": 1000.0}))
    row = found.plan.iloc[0]
    raised = (0.2 / 0.8 * 2) / (1 + 0.2 / 0.8 * 2)
    assert (row["origin"], row["name"], row["outcome"]) == ("before a deal", "Acme", "served")
    assert row["p_without"] == pytest.approx(0.2)
    assert row["gain_amount"] == pytest.approx(1000 * (raised - 0.2), abs=0.01)
    assert "assumption of plan.yaml: 50 %" in row["probability_basis"]
    assert "4 of 10 won" in row["probability_basis"]
    assert (row["requested_by"], str(row["requested_date"].date())) == ("R1", "2026-03-20")


def test_probabilities_that_a_request_names_win_over_the_chance_of_all() -> None:
    """0.3 and 0.6 are taken as they are, and so is their basis."""
    found = plan(make_asked({"margin_amount": 1000.0, "p_without": 0.3, "p_with": 0.6})).plan
    assert found["gain_amount"].tolist() == [300.0]
    assert found["probability_basis"].tolist() == ["given with the request"]


def test_without_a_margin_requests_wait_in_the_order_of_their_day_and_a_person_can_give_one() -> (
    None
):
    """None is counted as worth nothing; a decision gives the second one an expert."""
    asked = make_asked({}, {"requested_date": "2026-03-02"})
    found = plan(asked)
    assert set(found.plan["outcome"]) == {"not rated"}
    assert found.plan["reason"].str.contains("waits in the order of its day").all()
    assert found.plan["gain_amount"].isna().all()
    assert presales_queue(found.plan)["request_id"].tolist() == ["Q1", "Q0"]
    locks = make_locks({"request_id": "Q1", "expert_id": "e1"})
    given = plan(asked, locks=locks).plan.set_index("request_id")
    assert given["outcome"].to_dict() == {"Q0": "not rated", "Q1": "served"}
    queue = plan(asked, experts=None).plan
    assert queue["reason"].str.contains("waits in the order of its day").all()


def test_without_any_closed_deal_the_chance_is_not_known_rather_than_made_up() -> None:
    """A margin alone does not rate a request, and the reason names what is missing."""
    found = plan(make_asked({"margin_amount": 1000.0}), rates=None).plan
    assert found["reason"].tolist() == [
        "not known: probability with support, probability without support"
    ]
    assert found["p_without"].isna().all()
    assert found["outcome"].tolist() == ["not rated"]


def test_a_linked_request_has_the_margin_and_the_chance_of_its_deal_and_stays_presales() -> None:
    """Once the deal is named, the review of the deal gives both."""
    reviews = table("project_reviews").coerce(pd.DataFrame({
        "project_id": ["D0"], "opportunity_id": ["D0"], "account_id": ["A"], "name": ["Line 2"],
        "win_probability": [0.5], "margin_amount": [600.0], "lane": ["fast"], "phase": [None],
        "lane_reason": ["-"], "state": ["open"]}).reindex(
            columns=[one.name for one in table("project_reviews").columns]))  # fmt: skip
    asked = make_asked({"opportunity_id": "D0"})
    found = plan_support(
        reviews, SETTINGS, AS_OF, closed=CLOSED, support_requests=asked, experts=make_experts({}),
        opportunities=make_deals({}), rates=RATES,
    )  # fmt: skip
    row = found.plan.iloc[0]
    assert (row["origin"], row["name"]) == ("deal opened since", "Line 2")
    assert (row["margin_amount"], row["p_without"]) == (600.0, 0.5)
    assert presales_queue(found.plan)["request_id"].tolist() == ["Q0"]


def test_enough_older_requests_replace_the_assumption() -> None:
    """Two of five asked half a year ago became deals; younger and withdrawn ones do not count."""
    old = {"requested_date": "2025-06-01", "status": "served"}
    asked = make_asked(
        *[{**old, "opportunity_id": "D0"}] * 2, *[old] * 3, {**old, "status": "withdrawn"}, {},
        {"opportunity_id": "D0"},
    )  # fmt: skip
    deals = make_deals({})
    found = learn_presales(asked, SETTINGS, AS_OF, opportunities=deals, rates=RATES)
    assert (found.asked_count, found.deal_count) == (5, 2)
    assert found.chance == pytest.approx(0.4 * 0.4)
    assert "2 of 5 older ones" in found.basis
    few = learn_presales(asked.iloc[1:], SETTINGS, AS_OF, opportunities=deals, rates=RATES)
    assert few.chance == pytest.approx(0.5 * 0.4)


def test_a_deal_that_may_be_the_requests_own_is_named_and_so_is_what_does_not_fit() -> None:
    """The first deal after the request, unless a request names it; strange accounts; nobody."""
    asked = make_asked(
        {}, {"requested_date": "2026-03-28"}, {"opportunity_id": "D2"}, {"account_id": None},
        {"account_id": "B", "opportunity_id": "D1"},
    )  # fmt: skip
    deals = make_deals({}, {"created_date": "2026-03-27"}, {"created_date": "2026-03-22"},
                       {"created_date": "2026-04-02"})  # fmt: skip
    found = pd.DataFrame(learn_presales(asked, SETTINGS, AS_OF, opportunities=deals).findings)
    told = found[["row_id", "column", "value"]].fillna("-").to_numpy().tolist()
    assert told == [
        ["Q3", "account_id", "-"], ["Q4", "opportunity_id", "D1"], ["Q0", "opportunity_id", "D0"],
    ]  # fmt: skip
    assert found["finding"].str.contains("opened after the request").sum() == 1
    assert "another account" in found["finding"].iloc[1]


def test_a_margin_of_0_or_below_is_no_gain_even_where_support_lowers_the_chance() -> None:
    """-1000 x (0.2 - 0.5) is above 0, and is refused with the margin as its reason."""
    found = plan(make_asked({"margin_amount": -1000.0, "p_without": 0.5, "p_with": 0.2})).plan
    assert found["outcome"].tolist() == ["refused"]
    assert found["gain_amount"].tolist() == [0.0]
    assert "margin at stake is 0 or below" in found["reason"].iloc[0]


def test_figures_say_how_many_come_before_a_deal_and_what_became_of_older_ones() -> None:
    """Two open ones, one of them served; findings are grouped as all others."""
    old = {"requested_date": "2025-06-01", "status": "served"}
    found = plan(make_asked({"margin_amount": 1000.0}, {}, old, {**old, "opportunity_id": "D0"}))
    figures = found.tables["support_figures"].set_index("figure")["value"]
    assert figures[["presales", "presales served", "presales not rated"]].tolist() == [2, 1, 1]
    assert figures[["presales of the past", "presales that became a deal"]].tolist() == [2, 1]
    assert finding_groups(table("project_findings").empty()).empty
