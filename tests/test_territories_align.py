"""Alignment of accounts with reps: scope, locks, families, budget, reasons, tables, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.tables import table
from tests.territory_frames import (
    kinds,
    make_accounts,
    make_locks,
    make_opportunities,
    make_reps,
    make_settings,
    owner_of,
    run,
)


def test_every_table_keeps_its_contract() -> None:
    """All tables pass the checks of their contracts, and every account has a row in the plan."""
    alignment = run()
    for name, frame in alignment.tables.items():
        pd.testing.assert_frame_equal(table(name).check(frame), frame)
    assert alignment.plan["account_id"].tolist() == make_accounts()["account_id"].tolist()
    assert alignment.plan["reason"].ne("").all()


def test_balance_is_checked_on_the_original_data() -> None:
    """Sums of the plan equal those of the balance, and all territories are within tolerance."""
    alignment = run()
    sums = alignment.plan.groupby("rep_id")["potential"].sum()
    shown = alignment.balance[alignment.balance["measure"].eq("potential")].set_index("rep_id")
    pd.testing.assert_series_equal(sums, shown["after"], check_names=False)
    assert alignment.status in ("optimal", "feasible")
    assert (shown["after"] / shown["target"] - 1).abs().max() <= 0.2
    assert alignment.violations.empty
    assert alignment.cost >= alignment.bound > 0


def test_managers_and_people_who_are_not_there_get_nothing() -> None:
    """Only active reps with a role of the settings own accounts; owners who left lose them."""
    reps = make_reps(leave_date=[pd.NaT, pd.Timestamp("2026-03-31"), pd.NaT, pd.NaT])
    alignment = run(reps=reps, settings=make_settings(tolerance=0.9))
    assert set(alignment.plan["rep_id"]) == {"R-1", "R-3"}
    left = alignment.plan["previous_rep_id"].eq("R-2")
    assert set(alignment.plan.loc[left, "move_cause"]) == {"owner left"}


def test_future_hires_wait() -> None:
    """A rep whose first day lies after the as-of date is not planned for."""
    reps = make_reps(hire_date=[pd.NaT, pd.NaT, pd.Timestamp("2026-04-01"), pd.NaT])
    assert "R-3" not in set(run(reps=reps).plan["rep_id"])


def test_unknown_roles_fall_back_to_reps_who_manage_nobody() -> None:
    """Where no role of the settings occurs, that is said and the leaves of the tree take part."""
    alignment = run(reps=make_reps(role=["Hunter", "Hunter", "Farmer", "Boss"]))
    assert set(alignment.reps["rep_id"]) == {"R-1", "R-2", "R-3"}
    assert "setting" in kinds(alignment)


def test_out_of_scope_accounts_are_listed_and_keep_their_owner() -> None:
    """A unit that is not aligned, a region without reps and no region at all each have a reason."""
    accounts = make_accounts(unit=["Enterprise"] * 20 + ["Small"] * 4)
    accounts.loc[0, "region"] = "APAC"
    accounts.loc[[1, 2], "region"] = pd.NA
    accounts.loc[2, "owner_id"] = pd.NA
    alignment = run(accounts, settings=make_settings(units=("enterprise",), tolerance=0.4))
    plan = alignment.plan.set_index("account_id")
    assert not plan.loc[["A-000", "A-002", "A-020"], "is_in_scope"].any()
    assert plan.loc["A-001", "is_in_scope"]
    assert plan.loc["A-020", "rep_id"] == plan.loc["A-020", "previous_rep_id"]
    assert "no rep in APAC" in plan.loc["A-000", "reason"]
    assert {"out_of_scope", "no_rep", "no_block"} <= kinds(alignment)


def test_blocks_are_kept_apart() -> None:
    """Accounts go to reps of their own region only, whatever the capitals."""
    accounts = make_accounts(region=["EMEA", "emea ", "AMER"] * 8)
    reps = make_reps(region=["EMEA", "Emea", "AMER", "EMEA"])
    plan = run(accounts, reps, make_settings(tolerance=0.5)).plan
    west = plan["account_id"].isin(accounts.loc[accounts["region"].eq("AMER"), "account_id"])
    assert set(plan.loc[west, "rep_id"]) == {"R-3"}
    assert set(plan.loc[~west, "rep_id"]) == {"R-1", "R-2"}


def test_locks_are_kept() -> None:
    """Must and must not hold, are named as the reason, and do not count against the budget."""
    locks = make_locks(("A-000", "R-3", "must"), ("A-001", "R-2", "must_not"))
    alignment = run(overrides=locks)
    assert owner_of(alignment, "A-000") == "R-3"
    assert owner_of(alignment, "A-001") != "R-2"
    row = alignment.plan.set_index("account_id").loc["A-000"]
    assert (row["move_cause"], row["is_protected"]) == ("lock", True)
    assert "manager" in row["reason"]


def test_a_lock_reaches_over_blocks() -> None:
    """A manager may give an account to a rep of another region."""
    reps = make_reps(region=["EMEA", "EMEA", "AMER", "EMEA"])
    alignment = run(reps=reps, overrides=make_locks(("A-000", "R-3", "must")))
    assert owner_of(alignment, "A-000") == "R-3"


@pytest.mark.parametrize(
    ("locks", "owner", "kind"),
    [
        ([("A-000", "R-1", "must"), ("A-000", "R-3", "must")], "R-3", "locks_contradict"),
        ([("A-000", "R-3", "must_not"), ("A-000", "R-3", "must")], "R-3", "locks_contradict"),
        ([("A-000", "R-9", "must")], "", "lock_not_usable"),
        ([("A-000", "M-1", "must")], "", "lock_not_usable"),
        ([("A-999", "R-1", "must")], "", "lock_not_usable"),
        ([("A-000", f"R-{rep}", "must_not") for rep in (1, 2, 3)], "", "locks_contradict"),
    ],
)
def test_locks_that_contradict_or_cannot_hold_are_named(
    locks: list[tuple[str, str, str]], owner: str, kind: str
) -> None:
    """The later of two decisions counts, one that cannot be used does not; both are listed."""
    alignment = run(overrides=make_locks(*locks))
    assert kind in kinds(alignment)
    assert not owner or owner_of(alignment, "A-000") == owner


def test_a_lock_withdrawn_by_a_later_one_no_longer_holds() -> None:
    """Must, then must not for the same rep: the account goes elsewhere."""
    locks = make_locks(("A-000", "R-1", "must"), ("A-000", "R-1", "must_not"))
    alignment = run(overrides=locks)
    assert owner_of(alignment, "A-000") != "R-1"
    assert "locks_contradict" in kinds(alignment)


def test_late_stage_deals_keep_their_owner() -> None:
    """An account with a likely or committed deal stays, and the reason says so."""
    committed = make_opportunities(probability=0.1, forecast_category="commit")
    for deals in (make_opportunities(), committed):
        row = run(opportunities=deals).plan.iloc[0]
        assert row["rep_id"] == "R-1"
        assert "late-stage" in row["reason"]
        assert row["is_protected"]


def test_early_and_closed_deals_protect_nobody() -> None:
    """Only open deals above the line protect."""
    deals = make_opportunities(probability=0.2)
    assert not run(opportunities=deals).plan["is_protected"].any()
    assert not run(opportunities=make_opportunities(is_closed=True)).plan["is_protected"].any()
    settings = make_settings(protect_late_stage=False)
    assert not run(settings=settings, opportunities=make_opportunities()).plan["is_protected"].any()


def test_open_pipeline_is_unknown_without_opportunities_and_zero_without_deals() -> None:
    """No table means unknown, no deal means nothing open."""
    assert run().plan["open_amount"].isna().all()
    assert run(opportunities=make_opportunities()).plan["open_amount"].tolist()[:2] == [5000.0, 0.0]


def test_families_stay_together_unless_a_lock_tears_them() -> None:
    """Accounts below one parent have one rep; a locked member leaves the family, and is named."""
    accounts = make_accounts(parent_id=[None, "A-000", "A-001", "A-000", *[None] * 20])
    family = ["A-000", "A-001", "A-002", "A-003"]
    whole = run(accounts).plan.set_index("account_id").loc[family, "rep_id"]
    assert len(set(whole)) == 1
    locks = make_locks(("A-001", "R-1", "must"), ("A-002", "R-2", "must"))
    torn = run(accounts, overrides=locks)
    assert owner_of(torn, "A-001") == "R-1"
    assert owner_of(torn, "A-002") == "R-2"
    assert owner_of(torn, "A-000") == owner_of(torn, "A-003")
    assert "family_split" in kinds(torn)
    free = run(accounts, settings=make_settings(keep_families=False))
    assert free.cost <= run(accounts).cost + 1e-9


def test_a_loop_of_parents_is_one_family() -> None:
    """Two accounts that name each other as parent stay together."""
    accounts = make_accounts(parent_id=["A-001", "A-000", *[None] * 22])
    assert owner_of(run(accounts), "A-000") == owner_of(run(accounts), "A-001")


@pytest.mark.parametrize("share", [0.0, 0.15, 0.4])
def test_the_budget_is_a_hard_limit(share: float) -> None:
    """Not more ACV moves by the plan than allowed; a budget of nothing moves nothing."""
    alignment = run(settings=make_settings(disruption_share=share, keep_families=False))
    moved = alignment.plan[alignment.plan["move_cause"].eq("plan").fillna(value=False)]
    assert moved["acv"].sum() <= share * alignment.plan["acv"].sum() + 1e-6
    if share == 0.0:
        assert moved.empty
        assert alignment.status == "infeasible"


def test_without_acv_the_budget_counts_accounts() -> None:
    """No money known: a share of accounts may move."""
    alignment = run(make_accounts(acv=np.nan), settings=make_settings(disruption_share=0.1))
    assert alignment.plan["move_cause"].eq("plan").sum() <= 2


def test_a_tolerance_that_cannot_be_reached_is_answered_by_the_tightest() -> None:
    """No exception: status, what was reached, and which rep is off by how much and why."""
    accounts = make_accounts()
    accounts.loc[5, ["potential", "workload_hours"]] = [5e6, 900.0]
    alignment = run(accounts, settings=make_settings(tolerance=0.1, disruption_share=1.0))
    assert alignment.status == "infeasible"
    assert alignment.tolerance_reached > 0.1
    assert "instead of 10 %" in alignment.solution["note"].iloc[-1]
    worst = alignment.violations.iloc[0]
    assert worst["excess"] > 0
    assert "Company 5 (A-005) alone is" in worst["cause"]
    assert "lumpy_account" in kinds(alignment)


@pytest.mark.parametrize("bad", [np.nan, -50.0])
def test_unknown_and_negative_measures_count_as_the_median(bad: float) -> None:
    """They are named, never zero, and the published measure stays as it was where unknown."""
    accounts = make_accounts()
    accounts.loc[3, "potential"] = bad
    alignment = run(accounts)
    rest = accounts["potential"].drop(3)
    balance = alignment.balance[alignment.balance["measure"].eq("potential")]
    assert balance["after"].sum() == pytest.approx(rest.sum() + rest.median())
    assert "measure" in kinds(alignment)


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_measure_that_nobody_has_gives_way_to_the_next(value: float) -> None:
    """Potential falls back to ACV, workload to the number of accounts, and both are named."""
    accounts = make_accounts(potential=value, workload_hours=value)
    alignment = run(accounts)
    details = " ".join(alignment.problems["detail"])
    assert "balanced by acv" in details
    assert "balanced by the number of accounts" in details
    counts = alignment.balance[alignment.balance["measure"].eq("workload_hours")]
    assert counts["after"].sum() == 24


def test_segments_win_over_given_measures() -> None:
    """Potential and industry group of step 02 are used where they are there."""
    segments = pd.DataFrame({"account_id": ["A-000"], "potential": [123456.0],
                             "workload_hours": [10.0], "industry_group": ["Bank"],
                             "unit": ["Enterprise"]})  # fmt: skip
    assert run(segments=segments).plan["potential"].iloc[0] == 123456.0


def test_targets_follow_capacity() -> None:
    """A rep with half the hours gets half the target; one unknown capacity makes all equal."""
    settings = make_settings(tolerance=0.3)
    half = run(reps=make_reps(capacity_hours=[1000.0, 1000.0, 500.0, np.nan]), settings=settings)
    targets = half.balance.set_index(["rep_id", "measure"])["target"]
    assert targets["R-3", "potential"] == pytest.approx(targets["R-1", "potential"] / 2)
    equal = run(reps=make_reps(capacity_hours=[1000.0, np.nan, 500.0, np.nan]), settings=settings)
    assert equal.balance.groupby("measure")["target"].nunique().eq(1).all()


def test_owner_layer_wins_over_account_owner() -> None:
    """The table of owners by layer decides who owns the account today."""
    layer = pd.DataFrame({"account_id": ["A-000", "A-001"], "role_layer": ["ae", "SDR"],
                          "rep_id": ["R-3", "R-3"],
                          "since_date": pd.to_datetime(["2020-01-01", "2020-01-01"])})  # fmt: skip
    before = run(territories=table("territories").coerce(layer)).plan["previous_rep_id"]
    assert before.tolist()[:2] == ["R-3", "R-2"]


def test_row_order_and_ids_do_not_matter() -> None:
    """Shuffled rows give the same plan, renamed accounts and reps one that is equally good."""
    settings = make_settings(tolerance=0.5, disruption_share=1.0)
    accounts, reps = make_accounts(10), make_reps()
    plain = run(accounts, reps, settings)
    mixed = run(accounts.iloc[::-1], reps.iloc[::-1], settings)
    pd.testing.assert_frame_equal(plain.plan, mixed.plan)
    renamed = run(
        accounts.assign(account_id=accounts["account_id"].str[::-1],
                        owner_id=accounts["owner_id"].str.replace("R", "Z")),
        reps.assign(rep_id=reps["rep_id"].str.replace("R", "Z")), settings,
    )  # fmt: skip
    assert plain.status == renamed.status == "optimal"
    assert renamed.cost == pytest.approx(plain.cost, abs=1e-6)


def test_money_in_another_unit_changes_nothing() -> None:
    """Amounts times 1000 give the same owners."""
    accounts = make_accounts()
    scaled = accounts.assign(acv=accounts["acv"] * 1000, potential=accounts["potential"] * 1000)
    assert run(accounts).plan["rep_id"].tolist() == run(scaled).plan["rep_id"].tolist()


def test_inputs_are_not_changed() -> None:
    """The tables handed in stay as they are."""
    accounts, reps = make_accounts(), make_reps()
    before = accounts.copy(deep=True), reps.copy(deep=True)
    run(accounts, reps, overrides=make_locks(("A-000", "R-3", "must")))
    pd.testing.assert_frame_equal(accounts, before[0])
    pd.testing.assert_frame_equal(reps, before[1])


@pytest.mark.parametrize(
    ("accounts", "reps"),
    [(make_accounts(0), make_reps()), (make_accounts(), make_reps().head(0))],
    ids=["no accounts", "no reps"],
)  # fmt: skip
def test_nothing_to_plan_is_said(accounts: pd.DataFrame, reps: pd.DataFrame) -> None:
    """Status empty, all tables in shape, owners as today."""
    alignment = run(accounts, reps)
    assert alignment.status == "empty"
    assert alignment.plan["rep_id"].tolist() == accounts["owner_id"].tolist()
    assert "nothing was planned" in alignment.solution["note"].iloc[0]
    for name, frame in alignment.tables.items():
        table(name).check(frame)
    told = alignment.summary()["value"].astype(str)
    assert len(told) > 5
    assert not told.str.contains("nan").any()


def test_the_summary_says_which_moves_the_budget_limits() -> None:
    """Accounts without an owner change owner too, but only what the plan chooses is limited."""
    owners = [None, *make_accounts()["owner_id"].iloc[1:]]
    alignment = run(make_accounts(owner_id=owners), settings=make_settings(disruption_share=0.0))
    told = alignment.summary().set_index("result")["value"]
    assert told["Accounts that change owner"] == "1"
    assert told["Share of ACV that changes owner"] != "0.0 %"
    assert told["Of it by choice of the plan, which the budget limits"] == "0.0 %"


def test_regions_that_link_nobody_do_not_separate() -> None:
    """Where accounts and reps have no region in common, all are planned together; that is said."""
    alignment = run(reps=make_reps(region="APAC"))
    assert alignment.plan["is_in_scope"].all()
    assert "region does not link" in " ".join(alignment.problems["detail"])


def test_one_rep_gets_all() -> None:
    """With one rep the plan is proven, and within tolerance."""
    alignment = run(reps=make_reps().head(1), settings=make_settings(disruption_share=1.0))
    assert alignment.status == "optimal"
    assert set(alignment.plan["rep_id"]) == {"R-1"}


def test_reps_without_place_sit_amid_their_accounts_or_at_the_mean() -> None:
    """Both are named, and no cost is missing."""
    reps = make_reps(city=[None, "Lyon", None, None], country=[None, "France", None, None])
    alignment = run(reps=reps)
    precision = alignment.reps.set_index("rep_id")["place_precision"]
    assert precision["R-1"] == "own accounts"
    assert precision["R-3"] == "none"
    assert alignment.plan["cost"].notna().all()
    assert {"R-1", "R-3"} <= set(alignment.problems["rep_id"].dropna())


def test_without_any_place_travel_is_dropped_and_said() -> None:
    """No account has a place: travel costs nothing, and the list of problems says why."""
    alignment = run(make_accounts(city=pd.NA, country=pd.NA))
    assert alignment.plan["travel_cost"].eq(0).all()
    assert alignment.plan["latitude"].isna().all()
    assert "travel is left out" in " ".join(alignment.problems["detail"])


@pytest.mark.parametrize(
    ("accounts", "reps", "message"),
    [
        (pd.concat([make_accounts(2), make_accounts(1)]), make_reps(),
         "accounts: column 'account_id' repeats in 2 rows, first A-000"),
        (make_accounts(2).drop(columns="account_id"), make_reps(), "'account_id' is missing"),
        (make_accounts(2), pd.concat([make_reps(), make_reps()]), "reps: column 'rep_id' repeats"),
        (make_accounts(2), make_reps(rep_id=["R-1", None, "R-3", "M-1"]), "'rep_id' is blank in 1"),
    ],
)  # fmt: skip
def test_broken_keys_are_errors(accounts: pd.DataFrame, reps: pd.DataFrame, message: str) -> None:
    """A missing, blank or repeated key is named with table and rows."""
    with pytest.raises(TableError, match=message):
        run(accounts, reps)


def test_moves_close() -> None:
    """Causes sum up to all moves, gains to losses and moves without an owner before."""
    alignment = run(make_accounts(owner_id=[None, *["R-1"] * 23]), settings=make_settings(
        disruption_share=1.0))  # fmt: skip
    moves = alignment.moves[alignment.moves["block"].eq("all")].set_index("move_cause")
    total = moves.loc["all moves", "moved_count"]
    assert moves["moved_count"].sum() == 2 * total
    assert alignment.reps["gained_count"].sum() == total == alignment.plan["is_moved"].sum()
    assert alignment.reps["lost_count"].sum() == total - 1
    assert moves.loc["no owner", "moved_count"] == 1


def test_reasons_quote_the_costs() -> None:
    """The sentence holds the cost, its parts and the difference to the next best rep."""
    row = run(settings=make_settings(tolerance=0.9)).plan.iloc[0]
    assert f"Cost {row['cost']:.2f}" in row["reason"]
    parts = row[["travel_cost", "misfit_cost", "disruption_cost"]].sum()
    assert row["cost"] == pytest.approx(parts)
    step = row["next_best_cost"] - row["cost"]
    assert f"{abs(step):.2f}" in row["reason"]


def test_weights_of_zero_leave_a_part_out() -> None:
    """A weight of 0 makes its part of the cost 0 for every account."""
    plan = run(settings=make_settings(weight_travel=0, weight_misfit=0)).plan
    assert plan[["travel_cost", "misfit_cost"]].eq(0).all(axis=None)
    assert plan["disruption_cost"].gt(0).any()


def test_single_tolerances_win() -> None:
    """A measure can have its own tolerance."""
    settings = make_settings(tolerance=0.3, tolerances={"potential": 0.15})
    tolerance = run(settings=settings).balance.groupby("measure")["tolerance"].first()
    assert tolerance.to_dict() == {"potential": 0.15, "workload_hours": 0.3}


def test_accounts_above_the_level_of_their_rep_are_counted_today_and_in_the_plan() -> None:
    """A level is the share of reps at it or below; what is above it is that of the plan's rows."""
    accounts = make_accounts()
    segments = accounts[["account_id", "potential", "workload_hours"]].assign(
        complexity_score=np.arange(24) * 4.0, segment="Core", unit="All"
    )
    levels = ["Senior AE", "AE I", "AE II", "Manager"]
    found = run(accounts, make_reps(level=levels), segments=segments)
    reps = found.reps.set_index("rep_id")
    assert reps["skill_score"].round(1).to_dict() == {"R-1": 100.0, "R-2": 33.3, "R-3": 66.7}
    plan = found.plan
    for when, owner in (("before", "previous_rep_id"), ("after", "rep_id")):
        above = plan[plan["complexity_score"] > plan[owner].map(reps["skill_score"]) + 1e-6]
        count = above[owner].value_counts().reindex(reps.index, fill_value=0)
        assert reps[f"{when}_above_count"].tolist() == count.tolist()
        worth = above.groupby(owner)["potential"].sum().reindex(reps.index, fill_value=0.0)
        assert reps[f"{when}_above_potential"].tolist() == pytest.approx(worth.tolist())
    cost = plan.groupby("rep_id")["complexity_cost"].sum().reindex(reps.index)
    assert reps["after_above_cost"].tolist() == pytest.approx(cost.tolist())
    assert run().reps["skill_score"].isna().all()
