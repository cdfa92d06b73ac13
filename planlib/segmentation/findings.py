"""What a reader of the segmentation should know: problems, gaps, and what they touch."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.errors import nearest
from planlib.segmentation.coded import Coded, Flags, Numbers, column
from planlib.settings.segmentation import SegmentationSettings

PROBLEM, GAP, NOTE = "problem", "gap", "note"


@dataclass(frozen=True)
class Finding:
    """
    One line of the findings.

    ``severity`` is problem (something is wrong), gap (something is not known or not computed) or
    note; ``rows`` are the accounts it touches.
    """

    topic: str
    severity: str
    subject: str
    finding: str
    remedy: str = ""
    rows: Flags | None = None


def finding_table(findings: Iterable[Finding], potential: Numbers) -> pd.DataFrame:
    """
    Lay findings out as a table, problems first.

    Returns
    -------
    DataFrame
        ``topic``, ``subject``, ``severity``, ``finding``, ``account_count`` and ``potential``
        (of the accounts touched; NA where a finding is not about accounts) and ``remedy``.
    """
    rows = []
    for one in findings:
        count = None if one.rows is None else int(one.rows.sum())
        money = np.nan
        if one.rows is not None and np.isfinite(potential[one.rows]).any():
            money = float(np.nansum(potential[one.rows]))
        rows.append((one.topic, one.subject, one.severity, one.finding, count, money, one.remedy))
    names = ["topic", "subject", "severity", "finding", "account_count", "potential", "remedy"]
    frame = pd.DataFrame(rows, columns=names).astype({"account_count": "Int64"})
    rank = frame["severity"].map({PROBLEM: 0, GAP: 1, NOTE: 2})
    return (
        frame.assign(rank=rank)
        .sort_values(["rank", "topic", "subject"], kind="stable")
        .drop(columns="rank")
        .reset_index(drop=True)
    )


def owner_findings(
    segment: Coded,
    reps: pd.DataFrame | None,
    as_of: datetime.date,
    settings: SegmentationSettings,
) -> list[Finding]:
    """Find segments without one accountable owner who is there, and owners of no segment."""
    found = []
    counts = segment.count()
    used = {name: place for place, name in enumerate(segment.values) if counts[place]}
    if not settings.segment_owners:
        return [
            Finding(
                "segment owner",
                GAP,
                "all segments",
                "no segment has an accountable owner",
                "name one each under segmentation.segment_owners",
            )
        ]
    for name, place in used.items():
        wrong, remedy = _ownership(segment_owners(settings).get(name, ()), reps, as_of)
        if wrong:
            rows, remedy = segment.codes == place, f"{remedy} under segment_owners: {name}"
            found.append(Finding("segment owner", PROBLEM, name, wrong, remedy, rows))
    for name in segment_owners(settings):
        if name not in used:
            near = nearest(name, used)
            remedy = f"did you mean '{near[0]}'?" if near else "remove it"
            text = "no account is in this segment"
            found.append(Finding("segment owner", PROBLEM, name, text, remedy))
    return found


def _ownership(
    owners: Sequence[str], reps: pd.DataFrame | None, as_of: datetime.date
) -> tuple[str, str]:
    """Say what is wrong with the owners of a segment, and what to do; blank when nothing is."""
    if not owners:
        return "no accountable owner", "name one"
    if len(owners) > 1:
        return f"{len(owners)} owners ({', '.join(owners)}); one is accountable", "keep one"
    return _owner_problem(owners[0], reps, as_of), "name another owner"


def segment_owners(settings: SegmentationSettings) -> Mapping[str, tuple[str, ...]]:
    """Give the owners of each segment as a list, however plan.yaml writes them."""
    return {
        name: (owner,) if isinstance(owner, str) else tuple(dict.fromkeys(owner))
        for name, owner in settings.segment_owners.items()
    }


def _owner_problem(owner: str, reps: pd.DataFrame | None, as_of: datetime.date) -> str:
    if reps is None or not len(reps):
        return ""
    row = reps[(column(reps, "reps", "rep_id") == owner).to_numpy()]
    if not len(row):
        return f"owner {owner} is not among the reps"
    leave = column(row, "reps", "leave_date").iloc[0]
    if pd.notna(leave) and leave < pd.Timestamp(as_of):
        return f"owner {owner} left on {leave:%Y-%m-%d}"
    return ""


def rule_findings(rules: pd.DataFrame, settings: SegmentationSettings) -> list[Finding]:
    """
    Find rules that decide nothing, values that never occur, and lists that leave accounts out.

    A built-in rule that decides nothing is no finding: nobody wrote it for these accounts.
    """
    found = []
    own = {
        "segment": settings.segment_rules,
        "unit": settings.unit_rules,
        "workload": settings.workload_rules,
    }
    for row in rules.to_dict("records"):
        which, status, note = str(row["rule_list"]), str(row["status"]), str(row["note"])
        if status != "no rule" and not own[which]:
            continue
        name = f"{which} rule {row['rule_number']}"
        if status == "no rule":
            text = f"{row['account_count']:,} accounts fit no {which} rule"
            found.append(Finding("rules", PROBLEM, f"{which} rules", text, "add a rule for them"))
        elif status != "ok":
            text = _idle(status, str(row["rule"]))
            remedy = note or "change or remove the rule"
            found.append(Finding("rules", PROBLEM, name, text, remedy))
        elif note:
            found.append(Finding("rules", NOTE, name, note, "correct the value"))
    return found


def _idle(status: str, rule: str) -> str:
    if status == "nothing fits":
        return f"no account fits: {rule}"
    return f"earlier rules or given values decide all its accounts: {rule}"


def missing_input_findings(have: Mapping[str, bool]) -> list[Finding]:
    """Say what was left out because a table or column is not there, and what would unlock it."""
    texts = {
        "location": (
            "market",
            "no country, region or province: all accounts are in the default market",
            "give country in accounts",
        ),
        "employees": (
            "size",
            "no employees: no account has a size of its own",
            "give employees in accounts",
        ),
        "industry": (
            "industry group",
            "no industry code or name",
            "give sic, naics, gbt4754 or industry in accounts",
        ),
        "customers": (
            "lifecycle",
            "nothing tells customers from prospects",
            "give is_customer or acv in accounts, or opportunities",
        ),
        "spend": (
            "potential",
            "too few customers with known yearly spend: potential comes from given values only",
            "give acv or potential in accounts, or won opportunities",
        ),
        "owners": (
            "coverage",
            "no account has an owner: coverage is not known",
            "give owner_id in accounts",
        ),
        "reps": ("coverage", "no reps: owners who left are not found", "give the table reps"),
        "activity": (
            "coverage",
            "no activity dates: accounts without contact are not found",
            "give last_activity_date in accounts, or activities",
        ),
        "goals": (
            "goal",
            "no ACV targets by segment: share of goal is share of potential",
            "give targets by segment",
        ),
        "previous": ("changes", "no earlier cycle: changes are not known", ""),
    }
    return [
        Finding(topic, GAP if remedy else NOTE, "not in the data", text, remedy)
        for key, (topic, text, remedy) in texts.items()
        if not have[key]
    ]


def share_text(rows: Flags) -> str:
    """Give a share of accounts as a person reads it."""
    share = 100 * rows.mean() if len(rows) else 0.0
    return f"{share:.0f} %" if share >= 1 or share == 0 else "under 1 %"


def listed(values: Sequence[str], most: int = 3) -> str:
    """List a few values and count the rest."""
    shown = ", ".join(values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"
