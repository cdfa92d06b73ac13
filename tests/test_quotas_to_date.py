"""The running year: what is won and left adds up, and the chance follows what is won."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.charts.base import money
from planlib.charts.quota_year import plot_year
from planlib.quotas import QuotaReview, review_quotas
from planlib.quotas.groups import open_levels
from planlib.quotas.target import EVEN, year_target
from planlib.quotas.tree import build_tree
from planlib.settings.capacity import CapacitySettings
from planlib.settings.quotas import QuotasSettings
from planlib.tables import table
from tests.quota_frames import YEAR, make_reps, make_targets, make_won

JUNE = pd.Timestamp("2026-06-30")
CAPACITY = CapacitySettings(simulations=100, months=12, scenarios=())


def make_deals(*more: tuple[str | None, float]) -> pd.DataFrame:
    """Two years and a half of deals, and some on 1 June 2026."""
    won = make_won(months=30)
    rows = [{"opportunity_id": f"x{at}", "owner_id": rep, "account_id": "A-x", "is_won": True,
             "is_closed": True, "created_date": "2026-01-01", "close_date": "2026-06-01",
             "amount": amount} for at, (rep, amount) in enumerate(more)]  # fmt: skip
    return pd.concat([won, table("opportunities").coerce(pd.DataFrame(rows))]) if rows else won


def make_year(
    *more: tuple[str | None, float], day: pd.Timestamp = JUNE, reps: pd.DataFrame | None = None,
    target: float = 1200.0,
) -> QuotaReview:  # fmt: skip
    """Review the year on a day, with further deals."""
    return review_quotas(
        {"reps": make_reps() if reps is None else reps, "opportunities": make_deals(*more),
         "targets": make_targets(target)},
        CAPACITY, QuotasSettings(simulations=500), day.date(), YEAR, seed=3, minimum_group=2,
    )  # fmt: skip


def level(review: QuotaReview, value: str) -> pd.Series:
    """Give a level of the year."""
    return review.tables["quota_year"].set_index("cut_value").loc[value]


@pytest.fixture(scope="module")
def half() -> QuotaReview:
    """The year at its half."""
    return make_year()


def test_what_is_won_adds_up_from_rep_to_company(half: QuotaReview) -> None:
    """Managers below a level add up to it; reps to their managers; only this year counts."""
    year, reps = half.tables["quota_year"], half.tables["quota_to_date"]
    deals = make_deals()
    mine = deals[(deals["close_date"] >= "2026-01-01") & (deals["close_date"] <= JUNE)]
    whole = mine["amount"].sum()
    assert level(half, "company")["won_amount"] == pytest.approx(whole)
    teams = year[year["cut_value"].isin(["M1", "M2"])]
    for column in ("won_amount", "target_amount"):
        assert teams[column].sum() == pytest.approx(level(half, "company")[column])
    assert reps["won_amount"].sum() == pytest.approx(whole)
    left = level(half, "company")
    assert left["remaining_amount"] == pytest.approx(1200.0 - whole)
    assert left["needed_rate_amount"] == pytest.approx((1200.0 - whole) / 6)


def test_each_level_says_what_its_target_is_and_what_people_have_set() -> None:
    """The company has its own target; below it the blend stands beside the target that is set."""
    found = review_quotas(
        {"reps": make_reps(), "opportunities": make_deals(), "targets": pd.concat([
            make_targets(1200.0, M1=500.0),
            table("targets").coerce(pd.DataFrame({
                "period": "2026", "measure": "acv", "target_amount": [450.0, 750.0],
                "region": ["N", "S"]})),
        ])},
        CAPACITY, QuotasSettings(simulations=500, top_down_share=0.6), JUNE.date(), YEAR, seed=3,
        minimum_group=2,
    )  # fmt: skip
    rows = found.tables["quota_year"].set_index("cut_value")
    assert rows["stated_amount"].dropna().to_dict() == {
        "company": 1200.0, "M1": 500.0, "N": 450.0, "S": 750.0,
    }  # fmt: skip
    assert rows.loc["company", "target_amount"] == 1200.0
    assert rows.loc["company", "target_basis"].startswith("table targets, 2026")
    below = set(rows.loc[["M1", "M2", "N", "S"], "target_basis"])
    assert below == {"60 % top-down, 40 % bottom-up"}
    assert rows.loc["N", "target_amount"] != 450.0
    said = " ".join(one.get_text() for one in plot_year(found.tables["quota_year"]).texts)
    assert f"{money(rows.loc['N', 'target_amount'])}, set 450, chance" in said
    assert "1.2 k, chance" in said


def test_an_assumed_target_is_not_a_set_one() -> None:
    """Without targets the company's is an assumption: nothing is set."""
    found = review_quotas({"reps": make_reps(), "opportunities": make_deals()}, CAPACITY,
                          QuotasSettings(simulations=500), JUNE.date(), YEAR)  # fmt: skip
    assert found.tables["quota_year"]["stated_amount"].isna().all()
    assert found.tables["quota_year"]["is_assumed"].all()


def test_what_names_nobody_stands_in_a_row_of_its_own() -> None:
    """A deal without owner counts for the company, and for no team."""
    found = make_year((None, 90.0), ("gone", 10.0))
    teams = found.tables["quota_year"].query("cut == 'manager' and cut_value != 'H'")
    assert level(found, "company")["won_amount"] == pytest.approx(teams["won_amount"].sum())
    rows = found.tables["quota_year"]
    lost = rows[rows["cut_value"] == "not assigned"].set_index("cut")["won_amount"]
    assert lost.to_dict() == pytest.approx({"manager": 100.0, "unit": 100.0, "region": 100.0})


def test_what_a_leaver_won_stays_with_the_manager() -> None:
    """Cid left in May; the deals of the year count for the team all the same."""
    leave = [None, None, None, None, None, "2026-05-10", None, None]
    found = make_year(("c", 50.0), reps=make_reps(leave_date=leave))
    assert level(found, "M2")["won_amount"] == pytest.approx(
        level(make_year(("c", 50.0)), "M2")["won_amount"]
    )


def test_the_chance_rises_with_what_is_won(half: QuotaReview) -> None:
    """A large deal more makes the target likelier; what reaches it makes it certain."""
    more, most = make_year(("a", 200.0)), make_year(("a", 900.0))
    chance = [level(one, "company")["probability"] for one in (half, more, most)]
    assert chance[0] < chance[1] < chance[2] == 1.0
    assert level(most, "company")["remaining_amount"] == 0.0
    assert any("is reached" in line for line in most.headlines)


def test_the_rest_shrinks_to_nothing_at_the_end_of_the_year(half: QuotaReview) -> None:
    """What can still be sold falls with the days left, and the chance is then 0 or 1."""
    start = level(make_year(day=pd.Timestamp("2025-12-31")), "company")
    end = level(make_year(day=pd.Timestamp("2026-12-31")), "company")
    middle = level(half, "company")
    assert start["rest_amount"] > middle["rest_amount"] > end["rest_amount"] == 0.0
    assert middle["rest_amount"] == pytest.approx(start["rest_amount"] / 2, rel=0.2)
    assert (start["due_share"], middle["due_share"], end["due_share"]) == pytest.approx(
        (0.0, 0.5, 1.0), abs=0.01
    )
    assert end["probability"] in (0.0, 1.0)
    assert start["won_amount"] == 0.0


def test_a_quota_to_date_has_pace_and_needed_rate(half: QuotaReview) -> None:
    """Half of the year is due; what is left is spread over the six months left."""
    row = half.tables["quota_to_date"].set_index("rep_id").loc["d"]
    assert row["due_amount"] == pytest.approx(row["ramped_quota_amount"] / 2, rel=0.01)
    assert row["pace_share"] == pytest.approx(row["won_amount"] / row["due_amount"])
    left = row["ramped_quota_amount"] - row["won_amount"]
    assert row["needed_rate_amount"] == pytest.approx(left / 6, rel=0.01)


def test_nothing_won_is_known_is_not_nothing_won() -> None:
    """Without deals and bookings, won, left and chance are unknown."""
    found = review_quotas({"reps": make_reps(), "targets": make_targets()}, CAPACITY,
                          QuotasSettings(simulations=500), JUNE.date(), YEAR)  # fmt: skip
    row = level(found, "company")
    assert row[["won_amount", "remaining_amount", "probability"]].isna().all()
    assert any("is not known" in line for line in found.headlines)


def test_the_season_follows_the_targets_of_quarters() -> None:
    """A quarter with half of the target weighs half of the year; one yearly target weighs even."""
    rows = pd.DataFrame({"period": [f"2026Q{one}" for one in range(1, 5)], "measure": "acv",
                         "target_amount": [100.0, 100.0, 100.0, 300.0]})  # fmt: skip
    season = year_target(table("targets").coerce(rows), YEAR, QuotasSettings()).season
    assert season == pytest.approx((2 / 3,) * 9 + (2.0,) * 3)
    assert np.mean(season) == pytest.approx(1.0)
    yearly = pd.DataFrame({"period": ["2026"], "measure": ["acv"], "target_amount": [600.0]})
    assert year_target(table("targets").coerce(yearly), YEAR, QuotasSettings()).season == EVEN


def make_tree(**teams: tuple[str, int]):  # type: ignore[no-untyped-def]
    """Build a hierarchy: manager=(manager above, reps)."""
    rows = [(name, boss or None) for name, (boss, _) in teams.items()]
    reps = [(f"{name}{at}", name) for name, (_, count) in teams.items() for at in range(count)]
    people = pd.DataFrame(rows + reps, columns=["rep_id", "manager_id"]).assign(name="x")
    return build_tree(people, pd.DataFrame({"rep_id": [rep for rep, _ in reps]}))


def test_a_small_team_is_hidden_and_so_is_what_would_show_it() -> None:
    """Of teams of 2, 5 and 6 the 5 is hidden with the 2; teams of 5 and 6 alone are both shown."""
    small = make_tree(top=("", 0), a=("top", 2), b=("top", 5), c=("top", 6))
    assert open_levels(small, 5) == {"company", "top", "c"}
    large = make_tree(top=("", 0), b=("top", 5), c=("top", 6))
    assert open_levels(large, 5) == {"company", "top", "b", "c"}


def test_a_single_rep_beside_a_team_hides_the_team() -> None:
    """The company less the team would be the quota of the one rep who reports to the top."""
    tree = make_tree(top=("", 1), b=("top", 6))
    assert open_levels(tree, 5) == {"company", "top"}


def test_small_groups_are_blank_for_those_who_may_not_see_pay(half: QuotaReview) -> None:
    """Amounts of a small group are blank, its count stays; an allowed audience sees all."""
    levels = table("quota_levels")
    rows = half.tables["quota_levels"].assign(is_group=[True, False, False, True])
    seen = levels.spared(rows, ())
    assert seen["quota_amount"].notna().tolist() == [True, False, False, True]
    assert seen["carriers_count"].notna().all()
    assert levels.spared(rows, ("pay",))["quota_amount"].notna().all()
    assert rows["quota_amount"].notna().all()
