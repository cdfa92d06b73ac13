"""What a rep was handed, leads or deals, in one shape; and what is wrong with the input."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.errors import TableError
from planlib.notes import percent_above_zero
from planlib.settings.ranking import RankingSettings
from planlib.tables import require_columns

UNKNOWN = "(unknown)"
_SAME_OWNER = 0.5  # share of converted leads that stayed with their owner, from which leads count
_NEEDED = ("opportunity_id", "owner_id", "is_closed", "is_won", "close_date")
_OF_LEADS = ("lead_id", "owner_id", "created_at", "first_response_at", "source", "account_id")
_OPTIONAL = ("account_id", "amount", "created_date", "deal_type", "discount_share", "source",
             "lead_id", "product_id", "loss_reason", "name")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Cases:
    """
    What reps were handed.

    Parameters
    ----------
    basis
        ``leads`` or ``deals``.
    why
        Why this basis, in words.
    rows
        One row per case: ``case_id``, ``rep_id``, ``account_id``, ``source``, ``segment``,
        ``deal_type``, ``received_date``, ``decided_date`` (NaT: not decided), ``is_won``,
        ``amount``, ``days``, ``score`` (chance by the lead score), ``is_existing`` (renewal).
    deals
        Deals in the same shape, for the metrics that look at deals on either basis.
    findings
        What is wrong with the input: ``topic``, ``note``.
    """

    basis: str
    why: str
    rows: pd.DataFrame = field(repr=False)
    deals: pd.DataFrame = field(repr=False)
    findings: list[tuple[str, str]] = field(default_factory=list)


def prepare_cases(
    opportunities: pd.DataFrame,
    settings: RankingSettings,
    as_of: date,
    *,
    leads: pd.DataFrame | None = None,
    lead_scores: pd.DataFrame | None = None,
    segments: pd.DataFrame | None = None,
) -> Cases:
    """
    Bring leads or deals into one shape.

    Parameters
    ----------
    opportunities
        Table ``opportunities``.
    settings
        Section ``ranking``: ``basis`` and ``lead_days``.
    as_of
        What came in or was closed later is left out, by name.
    leads
        Table ``leads``; without it deals by their owner stand in.
    lead_scores
        ``lead_id`` and ``score``, the chance that a lead is won.
    segments
        ``account_id`` and ``segment``.

    Raises
    ------
    TableError
        If a column is missing or an id repeats.
    """
    require_columns("opportunities", opportunities, _NEEDED)
    _once("opportunities", opportunities["opportunity_id"])
    deals, findings = _deals(opportunities, pd.Timestamp(as_of))
    deals = deals.assign(segment=_segment(deals["account_id"], segments),
                         lead_grade=lead_thirds(deals["lead_id"], lead_scores))  # fmt: skip
    if leads is not None:
        require_columns("leads", leads, _OF_LEADS)
        _once("leads", leads["lead_id"])
    basis, why = _basis(leads, deals, settings)
    if basis == "deals" or leads is None:
        own = deals["deal_type"].ne("renewal")
        rows = deals[own].reset_index(drop=True).assign(score=float("nan"))
        return Cases(basis="deals", why=why, rows=rows, deals=deals, findings=findings)
    rows, later = _lead_cases(leads, deals, settings, pd.Timestamp(as_of), lead_scores)
    rows = rows.assign(segment=_segment(rows["account_id"], segments),
                       lead_grade=lead_thirds(rows["case_id"], lead_scores))  # fmt: skip
    return Cases(basis="leads", why=why, rows=rows, deals=deals, findings=findings + later)


def lead_thirds(lead_id: pd.Series, lead_scores: pd.DataFrame | None) -> pd.Series:
    """Give the third of all lead scores in which each lead is; a word of its own for no score."""
    none = pd.Series("no score", index=lead_id.index, dtype="str")
    if lead_scores is None or lead_scores["score"].notna().sum() == 0:
        return none
    known = lead_scores.drop_duplicates("lead_id").set_index("lead_id")["score"].astype("float64")
    low, high = known.quantile(1 / 3), known.quantile(2 / 3)
    score = lead_id.map(known).astype("float64")
    graded = none.mask(score.notna(), "middle third").mask(score <= low, "lowest third")
    return graded.mask(score > high, "highest third")


def _once(table: str, ids: pd.Series) -> None:
    double = ids[ids.duplicated()].unique()
    if len(double):
        first = ", ".join(sorted(map(str, double))[:3])
        raise TableError(table, [f"{len(double)} ids stand more than once, first {first}; "
                                 "remove the copies, a case must count once"])  # fmt: skip


def _deals(
    opportunities: pd.DataFrame, day: pd.Timestamp
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    wanted = [*_NEEDED, *[name for name in _OPTIONAL if name in opportunities.columns]]
    given = opportunities[wanted].sort_values("opportunity_id", ignore_index=True)
    for name in _OPTIONAL:
        if name not in given.columns:
            kind = "float64" if name in ("amount", "discount_share") else "str"
            empty = pd.Series(None, index=given.index, dtype=kind)
            given[name] = pd.to_datetime(empty) if name == "created_date" else empty
    findings: list[tuple[str, str]] = []
    closed = given["is_closed"].fillna(False).astype(bool)
    future = closed & (given["close_date"] > day) | (given["created_date"] > day)
    undated = closed & given["close_date"].isna()
    nobody = given["owner_id"].isna()
    for chosen, what in (
        (future, "are closed or created after the as-of date"),
        (undated, "are closed without a close date"),
        (nobody, "have no owner"),
    ):
        if chosen.any():
            named = ", ".join(given.loc[chosen, "opportunity_id"].head(3))
            findings.append(("deals left out", f"{int(chosen.sum())} deals {what}, first {named}"))
    kept = ~(future | undated | nobody)
    given, closed = given[kept].reset_index(drop=True), closed[kept].reset_index(drop=True)
    days = (given["close_date"] - given["created_date"]).dt.days.astype("float64")
    backward = closed & (days < 0)
    if backward.any():
        named = ", ".join(given.loc[backward, "opportunity_id"].head(3))
        findings.append(("cycle time", f"{int(backward.sum())} deals were closed before they were "
                         f"created, first {named}; they have no cycle time"))  # fmt: skip
    rows = given.rename(columns={"opportunity_id": "case_id", "owner_id": "rep_id"}).assign(
        source=given["source"].fillna(UNKNOWN),
        deal_type=given["deal_type"].fillna(UNKNOWN),
        received_date=given["created_date"],
        decided_date=given["close_date"].where(closed),
        is_won=closed & given["is_won"].fillna(False).astype(bool),
        days=days.where(closed & ~backward).clip(lower=1.0),
        amount=given["amount"].astype("float64"),
    )
    return rows, findings


def _segment(account_id: pd.Series, segments: pd.DataFrame | None) -> pd.Series:
    if segments is None:
        return pd.Series(UNKNOWN, index=account_id.index, dtype="str")
    known = segments.drop_duplicates("account_id").set_index("account_id")["segment"]
    return account_id.map(known).astype("str").fillna(UNKNOWN)


def _basis(
    leads: pd.DataFrame | None, deals: pd.DataFrame, settings: RankingSettings
) -> tuple[str, str]:
    """Choose leads or deals, and say why."""
    weaker = ("; deals by their owner stand in, which is weaker: they leave out leads that never "
              "became a deal")  # fmt: skip
    if settings.basis == "deals":
        return "deals", "plan.yaml asks for deals by their owner"
    if leads is None:
        return "deals", "table leads is missing" + weaker
    if leads["owner_id"].isna().all():
        return "deals", "no lead has an owner" + weaker
    if settings.basis == "leads":
        return "leads", "plan.yaml asks for leads by their owner"
    pairs = leads[["lead_id", "owner_id"]].merge(deals[["lead_id", "rep_id"]], on="lead_id")
    if pairs.empty:
        return "deals", "no deal names the lead it came from" + weaker
    same = float((pairs["owner_id"] == pairs["rep_id"]).mean())
    if same < _SAME_OWNER:
        return "deals", (
            f"leads are handed over: {percent_above_zero(same)} of {len(pairs)} deals from leads "
            "belong to the owner of the lead" + weaker
        )
    return "leads", f"{100 * same:.0f} % of {len(pairs)} deals from leads stayed with their owner"


def _lead_cases(
    leads: pd.DataFrame, deals: pd.DataFrame, settings: RankingSettings, day: pd.Timestamp,
    lead_scores: pd.DataFrame | None,
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:  # fmt: skip
    """Give leads with the outcome that they had once they were old enough."""
    findings: list[tuple[str, str]] = []
    given = leads.sort_values("lead_id", ignore_index=True)
    created = given["created_at"].dt.normalize()
    for chosen, what in (
        (given["owner_id"].isna(), "have no owner"),
        (created.isna(), "have no date"),
        (created > day, "came in after the as-of date"),
    ):
        if chosen.any():
            named = ", ".join(given.loc[chosen, "lead_id"].head(3))
            findings.append(("leads left out", f"{int(chosen.sum())} leads {what}, first {named}"))
    kept = given["owner_id"].notna() & (created <= day)
    given, created = given[kept].reset_index(drop=True), created[kept].reset_index(drop=True)
    facts = ["case_id", "lead_id", "is_won", "decided_date", "amount", "discount_share",
             "product_id"]  # fmt: skip
    first = deals[deals["lead_id"].notna()].sort_values(["lead_id", "is_won", "case_id"],
                                                        ascending=[True, False, True])  # fmt: skip
    first = first.drop_duplicates("lead_id")[facts].rename(columns={"case_id": "opportunity_id"})
    both = given[["lead_id", "owner_id", "account_id", "source"]].merge(
        first, on="lead_id", how="left", validate="one_to_one"
    )
    old = created + pd.Timedelta(days=settings.lead_days)
    won = both["is_won"].fillna(False).astype(bool) & (both["decided_date"] <= old)
    won &= both["decided_date"] <= day
    scores = pd.Series(dtype="float64")
    if lead_scores is not None:
        scores = lead_scores.drop_duplicates("lead_id").set_index("lead_id")["score"]
    rows = pd.DataFrame(
        {
            "case_id": both["lead_id"],
            "rep_id": both["owner_id"],
            "account_id": both["account_id"],
            "source": both["source"].fillna(UNKNOWN),
            "deal_type": "lead",
            "received_date": created,
            "decided_date": old.where(old <= day),
            "is_won": won,
            "amount": both["amount"].where(won),
            "days": (both["decided_date"] - created).dt.days.where(won).clip(lower=1.0),
            "discount_share": both["discount_share"].where(won),
            "product_id": both["product_id"],
            "opportunity_id": both["opportunity_id"],
            "loss_reason": pd.Series(None, index=both.index, dtype="str"),
            "score": both["lead_id"].map(scores).astype("float64"),
        }
    )
    return rows, findings
