"""Cells (segment and region) of the accounts, and who works in which of them today."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.settings.team_structure import CHOSEN, TeamStructureSettings
from planlib.team.structure.inputs import (
    NO_REGION,
    Roster,
    StructureInputs,
    flags,
    numbers,
    words,
)

NO_SEGMENT = "no segment"
KEYS = ["region", "segment"]


@dataclass(frozen=True, kw_only=True)
class Cells:
    """
    Accounts by cell.

    Parameters
    ----------
    accounts
        ``account_id``, ``region``, ``segment``, ``owner_id``, ``workload_hours``, ``potential``,
        ``is_customer``, ``complexity_score``, ``industry_group``, ``employees``, place.
    table
        One row per cell in the order of all results: ``region``, ``segment``,
        ``account_count``, ``workload_hours``, ``prospect_count``.
    findings, missing, cautions
        What is wrong, what is missing, and what to read with care, by topic.
    """

    accounts: pd.DataFrame = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    findings: list[tuple[str, str]]
    missing: dict[str, str]
    cautions: dict[str, str]

    @property
    def index(self) -> pd.MultiIndex:
        """Region and segment of each cell, in order."""
        return pd.MultiIndex.from_frame(self.table[KEYS])


def build_cells(inputs: StructureInputs, roster: Roster, settings: TeamStructureSettings) -> Cells:
    """
    Place every account in a cell.

    Parameters
    ----------
    inputs
        Used: accounts and segments. Without segments, the segment of the accounts table counts,
        and accounts without one stand in a cell of their own.
    roster
        Gives the region of the owner where an account has none.
    settings
        ``cut`` says whether segment or unit makes a cell.

    Returns
    -------
    Cells
        Without accounts it has no rows and says so.
    """
    missing: dict[str, str] = {}
    cautions: dict[str, str] = {}
    if inputs.accounts is None or inputs.accounts.empty:
        missing["accounts"] = (
            "table accounts is missing: roles are described, but no structure is computed; with "
            "region and owner of accounts there is one"
        )
        return Cells(accounts=_no_accounts(), table=_summed(_no_accounts()), findings=[],
                     missing=missing, cautions=cautions)  # fmt: skip
    accounts = _joined(inputs, settings, missing, cautions)
    region_of = roster.people.set_index("rep_id")["region"]
    home = accounts["owner_id"].map(region_of).astype("str")
    blank = accounts["region"] == ""
    accounts["region"] = accounts["region"].mask(blank, home).fillna("")
    findings = []
    lost = accounts["region"].isin(["", NO_REGION])
    if lost.any():
        findings.append((
            "account without region",
            f"{int(lost.sum())} accounts have neither a region nor an owner with one: left out; "
            f"first {', '.join(sorted(accounts.loc[lost, 'account_id'])[:5])}",
        ))  # fmt: skip
    accounts = accounts[~lost].reset_index(drop=True)
    if accounts["workload_hours"].isna().all():
        cautions["workload"] = (
            "no workload hours are known: every account counts the same; step 02 gives hours"
        )
    hours = accounts["workload_hours"]
    mean = hours[hours > 0].mean()
    accounts["workload_hours"] = hours.fillna(mean if pd.notna(mean) else 1.0)
    table = _summed(accounts)
    findings += _empty_regions(roster, table)
    return Cells(accounts=accounts, table=table, findings=findings, missing=missing,
                 cautions=cautions)  # fmt: skip


def today_heads(cells: Cells, roster: Roster, parts: int) -> pd.DataFrame:
    """
    Give heads by cell and kind today, in whole parts of a head.

    An owner's post stands where the workload of the own accounts in the own region is; a post
    without accounts, and everyone who owns none by role, is divided as the workload of the region
    is. Every region keeps its whole posts (largest remainder).

    Parameters
    ----------
    cells, roster
        Accounts, and people.
    parts
        Parts of a head.

    Returns
    -------
    DataFrame
        Rows as in ``cells.table``, one column for each kind whose heads are chosen.
    """
    posts = roster.people[roster.people["is_post"] & roster.people["kind"].isin(CHOSEN)]
    owned = cells.accounts.groupby(["owner_id", *KEYS])["workload_hours"].sum()
    place = {key: at for at, key in enumerate(cells.index)}
    load = cells.table["workload_hours"].to_numpy(dtype=float)
    homes = {name: np.flatnonzero(cells.table["region"].to_numpy() == name)
             for name in dict.fromkeys(cells.table["region"])}  # fmt: skip
    books: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for row in owned.reset_index().to_dict("records"):
        at = place[row["region"], row["segment"]]
        books.setdefault((row["owner_id"], row["region"]), []).append(
            (at, float(row["workload_hours"]))
        )
    heads = np.zeros((len(load), len(CHOSEN)))
    for rep, kind, region in zip(posts["rep_id"], posts["kind"], posts["region"], strict=True):
        if region not in homes:
            continue
        where, share = homes[region], load[homes[region]]
        if kind in ("field", "inside") and (rep, region) in books:
            where = np.array([at for at, _ in books[rep, region]])
            share = np.array([hours for _, hours in books[rep, region]])
        total = share.sum()
        heads[where, CHOSEN.index(kind)] += share / total if total > 0 else 1.0 / len(share)
    for where in homes.values():
        for k in range(len(CHOSEN)):
            heads[where, k] = _rounded(heads[where, k], parts)
    return pd.DataFrame(heads, columns=list(CHOSEN))


def _rounded(values: np.ndarray, parts: int) -> np.ndarray:
    """Round to whole parts, keeping the whole sum: largest remainder, ties by place."""
    wanted = values * parts
    whole = np.floor(wanted + 1e-9)
    left = round(float(wanted.sum() - whole.sum()))
    order = np.argsort(-(wanted - whole), kind="stable")
    whole[order[:left]] += 1
    return whole / parts


def _joined(
    inputs: StructureInputs,
    settings: TeamStructureSettings,
    missing: dict[str, str],
    cautions: dict[str, str],
) -> pd.DataFrame:
    accounts = inputs.accounts
    assert accounts is not None  # noqa: S101  # the caller looked
    frame = pd.DataFrame({
        "account_id": accounts["account_id"].astype("str"), "region": words(accounts, "region"),
        "province": words(accounts, "province"), "owner_id": words(accounts, "owner_id"),
        "employees": numbers(accounts, "employees"), "latitude": numbers(accounts, "latitude"),
        "longitude": numbers(accounts, "longitude"),
    })  # fmt: skip
    source = inputs.segments if inputs.segments is not None else accounts
    if inputs.segments is None:
        missing["segments"] = (
            "no segmentation (step 02): segment, workload and industry group of the accounts "
            "table stand in where given"
        )
    facts = pd.DataFrame({
        "account_id": source["account_id"].astype("str"),
        "segment": words(source, settings.cut), "potential": numbers(source, "potential"),
        "workload_hours": numbers(source, "workload_hours"),
        "is_customer": flags(source, "is_customer"),
        "complexity_score": numbers(source, "complexity_score"),
        "industry_group": words(source, "industry_group"),
    }).drop_duplicates("account_id")  # fmt: skip
    joined = frame.drop_duplicates("account_id").merge(facts, on="account_id", how="left")
    joined["segment"] = joined["segment"].fillna("").replace({"": NO_SEGMENT})
    joined["industry_group"] = joined["industry_group"].fillna("")
    joined["is_customer"] = joined["is_customer"].astype("boolean").fillna(False).astype(bool)
    if (joined["segment"] == NO_SEGMENT).all():
        cautions["segment"] = "no account has a segment: a region is one cell"
    return joined.sort_values("account_id", kind="stable", ignore_index=True)


def _no_accounts() -> pd.DataFrame:
    text = ["account_id", "region", "segment", "owner_id", "province", "industry_group"]
    figures = ["workload_hours", "potential", "complexity_score", "employees", "latitude",
               "longitude"]  # fmt: skip
    return pd.DataFrame({
        **{name: pd.Series(dtype="str") for name in text},
        **{name: pd.Series(dtype="float64") for name in figures},
        "is_customer": pd.Series(dtype="bool"),
    })  # fmt: skip


def _summed(accounts: pd.DataFrame) -> pd.DataFrame:
    """Sum accounts by cell, regions and segments by name."""
    prospects = accounts.assign(prospect_count=~accounts["is_customer"])
    table = prospects.groupby(KEYS, sort=True).agg(
        account_count=("account_id", "size"), workload_hours=("workload_hours", "sum"),
        prospect_count=("prospect_count", "sum"),
    )  # fmt: skip
    return table.reset_index()


def _empty_regions(roster: Roster, table: pd.DataFrame) -> list[tuple[str, str]]:
    """Name posts of chosen kinds that stand in a region without accounts."""
    posts = roster.people[roster.people["is_post"] & roster.people["kind"].isin(CHOSEN)]
    away = posts[~posts["region"].isin(set(table["region"])) & (posts["region"] != NO_REGION)]
    return [
        (
            "region without accounts",
            f"{region}: {len(rows)} posts ({', '.join(rows['rep_id'].head(8))}) stand in a region "
            "that no account is in: not planned; check the region's name in reps and accounts",
        )
        for region, rows in away.groupby("region", sort=True)
    ]
