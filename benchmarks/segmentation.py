"""Segmentation of a generated market: speed up to a million accounts, quality of potentials."""

from __future__ import annotations

import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from benchmarks import Row, timed
from planlib.plan import parse_plan
from planlib.segmentation import segment_accounts

AS_OF = datetime.date(2026, 3, 31)
PLAN = """
segmentation:
  markets:
    - {name: India, countries: India, maturity: 0.6}
    - {name: China, countries: China, size_cuts: [50, 500, 2000]}
"""
INDUSTRIES = ["Banking", "Retail", "Software", "Hospital", "Automotive", "Government", "Energy"]
GROUPS = dict(zip(INDUSTRIES, ["Financial", "Retail", "Technology", "Health", "Manufacturing",
                               "Public", "Energy"], strict=True))  # fmt: skip
LIFT = np.array([0.5, 0.1, 0.3, 0.0, -0.2, -0.1, 0.2])  # of log spend, by industry
CUTS = {"India": (60, 600, 3000), "China": (50, 500, 2000), "World": (100, 1000, 5000)}
SIZES = ("small", "medium", "large", "enterprise")
SCALED = 20_000  # accounts on which the row-by-row peer runs; its time is scaled up


def make_market(count: int, seed: int = 11) -> dict[str, pd.DataFrame]:
    """Draw accounts, reps and won deals; one account in ten lacks employees."""
    draw = np.random.default_rng(seed)
    country = draw.choice(["United States", "Germany", "India", "China", "Brazil"], count)
    which = draw.integers(0, len(INDUSTRIES), count)
    industry = np.array(INDUSTRIES)[which]
    employees = np.exp(draw.normal(5.2, 1.7, count)).round() + 1
    level = 6 + 0.45 * np.log(employees) + LIFT[which]
    customer = draw.random(count) < 0.25
    spend = np.where(customer, np.exp(level + draw.normal(0, 0.9, count)), np.nan)
    ids = pd.Series(np.char.add("A-", np.char.zfill(np.arange(count).astype(str), 7)), dtype="str")
    reps = [f"R-{place:03d}" for place in range(60)]
    days = draw.integers(0, 500, count)
    accounts = pd.DataFrame({
        "account_id": ids,
        "country": pd.Series(country, dtype="str"),
        "industry": pd.Series(industry, dtype="str"),
        "employees": pd.Series(employees).mask(draw.random(count) < 0.1).astype("Int64"),
        "revenue": (employees * draw.uniform(1e5, 3e5, count)).round(),
        "is_customer": pd.Series(customer, dtype="boolean"),
        "acv": spend,
        "owner_id": pd.Series(draw.choice(reps, count), dtype="str"),
        "business_line_count": pd.Series(draw.integers(1, 9, count), dtype="Int64"),
        "last_activity_date": pd.Timestamp(AS_OF) - pd.to_timedelta(days, unit="D"),
    })  # fmt: skip
    deals = np.flatnonzero(customer)[: count // 5]
    opportunities = pd.DataFrame({
        "opportunity_id": pd.Series([f"D-{place}" for place in range(len(deals))], dtype="str"),
        "account_id": ids[deals].reset_index(drop=True),
        "is_won": pd.Series(True, index=range(len(deals)), dtype="boolean"),
        "close_date": pd.Timestamp("2025-12-01"),
        "amount": spend[deals],
    })  # fmt: skip
    return {
        "accounts": accounts,
        "reps": pd.DataFrame({"rep_id": pd.Series(reps, dtype="str")}),
        "opportunities": opportunities,
    }


def by_rows(accounts: pd.DataFrame) -> pd.DataFrame:
    """Do the core of the work as plain pandas does it row by row: no reasons, no intervals."""

    def one(row: Any) -> pd.Series:
        market = row["country"] if row["country"] in ("India", "China") else "World"
        size = "unknown"
        if pd.notna(row["employees"]):
            size = SIZES[sum(row["employees"] >= cut for cut in CUTS[market])]
        life = "prospect"
        if row["is_customer"]:
            life = "large_footprint" if row["acv"] >= 100_000 else "new_customer"
        unit = "Enterprise" if size == "enterprise" or life == "large_footprint" else (
            "Small Business" if size == "small" else "Commercial")  # fmt: skip
        return pd.Series([market, size, GROUPS[row["industry"]], life, unit])

    found = accounts.apply(one, axis=1).set_axis(
        ["market", "size", "group", "life", "unit"], axis=1
    )
    cells = found.assign(acv=accounts["acv"]).groupby(["size", "group", "market"])["acv"]
    return found.assign(potential=cells.transform(lambda values: values.quantile(0.75)))


SQL = """
with placed as (
    select *, case when country in ('India', 'China') then country else 'World' end as market
    from accounts
), sized as (
    select *, case
        when employees is null then 'unknown'
        when employees < case market when 'India' then 60 when 'China' then 50 else 100 end
            then 'small'
        when employees < case market when 'India' then 600 when 'China' then 500 else 1000 end
            then 'medium'
        when employees < case market when 'India' then 3000 when 'China' then 2000 else 5000 end
            then 'large'
        else 'enterprise' end as size,
        case when not is_customer then 'prospect' when acv >= 100000 then 'large_footprint'
            else 'new_customer' end as life
    from placed
), cells as (
    select size, industry, market, quantile_cont(acv, 0.75) as potential
    from sized group by all
)
select account_id, market, size, industry, life,
    case when size = 'enterprise' or life = 'large_footprint' then 'Enterprise'
        when size = 'small' then 'Small Business' else 'Commercial' end as unit,
    greatest(potential, acv) as potential
from sized left join cells using (size, industry, market)
"""


def by_sql(accounts: pd.DataFrame) -> pd.DataFrame:
    """Do the core of the work as one query in duckdb: no reasons, no shrinkage, no intervals."""
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.register("accounts", accounts)
        return connection.sql(SQL).df()


def speed(count: int, repeats: int) -> list[Row]:
    """Measure the whole step beside the row-by-row and the query version of its core."""
    market = make_market(count)
    settings = parse_plan(PLAN).segmentation
    accounts = market.pop("accounts")
    others: dict[str, Any] = {**market}
    size = f"{count:,} accounts"

    def whole() -> object:
        return segment_accounts(accounts, settings, as_of=AS_OF, **others)

    def shuffled() -> object:
        return segment_accounts(mixed, settings, as_of=AS_OF, **others)

    mixed = accounts.sample(frac=1, random_state=1, ignore_index=True)
    wall, cpu = timed(whole, repeats)
    rows = [Row(work="segment, route, potential, workload, all tables", size=size, who="planlib",
                seconds=wall, cpu_seconds=cpu, quality="with reasons and intervals")]  # fmt: skip
    again, cpu_again = timed(shuffled, repeats)
    rows.append(Row(work="the same, ids in random order", size=size, who="planlib", seconds=again,
                    cpu_seconds=cpu_again, quality="same rows"))  # fmt: skip
    sample = accounts.head(min(SCALED, count))
    slow, slow_cpu = timed(lambda: by_rows(sample), 1)
    scale = count / len(sample)
    rows.append(Row(work="dimensions, unit, raw quantile", size=size,
                    who=f"pandas apply (x {scale:.0f} from {len(sample):,})",
                    seconds=slow * scale, cpu_seconds=slow_cpu * scale,
                    ratio=slow * scale / wall, quality="without reasons"))  # fmt: skip
    query, query_cpu = timed(lambda: by_sql(accounts), repeats)
    rows.append(Row(work="dimensions, unit, raw quantile", size=size, who="duckdb, one query",
                    seconds=query, cpu_seconds=query_cpu, ratio=query / wall,
                    quality="without reasons"))  # fmt: skip
    return rows


def quality(count: int, repeats: int) -> list[Row]:
    """Hide the spend of one customer in five, and compare what each way says about it."""
    market = make_market(count, seed=23)
    accounts = market["accounts"]
    settings = parse_plan(PLAN).segmentation
    draw = np.random.default_rng(5)
    hidden = accounts["acv"].notna() & (draw.random(count) < 0.2)
    known = accounts.assign(acv=accounts["acv"].mask(hidden),
                            is_customer=accounts["is_customer"].mask(hidden))  # fmt: skip

    def ours() -> pd.Series:
        return segment_accounts(known, settings, as_of=AS_OF).segments["potential"]

    def raw() -> pd.Series:
        return by_sql(known).set_index("account_id")["potential"].reindex(
            known["account_id"]).reset_index(drop=True)  # fmt: skip

    rows, first = [], 0.0
    for who, way in (("planlib", ours), ("duckdb, raw cell quantile", raw)):
        wall, cpu = timed(way, repeats)
        first = first or wall
        rows.append(Row(work="potential of hidden customers", size=f"{count:,} accounts", who=who,
                        seconds=wall, cpu_seconds=cpu, ratio=wall / first,
                        quality=_loss(way()[hidden], accounts["acv"][hidden])))  # fmt: skip
    return rows


def _loss(said: pd.Series, truth: pd.Series) -> str:
    """Pinball loss of the logarithms at 75 %, smaller is better, and accounts without a figure."""
    gap = np.log(truth) - np.log(said)
    loss = np.maximum(0.75 * gap, -0.25 * gap)
    within = (gap <= 0)[said.notna()].mean()
    return f"loss {loss.mean():.4f}, {within:.0%} within (aim 75%), {said.isna().sum()} without"


def run(full: bool) -> list[Row]:
    """Run the benchmark; the full one with a million accounts too."""
    sizes = (100_000, 1_000_000) if full else (100_000,)
    rows = [row for count in sizes for row in speed(count, 3)]
    return rows + [row for count in (1_000, 4_000) for row in quality(count, 3)]
