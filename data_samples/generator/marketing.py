"""Campaigns, leads and marketing touches of the software sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.around import stamps
from data_samples.generator.clock import WEEKDAY, YEAR, dates, day, fresh
from data_samples.generator.crew import Person
from data_samples.generator.deals import Deal
from data_samples.generator.market import season
from data_samples.generator.names import FirmNames, culture_of, person, pick, plain
from data_samples.generator.places import COUNTRY_NAMES, draw_city
from data_samples.generator.trades import TRADES

#: Marketing source, channel, cost of a campaign, campaigns a year, source of the leads.
_KINDS = (
    ("events", "field event", 46_000, 4, "Events", "{place} Data Forum"),
    ("events", "trade fair", 88_000, 2, "Events", "{place} Analytics Expo"),
    ("demand generation", "webinar", 9_500, 7, "Webinar", "Webinar: {topic}"),
    ("demand generation", "content syndication", 21_000, 2, "Paid digital", "Guide: {topic}"),
    ("digital", "paid search", 34_000, 4, "Paid digital", "Search always-on {half}"),
    ("digital", "paid social", 19_000, 3, "Paid digital", "Social: {topic}"),
    ("digital", "website", 12_000, 2, "Website", "Free trial {half}"),
    ("account-based", "account-based ads", 27_000, 3, "Account-based", "Target accounts {trade}"),
    ("brand", "sponsorship", 60_000, 1, "Website", "Brand wave {half}"),
    ("enablement", "sales kit", 7_000, 2, "AE outbound", "Sales kit: {topic}"),
)
_TOPICS = (
    "Trusted data for AI",
    "Month-end in half the time",
    "Self-service reporting",
    "Moving off on-premises",
    "Data contracts in practice",
    "Real-time operations",
    "Lineage for auditors",
    "The cost of dashboards nobody opens",
    "Assistants at work",
    "Planning with fewer spreadsheets",
)
_PLACES = (
    "Chicago",
    "London",
    "Munich",
    "Singapore",
    "São Paulo",
    "New York",
    "Amsterdam",
    "Sydney",
    "San Francisco",
    "Paris",
)
#: Leads a month at the start of 2025, share that converts, hours until the first answer.
_FLOW = {
    "Website": (62, 0.135, 5.0),
    "Paid digital": (58, 0.035, 19.0),
    "Webinar": (44, 0.055, 26.0),
    "Events": (34, 0.065, 44.0),
}
_STATUS = "Nurture*5|Disqualified*4|Working*1.4|No answer*4|Duplicate*0.5"


def campaigns(seed: int, first: int, last: int) -> pd.DataFrame:
    """Give table ``campaigns`` with ``lead_source`` beside it."""
    rng = fresh(seed, "campaigns")
    rows = []
    for year in range(YEAR[first], YEAR[last] + 1):
        for source, channel, cost, count, leads, name in _KINDS:
            for turn in range(count):
                start = day(f"{year}-01-08") + int(365 * (turn + rng.random() * 0.8) / count)
                if not first <= start <= last - 10:
                    continue
                length = {"field event": 2, "trade fair": 3, "webinar": 1}.get(
                    channel, int(rng.integers(40, 120))
                )
                title = (
                    name.format(
                        place=str(rng.choice(_PLACES)),
                        topic=str(rng.choice(_TOPICS)),
                        trade=TRADES[int(rng.integers(len(TRADES)))].name,
                        half=f"H{1 + (start - day(f'{year}-01-01')) // 184}",
                    )
                    + f" {year}"
                )
                price = cost * float(np.exp(rng.normal(0, 0.35))) * 1.05 ** (year - 2025)
                staff = round(float(rng.uniform(0.3, 2.4)) * 2) / 2 + 0.5
                rows.append(
                    (
                        title,
                        source,
                        channel,
                        start,
                        start + length,
                        round(price, -2),
                        staff,
                        round(staff * 9_300 * max(1, length / 45), -2),
                        leads,
                    )
                )
    table = pd.DataFrame(
        rows,
        columns=[
            "name",
            "source",
            "channel",
            "start",
            "end",
            "cost_amount",
            "staff_count",
            "staff_cost_amount",
            "lead_source",
        ],
    )
    table = table.sort_values("start", ignore_index=True)
    table["name"] = table["name"].where(~table["name"].duplicated(), table["name"] + " (2)")
    table.insert(0, "campaign_id", [f"M-{one:04d}" for one in range(101, 101 + len(table))])
    table["start_date"], table["end_date"] = dates(table["start"]), dates(table["end"])
    return table


def campaign_of(
    rng: np.random.Generator, table: pd.DataFrame, source: str, when: int
) -> str | None:
    """Give a campaign of a source that ran in the months before a day, when there was one."""
    start, end, origin = (table[name].to_numpy() for name in ("start", "end", "lead_source"))
    fits = np.flatnonzero((origin == source) & (start <= when) & (end >= when - 75))
    if not len(fits) or rng.random() < 0.2:
        return None
    return str(table["campaign_id"].iloc[fits[int(rng.integers(len(fits)))]])


def leads(
    seed: int,
    deals: Sequence[Deal],
    ids: dict[int, str],
    accounts: pd.DataFrame,
    crew: Sequence[Person],
    table: pd.DataFrame,
    span: tuple[int, int],
) -> pd.DataFrame:
    """
    Give table ``leads``: those behind deals of SDRs, BDRs and marketing, and the many others.

    Returns
    -------
    DataFrame
        Sorted by time; converted leads point to account and opportunity.
    """
    rng = fresh(seed, "leads")
    first, last = span
    rows = []
    for deal in deals:
        known = deal.source in _FLOW and deal.role in ("SDR", "BDR") and deal.number in ids
        if known and deal.created > first + 14 and rng.random() < 0.88:
            rows.append(_converted(rng, deal, ids, accounts, crew, table))
    converted = len(rows)
    names = FirmNames(fresh(seed, "lead firms"))
    total = max(40, round(converted / 0.078)) - converted
    weights = np.array([value[0] * (1 - value[1]) for value in _FLOW.values()])
    sources = rng.choice(list(_FLOW), total, p=weights / weights.sum())
    for source in sources:
        rows.append(_other(rng, str(source), names, accounts, crew, table, span))
    found = pd.DataFrame(rows)
    found["created_at"] = stamps(found["when"].to_numpy(), found["hour"].to_numpy())
    waited = pd.to_timedelta((found["answer"] * 60).round(), unit="min")
    found["first_response_at"] = (
        (found["created_at"] + waited).dt.round("min").astype("datetime64[us]")
    )
    late = found["first_response_at"] > pd.Timestamp("2020-01-01") + pd.Timedelta(days=last)
    found.loc[late, "first_response_at"] = pd.NaT
    found["converted_date"] = dates(None if pd.isna(one) else int(one) for one in found["turned"])
    found = found.sort_values(["created_at", "company"], ignore_index=True)
    found.insert(0, "lead_id", [f"Q-{one:06d}" for one in range(70_001, 70_001 + len(found))])
    return found.drop(columns=["when", "hour", "answer", "turned"])


def _lead(
    rng: np.random.Generator,
    source: str,
    when: int,
    company: str,
    place: tuple[str, ...],
    site: str,
    code: str,
) -> dict[str, object]:
    country, province, city, postcode, zone = place
    name = person(rng, culture_of(code, province))
    hidden = rng.random(4)
    mail = (
        site if rng.random() < 0.74 else str(rng.choice(["gmail.com", "outlook.com", "mail.com"]))
    )
    return {
        "company": company,
        "contact_name": name,
        "email": f"{plain(name.split(' ')[0])}.{plain(name.split(' ')[-1])}@{mail}",
        "title": None
        if hidden[0] < 0.2
        else pick(
            rng,
            "Data Engineer*3|IT Manager*3|Head of Data*2|Business Analyst*3|CIO*1|Student*0.6|"
            "Consultant*1|CFO*0.8|Director of Operations*1.4|BI Developer*2",
        ),
        "country": country,
        "province": None if hidden[1] < 0.25 else province,
        "city": city,
        "postcode": None if hidden[1] < 0.5 else postcode,
        "time_zone": zone,
        "source": source,
        "when": when,
        "hour": float(np.clip(rng.normal(13.2, 4.2), 0.1, 23.9)),
    }


def _converted(
    rng: np.random.Generator,
    deal: Deal,
    ids: dict[int, str],
    accounts: pd.DataFrame,
    crew: Sequence[Person],
    table: pd.DataFrame,
) -> dict[str, object]:
    row = accounts.iloc[deal.account]
    when = deal.created - int(min(13, rng.exponential(3.2)))
    place = (row["country"], row["province"], row["city"], row["postcode"], row["time_zone"])
    usual = _FLOW[deal.source][2] * 0.55
    score = 58 + 12 * np.log(max(deal.win_share, 0.02) / 0.25) + rng.normal(0, 13)
    return {
        **_lead(rng, deal.source, when, row["name"], place, row["website"], row["code"]),
        "industry": TRADES[int(row["trade"])].name,
        "employees": None if rng.random() < 0.22 else int(row["employees"]),
        "campaign_id": campaign_of(rng, table, deal.source, when),
        "product_id": None,
        "status": "Converted",
        "owner_id": crew[deal.creator].rep_id,
        "answer": float(usual * np.exp(rng.normal(-0.3, 1.05))) + 0.05,
        "is_converted": True,
        "turned": deal.created,
        "account_id": row["account_id"],
        "opportunity_id": ids[deal.number],
        "lead_score": float(np.clip(round(score), 3, 99)),
    }


def _other(
    rng: np.random.Generator,
    source: str,
    names: FirmNames,
    accounts: pd.DataFrame,
    crew: Sequence[Person],
    table: pd.DataFrame,
    span: tuple[int, int],
) -> dict[str, object]:
    first, last = span
    while True:
        when = int(first + (last - first) * rng.random() ** 0.88)
        if rng.random() < season(when) / 1.4 or (WEEKDAY[when] > 5 and rng.random() < 0.25):
            break
    known = rng.random() < 0.27
    row = accounts.iloc[int(rng.integers(len(accounts)))]
    trade = TRADES[int(row["trade"]) if known else int(rng.integers(len(TRADES)))]
    if known:
        place = (row["country"], row["province"], row["city"], row["postcode"], row["time_zone"])
        company, site, size = row["name"], row["website"], int(row["employees"])
    else:
        city = draw_city(rng, str(row["code"]))
        company, stem = names.draw(str(row["code"]), city.province, trade.group)
        place = (COUNTRY_NAMES[city.country], city.province, city.name, None, city.time_zone)
        site, size = (
            f"{plain(stem)}.{str(rng.choice(['com', 'com', 'net', 'io']))}",
            int(np.exp(rng.normal(4.3, 1.4))) + 1,
        )
    region = row["region"]
    fits = [one for one in crew if one.role == "SDR" and one.here(when)]
    fits += [
        one for one in crew if one.role in ("BDR", "AE") and one.here(when) and one.region == region
    ][:3]
    owner = fits[int(rng.integers(len(fits)))] if fits and rng.random() > 0.03 else None
    silent = rng.random() < 0.17 or owner is None
    usual = _FLOW[source][2]
    score = 36 + 5 * np.log(size / 100) * 0.6 + rng.normal(0, 15)
    return {
        **_lead(rng, source, when, company, place, site, str(row["code"])),
        "industry": None if rng.random() < 0.3 else trade.name,
        "employees": None if rng.random() < 0.4 else size,
        "campaign_id": campaign_of(rng, table, source, when),
        "product_id": None,
        "status": "New" if when > last - 9 and rng.random() < 0.6 else pick(rng, _STATUS),
        "owner_id": owner.rep_id if owner else None,
        "answer": None if silent else float(usual * np.exp(rng.normal(0.35, 1.25))) + 0.05,
        "is_converted": False,
        "turned": None,
        "account_id": row["account_id"] if known and rng.random() < 0.5 else None,
        "opportunity_id": None,
        "lead_score": float(np.clip(round(score), 1, 97)),
    }


def touches(
    seed: int,
    found: pd.DataFrame,
    deals: Sequence[Deal],
    ids: dict[int, str],
    accounts: pd.DataFrame,
    table: pd.DataFrame,
    span: tuple[int, int],
) -> pd.DataFrame:
    """Give table ``marketing_touches`` of leads, and of deals before and while they are open."""
    rng = fresh(seed, "touches")
    channels = dict(zip(table["campaign_id"], table["channel"], strict=True))
    rows: list[tuple[object, ...]] = []
    for lead in found[found["campaign_id"].notna()].itertuples():
        rows.append(
            (
                lead.created_at.normalize(),
                lead.campaign_id,
                lead.lead_id,
                None,
                lead.account_id,
                None,
            )
        )
    base = pd.Timestamp("2020-01-01")
    account_ids = accounts["account_id"].tolist()
    for deal in deals:
        if deal.number not in ids or deal.due is not None or deal.created < span[0]:
            continue
        mean = 1.0 + 0.7 * deal.won + 0.8 * (deal.source == "Account-based")
        for _ in range(int(rng.poisson(mean))):
            when = deal.created + int(
                rng.integers(-60, max(2, min(deal.end, span[1]) - deal.created + 1))
            )
            live = table[(table["start"] <= when) & (table["end"] >= when - 20)]
            if not span[0] <= when <= span[1] or live.empty:
                continue
            campaign = str(live["campaign_id"].iloc[int(rng.integers(len(live)))])
            rows.append(
                (
                    base + pd.Timedelta(days=when),
                    campaign,
                    None,
                    None,
                    account_ids[deal.account],
                    ids[deal.number],
                )
            )
    frame = pd.DataFrame(
        rows,
        columns=[
            "touch_date",
            "campaign_id",
            "lead_id",
            "contact_id",
            "account_id",
            "opportunity_id",
        ],
    )
    frame["touch_date"] = frame["touch_date"].astype("datetime64[us]")
    frame["channel"] = frame["campaign_id"].map(channels)
    frame = frame.sort_values(["touch_date", "campaign_id"], ignore_index=True, kind="stable")
    frame.insert(0, "touch_id", [f"X-{one:06d}" for one in range(1, len(frame) + 1)])
    return frame
