"""Override scorecard: groups, outcomes, grey, people against plan, missing tables."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import table
from planlib.territories.scorecard import OverrideScorecard, score_overrides

AS_OF, START = datetime.date(2026, 1, 1), datetime.date(2025, 1, 1)
SIZE = 60


def make_plan() -> pd.DataFrame:
    """Make accounts of two reps; every third one moves."""
    owner = [f"R-{row % 2 + 1}" for row in range(SIZE)]
    return pd.DataFrame({
        "account_id": [f"A-{row:02d}" for row in range(SIZE)], "rep_id": owner,
        "previous_rep_id": ["R-3" if row % 3 == 0 else owner[row] for row in range(SIZE)],
    })  # fmt: skip


def make_decisions(count: int = 20, **changes: object) -> pd.DataFrame:
    """Make decisions that keep the first accounts with their previous owner."""
    plan = make_plan().head(count)
    frame = pd.DataFrame({
        "decision_id": [f"D-{row:04d}" for row in range(count)], "account_id": plan["account_id"],
        "rep_id": plan["previous_rep_id"], "rule": "must", "who": "Mia", "why": "knows them",
        "when": "2025-02-01",
    })  # fmt: skip
    return table("override_territories").coerce(frame.assign(**changes))


def make_proposed(count: int = 20) -> pd.DataFrame:
    """Make the reps that the first accounts would have without decisions: always another."""
    return pd.DataFrame({"account_id": make_plan()["account_id"].head(count),
                         "otherwise_rep_id": "R-9"})  # fmt: skip


def make_deals(good: int = 20, **changes: object) -> pd.DataFrame:
    """Make one decided deal per account in March: the first ones are won, the others lost."""
    won = [row < good for row in range(SIZE)]
    frame = pd.DataFrame({
        "opportunity_id": [f"O-{row}" for row in range(SIZE)],
        "account_id": make_plan()["account_id"], "owner_id": make_plan()["rep_id"],
        "is_closed": True, "is_won": won, "close_date": pd.Timestamp("2025-03-10"),
        "amount": 1000.0, "deal_type": "renewal",
    })  # fmt: skip
    return frame.assign(**changes)


def run(decisions: pd.DataFrame | None, **tables: object) -> OverrideScorecard:
    """Judge with few draws."""
    settings = TerritoryDecisionsSettings(history_draws=200)
    return score_overrides(decisions, make_plan(), settings, as_of=AS_OF, effective=START,
                              **tables)  # type: ignore[arg-type] # fmt: skip


def score(found: OverrideScorecard, group: str, measure: str, who: str = "all") -> pd.Series:
    """Give one score."""
    return found.scores.set_index(["who", "group", "measure"]).loc[(who, group, measure)]


def test_groups_follow_from_owner_proposal_and_decision():
    """Kept, moved, agreed; without a proposal the group is not known."""
    decisions = make_decisions(4, rep_id=["R-3", "R-1", "R-9", "R-3"])
    found = run(decisions, proposed=make_proposed(3)).results.set_index("account_id")
    assert found["group"].tolist()[:3] == ["kept by people", "moved by people",
                                           "agreed with the plan"]  # fmt: skip
    assert pd.isna(found.loc["A-03", "group"])


def test_priced_decisions_tell_the_proposal():
    """In territory_overrides no other rep means that the plan would have chosen the same."""
    priced = pd.DataFrame({
        "account_id": ["A-00", "A-01", "A-02"], "rep_id": ["R-3", "R-2", "R-1"], "rule": "must",
        "otherwise_rep_id": ["R-1", None, "R-2"], "state": ["applied", "applied", "superseded"],
    })  # fmt: skip
    found = run(make_decisions(3), proposed=priced).results.set_index("account_id")["group"]
    assert found.tolist()[:2] == ["kept by people", "agreed with the plan"]
    assert pd.isna(found["A-02"])


def test_accounts_without_decision_are_the_comparison():
    """Moved and left as proposed."""
    found = run(make_decisions(), proposed=make_proposed(), opportunities=make_deals())
    assert score(found, "moved as proposed", "won_share")["account_count"] == 13
    assert score(found, "stayed as proposed", "won_share")["account_count"] == 27


def test_a_large_difference_is_more_than_chance():
    """All accounts of people won, no other did: value, interval, and the reservation."""
    found = run(make_decisions(), proposed=make_proposed(), opportunities=make_deals())
    row = score(found, "people less plan", "won_share")
    assert row["value"] == pytest.approx(1.0)
    assert row["low"] > 0
    assert "no proof" in row["note"]
    kept = score(found, "kept by people", "won_amount")
    assert kept["value"] == 1000.0
    assert 0 < kept["shrunk_value"] <= 1000.0
    assert score(found, "kept by people", "churn_share")["value"] == 0.0
    assert score(found, "stayed as proposed", "churn_share")["value"] == 1.0


def test_noise_is_called_noise():
    """Wins spread by chance do not tell people and plan apart."""
    won = np.random.default_rng(4).random(SIZE) < 0.5
    found = run(make_decisions(), proposed=make_proposed(), opportunities=make_deals(is_won=won))
    row = score(found, "people less plan", "won_share")
    assert row["note"] == "cannot be told apart from chance"
    assert row["low"] < 0 < row["high"]


def test_few_accounts_are_grey():
    """Fewer than the least number keep their value and lose their colour."""
    found = run(make_decisions(3), proposed=make_proposed(3), opportunities=make_deals())
    people = score(found, "people less plan", "won_share")
    assert people["is_grey"]
    assert "too few" in people["note"]
    assert not score(found, "stayed as proposed", "won_share")["is_grey"]


def test_young_decisions_are_listed_and_not_judged():
    """Two quarters must have passed."""
    found = run(make_decisions(when="2025-12-01"), proposed=make_proposed(),
                opportunities=make_deals())  # fmt: skip
    assert not found.results["is_due"].any()
    assert score(found, "kept by people", "won_share")["account_count"] == 0
    assert any(note.endswith("days: 20 decisions") for note in found.notes)


def test_only_deals_of_the_two_quarters_count():
    """Earlier and later deals are left out."""
    deals = make_deals(close_date=pd.Timestamp("2025-09-10"))
    found = run(make_decisions(), proposed=make_proposed(), opportunities=deals)
    assert found.results["won_count"].eq(0).all()


def test_attainment_is_won_over_quota_of_the_same_days():
    """The owner's, with an interval over owners and not over accounts."""
    reps = pd.DataFrame({"rep_id": ["R-1", "R-2"], "name": ["Ana", "Bo"],
                         "quota": [365.25 / 182 * 10000] * 2})  # fmt: skip
    found = run(make_decisions(2, rep_id=["R-1", "R-2"]), proposed=make_proposed(2),
                opportunities=make_deals(), reps=reps)  # fmt: skip
    assert found.results["attainment"].tolist() == pytest.approx([1.0, 1.0])
    assert found.results["decided_rep_name"].tolist() == ["Ana", "Bo"]


def test_the_last_decision_on_an_account_counts():
    """And bars name no owner, so they are not judged."""
    days = ["2025-03-01", "2025-02-01", "2025-04-01"]
    rules = ["must", "must", "must_not"]
    decisions = make_decisions(3, account_id="A-00", when=days, rule=rules)
    assert run(decisions).results["decision_id"].tolist() == ["D-0000"]


def test_each_person_has_scores_too():
    """Against the same accounts without decisions."""
    decisions = make_decisions(who=["Mia", "Leo"] * 10)
    found = run(decisions, proposed=make_proposed(), opportunities=make_deals())
    assert set(found.scores["who"]) == {"all", "Mia", "Leo"}
    people = score(found, "people less plan", "won_share", "Leo")
    assert people["account_count"] == 10


def test_without_tables_it_says_what_is_missing():
    """No decisions, no deals, no proposal: empty, grey, and named."""
    found = run(None)
    assert found.results.empty
    assert found.scores["is_grey"].all()
    assert found.scores["value"].isna().all()
    for word in ("no decisions", "no table of what was proposed", "no closed opportunities"):
        assert any(word in note for note in found.notes), word


def test_tables_keep_their_contracts_in_any_order_of_rows():
    """Shuffled decisions, deals and proposals give the same scorecard."""
    plain, mixed = (
        run(make_decisions()[::step], proposed=make_proposed()[::step],
            opportunities=make_deals()[::step])
        for step in (1, -1)
    )  # fmt: skip
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, mixed.tables[name])
        pd.testing.assert_frame_equal(table(name).check(frame), frame)
