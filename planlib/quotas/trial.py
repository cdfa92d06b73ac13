"""What another blend, another certainty or another quota would do; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.pipeline.money import from_cents
from planlib.quotas.assign import Assigned, QuotaParts, assign_quotas
from planlib.quotas.blend import stretch_rows
from planlib.quotas.tree import COMPANY, OWN

_NEW = "this quota"  # sorts behind every numbered decision of the same day


@dataclass(frozen=True, kw_only=True)
class BlendEffect:
    """
    What one blend and one certainty do.

    Parameters
    ----------
    top_down_share, certainty
        Weight of top-down, least chance wanted.
    over_assignment, street_amount
        Street quota / target, and the street quota.
    probability, unmoved_probability
        Chance to reach the target with these quotas, and where amounts stay as at those in force.
    is_enough
        Whether the certainty wanted is reached within the largest over-assignment looked at.
    stretch_low, stretch_middle, stretch_high
        Least, median and largest quota / bottom-up; NaN where no bottom-up is known.
    stretched_count, slack_count
        Reps beyond the limits of stretch in plan.yaml.
    beyond_count, carriers_count
        Reps whose quota is above their capacity by more than the tolerance, of those with a
        capacity; capacity = ramped quota x all quotas / all ramped quotas, as in the check of the
        plans.
    lost
        Decisions of people that cannot be kept.
    """

    top_down_share: float
    certainty: float
    over_assignment: float
    street_amount: float
    probability: float
    unmoved_probability: float
    is_enough: bool
    stretch_low: float
    stretch_middle: float
    stretch_high: float
    stretched_count: int
    slack_count: int
    beyond_count: int
    carriers_count: int
    lost: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DecisionEffect:
    """
    What one more quota set by a person does.

    Parameters
    ----------
    is_kept
        Whether it can be kept.
    reason
        How it counts, or why it cannot be kept.
    supersedes
        Decision on the same rep or unit whose place it takes; None: there is none.
    lost
        Decisions that could be kept before and no longer can, with the reason.
    level
        ``name``, ``before_amount``, ``quota_amount``, ``difference_amount``, ``bottom_up_amount``,
        ``stretch`` of everybody on the same level, their sum last; no rows where it is not known
        what the decision is about.
    """

    is_kept: bool
    reason: str
    supersedes: str | None
    lost: tuple[str, ...]
    level: pd.DataFrame = field(repr=False)


def try_blend(
    parts: QuotaParts, *, top_down_share: float | None = None, certainty: float | None = None,
    tolerance: float = 0.0,
) -> BlendEffect:  # fmt: skip
    """
    Give what a blend and a certainty do.

    Parameters
    ----------
    parts
        Of a review.
    top_down_share, certainty
        Weight of top-down and least chance to reach the target; None: as in plan.yaml.
    tolerance
        How far a quota may exceed capacity, ``plan_check.capacity_tolerance``.
    """
    quotas = parts.world.quotas
    share = quotas.top_down_share if top_down_share is None else top_down_share
    wanted = quotas.certainty if certainty is None else certainty
    made = assign_quotas(parts, top_down_share=share, certainty=wanted)
    cents = made.decided.cents
    target, street = parts.world.target.cents, int(cents.sum())
    attained = parts.draws_at(cents).attained_amount * parts.kept
    rows = stretch_rows(
        pd.DataFrame({"quota_amount": from_cents(cents.astype("Int64")),
                      "bottom_up_amount": parts.bottom_up["bottom_up_amount"]}),
        high=quotas.stretch_high, low=quotas.stretch_low,
    )  # fmt: skip
    stretch = rows["stretch"]
    capacity = parts.carriers["ramped_quota"].fillna(0.0).to_numpy(dtype="float64")
    whole = capacity.sum()
    capacity = capacity * (street / 100 / whole) if whole > 0 else capacity
    beyond = (capacity > 0) & (cents.to_numpy() / 100 > (1 + tolerance) * capacity)
    log = made.decided.decisions
    return BlendEffect(
        top_down_share=share, certainty=wanted, over_assignment=street / target,
        street_amount=street / 100, probability=float((attained >= target / 100).mean()),
        unmoved_probability=float((parts.unmoved >= target / 100).mean()),
        is_enough=made.over.is_enough, stretch_low=float(stretch.min()),
        stretch_middle=float(stretch.median()), stretch_high=float(stretch.max()),
        stretched_count=int((rows["flag"] == "stretched").sum()),
        slack_count=int((rows["flag"] == "slack").sum()), beyond_count=int(beyond.sum()),
        carriers_count=int((capacity > 0).sum()),
        lost=tuple(log.loc[log["status"] != "applied", "decision_id"]),
    )  # fmt: skip


def try_decision(
    parts: QuotaParts, made: Assigned, amount: float, *, rep_id: str | None = None,
    unit: str | None = None, first: pd.Timestamp | None = None, last: pd.Timestamp | None = None,
) -> DecisionEffect:  # fmt: skip
    """
    Give what one more quota set by a person does to the others of the level.

    Parameters
    ----------
    parts
        Of a review.
    made
        Quotas with the decisions taken so far, from ``assign_quotas``.
    amount
        Yearly quota.
    rep_id, unit
        Rep, or manager for the team; or unit. One of both.
    first, last
        First and last day of the new quota; None: no bound.
    """
    log = made.decided.decisions
    mine = log[(log["rep_id"] == rep_id) if rep_id is not None else (log["unit"] == unit)]
    mine = mine[mine["status"] == "applied"]
    old = None if mine.empty else str(mine["decision_id"].iloc[-1])
    known = parts.decisions
    kept = [] if known is None else known[known["decision_id"] != old].to_dict("records")
    new = {
        "decision_id": _NEW, "who": "", "why": "", "rep_id": rep_id, "unit": unit,
        "when": max([parts.world.as_of, *[one["when"] for one in kept]]),
        "quota_amount": amount, "effective_from": first, "effective_to": last,
    }  # fmt: skip
    after = parts.decide(made.proposed, pd.DataFrame([*kept, new]))
    now = {str(row["decision_id"]): row for row in after.decisions.to_dict("records")}
    before = log.loc[log["status"] == "applied", "decision_id"]
    gone = [one for one in before if one != old and now[one]["status"] != "applied"]
    return DecisionEffect(
        is_kept=now[_NEW]["status"] == "applied", reason=str(now[_NEW]["reason"]),
        supersedes=old, lost=tuple(f"{one}: {now[one]['reason']}" for one in gone),
        level=_level(parts, made.decided.cents, after.cents, rep_id=rep_id, unit=unit),
    )  # fmt: skip


def _level(
    parts: QuotaParts, before: pd.Series, after: pd.Series, *, rep_id: str | None,
    unit: str | None,
) -> pd.DataFrame:  # fmt: skip
    """Give quotas before and after of everybody on the same level, and their sum."""
    bottom = (parts.bottom_up["bottom_up_amount"] * 100).fillna(0.0)
    columns = {"before": before, "after": after, "bottom": bottom}
    if unit is not None:
        place = parts.carriers["unit"].fillna("no unit")
        rows = pd.DataFrame(columns).groupby(place).sum()
        rows.index.name, sum_name = "name", "all units"
    else:
        nodes = parts.tree.nodes
        at = nodes[nodes["rep_id"] == rep_id]
        if at.empty:
            return _shaped(pd.DataFrame(columns=["name", *columns]))
        parent = at["parent_id"].iloc[0]
        level = nodes[nodes["parent_id"] == parent]
        names = level["name"].where(~level["node_id"].str.endswith(OWN), level["name"] + OWN)
        rows = pd.DataFrame({
            key: parts.tree.totals(cents.astype("float64")).reindex(level["node_id"])
            for key, cents in columns.items()
        }).set_axis(pd.Index(names, name="name"))  # fmt: skip
        above = nodes.loc[nodes["node_id"] == parent, "name"].iloc[0]
        sum_name = "company" if parent == COMPANY else f"together, {above}"
    rows = rows.reset_index()
    total = pd.DataFrame([{"name": sum_name, **rows[list(columns)].sum()}])
    return _shaped(pd.concat([rows, total], ignore_index=True))


def _shaped(rows: pd.DataFrame) -> pd.DataFrame:
    amounts = {name: rows[name].astype("float64") for name in ("before", "after", "bottom")}
    known = amounts["bottom"].where(amounts["bottom"] > 0)
    return pd.DataFrame({
        "name": rows["name"], "before_amount": amounts["before"] / 100,
        "quota_amount": amounts["after"] / 100,
        "difference_amount": (amounts["after"] - amounts["before"]) / 100,
        "bottom_up_amount": known / 100,
        "stretch": np.divide(amounts["after"], known),
    })  # fmt: skip
