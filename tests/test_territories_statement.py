"""What is stated before anything is solved: seats, protection, scope, limits, budgets, blocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.errors import ParameterError, TableError
from planlib.tables import table
from planlib.territories import Statement
from tests.territory_frames import (
    AS_OF,
    details,
    make_accounts,
    make_locks,
    make_opportunities,
    make_reps,
    make_settings,
    make_statement,
)


def kept(statement: Statement) -> dict[str, str]:
    """Give why each account that is kept is kept."""
    rows = statement.book[statement.book["kept_by"].ne("")]
    return dict(zip(rows["account_id"], rows["kept_by"], strict=True))


def test_matrices_fit_each_other_and_row_order_does_not_matter() -> None:
    """Shuffled accounts and reps give the same block."""
    block = make_statement().blocks[0]
    accounts, reps = make_accounts(), make_reps()
    mixed = make_statement(accounts.sample(frac=1, random_state=2), reps.iloc[::-1]).blocks[0]
    assert block.shape == (24, 3)
    assert block.load.shape == (2, 24)
    assert block.target.shape == block.lower.shape == (2, 3)
    for name in ("load", "target", "owner", "stake", "budget", "lower", "upper", "item"):
        np.testing.assert_array_equal(getattr(block, name), getattr(mixed, name))
    np.testing.assert_allclose(block.costs.total(), mixed.costs.total(), rtol=1e-12)


def test_inputs_stay_as_they_were() -> None:
    """The frames given are not changed."""
    accounts, reps = make_accounts(), make_reps()
    before = accounts.copy(), reps.copy()
    make_statement(accounts, reps)
    pd.testing.assert_frame_equal(accounts, before[0])
    pd.testing.assert_frame_equal(reps, before[1])


def test_ids_that_are_missing_or_repeat_are_named_together() -> None:
    """A blank and a repeated key are one error with both."""
    accounts = make_accounts()
    accounts.loc[0, "account_id"] = pd.NA
    accounts.loc[2, "account_id"] = "A-003"
    with pytest.raises(TableError, match=r"(?s)blank in 1 row.*repeats in 2 rows, first A-003"):
        make_statement(accounts)
    with pytest.raises(TableError, match=r"accounts: column 'account_id' is missing"):
        make_statement(accounts.drop(columns="account_id"))


def test_open_seats_of_reps_and_of_a_table_take_part() -> None:
    """Seats own accounts at their place and skills; one known twice is named, none is an option."""
    reps = make_reps(is_open_seat=[False, False, True, False],
                     hire_date=[pd.NaT, pd.NaT, pd.Timestamp("2026-06-01"), pd.NaT])  # fmt: skip
    seats = pd.DataFrame({"seat_id": ["S-1", "R-1"], "region": "EMEA", "country": "France",
                          "city": "Nice", "skills": "Bank"})  # fmt: skip
    statement = make_statement(reps=reps, seats=seats)
    sellers = statement.sellers.set_index("rep_id")
    assert sellers["is_open_seat"].to_dict() == {
        "R-1": False, "R-2": False, "R-3": True, "S-1": True}  # fmt: skip
    assert "in reps already" in details(statement, "seat")
    without = make_statement(reps=reps, seats=seats, settings=make_settings(open_seats=False))
    assert without.sellers["rep_id"].tolist() == ["R-1", "R-2"]


def test_a_seat_table_needs_unique_ids() -> None:
    """A seat that occurs twice is an error that names the table."""
    with pytest.raises(TableError, match="seats: column 'rep_id' repeats"):
        make_statement(seats=pd.DataFrame({"rep_id": ["S-1", "S-1"]}))


def test_recent_wins_late_stages_and_named_accounts_are_kept() -> None:
    """Each kind of protection has its own word, and each can be switched off."""
    deals = make_opportunities().iloc[[0, 0, 0]].reset_index(drop=True)
    deals["opportunity_id"] = ["O-1", "O-2", "O-3"]
    deals["account_id"] = ["A-000", "A-002", "A-004"]
    deals["is_closed"], deals["is_won"] = [False, True, True], [False, True, True]
    deals["close_date"] = pd.to_datetime(["2026-06-01", "2026-01-15", "2025-06-01"])
    deals = table("opportunities").coerce(deals)
    named = pd.DataFrame({"account_id": ["A-006", "A-008"], "is_key": [True, False]})
    statement = make_statement(opportunities=deals, key_accounts=named)
    assert kept(statement) == {"A-000": "late_stage", "A-002": "recent_win", "A-006": "named"}
    assert "1 account with a deal won lately keeps its owner" in details(
        statement, "recent_win_kept")  # fmt: skip
    off = make_settings(protect_late_stage=False, recent_win_days=0, keep_named=False)
    assert kept(make_statement(settings=off, opportunities=deals, key_accounts=named)) == {}


def test_an_account_whose_owner_has_left_is_not_kept() -> None:
    """Protection needs an owner who is there; the account has to go to somebody else."""
    reps = make_reps(leave_date=[pd.Timestamp("2026-01-31"), pd.NaT, pd.NaT, pd.NaT])
    statement = make_statement(reps=reps, opportunities=make_opportunities())
    assert kept(statement) == {}
    assert statement.blocks[0].owner[0] == -1
    assert bool(statement.book["is_owner_gone"].iloc[0])


def test_a_bar_on_todays_owner_beats_protection() -> None:
    """A manager who takes an account away may do so in spite of a late-stage deal."""
    locks = make_locks(("A-000", "R-1", "must_not"))
    statement = make_statement(opportunities=make_opportunities(), overrides=locks)
    assert kept(statement) == {}
    assert statement.blocks[0].stake[:, 0].tolist() == [0.0] * len(statement.blocks[0].budgets)


def test_scope_freezes_everything_else_at_the_previous_plan() -> None:
    """Accounts outside keep the rep of the previous plan, else today's; locks still hold."""
    previous = pd.DataFrame({"account_id": ["A-001", "A-002"], "rep_id": ["R-3", "R-9"]})
    locks = make_locks(("A-005", "R-3", "must"))
    statement = make_statement(scope=["A-000", "A-999"], previous=previous, overrides=locks)
    block = statement.blocks[0]
    assert (block.fixed[[0, 1, 3, 5]] == [-1, 2, 1, 2]).all()
    assert block.fixed[2] == -1
    assert "A-002" in details(statement, "scope")
    assert "A-999" in details(statement, "scope")
    assert statement.has_previous


def test_more_named_accounts_than_the_limit_are_a_finding() -> None:
    """What a rep keeps beyond the limit stays, and the limit of that rep is what it keeps."""
    named = pd.DataFrame({"account_id": ["A-000", "A-002", "A-004"], "is_key": True})
    statement = make_statement(key_accounts=named, settings=make_settings(max_named=2))
    block = statement.blocks[0]
    row = block.measures.index("named_count")
    assert block.ceiling[row].tolist() == [3.0, 2.0, 2.0]
    assert "keeps 3 named accounts by locks and protection, more than the limit of 2" in details(
        statement, "named_limit")  # fmt: skip


def test_counts_that_cannot_be_met_are_named_and_widened() -> None:
    """Three reps cannot have ten of 24 accounts each, nor at most five."""
    low = make_statement(settings=make_settings(min_accounts=10))
    assert low.blocks[0].floor[2].tolist() == [8.0] * 3
    assert "at least 10 accounts each need 30; the block has 24" in details(low, "count_limit")
    high = make_statement(settings=make_settings(max_accounts=5))
    assert high.blocks[0].ceiling[2].tolist() == [8.0] * 3
    assert "at most 5 accounts each hold 15" in details(high, "count_limit")


def test_settings_that_contradict_are_refused() -> None:
    """More accounts at least than at most is an error of the settings."""
    with pytest.raises(ValueError, match="min_accounts at most max_accounts"):
        make_settings(min_accounts=9, max_accounts=3)


def test_budgets_count_acv_accounts_and_pipeline() -> None:
    """Each share is a limit of its own; without a share there is none."""
    settings = make_settings(disruption_share=0.1, disruption_count_share=0.25,
                             disruption_open_share=None)  # fmt: skip
    block = make_statement(settings=settings, opportunities=make_opportunities()).blocks[0]
    assert block.budgets == ("acv", "accounts", "open_amount")
    assert block.budget[0] == pytest.approx(0.1 * make_accounts()["acv"].sum())
    assert block.budget[1] == pytest.approx(6)
    assert np.isinf(block.budget[2])
    assert block.stake[1].sum() == 24
    assert "budget" in block.assign_arguments()
    assert block.assign_arguments()["stake"].shape == (2, 24)


def test_what_families_and_locks_move_anyway_is_always_allowed() -> None:
    """A family with two owners takes the smaller part of its ACV from a budget of nothing."""
    accounts = make_accounts(parent_id=[None, "A-000", *[None] * 22])
    block = make_statement(accounts, settings=make_settings(disruption_share=0.0)).blocks[0]
    least = accounts["acv"].iloc[:2].min()
    assert block.forced[0] == pytest.approx(least)
    assert block.budget[0] >= least


def test_large_families_are_taken_apart_by_country_then_one_by_one() -> None:
    """The rule is stated with the size of the family; without it the family stays whole."""
    accounts = make_accounts(parent_id=[None, *["A-000"] * 11, *[None] * 12])
    accounts.loc[[1, 2], "country"] = "Italy"
    whole = make_statement(accounts).blocks[0]
    assert np.bincount(whole.item).max() == 12
    settings = make_settings(split_families_above=0.5)
    statement = make_statement(accounts, settings=settings)
    sizes = np.bincount(statement.blocks[0].item)
    assert sizes.max() == 2
    found = details(statement, "family_split")
    assert "country by country" in found
    assert "account by account" in found


def test_no_place_at_all_drops_travel_and_says_so() -> None:
    """Travel is no cost part then, and no account is at 0, 0."""
    statement = make_statement(make_accounts(country=None, city=None))
    assert "travel" not in statement.blocks[0].costs.names
    assert "travel is left out of the cost" in details(statement, "place")
    assert statement.book["latitude"].isna().all()


def test_a_prepared_statement_changes_weights_tolerances_and_budgets_only() -> None:
    """What can change does; the rest is refused by name."""
    statement = make_statement()
    other = statement.changed(make_settings(tolerance=0.3, weight_travel=0.0, disruption_share=0.2))
    block = other.blocks[0]
    assert block.tolerance.tolist() == [0.3, 0.3]
    assert block.budget[0] == pytest.approx(0.2 * make_accounts()["acv"].sum())
    assert not np.allclose(block.costs.total(), statement.blocks[0].costs.total())
    np.testing.assert_array_equal(block.costs.part("travel"), np.zeros(block.shape))
    with pytest.raises(ParameterError, match="measures cannot change on a prepared statement"):
        statement.changed(make_settings(measures=("acv",)))


def test_blocks_are_found_by_name() -> None:
    """An unknown name gives the names there are."""
    statement = make_statement()
    assert statement.block("EMEA") is statement.blocks[0]
    assert statement.only(["EMEA"]).blocks == statement.blocks
    with pytest.raises(ParameterError, match="'APAC' is none of the blocks; there are EMEA"):
        statement.block("APAC")


def test_a_lumpy_account_stays_with_its_owner_where_no_tolerance_is_given() -> None:
    """One account of twice a target is left and named; the tolerance is that of the others."""
    accounts = make_accounts()
    accounts.loc[5, "potential"] = 5e6
    free = make_statement(accounts, settings=make_settings(tolerance=None))
    assert free.blocks[0].fixed[5] == free.blocks[0].owner[5]
    assert "A-005" in [row["account_id"] for row in free.problems
                       if row["problem"] == "lumpy_account"]  # fmt: skip
    asked = make_statement(accounts, settings=make_settings(tolerance=0.1))
    assert asked.blocks[0].fixed[5] == -1


def test_spared_territories_lower_the_least_of_the_others() -> None:
    """A rep may keep what is kept above its limit, and the rest share what is left."""
    accounts = make_accounts()
    accounts.loc[5, "potential"] = 5e6
    block = make_statement(accounts, settings=make_settings(tolerance=None)).blocks[0]
    lower, upper = block.limits(np.array([0.1, 0.1]), spare_pinned=True)
    plain, most = block.limits(np.array([0.1, 0.1]))
    rep = block.fixed[5]
    assert upper[0, rep] >= 5e6 > most[0, rep]
    others = np.arange(3) != rep
    assert (lower[0, others] < plain[0, others]).all()
    np.testing.assert_array_equal(lower[1], plain[1])


def test_as_of_is_kept() -> None:
    """The date of the statement is the one given."""
    assert make_statement().as_of == AS_OF


def test_travel_times_and_targets_of_the_workbook_are_used() -> None:
    """Tables as intake stores them: hours replace great circles, targets are those given."""
    accounts, reps = make_accounts(), ["R-1", "R-2", "R-3"]
    pairs = [(account, rep, 2.0 if rep == "R-1" else 5.0)
             for account in accounts["account_id"] for rep in reps]  # fmt: skip
    travel = table("travel_times").coerce(
        pd.DataFrame(pairs, columns=["account_id", "rep_id", "travel_hours"])
    )
    targets = table("territory_targets").coerce(pd.DataFrame(
        [(rep, measure, share) for measure in ("potential", "workload_hours")
         for rep, share in zip(reps, (50.0, 30.0, 20.0), strict=True)],
        columns=["rep_id", "measure", "target"],
    ))  # fmt: skip
    settings = make_settings(targets="given")
    block = make_statement(accounts, settings=settings, travel=travel, targets=targets).blocks[0]
    way = block.costs.raw("travel") / block.costs.size[:, None]
    np.testing.assert_allclose(way[0], np.array([2.0, 5.0, 5.0]) / settings.travel_hours)
    share = block.target[0] / block.target[0].sum()
    np.testing.assert_allclose(share, [0.5, 0.3, 0.2])
