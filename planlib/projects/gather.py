"""What counts as a project: those on record, large open deals, and closed deals for comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from planlib.notes import percent
from planlib.pipeline.deals import prepare_deals
from planlib.pipeline.movement import causes_of_reasons, read_projects
from planlib.pipeline.movement.projects import ProjectLine
from planlib.projects.late import is_late, once_late
from planlib.projects.presets import PRESET
from planlib.settings.projects import PHASES, ProjectsSettings

_YEARS = 3


@dataclass(frozen=True, kw_only=True)
class Projects:
    """
    Projects and closed deals with lane and phase.

    Parameters
    ----------
    open
        Open projects: ``project_id``, ``opportunity_id``, ``account_id``, ``name``, ``origin``
        (projects, open deal), ``owner_id``, ``stage``, ``phase``, ``phase_order``, ``lane``,
        ``lane_reason``, ``close_date``, ``is_late``, ``amount``, ``margin_amount``,
        ``stated_probability``.
    small
        Open deals of the fast lane that no project names, in the same columns.
    closed
        Closed deals that are no renewals: ``project_id`` (without a record the opportunity in the
        large lane, else blank), ``origin`` (projects, closed deal), ``opportunity_id``,
        ``account_id``, ``name``, ``amount``, ``is_won``, ``lane``, ``close_date``,
        ``loss_cause``, ``phase_order`` (furthest phase that was seen while it was open).
    late
        Deals that were once late, from ``once_late``.
    line
        The project line of step 06 from contract to cash; None without table projects.
    large_amount
        Amount from which a project takes the large-project process; None: not known.
    rule
        The rule of the lanes in words.
    unmapped
        Stages of open projects without a phase, with the number of projects.
    """

    open: pd.DataFrame
    small: pd.DataFrame
    closed: pd.DataFrame
    late: pd.DataFrame
    line: ProjectLine | None
    large_amount: float | None
    rule: str
    unmapped: dict[str, int]


def gather_projects(
    opportunities: pd.DataFrame,
    settings: ProjectsSettings,
    as_of: date,
    *,
    projects: pd.DataFrame | None = None,
    payments: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
    opportunity_history: pd.DataFrame | None = None,
    loss_causes: Mapping[str, str] | None = None,
) -> Projects:
    """
    Bring projects, open deals and closed deals together.

    A deal that no project names, open or closed, counts as a project when the rule puts it into
    the large lane. Renewals are no projects.

    Parameters
    ----------
    opportunities
        Table ``opportunities``.
    settings
        Section ``projects`` of plan.yaml.
    as_of
        Deals created, and contracts signed, later are left out.
    projects, payments, products, opportunity_history
        Input tables, or None.
    loss_causes
        Cause that each ``loss_reason`` of the CRM stands for (``movement.loss_causes``); a cause
        in table projects wins.
    """
    deals = _deals(opportunities, products, as_of)
    deals = deals.assign(loss_cause=causes_of_reasons(deals["loss_reason"], loss_causes or {}))
    limit = _large(deals, settings, as_of)
    deals = deals.join(_lanes(deals, settings, limit))
    line = None
    if projects is not None and len(projects):
        line = read_projects(projects, payments, deals, as_of)
    found = _open(deals, line, settings, as_of)
    named = found["stage"].notna() & found["phase"].isna()
    return Projects(
        open=found,
        small=_shaped_open(_without_project(deals, line, "fast"), settings, as_of),
        closed=_closed(deals, line, opportunity_history, settings, as_of),
        late=once_late(deals, opportunity_history, settings, as_of),
        line=line,
        large_amount=limit,
        rule=_rule(settings, limit),
        unmapped={str(k): int(v) for k, v in found.loc[named, "stage"].value_counts().items()},
    )


def phase_of(stages: pd.Series, settings: ProjectsSettings) -> pd.DataFrame:
    """Give ``phase`` and ``phase_order`` (from 1) of stages by plan.yaml, else by usual names."""
    named = stages.map(settings.stages).astype("str")
    phase = named.fillna(stages.astype("str").str.strip().str.casefold().map(PRESET).astype("str"))
    order = phase.map({one: place for place, one in enumerate(PHASES, start=1)})
    return pd.DataFrame({"phase": phase, "phase_order": order.astype("Int64")})


def _deals(opportunities: pd.DataFrame, products: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    deals = prepare_deals(opportunities)
    late = deals["created_date"] > pd.Timestamp(as_of)
    deals = deals[~late.fillna(False).astype(bool)]
    deals = deals[(deals["deal_type"] != "renewal") & (deals["status"] != "unknown")]
    deals = deals.reset_index(drop=True)
    if products is None or products.empty:
        return deals.assign(family=None, margin_share=float("nan"))
    known = products.drop_duplicates("product_id").set_index("product_id")
    family = known["family"] if "family" in known else known.index.to_series()
    margin = known["margin_share"] if "margin_share" in known else pd.Series(dtype="float64")
    return deals.assign(
        family=deals["product_id"].map(family),
        margin_share=deals["product_id"].map(margin).astype("float64"),
    )


def _large(deals: pd.DataFrame, settings: ProjectsSettings, as_of: date) -> float | None:
    if settings.large_amount is not None:
        return settings.large_amount
    since = pd.Timestamp(as_of) - pd.DateOffset(years=_YEARS)
    won = deals[(deals["status"] == "won") & (deals["close_date"] > since)]
    amounts = won.loc[won["amount"] > 0, "amount"]
    return float(amounts.quantile(1 - settings.large_share)) if len(amounts) else None


def _lanes(deals: pd.DataFrame, settings: ProjectsSettings, limit: float | None) -> pd.DataFrame:
    """Give lane and reason of each deal: product line first, then amount, then novelty."""
    lane = pd.Series("fast", index=deals.index, dtype="str")
    reason = pd.Series("small and known to the account", index=deals.index, dtype="str")
    reason = reason.mask(deals["amount"].isna(), "the amount is not known")
    if limit is None:
        reason = reason.mask(reason != "", "no large amount is set, and no won deal gives one")
    else:
        known = deals["family"].notna() & deals["account_id"].notna()
        won = deals[(deals["status"] == "won") & known]
        keys = ["account_id", "family"]
        first = won.groupby(keys)["close_date"].min().rename("bought_date").reset_index()
        bought = deals[keys].merge(first, "left", on=keys)["bought_date"].set_axis(deals.index)
        novel = known & ~(bought < deals["created_date"])
        novel &= deals["amount"] >= settings.novelty_share * limit
        novel &= settings.novelty_share < 1
        lane, reason = (
            lane.mask(novel, "large"),
            reason.mask(novel, "new product family for the account"),
        )
        big = deals["amount"] >= limit
        lane, reason = lane.mask(big, "large"), reason.mask(big, "amount")
    line = deals["family"].isin(settings.large_families)
    return pd.DataFrame(
        {"lane": lane.mask(line, "large"), "lane_reason": reason.mask(line, "product line")}
    )


def _rule(settings: ProjectsSettings, limit: float | None) -> str:
    parts = []
    if limit is not None:
        source = (
            "plan.yaml"
            if settings.large_amount is not None
            else f"reached by {percent(settings.large_share)} of the won deals of {_YEARS} years"
        )
        parts.append(f"an amount of {limit:,.0f} or more ({source})")
    if settings.large_families:
        parts.append("product families " + ", ".join(settings.large_families))
    if limit is not None and settings.novelty_share < 1:
        parts.append(
            f"a product family that the account has never bought, from "
            f"{settings.novelty_share * limit:,.0f}"
        )
    return "Large-project process: " + ("; ".join(parts) or "none") + ". All others: fast lane."


def _open(
    deals: pd.DataFrame, line: ProjectLine | None, settings: ProjectsSettings, as_of: date
) -> pd.DataFrame:
    on_record = _on_record(deals, line) if line is not None else _blank(deals)
    rest = _without_project(deals, line, "large")
    return _shaped_open(pd.concat([on_record, rest], ignore_index=True), settings, as_of)


def _without_project(deals: pd.DataFrame, line: ProjectLine | None, lane: str) -> pd.DataFrame:
    """Give the open deals of a lane that no project names."""
    alone = deals[(deals["status"] == "open") & (deals["lane"] == lane)]
    taken = set(line.projects["opportunity_id"].dropna()) if line is not None else set()
    alone = alone[~alone["opportunity_id"].isin(taken)]
    rest = alone.assign(
        project_id=alone["opportunity_id"],
        origin="open deal",
        stated_probability=alone["probability"],
    )
    return rest[[*_OPEN, "margin_share"]].reset_index(drop=True)


def _shaped_open(rows: pd.DataFrame, settings: ProjectsSettings, as_of: date) -> pd.DataFrame:
    """Add margin, phase and whether it is late; in the order of the ids."""
    margin = (rows["amount"] * rows["margin_share"]).round(2)
    late = is_late(rows["close_date"], settings, as_of)
    rows = rows.drop(columns="margin_share").assign(margin_amount=margin, is_late=late)
    rows = rows.join(phase_of(rows["stage"], settings))
    return rows.sort_values("project_id", ignore_index=True)


_OPEN = ["project_id", "opportunity_id", "account_id", "name", "origin", "owner_id", "stage",
         "lane", "lane_reason", "close_date", "amount", "stated_probability"]  # fmt: skip


def _blank(deals: pd.DataFrame) -> pd.DataFrame:
    return deals.iloc[:0].assign(project_id="", origin="", stated_probability=0.0)[
        [*_OPEN, "margin_share"]
    ]


def _on_record(deals: pd.DataFrame, line: ProjectLine) -> pd.DataFrame:
    rows = line.projects[line.projects["outcome"] == "open"].reset_index(drop=True)
    of = deals.set_index("opportunity_id")
    at = rows["opportunity_id"]
    stated = rows["stated_cents"].astype("Float64").astype("float64") / 100
    amount = stated.fillna(at.map(of["amount"]).astype("float64"))
    lane = at.map(of["lane"])
    return pd.DataFrame(
        {
            "project_id": rows["project_id"],
            "opportunity_id": at,
            "account_id": rows["account_id"],
            "name": rows["name"].fillna(at.map(of["name"])),
            "origin": "projects",
            "owner_id": rows["owner_id"],
            "stage": rows["stage"].fillna(at.map(of["stage"])),
            "lane": lane.fillna("fast"),
            "lane_reason": at.map(of["lane_reason"]).fillna("no deal of the deals table"),
            "close_date": at.map(of["close_date"]),
            "amount": amount,
            "stated_probability": at.map(of["probability"]).astype("float64"),
            "margin_share": rows["margin_share"].fillna(at.map(of["margin_share"])),
        }
    )


def _closed(
    deals: pd.DataFrame,
    line: ProjectLine | None,
    history: pd.DataFrame | None,
    settings: ProjectsSettings,
    as_of: date,
) -> pd.DataFrame:
    over = deals["status"].isin(["won", "lost"]) & ~(deals["close_date"] > pd.Timestamp(as_of))
    kept = ["opportunity_id", "lane", "close_date", "account_id", "name", "amount", "loss_cause"]
    won = deals.loc[over, "status"] == "won"
    rows = deals.loc[over, kept].assign(is_won=won, project_id=None)
    rows["loss_cause"] = rows["loss_cause"].mask(won)
    if line is not None:
        known = line.projects.dropna(subset="opportunity_id").drop_duplicates("opportunity_id")
        known = known.set_index("opportunity_id")
        rows["project_id"] = rows["opportunity_id"].map(known["project_id"])
        said = rows["opportunity_id"].map(known["loss_cause"]).astype("str")
        rows["loss_cause"] = said.fillna(rows["loss_cause"])
    stands_in = rows["project_id"].isna() & (rows["lane"] == "large")
    rows["origin"] = rows["project_id"].isna().map({False: "projects", True: "closed deal"})
    rows["project_id"] = rows["project_id"].mask(stands_in, rows["opportunity_id"])
    furthest = pd.Series(dtype="Int64")
    if history is not None and len(history):
        seen = history[history["snapshot_date"] <= pd.Timestamp(as_of)]
        seen = seen[~seen["is_closed"].fillna(False).astype(bool)]
        order = phase_of(seen["stage"], settings)["phase_order"]
        furthest = order.groupby(seen["opportunity_id"]).max()
    rows["phase_order"] = rows["opportunity_id"].map(furthest).astype("Int64")
    return rows.reset_index(drop=True)
