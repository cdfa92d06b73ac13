"""The three checks together, with the review notes that people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from planlib.key_accounts.evaluation.checks import (
    LIMITS,
    check_accounts,
    check_management,
    check_sales,
    write_figure,
)
from planlib.key_accounts.findings import all_findings, rows_found
from planlib.settings.closeness import ClosenessSettings
from planlib.settings.evaluation import EvaluationSettings
from planlib.tables import table

#: Table of each check, and the column of who or what is checked.
CHECKS: dict[str, tuple[str, str]] = {
    "accounts": ("account_checks", "account_id"),
    "sales": ("sales_checks", "rep_id"),
    "management": ("management_checks", "manager_id"),
}
_NOTES = "override_check_notes"
_TITLES = {"sales": "sales people"}


def three_checks(
    key_accounts: pd.DataFrame,
    keys: pd.DataFrame,
    measured: Mapping[str, pd.DataFrame],
    settings: tuple[EvaluationSettings, ClosenessSettings],
    as_of: date,
    *,
    ratings: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    notes: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """
    Check accounts, sales people and management.

    Parameters
    ----------
    key_accounts, keys
        Table ``key_accounts``, and the key accounts with their owners.
    measured
        Tables ``account_closeness``, ``logging_coverage``, ``evaluation_calendar``; where known
        ``strategy_versions``, ``director_log``, ``key_account_owners``.
    settings
        Sections ``evaluation`` and ``closeness``.
    as_of
        As-of date.
    ratings, reps
        Tables, or None.
    notes
        Decisions of kind ``check_notes`` in force, or None.

    Returns
    -------
    dict
        Tables ``account_checks``, ``sales_checks`` and ``management_checks`` by name.
    """
    rules, close = settings
    calendar, strategies = measured["evaluation_calendar"], measured.get("strategy_versions")
    found = {
        "account_checks": check_accounts(
            key_accounts, rules, as_of, ratings=ratings, strategies=strategies
        ),
        "sales_checks": check_sales(
            keys, measured["account_closeness"], measured["logging_coverage"], calendar,
            (rules, close),
        ),
        "management_checks": check_management(
            keys, reps, calendar, rules, as_of, strategies=strategies,
            tasks=measured.get("director_log"), owners=measured.get("key_account_owners"),
        ),
    }  # fmt: skip
    return {
        name: table(name).check(_noted(found[name], key, check, notes))
        for check, (name, key) in CHECKS.items()
    }


def check_totals(checks: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Count results by rule.

    Returns
    -------
    DataFrame
        ``check``, ``rule``, ``limit`` (in words, with its unit), ``met``, ``not met``,
        ``not known`` (numbers of accounts or people), ``noted`` (of those not met, with a
        person's note).
    """
    parts = []
    for check, (name, _) in CHECKS.items():
        rows = checks[name]
        if rows.empty or "result" not in rows:
            continue  # nobody was checked, or the reader may not see results of people
        by = [rows["rule_order"], rows["rule"], rows["limit"]]
        counts = {state: (rows["result"] == state).groupby(by).sum()
                  for state in ("met", "not met", "not known")}  # fmt: skip
        noted = ((rows["result"] == "not met") & rows["verdict"].notna()).groupby(by).sum()
        part = pd.DataFrame({**counts, "noted": noted}).reset_index()
        part["limit"] = [
            _limit(rule, limit) for rule, limit in part[["rule", "limit"]].itertuples(index=False)
        ]
        parts.append(part.drop(columns="rule_order").assign(check=_TITLES.get(check, check)))
    columns = ["check", "rule", "limit", "met", "not met", "not known", "noted"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _limit(rule: str, limit: float) -> str:
    if rule not in LIMITS:  # of another version
        return f"{limit:g}"
    return LIMITS[rule][0].format(figure=write_figure(limit, rule))


def check_note_findings(
    notes: pd.DataFrame | None, checks: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Name review notes on somebody, or a rule, that was not checked."""
    if notes is None or notes.empty:
        return all_findings([])
    rows = notes.assign(row_id=notes["decision_id"])
    stray, wrong = [], []
    for check, (name, key) in CHECKS.items():
        mine, known = rows[rows["check"] == check], checks[name]
        strange = ~mine["subject_id"].isin(known[key])
        stray.append(mine.assign(value=mine["subject_id"])[strange])
        other = ~strange & mine["rule"].notna() & ~mine["rule"].isin(known["rule"])
        wrong.append(mine.assign(value=mine["rule"])[other])
    return all_findings(
        [
            rows_found("note on nobody", _NOTES, pd.concat(stray), "subject_id",
                       allowed="an account, owner or manager of the check", effect="not shown"),
            rows_found("note on no rule", _NOTES, pd.concat(wrong), "rule",
                       allowed="a rule of the check, or blank", effect="not shown"),
        ]
    )  # fmt: skip


def _noted(rows: pd.DataFrame, key: str, check: str, notes: pd.DataFrame | None) -> pd.DataFrame:
    """Put the last note beside each result: one on the rule before one on the whole check."""
    blank = rows.assign(verdict=None, note=None, note_by=None, note_date=None)
    if notes is None or notes.empty or rows.empty:
        return blank
    mine = notes[notes["check"] == check].sort_values(["when", "decision_id"], kind="stable")
    said = {(row["subject_id"], row["rule"] if pd.notna(row["rule"]) else ""): row
            for row in mine.to_dict("records")}  # fmt: skip
    found = [said.get((who, rule), said.get((who, "")))
             for who, rule in zip(rows[key], rows["rule"], strict=True)]  # fmt: skip
    words: dict[str, Any] = {
        name: pd.Series([None if one is None else one[column] for one in found], rows.index)
        for name, column in (("verdict", "verdict"), ("note", "why"), ("note_by", "who"),
                             ("note_date", "when"))
    }  # fmt: skip
    return rows.assign(**words)
