"""Parts of the ranking: cases, what is expected of them, absence, peers, the tier rule."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planlib.errors import SettingsError, TableError
from planlib.plan import Plan
from planlib.ranking import (
    TierRule,
    away_days,
    expected_of_others,
    month_ends,
    month_start,
    prepare_cases,
    rep_windows,
    tier_path,
    transitions,
)
from planlib.ranking.absence import meeting_days, work_days
from planlib.ranking.metrics import case_expectation
from planlib.workdays import WorkCalendar
from tests.ranking_frames import AS_OF, make_deals, make_settings

RULE = TierRule(up=1.2, down=0.8, confidence=0.8)


def make_leads(**changes: object) -> pd.DataFrame:
    """Make three leads of two reps, two of them from before the age at which they count."""
    plain: dict[str, object] = {
        "lead_id": ["L1", "L2", "L3"], "owner_id": ["R1", "R1", "R2"],
        "created_at": pd.to_datetime(["2025-11-03", "2025-11-04", "2026-03-30"]),
        "first_response_at": pd.NaT, "source": "web", "account_id": None,
    }  # fmt: skip
    return pd.DataFrame({**plain, **changes})


def test_deals_stand_in_for_leads_and_it_is_said_why() -> None:
    """Without leads, without owners, or with leads that are handed over, deals count."""
    deals = make_deals({"R1": (1, 2), "R2": (1, 2)})
    assert "table leads is missing" in prepare_cases(deals, make_settings(), AS_OF).why
    leads = make_leads(owner_id=None)
    assert "no lead has an owner" in prepare_cases(deals, make_settings(), AS_OF, leads=leads).why
    linked = deals.assign(lead_id=["L1", None, "L2", None])
    found = prepare_cases(linked, make_settings(), AS_OF, leads=make_leads(owner_id="SDR"))
    assert (found.basis, len(found.rows)) == ("deals", 4)
    assert "leads are handed over: 0 % of 2 deals" in found.why


def test_leads_count_once_they_are_old_enough() -> None:
    """Won by its 90th day is won; won later is not; a young lead is not decided."""
    deals = make_deals({"R1": (2, 2)}, lead_id=["L1", "L2"],
                       close_date=pd.to_datetime(["2026-01-20", "2026-03-20"]))  # fmt: skip
    found = prepare_cases(deals, make_settings(), AS_OF, leads=make_leads())
    rows = found.rows.set_index("case_id")
    assert found.basis == "leads"
    assert rows["is_won"].to_dict() == {"L1": True, "L2": False, "L3": False}
    assert rows["decided_date"].isna().to_dict() == {"L1": False, "L2": False, "L3": True}
    assert rows.at["L1", "days"] == 78


def test_a_lead_score_is_the_expectation_where_there_is_one() -> None:
    """Table lead_scores gives the chance of its leads; the others keep none."""
    scores = pd.DataFrame({"lead_id": ["L2"], "score": [0.3]})
    found = prepare_cases(make_deals({"R1": (1, 1)}), make_settings(basis="leads"), AS_OF,
                          leads=make_leads(), lead_scores=scores)  # fmt: skip
    assert found.rows["score"].tolist()[1] == 0.3
    assert np.isnan(found.rows["score"].tolist()[0])


def test_deals_from_better_leads_are_expected_to_be_won_more_often() -> None:
    """A third of the scores is a part of the mix; without scores all deals are in one cell."""
    wins = {f"R{at}": (12, 30) for at in range(4)}
    deals = make_deals(wins)
    place = deals.groupby("owner_id").cumcount()
    deals["lead_id"] = "L-" + deals.index.astype(str)
    good = ((place < 9) | (place >= 24)).to_numpy()  # 9 of 15 won; of the others 3 of 15
    scores = pd.DataFrame({"lead_id": deals["lead_id"], "score": np.where(good, 0.6, 0.2)})
    scores.loc[len(scores)] = ["L-else", 0.9]
    settings = make_settings(mix_prior=1.0)
    cases = prepare_cases(deals, settings, AS_OF, lead_scores=scores)
    chance = case_expectation(cases, settings).to_numpy()
    better = cases.rows["lead_id"].map(scores.set_index("lead_id")["score"]).to_numpy() > 0.5
    assert chance[better].min() == pytest.approx((27 + 0.4) / 46)
    assert chance[~better].max() == pytest.approx((9 + 0.4) / 46)
    plain = case_expectation(prepare_cases(deals, settings, AS_OF), settings)
    assert plain.to_numpy() == pytest.approx(0.4)


def test_bad_deals_and_leads_are_named_and_left_out() -> None:
    """From the future, undated, without owner, closed before created: each with its number."""
    deals = make_deals({"R1": (2, 6)})
    deals.loc[0, "close_date"] = pd.Timestamp("2026-05-01")
    deals.loc[1, "close_date"] = pd.NaT
    deals.loc[2, "owner_id"] = None
    deals.loc[3, "created_date"] = pd.Timestamp("2026-03-01")
    leads = make_leads(created_at=pd.to_datetime(["2026-06-01", None, "2026-01-01"]))
    found = prepare_cases(deals, make_settings(basis="leads"), AS_OF, leads=leads)
    said = " ".join(note for _, note in found.findings)
    assert "1 deals are closed or created after the as-of date, first R1-0" in said
    assert "1 deals are closed without a close date, first R1-1" in said
    assert "1 deals have no owner, first R1-2" in said
    assert "closed before they were created, first R1-3" in said
    assert "1 leads came in after the as-of date, first L1" in said
    assert "1 leads have no date, first L2" in said
    assert found.rows["case_id"].tolist() == ["L3"]


def test_ids_that_repeat_are_refused_by_name() -> None:
    """A case must count once."""
    deals = make_deals({"R1": (1, 2)})
    with pytest.raises(TableError, match="1 ids stand more than once, first R1-0"):
        prepare_cases(pd.concat([deals, deals.head(1)]), make_settings(), AS_OF)
    leads = make_leads(lead_id=["L1", "L1", "L2"])
    with pytest.raises(TableError, match="leads: 1 ids stand more than once, first L1"):
        prepare_cases(deals, make_settings(), AS_OF, leads=leads)


def test_expectation_leaves_the_own_cases_out() -> None:
    """By hand: the cell without the rep, drawn to the rate of the others with A cases."""
    units = pd.DataFrame({
        "rep_id": ["a", "a", "b", "b", "c", "c"], "source": ["x", "y", "x", "x", "x", "y"],
        "observed": [1.0, 1.0, 1.0, 0.0, 0.0, 1.0], "base": 1.0,
    })  # fmt: skip
    found = expected_of_others(units, pd.Series([True] * 6), ["source"], 2.0)
    level = 2 / 4  # b and c: 2 of 4
    assert found[0] == pytest.approx((1 + 2 * level) / (3 + 2))  # x: b 1 of 2, c 0 of 1
    assert found[1] == pytest.approx((1 + 2 * level) / (1 + 2))  # y: c 1 of 1


def test_expectation_of_prices_scales_with_the_list_amount() -> None:
    """The base is the list amount: twice the list, twice the expectation."""
    units = pd.DataFrame({"rep_id": ["a", "b", "b"], "observed": [5.0, 80.0, 90.0],
                          "base": [10.0, 100.0, 100.0]})  # fmt: skip
    found = expected_of_others(units, pd.Series([True] * 3), [], 1e-9)
    assert found[0] == pytest.approx(10 * 170 / 200)


def test_a_lone_rep_is_compared_with_the_own_mean() -> None:
    """Nobody else teaches; the ratio is 1."""
    units = pd.DataFrame({"rep_id": ["a", "a"], "source": "x", "observed": [1.0, 0.0], "base": 1.0})
    found = expected_of_others(units, pd.Series([True] * 2), ["source"], 5.0)
    assert found.tolist() == pytest.approx([0.5, 0.5])


def test_months_end_where_the_as_of_date_ends() -> None:
    """A window of months begins the day after the same point of an earlier month."""
    assert month_ends(date(2026, 3, 31), 3) == [date(2026, 1, 31), date(2026, 2, 28),
                                                date(2026, 3, 31)]  # fmt: skip
    assert month_start(date(2026, 3, 15), 3) == date(2025, 12, 16)


def test_work_days_agree_with_the_calendar() -> None:
    """The array says of each day what the calendar says."""
    calendar = WorkCalendar(holidays=frozenset({date(2026, 2, 17)}),
                            workdays=frozenset({date(2026, 2, 14)}))  # fmt: skip
    days = work_days(date(2026, 2, 10), date(2026, 2, 20), calendar)
    wanted = [calendar.is_workday(date(2026, 2, day)) for day in range(10, 21)]
    assert days.astype(bool).tolist() == wanted


def test_absence_adds_up_within_a_day_and_skips_free_days() -> None:
    """Two half days are one; a weekend is nothing; an inverted span is nothing."""
    rows = pd.DataFrame({
        "rep_id": ["a", "a", "b"], "away_share": [0.5, 0.8, None],
        "start_date": pd.to_datetime(["2026-03-06", "2026-03-06", "2026-03-05"]),
        "end_date": pd.to_datetime(["2026-03-08", "2026-03-06", "2026-03-04"]),
    })  # fmt: skip
    found = away_days(rows, WorkCalendar())
    assert found.to_dict("records") == [
        {"rep_id": "a", "day": pd.Timestamp("2026-03-06"), "away_share": 1.0}
    ]


def test_a_day_full_of_meetings_counts_as_away_by_its_hours() -> None:
    """Overlaps count once, cancelled ones not at all; below the limit nothing counts."""
    rows = pd.DataFrame(
        [("R1", "2026-03-02 09:00", "2026-03-02 12:00", "held"),
         ("R1", "2026-03-02 11:00", "2026-03-02 15:00", None),
         ("R1", "2026-03-03 09:00", "2026-03-03 12:00", "held"),
         ("R2", "2026-03-02 08:00", "2026-03-02 18:00", "no_show"),
         ("R2", "2026-03-03 08:00", "2026-03-03 18:00", "cancelled")],
        columns=["rep_id", "start_at", "end_at", "outcome"],
    ).astype({"start_at": "datetime64[us]", "end_at": "datetime64[us]"})  # fmt: skip
    found = meeting_days(rows.iloc[::-1], 5.0)
    assert found is not None
    assert found["rep_id"].tolist() == ["R1", "R2"]
    assert found["away_share"].tolist() == [0.75, 1.0]
    assert meeting_days(None, 5.0) is None


def test_leave_moves_the_start_of_the_window_back_by_working_days() -> None:
    """Ten working days away are made up by the ten before the window, and no more than allowed."""
    leave = pd.DataFrame({
        "rep_id": ["a", "b"], "away_share": 1.0,
        "start_date": pd.to_datetime(["2026-03-02", "2025-06-01"]),
        "end_date": pd.to_datetime(["2026-03-13", "2026-03-31"]),
    })  # fmt: skip
    away = away_days(leave, WorkCalendar())
    found = rep_windows(["a", "b", "c"], away, AS_OF, 3, longest=2.0, calendar=WorkCalendar())
    found = found.set_index("rep_id")
    assert found.at["c", "window_from"] == pd.Timestamp("2026-01-01")
    assert found.at["a", "window_from"] == pd.Timestamp("2025-12-18")
    assert found.at["a", "present_days"] == found.at["c", "present_days"] == 64
    assert found.at["a", "away_days"] == 10
    assert found.at["b", "present_days"] == 0
    assert found.at["b", "window_from"] == pd.Timestamp("2025-10-03")


def make_month(day: str, raw: float, sd: float = 0.02, **changes: object) -> pd.DataFrame:
    """Make one review of one rep."""
    plain: dict[str, object] = {
        "rep_id": ["R1"], "month_date": pd.Timestamp(day), "status": "ranked",
        "peer_group": "all", "score_raw": raw, "score": raw, "score_sd": sd, "cases_count": 20,
    }  # fmt: skip
    return pd.DataFrame({**plain, **changes})


def walk(*months: pd.DataFrame, **settings: object) -> pd.DataFrame:
    """Walk one rep through reviews from tier B."""
    return tier_path(list(months), {"all": RULE}, make_settings(**settings), {"R1": "B"})


def test_one_step_per_review_and_none_beyond_the_ends() -> None:
    """Far above peers is one tier up each month, and the highest is the end."""
    path = walk(*[make_month(f"2026-0{at}-28", 1.9) for at in (1, 2, 3)],
                tiers=("A", "B", "C", "D"), start_tier="C")  # fmt: skip
    assert path["tier"].tolist() == ["A", "A", "A"]
    down = walk(*[make_month(f"2026-0{at}-28", 0.4) for at in (1, 2, 3)],
                tiers=("A", "B", "C", "D"), start_tier="C")  # fmt: skip
    assert down["tier"].tolist() == ["C", "D", "D"]
    assert down["reason"].iloc[2] == "already in the lowest"


def test_a_score_beyond_the_limit_without_evidence_does_not_move() -> None:
    """25 % above peers with a wide interval is held back, and the reason says how sure it was."""
    path = walk(make_month("2026-03-31", 1.25, 0.2))
    assert (path.at[0, "tier"], path.at[0, "move"]) == ("B", "stay")
    assert path.at[0, "reason"] == "above the limit, but only 60 % sure; 80.0 % are needed"
    assert path.at[0, "up_probability"] == pytest.approx(0.5987, abs=1e-4)


def test_no_way_back_before_the_rest_is_over() -> None:
    """Down two months after moving up is held; after three months it is made."""
    months = [make_month("2025-12-31", 1.5), make_month("2026-02-28", 0.5),
              make_month("2026-03-31", 0.5)]  # fmt: skip
    path = walk(*months)
    assert path["tier"].tolist() == ["A", "A", "B"]
    assert "rests 3 months" in path.at[1, "reason"]


def test_a_manager_may_set_a_tier_and_it_is_said() -> None:
    """The tier of the last review before the month's end wins over the rule."""
    decided = pd.DataFrame({
        "decision_id": ["D-1", "D-2"], "rep_id": "R1", "tier": ["C", "A"], "who": ["Ann", "Bo"],
        "review_date": pd.to_datetime(["2026-03-05", "2026-03-20"]),
    })  # fmt: skip
    months = [make_month("2026-02-28", 1.0), make_month("2026-03-31", 1.0)]
    path = tier_path(months, {"all": RULE}, make_settings(), {"R1": "B"}, decided=decided)
    assert path["tier"].tolist() == ["B", "A"]
    assert path.at[1, "reason"] == "set by Bo in the review"


def test_a_new_rep_is_in_the_lowest_tier_until_the_ramp_is_over() -> None:
    """Neither the beginning nor the end of the ramp is a move."""
    months = [make_month("2026-02-28", np.nan, status="new"), make_month("2026-03-31", 1.0)]
    path = tier_path(months, {"all": RULE}, make_settings(), {})
    assert path["tier"].tolist() == ["C", "B"]
    assert path["move"].tolist() == ["stay", "stay"]
    again = tier_path(months[1:], {"all": RULE}, make_settings(), {"R1": "C"},
                      earlier=path.head(1))  # fmt: skip
    assert again["tier"].tolist() == ["B"]


def test_the_rest_is_remembered_over_cycles() -> None:
    """A move in an earlier cycle holds the way back in this one."""
    first = walk(make_month("2026-02-28", 1.5))
    second = tier_path([make_month("2026-03-31", 0.4)], {"all": RULE}, make_settings(),
                       {"R1": "A"}, earlier=first)  # fmt: skip
    assert second["tier"].tolist() == ["A"]


def test_transitions_add_up_to_the_reviews() -> None:
    """Every review of a tier is up, down or stay."""
    path = walk(*[make_month(f"2026-0{at}-28", raw) for at, raw in ((1, 1.5), (2, 1.0), (3, 0.9))])
    found = transitions(path, ("A", "B", "C"))
    sums = found.groupby("tier")["move_count"].sum()
    assert sums.to_dict() == {"A": 2, "B": 1, "C": 0}
    assert found.set_index(["tier", "move"]).at[("B", "up"), "move_share"] == 1.0
    assert found[found["tier"] == "C"]["move_share"].isna().all()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"weights": {"win_rate": 0.0}}, "at least one weight must be above 0"),
        ({"weights": {"win_rate": -1.0}}, "weights must not be below 0"),
        ({"weights": {"charm": 1.0}}, "win_rate"),
        ({"start_tier": "Z"}, "is none of A, B, C"),
        ({"tiers": ["A", "A"]}, "each name once"),
    ],
)
def test_settings_that_cannot_rank_are_refused(change: dict[str, object], match: str) -> None:
    """Weights of zero, unknown metrics, unknown tiers: by name."""
    with pytest.raises(SettingsError, match=match):
        Plan().override("ranking", **change)
