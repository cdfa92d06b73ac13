"""Challenges: accepted ones hold together, obstacles are exact, the order is stated."""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np
import pandas as pd
import pytest

from planlib.settings.territories import TerritoriesSettings
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import table
from planlib.territories.alignment import Alignment, align
from planlib.territories.challenges import ChallengeReview, review_challenges

AS_OF = datetime.date(2026, 3, 31)
SIZE = 30


def make_accounts(**changes: object) -> pd.DataFrame:
    """Make accounts of two regions, three owners each."""
    draw = np.random.default_rng(5)
    frame = pd.DataFrame({
        "account_id": [f"A-{row:03d}" for row in range(SIZE)],
        "name": [f"Company {row}" for row in range(SIZE)],
        "region": ["East" if row < 24 else "West" for row in range(SIZE)],
        "owner_id": [f"R-{row % 3 + 1}" if row < 24 else "R-4" for row in range(SIZE)],
        "acv": np.round(draw.lognormal(9, 0.5, SIZE)),
        "potential": np.round(draw.lognormal(10, 0.4, SIZE)),
    })  # fmt: skip
    return table("accounts").coerce(frame.assign(**changes))


def make_reps() -> pd.DataFrame:
    """Make three sellers in the east and two in the west."""
    frame = pd.DataFrame({
        "rep_id": ["R-1", "R-2", "R-3", "R-4", "R-5"], "name": ["Ana", "Bo", "Cy", "Di", "Ed"],
        "role": "AE", "region": ["East"] * 3 + ["West"] * 2,
    })  # fmt: skip
    return table("reps").coerce(frame)


def solve(accounts: pd.DataFrame | None = None, **changes: object) -> Alignment:
    """Align with a tolerance and a budget that leave some room."""
    tables = {name: changes.pop(name) for name in ("overrides",) if name in changes}
    settings = TerritoriesSettings(**{
        "measures": ("potential",), "tolerance": 0.2, "disruption_share": 0.6, "effort": "quick",
        **changes,
    })  # fmt: skip
    given = make_accounts() if accounts is None else accounts
    return align(given, make_reps(), settings, as_of=AS_OF, **tables)


@cache
def solved() -> Alignment:
    """Give the plan of the tests, solved once."""
    return solve()


def make_challenges(*pairs: tuple[str, str], **changes: object) -> pd.DataFrame:
    """Make challenges for account and rep, in the order of their ids."""
    frame = pd.DataFrame(pairs, columns=["account_id", "rep_id"])
    frame = frame.assign(
        decision_id=[f"D-{at:04d}" for at in range(len(pairs))], who="Mia", why="knows them",
        when="2026-02-01", reason_code="relation",
    )  # fmt: skip
    return table("override_challenges").coerce(frame.assign(**changes))


def review(
    challenges: pd.DataFrame | None, plan: Alignment | None = None, **changes: object
) -> ChallengeReview:
    """Review challenges of the plan."""
    settings = TerritoryDecisionsSettings(**changes)  # type: ignore[arg-type]
    return review_challenges(challenges, plan or solved(), settings)


def every_pair(seed: int, count: int = 25) -> pd.DataFrame:
    """Make challenges at random over the accounts and reps of the east."""
    draw = np.random.default_rng(seed)
    pairs = [(f"A-{draw.integers(24):03d}", f"R-{draw.integers(1, 4)}") for _ in range(count)]
    return make_challenges(*pairs)


def is_met(alignment: Alignment) -> bool:
    """Check loads and budgets of a plan anew, from its accounts, against the limits it had."""
    owner = alignment.plan.set_index("account_id")["rep_id"]
    book, sellers = alignment.statement.book, alignment.statement.sellers
    for answer in alignment.answers:
        block = answer.block
        ids = sellers["rep_id"].to_numpy(dtype=object)[block.reps]
        own = owner[book["account_id"].iloc[block.rows]].to_numpy(dtype=object)
        for k in range(len(block.measures)):
            loads = np.array([block.load[k][own == rep].sum() for rep in ids])
            slack = 1e-9 * np.abs(loads)  # another order of summing
            if (loads > answer.upper[k] + slack).any() or (loads < answer.lower[k] - slack).any():
                return False
        today = np.array([ids[at] if at >= 0 else None for at in block.owner], dtype=object)
        if (block.stake @ (own != today).astype(float) > block.budget * (1 + 1e-12)).any():
            return False
    return True


@pytest.mark.parametrize("seed", range(3))
def test_accepted_challenges_hold_together(seed):
    """With all that were accepted, and solved again, every limit and budget holds."""
    found = review(every_pair(seed))
    assert is_met(found.before)
    assert is_met(found.at_once)
    assert is_met(found.solved)
    taken = found.challenges[found.challenges["decision"].eq("accepted")]
    assert 0 < len(taken) < len(found.challenges)
    for plan in (found.at_once.plan, found.solved.plan):
        owner = plan.set_index("account_id")["rep_id"]
        assert owner[taken["account_id"]].tolist() == taken["rep_id"].tolist()
    assert found.solved.cost <= found.at_once.cost + 1e-9


def test_a_tolerance_that_was_looked_for_leaves_stated_room():
    """No challenge fits the tightest one; with room for them all limits hold that wide."""
    plan = solve(tolerance=None)
    tight = review(every_pair(4), plan, challenge_room=0.0)
    assert not tight.challenges["decision"].eq("accepted").any()
    found = review(every_pair(4), plan, challenge_room=0.1)
    assert found.challenges["decision"].eq("accepted").any()
    assert is_met(found.at_once)
    assert is_met(found.solved)
    before, after = (one.balance.groupby("block")["tolerance"].max()
                     for one in (plan, found.solved))  # fmt: skip
    assert after["East"] == pytest.approx(before["East"] + 0.1)
    assert after["West"] == before["West"]
    assert np.isnan(found.at_once.gap)


def test_a_tolerance_that_cannot_be_met_stays_unmet():
    """Challenges that keep what was reached do not make the plan look feasible."""
    plan = solve(tolerance=0.001)
    assert plan.status not in ("optimal", "feasible")
    found = review(every_pair(0), plan)
    assert found.at_once.status == found.solved.status == plan.status
    assert is_met(found.solved)


def test_an_obstacle_is_the_limit_that_would_be_passed():
    """Its rep, measure, limit and amount are those of the plan with this one change."""
    for seed in range(3):
        found = review(every_pair(seed, count=24))
        first = found.challenges.iloc[0]
        if first["decision"] != "not accepted":
            continue
        plan = solved().plan.set_index("account_id")
        loads = plan.assign(rep_id=plan["rep_id"].mask(plan.index == first["account_id"],
                                                       first["rep_id"]))  # fmt: skip
        load = loads.groupby("rep_id")["potential"].sum()[first["obstacle_rep_id"]]
        passed = abs(load - first["obstacle_limit"])
        assert first["obstacle_amount"] == pytest.approx(passed)
        assert first["obstacle"] in ("balance", "minimum")
        return
    pytest.fail("no seed has a refused challenge in the first place")


def test_the_price_is_the_change_of_cost():
    """Cost with the challenge less cost without, as the plan's own cost says."""
    found = review(every_pair(1))
    taken = found.challenges[found.challenges["decision"].eq("accepted")]
    assert found.at_once.cost - found.before.cost == pytest.approx(taken["cost_change"].sum())


def test_challenges_are_tried_oldest_first_in_any_order_of_rows():
    """Day, then id; shuffled rows give the same review."""
    asked = every_pair(2).assign(when=pd.to_datetime(["2026-02-03", "2026-02-01"] * 12
                                                     + ["2026-02-02"]))  # fmt: skip
    plain, mixed = review(asked), review(asked.iloc[::-1])
    pd.testing.assert_frame_equal(plain.challenges, mixed.challenges)
    assert plain.challenges["when"].is_monotonic_increasing
    assert plain.order.startswith("oldest first")
    pd.testing.assert_frame_equal(table("territory_challenges").check(plain.challenges),
                                  plain.challenges)  # fmt: skip


def test_the_cheapest_can_go_first():
    """Then the order is that of the price on the plan as challenged, and is stated."""
    found = review(make_challenges(("A-001", "R-1"), ("A-004", "R-1")), challenge_order="cost")
    assert found.order.startswith("cheapest for the plan first")
    assert found.challenges["cost_change"].is_monotonic_increasing


def test_what_cannot_be_used_is_named():
    """Unknown accounts and reps, another part of the market, what is so already."""
    planned = str(solved().plan.set_index("account_id").loc["A-000", "rep_id"])
    found = review(make_challenges(("A-999", "R-1"), ("A-001", "X-1"), ("A-002", "R-5"),
                                   ("A-000", planned)))  # fmt: skip
    assert found.challenges["decision"].tolist() == [
        "not usable", "not usable", "not accepted", "nothing to do",
    ]  # fmt: skip
    assert found.challenges["obstacle"].tolist()[:3] == [
        "unknown account", "unknown rep", "scope",
    ]  # fmt: skip
    assert "Ed (R-5) does not work in East" in found.challenges.loc[2, "detail"]
    assert found.solved is found.before


def test_challenges_with_the_same_id_or_without_a_rep_stay_one_row_each():
    """A file written by hand may repeat an id, or name nobody; no row is counted twice."""
    asked = make_challenges(("A-999", "R-1"), ("A-001", "X-1"), ("A-002", "R-5"))
    found = review(asked.assign(decision_id="D-1", rep_id=["R-1", "X-1", None]))
    assert found.challenges["place"].tolist() == [1, 2, 3]
    assert found.challenges["detail"].iloc[2] == "no rep is named"
    assert found.summary().set_index("result").loc["Challenges accepted", "solved"] == "0 of 3"


def test_a_challenge_of_a_plan_of_nothing_is_answered_in_words():
    """Where nothing is planned, cost and deviation are not known, and no figure is made up."""
    settings = TerritoriesSettings()
    nothing = align(make_accounts(), make_reps().iloc[:0], settings, as_of=AS_OF)
    found = review(make_challenges(("A-001", "R-1")), nothing)
    values = found.summary().set_index("result")["solved"]
    assert values["Cost of the plan"] == "not known"
    assert values["Largest deviation from a target"] == "not known"


def test_the_first_of_two_for_an_account_wins():
    """The later one names the winner."""
    asked = every_pair(0)
    taken = review(asked).challenges
    account, rep = taken.loc[taken["decision"].eq("accepted"), ["account_id", "rep_id"]].iloc[0]
    other = next(one for one in ("R-1", "R-2", "R-3") if one != rep)
    found = review(make_challenges((account, rep), (account, other), (account, rep)))
    assert found.challenges["decision"].tolist() == ["accepted", "not accepted", "nothing to do"]
    assert found.challenges.loc[1, "obstacle"] == "superseded"
    assert rep in found.challenges.loc[1, "detail"]


def test_locks_and_bars_are_obstacles():
    """A decision that stands is not overruled by a challenge."""
    locks = pd.DataFrame({
        "decision_id": ["L-1", "L-2"], "account_id": ["A-000", "A-001"], "rep_id": ["R-1", "R-3"],
        "rule": ["must", "must_not"], "who": "Mia", "why": "x", "when": pd.Timestamp("2026-01-01"),
    })  # fmt: skip
    plan = solve(overrides=locks)
    found = review(make_challenges(("A-000", "R-2"), ("A-001", "R-3")), plan)
    assert found.challenges["obstacle"].tolist() == ["lock", "forbidden"]
    assert "Ana (R-1)" in found.challenges.loc[0, "detail"]


def test_families_move_together():
    """An accepted challenge takes the family along, with its ACV."""
    parents = [None] * SIZE
    parents[3], parents[6] = "A-000", "A-000"
    plan = solve(make_accounts(parent_id=parents), tolerance=0.9, disruption_share=1.0)
    owner = plan.plan.set_index("account_id")["rep_id"]
    other = next(one for one in ("R-1", "R-2", "R-3") if one != owner["A-000"])
    found = review(make_challenges(("A-003", other)), plan)
    row = found.challenges.iloc[0]
    assert row["decision"] == "accepted"
    assert "with 2 of its family" in row["detail"]
    assert row["acv"] == pytest.approx(make_accounts()["acv"].iloc[[0, 3, 6]].sum())
    after = found.solved.plan.set_index("account_id")["rep_id"]
    assert after[["A-000", "A-003", "A-006"]].tolist() == [other] * 3


def test_the_disruption_budget_is_an_obstacle():
    """Without a budget no challenge away from today's owner can be accepted."""
    plan = solve(make_accounts(owner_id=solved().plan["rep_id"].to_numpy()), disruption_share=0.0)
    free = TerritoriesSettings(measures=("potential",), tolerance=0.2, disruption_share=0.0)
    assert free.disruption_share == 0
    owner = plan.plan.set_index("account_id")["rep_id"]
    smallest = plan.plan[plan.plan["block"].eq("East")].nsmallest(3, "potential")["account_id"]
    asked = [(one, "R-1" if owner[one] != "R-1" else "R-2") for one in smallest]
    found = review(make_challenges(*asked), plan).challenges
    assert not found["decision"].eq("accepted").any()
    assert "budget" in set(found["obstacle"])
    row = found[found["obstacle"].eq("budget")].iloc[0]
    assert (row["obstacle_measure"], row["obstacle_limit"]) == ("acv", 0.0)
    assert row["obstacle_amount"] == pytest.approx(row["acv"])
    assert row["detail"].startswith("the disruption budget of 0 (ACV) would be exceeded by ")


def test_accepted_challenges_become_decisions_that_give_the_same_owner():
    """Aligned with them, the accounts go where the challenge said."""
    found = review(every_pair(0))
    decisions = found.accepted.assign(decision_id=[f"T-{at}" for at in range(len(found.accepted))])
    again = solve(overrides=decisions).plan.set_index("account_id")["rep_id"]
    assert again[decisions["account_id"]].tolist() == decisions["rep_id"].tolist()
    assert decisions["why"].str.contains("challenge D-").all()


def test_without_challenges_the_plan_stands():
    """None and an empty table give an empty review."""
    for nothing in (None, make_challenges().iloc[:0]):
        found = review(nothing)
        assert found.challenges.empty
        assert found.solved is found.before
        assert found.difference.changes.empty
        assert found.accepted.empty


def test_the_difference_is_from_the_plan_to_the_one_solved_again():
    """Every accepted challenge is in it, and the summary shows the three plans."""
    found = review(every_pair(0))
    taken = found.challenges[found.challenges["decision"].eq("accepted")]
    assert set(taken["account_id"]) <= set(found.difference.changes["account_id"])
    assert found.summary()["result"].iloc[0] == "Cost of the plan"
