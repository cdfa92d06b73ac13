"""Partners by kind and region: coverage gaps, deals influenced, overlap."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pandas as pd

from planlib.intervals import wilson
from planlib.key_accounts.findings import all_findings, finding, rows_found
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, to_cents
from planlib.settings.key_account_lines import PARTNER_KINDS, KeyAccountLinesSettings
from planlib.tables import table

_FEW = 5  # closed deals below which a win share is grey
_LEAST_SHARED = 2  # accounts from which two partners overlap


def partner_coverage(
    partners: pd.DataFrame | None,
    partner_deals: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    accounts: pd.DataFrame,
    keys: pd.DataFrame,
    *,
    settings: KeyAccountLinesSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Give each kind of partner in each region against the business there, and the gaps.

    A gap is a kind that plan.yaml expects in the region and of which there is no partner, or none
    that took part in a deal of the last twelve months, whatever the business there: also a kind
    that nobody has anywhere. The open deals and key accounts say how much hangs on it.

    Parameters
    ----------
    partners, partner_deals, opportunities
        Input tables, or None; without deals of partners nobody is known to be active, so a gap
        means that there is no partner at all.
    accounts
        ``region`` by ``account_id``.
    keys
        ``account_id`` of the key accounts.
    settings
        ``expected_partners``, ``region_partners``.
    as_of
        As-of date; deals of the twelve months until then count as active and won.

    Returns
    -------
    DataFrame
        Table ``partner_coverage``: every region x every kind that is expected or that we have
        anywhere; empty without partners, as it is not known then whom we have.
    """
    contract = table("partner_coverage")
    if partners is None or partners.empty:
        return contract.empty()
    firms = partners.assign(kind=partners["kind"].fillna("other"))
    region = accounts.drop_duplicates("account_id").set_index("account_id")["region"]
    deals = _deals(opportunities, region, pd.Timestamp(as_of))
    took = _took_part(partner_deals, firms, deals)
    names = sorted(set(region.dropna()) | set(firms["region"].dropna()))
    expected = {(kind, name) for name in names for kind in settings.partners_of(name)}
    recent = took[took["is_recent"]]
    rows = []
    for kind in sorted({*firms["kind"], *(kind for kind, _ in expected)}):
        for name in names:
            here = firms[(firms["kind"] == kind) & (firms["region"] == name)]
            mine = took[(took["kind"] == kind) & (took["region"] == name)]
            won = mine[mine["is_won_now"]].drop_duplicates("opportunity_id")
            active = recent.loc[recent["partner_id"].isin(here["partner_id"]), "partner_id"]
            at = deals[deals["region"] == name]
            rows.append(
                {
                    "kind": kind,
                    "region": name,
                    "partners_count": len(here),
                    "active_count": active.nunique() if partner_deals is not None else pd.NA,
                    "accounts_count": int((keys["account_id"].map(region) == name).sum()),
                    "open_amount": _sum(at[at["is_open"]]),
                    "deals_count": mine["opportunity_id"].nunique(),
                    "influenced_amount": _sum(won),
                    "won_amount": _sum(at[at["is_won_now"]]),
                    "is_expected": (kind, name) in expected,
                }
            )
    return contract.check(_with_gaps(pd.DataFrame(rows))) if rows else contract.empty()


def _with_gaps(found: pd.DataFrame) -> pd.DataFrame:
    """Add what is influenced of all won, and where a kind that is expected is missing or idle."""
    won_amount = found["won_amount"].where(found["won_amount"] > 0)
    kept = found.groupby("kind")["partners_count"].transform("sum") > 0
    none = found["partners_count"] == 0
    idle = (found["active_count"] == 0).fillna(False).astype(bool) & ~none
    detail = pd.Series("covered", index=found.index)
    detail = detail.mask(idle, "none took part in a deal this year")
    detail = detail.mask(none, "no partner of this kind here")
    detail = detail.mask(none & ~kept, "no partner of this kind in any region")
    return found.assign(
        influenced_share=(found["influenced_amount"] / won_amount).clip(0, 1),
        is_gap=(none | idle) & found["is_expected"],
        detail=detail.mask((none | idle) & ~found["is_expected"], detail + "; not expected"),
    )


def check_partners(
    settings: KeyAccountLinesSettings, accounts: pd.DataFrame, partners: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Name partners without region or kind, and regions of plan.yaml that nobody has.

    Parameters
    ----------
    settings
        Section ``key_account_lines``.
    accounts
        ``region``.
    partners
        ``partner_id``, ``region``, ``kind``, or None.

    Returns
    -------
    DataFrame
        Table ``key_account_findings``.
    """
    firms = table("partners").or_empty(partners)
    firms = firms.assign(row_id=firms["partner_id"], value=firms["name"])
    known = {*accounts["region"].dropna(), *firms["region"].dropna()}
    strange = [
        finding(
            "unknown region", "plan.yaml", f"key_account_lines.region_partners.{name}", "region",
            name, allowed=", ".join(sorted(known)) or "accounts with a region",
            effect="no effect: no account and no partner is there",
        )
        for name in sorted(set(settings.region_partners) - known)
    ]  # fmt: skip
    return all_findings([
        *strange,
        rows_found("partner without region", "partners", firms[firms["region"].isna()], "region",
                   allowed="a sales region", effect="covers no region"),
        rows_found("partner without kind", "partners", firms[firms["kind"].isna()], "kind",
                   allowed=", ".join(PARTNER_KINDS), effect="counts as other"),
    ])  # fmt: skip


def partner_results(
    partners: pd.DataFrame | None,
    partner_deals: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    *,
    as_of: date,
) -> pd.DataFrame:
    """
    Give what each partner took part in; who took part in nothing stands with zero deals.

    Returns
    -------
    DataFrame
        Table ``partner_results``; empty without partners or without deals of partners.
    """
    contract = table("partner_results")
    if partners is None or partner_deals is None or opportunities is None:
        return contract.empty()
    deals = _deals(opportunities, pd.Series(dtype="str"), pd.Timestamp(as_of))
    took = _took_part(partner_deals, partners, deals)
    took = took.drop_duplicates(["partner_id", "opportunity_id"])
    grouped = took.groupby("partner_id")
    ids = partners["partner_id"]
    won = ids.map(grouped["is_won"].sum()).fillna(0).astype("int64")
    lost = ids.map(grouped["is_lost"].sum()).fillna(0).astype("int64")
    cents = took[took["is_won"]].groupby("partner_id")["cents"].sum()
    low, high = wilson(won, won + lost)
    closed = (won + lost).where(won + lost > 0)
    found = partners[["partner_id", "name", "kind", "region"]].assign(
        deals_count=ids.map(grouped.size()).fillna(0),
        won_count=won,
        lost_count=lost,
        won_amount=from_cents(ids.map(cents).fillna(0).astype("Int64")),
        win_share=won / closed,
        low=low.clip(0, 1).where(closed.notna()),
        high=high.clip(0, 1).where(closed.notna()),
        is_grey=(won + lost) < _FEW,
        last_date=look_up(ids, grouped["created_date"].max()),
    )
    return contract.check(found.sort_values("partner_id", ignore_index=True))


def partner_overlaps(
    partners: pd.DataFrame | None,
    partner_deals: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    *,
    as_of: date,
) -> pd.DataFrame:
    """
    Give pairs of partners of one kind that take part in the same accounts.

    Returns
    -------
    DataFrame
        Table ``partner_overlaps``: pairs with at least two shared accounts or one shared deal.
    """
    contract = table("partner_overlaps")
    if partners is None or partner_deals is None or opportunities is None:
        return contract.empty()
    deals = _deals(opportunities, pd.Series(dtype="str"), pd.Timestamp(as_of))
    took = _took_part(partner_deals, partners, deals)
    rows = []
    for kind, mine in took.groupby("kind"):
        by_account = mine.groupby("partner_id")["account_id"].agg(set).sort_index()
        by_deal = mine.groupby("partner_id")["opportunity_id"].agg(set)
        for one, other in combinations(by_account.index, 2):
            shared = len(by_account[one] & by_account[other])
            same = len(by_deal[one] & by_deal[other])
            if shared >= _LEAST_SHARED or same:
                least = min(len(by_account[one]), len(by_account[other]))
                rows.append(
                    {"partner_id": one, "other_id": other, "kind": kind, "accounts_count": shared,
                     "deals_count": same, "overlap_share": shared / least}
                )  # fmt: skip
    return contract.check(pd.DataFrame(rows)) if rows else contract.empty()


def _deals(
    opportunities: pd.DataFrame | None, region: pd.Series, now: pd.Timestamp
) -> pd.DataFrame:
    deals = table("opportunities").or_empty(opportunities)
    closed = deals["is_closed"].fillna(False).astype(bool) & (deals["close_date"] <= now)
    won = closed & deals["is_won"].fillna(False).astype(bool)
    year = now - pd.DateOffset(years=1)
    return pd.DataFrame(
        {
            "opportunity_id": deals["opportunity_id"],
            "account_id": deals["account_id"],
            "region": deals["account_id"].map(region),
            "created_date": deals["created_date"],
            "cents": to_cents(deals["amount"]),
            "is_open": ~deals["is_closed"].fillna(False).astype(bool),
            "is_won": won,
            "is_lost": closed & ~won,
            "is_won_now": won & (deals["close_date"] > year),
            "is_recent": (deals["created_date"] > year) | (closed & (deals["close_date"] > year)),
        }
    )


def _took_part(
    partner_deals: pd.DataFrame | None, firms: pd.DataFrame, deals: pd.DataFrame
) -> pd.DataFrame:
    rows = table("partner_deals").or_empty(partner_deals)
    kind = firms.drop_duplicates("partner_id").set_index("partner_id")["kind"].fillna("other")
    both = rows[["partner_id", "opportunity_id"]].merge(deals, on="opportunity_id")
    both = both.assign(kind=both["partner_id"].map(kind))
    return both[both["kind"].notna()].sort_values(
        ["partner_id", "opportunity_id"], ignore_index=True
    )


def _sum(deals: pd.DataFrame) -> float:
    return float(deals["cents"].fillna(0).sum()) / 100
