"""The software sample: a global software firm, eight quarters of weekly pipeline history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.generator import around, deal_tables, dirt, marketing, money, relations
from data_samples.generator.clock import dates, day, fresh
from data_samples.generator.councils import SOFTWARE, SOFTWARE_WORDS, hold_councils
from data_samples.generator.crew import POSTS, Person, make_crew, rep_history, rep_table
from data_samples.generator.deals import WON, Deal
from data_samples.generator.decisions import decide, write_decisions
from data_samples.generator.demand import PROCESS, Book, Selling, open_deals
from data_samples.generator.hiring import SOFTWARE as HIRING
from data_samples.generator.hiring import plan_hires, set_quotas
from data_samples.generator.holidays import holiday_table, work_days
from data_samples.generator.market import REGIONS, MarketSpec, make_accounts
from data_samples.generator.opinions import SOFTWARE_OPINIONS, voice_opinions
from data_samples.generator.owners import Timeline, own_accounts, owner_at
from data_samples.generator.products import PRODUCTS, product_table
from data_samples.generator.rep_reviews import SOFTWARE as TALKS
from data_samples.generator.rep_reviews import hold_talks
from data_samples.generator.trades import TRADES
from data_samples.generator.write import as_text, write_csv, write_excel, write_parquet

PARQUET = ("opportunity_history", "activities")
EXCEL = ("targets",)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """
    What a generated workbook of the software firm holds.

    Parameters
    ----------
    seed
        Seed of all draws.
    accounts
        How many accounts, about.
    regions
        Weights of countries by region.
    posts
        Posts of the sales people.
    as_of
        Last day of the data.
    rate
        Deals opened per AE against the full sample.
    scale
        Contacts, activities, leads and faults against the full sample.
    history
        First day of the pipeline history.
    step
        Days between two extracts of the pipeline.
    first_closed
        Closed deals from this day on are in the table of deals.
    wrong_region
        Region in which a deal's amount in the CRM differs from finance; blank: none.
    """

    seed: int
    accounts: int = 3_000
    regions: dict[str, dict[str, float]] = field(default_factory=lambda: REGIONS)
    posts: str = POSTS
    as_of: int = day("2026-03-31")
    rate: float = 1.0
    scale: float = 1.0
    history: int = day("2024-04-01")
    step: int = 7
    first_closed: int = day("2024-01-01")
    wrong_region: str = "UK & Ireland"


@dataclass(kw_only=True)
class World:
    """Everything that happened, before it becomes tables with faults."""

    spec: Spec
    accounts: pd.DataFrame
    crew: list[Person]
    lines: list[Timeline]
    deals: list[Deal]
    book: Book
    ids: dict[int, str]
    names: deal_tables.Names
    wrong: dict[str, float]


def make_world(spec: Spec) -> World:
    """Make accounts, people, ownership and all deals."""
    accounts = make_accounts(
        MarketSpec(seed=spec.seed, accounts=spec.accounts, regions=spec.regions, as_of=spec.as_of)
    )
    crew = make_crew(spec.seed, spec.posts, spec.as_of)
    calendar = rep_table(crew).set_index("rep_id")["calendar"]
    table = holiday_table(sorted(set(calendar)))
    days = {name: work_days(table, name) for name in set(calendar)}
    for one in crew:
        one.work = days[calendar[one.rep_id]]
    lines = own_accounts(spec.seed, accounts, crew, spec.as_of)
    deals, book = open_deals(
        Selling(
            seed=spec.seed,
            accounts=accounts,
            crew=crew,
            lines=lines,
            as_of=spec.as_of,
            rate=spec.rate,
        )
    )
    known = deal_tables.known_deals(deals, spec.as_of)
    ids = deal_tables.number_deals(known, spec.seed)
    _grow_together(known, accounts)
    accounts["acv"], accounts["is_customer"] = book.acv, book.bought
    accounts["owner"] = [owner_at(line, spec.as_of) for line in lines]
    names = deal_tables.Names(
        seed=spec.seed,
        as_of=spec.as_of,
        process=PROCESS,
        account_ids=accounts["account_id"].tolist(),
        account_names=accounts["name"].tolist(),
        rep_ids=[one.rep_id for one in crew],
        product_ids=[one.product_id for one in PRODUCTS],
        product_names=[one.name for one in PRODUCTS],
        prices=[one.price for one in PRODUCTS],
        first_closed=spec.first_closed,
    )
    wrong = _wrong_amount(spec, known, accounts, ids)
    return World(
        spec=spec,
        accounts=accounts,
        crew=crew,
        lines=lines,
        deals=known,
        book=book,
        ids=ids,
        names=names,
        wrong=wrong,
    )


def _grow_together(deals: list[Deal], accounts: pd.DataFrame) -> None:
    """Let no account's record be younger than its first deal."""
    first: dict[int, int] = {}
    for one in deals:
        first[one.account] = min(first.get(one.account, one.created), one.created)
    made = accounts["created"].tolist()
    accounts["created"] = [min(value, first.get(place, value)) for place, value in enumerate(made)]


def _wrong_amount(
    spec: Spec, deals: list[Deal], accounts: pd.DataFrame, ids: dict[int, str]
) -> dict[str, float]:
    """Swap two digits in the CRM's amount of one win of the last quarter."""
    start = spec.as_of - 89
    for deal in deals:
        if not (deal.won and start <= deal.end <= spec.as_of and deal.changes[-1][1] == WON):
            continue
        region = accounts["region"].iat[deal.account]
        amount, text = deal.final_amount, str(int(deal.final_amount))
        if region == spec.wrong_region and 20_000 < amount < 99_000 and text[0] < text[1]:
            last = deal.changes[-1]
            swapped = float(text[1] + text[0] + text[2:])
            deal.changes[-1] = (last[0], last[1], swapped, *last[3:])
            return {ids[deal.number]: amount}
    return {}


def make_tables(spec: Spec, world: World | None = None) -> dict[str, pd.DataFrame]:
    """
    Make all tables of the workbook, faults included.

    Parameters
    ----------
    spec
        Size of the workbook.
    world
        What happened, where it is made already.

    Returns
    -------
    dict
        Frames by table name; ``opportunities`` holds text, because some of its rows are bad.
    """
    world = world or make_world(spec)
    span = (spec.history, spec.as_of)
    deals = deal_tables.opportunities(world.deals, world.ids, world.names)
    people = around.contacts(spec.seed, world.accounts, spec.as_of, spec.scale**0.5)
    acts = around.activities(
        spec.seed, world.deals, world.ids, world.accounts, people, world.crew, span
    )
    shown = set(deals["opportunity_id"])
    acts = acts[acts["opportunity_id"].isna() | acts["opportunity_id"].isin(shown)]
    acts = acts.reset_index(drop=True)
    ads = marketing.campaigns(spec.seed, spec.history, spec.as_of)
    ids = {key: value for key, value in world.ids.items() if value in shown}
    found = marketing.leads(spec.seed, world.deals, ids, world.accounts, world.crew, ads, span)
    deals = _link(world, deals, acts, found, ads)
    people["last_activity_date"] = people["contact_id"].map(around.last_days(acts, "contact_id"))
    rich = _described(deals, world.accounts)
    tables = {
        "reps": rep_table(world.crew),
        "rep_history": rep_history(spec.seed, world.crew, spec.as_of),
        "contacts": people,
        "activities": acts,
        "campaigns": ads,
        "leads": found,
        "marketing_touches": marketing.touches(
            spec.seed, found, world.deals, ids, world.accounts, ads, span
        ),
        "opportunity_lines": deal_tables.lines(world.deals, world.ids, deals, world.names),
        "opportunity_history": deal_tables.history(
            world.deals,
            world.ids,
            world.names,
            deal_tables.snapshot_days(spec.history, spec.as_of, spec.step),
        ),
        "splits": deal_tables.splits(
            world.deals,
            world.ids,
            deals,
            spec.seed,
            [one.rep_id for one in world.crew if one.role == "PS" and not one.is_open],
        ),
        "products": product_table(),
        "targets": money.targets(spec.seed, rich, "2024Q2", "2026Q4", world.crew),
        "forecast_calls": money.forecast_calls(
            spec.seed, rich, world.crew, spec.history, spec.as_of
        ),
        "pay_plans": money.pay_plans(),
        "availability": money.availability(spec.seed, world.crew, spec.history, spec.as_of + 120),
        "holidays": holiday_table(sorted(set(rep_table(world.crew)["calendar"]))),
    }
    tables |= _relation_tables(world, people)
    tables["accounts"] = _account_table(world, acts)
    tables |= _finance(world, deals)
    soiled, _ = dirt.soil_deals(spec.seed, deals, spec.as_of, max(0.2, spec.scale))
    tables["opportunities"] = dirt.bad_rows(spec.seed, as_text("opportunities", soiled))
    tables["hiring_plan"] = plan_hires(HIRING, tables["reps"])
    return tables


def _relation_tables(world: World, people: pd.DataFrame) -> dict[str, pd.DataFrame]:
    spec = world.spec
    count = max(8, round(70 * spec.scale))
    top = relations.top_accounts(world.accounts, count)
    return {
        "territories": relations.territories(spec.seed, world.accounts, world.crew, world.lines),
        "stakeholders": relations.stakeholders(
            spec.seed, top.head(count * 2 // 3), people, spec.as_of
        ),
        "needs": relations.needs(spec.seed, top, world.crew, spec.as_of),
        "ratings": relations.ratings(spec.seed, top, world.crew, spec.as_of),
        "partners": relations.partners(
            spec.seed, world.accounts, world.crew, max(4, round(38 * spec.scale)), spec.as_of
        ),
    }


def _link(
    world: World, deals: pd.DataFrame, acts: pd.DataFrame, found: pd.DataFrame, ads: pd.DataFrame
) -> pd.DataFrame:
    """Fill the columns of deals that come from activities, leads and campaigns."""
    rng = fresh(world.spec.seed, "links")
    table = deals.copy()
    table["last_activity_date"] = table["opportunity_id"].map(
        around.last_days(acts, "opportunity_id")
    )
    back = found.dropna(subset=["opportunity_id"]).drop_duplicates("opportunity_id")
    lead, ad = (
        dict(zip(back["opportunity_id"], back[name], strict=True))
        for name in ("lead_id", "campaign_id")
    )
    table["lead_id"] = [lead.get(one) for one in table["opportunity_id"]]
    base = pd.Timestamp("2020-01-01")
    own = [
        marketing.campaign_of(rng, ads, source, (created - base).days)
        if source in ("Events", "Webinar", "Paid digital", "Website", "Account-based")
        else None
        for source, created in zip(table["source"], table["created_date"], strict=True)
    ]
    table["campaign_id"] = [
        ad.get(one) if isinstance(ad.get(one), str) else other
        for one, other in zip(table["opportunity_id"], own, strict=True)
    ]
    return table


def _described(deals: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    region = dict(zip(accounts["account_id"], accounts["region"], strict=True))
    family = {one.product_id: one.family for one in PRODUCTS}
    return deals.assign(
        region=deals["account_id"].map(region),
        family=deals["product_id"].map(family),
        is_won=deals["is_won"].astype(bool),
    )


def _account_table(world: World, acts: pd.DataFrame) -> pd.DataFrame:
    spec, table = world.spec, world.accounts.copy()
    rng = fresh(spec.seed, "account columns")
    count = len(table)
    reps = [one.rep_id for one in world.crew]
    table["owner_id"] = [reps[one] if one >= 0 else None for one in table["owner"]]
    table["parent_id"] = [
        table["account_id"].iat[one] if one >= 0 else None for one in table["parent"]
    ]
    trades = [TRADES[one] for one in table["trade"]]
    table["industry"] = [one.name for one in trades]
    table["sic"] = [one.sic for one in trades]
    table["naics"] = [one.naics for one in trades]
    table["customer_type"] = rng.choice(
        ["End user", "Reseller", "Agency"], count, p=[0.94, 0.035, 0.025]
    )
    table["created_date"] = dates(table["created"])
    table["last_activity_date"] = table["account_id"].map(around.last_days(acts, "account_id"))
    table["acv"] = table["acv"].where(table["is_customer"])
    top = relations.top_accounts(table, max(5, round(110 * spec.scale)))
    given = table.loc[top.index, "true_potential"] * np.exp(rng.normal(0, 0.15, len(top)))
    table["potential"] = np.nan
    table.loc[top.index, "potential"] = (given / 5_000).round() * 5_000
    table.loc[rng.random(count) < 0.18, "business_line_count"] = None
    table = dirt.soil_accounts(spec.seed, table, spec.as_of, spec.scale)
    return dirt.double_accounts(spec.seed, table, 1.0)


def _finance(world: World, deals: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Bookings and controls, from the deals before faults get in."""
    spec = world.spec
    booked = money.bookings(spec.seed, deals, world.wrong)
    region = world.accounts.set_index("account_id")["region"]
    periods = ["2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1"]
    found = money.controls(booked, region, periods)
    return {"bookings": booked, "controls": found}


def write_workbook(folder: Path, spec: Spec) -> None:
    """Write input files and past decisions of a workbook."""
    world = make_world(spec)
    tables = make_tables(spec, world)
    write_tables(folder, tables)
    reps = [one.rep_id for one in world.crew]
    owned = world.accounts.assign(
        owner_id=[reps[one] if one >= 0 else None for one in world.accounts["owner"]]
    )
    known = {
        "region": set(world.accounts["region"].dropna()),
        "product_family": set(tables["products"]["family"]),
    }
    councils = hold_councils(SOFTWARE, known, tables["reps"], SOFTWARE_WORDS)
    said = voice_opinions(owned, tables["reps"], SOFTWARE_OPINIONS, spec.seed)
    said = said if spec.scale >= 1 else {}  # the tiny workbook keeps to decisions
    talks = hold_talks(TALKS, tables["reps"], spec.seed)
    asked = set_quotas(HIRING, tables["reps"])
    write_decisions(folder, decide(owned, tables["reps"]) | councils | said | talks | asked)


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables into ``inputs/`` of a workbook: CSV, one Excel file, Parquet for long ones."""
    inputs = folder / "inputs"
    for name, frame in tables.items():
        if name in PARQUET:
            write_parquet(inputs, name, frame)
        elif name in EXCEL:
            write_excel(inputs, name, frame)
        else:
            write_csv(inputs, name, frame, is_text=name == "opportunities")
