"""Tests of planlib.projects: lanes, phases, gates, work, probability, lessons, what is missing."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.plan import Plan
from planlib.projects import (
    RESULTS,
    ProjectReview,
    evidence,
    finding_groups,
    notes,
    review_projects,
    step_tables,
    win_rates,
)
from planlib.settings.projects import ProjectsSettings
from planlib.support import plan_support
from planlib.tables import table
from tests.project_frames import (
    AS_OF,
    SETTINGS,
    make_closed,
    make_deals,
    make_decisions,
    make_history,
    make_payments,
    make_projects,
    make_seats,
)

PRODUCTS = pd.DataFrame({"product_id": ["P1", "P2"], "family": ["Pumps", "Valves"],
                         "margin_share": [0.25, 0.5]})  # fmt: skip


def review(
    deals: pd.DataFrame | None = None, settings: ProjectsSettings = SETTINGS, **more: Any
) -> ProjectReview:
    """Review projects as of the last day of March; two open projects unless deals are given."""
    if deals is None:
        deals = make_deals({}, {"amount": 300.0})
        more = {"projects": make_projects({}, {}), **more}
    return review_projects(deals, settings, AS_OF, **more)


def one(found: ProjectReview, project: str = "X1") -> pd.Series:
    """Give the row of one project."""
    return found.reviews.set_index("project_id").loc[project]


def work_of(found: ProjectReview, work: str) -> pd.Series:
    """Give one step of the work on X1."""
    rows = found.tables["project_work"].set_index(["project_id", "work"])
    return rows.loc[("X1", work)]


def test_the_amount_decides_the_lane_and_the_rule_is_stated() -> None:
    """2,000 is large from 1,000 on, 300 takes the fast lane; the rule names its limit."""
    found = review()
    assert one(found, "X1")[["lane", "lane_reason"]].tolist() == ["large", "amount"]
    assert one(found, "X2")["lane"] == "fast"
    assert "an amount of 1,000 or more (plan.yaml)" in found.rule


def test_a_product_line_is_always_large() -> None:
    """A family that plan.yaml names takes the whole process whatever its amount."""
    settings = SETTINGS.model_copy(update={"large_families": ("Valves",)})
    deals = make_deals({}, {"amount": 10.0, "product_id": "P2"})
    found = review(deals, settings, projects=make_projects({}, {}), products=PRODUCTS)
    assert one(found, "X2")[["lane", "lane_reason"]].tolist() == ["large", "product line"]


@pytest.mark.parametrize(("bought", "lane"), [("P2", "fast"), ("P1", "large")])
def test_what_an_account_never_bought_is_large_from_half_the_amount(bought: str, lane: str) -> None:
    """600 of a family new to the account is large; bought before, it is not."""
    settings = SETTINGS.model_copy(update={"novelty_share": 0.5})
    past = make_closed(1, 0, product_id=bought, close_date="2025-06-01", amount=100.0)
    deals = make_deals({"amount": 600.0, "product_id": "P2"}, *past)
    found = review(deals, settings, projects=make_projects({}), products=PRODUCTS)
    assert one(found)["lane"] == lane


def test_without_an_amount_in_the_plan_the_won_deals_give_it() -> None:
    """Of won deals of 100 to 1,000 a tenth reaches 910."""
    settings = ProjectsSettings(stages=SETTINGS.stages)
    past = [{**make_closed(1, 0, start=at)[0], "amount": 100.0 * at} for at in range(1, 11)]
    found = review(make_deals({"amount": 950.0}, *past), settings)
    assert "an amount of 910 or more (reached by 10 % of the won deals" in found.rule
    assert one(found, "O1")["lane"] == "large"


def test_large_open_deals_stand_in_for_projects_without_record() -> None:
    """Without table projects the large open deal is one, the small one and the renewal are not."""
    found = review(make_deals({}, {"amount": 5.0}, {"deal_type": "renewal"}))
    assert found.reviews["project_id"].tolist() == ["O1"]
    assert one(found, "O1")["origin"] == "open deal"
    assert "projects" in found.missing


def test_open_deals_of_the_fast_lane_count_in_their_phase_without_being_projects() -> None:
    """What is won of them is shown there: what is open must be too."""
    found = review(make_deals({}, {"amount": 5.0}, {"amount": 7.0}, {"deal_type": "renewal"}))
    process = found.tables["project_process"].set_index(["lane", "phase"])
    phase = one(found, "O1")["phase"]
    assert process.loc[("fast", phase), ["open_count", "open_amount"]].tolist() == [2, 12.0]
    assert process["open_count"].sum() == 3
    assert len(found.reviews) == 1


@pytest.mark.parametrize(
    ("stage", "phase"), [(" Bidding ", "tender"), ("设计院选型", "design_institute")]
)
def test_usual_names_of_stages_are_known(stage: str, phase: str) -> None:
    """Without a mapping the usual names give the phase; the plan's own mapping wins."""
    settings = SETTINGS.model_copy(update={"stages": {}})
    found = review(make_deals({}), settings, projects=make_projects({"stage": stage}))
    assert one(found)["phase"] == phase
    own = SETTINGS.model_copy(update={"stages": {stage: "award"}})
    found = review(make_deals({}), own, projects=make_projects({"stage": stage}))
    assert one(found)["phase"] == "award"


def test_a_stage_without_a_phase_is_named() -> None:
    """A stage that plan.yaml does not map has no phase, and the note counts its projects."""
    found = review(projects=make_projects({"stage": "Haggling"}, {}))
    assert pd.isna(one(found)["phase"])
    assert one(found, "X2")["phase"] == "tender"
    assert "there is none for 1 open project" in found.missing["phase of stage Haggling"]


GATES = [
    ((), "missing", ""),
    (({"gate": "go", "approver": "Eva"},), "go", "Eva"),
    (({"gate": "no_go"}, {"gate": "go", "when": "2026-03-09"}), "go", "Mia"),
    (({"gate": "go"}, {"gate": "no_go", "when": "2026-03-09"}), "no_go", "Mia"),
    (({"gate": "go", "phase": "contract"},), "missing", ""),
    (({"gate": "go", "when": "2026-05-01"},), "missing", ""),
]


@pytest.mark.parametrize(("rows", "gate", "approver"), GATES)
def test_the_last_decision_at_the_last_gate_counts(
    rows: tuple[dict[str, Any], ...], gate: str, approver: str
) -> None:
    """A project in the tender needs a go for it; the approver is who decided unless named."""
    said = make_decisions("project_gates", *({"phase": "tender", **row} for row in rows))
    found = review(decisions={"project_gates": said})
    row = one(found)
    assert (row["gate_phase"], row["gate"]) == ("tender", gate)
    assert row["approver"] == approver if approver else pd.isna(row["approver"])
    assert ("X1" in found.stopped) == (gate == "no_go")
    assert one(found, "X2")["gate"] == "not needed"


def answers(*rows: tuple[str, str, float | None], **more: Any) -> pd.DataFrame:
    """Make answers from party, question, rating."""
    return make_decisions("project_assessments", *(
        {"party": party, "question": question, "rating": rating, **more}
        for party, question, rating in rows
    ))  # fmt: skip


def test_blank_answers_are_not_zero() -> None:
    """Our mean is over two answers of three, and the competitor is met on the shared ones."""
    said = answers(("us", "win", 8.0), ("US ", "worth", 6.0), ("us", "compete", None),
                   ("Rival", "win", 5.0), ("Rival", "compete", 9.0))  # fmt: skip
    row = one(review(decisions={"project_assessments": said}))
    assert row["our_score"] == 7
    assert (row["best_competitor"], row["competitor_score"]) == ("Rival", 7)
    assert row["position"] == "ahead"


@pytest.mark.parametrize(("theirs", "position"), [(5.4, "level"), (7.0, "behind"), (3.0, "ahead")])
def test_level_is_within_half_a_point(theirs: float, position: str) -> None:
    """Half a point of ten is no lead."""
    said = answers(("us", "win", 5.0), ("Rival", "win", theirs))
    assert one(review(decisions={"project_assessments": said}))["position"] == position


def test_the_strongest_competitor_counts() -> None:
    """Of two competitors the one with the higher mean is the one to beat."""
    said = answers(("us", "win", 6.0), ("Weak", "win", 2.0), ("Strong", "win", 8.0))
    row = one(review(decisions={"project_assessments": said}))
    assert (row["best_competitor"], row["position"]) == ("Strong", "behind")


def test_three_questions_leave_one_out() -> None:
    """With three questions 'can we compete' is not asked and not counted."""
    settings = SETTINGS.model_copy(update={"questions": "three"})
    said = answers(*(("us", name, 6.0) for name in ("opportunity", "win", "worth", "compete")),
                   *(("Rival", name, 6.0) for name in ("opportunity", "win", "worth")))  # fmt: skip
    found = review(
        make_deals({}), settings, projects=make_projects({}),
        decisions={"project_assessments": said},
    )  # fmt: skip
    assert work_of(found, "assessment")[["state", "known_count"]].tolist() == ["done", 6]


def test_closeness_is_weighted_by_decision_power_and_shows_before_and_after() -> None:
    """(0.6 x 8 + 0.2 x 4) / 0.8 = 7, before (0.6 x 3 + 0.2 x 4) / 0.8 = 3.25; 0.2 is not rated."""
    powers = {"Boss": 0.6, "Buyer": 0.2, "User": 0.2}
    seats = make_seats(*({"seat": name, "decision_power": power} for name, power in powers.items()))
    said = make_decisions(
        "project_people",
        {"seat": "Boss", "closeness": 3.0, "price_acceptance": 2.0, "when": "2026-01-10"},
        {"seat": "Boss", "closeness": 8.0},
        {"seat": "Buyer", "closeness": 4.0},
    )
    found = review(stakeholders=seats, decisions={"project_people": said})
    row = one(found)
    assert row["closeness"] == pytest.approx(7)
    assert row["first_closeness"] == pytest.approx(3.25)
    assert row["known_power"] == pytest.approx(0.8)
    assert row["price_acceptance"] == 2
    assert pd.isna(row["solution_acceptance"])
    assert work_of(found, "decision_chain")["state"] == "partial"
    assert work_of(found, "solution")["state"] == "missing"


def test_seats_that_step_05_counts_need_no_rating_in_the_decision_chain() -> None:
    """One seat rated, one counted, one nobody holds: two of three; both show in the words."""
    seats = make_seats(
        *(
            {"seat": name, "decision_power": 0.3, "contact_id": who}
            for name, who in (("Boss", "C1"), ("Buyer", "C2"), ("User", None))
        )
    )
    account = seats["account_id"].iloc[0]
    counted = table("closeness_seats").coerce(pd.DataFrame(
        {"account_id": account, "seat": ["Boss", "Buyer", "User"], "basis": "seats",
         "score": [50.0, 40.0, 0.0]}
    ))  # fmt: skip
    said = make_decisions("project_people", {"seat": "Boss", "closeness": 3.0})
    found = review(stakeholders=seats, decisions={"project_people": said},
                   closeness={"closeness_seats": counted})  # fmt: skip
    work = work_of(found, "decision_chain")
    assert work[["state", "known_count", "asked_count"]].tolist() == ["partial", 2, 3]
    assert work["note"] == "1 of 3 seats rated, 1 further ones counted by step 05"
    assert one(found)["closeness_origin"] == "rated for the project"
    bare = review(stakeholders=seats, decisions={"project_people": said})
    assert work_of(bare, "decision_chain")["known_count"] == 1


def test_an_old_assessment_is_out_of_date() -> None:
    """After 90 days an answer no longer counts as done."""
    rows = [(party, name, 5.0) for party in ("us", "Rival")
            for name in ("opportunity", "compete", "win", "worth")]  # fmt: skip
    fresh = review(decisions={"project_assessments": answers(*rows)})
    assert work_of(fresh, "assessment")["state"] == "done"
    stale = review(decisions={"project_assessments": answers(*rows, when="2025-12-01")})
    assert work_of(stale, "assessment")["state"] == "out of date"


def test_the_work_plan_shows_the_next_action_and_what_is_overdue() -> None:
    """An open action after its day makes the step overdue; the next one is the first by day."""
    said = make_decisions(
        "project_plans",
        {"strategy": "flanking"},
        {"action": "Visit", "due_date": "2026-04-15", "owner": "Bo"},
        {"action": "Offer", "due_date": "2026-03-15"},
        {"action": "Call", "due_date": "2026-02-01", "status": "done"},
    )
    found = review(decisions={"project_plans": said})
    assert work_of(found, "work_plan")["state"] == "overdue"
    assert work_of(found, "strategy")["state"] == "done"
    assert one(found)[["strategy", "next_action"]].tolist() == ["flanking", "Offer"]
    assert found.tables["project_actions"]["is_overdue"].tolist() == [False, False, True, False]


def test_the_fast_lane_asks_for_less() -> None:
    """Six steps for a large project, two in the fast lane."""
    found = review()
    assert one(found)["work_count"] == 6
    assert one(found, "X2")["work_count"] == 2


def closed(won: int, lost: int, order: int | None = 3, lane: str = "large") -> pd.DataFrame:
    """Make closed deals that reached a phase."""
    count = won + lost
    return pd.DataFrame({
        "project_id": [f"{lane}{order}{at}" for at in range(count)], "lane": lane,
        "is_won": [at < won for at in range(count)],
        "phase_order": pd.array([order] * count, dtype="Int64"),
    })  # fmt: skip


def test_rates_are_drawn_to_the_wider_group() -> None:
    """Large 6 of 10 drawn to all, 8 of 20: (6 + 10 x 0.4) / 20 = 0.5; 3 of 3 stay below 1."""
    past = pd.concat([closed(3, 0, 5), closed(3, 4, 3), closed(2, 8, 3, "fast")])
    rates = win_rates(past, pd.Series(dtype="str"), ProjectsSettings())
    rates = rates.set_index(["lane", "phase", "position"])
    assert rates.at[("all", "all", "all"), "rate"] == pytest.approx(0.4)
    assert rates.at[("large", "all", "all"), "rate"] == pytest.approx(0.5)
    top = rates.loc[("large", "contract", "all")]
    assert top["win_share"] == 1
    assert top["low"] < top["rate"] < 1
    assert top["is_grey"]


def test_a_later_phase_counts_as_having_reached_the_earlier() -> None:
    """Ten deals reached the contract, so ten reached the tender."""
    rates = win_rates(closed(6, 4, 5), pd.Series(dtype="str"), ProjectsSettings())
    tender = rates[(rates["phase"] == "tender") & (rates["position"] == "all")].iloc[0]
    assert tender["closed_count"] == 10


def test_evidence_takes_the_narrowest_group_with_deals() -> None:
    """Ahead in the tender first, the lane where the phase is unknown, blank without any deal."""
    past = closed(6, 4)
    ahead = pd.Series("ahead", index=past["project_id"].head(4))
    rates = win_rates(past, ahead, ProjectsSettings())
    projects = pd.DataFrame({
        "lane": ["large", "large", "fast"], "phase": ["tender", None, "tender"],
        "position": ["ahead", "behind", "not assessed"],
    })  # fmt: skip
    found = evidence(projects, rates)
    assert found["probability_basis"].tolist() == [
        "large lane, reached tender, ahead by assessment: 4 of 4 won",
        "large lane: 6 of 10 won", "all deals: 6 of 10 won",
    ]  # fmt: skip
    assert found["win_probability"].iloc[0] > found["win_probability"].iloc[1]
    none = evidence(projects, rates.iloc[:0])
    assert none["win_probability"].isna().all()
    assert none["probability_basis"].eq("no closed deal is known").all()


def test_history_says_how_far_closed_deals_came() -> None:
    """The furthest phase while open counts, and evidence stands beside the seller's own number."""
    deals = make_deals({"probability": 0.9}, *make_closed(1, 1, amount=5000.0))
    history = make_history(C100=["Idea", "Bid"], C101=["Idea"])
    found = review(deals, projects=make_projects({}), opportunity_history=history)
    process = found.tables["project_process"].set_index(["lane", "phase"])
    assert process.loc[("large", "initiation"), ["reached_count", "won_count"]].tolist() == [2, 1]
    assert process.loc[("large", "tender"), ["reached_count", "won_count"]].tolist() == [1, 1]
    assert process.at[("large", "tender"), "open_count"] == 1
    row = one(found)
    assert row["stated_probability"] == 0.9
    assert row["probability_basis"] == "large lane, reached tender: 1 of 1 won"


def late_history(*deals: str, day: str = "2025-06-30", due: str = "2025-03-31") -> pd.DataFrame:
    """Make one extract that shows deals open, long after their close date unless told otherwise."""
    return make_history(**{name: ["Bid"] for name in deals}).assign(
        snapshot_date=pd.Timestamp(day), close_date=pd.Timestamp(due)
    )


def test_a_deal_long_past_its_close_date_has_the_chance_of_those_once_as_late() -> None:
    """Of three deals seen late one was won; 1 of 3 and ten of 3 of 4 are (1 + 7.5) / 13."""
    deals = make_deals(
        {"close_date": "2026-01-01"}, {"close_date": "2026-02-15"}, {"amount": 5.0},
        {"close_date": "2024-01-01", "amount": 5.0}, *make_closed(3, 1, amount=5000.0),
    )  # fmt: skip
    found = review(deals, projects=make_projects({}, {}),
                   opportunity_history=late_history("O3", "O4", "C100"))  # fmt: skip
    late, fresh = one(found, "X1"), one(found, "X2")
    assert (bool(late["is_late"]), bool(fresh["is_late"])) == (True, False)
    assert late["close_date"] == pd.Timestamp("2026-01-01")
    assert late["win_probability"] == pytest.approx((1 + 10 * 0.75) / 13)
    assert late["probability_basis"] == "deals once as late past their close date: 1 of 3 won"
    assert fresh["win_probability"] > 0.7
    small = found.deals.set_index("project_id")
    assert small.at["O4", "win_probability"] == late["win_probability"]
    assert small.at["O3", "win_probability"] > 0.7
    said = notes(step_tables(found, plan_support(found.asking, Plan().support, AS_OF,
                                                 closed=found.closed)), "caution")  # fmt: skip
    assert any("1 of 2 open projects (2.00 k) are past their close date" in text and
               "Their chance is 65 %, because 1 of 3 deals" in text for text in said)  # fmt: skip


def test_contracts_without_payments_are_said_apart_from_what_is_received() -> None:
    """900 of the 1,400 signed are on record: the share received is of these, the rest is named."""
    won = {"status": "won", "contract_date": "2025-05-05"}
    projects = make_projects({}, {**won, "contract_amount": 900.0},
                             {**won, "contract_amount": 500.0})  # fmt: skip
    found = review(make_deals({}, {}, {}), projects=projects, payments=make_payments(
        {"project_id": "X2", "due_amount": 900.0, "received_amount": 300.0,
         "received_date": "2026-01-31"}))  # fmt: skip
    said = notes(step_tables(found, plan_support(found.asking, Plan().support, AS_OF,
                                                 closed=found.closed)), "headline")  # fmt: skip
    assert any("of 900" in text and "in contracts is received" in text for text in said)
    assert any(text.startswith("Of 1 signed contract worth 500") for text in said)


@pytest.mark.parametrize("more", [{"day": "2025-12-31"}, {"due": "2025-05-15"}])
def test_an_extract_too_young_or_a_deal_hardly_late_teaches_nothing(more: dict[str, str]) -> None:
    """What was seen a quarter ago, or 46 days past its date, tells nothing of late deals."""
    deals = make_deals({"close_date": "2026-01-01"}, *make_closed(3, 1, amount=5000.0))
    found = review(deals, projects=make_projects({}),
                   opportunity_history=late_history("C100", **more))  # fmt: skip
    assert found.tables["project_win_rates"]["position"].ne("past its close date").all()


def test_without_extracts_a_late_deal_is_grey() -> None:
    """Nothing tells what becomes of late deals: the rate of all stands there in grey."""
    past = make_closed(8, 2, amount=5000.0)
    deals = make_deals({"close_date": "2026-01-01"}, {}, *past)
    found = review(deals, projects=make_projects({}, {}))
    assert (bool(one(found)["is_grey"]), bool(one(found, "X2")["is_grey"])) == (True, False)
    said = notes(step_tables(found, plan_support(found.asking, Plan().support, AS_OF,
                                                 closed=found.closed)), "caution")  # fmt: skip
    assert any("No extract tells what becomes of such deals" in text for text in said)


def test_answers_after_the_close_teach_nothing() -> None:
    """A closed project is judged by what was said before its end."""
    past = make_closed(1, 0, amount=5000.0)
    deals = make_deals({}, *past)
    projects = make_projects({}, {"project_id": "X9", "opportunity_id": "C100", "status": "won"})
    for when, expected in (("2025-11-01", {"ahead", "all"}), ("2026-02-01", {"all"})):
        said = answers(("us", "win", 9.0), ("Rival", "win", 2.0), project_id="X9", when=when)
        found = review(deals, projects=projects, decisions={"project_assessments": said},
                       opportunity_history=make_history(C100=["Bid"]))  # fmt: skip
        assert set(found.tables["project_win_rates"]["position"]) == expected


NEEDS = table("needs").coerce(pd.DataFrame({
    "need_id": ["N1", "N2"], "account_id": ["A1", "A2"], "need": ["More", "Other"],
    "horizon": ["1-3y", "0-3m"], "value": [700.0, 1.0], "product_id": ["P2", "P1"],
}))  # fmt: skip
LESSONS = [
    ({"need_id": "N1"}, "in the register", 700.0),
    ({"need_id": "N1", "value": 5.0}, "in the register", 5.0),
    ({"value": 9.0}, "to be entered", 9.0),
    ({"need_id": "N8"}, "need not found", None),
    ({"need_id": "N2"}, "need of another account", None),
]


@pytest.mark.parametrize(("change", "state", "value"), LESSONS)
def test_lessons_are_linked_to_needs(change: Any, state: str, value: float | None) -> None:
    """A need of the account gives horizon and value; one of another account is not linked."""
    said = make_decisions("project_lessons", {"lesson": "They build again", **change})
    found = review(needs=NEEDS, decisions={"project_lessons": said})
    row = found.tables["project_lesson_log"].iloc[0]
    assert row["state"] == state
    assert row["value"] == value if value else pd.isna(row["value"])
    named = [one for one in found.findings if one["table"] == "override_project_lessons"]
    assert bool(named) == state.startswith("need ")


def test_decisions_on_unknown_projects_and_seats_are_named() -> None:
    """Nothing is dropped silently: table, row and what it means."""
    said = {
        "project_gates": make_decisions(
            "project_gates", {"project_id": "X7", "phase": "tender", "gate": "go"}
        ),
        "project_people": make_decisions("project_people", {"seat": "Ghost", "closeness": 5.0}),
    }
    found = review(decisions=said)
    rows = {(one["table"], one["column"], one["value"]) for one in found.findings}
    assert rows == {("override_project_gates", "project_id", "X7"),
                    ("override_project_people", "seat", "Ghost")}  # fmt: skip


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled deals and projects give the same tables."""
    deals = make_deals({}, {"amount": 300.0}, *make_closed(3, 3, amount=1500.0))
    projects = make_projects({}, {})
    first = review(deals, projects=projects)
    other = review(deals.iloc[::-1], projects=projects.iloc[::-1])
    for name, frame in first.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name])


INPUTS = {
    "projects": make_projects(
        {"skill": "design", "skill_hours": 10.0, "support_from": "2026-04-06",
         "support_to": "2026-05-06"},
        {"status": "won", "contract_amount": 900.0, "contract_date": "2025-05-05"},
    ),
    "payments": make_payments({"project_id": "X2", "due_amount": 900.0}),
    "products": PRODUCTS,
    "opportunity_history": make_history(C100=["Bid"]),
    "stakeholders": make_seats({"seat": "Boss", "decision_power": 1.0}),
    "needs": NEEDS,
}  # fmt: skip
SUPPORT = {
    "experts": pd.DataFrame({"expert_id": ["e1"], "skills": ["design"], "hours_per_week": [20.0]}),
    "accounts": pd.DataFrame({"account_id": ["A1"], "province": ["Hesse"], "name": ["Acme"]}),
    "key_accounts": pd.DataFrame({"account_id": ["A1"], "is_key": [True], "score": [80.0]}),
}


@pytest.mark.parametrize("gone", [None, *INPUTS, *SUPPORT, "all"])
def test_the_step_works_with_what_there_is(gone: str | None) -> None:
    """Each table may be missing, and all of them; every result keeps its declared shape."""
    deals = make_deals({}, {"amount": 300.0, "is_won": True, "is_closed": True},
                       *make_closed(2, 2, amount=1500.0))  # fmt: skip
    given = {name: frame for name, frame in INPUTS.items() if gone not in (name, "all")}
    people = {name: frame for name, frame in SUPPORT.items() if gone not in (name, "all")}
    found = review_projects(deals, SETTINGS, AS_OF, **given)
    support = plan_support(found.asking, Plan().support, AS_OF, closed=found.closed,
                           projects=given.get("projects"), **people)  # fmt: skip
    tables = step_tables(found, support, "EUR")
    assert tuple(tables) == RESULTS
    for name, frame in tables.items():
        table(name).check(frame)
    assert notes(tables, "headline")
    if gone is None:
        assert support.plan["outcome"].tolist() == ["served"]
        assert support.plan["strategic_factor"].tolist() == [1.2]
        assert support.plan["province"].tolist() == ["Hesse"]
        assert support.tables["support_accounts"]["score_share"].tolist() == [1.0]
    if gone in ("payments", "projects", "all"):
        assert tables["project_cash"].empty
        assert any("payments is missing" in text for text in notes(tables, "missing")) == (
            gone != "projects"
        )
    if gone == "experts":
        assert support.plan["outcome"].tolist() == ["ranked"]


def test_findings_of_one_kind_stand_together_and_every_row_is_in_one() -> None:
    """Twenty small overruns come last, one that touches money first; counts add up."""
    rows = [{"table": "support_requests", "row_id": f"S{at:02d}", "column": "hours",
             "finding": f"e{at} has {at} hours", "check": "asks for more than there is",
             "is_minor": at > 0} for at in range(20)]  # fmt: skip
    rows += [
        {"table": "payments", "row_id": "Z1", "column": "due_amount", "finding": "not given",
         "check": "not given", "is_minor": False, "amount": 500.0},
        {"table": "experts", "row_id": "e9", "column": "skills", "finding": "odd", "check": "odd",
         "is_minor": True},
    ]  # fmt: skip
    found = finding_groups(table("project_findings").coerce(pd.DataFrame(rows)))
    assert found["check"].tolist() == ["not given", "asks for more than there is", "odd"]
    assert found["rows_count"].sum() == len(rows)
    assert found.loc[1, ["rows_count", "minor_count", "rows"]].tolist() == [20, 19, "S00, S01, S02"]
    assert finding_groups(table("project_findings").empty()).empty


def test_gain_that_rests_on_closed_projects_is_named_with_its_odds() -> None:
    """One request names no chance with support; three of four were won with it, one without."""
    closed = pd.DataFrame({
        "project_id": [f"C{at}" for at in range(8)], "lane": "large", "loss_cause": None,
        "is_won": [True, True, True, False, True, False, False, False],
    })  # fmt: skip
    past = [{"request_id": f"S{at}", "project_id": f"C{at}", "requested_date": "2025-01-06",
             "answered_date": "2025-01-07", "status": "served" if at < 4 else "refused"}
            for at in range(8)]  # fmt: skip
    now = {"request_id": "S", "project_id": "X1", "skill": "design", "hours": 5.0,
           "needed_from": "2026-04-06", "needed_to": "2026-05-06", "margin_amount": 1000.0,
           "p_without": 0.5}  # fmt: skip
    asked = table("support_requests").coerce(pd.DataFrame([*past, now]))
    rules = Plan().support.model_copy(update={"minimum_cases": 1})
    found = review()
    support = plan_support(found.asking, rules, AS_OF, closed=closed, support_requests=asked,
                           experts=SUPPORT["experts"])  # fmt: skip
    said = " ".join(notes(step_tables(found, support, "EUR"), "caution"))
    assert "gain from closed projects: 1 of 1 served requests, " in said
    assert "with odds 5.44 times those without (95 % interval 0.3" in said
    assert "their interval holds 1, so support may gain nothing" in said


def test_a_small_deal_may_ask_for_support_as_a_project_does() -> None:
    """Its margin is amount x margin of the product, its chance that of the fast lane."""
    deals = make_deals({}, {"amount": 100.0}, *make_closed(1, 3, amount=90.0))
    goods = table("products").coerce(pd.DataFrame({"product_id": ["P1"], "margin_share": [0.5]}))
    found = review_projects(deals, SETTINGS, AS_OF, products=goods)
    assert found.reviews["project_id"].tolist() == ["O1"]
    assert found.deals["project_id"].tolist() == ["O2"]
    asking = found.asking.set_index("opportunity_id")
    assert asking["margin_amount"].tolist() == [1000.0, 50.0]
    assert 0 < asking.loc["O2", "win_probability"] < 0.5
    asked = table("support_requests").coerce(pd.DataFrame({
        "request_id": ["S"], "opportunity_id": ["O2"], "skill": ["design"], "hours": [5.0],
        "needed_from": ["2026-04-06"], "needed_to": ["2026-05-06"]}))  # fmt: skip
    support = plan_support(found.asking, Plan().support, AS_OF, closed=found.closed,
                           support_requests=asked, experts=SUPPORT["experts"])  # fmt: skip
    assert support.plan["outcome"].tolist() == ["served"]
    assert support.findings == []
