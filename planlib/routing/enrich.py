"""Leads made ready: what is filled from what else is known, by field, and what is wrong."""

from __future__ import annotations

import pandas as pd

from planlib.routing.zones import assume_zones

#: Columns that scoring and routing live on, with how each can be filled.
FIELDS = {
    "created_at": "",
    "company": "domain of the e-mail address",
    "email": "",
    "title": "",
    "country": "account",
    "province": "account",
    "city": "account",
    "time_zone": "city, province or country",
    "language": "",
    "industry": "account",
    "employees": "account",
    "source": "campaign",
    "account_id": "match by domain or name",
}
#: Mail hosts that say nothing about the company.
FREE_MAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "live.com",
        "msn.com",
        "yahoo.com",
        "yahoo.co.uk",
        "icloud.com",
        "me.com",
        "aol.com",
        "mail.com",
        "proton.me",
        "protonmail.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "orange.fr",
        "free.fr",
        "uol.com.br",
        "yandex.ru",
        "qq.com",
        "foxmail.com",
        "163.com",
        "126.com",
        "sina.com",
    ]
)


def domains(emails: pd.Series) -> pd.Series:
    """Give the domain of e-mail addresses, NA for none and for free mail."""
    found = [_domain(one) if isinstance(one, str) else None for one in emails.array]
    return pd.Series(found, index=emails.index, dtype="str")


def with_domain(leads: pd.DataFrame) -> pd.DataFrame:
    """Give leads with ``domain``; where they have it already it is not worked out again."""
    return leads if "domain" in leads.columns else leads.assign(domain=domains(leads["email"]))


def _domain(email: str) -> str | None:
    name, sign, host = email.strip().casefold().rpartition("@")
    if not (name and sign and "." in host.strip(".")) or " " in host or host in FREE_MAIL:
        return None
    return host


def enrich_leads(
    leads: pd.DataFrame,
    *,
    accounts: pd.DataFrame | None = None,
    matches: pd.Series | None = None,
    campaigns: pd.DataFrame | None = None,
    plan_zone: str = "UTC",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Fill what other tables know of a lead, and report how complete each field is.

    Parameters
    ----------
    leads
        Table ``leads``.
    accounts
        Table ``accounts``.
    matches
        ``account_id`` of each lead by its index, NA where none is matched.
    campaigns
        Table ``campaigns``, for the source.
    plan_zone
        Time zone where no place is known.

    Returns
    -------
    tuple of DataFrame
        The leads with blanks filled, ``time_zone`` for all, ``zone_source``, ``domain``; and the
        completeness: table ``lead_completeness``, shares of all leads.
    """
    filled = leads.copy()
    if matches is not None:
        filled["account_id"] = filled["account_id"].fillna(matches)
    if accounts is not None:
        known = accounts.drop_duplicates("account_id").set_index("account_id")
        for column in ("country", "province", "city", "industry", "employees"):
            if column in known.columns:
                found = filled["account_id"].map(known[column])
                blank = filled[column].isna()
                filled[column] = filled[column].where(~blank, found.astype(filled[column].dtype))
    if campaigns is not None and "source" in campaigns.columns:
        by = campaigns.drop_duplicates("campaign_id").set_index("campaign_id")["source"]
        filled["source"] = filled["source"].fillna(filled["campaign_id"].map(by)).astype("str")
    domain = with_domain(filled)["domain"]
    name = domain.str.extract(r"^([^.]+)")[0]
    filled["company"] = filled["company"].fillna(name).astype("str")
    zones = assume_zones(filled, plan_zone)
    filled = filled.assign(
        time_zone=zones["time_zone"], zone_source=zones["zone_source"], domain=domain
    )
    return filled, completeness(leads, filled)


def completeness(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Count filled fields before and after enrichment; denominator: all leads given."""
    total = len(before)
    rows = []
    for name, how in FIELDS.items():
        given = before[name].notna() if name != "time_zone" else after["zone_source"].eq("given")
        full = after[name].notna()
        if name == "time_zone":
            full = after["zone_source"].ne("plan")
        rows.append({
            "field": name,
            "lead_count": total,
            "given_count": int(given.sum()),
            "enriched_count": int((full & ~given).sum()),
            "known_count": int(full.sum()),
            "known_share": full.sum() / total if total else float("nan"),
            "filled_from": how,
        })  # fmt: skip
    return pd.DataFrame(rows)
