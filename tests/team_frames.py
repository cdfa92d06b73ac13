"""Small made-up people, histories and deals for the tests of the people part of the team."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from planlib.periods import Period
from planlib.settings.capacity import CapacitySettings
from planlib.settings.quotas import QuotasSettings
from planlib.settings.team_people import TeamPeopleSettings
from planlib.tables import table
from planlib.team.people_review import PeopleBasis, PeopleInputs, PeopleReview, review_people
from planlib.team.staff import Staff, prepare_staff

AS_OF = date(2026, 3, 31)
BASIS = PeopleBasis(
    capacity=CapacitySettings(), quotas=QuotasSettings(), year=Period.parse("2026"), currency="EUR"
)


def make_reps(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make people; a row gives what differs from an AE hired in 2022 who is still here."""
    base = {"role": "AE", "level": "I", "manager_id": "M1", "unit": "U", "region": "West",
            "hire_date": "2022-01-01", "leave_date": None}  # fmt: skip
    made = [{**base, "rep_id": f"R{at:02d}", "name": f"Name {at}", **row}
            for at, row in enumerate(rows)]  # fmt: skip
    return table("reps").coerce(pd.DataFrame(made))


def make_history(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Make states from (rep, from, to, role, level)."""
    names = ["rep_id", "effective_from", "effective_to", "role", "level"]
    return table("rep_history").coerce(
        pd.DataFrame(rows, columns=names).assign(manager_id="M1", unit="U", region="West")
    )


def make_won(*rows: tuple[str, str, float], **columns: Any) -> pd.DataFrame:
    """Make deals won from (owner, day, amount)."""
    frame = pd.DataFrame(rows, columns=["owner_id", "close_date", "amount"])
    values = {"is_won": True, "is_closed": True, "deal_type": "new", "stage": "Won", **columns}
    frame = frame.assign(
        opportunity_id=[f"O{at}" for at in range(len(frame))],
        created_date=frame["close_date"], **values,
    )  # fmt: skip
    return table("opportunities").coerce(frame)


def staff_of(reps: pd.DataFrame, history: pd.DataFrame | None = None) -> Staff:
    """Lay out people at the as-of date of the tests."""
    return prepare_staff(reps, history, AS_OF)


def review(inputs: PeopleInputs, **settings: Any) -> PeopleReview:
    """Review people with some settings."""
    return review_people(inputs, TeamPeopleSettings(**settings), BASIS, AS_OF)


def crowd(count: int = 12) -> pd.DataFrame:
    """Make a crowd of two teams in which two left, one a manager's name short."""
    return make_reps(*(
        {"manager_id": "M1" if at % 2 else "M2", "region": "West" if at % 2 else "East",
         "hire_date": f"20{20 + at % 4}-0{1 + at % 9}-01",
         "leave_date": "2025-06-30" if at in (3, 4) else None,
         "leave_reason": "offer" if at in (3, 4) else None}
        for at in range(count)
    ))  # fmt: skip
