"""Tests of planlib.routing.units: leads stay within their business unit where it has a rep."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.routing import replay, why_not
from planlib.routing.words import describe_rules
from planlib.settings.routing import RoutingSettings
from planlib.settings.segmentation import SegmentationSettings
from planlib.tables import table
from tests.routing_frames import make_leads, make_ranking, make_reps, run

UNITS = ["Enterprise", "Small Business", "Commercial"]
RANKING = make_ranking(0.9, 0.5, 0.1)
RULES = SegmentationSettings()


def route_sizes(employees: list[int | None], **given: object):
    """Route leads of firms of these sizes by rank; R-0 of Enterprise has the best score."""
    leads = make_leads(len(employees), every="3h", employees=pd.array(employees, dtype="Int64"))
    reps = given.pop("reps", make_reps(3, unit=UNITS))
    return run("best_ranked", leads, reps, ranking=RANKING, **{"segmentation": RULES, **given})


def test_a_lead_goes_to_a_rep_of_the_unit_that_the_firm_would_have():
    """By the rules of step 02; a firm whose size is not known may go to anybody."""
    found = route_sizes([20, 9000, 500, None])
    assert found.decisions["rep_id"].tolist() == ["R-1", "R-0", "R-2", "R-0"]
    assert found.decisions["unit"].tolist()[:3] == ["Small Business", "Enterprise", "Commercial"]
    assert pd.isna(found.decisions["unit"][3])
    assert "unit Small Business" in found.decisions["reason"][0]
    assert any(text.startswith("No business unit is known for 1 lead") for text in found.findings)
    assert why_not(found, "L-000", "R-0").endswith("is not of unit Small Business, as the lead is.")


def test_the_unit_of_the_account_wins_over_the_rules():
    """A small firm that people put into Enterprise is served there."""
    leads = make_leads(1, employees=20, account_id="A-1")
    segments = pd.DataFrame({"account_id": ["A-1"], "unit": ["Enterprise"]})
    found = run("best_ranked", leads, make_reps(3, unit=UNITS), ranking=RANKING,
                segmentation=RULES, tables={"segments": segments})  # fmt: skip
    assert found.decisions["rep_id"][0] == "R-0"


@pytest.mark.parametrize(
    ("given", "reps"),
    [
        ({"rules": {"units": "off"}}, ["R-0", "R-0"]),  # switched off
        ({"segmentation": None}, ["R-0", "R-0"]),  # neither table nor rules
        ({"reps": make_reps(3, unit="Enterprise")}, ["R-0", "R-0"]),  # one unit alone
        ({"reps": make_reps(3, unit=["Enterprise", "Commercial", "Commercial"])}, ["R-0", "R-1"]),
        ({"reps": make_reps(3, unit=["All", "Small Business", None])}, ["R-0", "R-0"]),
    ],
)  # fmt: skip
def test_without_a_rep_of_the_unit_or_where_it_is_off_everybody_is_asked(given, reps):
    """A lead never waits for a unit that has nobody; reps of all units serve each of them."""
    assert route_sizes([20, 500], **given).decisions["rep_id"].tolist() == reps


def test_a_unit_that_is_not_in_the_territory_gives_way_to_the_territory():
    """The list of a territory keeps its reps where none of them is of the lead's unit."""
    accounts = table("accounts").coerce(pd.DataFrame({
        "account_id": ["A-9"], "country": ["United Kingdom"], "region": ["UK"],
    }))  # fmt: skip
    reps = make_reps(3, unit=UNITS, region=["UK", "DE", "UK"])
    found = route_sizes([20], reps=reps, tables={"accounts": accounts})
    assert found.decisions["rep_id"][0] == "R-0"
    assert "unit" not in found.decisions["reason"][0]


def test_a_unit_has_a_policy_of_its_own_over_the_whole_unit():
    """Turns in Small Business, without a territory first; by rank elsewhere, as before."""
    accounts = table("accounts").coerce(pd.DataFrame({
        "account_id": ["A-9"], "country": ["United Kingdom"], "region": ["UK"],
    }))  # fmt: skip
    reps = make_reps(4, unit=["Small Business", "Small Business", "Enterprise", "Enterprise"],
                     region=["UK", "DE", "UK", "UK"])  # fmt: skip
    rules = {"unit_policies": {"Small Business": "round_robin"}}
    leads = make_leads(6, every="20min", employees=[20, 20, 20, 20, 9000, 9000])
    scores = make_ranking(0.9, 0.1, 0.2, 0.8)
    found = run("best_ranked", leads, reps, rules=rules, segmentation=RULES, ranking=scores,
                tables={"accounts": accounts})  # fmt: skip
    rows = found.decisions
    assert rows["rep_id"].tolist() == ["R-0", "R-1", "R-0", "R-1", "R-3", "R-3"]
    assert rows["policy"].tolist() == ["round_robin"] * 4 + ["best_ranked"] * 2
    assert rows["rule"].tolist() == ["policy"] * 4 + ["territory"] * 2
    assert rows["reason"][1].startswith("Policy round robin, unit Small Business: the rep at work")
    assert "was next by turn" in why_not(found, "L-001", "R-0")
    assert replay(found).empty
    assert "then policy best ranked (Small Business round robin)" in " ".join(
        describe_rules(found.settings)
    )
    with pytest.raises(ValueError, match="needs routing.units"):
        RoutingSettings(units="off", unit_policies={"Small Business": "round_robin"})
