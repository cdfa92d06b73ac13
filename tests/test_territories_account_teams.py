"""Account teams: targets, seats and their sources, sponsors, outlooks, contact, blank sheets."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import table
from planlib.territories.account_teams import AccountTeams, plan_account_teams

AS_OF = datetime.date(2026, 3, 31)


def make_plan(**changes: object) -> pd.DataFrame:
    """Make four accounts of one rep and one of another."""
    frame = pd.DataFrame({
        "account_id": ["A-1", "A-2", "A-3", "A-4", "B-1"],
        "rep_id": ["R-1", "R-1", "R-1", "R-1", "R-2"],
        "potential": [10.0, 40.0, 30.0, 20.0, 5.0], "acv": 1.0,
    })  # fmt: skip
    return frame.assign(**changes)


def make_reps(**changes: object) -> pd.DataFrame:
    """Make two sellers, their manager, her vice president, and two colleagues."""
    frame = pd.DataFrame({
        "rep_id": ["R-1", "R-2", "M-1", "V-1", "S-1", "S-2"],
        "name": ["Ana", "Bo", "Mia", "Vic", "Sam", "Sue"],
        "role": ["AE", "AE", "Manager", "SVP", "PS", "PS"],
        "manager_id": ["M-1", "M-1", "V-1", None, None, None], "leave_date": pd.NaT,
    })  # fmt: skip
    return frame.assign(**changes)


def make_decisions(*rows: dict[str, object]) -> pd.DataFrame:
    """Make decisions on the team of account A-2."""
    full = [
        {"decision_id": f"D-{at}", "account_id": "A-2", "who": "Mia", "why": "x",
         "when": "2026-01-01", **row}
        for at, row in enumerate(rows, start=1)
    ]  # fmt: skip
    return table("override_account_teams").coerce(pd.DataFrame(full))


def make_deals() -> dict[str, pd.DataFrame]:
    """Make a deal on A-2 with a team of two, and a split."""
    return {
        "opportunities": pd.DataFrame({"opportunity_id": ["O-1"], "account_id": ["A-2"]}),
        "opportunity_teams": pd.DataFrame({
            "opportunity_id": ["O-1", "O-1"], "rep_id": ["S-1", "V-1"],
            "team_role": ["Solution consultant", None],
        }),
        "splits": pd.DataFrame({"opportunity_id": ["O-1"], "rep_id": ["S-2"]}),
    }  # fmt: skip


def make_activities() -> pd.DataFrame:
    """Make contacts with A-2: two now, one automatic, three in the window before."""
    return pd.DataFrame({
        "activity_id": [f"T-{row}" for row in range(6)], "account_id": "A-2",
        "activity_date": ["2026-03-01", "2026-03-20", "2026-03-25"] + ["2025-08-01"] * 3,
        "rep_id": ["R-1", "S-2", "R-1", "R-1", "R-1", "R-1"],
        "contact_id": ["C-1", "C-2", "C-3", "C-1", "C-1", "C-1"],
        "activity_type": ["meeting", "call", "email", "call", "call", "call"],
        "direction": ["out", "in", "out", "out", "out", "out"],
        "is_automatic": [False, False, True, False, False, False],
    })  # fmt: skip


def run(decisions: pd.DataFrame | None = None, **tables: pd.DataFrame) -> AccountTeams:
    """Name the teams of two targets a rep."""
    plan, reps = tables.pop("plan", make_plan()), tables.pop("reps", make_reps())
    settings = TerritoryDecisionsSettings(team_targets=2)
    return plan_account_teams(plan, reps, settings, as_of=AS_OF, decisions=decisions, **tables)


def seats_of(found: AccountTeams, account: str = "A-2") -> pd.DataFrame:
    """Give the seats of a target by name."""
    return found.seats[found.seats["account_id"].eq(account)].set_index("seat")


def target(found: AccountTeams, account: str = "A-2") -> pd.Series:
    """Give the row of a target."""
    return found.targets.set_index("account_id").loc[account]


def test_targets_are_key_accounts_and_then_the_largest():
    """Until there are as many as the settings say; a key account is always one."""
    keys = pd.DataFrame({"account_id": ["A-1", "A-4"], "is_key": [True, False]})
    found = run(key_accounts=keys).targets
    own = found[found["rep_id"].eq("R-1")]
    assert own["account_id"].tolist() == ["A-1", "A-2"]
    assert own["importance"].tolist() == ["key account", "2. of the rep by potential"]
    every = run(key_accounts=keys.assign(account_id=["A-1", "A-2"], is_key=True)).targets
    assert every["rep_id"].eq("R-1").sum() == 2


def test_every_target_has_ten_or_more_seats_and_gaps_are_flagged():
    """The owner and the manager sit by themselves; the rest is blank."""
    found = run()
    seats = seats_of(found)
    assert len(seats) >= 10
    assert seats.loc["Account owner", ["person_name", "source"]].tolist() == ["Ana", "owner"]
    assert seats.loc["Sales manager", ["person_name", "source"]].tolist() == ["Mia", "manager"]
    assert seats["is_gap"].sum() == len(seats) - 2 == target(found)["gap_count"]
    assert "seats without a name" in target(found)["flags"]


def test_a_sponsor_is_named_by_people_or_deals_and_not_by_rank():
    """The vice president in the line is no sponsor until a deal team or a decision says so."""
    assert target(run())["is_sponsor_missing"]
    assert "no executive sponsor" in target(run())["flags"]
    deals = run(**make_deals())
    assert target(deals)["sponsor"] == "Vic (V-1)"
    named = run(make_decisions({"seat": "executive SPONSOR", "person_name": "Eva Chef"}))
    assert target(named)["sponsor"] == "Eva Chef"
    assert not target(named)["is_sponsor_missing"]


def test_seats_come_from_deal_teams_splits_and_contact():
    """The stated role decides the seat, else the colleague's own role."""
    roles = {"solution consultant": "Solution consultant", "SVP": "Executive sponsor",
             "PS": "Professional services"}  # fmt: skip
    settings = TerritoryDecisionsSettings(team_targets=1, team_roles=roles)
    found = plan_account_teams(make_plan(), make_reps(), settings, as_of=AS_OF, **make_deals())
    seats = seats_of(found)
    assert seats.loc["Solution consultant", ["person_id", "source"]].tolist() == [
        "S-1", "opportunity team",
    ]  # fmt: skip
    assert seats.loc["Professional services", ["person_id", "source"]].tolist() == ["S-2", "split"]
    active = seats_of(run(activities=make_activities()))
    assert active.loc["Professional services", ["person_id", "source"]].tolist() == [
        "S-2", "activity",
    ]  # fmt: skip


def test_decisions_win_the_latest_first_and_add_seats():
    """A superseded or ended decision fills nothing; a seat of its own stands behind."""
    found = run(make_decisions(
        {"seat": "Marketing", "person_name": "Old"},
        {"seat": "Marketing", "person_name": "New", "when": "2026-02-01"},
        {"seat": "Account owner", "rep_id": "R-2", "effective_to": "2026-03-01"},
        {"seat": "Tax adviser", "person_name": "Tom"},
        {"seat": "Inside sales", "person_name": "Gone"},
        {"seat": "Inside sales", "rep_id": "S-1", "supersedes": "D-5"},
    ))  # fmt: skip
    seats = seats_of(found)
    assert seats.loc["Marketing", "person_name"] == "New"
    assert seats.loc["Account owner", "person_name"] == "Ana"
    assert seats.loc["Inside sales", "person_name"] == "Sam"
    assert seats.index[-1] == "Tax adviser"
    assert "Tax adviser" not in seats_of(found, "A-3").index


def test_who_left_fills_no_seat():
    """Neither manager nor colleague."""
    left = [pd.NaT, pd.NaT, pd.Timestamp("2026-01-01"), pd.NaT, pd.NaT, pd.NaT]
    assert seats_of(run(reps=make_reps(leave_date=left))).loc["Sales manager", "is_gap"]


@pytest.mark.parametrize(
    ("outlooks", "spread", "agreed"), [((0.5, 0.6), 0.1, True), ((0.2, 0.9), 0.7, False)]
)
def test_agreement_on_the_outlook(outlooks, spread, agreed):
    """The latest outlook of each person counts, and agreement is a matter of their spread."""
    found = run(make_decisions(
        {"who": "Ana", "outlook": 0.99}, {"who": "Ana", "outlook": outlooks[0]},
        {"who": "Mia", "outlook": outlooks[1]},
    ))  # fmt: skip
    row = target(found)
    assert (row["outlook_count"], bool(row["is_agreed"])) == (2, agreed)
    assert row["outlook_spread"] == pytest.approx(spread)
    assert ("outlooks do not agree" in row["flags"]) != agreed


def test_one_outlook_is_no_agreement():
    """It takes two people."""
    row = target(run(make_decisions({"outlook": 0.5})))
    assert pd.isna(row["is_agreed"])
    assert "outlook of fewer than two people" in row["flags"]


def test_contact_is_counted_with_its_quality():
    """Without automatic mails; meetings, answers, persons, executives, and the window before."""
    contacts = pd.DataFrame({"contact_id": ["C-1", "C-2"], "level": ["executive", "staff"]})
    found = run(activities=make_activities(), contacts=contacts)
    row = target(found)
    assert (row["contact_count"], row["contact_count_before"], row["meeting_count"]) == (2, 3, 1)
    assert (row["answer_share"], row["person_count"], row["executive_count"]) == (0.5, 2, 1)
    assert row["last_contact_date"] == pd.Timestamp("2026-03-20")
    assert "less contact than in the window before" in row["flags"]
    assert seats_of(found).loc["Account owner", "contact_count"] == 1
    assert "no contact in the window" in target(found, "A-3")["flags"]


def test_a_target_that_fell_silent_keeps_what_it_had_before():
    """No contact in the window is not no contact in the one before; the last one is named."""
    acts = make_activities()
    silent = acts[acts["activity_date"] < "2026-01-01"]
    contacts = pd.DataFrame({"contact_id": ["C-1"], "level": ["executive"]})
    row = target(run(activities=silent, contacts=contacts))
    assert (row["contact_count"], row["contact_count_before"], row["meeting_count"]) == (0, 3, 0)
    assert row["last_contact_date"] == pd.Timestamp("2025-08-01")
    assert "no contact in the window" in row["flags"]
    assert pd.isna(row["executive_count"])


def test_executives_are_unknown_without_contacts():
    """Not zero."""
    assert pd.isna(target(run(activities=make_activities()))["executive_count"])


def test_the_sheet_of_a_rep_has_seats_and_targets():
    """Blank where nobody is; also with accounts and reps alone."""
    sheet = run().sheet("R-1")
    assert sheet.columns.tolist() == ["seat", "A-2", "A-3"]
    assert sheet.loc[sheet["seat"].eq("Account owner"), "A-2"].tolist() == ["Ana"]
    assert sheet.loc[sheet["seat"].eq("Marketing"), "A-2"].tolist() == [""]
    bare = run(plan=make_plan()[["account_id", "rep_id"]], reps=make_reps()[["rep_id"]])
    assert bare.sheet("R-1").columns.tolist() == ["seat", "A-1", "A-2"]
    assert bare.targets["contact_count"].isna().all()
    assert len(bare.notes) == 6


def test_a_decision_on_an_account_outside_the_plan_is_named():
    """It fills no seat, and a note says so; decisions on accounts of the plan need none."""
    made = make_decisions({"account_id": "A-gone", "seat": "Marketing"}, {"account_id": "A-2"})
    notes = [one for one in run(made).notes if "not used" in one]
    assert notes == [
        "the decision on the team of account A-gone is not used, it is not in the plan"
    ]


def test_tables_keep_their_contracts_in_any_order_of_rows():
    """Shuffled tables give the same teams."""
    decisions = make_decisions({"seat": "Tax adviser", "person_name": "Tom"}, {"outlook": 0.4})
    plain, mixed = (
        run(decisions[::step], plan=make_plan()[::step], reps=make_reps()[::step],
            activities=make_activities()[::step],
            **{name: frame[::step] for name, frame in make_deals().items()})
        for step in (1, -1)
    )  # fmt: skip
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, mixed.tables[name])
        pd.testing.assert_frame_equal(table(name).check(frame), frame)


def test_reps_are_summed_up():
    """Targets, gaps and missing sponsors per rep."""
    row = run(make_decisions({"seat": "Executive sponsor", "person_name": "Eva"})).by_rep().iloc[0]
    assert (row["rep_id"], row["target_count"], row["no_sponsor_count"]) == ("R-1", 2, 1)
