"""Tests of planlib.key_accounts.closeness."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.errors import SettingsError, TableError
from planlib.key_accounts.closeness import Closeness, measure_closeness, name_people
from planlib.key_accounts.closeness.contacts import score_contacts
from planlib.key_accounts.closeness.coverage import logging_coverage
from planlib.key_accounts.closeness.events import sort_events
from planlib.key_accounts.closeness.trend import month_ends
from planlib.plan import Plan
from planlib.settings.closeness import ClosenessSettings
from tests.closeness_frames import (
    AS_OF,
    KEYS,
    make_activities,
    make_contacts,
    make_ratings,
    make_rows,
    make_stakeholders,
)

SETTINGS = ClosenessSettings(trend_months=4)
DAY = pd.Timestamp(AS_OF)


def measure(*rows: dict[str, Any], **changes: Any) -> Closeness:
    """Measure closeness of A1 and A2; activities are given as rows."""
    given: dict[str, Any] = {
        "activities": make_activities(*rows),
        "contacts": make_contacts(),
        "stakeholders": make_stakeholders({}),
        "ratings": make_ratings({}),
        **changes,
    }
    return measure_closeness(KEYS, SETTINGS, AS_OF, **given)


def account(found: Closeness, name: str = "A1") -> Any:
    """Give the row of an account."""
    return found.accounts.set_index("account_id").loc[name]


def test_the_score_of_a_contact_is_the_weighted_sum_of_its_parts() -> None:
    """Two mails out, one in, and a visit 45 days ago: every part by hand."""
    settings = ClosenessSettings(
        weights={"recency": 1, "frequency": 1, "reciprocity": 1, "depth": 1}
    )
    rows = make_activities(
        {"activity_date": "2026-02-14", "activity_type": "visit"},
        {"activity_date": "2026-02-14"},
        {"activity_date": "2026-02-13"},
        {"activity_date": "2026-02-10", "direction": "in"},
        weekly=False,
    )
    events = sort_events(rows, make_contacts(), KEYS["account_id"], settings, AS_OF)
    found = score_contacts(events.counted, settings, DAY).loc["C1"]
    assert found["silent_days"] == 45
    assert found["recency"] == pytest.approx(0.5)
    assert found["frequency"] == pytest.approx(4 / 6)
    assert found["reciprocity"] == pytest.approx(2 * 2 / 5)
    assert found["depth"] == pytest.approx((1 + 3 * 0.2) / 3)
    parts = 0.5 + 4 / 6 + 0.8 + 1.6 / 3
    assert found["score"] == pytest.approx(25 * parts)


def test_a_contact_without_direction_is_scored_on_the_other_parts() -> None:
    """Reciprocity is blank, not zero, and its weight goes to the others."""
    rows = make_activities({"direction": None}, weekly=False)
    events = sort_events(rows, make_contacts(), KEYS["account_id"], SETTINGS, AS_OF)
    found = score_contacts(events.counted, SETTINGS, DAY).loc["C1"]
    assert pd.isna(found["reciprocity"])
    expected = (0.35 * 1 + 0.3 * 1 / 6 + 0.2 * 0.2 / 3) / 0.85
    assert found["score"] == pytest.approx(100 * expected)


LEFT_OUT = [
    ({"is_automatic": True}, "automatic"),
    ({"topic": " Complaint "}, "complaint"),
    ({"activity_type": "task"}, "no contact kind"),
    ({"contact_id": None}, "no contact named"),
    ({"contact_id": "C9"}, "unknown contact"),
    ({"contact_id": "C3"}, "other account"),
    ({"activity_date": "2026-04-01"}, "later"),
    ({}, "counted"),
]


@pytest.mark.parametrize(("row", "reason"), LEFT_OUT)
def test_what_is_no_contact_is_counted_by_its_reason(row: dict[str, Any], reason: str) -> None:
    """Every activity stands in exactly one line, and only the last line counts."""
    rows = make_activities(row, weekly=False)
    events = sort_events(rows, make_contacts(), KEYS["account_id"], SETTINGS, AS_OF)
    counts = events.left_out.set_index("reason")["rows_count"]
    assert counts[reason] == 1
    assert counts.sum() == 1
    assert len(events.counted) == (reason == "counted")


def test_a_mail_of_one_person_to_many_on_one_day_is_mass_mail() -> None:
    """Ten contacts make it mass mail, nine do not; what came in stays."""
    many = {f"C{one}": "A1" for one in range(10)}
    sent = [{"contact_id": one} for one in many]
    people = make_contacts(**many)
    for rows, expected in ((sent, 10), (sent[:9], 0), ([{**sent[0], "direction": "in"}], 0)):
        acts = make_activities(*rows, weekly=False)
        events = sort_events(acts, people, KEYS["account_id"], SETTINGS, AS_OF)
        counts = events.left_out.set_index("reason")["rows_count"]
        assert counts["mass mail"] == expected


def test_a_contact_of_another_account_is_named_with_the_row_and_not_used() -> None:
    """Activities and seats both; the seat stays and counts as unknown."""
    found = measure({"contact_id": "C3"}, stakeholders=make_stakeholders({"contact_id": "C3"}, {}))
    named = found.findings[found.findings["finding"] == "contact of another account"]
    assert named["row_id"].tolist() == ["T0", "A1 / seat 1"]
    assert "belongs to A2" in named["detail"].iloc[0]
    assert account(found)["unknown_count"] == 1
    assert account(found)["automatic_score"] == 0


def test_an_account_is_the_mean_of_its_seats_by_power_and_unknown_seats_count_zero() -> None:
    """One seat with a quarter of the power is reached, one is not, one is empty."""
    seats = make_stakeholders(
        {"decision_power": 0.25}, {"contact_id": "C2"}, {"contact_id": None, "decision_power": 0.25}
    )
    found = measure(*[{"activity_type": "visit"}] * 6, stakeholders=seats)
    assert found.contacts.set_index("contact_id").loc["C1", "score"] == pytest.approx(100)
    row = account(found)
    assert row["automatic_score"] == pytest.approx(25)
    assert row["authority_share"] == pytest.approx(0.25)
    assert (row["seats_count"], row["unknown_count"], row["thread_count"]) == (3, 1, 1)
    assert "single_thread" in set(found.alerts["alert"])


def test_a_seat_without_power_takes_the_mean_of_the_others_and_is_named() -> None:
    """Seats of power 0.4 and blank weigh the same."""
    seats = make_stakeholders({"decision_power": 0.4}, {"contact_id": "C2", "decision_power": None})
    found = measure(*[{"activity_type": "visit"}] * 6, stakeholders=seats)
    assert account(found)["automatic_score"] == pytest.approx(50)
    assert "seat without decision power" in set(found.findings["finding"])


def test_powers_that_add_up_to_more_than_the_decision_are_named_and_count_by_their_part() -> None:
    """Two seats of 0.9 weigh half each; 0.6 and 0.5 are rounded, and nothing is said of them."""
    for powers, is_named in (((0.9, 0.9), True), ((0.6, 0.5), False)):
        seats = make_stakeholders({"decision_power": powers[0]},
                                  {"contact_id": "C2", "decision_power": powers[1]})  # fmt: skip
        found = measure(*[{"activity_type": "visit"}] * 6, stakeholders=seats)
        share = powers[0] / sum(powers)
        assert account(found)["automatic_score"] == pytest.approx(100 * share)
        over = found.findings[found.findings["finding"] == "decision power above 1"]
        assert len(over) == is_named
        assert over["detail"].str.contains("add up to 1.80").all()


def test_a_person_who_left_is_no_thread_and_holds_no_seat() -> None:
    """Traffic with someone who has left is not closeness of today."""
    people = make_contacts()
    people.loc[people["contact_id"] == "C1", "is_active"] = False
    found = measure(*[{"activity_type": "visit"}] * 6, contacts=people)
    assert account(found)["automatic_score"] == 0
    assert account(found)["thread_count"] == 0
    assert "contact who has left" in set(found.findings["finding"])


def test_without_seats_contacts_are_weighted_by_level_and_that_is_said() -> None:
    """The weaker method has its name in the row."""
    found = measure(*[{"activity_type": "visit"}] * 6, stakeholders=None)
    assert account(found)["basis"] == "contacts by level"
    assert account(found)["automatic_score"] == pytest.approx(50)
    assert any("stakeholders" in note for note in found.notes)


def test_a_rep_who_does_not_log_leaves_the_automatic_part_blank_and_the_alerts_off() -> None:
    """The rated part carries with its confidence; nothing is read as silence."""
    seats = make_stakeholders({"attitude": 2})
    silent = measure(stakeholders=seats)
    assert "silence" in set(silent.alerts["alert"])
    found = measure(activities=make_activities({}, weekly=False), stakeholders=seats)
    row = account(found)
    assert pd.isna(row["automatic_score"])
    assert pd.isna(row["thread_count"])
    assert "logging coverage" in row["automatic_reason"]
    assert (row["closeness"], row["carried_by"], row["rated_confidence"]) == (60, "rated", 0.5)
    assert found.alerts.empty
    assert account(found, "A2")["carried_by"] == "none"
    assert found.seats["score"].isna().all()
    assert found.seats[["silent_days", "is_thread"]].isna().all(axis=None)
    assert found.seats["reason"].str.contains("logging coverage").all()
    assert found.contacts[["score", "recency", "silent_days", "is_thread"]].isna().all(axis=None)
    assert silent.seats["score"].notna().all()


def test_automatic_and_rated_part_are_never_mixed() -> None:
    """Where the count is trusted it carries alone, whatever the rating."""
    low, high = (measure({}, ratings=make_ratings({"rating": one})) for one in (0.0, 10.0))
    assert account(low)["closeness"] == account(high)["closeness"]
    assert account(low)["carried_by"] == "automatic"
    assert (account(low)["rated_score"], account(high)["rated_score"]) == (0, 100)


def test_a_champion_is_silent_after_thirty_days_and_not_before() -> None:
    """Thirty days are allowed, thirty-one are said with their number."""
    seats = make_stakeholders({"attitude": 1})
    for day, expected in (("2026-03-01", 0), ("2026-02-28", 1)):
        found = measure({"activity_date": day}, stakeholders=seats)
        assert (found.alerts["alert"] == "silence").sum() == expected
    assert "31 days" in found.alerts.set_index("alert").loc["silence", "detail"]


def test_dependence_is_said_from_the_limit_and_with_enough_contacts() -> None:
    """Eight contacts by one person are enough, seven are not."""
    rows = [{"activity_date": f"2026-03-{day:02d}"} for day in range(1, 9)]
    assert account(measure(*rows))["dependence_share"] == 1
    assert pd.isna(account(measure(*rows[:7]))["dependence_share"])
    shared = measure(*rows[:4], *[{**row, "rep_id": "R2"} for row in rows[4:]])
    assert account(shared)["dependence_share"] == pytest.approx(0.5)
    assert "dependence" not in set(shared.alerts["alert"])


def test_coverage_is_the_lower_of_weeks_and_deals() -> None:
    """Every week is logged, but only one of four deals had a contact before it closed."""
    deals = make_rows(
        "opportunities",
        *[
            {"opportunity_id": f"O{at}", "account_id": "A1" if at == 0 else "A9", "owner_id": "R1",
             "is_closed": True, "is_won": False, "close_date": "2026-03-15"}
            for at in range(4)
        ],
    )  # fmt: skip
    logged = make_activities()[["rep_id", "account_id", "activity_date"]]
    found = logging_coverage(KEYS["rep_id"], logged, SETTINGS, AS_OF, opportunities=deals)
    row = found.set_index("rep_id").loc["R1"]
    assert (row["week_share"], row["deal_share"], row["coverage_share"]) == (1.0, 0.25, 0.25)
    assert row["is_low"]
    few = logging_coverage(KEYS["rep_id"], logged, SETTINGS, AS_OF, opportunities=deals.head(3))
    assert few.set_index("rep_id").loc["R1", "coverage_share"] == 1.0


def test_weeks_away_and_before_the_first_day_do_not_count() -> None:
    """A rep hired five weeks ago and away for one of them has four weeks at work."""
    reps = make_rows("reps", {"rep_id": "R1", "hire_date": "2026-02-25"})
    away = make_rows(
        "availability", {"rep_id": "R1", "start_date": "2026-03-04", "end_date": "2026-03-10",
                         "kind": "leave"},
    )  # fmt: skip
    logged = make_activities()[["rep_id", "account_id", "activity_date"]]
    found = logging_coverage(
        pd.Series(["R1"]), logged, SETTINGS, AS_OF, reps=reps, availability=away
    )
    assert found["weeks_count"].tolist() == [4]
    assert found["coverage_share"].tolist() == [1.0]


def test_the_trend_ends_with_the_score_and_a_fall_is_said() -> None:
    """The last month is the score itself; three months ago it was full."""
    rows = [{"activity_date": "2025-12-30", "activity_type": "visit"}] * 6
    found = measure(*rows)
    mine = found.trend[found.trend["account_id"] == "A1"]
    assert mine["month_date"].tolist() == month_ends(AS_OF, 4)
    assert mine["automatic_score"].iloc[-1] == pytest.approx(account(found)["automatic_score"])
    assert mine["automatic_score"].iloc[0] > 99 * 0.9
    assert "falling" in set(found.alerts["alert"])


def test_a_month_before_the_first_activity_is_blank_with_its_reason() -> None:
    """A window that reaches before the first record says nothing."""
    found = measure(activities=make_activities({"activity_date": "2026-01-01"}, weekly=False))
    first = found.trend.iloc[0]
    assert pd.isna(first["automatic_score"])
    assert "before the first logged activity" in first["reason"]


def test_closeness_is_compared_before_and_after_a_project() -> None:
    """Won in December after an opening in November: month ends on either side."""
    settings = ClosenessSettings(trend_months=12, project_days=30)
    projects = make_rows(
        "projects",
        {"project_id": "P1", "account_id": "A1", "opportunity_id": "O1", "status": "active",
         "contract_date": "2025-12-10"},
        {"project_id": "P2", "account_id": "A1", "status": "lost"},
        {"project_id": "P3", "account_id": "A1", "opportunity_id": "O1", "status": "active",
         "contract_date": "2026-03-20"},
        {"project_id": "P4", "account_id": "A1", "status": "open"},
    )  # fmt: skip
    deals = make_rows("opportunities", {"opportunity_id": "O1", "created_date": "2025-11-05",
                                        "close_date": "2025-12-10", "is_closed": True})  # fmt: skip
    visits = [{"activity_date": "2026-01-05", "activity_type": "visit"}] * 6
    found = measure_closeness(
        KEYS, settings, AS_OF, activities=make_activities(*visits), contacts=make_contacts(),
        stakeholders=make_stakeholders({}), projects=projects, opportunities=deals,
    ).projects.set_index("project_id")  # fmt: skip
    assert sorted(found.index) == ["P1", "P2", "P3"]
    first = found.loc["P1"]
    assert (first["before_date"], first["after_date"]) == (
        pd.Timestamp("2025-10-31"), pd.Timestamp("2026-01-31"),
    )  # fmt: skip
    assert first["before_score"] == 0
    assert first["change_score"] == first["after_score"] > 50
    assert "not known" in found.loc["P2", "reason"]
    assert "less than 30 days" in found.loc["P3", "reason"]


@pytest.mark.parametrize(
    "missing", ["activities", "contacts", "stakeholders", "ratings", "projects"]
)
def test_each_table_may_be_missing(missing: str) -> None:
    """The rest is measured and a note names the weaker method."""
    found = measure({}, **{"projects": make_rows("projects"), missing: None})
    assert len(found.accounts) == 2
    assert any(f"no {missing}" in note for note in found.notes)


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled input gives the same tables."""
    rows = [{"activity_date": f"2026-03-{day:02d}", "contact_id": f"C{1 + day % 2}"}
            for day in range(1, 20)]  # fmt: skip
    acts = make_activities(*rows)
    plain, mixed = measure(activities=acts), measure(activities=acts.sample(frac=1, random_state=3))
    for name in ("accounts", "contacts", "trend", "alerts", "logging", "left_out"):
        pd.testing.assert_frame_equal(getattr(plain, name), getattr(mixed, name))


def test_wrong_settings_and_tables_are_refused() -> None:
    """Weights without a sum, depths beyond 1 and keys without owner are named."""
    with pytest.raises(SettingsError, match="sum above 0"):
        Plan().override("closeness", weights={"recency": 0.0})
    with pytest.raises(SettingsError, match="depths from 0 to 1"):
        Plan().override("closeness", depths={"call": 2.0})
    with pytest.raises(TableError, match="rep_id"):
        measure_closeness(KEYS[["account_id"]], SETTINGS, AS_OF)


def test_a_warning_of_dependence_names_the_person() -> None:
    """The id of our person is replaced by the name; other warnings stay as they are."""
    alerts = pd.DataFrame(
        {
            "account_id": ["A1", "A1"],
            "alert": ["dependence", "falling"],
            "detail": ["90 % of the contacts are by R1 alone", "R1 falls"],
        }
    )
    close = pd.DataFrame({"account_id": ["A1"], "dependence_rep_id": ["R1"]})
    said = name_people(alerts, close, pd.Series({"R1": "Ann"}))
    assert said.tolist() == ["90 % of the contacts are by Ann alone", "R1 falls"]


@pytest.mark.parametrize(
    ("contacts", "said"),
    [
        ({"C1": "Lisa Freeman"}, ["champion Lisa Freeman (sponsor) silent for 44 days",
                                  "no contact with champion (end users) is logged"]),
        (None, ["champion (sponsor) silent for 44 days",
                "no contact with champion (end users) is logged"]),
    ],
)  # fmt: skip
def test_a_warning_of_silence_says_which_champion(
    contacts: dict[str, str] | None, said: list[str]
) -> None:
    """By name and seat for who may see names of contacts, by the seat alone for others."""
    alerts = pd.DataFrame(
        {
            "account_id": "A1",
            "alert": "silence",
            "seat": ["sponsor", "end users"],
            "contact_id": ["C1", "C2"],
            "silent_days": pd.array([44, None], dtype="Int64"),
            "detail": "champion silent",
        }
    )
    close = pd.DataFrame({"account_id": ["A1"], "dependence_rep_id": [None]})
    assert name_people(alerts, close, pd.Series(dtype="str"), contacts).tolist() == said
