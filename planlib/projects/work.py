"""The work on a project (TAS+): assessment, decision chain, acceptance, strategy, work plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from planlib.settings.projects import WORKS, ProjectsSettings
from planlib.tables import table

US = "us"
_RATED = ["closeness", "solution_acceptance", "price_acceptance"]


def questions(settings: ProjectsSettings) -> tuple[str, ...]:
    """Give the questions of the assessment that plan.yaml asks for."""
    four = ("opportunity", "compete", "win", "worth")
    return four if settings.questions == "four" else ("opportunity", "win", "worth")


def read_answers(
    decisions: pd.DataFrame | None, settings: ProjectsSettings, as_of: date
) -> pd.DataFrame:
    """
    Give the last answer to each question, by project and party; a blank one is no answer.

    Returns
    -------
    DataFrame
        Table ``project_answers`` for all projects, open or not.
    """
    rows = _dated("override_project_assessments", decisions, as_of)
    rows = rows[rows["question"].isin(questions(settings)) & rows["rating"].notna()]
    party = rows["party"].str.strip()
    rows = rows.assign(party=party.mask(party.str.casefold() == US, US))
    rows = rows.drop_duplicates(["project_id", "party", "question"], keep="last")
    order = {name: place for place, name in enumerate(questions(settings))}
    rows = rows.assign(_order=rows["question"].map(order), _us=(rows["party"] != US).astype(int))
    rows = rows.sort_values(["project_id", "_us", "party", "_order"], ignore_index=True)
    return rows.assign(day_date=rows["when"], is_stale=_old(rows["when"], settings, as_of))[
        ["project_id", "party", "question", "rating", "day_date", "who", "why", "is_stale"]
    ]


def judge(answers: pd.DataFrame, settings: ProjectsSettings) -> pd.DataFrame:
    """
    Compare us with the strongest competitor, on the questions that were answered for both.

    Returns
    -------
    DataFrame
        By ``project_id``: ``our_score`` (mean of our answers), ``best_competitor``,
        ``competitor_score``, ``position`` (ahead, level, behind; not assessed where no question
        was answered for both).
    """
    lines = []
    for name, mine in answers.groupby("project_id"):
        wide = mine.pivot(index="question", columns="party", values="rating")
        ours = wide[US] if US in wide else pd.Series(float("nan"), index=wide.index)
        others = wide.drop(columns=US, errors="ignore")
        line: dict[str, object] = {
            "project_id": name, "our_score": ours.mean(), "best_competitor": None,
            "competitor_score": float("nan"), "position": "not assessed",
        }  # fmt: skip
        if others.shape[1]:
            means = others.mean().sort_index()
            best = str(means.idxmax())
            both = ours.notna() & others[best].notna()
            line |= {"best_competitor": best, "competitor_score": means[best]}
            if both.any():
                lead = float((ours[both] - others.loc[both, best]).mean())
                line["position"] = (
                    "level" if abs(lead) <= settings.level_points
                    else "ahead" if lead > 0 else "behind"
                )  # fmt: skip
        lines.append(line)
    columns = ["project_id", "our_score", "best_competitor", "competitor_score", "position"]
    return pd.DataFrame(lines, columns=columns).set_index("project_id")


def read_chain(
    projects: pd.DataFrame,
    stakeholders: pd.DataFrame | None,
    decisions: pd.DataFrame | None,
    settings: ProjectsSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Give the seats of the decision chain of each open project with the last ratings.

    Parameters
    ----------
    projects
        Open projects with ``project_id`` and ``account_id``.
    stakeholders
        Seats of the accounts with decision power and attitude, or None.
    decisions
        Decisions of kind ``project_people`` in force.
    settings, as_of
        When a rating is out of date.

    Returns
    -------
    DataFrame
        Table ``project_chain`` with ``first_closeness``; a seat that was rated, but is not among
        the stakeholders, stays with unknown power.
    """
    seats = table("stakeholders").or_empty(stakeholders)
    seats = seats[["account_id", "seat", "contact_id", "decision_power", "attitude"]]
    keys = projects[["project_id", "account_id"]]
    known = keys.merge(seats, on="account_id").drop(columns="account_id")
    rated = _dated("override_project_people", decisions, as_of)
    rated = rated[rated["project_id"].isin(keys["project_id"])]
    by = ["project_id", "seat"]
    last = rated.groupby(by, as_index=False)[["when", "who"]].last()
    points = rated.groupby(by, as_index=False)[_RATED].last()  # the last one that is known
    first = rated.groupby(by, as_index=False)[["closeness"]].first()
    facts = last.merge(points, on=by).merge(
        first.rename(columns={"closeness": "first_closeness"}), on=by
    )
    chain = known.merge(facts, "outer", on=by)
    chain = chain.assign(day_date=chain["when"], is_stale=_old(chain["when"], settings, as_of))
    return chain.sort_values(
        ["project_id", "decision_power", "seat"], ascending=[True, False, True], ignore_index=True
    )


def weigh_chain(chain: pd.DataFrame) -> pd.DataFrame:
    """
    Give closeness and acceptance of each project, weighted by decision power.

    Returns
    -------
    DataFrame
        By ``project_id``: ``known_power`` (decision power of seats with any rating over that of
        all seats), ``closeness``, ``first_closeness`` (of the same seats), ``solution_acceptance``,
        ``price_acceptance``. A seat without rating or power is left out, never zero.
    """
    power = chain["decision_power"]
    by = chain["project_id"]
    rated = chain[_RATED].notna().any(axis=1)
    whole = power.groupby(by).sum()
    found = {"known_power": power.where(rated, 0.0).groupby(by).sum() / whole.where(whole > 0)}
    for name in [*_RATED, "first_closeness"]:
        has = chain[name].notna() & chain["closeness" if "closeness" in name else name].notna()
        weight = power.where(has)
        total = weight.groupby(by).sum()
        found[name] = (chain[name] * weight).groupby(by).sum() / total.where(total > 0)
    return pd.DataFrame(found)


def read_actions(decisions: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    """Give table ``project_actions``: strategies and actions of the work plans, oldest first."""
    rows = _dated("override_project_plans", decisions, as_of)
    status = rows["status"].fillna("open")
    overdue = (status == "open") & (rows["due_date"] < pd.Timestamp(as_of))
    return rows.assign(
        status=status, is_overdue=overdue.fillna(False).astype(bool), day_date=rows["when"]
    ).reset_index(drop=True)


def find_work(
    projects: pd.DataFrame,
    parts: Mapping[str, pd.DataFrame],
    settings: ProjectsSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Give the state of each step of the work that the lane of a project asks for.

    Parameters
    ----------
    projects
        Open projects with ``project_id`` and ``lane``.
    parts
        ``answers``, ``chain`` (with ``counted_score`` of ``closeness.counted_chain``: who is
        counted there needs no rating of closeness) and ``actions``.
    settings, as_of
        Which steps each lane needs, and what is out of date.

    Returns
    -------
    DataFrame
        Table ``project_work``. A step without entries is missing; it is never zero.
    """
    by = {name: dict(tuple(rows.groupby("project_id"))) for name, rows in parts.items()}
    none = {name: rows.iloc[:0] for name, rows in parts.items()}
    lines = []
    for project in projects.to_dict("records"):
        name = project["project_id"]
        works = settings.large_work if project["lane"] == "large" else settings.fast_work
        mine = {part: by[part].get(name, none[part]) for part in parts}
        for order, work in enumerate(WORKS):
            if work in works:
                line = _STATES[work](mine, work, settings, pd.Timestamp(as_of))
                lines.append({"project_id": name, "work": work, "work_order": order, **line})
    return pd.DataFrame(lines)


def _dated(name: str, decisions: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    """Give decisions until the as-of date, oldest first."""
    rows = table(name).coerce(decisions)
    rows = rows[rows["when"] <= pd.Timestamp(as_of)]
    return rows.sort_values(["when", "decision_id"], ignore_index=True)


def _old(days: pd.Series, settings: ProjectsSettings, as_of: date) -> pd.Series:
    age = (pd.Timestamp(as_of) - days).dt.days
    old: pd.Series = (age > settings.fresh_days).astype("boolean").where(days.notna())
    return old


def _line(
    known: int, asked: int | None, rows: pd.DataFrame, settings: ProjectsSettings, day: pd.Timestamp
) -> dict[str, Any]:
    """Give state, counts and the last entry of a step that counts entries."""
    if not known:
        return {"state": "missing", "known_count": 0, "asked_count": asked, "day_date": pd.NaT,
                "who": None}  # fmt: skip
    last = rows.sort_values("day_date", kind="stable").iloc[-1]
    age = (day - last["day_date"]).days
    state = "done" if asked is not None and known >= asked else "partial"
    state = "out of date" if age > settings.fresh_days else state
    return {"state": state, "known_count": known, "asked_count": asked,
            "day_date": last["day_date"], "who": last["who"]}  # fmt: skip


def _assessment(
    mine: Mapping[str, pd.DataFrame], _: str, settings: ProjectsSettings, day: pd.Timestamp
) -> dict[str, Any]:
    answers, asked = mine["answers"], len(questions(settings))
    if answers.empty:
        return _line(0, 2 * asked, answers, settings, day) | {"note": "no question is answered"}
    counts = answers.groupby("party")["question"].count()
    ours = int(counts.get(US, 0))
    best = int(counts.drop(US, errors="ignore").max()) if len(counts.index.difference([US])) else 0
    line = _line(ours + best, 2 * asked, answers, settings, day)
    who = "no competitor" if not best else f"{len(counts) - (US in counts)} competitors"
    return line | {"note": f"{ours} of {asked} questions answered for us; {who}"}


def _seats(
    mine: Mapping[str, pd.DataFrame], work: str, settings: ProjectsSettings, day: pd.Timestamp
) -> dict[str, Any]:
    column = {"decision_chain": "closeness", "solution": "solution_acceptance",
              "price": "price_acceptance"}[work]  # fmt: skip
    chain = mine["chain"]
    rated = chain[chain[column].notna()]
    if chain.empty:
        return _line(0, None, rated, settings, day) | {"note": "no seat of the account is known"}
    if work == "decision_chain" and "counted_score" in chain:
        is_counted = chain[column].isna() & chain["counted_score"].notna()
        more = chain[is_counted & chain["contact_id"].notna()]
        if len(more):
            more = more.assign(day_date=day, who="step 05")
            known = pd.concat([one for one in (more, rated) if len(one)])
            line = _line(len(known), len(chain), known, settings, day)
            return line | {"note": f"{len(rated)} of {len(chain)} seats rated, {len(more)} further "
                           "ones counted by step 05"}  # fmt: skip
    line = _line(len(rated), len(chain), rated, settings, day)
    return line | {"note": f"{len(rated)} of {len(chain)} seats rated"}


def _strategy(
    mine: Mapping[str, pd.DataFrame], _: str, settings: ProjectsSettings, day: pd.Timestamp
) -> dict[str, Any]:
    rows = mine["actions"]
    if len(rows):
        rows = rows[rows["strategy"].notna() & (rows["status"] != "dropped")]
    line = _line(len(rows), 1, rows, settings, day)
    said = f"{rows['strategy'].iloc[-1]}" if len(rows) else "no strategy against the competitors"
    return line | {"note": said}


def _plan(
    mine: Mapping[str, pd.DataFrame], _: str, settings: ProjectsSettings, day: pd.Timestamp
) -> dict[str, Any]:
    rows = mine["actions"]
    if rows.empty:
        return _line(0, 1, rows, settings, day) | {"note": "no action is planned"}
    rows = rows[rows["strategy"].isna() & (rows["status"] != "dropped")]
    opened = rows[rows["status"] == "open"]
    line = _line(len(rows), 1, rows, settings, day)
    late = int(opened["is_overdue"].sum())
    if late:
        line["state"] = "overdue"
    return line | {"note": f"{len(opened)} open actions, {late} overdue; {len(rows)} in all"}


_STATES = {
    "assessment": _assessment,
    "decision_chain": _seats,
    "solution": _seats,
    "price": _seats,
    "strategy": _strategy,
    "work_plan": _plan,
}
