"""Needs proposed from open deals, installed base and white space, until a person confirms them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.findings import rows_found
from planlib.key_accounts.register import DEAL, OPEN, horizon_of
from planlib.key_accounts.white_space import product_deals
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, to_cents
from planlib.settings.key_account_needs import KeyAccountNeedsSettings
from planlib.tables import table

CONFIRMED = "confirmed proposal"
_DECIDED = ("horizon", "value", "likelihood", "fit")
_MONTHS = 12


def propose_needs(
    accounts: pd.DataFrame,
    cells: pd.DataFrame,
    settings: KeyAccountNeedsSettings,
    as_of: date,
    *,
    register: pd.DataFrame,
    opportunities: pd.DataFrame | None = None,
    lines: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Propose needs of key accounts that the register does not hold yet.

    From open deals: horizon of the close date, probability as likelihood; one past its close date
    is an overdue deal, of which a person says whether it is still alive. From the installed
    base: an offering falls due again ``replacement_years`` after its last purchase, at the mean
    amount bought a year. From white space: the gap cells of at least ``proposal_share`` of the
    account's potential, in one to three years, likelihood not known. An offering of which the
    account has an open need, or an open deal, is not proposed again.

    Parameters
    ----------
    accounts
        The key accounts.
    cells
        Table ``key_account_white_space``.
    settings
        ``replacement_years``, ``proposal_share``.
    as_of
        As-of date.
    register
        Table ``key_account_needs``.
    opportunities, lines, products
        Tables, each may be None.

    Returns
    -------
    DataFrame
        Table ``need_proposals`` with status "proposed".
    """
    keys = set(accounts["account_id"])
    sold = product_deals(opportunities, lines, as_of)
    sold = sold[sold["account_id"].isin(keys)]
    taken = register.loc[register["status"] == OPEN, ["account_id", "product_id"]].dropna()
    pending = sold.loc[sold["open_count"] > 0, ["account_id", "product_id"]]
    busy = pd.MultiIndex.from_frame(pd.concat([taken, pending]))
    parts = [
        _deals(opportunities, keys, taken, as_of),
        _installed(sold, busy, settings, as_of),
        _spaces(cells, accounts, busy, settings),
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return table("need_proposals").empty()
    rows = pd.concat(filled, ignore_index=True)
    names: pd.Series = pd.Series(dtype="str")
    if products is not None:
        names = products.drop_duplicates("product_id").set_index("product_id")["name"]
    name = look_up(rows["product_id"], names).astype("str")
    rows["need"] = rows["need"].where(rows["need"].notna(), name.fillna(rows["product_id"]))
    rows["need"] = rows["need"].astype("str").fillna("not named")
    rows = rows.drop_duplicates("proposal_id").assign(
        status="proposed", value=from_cents(to_cents(rows["value"]))
    )
    kept = [column.name for column in table("need_proposals").columns]
    rows = rows.reindex(columns=kept).sort_values(["account_id", "proposal_id"], ignore_index=True)
    return table("need_proposals").check(rows)


def decide_proposals(
    proposals: pd.DataFrame,
    decisions: pd.DataFrame | None,
    *,
    opportunities: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Apply what people decided on proposals.

    A confirmed proposal becomes a need from the day of the decision on, with the horizon, value,
    likelihood and fit that the person gave, else those proposed. It stays in the register when it
    is proposed no more, with what was decided last; one from a deal is won or lost with the deal.

    Parameters
    ----------
    proposals
        Table ``need_proposals``.
    decisions
        Decisions of kind ``need_proposals`` in force, or None.
    opportunities
        For what became of deals.
    previous
        Table ``key_account_needs`` of the last published cycle.

    Returns
    -------
    tuple of DataFrame
        The proposals with their status, and the confirmed ones in the columns of ``needs``.
    """
    empty = table("needs").empty()
    kept = empty if previous is None else previous[previous["origin"] == CONFIRMED]
    kept = kept.reindex(columns=empty.columns)
    if previous is not None and len(kept):
        stated = previous.loc[previous["origin"] == CONFIRMED, "stated_horizon"]
        kept = kept.assign(horizon=stated)
    if decisions is None or decisions.empty:
        return proposals, _ended(kept, opportunities)
    last = decisions.drop_duplicates("proposal_id", keep="last").set_index("proposal_id")
    said = look_up(proposals["proposal_id"], last["is_confirmed"].astype("boolean"))
    status = (
        proposals["status"]
        .mask(said.fillna(False), "confirmed")
        .mask((~said).fillna(False), "rejected")
    )
    decided = proposals.assign(status=status)
    mine = decided[decided["status"] == "confirmed"].set_index("proposal_id")
    chosen = last.loc[mine.index]
    proposed = mine.assign(fit=np.nan)
    fresh = mine.assign(
        **{name: chosen[name].where(chosen[name].notna(), proposed[name]) for name in _DECIDED},
        recorded_date=chosen["when"],
        evidence="confirmed by " + chosen["who"] + ": " + chosen["why"],
        status=OPEN,
    )
    fresh = fresh.rename_axis("need_id").reset_index().reindex(columns=empty.columns)
    refused = last.index[~last["is_confirmed"].astype(bool)]
    kept = kept[~kept["need_id"].isin(fresh["need_id"]) & ~kept["need_id"].isin(refused)]
    kept = kept.assign(**{name: _said(kept, last[name], name) for name in _DECIDED})
    kept = kept.assign(recorded_date=_said(kept, last["when"], "recorded_date"))
    both = [part for part in (table("needs").coerce(fresh), kept) if len(part)]
    confirmed = pd.concat(both, ignore_index=True) if both else empty
    return table("need_proposals").check(decided), _ended(confirmed, opportunities)


def _said(kept: pd.DataFrame, last: pd.Series, name: str) -> pd.Series:
    """Give a column of needs that are proposed no more, as a person decided it last."""
    found = look_up(kept["need_id"], last)
    return found.where(found.notna(), kept[name])


def check_decisions(
    decisions: pd.DataFrame | None, proposals: pd.DataFrame, confirmed: pd.DataFrame
) -> list[pd.DataFrame]:
    """Name decisions on proposals that are not made any more and never joined the register."""
    if decisions is None or decisions.empty:
        return []
    known_ids = set(proposals["proposal_id"]) | set(confirmed["need_id"])
    rows = decisions[~decisions["proposal_id"].isin(known_ids)]
    rows = rows.assign(row_id=rows["decision_id"], value=rows["proposal_id"])
    return [
        rows_found(
            "decision on no proposal",
            "override_need_proposals",
            rows,
            "proposal_id",
            allowed="a proposal of this cycle, or a need that came from one",
            effect="not counted",
        )
    ]


def _ended(confirmed: pd.DataFrame, opportunities: pd.DataFrame | None) -> pd.DataFrame:
    """Let a need that was proposed from a deal end with the deal."""
    rows = table("needs").coerce(confirmed)
    if opportunities is None or rows.empty:
        return rows
    closed = opportunities[opportunities["is_closed"].fillna(False).astype(bool)]
    won = closed["is_won"].fillna(False).astype(bool)
    end = pd.Series(
        np.where(won, "won", "lost"), index=DEAL + closed["opportunity_id"].astype("str")
    )
    found = look_up(rows["need_id"], end[~end.index.duplicated()].astype("str"))
    return rows.assign(status=found.where(found.notna(), rows["status"]).astype("str"))


def _deals(
    opportunities: pd.DataFrame | None, keys: set[str], taken: pd.DataFrame, as_of: date
) -> pd.DataFrame:
    if opportunities is None:
        return pd.DataFrame()
    deals = opportunities[~opportunities["is_closed"].fillna(False).astype(bool)]
    deals = deals[deals["account_id"].isin(keys)]
    known_needs = pd.MultiIndex.from_frame(taken)
    deals = deals[~pd.MultiIndex.from_frame(deals[["account_id", "product_id"]]).isin(known_needs)]
    day = deals["close_date"].dt.strftime("%Y-%m-%d")
    is_over = (deals["close_date"] < pd.Timestamp(as_of)).fillna(False).astype(bool)
    rows = pd.DataFrame(
        {
            "proposal_id": DEAL + deals["opportunity_id"].astype("str"),
            "account_id": deals["account_id"],
            "need": deals["name"],
            "product_id": deals["product_id"],
            "buying_centre": pd.Series(pd.NA, index=deals.index, dtype="str"),
            "horizon": horizon_of(deals["close_date"], as_of),
            "value": deals["amount"],
            "likelihood": deals["probability"],
            "origin": pd.Series("open deal", index=deals.index, dtype="str").mask(
                is_over, "overdue deal"
            ),
            "reason": ("open deal, close date " + day).mask(
                is_over, "open deal whose close date " + day + " is over: is it still alive?"
            ),
        }
    )
    return rows[rows["horizon"].notna()]


def _installed(
    sold: pd.DataFrame, busy: pd.MultiIndex, settings: KeyAccountNeedsSettings, as_of: date
) -> pd.DataFrame:
    mine = sold[sold["last_won_date"].notna() & (sold["yearly_amount"] > 0)]
    mine = mine[~pd.MultiIndex.from_frame(mine[["account_id", "product_id"]]).isin(busy)]
    months = round(settings.replacement_years * _MONTHS)
    due = mine["last_won_date"].astype("datetime64[us]") + pd.DateOffset(months=months)
    rows = pd.DataFrame(
        {
            "proposal_id": "base:" + mine["account_id"] + ":" + mine["product_id"],
            "account_id": mine["account_id"],
            "need": pd.Series(pd.NA, index=mine.index, dtype="str"),
            "product_id": mine["product_id"],
            "buying_centre": pd.Series(pd.NA, index=mine.index, dtype="str"),
            "horizon": horizon_of(due, as_of),
            "value": mine["yearly_amount"],
            "likelihood": np.nan,
            "origin": "installed base",
            "reason": "last bought "
            + mine["last_won_date"].dt.strftime("%Y-%m-%d")
            + f", due again after {settings.replacement_years:g} years",
        }
    )
    return rows[rows["horizon"].notna()]


def _spaces(
    cells: pd.DataFrame,
    accounts: pd.DataFrame,
    busy: pd.MultiIndex,
    settings: KeyAccountNeedsSettings,
) -> pd.DataFrame:
    potential = accounts.drop_duplicates("account_id").set_index("account_id")["potential"]
    least = look_up(cells["account_id"], potential) * settings.proposal_share
    mine = cells[(cells["state"] == "gap") & (cells["gap_amount"] > 0)]
    mine = mine[mine["gap_amount"] >= least[mine.index].fillna(0.0)]
    mine = mine[~pd.MultiIndex.from_frame(mine[["account_id", "product_id"]]).isin(busy)]
    return pd.DataFrame(
        {
            "proposal_id": "space:"
            + mine["account_id"]
            + ":"
            + mine["buying_centre"]
            + ":"
            + mine["product_id"],
            "account_id": mine["account_id"],
            "need": pd.Series(pd.NA, index=mine.index, dtype="str"),
            "product_id": mine["product_id"],
            "buying_centre": mine["buying_centre"],
            "horizon": "1-3y",
            "value": mine["gap_amount"],
            "likelihood": np.nan,
            "origin": "white space",
            "reason": "white space: " + mine["value_rule"],
        }
    )
