"""Data rigour: which open deals break which rule, and the share of clean ones by person."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.errors import SettingsError, nearest
from planlib.hygiene.context import Context, Found, limits_in_words, make_context
from planlib.hygiene.deals import rules
from planlib.intervals import wilson
from planlib.settings.hygiene import HygieneSettings

_CONFIDENCE = 0.90
_FLAG_COLUMNS = ["opportunity_id", "rule", "owner_id", "amount", "detail"]
_RULE_COLUMNS = [
    "rule",
    "meaning",
    "checked_count",
    "flagged_count",
    "flagged_share",
    "flagged_amount",
    "note",
]
EVERYBODY = "all"


@dataclass(frozen=True, kw_only=True)
class DealChecks:
    """
    Data rigour of the open deals.

    Parameters
    ----------
    flags
        Table ``opportunity_flags``: one row per deal and rule broken.
    rules
        Table ``rigour_rules``: one row per rule with its denominator.
    summary
        Table ``rigour_summary``: share of clean deals of all, by manager and by owner.
    """

    flags: pd.DataFrame
    rules: pd.DataFrame
    summary: pd.DataFrame


def check_opportunities(
    opportunities: pd.DataFrame,
    settings: HygieneSettings,
    *,
    as_of: datetime.date,
    history: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    fiscal_start: int = 1,
) -> DealChecks:
    """
    Check the open deals by the rules of data rigour.

    Parameters
    ----------
    opportunities
        Table ``opportunities`` with ``opportunity_id``, ``is_closed`` and what else there is.
    settings
        Thresholds, and rules that are off.
    as_of
        Day on which the data stand.
    history
        Table ``opportunity_history``; without it rules on moves are not checked.
    reps
        Table ``reps`` for names and managers; without it there are no rows by manager.
    fiscal_start
        Month in which the fiscal year starts.

    Returns
    -------
    DealChecks
        A rule whose columns are missing is named as not checked and flags no deal. A deal is
        clean when no rule that was checked flags it.

    Raises
    ------
    TableError
        If ``opportunity_id`` or ``is_closed`` is missing.
    SettingsError
        If a rule that is to be off does not exist.
    """
    _refuse_unknown(settings)
    context = make_context(opportunities, history, settings, as_of=as_of, fiscal_start=fiscal_start)
    flags, rows, limits = [], [], limits_in_words(settings)
    for rule in rules():
        if rule.name in settings.off:
            continue
        row: dict[str, object] = {
            "rule": rule.name,
            "meaning": rule.meaning.format(**limits),
        }
        found = rule.find(context)
        if isinstance(found, str):
            rows.append({**row, "note": f"not checked: no {found}"})
            continue
        flagged = (found.flagged & found.checked).fillna(False).astype(bool)
        rows.append({**row, **_counts(context, found, flagged), "note": found.note})
        flags.append(_flags(context, rule.name, found, flagged))
    listed = pd.concat(flags, ignore_index=True) if flags else pd.DataFrame(columns=_FLAG_COLUMNS)
    return DealChecks(
        flags=listed.sort_values(["opportunity_id", "rule"], kind="stable", ignore_index=True),
        rules=pd.DataFrame(rows)
        .reindex(columns=_RULE_COLUMNS)
        .astype({"checked_count": "Int64", "flagged_count": "Int64"}),
        summary=_summary(context, listed, reps),
    )


def _refuse_unknown(settings: HygieneSettings) -> None:
    known = [rule.name for rule in rules()]
    problems = []
    for name in settings.off:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean '{near[0]}'?" if near else f"rules are {', '.join(known)}"
            problems.append(f"hygiene.off: there is no rule '{name}'; {hint}")
    if problems:
        raise SettingsError("plan.yaml", problems)


def _counts(context: Context, found: Found, flagged: pd.Series) -> dict[str, object]:
    checked = int(found.checked.fillna(False).astype(bool).sum())
    amount = _amount(context)[flagged]
    return {
        "checked_count": checked,
        "flagged_count": int(flagged.sum()),
        "flagged_share": int(flagged.sum()) / checked if checked else np.nan,
        "flagged_amount": amount.sum(min_count=1),
    }


def _flags(context: Context, rule: str, found: Found, flagged: pd.Series) -> pd.DataFrame:
    rows = context.open[flagged]
    nothing = pd.Series(pd.NA, index=rows.index, dtype="str")
    return pd.DataFrame(
        {
            "opportunity_id": rows["opportunity_id"],
            "rule": rule,
            "owner_id": rows.get("owner_id", nothing),
            "amount": _amount(context)[flagged],
            "detail": found.detail[flagged].astype("str"),
        }
    )


def _amount(context: Context) -> pd.Series:
    nothing = pd.Series(np.nan, index=context.open.index)
    return context.open.get("amount", nothing)


def _summary(context: Context, flags: pd.DataFrame, reps: pd.DataFrame | None) -> pd.DataFrame:
    deals = pd.DataFrame(
        {
            "owner": context.open.get("owner_id", pd.Series(pd.NA, index=context.open.index)),
            "amount": _amount(context),
            "clean": ~context.open["opportunity_id"].isin(flags["opportunity_id"]),
        }
    )
    names: dict[str, str] = {}
    parts = [_level(deals.assign(who=EVERYBODY), "all")]
    if reps is not None and "manager_id" in reps:
        managers = reps.dropna(subset=["manager_id"]).set_index("rep_id")["manager_id"]
        parts.append(_level(deals.assign(who=deals["owner"].map(managers)), "manager"))
    parts.append(_level(deals.assign(who=deals["owner"]), "owner"))
    if reps is not None and "name" in reps:
        named = reps.dropna(subset=["name"])
        names = dict(zip(named["rep_id"], named["name"], strict=True))
    result = pd.concat(parts, ignore_index=True)
    low, high = wilson(result["clean_count"], result["deal_count"], _CONFIDENCE)
    settings = context.settings
    small = result["deal_count"] < settings.minimum_deals
    state = (
        pd.Series("watch", index=result.index)
        .mask(result["clean_share"] >= settings.good_share, "good")
        .mask(result["clean_share"] < settings.poor_share, "poor")
        .mask(small, "few deals")
    )
    result = result.assign(
        name=result["rep_id"].map(names),
        clean_share_low=low,
        clean_share_high=high,
        is_small=small,
        state=state,
    )
    return result[
        [
            "level",
            "rep_id",
            "name",
            "deal_count",
            "clean_count",
            "clean_share",
            "clean_share_low",
            "clean_share_high",
            "open_amount",
            "flagged_amount",
            "is_small",
            "state",
        ]
    ]


def _level(deals: pd.DataFrame, level: str) -> pd.DataFrame:
    """Count the open deals of each person of a level."""
    rows = deals.dropna(subset=["who"])
    rows = rows.assign(dirty=rows["amount"].mask(rows["clean"], 0.0))
    grouped = rows.groupby("who", sort=True)
    result = (
        pd.DataFrame(
            {
                "deal_count": grouped.size(),
                "clean_count": grouped["clean"].sum(),
                "open_amount": grouped["amount"].sum(min_count=1),
                "flagged_amount": grouped["dirty"].sum(min_count=1),
            }
        )
        .rename_axis("rep_id")
        .reset_index()
    )
    return result.assign(level=level, clean_share=result["clean_count"] / result["deal_count"])
