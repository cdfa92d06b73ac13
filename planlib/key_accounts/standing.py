"""Whether a cycle reviews importance, and the list of the last review where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from planlib.key_accounts.differences import list_differences
from planlib.key_accounts.findings import all_findings
from planlib.key_accounts.horizons import account_horizons
from planlib.key_accounts.ranking import held_places
from planlib.key_accounts.register import clean_needs
from planlib.key_accounts.review import (
    KeyAccountReview,
    apply_decisions,
    input_findings,
    with_segments,
)
from planlib.periods import Period
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.steps import STEPS
from planlib.tables import table

_LIST = "key_accounts"
_HALF_YEAR = 6  # months


def is_review(cycle: Period, settings: KeyAccountsSettings) -> bool:
    """
    Tell whether a cycle reviews importance.

    A year does, and each quarter; with ``review_every: half_year`` the first and third quarter of
    the fiscal year. Shorter periods keep list and memory, so that months do not count as reviews.
    """
    if cycle.kind != "quarter":
        return cycle.kind == "year"
    months = (cycle.start.month - cycle.fiscal_year.start_month) % 12
    return settings.review_every == "quarter" or months % _HALF_YEAR == 0


def standing_tables(cycle: Period, settings: KeyAccountsSettings) -> tuple[str, ...]:
    """Give the tables of the last review that a cycle needs; none where it reviews itself."""
    return () if is_review(cycle, settings) else STEPS["05_key_accounts"].carries


def standing_review(
    standing: Mapping[str, pd.DataFrame | None],
    accounts: pd.DataFrame,
    as_of: date,
    *,
    segments: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    ratings: pd.DataFrame | None = None,
    needs: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
) -> KeyAccountReview:
    """
    Give the list of the last review as it stands: scores and memory are those of that review.

    Decisions that people made since are applied. An account that is new since then is not scored;
    one that is gone is left out. Both are said.

    Parameters
    ----------
    standing
        Tables that the last review wrote, by name; ``key_accounts`` must be there.
    accounts
        Table ``accounts`` of today.
    as_of
        As-of date of this cycle, for needs, judgements and horizons.
    segments, opportunities, ratings, needs, overrides
        As ``review_key_accounts`` takes them.
    """
    frames = {name: table(name).or_empty(frame) for name, frame in standing.items()}
    full = with_segments(accounts, segments)
    listed, notes = _of_today(frames[_LIST], full["account_id"])
    decided = table(_LIST).check(_decided(listed, overrides))
    changed = bool((decided["is_key"] != listed["is_key"]).any())
    keys = full[full["account_id"].isin(decided.loc[decided["is_key"], "account_id"])]
    scores = frames["key_account_scores"]
    return KeyAccountReview(
        key_accounts=decided,
        scores=scores,
        scales=frames["key_account_scales"],
        weights=frames["key_account_weights"],
        judgements=frames["key_account_judgements"],
        differences=list_differences(decided, scores),
        horizons=account_horizons(
            keys,
            as_of,
            needs=clean_needs(needs, full["account_id"]),
            opportunities=opportunities,
        ),
        findings=all_findings(input_findings(full, as_of, ratings, needs)),
        notes=(importance_basis(decided), *notes),
        is_review=False,
        is_changed=changed,
    )


def importance_basis(key_accounts: pd.DataFrame) -> str:
    """Say of which review scores and list are; blank where that is not known."""
    known = key_accounts[key_accounts["review_date"].notna()]
    if known.empty:
        return ""
    last = known.sort_values(["review_date", "review_cycle"]).iloc[-1]
    cycle = f"{last['review_cycle']} " if last["review_cycle"] else ""
    return f"importance as of the {cycle}review of {last['review_date']:%Y-%m-%d}"


def _of_today(listed: pd.DataFrame, ids: pd.Series) -> tuple[pd.DataFrame, list[str]]:
    """Give the list with a row for each account of today, and say what differs."""
    new = ids[~ids.isin(listed["account_id"])]
    gone = int((~listed["account_id"].isin(ids)).sum())
    notes = []
    if len(new):
        notes.append(f"{len(new):,} accounts are new since then: the next review scores them")
    if gone:
        notes.append(f"{gone:,} accounts of that review are no longer in accounts: left out")
    rows = pd.DataFrame(
        {
            "account_id": new, "stratum": "not reviewed yet", "is_key": False, "is_listed": False,
            "status": "not scored", "reason": "new since the last review: not scored yet",
        }
    )  # fmt: skip
    kept = listed[listed["account_id"].isin(ids)]
    known = table(_LIST).check(rows) if len(rows) else table(_LIST).empty()
    whole = pd.concat([part for part in (kept, known) if len(part)] or [kept])
    return whole.sort_values("account_id", ignore_index=True), notes


def _decided(listed: pd.DataFrame, overrides: pd.DataFrame | None) -> pd.DataFrame:
    """Apply the decisions that the list does not hold yet, and take back those that have ended."""
    made = table("override_key_accounts").or_empty(overrides)
    last = made.drop_duplicates("account_id", keep="last")
    held = listed.set_index("account_id")["is_key"].astype(bool)
    before = last["account_id"].map(held)
    fresh = last[before.notna() & (before != last["is_key"])]
    key, earned = listed["is_key"].astype(bool), held_places(listed).astype(bool)
    ended = ~listed["account_id"].isin(last["account_id"]) & (key != earned)
    status = listed["status"].mask(ended & earned, "stays").mask(ended & ~earned, "outside")
    back = listed.assign(is_key=key.mask(ended, earned), status=status)
    found = apply_decisions(back, fresh, held)
    changed = ended | listed["account_id"].isin(fresh["account_id"])
    return found.assign(
        status=found["status"].where(changed, listed["status"]),
        reason=found["reason"].where(changed, listed["reason"]),
    )
