"""Whom projects ask for support, how soon they answer, and whether support is there in time."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.intervals import wilson
from planlib.periods import CALENDAR_YEAR, FiscalYear, Period
from planlib.pipeline.lookup import look_up
from planlib.settings.support import SupportSettings
from planlib.support.allocation import is_late
from planlib.tables import table
from planlib.tables.inputs_support import SUPPORT_LINES
from planlib.workdays import WorkCalendar

ALL, NOT_SAID = "all", "not said"


def support_parties(
    support_requests: pd.DataFrame | None,
    closed: pd.DataFrame,
    settings: SupportSettings,
    as_of: date,
    calendar: WorkCalendar | None = None,
    *,
    fiscal_year: FiscalYear = CALENDAR_YEAR,
) -> pd.DataFrame:
    """
    Sum requests by the party that is asked, and of all parties by fiscal quarter of the request.

    Parameters
    ----------
    support_requests
        Table ``support_requests``, or None. What was withdrawn does not count.
    closed
        Closed projects: ``project_id``, ``is_won``.
    settings
        ``response_days``, ``minimum_cases``.
    as_of, calendar
        Open requests wait until this day; answers are counted in working days.
    fiscal_year
        How fiscal quarters lie in the calendar.

    Returns
    -------
    DataFrame
        Table ``support_parties``; a party that nobody asked has no row. In time: of the requests
        with the day of the answer and open ones that are late; what may still wait is neither. In
        place: served or running and answered by the first day needed, of the requests whose day
        has come; one that is refused, or not answered by then, is not in place. A served request
        without day of the answer is not known and counts on neither side.
    """
    contract = table("support_parties")
    if support_requests is None or support_requests.empty:
        return contract.empty()
    rows = _rows(support_requests, closed, settings, as_of, calendar)
    if rows.empty:
        return contract.empty()
    lines = [_line(ALL, ALL, rows, settings)]
    said = rows["support_line"].fillna(NOT_SAID)
    names = [name for name in (*SUPPORT_LINES, NOT_SAID) if said.eq(name).any()]
    lines += [_line(name, ALL, rows[said == name], settings) for name in names]
    asked = rows["requested_date"].dropna().dt.date
    quarters = asked.map(lambda day: Period.of(day, "quarter", fiscal_year).name)
    for quarter in sorted(quarters.unique()):
        mine = quarters.index[quarters == quarter]
        lines.append(_line(ALL, quarter, rows.loc[mine], settings))
    frame = pd.DataFrame(lines).assign(place=range(len(lines)))
    return contract.check(frame[[column.name for column in contract.columns]])


def _rows(
    support_requests: pd.DataFrame,
    closed: pd.DataFrame,
    settings: SupportSettings,
    as_of: date,
    calendar: WorkCalendar | None,
) -> pd.DataFrame:
    """Give the requests that count, with days until the answer, in time, in place and won."""
    rows = table("support_requests").coerce(support_requests)
    rows = rows[rows["status"].fillna("open") != "withdrawn"].reset_index(drop=True)
    days = calendar or WorkCalendar()
    waited = [
        None if pd.isna(asked) or pd.isna(answered) or answered < asked
        else days.count(asked.date(), answered.date()) - 1
        for asked, answered in zip(rows["requested_date"], rows["answered_date"], strict=True)
    ]  # fmt: skip
    served = rows["status"].isin(["served", "running"])
    come = rows["needed_from"] <= pd.Timestamp(as_of)
    in_place = (served & (rows["answered_date"] <= rows["needed_from"])).astype("boolean")
    unknown = ~come.fillna(False) | (served & rows["answered_date"].isna())
    won = closed.drop_duplicates("project_id").set_index("project_id")["is_won"].astype("object")
    return rows.assign(
        days=pd.Series(waited, index=rows.index, dtype="float64").clip(lower=0),
        is_late=is_late(rows, settings, as_of, calendar),
        is_served=served,
        in_place=in_place.mask(unknown),
        is_won=look_up(rows["project_id"].fillna(rows["opportunity_id"]), won),
    )


def _line(
    party: str, period: str, rows: pd.DataFrame, settings: SupportSettings
) -> dict[str, object]:
    late = rows["is_late"].fillna(False).astype(bool)
    waits = rows["status"].fillna("open").eq("open") & late
    judged = rows["is_late"].notna() & (rows["answered_date"].notna() | waits)
    placed = rows["in_place"].notna()
    in_time = int((judged & ~late).sum())
    in_place = int(rows.loc[placed, "in_place"].astype(bool).sum())
    closed = rows.loc[rows["is_served"] & rows["is_won"].notna(), "is_won"].astype(bool)
    count, known = int(judged.sum()), int(placed.sum())
    low, high = wilson(pd.Series([in_place], dtype="float64"),
                       pd.Series([known], dtype="float64"))  # fmt: skip
    return {
        "support_line": party,
        "period": period,
        "request_count": len(rows),
        "answered_count": int(rows["answered_date"].notna().sum()),
        "answer_days": rows["days"].median(),
        "judged_count": count,
        "in_time_share": in_time / count if count else None,
        "served_count": int(rows["is_served"].sum()),
        "refused_count": int(rows["status"].eq("refused").sum()),
        "due_count": known,
        "in_place_count": in_place,
        "in_place_share": in_place / known if known else None,
        "low": low[0] if known else None,
        "high": high[0] if known else None,
        "won_count": int(closed.sum()),
        "lost_count": int((~closed).sum()),
        "is_grey": known < settings.minimum_cases,
    }
