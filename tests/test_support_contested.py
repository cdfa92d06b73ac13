"""The requests behind experts whom more requests want than there are hours."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planlib.support import contested_requests
from planlib.tables import table

ACCOUNTS = table("accounts").coerce(pd.DataFrame({"account_id": ["A1"], "name": ["Acme"]}))


def make_plan(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make requests of a plan; a row gives what differs."""
    base = {"name": "Plant", "account_id": "A1", "skill": "design", "hours": 10.0,
            "needed_from": "2026-04-20", "needed_to": "2026-04-30",
            "gain_amount": 50.0}  # fmt: skip
    given = [{"request_id": f"Q{at}", **base, **row} for at, row in enumerate(rows)]
    names = table("support_plan").by_name
    return table("support_plan").coerce(pd.DataFrame(given).reindex(columns=list(names)))


def make_conflicts(**changes: Any) -> pd.DataFrame:
    """Make one expert who serves Q1, and whom Q2 and Q0 want too."""
    row = {"expert_id": "E1", "name": "Ann", "request_count": 3, "wanted_hours": 30.0,
           "available_hours": 12.0, "served": "Q1", "refused": "Q2, Q0",
           "first_date": "2026-04-20", "last_date": "2026-05-03"}  # fmt: skip
    names = table("support_conflicts").by_name
    frame = pd.DataFrame([{**row, **changes}]).reindex(columns=list(names))
    return table("support_conflicts").coerce(frame)


def test_each_request_stands_with_what_a_person_knows_it_by() -> None:
    """Name, skill and weeks beside the id; what is served first, then refused by gain."""
    plan = make_plan({"name": "Mill"}, {"needed_to": None}, {"needed_from": "2025-12-22"})
    rows = contested_requests(make_conflicts(), plan, ACCOUNTS)
    assert rows[["request_id", "name", "weeks", "outcome"]].to_numpy().tolist() == [
        ["Q1", "Plant", "2026W17", "served"],
        ["Q2", "Plant", "2025W52–2026W18", "refused"],
        ["Q0", "Mill", "2026W17–W18", "refused"],
    ]
    assert rows["expert"].eq("Ann").all()
    assert rows["scarce_weeks"].eq("2026W17–W18").all()
    assert rows[["wanted_hours", "available_hours"]].eq([30.0, 12.0]).all(axis=None)


def test_a_project_without_a_name_goes_by_its_account_and_an_expert_by_the_id() -> None:
    """Ids stand alone only where no name is known."""
    plan = make_plan({"name": None}, {"name": None, "account_id": "A9"}, {})
    rows = contested_requests(make_conflicts(name=None), plan, ACCOUNTS)
    assert rows.set_index("request_id")["name"].to_dict() == {
        "Q0": "Acme", "Q1": "A9", "Q2": "Plant",
    }  # fmt: skip
    assert rows["expert"].eq("E1").all()
    assert contested_requests(make_conflicts(), plan, None)["name"].tolist() == [
        "A9", "Plant", "A1",
    ]  # fmt: skip


def test_work_that_is_running_is_said_to_run() -> None:
    """As in the plan, so that both tables say the same of a request."""
    plan = make_plan({}, {"outcome": "running"}, {})
    outcomes = contested_requests(make_conflicts(), plan, ACCOUNTS)["outcome"]
    assert outcomes.tolist() == ["running", "refused", "refused"]


def test_without_conflicts_there_are_no_rows() -> None:
    """The columns are there."""
    rows = contested_requests(table("support_conflicts").empty(), make_plan({}), ACCOUNTS)
    assert rows.empty
    assert "weeks" in rows.columns
