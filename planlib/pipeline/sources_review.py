"""Credit and marketing sources: one call from the tables of a workbook to all results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Unpack

import pandas as pd

from planlib.notes import notes_of
from planlib.periods import Period
from planlib.pipeline.account_based import account_based_accounts
from planlib.pipeline.balance import marketing_balance
from planlib.pipeline.closing import closing_credit, closing_shares
from planlib.pipeline.credit import (
    CreditInputs,
    created_deals,
    creation_credit,
    handover_credit,
    handovers,
)
from planlib.pipeline.cuts import UNKNOWN, CutTables, DealTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents
from planlib.pipeline.predictability import team_predictability
from planlib.pipeline.response import customer_engagement, marketing_response
from planlib.pipeline.source_words import source_headlines, source_notes
from planlib.pipeline.sources import (
    BRIEF,
    Scope,
    marketing_cells,
    marketing_sources,
    source_deals,
)
from planlib.pipeline.touches import MarketingTables, linked_touches
from planlib.settings.marketing import MarketingSettings
from planlib.tables import is_filled, table

#: Cuts by which sources are shown.
SOURCE_CUTS = ("product_family", "industry", "region", "segment")
_MARKETING = (
    "marketing_sources",
    "marketing_cells",
    "marketing_balance",
    "marketing_accounts",
    "marketing_response",
    "customer_engagement",
)


@dataclass(frozen=True, kw_only=True)
class SourceReview:
    """
    What was found on credit and marketing sources.

    Parameters
    ----------
    period, as_of
        The period measured, and the day until which it counts.
    scopes
        Names of the spans over which sources are measured, the period first.
    tables
        Every table by name, in its declared shape.
    """

    period: Period
    as_of: date
    scopes: tuple[str, ...]
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing or definition."""
        return notes_of(self.tables["marketing_notes"], kind)


class SourceTables(DealTables, total=False):
    """Tables beside the deals; each may be absent or None."""

    splits: pd.DataFrame | None
    leads: pd.DataFrame | None
    marketing_touches: pd.DataFrame | None
    contacts: pd.DataFrame | None
    activities: pd.DataFrame | None


def measure_sources(
    opportunities: pd.DataFrame,
    settings: MarketingSettings,
    period: Period,
    as_of: date,
    *,
    history: pd.DataFrame | None = None,
    data_until: date | None = None,
    cycle_share: float = 0.9,
    currency: str = "",
    **tables: Unpack[SourceTables],
) -> SourceReview:
    """
    Measure who creates, hands over and closes pipeline, and what marketing adds at what cost.

    Only ``opportunities`` is needed. What cannot be computed is an empty table with the reason
    in ``marketing_notes``.

    Parameters
    ----------
    opportunities
        Table ``opportunities`` as it stands on ``data_until``; None: on the as-of date.
    settings
        Section ``marketing`` of plan.yaml.
    period, as_of
        What is measured, and the day until which it counts.
    history
        Table ``opportunity_history``.
    data_until
        Day until which ``opportunities`` is complete.
    cycle_share
        Share of closed deals whose cycle a cohort must be older than.
    currency
        Currency of the plan, for sentences.
    tables
        Tables of ``SourceTables``.

    Returns
    -------
    SourceReview
        Tables on credit by function and on marketing sources, by name.

    Raises
    ------
    TableError
        If an ``opportunity_id`` is missing, blank or repeats.
    """
    unknown = sorted(set(tables) - set(SourceTables.__annotations__))
    if unknown:
        known = ", ".join(SourceTables.__annotations__)
        raise TypeError(f"measure_sources takes no table {', '.join(unknown)}; it takes {known}")
    deals = PipelineHistory(opportunities, history, data_until=data_until or as_of)
    credit = CreditInputs(
        history=deals, period=period, as_of=as_of, settings=settings, records=history,
        reps=tables.get("reps"), rep_history=tables.get("rep_history"),
        splits=tables.get("splits"), cycle_share=cycle_share,
    )  # fmt: skip
    names = ("accounts", "reps", "products", "segments", "campaigns")
    cuts = CutTables({name: tables.get(name) for name in names} | {"opportunities": deals.deals})  # type: ignore[arg-type]
    created = created_deals(credit)
    results = _credit_tables(credit, created, cuts)
    results["team_predictability"] = team_predictability(
        created, period, as_of, cuts, minimum_count=settings.minimum_count, cycle_share=cycle_share
    )
    scopes = _scopes(period, as_of, settings.window_days)
    marketing = MarketingTables(
        touches=tables.get("marketing_touches"), campaigns=tables.get("campaigns"),
        leads=tables.get("leads"), contacts=tables.get("contacts"),
        activities=tables.get("activities"), accounts=tables.get("accounts"),
    )  # fmt: skip
    results |= _marketing_tables(credit, created, marketing, cuts, scopes)
    results["marketing_notes"] = source_notes(
        source_headlines(results, settings.credit, currency),
        _cautions(results),
        _missing(results, tables, created),  # type: ignore[arg-type]
        settings,
    )
    return SourceReview(
        period=period, as_of=as_of, scopes=tuple(scope.name for scope in scopes),
        tables={name: table(name).coerce(frame) for name, frame in results.items()},
    )  # fmt: skip


def _scopes(period: Period, as_of: date, days: int) -> list[Scope]:
    """Give the period until the as-of date, where it has begun, and the days until it."""
    scopes = []
    if as_of >= period.start:
        last = min(as_of, period.end)
        scopes.append(Scope(name=period.name, first=period.start, last=last))
    first = as_of - timedelta(days - 1)
    return [*scopes, Scope(name=f"{days} days to {as_of}", first=first, last=as_of)]


def _credit_tables(
    credit: CreditInputs, created: pd.DataFrame, cuts: CutTables
) -> dict[str, pd.DataFrame]:
    handed, shares = handovers(credit, created), closing_shares(credit)
    reps = pd.Series(shares["rep_id"].unique(), dtype="str")
    names = pd.Series(cuts.rep_label(reps).to_numpy(), index=reps)
    return {
        "creation_credit": creation_credit(credit, created),
        "handover_credit": handover_credit(credit, handed),
        "closing_credit": closing_credit(credit, shares, names),
        "credit_deals": _credit_deals(credit, created, handed, shares),
    }


def _credit_deals(
    credit: CreditInputs, created: pd.DataFrame, handed: pd.DataFrame, shares: pd.DataFrame
) -> pd.DataFrame:
    """List the deals behind every figure of creation, hand-over and closing credit."""
    first, last = credit.cohort()
    end = min(credit.period.end, credit.as_of)
    spans = {"created": (credit.period.start, end), "cohort": (first, last)}
    parts = [
        created[
            created["created_date"].between(pd.Timestamp(span[0]), pd.Timestamp(span[1]))
        ].assign(
            credit=name,
            rep_id=lambda rows: rows["creator_id"],
            cents=lambda rows: rows["created_cents"],
        )
        for name, span in spans.items()
    ]
    given = handed[handed["is_handed"]]
    parts.append(
        given.assign(credit="handed_over", rep_id=given["creator_id"], cents=given["created_cents"])
    )
    facts = created[["opportunity_id", "name", "status", "created_date"]]
    closing = shares.rename(columns={"kind": "credit"}).merge(facts, "left", "opportunity_id")
    columns = ["credit", "opportunity_id", "rep_id", "role", "name", "status", "cents", "share",
               "created_date", "close_date", "handed_date", "is_kept"]  # fmt: skip
    rows = pd.concat(
        [part.reindex(columns=columns) for part in (*parts, closing)], ignore_index=True
    )
    return rows.assign(
        period=credit.period.name,
        rep_id=rows["rep_id"].fillna(UNKNOWN),
        amount=from_cents(rows["cents"].astype("Int64")),
    ).drop(columns="cents")


def _marketing_tables(
    credit: CreditInputs,
    created: pd.DataFrame,
    tables: MarketingTables,
    cuts: CutTables,
    scopes: Sequence[Scope],
) -> dict[str, pd.DataFrame]:
    settings = credit.settings
    linked = linked_touches(created, tables, settings.account_link_days)
    shown = [cut for cut in SOURCE_CUTS if cuts.resolve(cut)[0]]
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in (*_MARKETING, "marketing_deals")}
    for scope in scopes:
        if len(linked) or len(tables.get("marketing_touches")):
            credits = source_deals(created, linked, scope)
            parts["marketing_deals"].append(_opened(credits, created))
            parts["marketing_sources"].append(
                marketing_sources(credits, created, tables, scope, settings.minimum_count)
            )
            parts["marketing_cells"].append(
                marketing_cells(credits, created, cuts, shown, settings.minimum_count)
            )
            parts["marketing_balance"].append(
                marketing_balance(created, linked, tables, scope, credit.records)
            )
            chosen = credits[credits["credit_model"] == settings.credit]
            parts["marketing_accounts"].append(
                account_based_accounts(chosen, created, tables, cuts, scope)
            )
        parts["marketing_response"].append(
            marketing_response(created, tables, cuts, scope, settings)
        )
        parts["customer_engagement"].append(
            customer_engagement(tables, cuts, scope, settings.minimum_count)
        )
    return {
        name: pd.concat(filled, ignore_index=True)
        if (filled := [part for part in frames if len(part)])
        else table(name).empty()
        for name, frames in parts.items()
    }


def _opened(credits: pd.DataFrame, created: pd.DataFrame) -> pd.DataFrame:
    names = created.set_index("opportunity_id")["name"]
    return credits.assign(
        name=look_up(credits["opportunity_id"], names),
        credited_amount=from_cents(credits["cents"]),
    ).drop(columns="cents")


def _cautions(results: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    notes: dict[str, str] = {}
    creation = results["creation_credit"]
    blank = int(creation.loc[creation["role"] == UNKNOWN, "generated_count"].sum())
    if blank:
        notes["creating role"] = f"{blank} deals of the period have no creating role"
    handed = results["handover_credit"]
    for given in handed.to_dict("records"):
        if given["at_creation_count"] and given["at_creation_count"] == given["handed_count"]:
            notes[f"hand-over by {given['role']}"] = (
                f"all {given['handed_count']} deals had the new owner in their first record: the "
                f"days are at most {given['handover_days']:.0f}, the gap between records"
            )
    excess = results["closing_credit"].loc[results["closing_credit"]["note"] != "", "note"]
    if len(excess):
        notes["closing credit"] = str(excess.iloc[0])
    sources = results["marketing_sources"]
    brief = sources[(sources["note"] == BRIEF) & (sources["by"] == "source")]
    if len(brief):
        names = ", ".join(sorted(set(brief["value"])))
        notes["pipeline per employee"] = f"not shown for {names}: {BRIEF}"
    response = results["marketing_response"]
    said = response[response["note"].fillna("") != ""].drop_duplicates(["scope", "group"])
    for scope, group, text in said[["scope", "group", "note"]].itertuples(index=False):
        notes[f"conversion of leads by {group}, {scope}"] = text
    return notes


def _missing(
    results: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame | None],
    created: pd.DataFrame,
) -> dict[str, str]:
    """Say what was not computed, what is missing for it, and how to supply it."""
    notes: dict[str, str] = {}
    if results["marketing_sources"].empty:
        notes["marketing sources"] = (
            "no touch reached a deal: table marketing_touches (or campaign_id of deals or leads) "
            "with campaigns is missing; the matrix by source shows the source of the deals"
        )
    if results["marketing_response"].empty:
        notes["conversion of leads"] = "table leads has no lead in these days"
    if results["handover_credit"].empty:
        notes["hand-over"] = "no deal was created by a role of marketing.handover_from"
    if tables.get("splits") is None:
        notes["splits"] = "table splits is missing: every deal is credited to its owner alone"
    if results["team_predictability"].empty:
        notes["predictability"] = "no full quarter with closed deals far enough from their first"
    notes["site visits, use of enablement assets by role"] = (
        "no table records them; touches of the sources digital and enablement count instead"
    )
    have = {
        "margin (products.margin_share)": is_filled(tables.get("products"), "margin_share"),
        "campaign cost (campaigns.cost_amount)": is_filled(tables.get("campaigns"), "cost_amount"),
        "renewals (deal_type)": bool((created["deal_type"] == "renewal").any()),
    }
    lacks = [name for name, is_there in have.items() if not is_there]
    notes["lifetime value over acquisition cost"] = (
        "not computed: no table that this step reads has the cost of sales staff (pay is protected)"
        + (f", nor is {', '.join(lacks)}" if lacks else "")
        + "; sales cycles stand in the table of rates"
    )
    return notes
