"""Requests before there is a deal: their worth, what became of them, which deal is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.notes import percent
from planlib.pipeline.lookup import look_up
from planlib.pipeline.presales import BEFORE, SINCE, is_presales, request_origins
from planlib.settings.support import SupportSettings
from planlib.tables import table

_ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Presales:
    """
    What is known of requests before there is a deal.

    Parameters
    ----------
    origins
        What asks (table ``support_plan``, column ``origin``), by ``request_id``.
    chance
        Probability of winning without support of a request that names none; None: not known.
    basis
        Where the chance comes from.
    asked_count, deal_count
        Older requests that were made before a deal, and those of them that name a deal since.
    findings
        Rows of the input to look at: table, row_id, column, value, finding.
    """

    origins: pd.Series
    chance: float | None = None
    basis: str = ""
    asked_count: int = 0
    deal_count: int = 0
    findings: list[dict[str, object]] = field(default_factory=list)


def learn_presales(
    support_requests: pd.DataFrame | None,
    settings: SupportSettings,
    as_of: date,
    *,
    opportunities: pd.DataFrame | None = None,
    projects: pd.DataFrame | None = None,
    rates: pd.DataFrame | None = None,
) -> Presales:
    """
    Say what requests before a deal are worth by default, and which deal may be theirs.

    The chance is the share of such requests that become a deal, times the share of all closed
    deals that were won. The first is that of the requests older than ``deal_days``, where enough
    of them are known, else the assumption of plan.yaml.

    Parameters
    ----------
    support_requests
        Table, or None.
    settings
        ``deal_share``, ``deal_days``, ``minimum_cases``.
    as_of
        Later deals are not known yet.
    opportunities, projects
        Tables, or None.
    rates
        Table ``project_win_rates``, or None.
    """
    contract = table("support_requests")
    rows = contract.empty() if support_requests is None else contract.coerce(support_requests)
    origin = request_origins(rows, opportunities, projects)
    early = rows.assign(origin=origin)[is_presales(origin)]
    early = early[early["status"].ne("withdrawn").fillna(True).astype(bool)]
    limit = pd.Timestamp(as_of) - pd.Timedelta(days=settings.deal_days)
    older = early[(early["requested_date"] <= limit).fillna(False).astype(bool)]
    asked, became = len(older), int((older["origin"] == SINCE).sum())
    share, words = settings.deal_share, f"assumption of plan.yaml: {percent(settings.deal_share)}"
    if asked >= settings.minimum_cases:
        share, words = became / asked, f"{became} of {asked} older ones"
    chance, basis = None, ""
    whole = _whole(rates)
    if whole is not None:
        chance = share * float(whole["rate"])
        basis = (f"p without: requests before a deal that become one ({words}) x all closed deals "
                 f"({whole['won_count']} of {whole['closed_count']} won)")  # fmt: skip
    return Presales(
        origins=origin.set_axis(rows["request_id"])[~rows["request_id"].duplicated().to_numpy()],
        chance=chance, basis=basis,
        asked_count=asked, deal_count=became,
        findings=_findings(rows.assign(origin=origin), opportunities, settings, as_of),
    )  # fmt: skip


def presales_queue(plan: pd.DataFrame) -> pd.DataFrame:
    """
    Give the requests that were made before there was a deal, the longest waiting first.

    Parameters
    ----------
    plan
        Table ``support_plan``.

    Returns
    -------
    DataFrame
        Its rows in the order of ``requested_date``; requests without a day last.
    """
    early = plan[is_presales(plan["origin"])]
    return early.sort_values(["requested_date", "request_id"], ignore_index=True)


def _whole(rates: pd.DataFrame | None) -> pd.Series | None:
    """Give the win rate of all closed deals; None where none is known."""
    if rates is None or rates.empty:
        return None
    mine = rates[(rates[["lane", "phase", "position"]] == _ALL).all(axis=1)]
    return None if mine.empty else mine.iloc[0]


def _findings(
    rows: pd.DataFrame, opportunities: pd.DataFrame | None, settings: SupportSettings, as_of: date
) -> list[dict[str, object]]:
    early = rows["origin"] == BEFORE
    deals = table("opportunities").empty() if opportunities is None else opportunities
    owner = deals.drop_duplicates("opportunity_id").set_index("opportunity_id")["account_id"]
    of = look_up(rows["opportunity_id"], owner)
    other = of.notna() & rows["account_id"].notna() & (of != rows["account_id"])
    found = [
        _found(row, "account_id", None, "names no project, deal or account: nobody knows what for")
        for row in rows.loc[early & rows["account_id"].isna(), "request_id"]
    ]
    found += [
        _found(row, "opportunity_id", deal, "the deal is one of another account than the request")
        for row, deal in zip(rows.loc[other, "request_id"], rows.loc[other, "opportunity_id"],
                             strict=True)
    ]  # fmt: skip
    return [*found, *_to_link(rows, rows[early], deals, settings, as_of)]


def _to_link(
    rows: pd.DataFrame, early: pd.DataFrame, deals: pd.DataFrame, settings: SupportSettings,
    as_of: date,
) -> list[dict[str, object]]:  # fmt: skip
    """Name the first deal that an account opened after it was asked for, if no request names it."""
    free = deals[~deals["opportunity_id"].isin(rows["opportunity_id"].dropna())]
    free = free[(free["created_date"] <= pd.Timestamp(as_of)).fillna(False).astype(bool)]
    both = early[early["status"].ne("withdrawn").fillna(True).astype(bool)].merge(
        free[["account_id", "opportunity_id", "created_date"]].rename(
            columns={"opportunity_id": "deal_id"}), on="account_id")  # fmt: skip
    waited = (both["created_date"] - both["requested_date"]).dt.days
    both = both[waited.between(1, settings.deal_days)]
    first = both.sort_values(["request_id", "created_date", "deal_id"]).drop_duplicates(
        "request_id"
    )
    text = "a deal of the account was opened after the request: if it is its own, name it here"
    return [
        {**_found(row, "opportunity_id", deal, text), "is_minor": True}
        for row, deal in zip(first["request_id"], first["deal_id"], strict=True)
    ]


def _found(row: object, column: str, value: object, text: str) -> dict[str, object]:
    return {"table": "support_requests", "row_id": str(row), "column": column,
            "value": value, "finding": text}  # fmt: skip
