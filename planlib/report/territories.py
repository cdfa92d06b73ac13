"""Section of the report on territories: who owns what, how balanced, what moves and why."""

from __future__ import annotations

import pandas as pd

from planlib.charts import territories as charts
from planlib.charts.base import money
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, percent
from planlib.report.common import account_names, amount_of, differs, named, rep_names, said
from planlib.report.parts import Block, Gap, Line, Listing, Section, picture
from planlib.report.territory_people import people_asks, people_blocks, people_lines
from planlib.report.territory_review import review_asks, review_blocks, review_lines
from planlib.steps import STEPS

STEP = "03_territories"
_ALL = "all"
_ALL_MOVES = "all moves"
_PROBLEMS = {
    "out_of_scope": "out of scope",
    "no_block": "in no part of the market",
    "no_rep": "no rep may own it",
    "late_stage_kept": "kept for a deal in a late stage",
    "lock_not_usable": "a lock cannot be used",
    "locks_contradict": "locks contradict each other",
    "family_split": "a company family has several owners",
    "place": "place not known well",
    "measure": "measure not known",
    "lumpy_account": "one account is too large to balance",
    "locked": "locked",
    "setting": "setting",
    "recent_win_kept": "kept for a deal won lately",
    "named_kept": "kept as a named account",
    "named_limit": "more named accounts than a territory may hold",
    "count_limit": "number of accounts outside the limits",
    "target": "a target cannot be used",
    "seat": "open seat",
    "scope": "an account outside what may change",
    "skill": "skills not known",
    "travel": "travel not known",
    "no_account": "a rep without accounts in its part of the market",
    "owner_unknown": "an owner is not in the list of reps",
    "decision_not_used": "a decision is not used",
}
_ASK = ("no_rep", "lock_not_usable", "locks_contradict", "lumpy_account", "setting",
        "named_limit", "count_limit", "decision_not_used")  # fmt: skip
_INFORM = ("locked", "late_stage_kept", "recent_win_kept", "named_kept", "out_of_scope")


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no plan."""
    plan = view.rows("territory_plan")
    if plan.empty:
        return None
    step = STEPS[STEP]
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[*_decided(view), *review_lines(view), *people_lines(view)],
        asks=[*_asks(view), *review_asks(view), *people_asks(view)],
        problems=_problems(view),
        gaps=_gaps(view),
        facts=_facts(view),
        blocks=_blocks(view),
    )


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how many accounts have another owner in the plan than in an earlier state."""
    before = baseline.get("territory_plan")
    if before is None or not view.has("territory_plan"):
        return []
    now = view.read("territory_plan")
    moved = differs(now, before, "account_id", "rep_id")
    if moved.empty:
        return [Line("Every account has the same owner in the plan.", step=STEP)]
    total = amount_of(now.set_index("account_id")["acv"].reindex(moved["account_id"]))
    text = f"{count_of(len(moved), 'account')} {'has' if len(moved) == 1 else 'have'} another owner"
    if total is not None:
        text += f" (ACV {money(total, view.plan.currency)})"
    return [Line(f"{text} in the plan.", total, STEP)]


def _decided(view: AudienceView) -> list[Line]:
    plan, moves = view.rows("territory_plan"), view.rows("territory_moves")
    planned = plan[plan["is_in_scope"].fillna(False).astype(bool)]
    reps = planned["rep_id"].nunique()
    shared = f"{count_of(len(planned), 'account')} shared among {count_of(reps, 'rep')}"
    lines = []
    whole = moves[(moves["block"] == _ALL) & (moves["move_cause"] == _ALL_MOVES)]
    for row in whole.to_dict("records"):
        text = f"{shared}; {int(row['moved_count']):,} of them"
        if pd.notna(row["moved_share"]):
            text += f" ({percent(row['moved_share'], 1)})"
        text += " change owner"
        if pd.notna(row["moved_acv"]):
            text += f", with ACV of {money(row['moved_acv'], view.plan.currency)}"
        lines.append(f"{text}.")
    lines = lines or [f"{shared}."]
    solution = view.rows("territory_solution")
    solution = solution[(solution["block"] == _ALL) | (len(solution) == 1)]
    lines += [f"{_upper(str(note)).rstrip('.')}." for note in solution["note"].dropna() if note]
    for row in _balance(view).to_dict("records"):
        lines.append(
            f"{str(row['measure']).replace('_', ' ').capitalize()}: {row['within']:,} of "
            f"{row['reps']:,} territories are within the tolerance; the widest deviation goes "
            f"from {percent(row['worst_before'])} to {percent(row['worst_after'])}."
        )
    return [Line(text, step=STEP) for text in lines]


def _balance(view: AudienceView) -> pd.DataFrame:
    """Give per measure how many territories are within tolerance, and the widest deviations."""
    balance = view.rows("territory_balance")
    if balance.empty:
        return pd.DataFrame(columns=["measure", "reps", "within", "worst_before", "worst_after"])
    wide = balance.assign(
        before=balance["deviation_before"].abs(), after=balance["deviation_after"].abs()
    )
    grouped = wide.groupby("measure", sort=True, observed=True)
    return pd.DataFrame(
        {
            "reps": grouped["rep_id"].nunique(),
            "within": grouped["is_within"].sum().astype("int64"),
            "worst_before": grouped["before"].max(),
            "worst_after": grouped["after"].max(),
        }
    ).reset_index()


def _asks(view: AudienceView) -> list[Line]:
    lines = [*_approval(view), *_of_kind(view, _ASK)]
    outside = view.rows("territory_balance")
    outside = outside[~outside["is_within"].fillna(True).astype(bool)]
    if len(outside):
        reps = outside["rep_id"].nunique()
        verb = "stays" if reps == 1 else "stay"
        noun = count_of(reps, "territory", "territories")
        text = f"{noun} {verb} outside the tolerance: accept, or change locks, seats or tolerance"
        lines.append(Line(text, step=STEP))
    return lines


def _approval(view: AudienceView) -> list[Line]:
    plan = view.rows("territory_plan")
    moved = plan[plan["is_moved"].fillna(False).astype(bool)]
    if moved.empty:
        return []
    verb = "gets another owner" if len(moved) == 1 else "get another owner"
    text = (
        f"{count_of(len(moved), 'account')} {verb}{_chosen(view, moved)}: approve, or overrule in "
    )
    return [Line(f"{text}overrides/territories.csv", amount_of(moved["acv"]), STEP)]


def _chosen(view: AudienceView, moved: pd.DataFrame) -> str:
    """Say how much of the moves the plan chose; the others follow from owners and decisions."""
    chosen = moved[moved["move_cause"].eq("plan").fillna(False).astype(bool)]
    if len(chosen) == len(moved):
        return ""
    acv = said(chosen["acv"], view.plan.currency) or "not known"
    return (
        f" ({len(chosen):,} by choice of the plan, ACV {acv}; {len(moved) - len(chosen):,} that "
        "nobody selling there owns today, or that a manager decided)"
    )


def _problems(view: AudienceView) -> list[Line]:
    return _of_kind(view, tuple(kind for kind in _PROBLEMS if kind not in (*_ASK, *_INFORM)))


def _of_kind(view: AudienceView, kinds: tuple[str, ...]) -> list[Line]:
    rows = view.rows("territory_problems")
    lines = []
    for kind in kinds:
        some = rows[rows["problem"] == kind]
        if len(some) == 1:
            lines.append(Line(f"{_upper(_PROBLEMS[kind])}: {some['detail'].iloc[0]}",
                              amount_of(some["amount"]), STEP))  # fmt: skip
        elif len(some):
            text = f"{_upper(_PROBLEMS[kind])}: {len(some):,} cases, first: "
            lines.append(Line(text + str(some["detail"].iloc[0]), amount_of(some["amount"]), STEP))
    return lines


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _gaps(view: AudienceView) -> list[Gap]:
    found = []
    if not view.has("reps"):
        found.append(Gap("Territories that fit people", "there are no reps", "table reps", STEP,
                         frozenset({"reps"})))  # fmt: skip
    solution = view.rows("territory_solution")
    for row in solution[solution["status"].isin(["infeasible", "unresolved"])].to_dict("records"):
        found.append(
            Gap(
                f"Balanced territories in {row['block']}",
                str(row["note"]) if pd.notna(row["note"]) else str(row["status"]),
                "a wider tolerance, fewer locks, or other seats",
                STEP,
            )
        )
    return found


def _facts(view: AudienceView) -> list[Fact]:
    plan = view.rows("territory_plan")
    planned = plan[plan["is_in_scope"].fillna(False).astype(bool)]
    moved = planned["is_moved"].fillna(False).astype(bool)
    total = amount_of(planned.loc[moved, "acv"])
    note = f"of {len(planned):,} planned"
    if total is not None:
        note += f"; ACV {money(total, view.plan.currency)}"
    facts = [Fact("Accounts that change owner", int(moved.sum()), note, "", "count")]
    balance = _balance(view)
    if len(balance):
        within, reps = int(balance["within"].sum()), int(balance["reps"].sum())
        facts.append(
            Fact(
                "Territories in balance",
                within / reps,
                f"within tolerance, over {count_of(len(balance), 'measure')}",
                "good" if within == reps else "watch",
                "share",
            )
        )
    return facts


def _blocks(view: AudienceView) -> list[Block]:
    plan, reps, as_of = view.rows("territory_plan"), view.rows("territory_reps"), view.as_of
    balance = view.rows("territory_balance")
    blocks: list[Block] = []
    if len(reps) and plan["latitude"].notna().any():
        blocks += [
            picture(charts.plot_territory_maps(plan, reps, blocks=[block], as_of=as_of))
            for block in charts.largest_blocks(plan)  # each of a size that can be read
        ]
    if len(balance):
        blocks.append(picture(charts.plot_balances(balance, as_of=as_of)))
    blocks.append(_reps(view))
    if (reps[["gained_count", "lost_count"]].sum(axis="columns") > 0).any():
        blocks.append(picture(charts.plot_moves(reps, currency=view.plan.currency, as_of=as_of)))
    return [*blocks, _moves(view), *review_blocks(view), *people_blocks(view)]


def _reps(view: AudienceView) -> Listing:
    reps, balance = view.rows("territory_reps"), view.rows("territory_balance")
    columns = ["rep_name", "block", "before_count", "after_count", "gained_count", "lost_count"]
    frame = reps.set_index("rep_id")[columns]
    colors = {}
    for measure, rows in balance.groupby("measure", sort=True, observed=True):
        rows = rows.set_index("rep_id")
        name = f"{_upper(str(measure).replace('_', ' '))} off target"
        frame[name] = rows["deviation_after"].reindex(frame.index)
        within = rows["is_within"].reindex(frame.index)
        colors[name] = within.map({True: "good", False: "watch"}).tolist()
    frame = frame.assign(rep_name=frame["rep_name"].fillna(frame.index.to_series()))
    return Listing(
        name="Territories",
        frame=frame.reset_index(drop=True),
        title="What the plan means for each rep",
        subtitle="deviation from the target of the territory; green: within the tolerance",
        labels={"rep_name": "Rep", "block": "Part of the market", "before_count": "Accounts today",
                "after_count": "In the plan", "gained_count": "Gained",
                "lost_count": "Lost to others"},
        formats=dict.fromkeys(colors, "share"),
        colors=pd.DataFrame(colors) if colors else None,
        limit=max(view.plan.report.rows, 40),
    )  # fmt: skip


def _moves(view: AudienceView) -> Listing:
    plan = view.rows("territory_plan")
    rows = plan[plan["is_moved"].fillna(False).astype(bool)]
    rows = rows.sort_values(["acv", "potential", "account_id"], ascending=[False, False, True])
    reps = rep_names(view)
    frame = pd.DataFrame(
        {
            "account": named(rows["account_id"], account_names(view)),
            "from": named(rows["previous_rep_id"], reps),
            "to": named(rows["rep_id"], reps),
            "acv": rows["acv"],
            "potential": rows["potential"],
            "reason": rows["reason"],
        }
    ).reset_index(drop=True)
    return Listing(
        name="Moves",
        frame=frame,
        title="Accounts that change owner",
        subtitle=f"{view.plan.currency} a year; largest ACV first; what the reasons count are cost "
        "units of the plan, not money",
        labels={"acv": "ACV", "reason": "Why"},
        formats={"acv": "amount", "potential": "amount"},
        missing={"from": "no owner today", "acv": "not known"},
        limit=view.plan.report.rows,
        empty="no account changes owner",
    )
