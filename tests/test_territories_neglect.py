"""Cost of imbalance on history: evidence from small samples, verdicts, missing tables."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import table
from planlib.territories.evidence import holm, rank_correlation, resampled, shuffled_p
from planlib.territories.neglect import HistoryCost, cost_of_imbalance

AS_OF = datetime.date(2026, 3, 31)
SIZE = 24


def make_reps(**changes: object) -> pd.DataFrame:
    """Make sellers of one region with a quota each, and their manager."""
    frame = pd.DataFrame({
        "rep_id": [f"R-{row:02d}" for row in range(SIZE)], "name": "Rep", "region": "EMEA",
        "quota": 100.0, "manager_id": "M-1", "hire_date": pd.Timestamp("2020-01-01"),
        "leave_date": pd.NaT,
    })  # fmt: skip
    return frame.assign(**changes)


def make_accounts() -> pd.DataFrame:
    """Make accounts; a rep's territory grows with its number."""
    rows = [(f"A-{rep:02d}-{at}", f"R-{rep:02d}") for rep in range(SIZE) for at in range(rep + 4)]
    frame = pd.DataFrame(rows, columns=["account_id", "owner_id"])
    return frame.assign(potential=10.0, last_activity_date=pd.Timestamp("2026-01-05"))


def make_deals(won: list[float]) -> pd.DataFrame:
    """Make one won deal per rep in each of two years, of a stated amount."""
    rows = [
        {"opportunity_id": f"O-{rep}-{year}", "account_id": f"A-{rep:02d}-0",
         "owner_id": f"R-{rep:02d}", "created_date": f"{year}-04-01", "is_closed": True,
         "is_won": True, "close_date": f"{year}-04-15", "amount": amount}
        for rep, amount in enumerate(won) for year in (2024, 2025)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def run(won: list[float], reps: pd.DataFrame | None = None, **tables: pd.DataFrame) -> HistoryCost:
    """Judge one year with few draws."""
    settings = TerritoryDecisionsSettings(history_draws=200, history_years=1)
    return cost_of_imbalance(
        make_accounts(), make_reps() if reps is None else reps, settings, as_of=AS_OF, seed=1,
        opportunities=make_deals(won), **tables,
    )  # fmt: skip


def row_of(found: HistoryCost, outcome: str) -> pd.Series:
    """Give the row of an outcome."""
    return found.costs.set_index("outcome").loc[outcome]


def test_a_year_whose_closed_deals_are_not_on_record_is_left_out():
    """An old close date of an open deal is no record; half a year of deals is no attainment."""
    deals = make_deals([50.0] * SIZE)
    late = deals[deals["close_date"] > "2025"].assign(close_date="2024-10-01")
    stale = late.head(1).assign(opportunity_id="O-open", close_date="2023-05-01", is_closed=False,
                                is_won=False)  # fmt: skip
    settings = TerritoryDecisionsSettings(history_draws=200, history_years=2)
    found = cost_of_imbalance(make_accounts(), make_reps(), settings, as_of=AS_OF, seed=1,
                              opportunities=pd.concat([late, stale]))  # fmt: skip
    assert set(found.reps["end_date"]) == {pd.Timestamp(AS_OF)}
    assert any("on record from 2024-10-01" in note for note in found.notes)
    whole = cost_of_imbalance(make_accounts(), make_reps(), settings, as_of=AS_OF, seed=1,
                              opportunities=deals)  # fmt: skip
    assert whole.reps["end_date"].nunique() == 2
    assert not any("on record from" in note for note in whole.notes)


def test_rank_correlation_is_spearmans():
    """Ties included, as scipy has it."""
    chance = np.random.default_rng(3)
    x, y = chance.integers(0, 6, 40).astype(float), chance.normal(size=40)
    assert rank_correlation(x, y) == pytest.approx(spearmanr(x, y).statistic)
    assert np.isnan(rank_correlation(np.ones(5), y[:5]))


def test_shuffles_find_a_strong_link_and_no_link():
    """A monotone link is rarer than any shuffle; p is never 0; a seed gives the same p."""
    x = np.arange(20.0)
    stratum = np.zeros(20)
    assert shuffled_p(x, x**2, stratum, draws=99, seed=1) == pytest.approx(0.01)
    noise = np.random.default_rng(5).normal(size=20)
    p = shuffled_p(x, noise, stratum, draws=99, seed=1)
    assert 0.05 < p <= 1
    assert p == shuffled_p(x, noise, stratum, draws=99, seed=1)


def test_shuffles_stay_within_their_stratum():
    """A link that is one between years alone cannot be told from chance."""
    x = np.array([1.0, 1, 1, 9, 9, 9])
    assert shuffled_p(x, x, x, draws=50, seed=0) == 1.0


def test_drawing_clusters_widens_the_interval_of_repeated_values():
    """Ten values of two reps are no ten reps."""
    y = np.array([0.0] * 5 + [1.0] * 5 + [0.5] * 5)
    alone = resampled(lambda some: float(y[some].mean()), np.arange(15), draws=400, seed=2)
    together = resampled(lambda some: float(y[some].mean()), np.repeat([0, 1, 2], 5),
                         draws=400, seed=2)  # fmt: skip
    assert together[1] - together[0] > alone[1] - alone[0]
    assert np.isnan(resampled(lambda some: 1.0, np.zeros(4), draws=100, seed=0)).all()


def test_holm_allows_for_several_outcomes():
    """Textbook steps; adjusted values never fall and never pass 1; unknown stays unknown."""
    found = holm([0.01, 0.04, float("nan"), 0.03])
    assert found[:2] == pytest.approx([0.03, 0.06])
    assert np.isnan(found[2])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_a_true_link_is_found_and_called_no_cause():
    """Reps further from the mean size win less: told apart from chance, with both halves."""
    load = np.arange(SIZE) + 4.0
    won = (100 * (1 - np.abs(load / load.mean() - 1))).tolist()
    row = row_of(run(won), "attainment")
    assert row["is_told_apart"]
    assert row["correlation"] < -0.9
    assert row["high"] < 0
    assert row["difference"] == pytest.approx(row["unbalanced_mean"] - row["balanced_mean"])
    assert "a link, not a cause" in row["verdict"]


def test_noise_cannot_be_told_apart_from_chance():
    """And that is what the verdict says."""
    won = np.random.default_rng(11).uniform(50, 150, SIZE).tolist()
    row = row_of(run(won), "attainment")
    assert not row["is_told_apart"]
    assert row["verdict"].startswith("cannot be told apart from chance")
    assert row["low"] < 0 < row["high"]


def test_attainment_and_imbalance_of_a_rep():
    """Won amount over quota; size over the mean of the peers."""
    found = run([50.0] * SIZE)
    row = found.reps.set_index("rep_id").loc["R-00"]
    mean = (np.arange(SIZE) + 4).mean() * 10
    assert row["attainment"] == pytest.approx(0.5, rel=0.01)
    assert row["deviation"] == pytest.approx(40 / mean - 1)
    assert row["imbalance"] == pytest.approx(abs(40 / mean - 1))


def test_exits_are_unknown_until_a_year_has_passed():
    """A rep who is still there today may yet leave; one who left in time counts."""
    leave = [pd.Timestamp("2025-10-01")] + [pd.NaT] * (SIZE - 1)
    settings = TerritoryDecisionsSettings(history_draws=100, history_years=2)
    found = cost_of_imbalance(make_accounts(), make_reps(leave_date=leave), settings, as_of=AS_OF,
                              opportunities=make_deals([50.0] * SIZE))  # fmt: skip
    rows = found.reps.set_index(["end_date", "rep_id"])["exit"]
    assert rows[(pd.Timestamp("2025-03-31"), "R-00")]
    assert not rows[(pd.Timestamp("2025-03-31"), "R-01")]
    assert rows[pd.Timestamp("2026-03-31")].isna().all()


def test_untouched_accounts_come_from_activities_or_else_from_the_account():
    """Automatic mails are no contact."""
    activities = pd.DataFrame({
        "account_id": ["A-00-0", "A-00-1", "A-00-2"],
        "activity_date": ["2025-04-02", "2026-01-01", "2026-01-01"],
        "is_automatic": [False, False, True],
    })  # fmt: skip
    found = run([50.0] * SIZE, activities=activities).reps.set_index("rep_id")
    assert found.loc["R-00", "untouched"] == 0.5
    assert run([50.0] * SIZE).reps["untouched"].eq(0.0).all()


def test_few_reps_get_no_verdict():
    """Below the least number it says how many are needed."""
    few = make_reps().head(5)
    row = row_of(run([float(at) for at in range(SIZE)], few), "attainment")
    assert "too few to judge: 5 reps" in row["verdict"]
    assert pd.isna(row["is_told_apart"])


def test_without_reps_nothing_is_known():
    """Accounts whose owners are not in reps are no past of anybody."""
    settings = TerritoryDecisionsSettings(history_draws=100)
    found = cost_of_imbalance(make_accounts(), make_reps().iloc[:0], settings, as_of=AS_OF)
    assert found.reps.empty
    assert found.costs["verdict"].str.startswith("not known").all()


def test_it_says_what_is_missing():
    """With accounts and reps alone every outcome has a row, and the notes name the tables."""
    settings = TerritoryDecisionsSettings(history_draws=100)
    found = cost_of_imbalance(make_accounts()[["account_id"]], make_reps()[["rep_id"]], settings,
                              as_of=AS_OF)  # fmt: skip
    assert found.reps.empty
    assert found.costs["verdict"].str.startswith("not known").all()
    for word in ("opportunities", "last days", "activities", "start of ownership"):
        assert any(word in note for note in found.notes), word
    for name, frame in found.tables.items():
        table(name).check(frame)


def test_order_of_rows_does_not_matter():
    """Shuffled tables give the same verdicts, within their contracts."""
    settings = TerritoryDecisionsSettings(history_draws=100, history_years=2)
    deals = make_deals(list(np.random.default_rng(1).uniform(10, 90, SIZE)))
    plain, mixed = (
        cost_of_imbalance(make_accounts()[::step], make_reps()[::step], settings, as_of=AS_OF,
                          opportunities=deals[::step])
        for step in (1, -1)
    )  # fmt: skip
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, mixed.tables[name])
        pd.testing.assert_frame_equal(table(name).check(frame), frame)
