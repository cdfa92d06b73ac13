"""The project part of step 09: one call from the tables to every result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.notes import count_of
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents
from planlib.projects.cash import cash_by_milestone, cash_totals, check_payments
from planlib.projects.closeness import (
    carried_closeness,
    closeness_of_projects,
    counted_chain,
)
from planlib.projects.findings import check_decisions
from planlib.projects.gates import NOT_NEEDED, gate_log, read_gates
from planlib.projects.gather import Projects, gather_projects
from planlib.projects.learning import learn_from_closed
from planlib.projects.lessons import read_lessons
from planlib.projects.losses import closeness_results
from planlib.projects.probability import evidence, win_rates
from planlib.projects.process import read_process
from planlib.projects.work import (
    find_work,
    judge,
    read_actions,
    read_answers,
    read_chain,
    weigh_chain,
)
from planlib.settings.projects import ProjectsSettings
from planlib.tables import table
from planlib.tables.projects import MEASURES

#: Kinds of decisions that projects rest on.
KINDS = ("project_gates", "project_assessments", "project_people", "project_plans",
         "project_lessons")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ProjectReview:
    """
    What was found about projects.

    Parameters
    ----------
    tables
        Tables of the step on projects by name, in their declared shape.
    stopped
        Projects whose last decision is a no go.
    deals
        Open deals of the fast lane that are no projects, with ``margin_amount`` and
        ``win_probability``: they may ask for support as projects do.
    closed
        Closed projects and deals, for what support taught; a deal without a project goes by the
        id of the opportunity.
    rule
        The rule of the lanes in words.
    missing
        What is missing and what that leaves out, by topic.
    findings
        Rows of the input that could not be used as they are.
    """

    tables: dict[str, pd.DataFrame] = field(repr=False)
    stopped: tuple[str, ...]
    deals: pd.DataFrame = field(repr=False)
    closed: pd.DataFrame = field(repr=False)
    rule: str
    missing: dict[str, str]
    findings: list[dict[str, object]]

    @property
    def reviews(self) -> pd.DataFrame:
        """Table ``project_reviews``."""
        return self.tables["project_reviews"]

    @property
    def asking(self) -> pd.DataFrame:
        """Projects and small deals that may ask for support: what ``plan_support`` takes."""
        names = ["project_id", "opportunity_id", "account_id", "name", "margin_amount",
                 "win_probability"]  # fmt: skip
        parts = [part[names] for part in (self.reviews, self.deals) if len(part)]
        return pd.concat(parts, ignore_index=True) if parts else self.reviews[names]


def review_projects(
    opportunities: pd.DataFrame,
    settings: ProjectsSettings,
    as_of: date,
    *,
    projects: pd.DataFrame | None = None,
    payments: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
    opportunity_history: pd.DataFrame | None = None,
    stakeholders: pd.DataFrame | None = None,
    needs: pd.DataFrame | None = None,
    closeness: Mapping[str, pd.DataFrame | None] | None = None,
    decisions: Mapping[str, pd.DataFrame] | None = None,
    loss_causes: Mapping[str, str] | None = None,
) -> ProjectReview:
    """
    Review all projects from opportunity to cash.

    Only ``opportunities`` is needed; what another table would add is named where it is missing.

    Parameters
    ----------
    opportunities
        Table ``opportunities``.
    settings
        Section ``projects`` of plan.yaml.
    as_of
        Day until which the data count.
    projects, payments, products, opportunity_history, stakeholders, needs
        Input tables, or None.
    closeness
        Tables ``account_closeness``, ``closeness_seats``, ``closeness_projects`` and
        ``closeness_trend`` of step 05 by name, each may be None.
    decisions
        Decisions in force by kind, see ``KINDS``.
    loss_causes
        Cause that each ``loss_reason`` of the CRM stands for (``movement.loss_causes``), for
        losses without a cause in table projects.
    """
    said = decisions or {}
    base = gather_projects(
        opportunities, settings, as_of, projects=projects, payments=payments, products=products,
        opportunity_history=opportunity_history, loss_causes=loss_causes,
    )  # fmt: skip
    answers = read_answers(said.get("project_assessments"), settings, as_of)
    counted = closeness or {}
    chain = counted_chain(
        read_chain(base.open, stakeholders, said.get("project_people"), settings, as_of),
        base.open.set_index("project_id")["account_id"], counted.get("closeness_seats"),
    )  # fmt: skip
    actions = read_actions(said.get("project_plans"), as_of)
    positions = _past_positions(said.get("project_assessments"), base.closed, settings)
    rates = win_rates(base.closed, positions, settings, base.late)
    parts = {"answers": answers, "chain": chain, "actions": actions}
    work = find_work(base.open, parts, settings, as_of)
    gates = read_gates(base.open, said.get("project_gates"), settings, as_of)
    reviews = _reviews(base.open.join(gates), parts, (work, rates), settings)
    reviews = reviews.join(carried_closeness(
        reviews, reviews.set_index("project_id")["closeness"], counted.get("account_closeness")
    ))  # fmt: skip
    small = base.small.assign(position="not assessed")
    every, log = _every(base), gate_log(said.get("project_gates"), as_of)
    found = {
        "project_reviews": reviews,
        "project_work": work,
        "project_answers": answers[answers["project_id"].isin(base.open["project_id"])],
        "project_chain": chain,
        **_closeness(base, every, _opened(base, every, opportunities),
                     (stakeholders, said.get("project_people"), counted), (settings, as_of)),
        "project_gate_log": _named(log, every),
        "project_actions": _named(actions, every),
        "project_win_rates": rates,
        "project_process": read_process(_in_phases(reviews, small), base.closed, settings,
                                        kept=len(log) > 0),
        "project_lesson_log": _named(
            read_lessons(said.get("project_lessons"), every["account_id"], needs, as_of), every
        ),
        **_cash(base, payments, settings, as_of),
    }  # fmt: skip
    found["project_learning"] = _learning(base, every, found, as_of)
    return ProjectReview(
        tables={name: table(name).conform(frame) for name, frame in found.items()},
        deals=small.join(evidence(small, rates)),
        stopped=tuple(sorted(reviews.loc[reviews["is_stopped"], "project_id"])),
        closed=base.closed.assign(
            project_id=base.closed["project_id"].fillna(base.closed["opportunity_id"])
        ),
        rule=base.rule,
        missing=_missing(base, (projects, payments, stakeholders, opportunity_history), found),
        findings=[
            *check_decisions(said, every.index, chain, found["project_lesson_log"]),
            *_payment_findings(base, payments),
        ],
    )


def _in_phases(reviews: pd.DataFrame, small: pd.DataFrame) -> pd.DataFrame:
    """Give open projects, and the open deals that are none, with their phases and gates."""
    names = ["lane", "phase", "amount", "gate"]
    return pd.concat([reviews[names], small.assign(gate=NOT_NEEDED)[names]])


def _payment_findings(base: Projects, payments: pd.DataFrame | None) -> list[dict[str, object]]:
    if base.line is None or payments is None or payments.empty:
        return []
    return check_payments(base.line, payments)


def _closeness(
    base: Projects,
    every: pd.DataFrame,
    opened: pd.DataFrame,
    inputs: tuple[pd.DataFrame | None, pd.DataFrame | None, Mapping[str, pd.DataFrame | None]],
    rules: tuple[ProjectsSettings, date],
) -> dict[str, pd.DataFrame]:
    """Give closeness before and after each project, and won and lost by its bands."""
    (stakeholders, people, counted), (settings, as_of) = inputs, rules
    rated = weigh_chain(read_chain(every.reset_index(), stakeholders, people, settings, as_of))
    found = closeness_of_projects(opened, rated, counted)
    return {
        "project_closeness": found,
        "project_closeness_results": closeness_results(
            base.closed, found, counted.get("closeness_trend"),
            _rated_before(base.closed, every, stakeholders, people, settings), settings,
        ),
    }  # fmt: skip


def _learning(
    base: Projects, every: pd.DataFrame, found: dict[str, pd.DataFrame], as_of: date
) -> pd.DataFrame:
    lessons = table("project_lesson_log").conform(found["project_lesson_log"])
    closeness = table("project_closeness").conform(found["project_closeness"])
    told = base.closed["project_id"].isin(lessons["project_id"])
    kept = base.closed[(base.closed["origin"] == "projects") | told]  # others have no record
    return learn_from_closed(kept, every, lessons, closeness, as_of)


def _past_positions(
    decisions: pd.DataFrame | None, closed: pd.DataFrame, settings: ProjectsSettings
) -> pd.Series:
    """Judge closed projects by the answers that were given before they were closed."""
    rows = table("override_project_assessments").coerce(decisions)
    ends = closed.dropna(subset="project_id").set_index("project_id")["close_date"]
    if rows.empty or ends.empty:
        return pd.Series(dtype="str")
    rows = rows[rows["when"] < rows["project_id"].map(ends)]
    if rows.empty:
        return pd.Series(dtype="str")
    return judge(read_answers(rows, settings, rows["when"].max().date()), settings)["position"]


def _rated_before(
    closed: pd.DataFrame, every: pd.DataFrame, stakeholders: pd.DataFrame | None,
    decisions: pd.DataFrame | None, settings: ProjectsSettings,
) -> pd.Series:  # fmt: skip
    """Give closeness of closed projects by the ratings that people gave before they were closed."""
    rows = table("override_project_people").coerce(decisions)
    ends = closed.dropna(subset="project_id").drop_duplicates("project_id")
    if rows.empty or ends.empty:
        return pd.Series(dtype="float64")
    rows = rows[
        rows["when"] < look_up(rows["project_id"], ends.set_index("project_id")["close_date"])
    ]
    if rows.empty:
        return pd.Series(dtype="float64")
    mine = every[every.index.isin(rows["project_id"])].reset_index()
    chain = read_chain(mine, stakeholders, rows, settings, rows["when"].max().date())
    return weigh_chain(chain)["closeness"]


def _reviews(
    projects: pd.DataFrame,
    parts: Mapping[str, pd.DataFrame],
    judged: tuple[pd.DataFrame, pd.DataFrame],
    settings: ProjectsSettings,
) -> pd.DataFrame:
    work, rates = judged
    rows = projects.merge(
        judge(parts["answers"], settings), "left", left_on="project_id", right_index=True
    )
    rows = rows.merge(weigh_chain(parts["chain"]), "left", left_on="project_id", right_index=True)
    rows["position"] = rows["position"].astype("str").fillna("not assessed")
    rows = rows.join(evidence(rows, rates))
    actions = parts["actions"]
    strategies = actions[actions["strategy"].notna() & (actions["status"] != "dropped")]
    opened = actions[actions["strategy"].isna() & (actions["status"] == "open")]
    following = opened.sort_values(["due_date", "decision_id"]).drop_duplicates("project_id")
    following = following.set_index("project_id")
    key = rows["project_id"]
    asked = work.groupby("project_id").size() if len(work) else pd.Series(dtype="int64")
    done = (
        work[work["state"] == "done"].groupby("project_id").size()
        if len(work) else pd.Series(dtype="int64")
    )  # fmt: skip
    return rows.assign(
        strategy=key.map(strategies.groupby("project_id")["strategy"].last()),
        next_action=following["action"].reindex(key).array,
        next_date=following["due_date"].reindex(key).array,
        work_count=key.map(asked).fillna(0),
        done_count=key.map(done).fillna(0),
    )


def _every(base: Projects) -> pd.DataFrame:
    """Give account, name and amount of every project, open or not, by id."""
    rows = base.open[["project_id", "account_id", "name", "amount"]]
    if base.line is not None:
        line = base.line.projects
        old = line.loc[~line["project_id"].isin(rows["project_id"])]
        cents = old["stated_cents"].fillna(old["deal_cents"])
        past = old[["project_id", "account_id", "name"]].assign(amount=from_cents(cents))
        rows = pd.concat([rows, past], ignore_index=True)
    alone = base.closed[(base.closed["origin"] != "projects") & base.closed["project_id"].notna()]
    rows = pd.concat([rows, alone[list(rows.columns)]], ignore_index=True)
    return rows.drop_duplicates("project_id").set_index("project_id")


def _opened(base: Projects, every: pd.DataFrame, opportunities: pd.DataFrame) -> pd.DataFrame:
    """Give every project that is open or decided, with the day its opportunity was opened."""
    rows = base.open[["project_id", "opportunity_id"]].assign(state="open")
    past = base.closed.dropna(subset="project_id")
    state = past["is_won"].map({True: "won", False: "lost"})
    past = past[["project_id", "opportunity_id"]].assign(state=state)
    rows = pd.concat([rows, past], ignore_index=True).drop_duplicates("project_id")
    created = opportunities.drop_duplicates("opportunity_id").set_index("opportunity_id")
    names = every.reindex(rows["project_id"])
    return rows.assign(
        account_id=names["account_id"].array,
        name=names["name"].array,
        opened_date=look_up(rows["opportunity_id"], created["created_date"]),
    )


def _named(rows: pd.DataFrame, every: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        name=rows["project_id"].map(every["name"]), amount=rows["project_id"].map(every["amount"])
    )


def _cash(
    base: Projects, payments: pd.DataFrame | None, settings: ProjectsSettings, as_of: date
) -> dict[str, pd.DataFrame]:
    blank = {name: table(name).empty() for name in ("project_cash", "project_cash_totals")}
    if base.line is None or payments is None or payments.empty:
        return blank
    cash = cash_by_milestone(base.line, payments, settings, as_of)
    if cash.empty:
        return blank
    return {"project_cash": cash, "project_cash_totals": cash_totals(cash, settings)}


def _missing(
    base: Projects,
    inputs: tuple[pd.DataFrame | None, ...],
    found: Mapping[str, pd.DataFrame],
) -> dict[str, str]:
    """Say what was not computed, and what would supply it."""
    projects, payments, stakeholders, history = inputs
    lines: dict[str, str] = {}
    if projects is None or projects.empty:
        lines["projects"] = (
            "table projects is missing: deals of the large lane stand in, contracts and losses by "
            "cause are left out"
        )
    if payments is None or payments.empty:
        lines["cash by milestone"] = (
            "table payments is missing: due, received and overdue are blank, not zero"
        )
    if stakeholders is None or stakeholders.empty:
        lines["decision chain"] = (
            "table stakeholders is missing: only seats that were rated for a project are shown, "
            "without decision power"
        )
    if history is None or history.empty:
        lines["win rate by phase"] = (
            "no history of stages is known (table opportunity_history): win rates are those of "
            "the lane"
        )
    for stage, count in sorted(base.unmapped.items()):
        lines[f"phase of stage {stage}"] = (
            "no phase is set for it in projects.stages, so there is none for "
            f"{count_of(count, 'open project')}"
        )
    if found["project_answers"].empty:
        lines["assessment"] = (
            "no open project is assessed: overrides/project_assessments.csv takes a line for each "
            "question, for us and each competitor"
        )
    bands = found["project_closeness_results"]
    if len(bands):
        lines |= dict.fromkeys(
            [one for one in MEASURES if one not in set(bands["measure"])],
            "no decided project has it, so its bands are left out",
        )
    if found["project_gate_log"].empty:
        lines["gates"] = "no go or no go is on record: overrides/project_gates.csv"
    if found["project_lesson_log"].empty:
        lines["lessons"] = "no lesson of a project is on record: overrides/project_lessons.csv"
    return lines
