"""
The core of the matrix in polars: ``python -m benchmarks.peers.polars_matrix`` in its own packages.

Closed ACV, open in period and open total of both years, in all cuts, from the same files as one
lazy plan, streamed. The year before counts by the owner of that day, as planlib's does. No other
figures, no restated year, no targets, notes or small cells. Order and answer are those of
``benchmarks.peers.pipeline``; the dates stand in the order.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.harness.usage import cpu_seconds, peak_gigabytes

UNKNOWN = "(unknown)"
OF_DEAL = ("product_id", "source", "creator_role", "deal_type")
CUTS = ("product_family", "region", "segment", "source", "creator_role", "deal_type", "manager")
KEYS = ("opportunity_id", "owner_id", "account_id")
CENTS = (pl.col("amount") * 100).round().cast(pl.Int64).alias("cents")


def matrix(folder: Path, sides: list[dict[str, Any]]) -> pl.DataFrame:
    """
    Compute the sums of both years.

    Returns
    -------
    DataFrame
        ``cut``, ``cut_value``, ``measure``, and in cents ``now`` and ``before``.
    """
    deals = pl.scan_parquet(folder / "opportunities" / "*.parquet")
    records = pl.scan_parquet(folder / "opportunity_history" / "*.parquet")
    facts = pl.concat(
        _facts(deals, records, {key: date.fromisoformat(day) for key, day in side.items()}, name)
        for name, side in zip(("now", "before"), sides, strict=True)
    )
    base = _with_cuts(facts, folder)
    total = base.group_by("side", "measure").agg(pl.col("cents").sum())
    parts = [total.with_columns(cut=pl.lit("total"), cut_value=pl.lit("all"))]
    parts += [
        base.group_by("side", "measure", pl.col(cut).alias("cut_value"))
        .agg(pl.col("cents").sum())
        .with_columns(cut=pl.lit(cut))
        for cut in CUTS
    ]
    order = ["cut", "cut_value", "measure", "side", "cents"]
    rows = pl.concat(pl.collect_all([part.select(order) for part in parts], engine="streaming"))
    return rows.pivot("side", index=["cut", "cut_value", "measure"], values="cents")


def _facts(
    deals: pl.LazyFrame, records: pl.LazyFrame, side: dict[str, date], name: str
) -> pl.LazyFrame:
    start, end, day = side["start"], side["end"], side["day"]
    won = deals.filter(
        pl.col("is_won"), pl.col("close_date").is_between(start, min(end, day))
    ).select(*KEYS, *OF_DEAL, CENTS, measure=pl.lit("closed_acv"))
    if name == "before":  # by the owner of that day
        owners = (
            records.filter(pl.col("snapshot_date") <= day, pl.col("owner_id").is_not_null())
            .join(won.select("opportunity_id"), on="opportunity_id", how="semi")
            .group_by("opportunity_id")
            .agg(then=pl.col("owner_id").sort_by("snapshot_date", "sequence").last())
        )
        won = won.join(owners, on="opportunity_id", how="left").with_columns(
            owner_id=pl.coalesce("then", "owner_id")
        )
        won = won.drop("then")
    closed = deals.filter(pl.col("is_closed"), pl.col("close_date") <= day)
    inside = pl.col("close_date").is_between(start, end)
    opened = (
        records.filter(pl.col("snapshot_date") == day, ~pl.col("is_closed"), ~pl.col("is_deleted"))
        .join(closed.select("opportunity_id"), on="opportunity_id", how="anti")
        .join(deals.select("opportunity_id", *OF_DEAL), on="opportunity_id", how="left")
    )
    columns = [*KEYS, *OF_DEAL, CENTS]
    both = [
        opened.select(*columns, measure=pl.lit("open_total")),
        opened.filter(inside).select(*columns, measure=pl.lit("open_in_period")),
    ]
    return pl.concat([won, *both]).with_columns(side=pl.lit(name))


def _with_cuts(facts: pl.LazyFrame, folder: Path) -> pl.LazyFrame:
    accounts, reps, products = (
        pl.scan_parquet(folder / f"{name}.parquet") for name in ("accounts", "reps", "products")
    )
    managers = reps.select("rep_id", "manager_id").join(
        reps.select(manager_id="rep_id", manager="name"), on="manager_id", how="left"
    )
    joined = (
        facts.join(products.select("product_id", product_family="family"), on="product_id",
                   how="left")
        .join(accounts.select("account_id", "region", "segment"), on="account_id", how="left")
        .join(managers.select(owner_id="rep_id", manager="manager"), on="owner_id", how="left")
    )  # fmt: skip
    known = [pl.when(pl.col(cut) != "").then(pl.col(cut)).alias(cut) for cut in CUTS]
    return joined.with_columns(known).with_columns(pl.col(CUTS).fill_null(UNKNOWN))


def main() -> None:
    """Do the work of the order and write what came out."""
    order = json.load(sys.stdin)
    made = Path(order["made"])
    started, used = time.perf_counter(), cpu_seconds()
    rows = matrix(Path(order["folder"]), order["sides"])
    outcome = {"wall": time.perf_counter() - started, "cpu": cpu_seconds() - used,
               "gigabytes": peak_gigabytes()}  # fmt: skip
    rows.write_parquet(made.with_suffix(".parquet"))
    made.with_suffix(".json").write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main()
