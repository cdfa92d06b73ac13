"""Tests of strain, ladders, readiness, KPI trees, checks and the whole people part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planlib.plan import Plan
from planlib.quotas.target import year_target
from planlib.settings.team_people import (
    Criterion,
    Driver,
    IndicatorRule,
    KpiTree,
    Ladder,
    Rung,
    TeamPeopleSettings,
)
from planlib.tables import TABLES, table
from planlib.team.burnout import (
    _among_all,
    band_teams,
    follow_remedies,
    measure_strain,
    team_members,
)
from planlib.team.indicators import INDICATORS, StrainInputs, gather_parts
from planlib.team.kpi_tree import REST, Target, build_trees
from planlib.team.ladders import count_moves, fill_posts, stand_on_rungs, time_role_changes
from planlib.team.measures import MeasureInputs
from planlib.team.people_checks import check_people, check_people_settings
from planlib.team.people_review import RESULTS, PeopleBasis, PeopleInputs
from planlib.team.people_words import _everywhere, headlines
from planlib.team.readiness import judge_readiness
from planlib.team.staff import Staff
from tests.team_frames import (
    AS_OF,
    BASIS,
    crowd,
    make_history,
    make_reps,
    make_won,
    review,
    staff_of,
)

NOW = pd.Timestamp(AS_OF)


def make_parts(now: float, past: float) -> dict[str, tuple[str, pd.DataFrame]]:
    """Make a win rate of 20 decided deals a month: one in recent months, one before."""
    months = pd.date_range("2025-01-01", "2026-03-01", freq="MS")
    rows = [
        (f"R{at:02d}", month, 20 * (now if month >= pd.Timestamp("2026-01-01") else past)
         + (at % 2) * 0.5, 20.0)
        for at in range(6) for month in months
    ]  # fmt: skip
    names = ["rep_id", "month_date", "upper", "lower"]
    return {"win_rate": ("deals", pd.DataFrame(rows, columns=names))}


def strain(now: float, past: float, **rule: float) -> pd.Series:
    """Judge the win rate of a team of six."""
    staff = staff_of(make_reps(*({} for _ in range(6))))
    settings = TeamPeopleSettings(indicators={"win_rate": IndicatorRule(**rule)},
                                  burnout_by=("manager",))  # fmt: skip
    found = measure_strain(make_parts(now, past), team_members(staff, settings), staff, settings)
    return found.iloc[0]


def test_an_alert_needs_the_limit_and_more_than_noise() -> None:
    """A fall by half is an alert, a fall by a tenth is none, a rise neither."""
    assert strain(0.2, 0.4, change=0.2)["status"] == "alert"
    assert "lower than in the months before" in strain(0.2, 0.4, change=0.2)["reason"]
    assert strain(0.36, 0.4, change=0.2)["status"] == "within limits"
    assert strain(0.6, 0.4, change=0.2)["status"] == "within limits"
    assert strain(0.2, 0.4, level=0.5)["status"] == "alert"
    assert strain(0.6, 0.4, level=0.5)["status"] == "within limits"


def beside(mine: float, others: float, people: int = 6, **rule: float) -> pd.Series:
    """Judge the win rate of the first team of six beside a second one."""
    cells = [{"manager_id": "M1"}] * 6 + [{"manager_id": "M2"}] * people
    staff = staff_of(make_reps(*cells))
    settings = TeamPeopleSettings(indicators={"win_rate": IndicatorRule(**rule)},
                                  burnout_by=("manager",))  # fmt: skip
    months = pd.date_range("2025-01-01", "2026-03-01", freq="MS")
    rows = pd.DataFrame([
        (rep, month, 20 * (mine if at < 6 else others) + (at % 2) * 0.5, 20.0)
        for at, rep in enumerate(staff.here["rep_id"]) for month in months
    ], columns=["rep_id", "month_date", "upper", "lower"])  # fmt: skip
    members = pd.DataFrame({"team_by": "manager", "team": "M1",
                            "rep_id": list(staff.here["rep_id"])[:6]})  # fmt: skip
    return measure_strain({"win_rate": ("deals", rows)}, members, staff, settings).iloc[0]


def test_one_alert_among_many_quiet_cells_may_be_chance() -> None:
    """A value just beyond noise is an alert alone, and none among forty cells of the same cut."""
    cells = pd.DataFrame({
        "team_by": "unit", "status": ["alert"] + ["within limits"] * 39, "reason": "20% lower",
        "p": [0.04, *np.linspace(0.2, 1.0, 39)],
    })  # fmt: skip
    alone = _among_all(cells.iloc[:1], 0.1)
    assert alone["status"].tolist() == ["alert"]
    assert alone["p_adjusted"].tolist() == [0.04]
    many = _among_all(cells, 0.1)
    assert set(many["status"]) == {"within limits"}
    assert "within noise when all 40 cells of this cut are looked at" in many["reason"].iloc[0]
    sure = _among_all(cells.assign(p=cells["p"].mask(cells["p"] == 0.04, 1e-6)), 0.1)
    assert sure["status"].iloc[0] == "alert"
    apart = cells.assign(team_by=["unit"] + ["region"] * 39)
    assert _among_all(apart, 0.1)["status"].iloc[0] == "alert"


def test_what_is_bad_everywhere_is_no_alert_of_one_team() -> None:
    """Bad like all others: no alert; half of the others: one; too few others: open."""
    rule = {"level": 0.5, "peers": 0.1}
    same = beside(0.2, 0.2, **rule)
    assert same["status"] == "within limits"
    assert same["others_value"] == pytest.approx(0.2 + 0.25 / 20)
    worse = beside(0.2, 0.4, **rule)
    assert worse["status"] == "alert"
    assert "lower than among all others" in worse["reason"]
    alone = beside(0.2, 0.4, people=2, **rule)
    assert alone["status"] == "not known"
    assert "too few others to compare with" in alone["reason"]
    assert "others_value" not in alone.dropna().index


def test_what_most_teams_have_is_said_once() -> None:
    """Two teams of two beyond the limit: a sentence with both ends; one of two: none."""
    rows = pd.DataFrame({"indicator": "overdue_share", "value": [0.95, 0.97], "level_limit": 0.4,
                         "peers_limit": 0.1})  # fmt: skip
    said = _everywhere(rows)
    assert len(said) == 1
    assert "95 % to 97 % in the teams, 2 of 2 beyond the limit of 40 %" in said[0]
    assert _everywhere(rows.assign(value=[0.2, 0.97])) == []
    assert _everywhere(rows.iloc[:0]) == []


def test_the_change_is_that_of_sums() -> None:
    """Value and past are sums over sums; counts are the denominators."""
    row = strain(0.2, 0.4, change=0.2)
    assert row["value"] == pytest.approx(0.2 + 0.25 / 20)
    assert row["count"] == 6 * 3 * 20
    assert row["past_count"] == 6 * 12 * 20
    assert row["change_share"] == pytest.approx(row["value"] / row["past_value"] - 1)


def test_an_indicator_of_few_people_is_left_blank() -> None:
    """Six in the team, but data of four: nothing is shown, though the limit is broken."""
    staff = staff_of(make_reps(*({} for _ in range(6))))
    settings = TeamPeopleSettings(indicators={"win_rate": IndicatorRule(level=0.9)},
                                  burnout_by=("manager",))  # fmt: skip
    method, rows = make_parts(0.2, 0.4)["win_rate"]
    few = {"win_rate": (method, rows[rows["rep_id"] < "R04"])}
    row = measure_strain(few, team_members(staff, settings), staff, settings).iloc[0]
    assert row["status"] == "too few people"
    assert pd.isna(row.get("value", np.nan))


def test_the_band_of_a_team_follows_its_alerts() -> None:
    """None: low; one: watch; three: high; nothing known: unknown."""
    rows = []
    for team, count in (("a", 0), ("b", 1), ("c", 3)):
        rows += [("manager", team, name, 6, "alert" if at < count else "within limits", "x")
                 for at, name in enumerate(list(INDICATORS)[:4])]  # fmt: skip
    rows += [("manager", "d", "win_rate", 6, "not known", "x")]
    names = ["team_by", "team", "indicator", "people_count", "status", "reason"]
    found = band_teams(pd.DataFrame(rows, columns=names), TeamPeopleSettings())
    assert found.set_index("team")["band"].to_dict() == {
        "a": "low", "b": "watch", "c": "high", "d": "unknown"
    }  # fmt: skip
    assert found["team"].iloc[0] == "c"


def test_hours_are_those_at_the_place_of_the_rep() -> None:
    """20:00 in Berlin is after hours there, and 12:00 in Denver is not."""
    reps = make_reps({"time_zone": "Europe/Berlin"}, {"time_zone": "America/Denver"})
    meetings = table("meetings").coerce(pd.DataFrame({
        "rep_id": ["R00", "R01"], "start_at": ["2026-03-18 20:00"] * 2,
        "end_at": ["2026-03-18 21:00"] * 2,
    }))  # fmt: skip
    parts = gather_parts(StrainInputs(meetings=meetings), staff_of(reps), TeamPeopleSettings(),
                         plan_zone="Europe/Berlin")  # fmt: skip
    found = parts["after_hours_share"][1].set_index("rep_id")["upper"]
    assert found.to_dict() == {"R00": 1.0, "R01": 0.0}
    assert parts["meeting_hours"][1]["upper"].sum() == 2.0


def test_without_times_of_day_days_off_stand_in_by_calendar() -> None:
    """A make-up Saturday is worked, a holiday Tuesday is off."""
    reps = make_reps({"calendar": "CN"})
    holidays = table("holidays").coerce(pd.DataFrame({
        "calendar": ["CN", "CN"], "holiday_date": ["2026-02-17", "2026-02-14"],
        "is_workday": [False, True],
    }))  # fmt: skip
    days = ["2026-02-14", "2026-02-17", "2026-02-21", "2026-02-25"]
    acts = table("activities").coerce(pd.DataFrame({
        "activity_id": list("abcd"), "activity_date": days, "rep_id": "R00",
        "activity_type": "call", "direction": "out", "minutes": [1.0, 9.0, 9.0, 9.0],
    }))  # fmt: skip
    parts = gather_parts(StrainInputs(activities=acts, holidays=holidays), staff_of(reps),
                         TeamPeopleSettings())  # fmt: skip
    assert parts["after_hours_share"][1][["upper", "lower"]].to_numpy().tolist() == [[2.0, 4.0]]
    assert "weaker" in parts["after_hours_share"][0]
    assert parts["connect_rate"][1][["upper", "lower"]].to_numpy().tolist() == [[3.0, 4.0]]


def test_a_remedy_is_compared_before_and_after() -> None:
    """The win rate of everybody rose from 0.4 to 0.6 with the new year."""
    staff = staff_of(make_reps(*({} for _ in range(6))))
    settings = TeamPeopleSettings(burnout_by=("manager",))
    remedies = table("override_team_remedies").coerce(pd.DataFrame([
        {"decision_id": "D-1", "who": "x", "when": "2025-12-01", "why": "x", "team": None,
         "indicator": "win_rate", "remedy": "Facts", "start_date": "2025-12-01"},
        {"decision_id": "D-2", "who": "x", "when": "2026-03-01", "why": "x", "team": "nobody",
         "indicator": "win_rate", "remedy": "Facts", "start_date": "2026-03-05"},
    ]))  # fmt: skip
    found = follow_remedies(remedies, make_parts(0.6, 0.4), team_members(staff, settings), staff,
                            settings).set_index("decision_id")  # fmt: skip
    assert found["change"]["D-1"] == pytest.approx(0.2)
    assert found["finding"]["D-1"].startswith("better, beyond noise")
    assert "not among those shown" in found["finding"]["D-2"]


LADDER = Ladder(
    role="AE", side_paths=("PS",),
    rungs=(Rung(level="I", months=12, criteria=(Criterion(metric="win_rate", minimum=0.5),)),
           Rung(level="II")),
)  # fmt: skip


def ladder_staff() -> Staff:
    """Six people on rung I since 2024, one who went on, one who came from BDR."""
    history = make_history(
        *((f"R{at:02d}", "2024-01-01", None, "AE", "I") for at in range(6)),
        ("R06", "2023-01-01", "2024-12-31", "AE", "I"), ("R06", "2025-01-01", None, "AE", "II"),
        ("R07", "2024-06-01", "2025-05-31", "BDR", "I"), ("R07", "2025-06-01", None, "AE", "I"),
    )  # fmt: skip
    reps = make_reps(
        *({"hire_date": "2024-01-01"} for _ in range(6)),
        {"hire_date": "2023-01-01", "level": "II"}, {"hire_date": "2024-06-01"},
    )  # fmt: skip
    return staff_of(reps, history)


def decided(rates: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Make deals decided in 2026: won and lost by person."""
    rows = [(rep, "2026-02-01", 1.0, at < won) for rep, (won, lost) in rates.items()
            for at in range(won + lost)]  # fmt: skip
    frame = make_won(*((rep, day, amount) for rep, day, amount, _ in rows))
    return frame.assign(is_won=pd.array([row[3] for row in rows], dtype="boolean"))


def test_readiness_needs_the_value_and_the_certainty() -> None:
    """27 of 40 is ready, 2 of 3 is above the minimum but not sure, 8 of 40 is neither."""
    deals = decided({"R00": (27, 13), "R01": (2, 1), "R02": (8, 32), "R03": (14, 26),
                     "R04": (12, 28), "R05": (13, 27), "R07": (14, 26)})  # fmt: skip
    settings = TeamPeopleSettings(ladders=(LADDER,))
    found = judge_readiness(ladder_staff(), MeasureInputs(opportunities=deals), settings)
    ready = found.details.set_index("rep_id")
    assert ready["is_ready"].to_dict() == {f"R{at:02d}": at == 0 for at in (0, 1, 2, 3, 4, 5, 7)}
    assert ready["value"]["R01"] > 0.5 > ready["value_shrunk"]["R01"]
    rungs = stand_on_rungs(ladder_staff(), found, settings).set_index("rung_order")
    assert rungs["headcount"].to_dict() == {1: 7, 2: 1}
    assert (rungs["ready_count"][1], rungs["blocked_count"][1]) == (1, 1)
    assert rungs["false_ready"][1] == pytest.approx(1 - ready["reached_probability"]["R00"])
    assert rungs["moved_count"][1] == 1
    assert pd.isna(rungs["moved_months"][1])
    assert rungs["note"][2] == "fewer than 5 people"


def test_a_move_past_the_next_rung_counts_as_a_move_on() -> None:
    """A BDR who became AE II went on, though the next rung of the ladder is AE I."""
    rungs = (Rung(level="I", months=12), Rung(level="I", role="AE"))
    settings = TeamPeopleSettings(ladders=(Ladder(role="BDR", rungs=rungs), LADDER))
    history = make_history(
        ("R00", "2024-06-01", "2025-05-31", "BDR", "I"), ("R00", "2025-06-01", None, "AE", "II"),
        ("R01", "2024-06-01", "2025-05-31", "AE", "I"), ("R01", "2025-06-01", None, "PS", "I"),
    )  # fmt: skip
    reps = make_reps({"hire_date": "2024-06-01", "level": "II"},
                     {"hire_date": "2024-06-01", "role": "PS"})  # fmt: skip
    staff = staff_of(reps, history)
    found = stand_on_rungs(staff, judge_readiness(staff, MeasureInputs(), settings), settings)
    moved = found.set_index(["ladder", "rung_order"])["moved_count"]
    assert (moved["BDR", 1], moved["AE", 1]) == (1, 0)


def test_moves_and_fills_are_counted_from_the_history() -> None:
    """One step, one change of role; posts from outside are first days in the window."""
    settings = TeamPeopleSettings(ladders=(LADDER,), minimum_group=3)
    moves = count_moves(ladder_staff(), settings)
    columns = ["from_role", "to_role", "to_level", "moves_count", "kind"]
    assert moves[columns].to_numpy().tolist() == [
        ["AE", "AE", "II", 1, "step"], ["BDR", "AE", "I", 1, "role change"],
    ]  # fmt: skip
    assert moves["median_months"].isna().all()
    fills = fill_posts(ladder_staff(), settings).set_index("role")
    assert fills.loc["all", ["filled_count", "inside_count"]].tolist() == [2, 1]
    assert fills.loc["AE", ["filled_count", "inside_count"]].tolist() == [1, 1]
    assert fill_posts(staff_of(make_reps({})), settings).empty


def test_the_share_that_moved_on_counts_those_who_still_wait() -> None:
    """Of four BDRs two moved at six months, one left at three, one is there for years."""
    rows = [("R00", 6), ("R01", 6), ("R02", None), ("R03", None)]
    history = make_history(
        *((rep, "2023-01-01", "2023-06-30" if moved else None, "BDR", "I") for rep, moved in rows),
        ("R00", "2023-07-01", None, "AE", "I"), ("R01", "2023-07-01", None, "AE", "I"),
    )  # fmt: skip
    now = (("AE", None), ("AE", None), ("BDR", "2023-04-01"), ("BDR", None))
    reps = make_reps(*(
        {"hire_date": "2023-01-01", "role": role, "leave_date": left} for role, left in now
    ))  # fmt: skip
    settings = TeamPeopleSettings(minimum_group=3)
    found = time_role_changes(staff_of(reps, history), settings).iloc[0]
    assert (found["people_count"], found["moved_count"]) == (4, 2)
    assert found["moved_share"] == pytest.approx(0.5)  # 3/4 stay after the first, 2/3 of these move
    early = TeamPeopleSettings(minimum_group=3, quick_move_months=4)
    none = time_role_changes(staff_of(reps, history), early).iloc[0]
    assert none["moved_share"] == 0
    assert none[["low", "high"]].isna().all()  # nobody moved so early: no width


def tree_of(role: str, share: float, **changes: Any) -> KpiTree:
    """Make a tree of heads, deals, win rate and deal size."""
    drivers = tuple(Driver(name=name, metric=name) for name in
                    ("headcount", "decided_count", "win_rate", "deal_size"))  # fmt: skip
    values = {"drivers": drivers, "lever": "decided_count", "long_term": ("renewal_rate",)}
    return KpiTree(**{"role": role, "target_share": share, **values, **changes})


def build(*trees: KpiTree, cents: int | None = 100_000_001) -> pd.DataFrame:
    """Build trees over two roles that sold in the last months."""
    reps = make_reps(*({"role": role} for role in ("AE", "AE", "BDR")))
    deals = decided({"R00": (6, 6), "R01": (3, 9), "R02": (2, 2)})
    return build_trees(trees, Target(cents=cents, name="2026", basis="targets"), staff_of(reps),
                       MeasureInputs(opportunities=deals))  # fmt: skip


def test_a_long_term_metric_has_words_for_readers() -> None:
    """The name of a measure is no name that a leader knows."""
    tree = tree_of("AE", 1.0, long_term=("renewal_rate", "existing_rate"))
    names = build(tree)["name"]
    assert {"renewal rate", "win rate of renewals and expansions"} <= set(names)


def test_the_tree_sums_up_to_the_company_target_to_the_cent() -> None:
    """Roles add up to the company, team and own part to the role, at any odd share."""
    nodes = build(tree_of("AE", 2 / 3, team_share=0.15), tree_of("BDR", 1 / 3, team_share=0.5))
    cents = (nodes["needed"] * 100).round()
    by_kind = {kind: cents[nodes["kind"] == kind] for kind in ("company", "role", "part")}
    assert by_kind["role"].sum() == by_kind["company"].sum() == 100_000_001
    for role in nodes[nodes["kind"] == "role"].to_dict("records"):
        parts = cents[(nodes["kind"] == "part") & (nodes["parent_id"] == role["node_id"])]
        assert parts.sum() == round(role["needed"] * 100)


def test_needed_drivers_multiply_to_the_target_of_the_role() -> None:
    """All but the lever keep what was observed; the observed ones multiply to what was won."""
    nodes = build(tree_of("AE", 0.7), tree_of("BDR", 0.3))
    for role in nodes[nodes["kind"] == "role"].to_dict("records"):
        mine = nodes[(nodes["parent_id"] == role["node_id"]) & (nodes["kind"] == "driver")]
        assert np.prod(mine["needed"].astype(float)) == pytest.approx(role["needed"], rel=1e-12)
        rest = mine[~mine["is_lever"].astype(bool)]
        assert rest["needed"].tolist() == rest["observed"].tolist()
    ae = nodes[(nodes["kind"] == "role") & (nodes["role"] == "AE")].iloc[0]
    assert ae["observed"] == pytest.approx(9.0)  # nine deals of 1 won by the two AEs


def test_what_no_tree_carries_is_a_part_of_its_own() -> None:
    """Trees over 90 % leave a tenth that is carried by nobody."""
    nodes = build(tree_of("AE", 0.9), cents=1000)
    rest = nodes[nodes["name"] == REST].iloc[0]
    assert rest["needed"] == 1.0
    found = check_people_settings(
        TeamPeopleSettings(kpi_trees=(tree_of("AE", 0.9),)), make_reps({}), None
    )
    assert found["finding"].tolist() == ["KPI trees do not sum up"]


def test_without_a_target_nothing_is_needed() -> None:
    """What was observed stands alone."""
    nodes = build(tree_of("AE", 1.0), cents=None)
    assert nodes.loc[nodes["is_lever"].astype(bool), "needed"].isna().all()
    assert nodes["observed"].notna().any()


def test_settings_that_cannot_be_right_are_named_with_their_place() -> None:
    """Unknown role, level, metric and driver; a share above 1; a tree that wins now only."""
    settings = TeamPeopleSettings(
        ladders=(Ladder(role="XX", rungs=(Rung(level="I"),)), Ladder(role="AE", rungs=(
            Rung(level="IX", criteria=(Criterion(metric="charm", minimum=1),
                                       Criterion(metric="win_rate", minimum=1.5))),
        ))),
        kpi_trees=(tree_of("AE", 1.0, long_term=(), lever="luck", drivers=(
            Driver(name="a", metric="charm"), Driver(name="b"),
            Driver(name="c", metric="win_rate", value=1.2),
        )),),
    )  # fmt: skip
    found = check_people_settings(settings, make_reps({}), None)
    assert sorted(found["finding"]) == sorted([
        "unknown role", "unknown level", "unknown metric", "share outside 0 to 1",
        "unknown metric", "driver without a value", "share outside 0 to 1", "unknown driver",
        "wins now only",
    ])  # fmt: skip
    assert "team_people.ladders[1].rungs[0].criteria[0]" in set(found["row_id"])


def test_rows_that_cannot_be_right_are_named_with_their_key() -> None:
    """Leave before hire, a circle of managers, overlapping and wrong history, odd items."""
    reps = make_reps(
        {"leave_date": "2021-01-01"}, {"manager_id": "R02"}, {"manager_id": "R01"},
        {"hire_date": None}, {"leave_reason": "offer"},
    )  # fmt: skip
    history = make_history(
        ("R01", "2022-01-01", "2023-12-31", "AE", "I"), ("R01", "2023-06-01", None, "AE", "II"),
        ("R02", "2022-05-01", "2022-01-01", "AE", "I"), ("R99", "2022-05-01", None, "AE", "I"),
        ("R04", "2021-05-01", None, "AE", "I"),
    )  # fmt: skip
    onboarding = table("onboarding").coerce(pd.DataFrame({
        "rep_id": ["R01", "R02"], "item": "Guide", "done_date": ["2021-01-01", "2027-01-01"],
    }))  # fmt: skip
    found = check_people(reps, history, NOW, onboarding=onboarding)
    rows = set(zip(found["finding"], found["row_id"], strict=True))
    assert rows == {
        ("leave before hire", "R00"), ("cycle in the reporting line", "R01"),
        ("cycle in the reporting line", "R02"), ("no first day", "R03"),
        ("reason without leaving", "R04"), ("overlapping history", "R01 2022-01-01"),
        ("ends before it begins", "R02 2022-05-01"), ("unknown person", "R99 2022-05-01"),
        ("history before hire", "R04 2021-05-01"), ("done before hire", "R01 / Guide"),
        ("done in the future", "R02 / Guide"),
    }  # fmt: skip
    assert not (staff_of(reps, history).people["rep_id"] == "R00").any()


def test_reps_alone_are_enough_and_every_gap_is_named() -> None:
    """Each table keeps its contract; what is missing says what would supply it."""
    found = review(PeopleInputs(reps=crowd()))
    assert list(found.tables) == list(RESULTS)
    for name, frame in found.tables.items():
        TABLES[name].check(frame)
    missing = " ".join(found.notes("missing"))
    for word in ("rep_history", "onboarding", "opportunities", "opportunity_history", "activities",
                 "one_on_ones", "team_people.ladders", "team_people.kpi_trees"):  # fmt: skip
        assert word in missing


def test_nobody_at_all_is_no_error() -> None:
    """Without a single first day every table is empty or says so."""
    found = review(PeopleInputs(reps=make_reps({"hire_date": None})))
    assert found.tables["turnover"].empty
    assert "hire_date" in " ".join(found.notes("missing"))


def full_inputs() -> PeopleInputs:
    """Give a crowd with history and deals."""
    reps = crowd()
    history = make_history(*((rep, str(day.date()), None, "AE", "I") for rep, day in
                             zip(reps["rep_id"], reps["hire_date"], strict=True)))  # fmt: skip
    deals = decided({rep: (8, 4) for rep in reps["rep_id"]})
    return PeopleInputs(reps=reps, rep_history=history, opportunities=deals)


@pytest.mark.parametrize("absent", ["rep_history", "opportunities"])
def test_the_part_works_without_a_table(absent: str) -> None:
    """What the others give stays, and the missing one is named."""
    inputs = full_inputs()
    found = review(replace(inputs, **{absent: None}), ladders=(LADDER,))
    assert absent in " ".join([*found.notes("missing"), *found.notes("caution")])
    assert len(found.tables["turnover"])
    assert found.tables["experience_curve"].empty == (absent == "opportunities")


def test_no_row_on_a_single_person_is_written_unless_asked_for() -> None:
    """By default no table of the part holds a person's id in any row."""
    found = review(full_inputs(), ladders=(LADDER,))
    ids = set(crowd()["rep_id"])
    for name, frame in found.tables.items():
        if name not in ("people_findings", "people_notes"):
            texts = frame.select_dtypes(["object", "str"])
            assert not texts.isin(ids).any().any(), name
    assert found.tables["ladder_people"].empty
    asked = review(full_inputs(), ladders=(LADDER,), individual_rows=True)
    assert set(asked.tables["ladder_people"]["rep_id"]) <= ids
    assert len(asked.tables["ladder_people"])


def test_tables_on_single_people_and_causes_are_hidden_from_plain_audiences() -> None:
    """Every column on a person, a manager or a cause needs an audience that sees retention."""
    assert set(TABLES["ladder_people"].sensitive()) == set(TABLES["ladder_people"].by_name)
    for name in ("cut_value", "leavers_count", "rate", "rate_shrunk"):
        assert name in TABLES["turnover_close"].sensitive()
    assert {"ratio", "leavers_count", "finding"} <= set(TABLES["exit_drivers"].sensitive())
    assert TABLES["turnover_close"].sensitive(["retention"]) == []


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled inputs give the same tables."""
    plain, inputs = review(full_inputs(), ladders=(LADDER,)), full_inputs()
    mixed = review(PeopleInputs(
        reps=inputs.reps.iloc[::-1], rep_history=inputs.rep_history.iloc[::-1],  # type: ignore[union-attr]
        opportunities=inputs.opportunities.sample(frac=1, random_state=1),  # type: ignore[union-attr]
    ), ladders=(LADDER,))  # fmt: skip
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, mixed.tables[name], obj=name)


def test_the_basis_comes_from_the_plan() -> None:
    """The year of the target is the fiscal year in which the cycle begins."""
    plan = Plan(currency="EUR")
    basis = PeopleBasis.from_plan(plan, plan.period("2026Q1"))
    assert (basis.year.name, basis.currency) == ("2026", "EUR")
    assert year_target(None, BASIS.year, BASIS.quotas).amount is None


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"work_from": 18, "work_to": 8}, "work_to 8 must be after work_from 18"),
        ({"watch_alerts": 4, "high_alerts": 2}, "high_alerts must not be below"),
        ({"hiring_cost": {"AE": -1}}, "hiring_cost of AE is below 0"),
        ({"ladders": [LADDER, LADDER]}, "ladders: AE stands twice"),
        ({"minimum_group": 2}, "minimum_group"),
    ],
)
def test_settings_are_refused_with_the_reason(change: dict[str, Any], match: str) -> None:
    """What contradicts itself is named."""
    with pytest.raises(ValueError, match=match):
        TeamPeopleSettings(**change)


def test_the_first_lines_say_who_is_counted_and_what_a_leaver_costs() -> None:
    """Teams of several ways hold the same people; sales in full are no margin."""
    names = ("turnover", "experience_curve", "burnout_indicators", "internal_fills",
             "ladder_rungs", "kpi_nodes")  # fmt: skip
    tables = {name: TABLES[name].empty() for name in names}
    tables["burnout_bands"] = pd.DataFrame({
        "team_by": ["manager", "region"], "team": ["R01", "South"], "people_count": [6, 9],
        "band": ["watch", "low"], "reasons": ["few talks", "none"],
    })  # fmt: skip
    tables["leaver_costs"] = pd.DataFrame([{
        "role": "AE", "part": "total", "cost_amount": 700.0, "low": 200.0, "high": 1200.0,
        "is_complete": True,
    }])  # fmt: skip
    found = headlines(tables, "EUR", {"R01": "Bo"})
    assert found == [
        "One AE who leaves costs about EUR 700 (interval 200 to 1,200): sales lost by vacancy and "
        "ramp, in full and not their margin, and hiring.",
        "1 of 2 teams by manager, region has risk band watch (a person is in one of each); the "
        "first is Bo by manager (6 people): few talks.",
    ]
    assert "margin lost by vacancy and ramp" in headlines(tables, "EUR", {}, 0.7)[0]
    tables["turnover"] = pd.DataFrame([{
        "cut": "total", "cut_value": "all", "leavers_count": 1, "people_count": 9, "rate": 0.07,
        "low": 0.002, "high": 0.39, "rate_shrunk": 0.07, "shrunk_low": 0.002, "is_grey": True,
        "window_from": pd.Timestamp("2024-04-01"),
    }])  # fmt: skip
    assert headlines(tables, "EUR", {})[0].startswith(
        "1 of 9 people left since 2024-04-01: 7.0 leavers per 100 person-years (95 % interval 0.2 "
        "to 39.0)."
    )
