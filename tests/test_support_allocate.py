"""Tests of planlib.support.allocate: gains, reasons, decisions of people, worth, conflicts."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.settings.support import SupportSettings
from planlib.support import Allocation, allocate
from planlib.tables import table
from planlib.workdays import WorkCalendar
from tests.support_frames import make_experts, make_locks, make_requests

AS_OF = date(2026, 3, 31)
PLAIN = SupportSettings(small_share=0.0)


def plan_of(
    requests: pd.DataFrame, experts: pd.DataFrame | None, settings: SupportSettings = PLAIN,
    **more: Any,
) -> Allocation:  # fmt: skip
    """Allocate as of the last day of March."""
    return allocate(requests, experts, settings, as_of=AS_OF, **more)


def row_of(found: Allocation, request: str) -> pd.Series:
    """Give the row of one request."""
    return found.plan.set_index("request_id").loc[request]


def test_gain_is_margin_times_the_rise_times_the_factor() -> None:
    """1,000 x (0.4 - 0.2) x 1.5 = 300, over 20 hours 15 an hour."""
    found = plan_of(make_requests({"strategic_factor": 1.5}), make_experts({}))
    row = row_of(found, "A")
    assert row["gain_amount"] == pytest.approx(300)
    assert row["gain_per_hour"] == pytest.approx(15)
    assert (row["outcome"], row["expert_id"]) == ("served", "e1")
    assert found.gain_amount == found.bound_amount == pytest.approx(300)


def test_the_plan_beats_gain_per_hour_where_that_is_short_sighted() -> None:
    """A small request with the best rate blocks a large one: the best plan leaves it out."""
    requests = make_requests({"hours": 6.0, "margin_amount": 400.0}, {"hours": 22.0})
    found = plan_of(requests, make_experts({}))
    assert found.greedy_amount == pytest.approx(80)
    assert found.gain_amount == pytest.approx(200)
    assert found.is_best
    assert found.gap_share == 0


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled requests and experts give the same tables."""
    requests = make_requests(*({"margin_amount": 1000.0 + 10 * at, "hours": 9.0 + at}
                               for at in range(8)))  # fmt: skip
    experts = make_experts({}, {"skills": "design;test"})
    one = plan_of(requests, experts)
    other = plan_of(requests.iloc[::-1], experts.iloc[::-1])
    pd.testing.assert_frame_equal(one.plan, other.plan)
    pd.testing.assert_frame_equal(one.schedule, other.schedule)
    pd.testing.assert_frame_equal(one.values, other.values)


REASONS = [
    ({"skill": "welding"}, "no skill", "no expert with known hours has the skill welding"),
    ({"hours": 30.0}, "no hours in window", "needs 30 hours"),
    ({"hours": None}, "no hours given", "not given: hours"),
    ({"needed_to": "2026-04-01"}, "window over", "ends before it begins"),
    ({"margin_amount": None}, "not rated", "not known: margin"),
    ({"p_with": 0.1}, "no gain", "p with is not above"),
    ({"project_id": "P9"}, "no go", "an approver said no go"),
]


@pytest.mark.parametrize(("change", "kind", "text"), REASONS)
def test_what_is_not_served_is_told_why(change: dict[str, Any], kind: str, text: str) -> None:
    """Each request that cannot be planned keeps its row with the kind of reason and the words."""
    found = plan_of(make_requests({}, change), make_experts({}, {}), stopped=("P9",))
    row = row_of(found, "B")
    assert row["reason_kind"] == kind
    assert text in row["reason"]
    assert row["outcome"] == ("not rated" if kind in ("not rated", "no hours given") else "refused")
    assert pd.isna(row["expert_id"])
    assert row_of(found, "A")["outcome"] == "served"


def test_the_outbid_learn_by_whom_and_when_somebody_is_free() -> None:
    """Two ask for one week of one expert: the lesser hears of the other and of the next Monday."""
    found = plan_of(make_requests({}, {"margin_amount": 900.0}), make_experts({}))
    row = row_of(found, "B")
    assert row["reason_kind"] == "worth less"
    assert row["reason"].endswith("have the hours: A")
    assert row["free_date"] == pd.Timestamp("2026-04-13")
    conflict = found.conflicts.iloc[0]
    assert (conflict["served"], conflict["refused"]) == ("A", "B")
    assert (conflict["wanted_hours"], conflict["available_hours"]) == (40, 24)


def test_the_outbid_learn_the_name_of_the_project_before_them() -> None:
    """A name says more than an id; the id stays beside it, as names may repeat."""
    asked = make_requests({"name": "Harbour depot"}, {"margin_amount": 900.0})
    reason = row_of(plan_of(asked, make_experts({})), "B")["reason"]
    assert reason.endswith("have the hours: Harbour depot (A)")


@pytest.mark.parametrize(
    ("first", "last", "free"),
    [
        ("2026-04-08", "2026-04-14", "2026-04-13"),  # not the Monday before the first day needed
        ("2026-04-06", "2026-04-14", "2026-04-13"),  # nine days from there are one week as well
    ],
)
def test_from_the_free_day_on_the_request_is_served(first: str, last: str, free: str) -> None:
    """Moved to the day that it was told, as long as before, the refused request has an expert."""
    window = {"needed_from": first, "needed_to": last}
    requests = make_requests({}, {**window, "margin_amount": 900.0})
    day = row_of(plan_of(requests, make_experts({})), "B")["free_date"]
    assert f"{day:%Y-%m-%d}" == free
    length = pd.Timestamp(last) - pd.Timestamp(first)
    moved = requests.assign(
        needed_from=[requests["needed_from"].iloc[0], str(day.date())],
        needed_to=[requests["needed_to"].iloc[0], str((day + length).date())],
    )
    served = plan_of(moved, make_experts({})).plan["outcome"]
    assert served.tolist() == ["served", "served"]


def test_an_expert_on_leave_is_not_planned() -> None:
    """A week of leave leaves no hours, and the request hears when the expert is back."""
    leave = pd.DataFrame({"expert_id": ["e1"], "start_date": ["2026-04-06"],
                          "end_date": ["2026-04-10"]})  # fmt: skip
    row = row_of(plan_of(make_requests({}), make_experts({}), leave=leave), "A")
    assert row["reason_kind"] == "no hours in window"
    assert row["free_date"] == pd.Timestamp("2026-04-13")


def test_holidays_are_taken_off() -> None:
    """Two holidays leave 14.4 of 24 hours."""
    calendar = WorkCalendar(holidays=frozenset({date(2026, 4, 6), date(2026, 4, 7)}))
    found = plan_of(make_requests({}), make_experts({}), calendar=calendar)
    assert "who has 14.4 in its window" in row_of(found, "A")["reason"]


@pytest.mark.parametrize(
    ("rule", "outcome", "hours"),
    [("anywhere", "served", 20.0), ("travel", "served", 23.0), ("same_province", "refused", None)],
)
def test_place_costs_hours_or_forbids(rule: Any, outcome: str, hours: float | None) -> None:
    """Elsewhere an expert needs 15 % more hours, or may not go, by the rule of plan.yaml."""
    settings = SupportSettings(small_share=0.0, place_rule=rule)
    requests = make_requests({"province": "Bavaria"})
    row = row_of(plan_of(requests, make_experts({"province": "Hesse"}), settings), "A")
    assert row["outcome"] == outcome
    assert row["planned_hours"] == hours if hours else pd.isna(row["planned_hours"])
    home = row_of(plan_of(requests, make_experts({"province": "Bavaria State"}), settings), "A")
    assert home["planned_hours"] == 20


def test_small_accounts_get_their_minimum() -> None:
    """A minimum of a third serves the small account, and what that costs is told."""
    requests = make_requests({"margin_amount": 100.0, "hours": 10.0}, {"hours": 20.0})
    settings = SupportSettings(small_share=0.3, small_margin=500.0)
    found = plan_of(requests, make_experts({}), settings)
    assert row_of(found, "A")["outcome"] == "served"
    assert found.floor_hours == pytest.approx(9)
    assert found.floor_amount == pytest.approx(180)
    assert row_of(plan_of(requests, make_experts({})), "B")["outcome"] == "served"


def test_a_person_decides_and_it_is_named() -> None:
    """Must wins over a better request, must_not and refuse are kept; who, when and why are told."""
    requests = make_requests({}, {"margin_amount": 500.0}, {})
    locks = make_locks({"request_id": "B", "expert_id": "e1"},
                       {"request_id": "A", "expert_id": "e2", "rule": "must_not"},
                       {"request_id": "C", "rule": "refuse"})  # fmt: skip
    found = plan_of(requests, make_experts({}, {}), locks=locks)
    assert row_of(found, "B")["expert_id"] == "e1"
    assert "D-0001, Mia, 2026-03-20: must e1 (agreed)" in row_of(found, "B")["lock"]
    assert row_of(found, "A")["outcome"] == "refused"
    assert row_of(found, "C")["reason_kind"] == "by a person"


def test_a_decision_that_cannot_be_kept_is_a_finding() -> None:
    """A lock on an unknown request or expert, or without hours, has no effect and is named."""
    locks = make_locks({"request_id": "Z", "expert_id": "e1"},
                       {"request_id": "A", "expert_id": "e9"},
                       {"request_id": "B", "expert_id": "e1"})  # fmt: skip
    found = plan_of(make_requests({}, {"hours": 90.0}), make_experts({}), locks=locks)
    said = [str(one["finding"]) for one in found.findings]
    assert any("no open request has this id" in one for one in said)
    assert any("no expert with known hours" in one for one in said)
    assert any("the decision has no effect" in one for one in said)
    assert row_of(found, "A")["outcome"] == "served"
    assert row_of(found, "B")["outcome"] == "refused"


def test_running_work_takes_its_hours_first() -> None:
    """What is running keeps its expert whatever it is worth, and the open request is refused."""
    requests = make_requests({"status": "running", "expert_id": "e1", "margin_amount": None}, {})
    found = plan_of(requests, make_experts({}))
    assert row_of(found, "A")["outcome"] == "running"
    assert row_of(found, "B")["reason_kind"] == "no hours in window"
    assert found.gain_amount == 0


@pytest.mark.parametrize(("hours", "minor"), [(26.0, True), (27.0, False)])
def test_running_work_that_asks_for_a_little_more_is_a_minor_finding(
    hours: float, minor: bool
) -> None:
    """24 hours are there: up to a tenth beyond is minor; both rows say the same kind."""
    running = {"status": "running", "expert_id": "e1", "hours": hours}
    found = plan_of(make_requests(running), make_experts({})).findings[0]
    assert found["is_minor"] is minor
    assert "e1" in str(found["finding"])
    assert found["check"] == (
        "running work asks for more hours than its expert has left in the window: it takes what "
        "there is"
    )


def test_a_request_that_fits_nobody_is_told_of_the_expert_who_comes_closest() -> None:
    """At home 30 hours against 24, elsewhere 34.5 against 33: the second lacks least."""
    requests = make_requests({"hours": 30.0, "province": "Hesse"})
    experts = make_experts({"province": "Hesse"}, {"province": "Saxony", "hours_per_week": 33.0})
    row = row_of(plan_of(requests, experts, SupportSettings(small_share=0.0)), "A")
    assert row["reason_kind"] == "no hours in window"
    assert "needs 34.5 hours" in row["reason"]
    assert "has 33 in its window" in row["reason"]


def test_running_work_of_nobody_is_planned_anew() -> None:
    """A running request without a known expert is a finding, and open for planning."""
    found = plan_of(make_requests({"status": "running", "expert_id": "e9"}), make_experts({}))
    assert row_of(found, "A")["outcome"] == "served"
    assert found.gain_amount == pytest.approx(200)
    assert "names no expert with known hours" in str(found.findings[0]["finding"])


def test_a_project_of_years_is_planned_over_its_length() -> None:
    """300 hours over a year and a half fit beside short work: weeks first, then months."""
    requests = make_requests({"hours": 300.0, "needed_to": "2027-10-01"}, {"hours": 24.0})
    found = plan_of(requests, make_experts({}))
    assert set(found.plan["outcome"]) == {"served"}
    long = found.schedule[found.schedule["request_id"] == "A"]
    assert long["planned_hours"].sum() == pytest.approx(300)
    load = found.load
    assert (load["planned_hours"] <= load["available_hours"] + 1e-9).all()
    assert (load["period_end"] - load["period_start"]).dt.days.max() > 20


def test_one_more_expert_is_worth_nothing_where_hours_are_slack() -> None:
    """Everybody is served: zero for an expert and for an hour."""
    values = plan_of(make_requests({}), make_experts({}, {})).values.iloc[0]
    assert values["expert_value_amount"] == 0
    assert values["hour_value_amount"] == 0
    assert "slack" in values["basis"]


def test_one_more_expert_is_worth_what_a_new_plan_gains() -> None:
    """With one more the refused 180 is served too; a skill that nobody has counts as well."""
    requests = make_requests({}, {"margin_amount": 900.0}, {"skill": "welding"})
    found = plan_of(requests, make_experts({}))
    values = found.values.set_index("skill")
    assert values.at["design", "expert_value_amount"] == pytest.approx(180)
    assert values.at["design", "refused_gain_amount"] == pytest.approx(180)
    assert values.at["welding", "expert_value_amount"] == pytest.approx(200)
    more = plan_of(requests, make_experts({}, {}))
    assert more.gain_amount - found.gain_amount == pytest.approx(180)


@pytest.mark.parametrize(
    ("change", "settings", "locks"),
    [
        ({"province": "Gansu"}, {"place_rule": "same_province"}, None),
        ({}, {}, {"request_id": "A", "expert_id": "e1", "rule": "must_not"}),
        ({"hours": 12.0}, {}, None),
        ({"expert_count": 2, "skill": "welding"}, {}, None),
    ],
)
def test_one_more_expert_is_worth_what_a_plan_with_one_more_gains(
    change: dict[str, Any], settings: dict[str, Any], locks: dict[str, Any] | None
) -> None:
    """Also where nobody works there, people ruled all out, days off, or one expert is too few."""
    rules = SupportSettings(small_share=0.0, **settings)
    holidays = WorkCalendar(holidays=frozenset(date(2026, 4, day) for day in (6, 7, 8)))
    requests = make_requests({"hours": 9.0, **change}, {"margin_amount": 900.0, "hours": 9.0})
    experts = make_experts({"province": "Hunan"})
    told = {} if locks is None else {"locks": make_locks(locks)}
    found = plan_of(requests, experts, rules, calendar=holidays, **told)
    for skill, value in found.values.set_index("skill")["expert_value_amount"].items():
        one = {"expert_id": "e9", "skills": skill, "province": None}
        wider = pd.concat([experts, make_experts({}).assign(**one)], ignore_index=True)
        more = plan_of(requests, wider, rules, calendar=holidays, **told)
        assert value == pytest.approx(more.gain_amount - found.gain_amount)


def test_beyond_the_limit_of_the_exact_plan_the_value_is_at_least() -> None:
    """Part by part, one more expert takes the refused alone, and the table says so."""
    settings = SupportSettings(small_share=0.0, whole_requests=0)
    requests = make_requests({}, {"margin_amount": 900.0}, {"margin_amount": 800.0})
    found = plan_of(requests, make_experts({}), settings)
    values = found.values.iloc[0]
    assert values["expert_value_amount"] == pytest.approx(180)
    assert values["basis"].endswith("at least")


@pytest.mark.parametrize("request_id", ["A", "B", "C"])
def test_the_breakpoint_is_where_the_plan_changes(request_id: str) -> None:
    """Just below it the request is served, just above it is not: tried by planning anew."""
    requests = make_requests({}, {"margin_amount": 900.0}, {"margin_amount": 1500.0, "hours": 24.0})
    experts = make_experts({}, {})
    edge = row_of(plan_of(requests, experts), request_id)["change_below"]
    for shift, outcome in ((-0.01, "served"), (0.01, "refused")):
        moved = requests.copy()
        moved.loc[moved["request_id"] == request_id, "p_without"] = edge + shift
        assert row_of(plan_of(moved, experts), request_id)["outcome"] == outcome


def test_what_a_person_has_given_away_has_no_breakpoint() -> None:
    """It is served whatever its probability without support is."""
    locks = make_locks({"request_id": "A", "expert_id": "e1"})
    found = plan_of(make_requests({}, {}), make_experts({}, {}), locks=locks)
    assert pd.isna(row_of(found, "A")["change_below"])
    assert pd.notna(row_of(found, "B")["change_below"])


def test_a_decision_that_cannot_be_kept_leaves_the_reason_of_the_request() -> None:
    """A request that gains nothing is told so, though a person gave it to an expert who is full."""
    locks = make_locks({"request_id": "A", "expert_id": "e1"})
    found = plan_of(make_requests({"hours": 99.0, "p_with": 0.1}), make_experts({}), locks=locks)
    assert row_of(found, "A")["reason_kind"] == "no gain"


def test_the_queue_ranks_nobody_whom_people_refused_or_who_is_served() -> None:
    """A no go, a refusal and running work stand without a place; what gains nothing says why."""
    requests = make_requests({"project_id": "P1"}, {}, {"status": "running"}, {},
                             {"margin_amount": -5.0})  # fmt: skip
    locks = make_locks({"request_id": "B", "rule": "refuse"})
    found = plan_of(requests, None, locks=locks, stopped=["P1"])
    rows = found.plan.set_index("request_id")
    assert rows["outcome"].to_dict() == {
        "A": "refused", "B": "refused", "C": "running", "D": "ranked", "E": "ranked",
    }  # fmt: skip
    assert rows["rank"].dropna().to_dict() == {"D": 1}
    assert rows["reason_kind"].tolist() == ["", "no go", "by a person", "", "no gain"]
    assert "0 or below" in rows.at["E", "reason"]
    assert "D-0001" in rows.at["B", "lock"]


def test_without_hours_there_is_a_ranked_queue() -> None:
    """No experts, or none with hours: requests by gain per hour, no expert, no plan."""
    requests = make_requests({}, {"hours": 5.0}, {"p_with": None})
    for experts in (None, make_experts({"hours_per_week": None})):
        found = plan_of(requests, experts)
        assert found.plan["request_id"].tolist() == ["B", "A", "C"]
        assert found.plan["outcome"].tolist() == ["ranked", "ranked", "not rated"]
        assert found.plan["rank"].tolist() == [1, 2, pd.NA]
        assert found.queue_reason
        assert found.schedule.empty


def test_a_late_answer_is_counted_in_working_days() -> None:
    """Asked on a Monday, five working days are over on the Monday after."""
    requests = make_requests({"requested_date": "2026-03-23"}, {"requested_date": "2026-03-24"},
                             {"requested_date": "2026-03-02", "answered_date": "2026-03-09"},
                             {})  # fmt: skip
    plan = plan_of(requests, make_experts({})).plan.set_index("request_id")["is_late_answer"]
    assert plan[["A", "B", "C"]].tolist() == [True, False, False]
    assert pd.isna(plan["D"])


def test_a_double_request_is_refused() -> None:
    """Two rows of one id would be served twice."""
    requests = make_requests({}, {}).assign(request_id="A")
    with pytest.raises(TableError, match="request_id is blank or repeats in 2 rows"):
        plan_of(requests, make_experts({}))


def test_a_missing_column_is_named() -> None:
    """Without probabilities there is no gain to plan by."""
    with pytest.raises(TableError, match="column 'p_with' is missing"):
        plan_of(make_requests({}).drop(columns="p_with"), make_experts({}))


def test_nobody_asks_for_anything() -> None:
    """Without requests the tables are empty and the hours are all free."""
    found = plan_of(make_requests({}).iloc[:0], make_experts({}))
    assert found.plan.empty
    assert found.load["planned_hours"].sum() == 0
    assert found.gap_share == 0


def test_tables_keep_their_contract() -> None:
    """What allocate gives can be stored as it is."""
    requests = make_requests({}, {"margin_amount": 900.0}, {"skill": None})
    found = plan_of(requests, make_experts({"name": "Ann"}, {"skills": None}))
    for name in ("plan", "schedule", "load", "skill_load", "values", "conflicts"):
        table(f"support_{name}").check(getattr(found, name))
    assert np.isclose(found.skill_load["planned_hours"].sum(), 20)


def test_a_request_for_several_skills_goes_to_an_expert_who_has_them_all() -> None:
    """Two skills with a semicolon between them: the expert of one skill alone cannot serve."""
    experts = make_experts({}, {"skills": "Tests; Design ；price"})
    found = plan_of(make_requests({"skill": "design;tests"}, {"skill": "design;law"}), experts)
    rows = found.plan.set_index("request_id")
    assert rows.loc["A", ["outcome", "expert_id"]].tolist() == ["served", "e2"]
    assert rows.loc["B", "reason_kind"] == "no skill"
    assert "design;law" in rows.loc["B", "reason"]
    assert found.skill_load["skill"].nunique() == 3  # Design and design are one
    values = found.values.set_index("skill")
    assert values.loc["design;Tests", "expert_count"] == 1
    assert values.loc["design;law", "expert_value_amount"] > 0


def test_an_expert_without_hours_is_named_once() -> None:
    """Whoever has no hours a week is one finding, beside an expert who can be planned."""
    found = plan_of(make_requests({}), make_experts({}, {"hours_per_week": None}))
    assert [one["row_id"] for one in found.findings] == ["e2"]


def test_windows_that_touch_but_hold_their_hours_apart_are_no_conflict() -> None:
    """A fills its week and B wants that week; C of the weeks after has room, so is no part."""
    later = {"needed_from": "2026-04-06", "needed_to": "2026-05-03", "margin_amount": 5000.0}
    found = plan_of(
        make_requests({"margin_amount": 9000.0}, {}, {**later, "hours": 20.0}), make_experts({})
    )
    assert found.plan.set_index("request_id")["outcome"].to_dict() == {
        "A": "served", "B": "refused", "C": "served",
    }  # fmt: skip
    row = found.conflicts.iloc[0]
    assert len(found.conflicts) == 1
    assert (row["served"], row["refused"], row["request_count"]) == ("A", "B", 2)
    assert (row["wanted_hours"], row["available_hours"]) == (40, 24)
    assert (row["first_date"], row["last_date"]) == tuple(
        pd.to_datetime(["2026-04-06", "2026-04-12"])
    )


def test_two_weeks_that_lack_hours_are_two_conflicts() -> None:
    """Between them the expert has hours to spare: each refused request stands in its own weeks."""
    june = {"needed_from": "2026-06-01", "needed_to": "2026-06-07"}
    found = plan_of(make_requests({"margin_amount": 2000.0}, {}, june, {**june, "hours": 21.0}),
                    make_experts({}))  # fmt: skip
    pairs = found.conflicts.set_index("served")["refused"].to_dict()
    assert pairs == {"A": "B", "C": "D"}
    assert (found.conflicts["wanted_hours"] > found.conflicts["available_hours"]).all()


def test_skills_are_one_whatever_their_case() -> None:
    """Requests for Design and design share a row, and count for the skill that experts name."""
    found = plan_of(make_requests({"hours": 10.0}, {"skill": " Design", "hours": 8.0}),
                    make_experts({"skills": "DESIGN"}))  # fmt: skip
    assert len(found.values) == 1
    assert found.values["request_count"].tolist() == [2]
    assert set(found.plan["skill"]) == set(found.skill_load["skill"]) == set(found.values["skill"])
    assert np.isclose(found.skill_load["planned_hours"].sum(), 18)
    assert found.skill_load["other_hours"].sum() == 0


def test_what_the_minimum_of_small_accounts_needs_is_served_whatever_it_gains() -> None:
    """Without B small accounts have no hours at all: B stays at any chance below that with it."""
    requests = make_requests(
        {"margin_amount": 9000.0, "is_key": True},
        {"margin_amount": 100.0, "hours": 12.0, "is_key": False, "p_with": 0.9},
    )
    settings = PLAIN.model_copy(update={"small_share": 0.3})
    found = plan_of(requests, make_experts({}), settings)
    row = row_of(found, "B")
    assert found.floor_hours > 0
    assert (row["outcome"], row["change_below"]) == ("served", 0.9)


def test_one_more_expert_may_free_another_for_a_request_of_another_skill() -> None:
    """Nobody who asks for design is refused; but whoever serves it could serve test instead."""
    requests = make_requests({}, {"skill": "test", "margin_amount": 900.0})
    found = plan_of(requests, make_experts({"skills": "design;test"}))
    worth = found.values.set_index("skill")["expert_value_amount"]
    assert row_of(found, "B")["outcome"] == "refused"
    assert worth.to_dict() == {"design": 180.0, "test": 180.0}


def test_running_work_is_not_said_to_be_worth_more() -> None:
    """It holds its hours whatever it is worth; what takes no hours holds none."""
    running = {"status": "running", "expert_id": "e1", "hours": 4.0, "margin_amount": 1.0}
    requests = make_requests(running, {}, {"margin_amount": 900.0}, {"hours": 0.0})
    reason = row_of(plan_of(requests, make_experts({})), "C")["reason"]
    assert reason.endswith("have the hours: B")


def test_in_a_queue_by_gain_per_hour_a_request_without_hours_has_no_place() -> None:
    """It is said not to be rated, rather than ranked last; who takes no hours comes first."""
    requests = make_requests({}, {"hours": None, "margin_amount": 90000.0}, {"hours": 0.0})
    rows = plan_of(requests, None).plan.set_index("request_id")
    assert rows["rank"].dropna().to_dict() == {"C": 1, "A": 2}
    assert rows.loc["B", ["outcome", "reason_kind"]].tolist() == ["not rated", "no hours given"]
    blank = plan_of(requests.assign(hours=None), None).plan
    assert blank["rank"].notna().all()
