"""Account plans: one printable page per key account, all in one file that asks for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib import resources
from planlib.displays import View
from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import FOLDER
from planlib.notes import count_of
from planlib.pages import page_writer
from planlib.report import small_pictures as small
from planlib.report.common import account_names, named, rep_names
from planlib.report.key_account_care import warnings_in_words
from planlib.report.plan_texts import (
    HORIZON_NAMES,
    closeness_text,
    closeness_title,
    first_row,
    insight_text,
    is_known,
    number,
    proposals_text,
    share,
    short,
    strategy_texts,
    whole,
    work_text,
)
from planlib.settings.key_accounts import FACTORS
from planlib.settings.strategy import TASKS
from planlib.store.atomic import write_text
from planlib.tables.inputs_customers import HORIZONS

if TYPE_CHECKING:
    from planlib.store import Workbook

NAME = "account_plans.html"
STEP = "05_key_accounts"
_TABLES = (
    "key_account_scores", "key_account_horizons", "key_account_projects", "key_account_owners",
    "account_closeness", "closeness_trend", "closeness_seats", "closeness_alerts",
    "strategy_versions", "strategy_calls", "landing_steps", "director_log", "seat_insight",
    "key_account_returns", "need_proposals",
)  # fmt: skip
_SEATS, _ACTIONS, _OWNERS, _ALERTS = 7, 6, 4, 4
_TREND_MONTHS = 13
_SOLD = {
    "projects": "projects won, with their amount in",
    "deals": "new and expansion deals won, renewals left out, with their amount in",
}
_TASK_NAMES = {
    "own_advantage": "Own advantage",
    "competitors_out": "Competitors shut out",
    "opportunities_incubated": "Opportunities incubated",
}
Rows = Mapping[str, pd.DataFrame]


def write_account_plans(workbook: Workbook, audience: str | None = None) -> list[Path]:
    """
    Write exchange/account_plans.html with one A4 page per key account, by score.

    Parameters
    ----------
    workbook
        The cycle; the file goes into the revision being built, or into the draft.
    audience
        Name of an audience of plan.yaml; None takes ``report.audience``. Columns that it may not
        see are not read at all.

    Returns
    -------
    list of Path
        The file; none where the step of key accounts wrote no list in this cycle, or nobody is
        key.
    """
    view = AudienceView(workbook, audience)
    if STEP not in [step.name for step in view.steps()] or not view.has("key_accounts"):
        return []
    listed = view.rows("key_accounts")
    keys = listed[listed["is_key"].fillna(False).astype(bool)]
    if keys.empty:
        return []
    path = workbook.target / FOLDER / NAME
    write_text(path, render_plans(view, keys))
    return [path]


def render_plans(view: AudienceView, keys: pd.DataFrame) -> str:
    """Give the page; everything that is text is escaped by the template."""
    styles = (resources.templates_dir() / "report" / "account_plans.css").read_text(
        encoding="utf-8"
    )
    values = {
        "plans": account_plans(view, keys),
        "organisation": view.plan.name or view.workbook.root.name,
        "cycle": view.workbook.cycle.name,
        "as_of": view.as_of.isoformat(),
        "currency": view.plan.currency,
        "css": View(body=styles, text=""),  # our own file, no data
        "notes": _notes(view),
    }
    return page_writer("report", "account_plans.html")(values)


def account_plans(view: AudienceView, keys: pd.DataFrame) -> list[dict[str, Any]]:
    """Give what stands on each page, by score."""
    by_account = {name: _split(view.rows(name)) for name in _TABLES}
    alerts = view.rows("closeness_alerts")
    told = alerts.assign(detail=warnings_in_words(view, alerts))
    by_account["closeness_alerts"] = _split(told)
    empty = {name: view.rows(name).iloc[:0] for name in _TABLES}
    names, reps = account_names(view), rep_names(view)
    owners, planned = _owner_of(view), _planned_of(view, reps)
    ordered = keys.sort_values(["score", "account_id"], ascending=[False, True])
    plans = []
    for row in ordered.to_dict("records"):
        key = row["account_id"]
        mine = {name: parts.get(key, empty[name]) for name, parts in by_account.items()}
        about = {
            "name": str(names.get(key, key)),
            "owner": str(reps.get(owners.get(key), owners.get(key, "nobody"))),
            "planned": str(planned.get(key, "")),
        }
        plans.append(_plan(row, mine, about, view, reps))
    return plans


def _split(frame: pd.DataFrame) -> dict[object, pd.DataFrame]:
    if "account_id" not in frame.columns:
        return {}
    return dict(iter(frame.groupby("account_id", sort=False)))


def _owner_of(view: AudienceView) -> pd.Series:
    known = view.rows("account_closeness")
    return known.dropna(subset=["rep_id"]).set_index("account_id")["rep_id"]


def _planned_of(view: AudienceView, reps: pd.Series) -> pd.Series:
    """Give who owns an account in the territory plan, where that is not the owner of today."""
    known = view.rows("key_account_coverage").dropna(subset=["planned_owner_id"])
    moves = known[known["owner_id"].ne(known["planned_owner_id"]).fillna(True)]
    return named(moves.set_index("account_id")["planned_owner_id"], reps)


def _notes(view: AudienceView) -> list[str]:
    found = ["Closeness: counted from records where the owner logs enough, else rated by people; "
             "never a mix. Unknown seats count 0."]  # fmt: skip
    if not view.has("stakeholders"):
        found.append("There is no table of stakeholders: contacts are weighted by level.")
    if not view.has("needs"):
        found.append("There is no needs register: open deals and white space are proposed.")
    return found


def _plan(
    row: Mapping[Any, Any], mine: Rows, about: Mapping[str, str], view: AudienceView,
    reps: pd.Series,
) -> dict[str, Any]:  # fmt: skip
    close = first_row(mine["account_closeness"])
    actions = _actions(mine, reps)
    seats = mine["closeness_seats"].sort_values(["decision_power", "seat"], ascending=[False, True])
    owners = mine["key_account_owners"].sort_values("from_date", ascending=False)
    projects = mine["key_account_projects"].sort_values("year")
    return {
        "anchor": f"plan-{row['account_id']}",
        "name": about["name"],
        "about": _about(row, about, view),
        "figures": _figures(row, close, projects, view.plan.currency),
        "projects": _projects(projects, view.plan.currency),
        "score": whole(row["score"]),
        "parts": _parts(mine["key_account_scores"]),
        "reason": str(row["reason"]),
        "needs": _needs(mine["key_account_horizons"], view.plan.currency),
        "needs_note": _origin(mine["key_account_horizons"]),
        "proposed": proposals_text(mine["need_proposals"], view.plan.currency)
        if view.has("needs") else "",  # without a register the picture shows the proposals
        "closeness": closeness_title(close),
        "trend": _trend(mine["closeness_trend"]),
        "closeness_note": closeness_text(close),
        "alerts": mine["closeness_alerts"]["detail"].head(_ALERTS).tolist(),
        "seats": [_seat(one) for one in seats.head(_SEATS).to_dict("records")],
        "more_seats": _more(len(seats), _SEATS, "seat"),
        "shows_hidden": "hidden_factor" in seats.columns,
        "insight": insight_text(mine["seat_insight"]),
        "work": work_text(mine["key_account_returns"], view),
        "seat_map": _seat_map(seats.head(_SEATS)),
        "strategy": strategy_texts(mine["strategy_versions"]),
        "calls": [f"{one['reason']}: {one['detail']}"
                  for one in mine["strategy_calls"].to_dict("records")],
        "steps": _steps(mine["landing_steps"]),
        "actions": actions[:_ACTIONS],
        "more_actions": _more(len(actions), _ACTIONS, "action"),
        "owners": [(str(reps.get(one["rep_id"], one["rep_id"])), f"{one['from_date']:%Y-%m}",
                    f"{one['to_date']:%Y-%m}")
                   for one in owners.head(_OWNERS).to_dict("records")],
        "owners_note": str(owners["basis"].iloc[0]) if len(owners)
        else "No open deal of the account stands in an extract: its past owners are not known.",
    }  # fmt: skip


def _about(row: Mapping[Any, Any], about: Mapping[str, str], view: AudienceView) -> str:
    """Say whose page it is; a change of owner in the territory plan is said beside the owner."""
    owner = f"owner {about['owner']}"
    if about["planned"]:
        owner = f"owner today {about['owner']}, in the territory plan {about['planned']}"
    return (
        f"{row['account_id']} · {row['stratum']} · {owner} · {row['status']} · as of {view.as_of}"
    )


def _more(count: int, shown: int, word: str) -> str:
    return f"{count_of(count - shown, f'more {word}')} in the Excel file" if count > shown else ""


def _figures(
    row: Mapping[Any, Any], close: Mapping[Any, Any], projects: pd.DataFrame, currency: str
) -> list[tuple[str, str]]:
    known = projects[projects["is_known"].fillna(False).astype(bool)]
    won = known["won_amount"].sum(min_count=1) if len(known) else None
    if len(known) and known["won_count"].fillna(0).sum() == 0:
        won = 0.0  # nothing was won: that is known
    renewals = ", without renewals" if set(known["basis"]) == {"deals"} else ""
    span = f"{known['year'].min()}–{known['year'].max()}" if len(known) else ""
    return [
        (whole(row["score"]), "score of 100"),
        (whole(close.get("closeness")), f"closeness, {_carrier(close)}"),
        (short(won), f"{currency} won {span}{renewals}".strip()),
    ]


def _carrier(close: Mapping[Any, Any]) -> str:
    return {"automatic": "counted from records", "rated": "rated by people"}.get(
        str(close.get("carried_by")), "no basis"
    )


def _projects(projects: pd.DataFrame, currency: str) -> dict[str, Any] | None:
    if projects.empty:
        return None
    rows = projects.to_dict("records")
    unknown = [str(one["year"]) for one in rows if not one["is_known"]]
    sold = _SOLD[str(projects["basis"].iloc[0])]
    note = f"Columns: {sold} {currency}. Years by day of the decision; the last year is not over."
    if unknown:
        note += f" {', '.join(unknown)}: before the data begin."
    return {
        "picture": small.columns(
            [str(one["year"]) for one in rows],
            [number(one["won_count"]) for one in rows],
            [_won(one) for one in rows],
            label="Projects won by year",
        ),
        "note": note,
        "rows": [
            (str(one["year"]), *(f"{one[name]}" if is_known(one[name]) else "–"
             for name in ("won_count", "lost_count")), share(one["win_share"]),
             short(one["won_amount"]), short(one["mean_amount"]), share(one["margin_share"]))
            for one in rows
        ],
    }  # fmt: skip


def _won(one: Mapping[Any, Any]) -> str:
    if not is_known(one["won_count"]):
        return "not known"
    return f"{one['won_count']} · {short(one['won_amount'])}" if one["won_count"] else "0"


def _parts(scores: pd.DataFrame) -> View:
    found = scores.set_index("factor")
    rows = []
    for factor in FACTORS:
        one: Any = found.loc[factor] if factor in found.index else {}
        value = number(one.get("factor_score"))
        text = "not known" if value is None else f"{value:.1f}, weight {share(one.get('weight'))}"
        rows.append((factor, value, text))
    return small.bars(rows, most=10, label="Parts of the score, 0 to 10")


def _needs(horizons: pd.DataFrame, currency: str) -> View | None:
    known = horizons[horizons["value"].notna()]
    if known.empty:
        return None
    sums = known.groupby("horizon")["value"].sum()
    rows = [
        (HORIZON_NAMES[name], number(sums.get(name)),
         f"{currency} {short(sums[name])}" if name in sums.index else "none known")
        for name in HORIZONS
    ]  # fmt: skip
    return small.bars(rows, most=float(sums.max()) or 1.0, label="Value of needs by horizon",
                      size=(300, 54))  # fmt: skip


def _origin(horizons: pd.DataFrame) -> str:
    if horizons.empty or "origin" not in horizons.columns:
        return ""
    origins = ", ".join(sorted(str(one) for one in horizons["origin"].dropna().unique()))
    return f"Sum of values, from {origins}."


def _trend(trend: pd.DataFrame) -> View:
    rows = trend.sort_values("month_date").tail(_TREND_MONTHS)
    ends = ("", "")
    if len(rows):
        first, last = rows["month_date"].iloc[0], rows["month_date"].iloc[-1]
        ends = (f"{first:%Y-%m}", f"{last:%Y-%m}")
    values = [number(one) for one in rows["automatic_score"]]
    return small.line(values, ends=ends, label="Counted closeness by month, 0 to 100")


def _seat(one: Mapping[Any, Any]) -> dict[str, str]:
    known = is_known(one["contact_id"])
    is_level = one["basis"] != "seats"
    return {
        "seat": f"contact {one['seat']}" if is_level else str(one["seat"]),
        "power": share(one["decision_power"]),
        "attitude": _signed(one["attitude"]),
        "score": "nobody known"
        if not known
        else whole(one["score"])
        if is_known(one["score"])
        else "not counted",
        "last": f"{one['last_date']:%Y-%m-%d}" if is_known(one["last_date"]) else "none logged",
        "visible": str(one["visible_factor"]) if is_known(one["visible_factor"]) else "–",
        "hidden": str(one["hidden_factor"]) if is_known(one.get("hidden_factor")) else "–",
        "recorded": (f"{one['recorded_date']:%Y-%m-%d}, " if is_known(one["recorded_date"]) else "")
        + (f"{share(one['confidence'])} sure" if is_known(one["confidence"]) else "–"),
    }


def _signed(value: Any) -> str:
    return f"{value:+d}".replace("+0", "0") if is_known(value) else "–"


def _seat_map(seats: pd.DataFrame) -> View | None:
    if seats["attitude"].isna().all():
        return None
    points = [
        (str(one["seat"]), float(one["decision_power"]), number(one["attitude"]),
         float(one["score"]) if is_known(one["contact_id"]) else None)
        for one in seats.to_dict("records")
    ]  # fmt: skip
    return small.map_of_seats(points, label="Seats by attitude and power; size is closeness")


def _steps(steps: pd.DataFrame) -> list[tuple[str, View, str]]:
    found = []
    for task in TASKS:
        mine = steps[steps["task"] == task].sort_values("step_order")
        if len(mine):
            states = [str(one) for one in mine["status"]]
            done = states.count("done")
            picture = small.dots(states, label=f"{done} of {len(states)} steps done")
            found.append((_TASK_NAMES[task], picture, f"{done} of {len(states)} done"))
    return found


def _actions(mine: Rows, reps: pd.Series) -> list[tuple[str, str, str, bool]]:
    """Give open landing steps and tasks of the director, the first due first."""
    steps = mine["landing_steps"]
    rows = [
        (one["due_date"], str(one["title"]), one["owner_id"], bool(one["is_overdue"]))
        for one in steps[steps["status"] == "open"].to_dict("records")
    ]
    log = mine["director_log"]
    rows += [
        (one["due_date"], str(one["title"]), one["person_id"], bool(one["is_overdue"]))
        for one in log[log["status"] == "open"].to_dict("records")
    ]
    ordered = sorted(rows, key=lambda one: (not is_known(one[0]), str(one[0]), one[1]))
    return [
        (what, str(reps.get(who, who)) if is_known(who) else "–",
         f"{due:%Y-%m-%d}" if is_known(due) else "no day", late)
        for due, what, who, late in ordered
    ]  # fmt: skip
