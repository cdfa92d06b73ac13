"""Tests of needs by kind of offering, hours short by need, and of experts who cannot count."""

from typing import Any

import pandas as pd
import pytest

from planlib.key_accounts import review_needs
from planlib.key_accounts.capability import ALL, capability_gap
from planlib.key_accounts.expert_hours import check_experts
from planlib.key_accounts.need_gaps import NOT_SAID, need_gaps, offering_horizons
from planlib.key_accounts.register import check_needs, register_needs
from planlib.settings.key_account_needs import KeyAccountNeedsSettings
from planlib.tables import table
from tests.key_account_frames import AS_OF, all_key, make, make_accounts, make_need

SETTINGS = KeyAccountNeedsSettings(
    offering_kinds={"Pumps": "product", "Care": "service", "P3": "solution"}
)
PRODUCTS = make(
    "products",
    {"product_id": "P1", "name": "Pump", "family": "Pumps"},
    {"product_id": "P2", "name": "Check", "family": "Care"},
    {"product_id": "P3", "name": "Plant", "family": "Pumps"},
    {"product_id": "P4", "name": "Rest", "family": "Other"},
)
APRIL = {"skill": "x", "needed_from": "2026-04-01", "needed_to": "2026-04-30"}


def register(*needs: dict[str, Any]) -> pd.DataFrame:
    """Give the register of some needs."""
    return register_needs(make("needs", *needs), AS_OF)


def expert(expert_id: str, **changes: Any) -> dict[str, Any]:
    """Make an expert with skill x and seven hours a week: thirty in April."""
    return {"expert_id": expert_id, "skills": "x", "hours_per_week": 7.0, **changes}


def test_needs_are_summed_by_kind_family_and_horizon():
    """The id of a product goes before its family; what nobody said is said to be so."""
    needs = register(*[make_need(str(n), product_id=f"P{n}") for n in (1, 2, 3, 4)],
                     make_need("5", product_id=None))  # fmt: skip
    found = offering_horizons(needs, {"KA"}, SETTINGS, PRODUCTS)
    kinds = found.set_index(["kind", "product_family"])["need_count"].to_dict()
    assert kinds == {
        ("product", "Pumps"): 1, ("service", "Care"): 1, ("solution", "Pumps"): 1,
        (NOT_SAID, "Other"): 1, (NOT_SAID, NOT_SAID): 1,
    }  # fmt: skip
    assert found["value"].sum() == needs["value"].sum()


def test_fit_is_weighted_by_expected_value_and_unknown_is_left_out():
    """(100 x 0.5 x 0.8 + 300 x 0.5 x 0.4) / (100 x 0.5 + 300 x 0.5); a blank fit counts apart."""
    needs = register(
        make_need("1", product_id="P1", value=100.0, likelihood=0.5, fit=0.8),
        make_need("2", product_id="P1", value=300.0, likelihood=0.5, fit=0.4),
        make_need("3", product_id="P1", value=900.0, likelihood=0.5, fit=None),
        make_need("4", product_id="P1", value=900.0, status="won"),
    )
    row = offering_horizons(needs, {"KA"}, SETTINGS, PRODUCTS).iloc[0]
    assert row["fit_share"] == pytest.approx(0.5)
    assert (row["need_count"], row["unknown_count"], row["value"]) == (3, 1, 1300.0)
    blank = offering_horizons(register(make_need("1", fit=None)), {"KA"}, SETTINGS)
    assert blank["fit_share"].isna().all()
    assert offering_horizons(needs, set(), SETTINGS, PRODUCTS).empty


def test_needs_of_a_month_share_the_lack_by_their_hours():
    """Sixty hours asked of thirty: each need lacks half, and the parts sum to the skill's lack."""
    needs = register(make_need("1", skill_hours=40.0, **APRIL),
                     make_need("2", skill_hours=20.0, **APRIL))  # fmt: skip
    gaps = capability_gap(needs, SETTINGS, AS_OF, experts=make("experts", expert("E")))
    found = need_gaps(needs, gaps, SETTINGS, AS_OF).set_index("need_id")
    assert found["short_hours"].to_dict() == {"1": 20.0, "2": 10.0}
    assert set(found["state"]) == {"short"}
    assert "2026-04" in found["reason"].iloc[0]
    assert found["short_hours"].sum() == gaps.loc[gaps["skill"] != ALL, "unmet_hours"].sum()


def test_the_state_of_a_need_is_known_or_said_not_to_be():
    """Enough, nobody with the skill, after the months compared, and no table of experts."""
    later = {"needed_from": "2028-01-01", "needed_to": "2028-02-01"}
    needs = register(
        make_need("1", skill_hours=10.0, **APRIL),
        make_need("2", skill_hours=10.0, **{**APRIL, "skill": "y"}),
        make_need("3", skill_hours=10.0, skill="x", **later),
        make_need("4"),
    )
    experts = make("experts", expert("E"))
    gaps = capability_gap(needs, SETTINGS, AS_OF, experts=experts)
    found = need_gaps(needs, gaps, SETTINGS, AS_OF).set_index("need_id")
    assert found["state"].to_dict() == {"1": "enough", "2": "no expert", "3": "not known"}
    assert pd.isna(found.loc["3", "short_hours"])
    bare = need_gaps(needs, capability_gap(needs, SETTINGS, AS_OF), SETTINGS, AS_OF)
    assert set(bare["state"]) == {"not known"}
    assert bare["short_hours"].isna().all()


def test_hours_that_were_needed_before_today_are_said_to_be_over():
    """An open need whose days have passed is not said to need its hours later."""
    needs = register(make_need("1", skill="x", skill_hours=10.0, needed_from="2026-02-01",
                               needed_to="2026-03-31"))  # fmt: skip
    gaps = capability_gap(needs, SETTINGS, AS_OF, experts=make("experts", expert("E")))
    row = need_gaps(needs, gaps, SETTINGS, AS_OF).iloc[0]
    assert row["state"] == "not known"
    assert row["reason"] == "the days in which the hours were needed are over"


def test_leave_of_experts_takes_their_hours():
    """Ten days of leave cost ten of the thirty hours; leave that is wrong costs none."""
    needs = register(make_need("1", skill_hours=5.0, **APRIL))
    away = make("expert_leave", {"expert_id": "E", "start_date": "2026-04-01",
                                 "end_date": "2026-04-10"})  # fmt: skip
    wrong = make("expert_leave", {"expert_id": "E", "start_date": "2026-04-10",
                                  "end_date": "2026-04-01"})  # fmt: skip
    for leave, hours in ((away, 20.0), (wrong, 30.0)):
        found = capability_gap(needs, SETTINGS, AS_OF, experts=make("experts", expert("E")),
                               expert_leave=leave).set_index(["skill", "month"])  # fmt: skip
        assert found.loc[("x", "2026-04"), "available_hours"] == hours


def test_an_expert_whose_hours_nobody_knows_is_named_and_counts_no_zero():
    """Without hours a week an expert is no expert with none: a finding says so with the row."""
    experts = make("experts", expert("E", hours_per_week=None), expert("F", skills=None))
    leave = make(
        "expert_leave",
        {"expert_id": "E", "start_date": "2026-04-10", "end_date": "2026-04-01"},
        {"expert_id": "Z", "start_date": "2026-04-01", "end_date": "2026-04-02"},
    )
    found = pd.concat(check_experts(experts, leave))
    assert found[["check", "row_id"]].to_numpy().tolist() == [
        ["expert without hours", "E"],
        ["expert without skill", "F"],
        ["leave of nobody", "Z / 2026-04-01"],
        ["leave that ends before it starts", "E / 2026-04-10"],
    ]
    assert check_experts(None, leave) == []


def test_a_need_that_ends_before_it_begins_is_named():
    """Its hours are spread over its horizon, and the row is said."""
    needs = make("needs", make_need("7", needed_from="2026-05-02", needed_to="2026-05-01"))
    found = pd.concat(check_needs(needs, pd.Series(["KA"]), AS_OF))
    assert found[["row_id", "column", "value"]].to_numpy().tolist() == [
        ["7", "needed_to", "2026-05-01"]
    ]


def test_the_review_writes_both_tables_in_any_order_of_rows():
    """Shuffled needs and experts give the same tables; wrong experts reach the findings."""
    accounts = make_accounts()
    needs = make("needs", *[make_need(str(n), product_id=f"P{n}", skill_hours=30.0, **APRIL)
                            for n in (1, 2, 3)])  # fmt: skip
    experts = make("experts", expert("E"), expert("F", hours_per_week=None))

    def tables(step: int) -> dict[str, pd.DataFrame]:
        found = review_needs(accounts, all_key(accounts), SETTINGS, AS_OF, needs=needs[::step],
                             experts=experts[::step], products=PRODUCTS)  # fmt: skip
        assert "expert without hours" in set(found.findings["check"])
        return found.tables()

    plain, mixed = tables(1), tables(-1)
    for name in ("key_account_offerings", "key_account_need_gaps"):
        assert len(plain[name]) == 3
        assert list(plain[name].columns) == [column.name for column in table(name).columns]
        pd.testing.assert_frame_equal(plain[name], mixed[name])
