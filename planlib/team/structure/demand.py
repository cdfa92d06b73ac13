"""The demand side: what each cell is like, each figure with its cases, and drawn to its segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.settings.team_structure import TeamStructureSettings
from planlib.tables import table
from planlib.team.structure.cells import KEYS, Cells
from planlib.team.structure.deals import window_start
from planlib.team.structure.ground import Ground
from planlib.team.structure.inputs import StructureInputs, days, words
from planlib.team.structure.places import nearest_km

_Z80 = 1.2816


@dataclass(frozen=True)
class _Cases:
    """Single cases of one measure: ``region``, ``segment``, ``x``; how it is drawn together."""

    measure: str
    frame: pd.DataFrame
    unit: str
    definition: str
    is_share: bool = False


def measure_demand(ground: Ground) -> pd.DataFrame:
    """
    Measure every cell.

    A mean or share over cases is mixed with the segment's over all regions, and that with the
    whole: ``(n x own + k x pooled) / (n + k)`` with ``k`` the ``pool_cases`` of plan.yaml. The
    80 % interval is that of the Beta distribution for shares, and normal with the spread of the
    segment's cases over ``n + k`` for means. Sums carry no interval.

    Parameters
    ----------
    ground
        Used beside cells and deals: leads, activities, and places of work for local accounts.

    Returns
    -------
    DataFrame
        Table ``structure_demand``.
    """
    cells, settings = ground.cells, ground.settings
    parts = [_sums(ground)]
    parts += [
        _mixed(cases, cells, settings)
        for cases in (*_of_deals(ground), *_of_accounts(ground), *_of_activities(ground))
        if len(cases.frame)
    ]  # fmt: skip
    found = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate(table("structure_demand").by_name["measure"]
                                                      .allowed)}  # fmt: skip
    found = found.assign(place=found["measure"].map(order)).sort_values(
        [*KEYS, "place"], kind="stable", ignore_index=True
    )
    return table("structure_demand").coerce(found.drop(columns="place"))


def wide(demand: pd.DataFrame, cells: Cells) -> pd.DataFrame:
    """Give the used values with one column per measure, rows as in ``cells.table``."""
    values = demand.pivot_table(index=KEYS, columns="measure", values="value", aggfunc="first")
    return values.reindex(cells.index)


def _sums(ground: Ground) -> pd.DataFrame:
    cells, settings = ground.cells, ground.settings
    base = cells.table
    size = base["account_count"]
    rows = [
        _row(base, "accounts", (size, size), "accounts", "accounts of the cell"),
        _row(base, "workload_hours", (base["workload_hours"], size), "hours a year",
             "selling hours that the accounts need a year (step 02)"),
    ]  # fmt: skip
    leads = cell_leads(ground)
    if leads is not None:
        count = leads.reindex(cells.index).fillna(0.0).to_numpy()
        rows.append(
            _row(base, "leads", (count * 12 / settings.window_months, count), "leads a year",
                 f"leads of the last {settings.window_months} months, by matched account, else by "
                 "region of the country and the mix of the matched ones; a year")
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _row(
    base: pd.DataFrame, measure: str, figures: tuple[object, object], unit: str, definition: str
) -> pd.DataFrame:
    """Give a measure that is a sum; ``figures`` are its values and the cases behind them."""
    value, count = figures
    return base[KEYS].assign(
        measure=measure, raw_value=np.asarray(value, dtype=float),
        value=np.asarray(value, dtype=float), count=np.asarray(count, dtype=float).round(),
        own_share=1.0, is_grey=False, unit=unit, definition=definition,
    )  # fmt: skip


def cell_leads(ground: Ground) -> pd.Series | None:
    """
    Count the leads of the window by cell; None without leads.

    A lead with a known account counts there. The others count in the region that most accounts
    of their country are in, divided over segments as the accounts are; a lead whose country no
    account has is divided over all cells in that way.
    """
    inputs, cells = ground.inputs, ground.cells
    settings, as_of = ground.settings, ground.as_of
    leads = inputs.leads
    if leads is None or leads.empty or cells.table.empty:
        return None
    came = days(leads, "created_at")
    inside = (came > window_start(as_of, settings.window_months)) & (
        came < pd.Timestamp(as_of) + pd.Timedelta(days=1)
    )
    frame = pd.DataFrame({
        "account_id": words(leads, "account_id"), "country": words(leads, "country"),
    })[inside]  # fmt: skip
    matched = frame.merge(cells.accounts[["account_id", *KEYS]], on="account_id", how="left")
    count = matched.dropna(subset=["region"]).groupby(KEYS).size().astype("float64")
    count = count.reindex(cells.index).fillna(0.0)
    region = matched.loc[matched["region"].isna(), "country"].map(_region_of_country(inputs, cells))
    weights = cells.table.set_index(KEYS)["account_count"].astype("float64")
    for name, number in region.fillna("").value_counts().sort_index().items():
        share = weights[weights.index.get_level_values(0) == name] if name else weights
        count = count.add(share / share.sum() * number, fill_value=0.0)
    return count


def _region_of_country(inputs: StructureInputs, cells: Cells) -> dict[str, str]:
    accounts = inputs.accounts
    if accounts is None or "country" not in accounts.columns:
        return {}
    named = pd.DataFrame({
        "account_id": accounts["account_id"].astype("str"), "country": words(accounts, "country"),
    }).merge(cells.accounts[["account_id", "region"]], on="account_id")  # fmt: skip
    grouped = named[named["country"] != ""].groupby(["country", "region"]).size()
    count = grouped.reset_index(name="n")
    count = count.sort_values(["country", "n", "region"], ascending=[True, False, True])
    first = count.drop_duplicates("country")
    return dict(zip(first["country"], first["region"], strict=True))


def _of_deals(ground: Ground) -> Iterator[_Cases]:
    deals, settings = ground.deals, ground.settings
    when = f"closed in the last {settings.window_months} months"
    won = deals[deals["is_won"]]
    yield _Cases("margin", won.assign(x=won["margin"]), "currency a won deal",
                 f"margin of a won deal, {when}")  # fmt: skip
    yield _Cases("deal_size", won.assign(x=won["amount"]).dropna(subset=["x"]),
                 "currency a won deal", f"mean amount of won deals {when}")  # fmt: skip
    yield _Cases("win_share", deals.assign(x=deals["is_won"].astype(float)), "share",
                 f"won / closed, deals {when}, by count", is_share=True)  # fmt: skip
    yield _Cases("cycle_days", won.assign(x=won["cycle_days"]).dropna(subset=["x"]), "days",
                 f"mean days from creation to close, deals won, {when}")  # fmt: skip
    yield _Cases("lines_per_deal", won.assign(x=won["line_count"]).dropna(subset=["x"]),
                 "products a deal", f"different products of a won deal, {when}")  # fmt: skip
    named = won[won["line"] != ""]
    if len(named):
        lines = named.groupby(["segment", "line"]).size().reset_index(name="n")
        lines = lines.sort_values(["segment", "n", "line"], ascending=[True, False, True])
        top = lines.drop_duplicates("segment").set_index("segment")["line"]
        is_top = named["line"] == named["segment"].map(top)
        yield _Cases("top_line_share", named.assign(x=is_top.astype(float)), "share",
                     f"won deals whose main product is of the segment's main line, {when}",
                     is_share=True)  # fmt: skip
    yield _Cases("competition_share",
                 deals.assign(x=deals["is_contested"]).dropna(subset=["x"]), "share",
                 f"lost to a competitor or on price / lost with a reason, {when}",
                 is_share=True)  # fmt: skip


def _of_accounts(ground: Ground) -> Iterator[_Cases]:
    settings, accounts = ground.settings, ground.cells.accounts
    km = nearest_km(accounts, ground.roster)
    if km is not None:
        near = (km <= settings.local_km).astype(float).where(km.notna())
        yield _Cases("local_share", accounts.assign(x=near).dropna(subset=["x"]), "share",
                     f"accounts within {settings.local_km:g} km of the nearest seller's place of "
                     "work / accounts with a known place", is_share=True)  # fmt: skip
    if accounts["is_customer"].any():
        yield _Cases(
            "prospect_share",
            accounts.assign(x=(~accounts["is_customer"]).astype(float)),
            "share",
            "accounts that are not customers yet / accounts",
            is_share=True,
        )
    people = accounts["employees"]
    if people.notna().any():
        cut = float(people.quantile(0.8))
        yield _Cases("enterprise_share",
                     accounts.assign(x=(people >= cut).astype(float).where(people.notna()))
                     .dropna(subset=["x"]), "share",
                     f"accounts with {cut:,.0f} employees or more (the largest fifth of all) / "
                     "accounts with known employees", is_share=True)  # fmt: skip
    group = accounts["industry_group"].str.casefold()
    field = _has(group, settings.field_industries)
    known = field | _has(group, settings.inside_industries)
    yield _Cases("field_industry_share", accounts.assign(x=field.astype(float))[known], "share",
                 "accounts of traditional industries / accounts of industries that plan.yaml "
                 "names", is_share=True)  # fmt: skip


def _of_activities(ground: Ground) -> Iterator[_Cases]:
    cells, settings, as_of = ground.cells, ground.settings, ground.as_of
    activities = ground.inputs.activities
    if activities is None or activities.empty:
        return
    day = days(activities, "activity_date")
    inside = (day > window_start(as_of, settings.window_months)) & (day <= pd.Timestamp(as_of))
    kind = words(activities, "activity_type")
    contact = inside & kind.isin(["visit", "event", "call", "email", "message", "demo", "meeting"])
    frame = pd.DataFrame({
        "account_id": words(activities, "account_id"),
        "x": kind.isin(["visit", "event"]).astype(float),
    })[contact]  # fmt: skip
    yield _Cases("face_to_face_share",
                 frame.merge(cells.accounts[["account_id", *KEYS]], on="account_id"), "share",
                 f"visits and events / logged contacts of the last {settings.window_months} months",
                 is_share=True)  # fmt: skip


def _has(values: pd.Series, fragments: tuple[str, ...]) -> pd.Series:
    found = pd.Series(False, index=values.index)
    for fragment in fragments:
        found |= values.str.contains(fragment.casefold(), regex=False)
    return found


def _mixed(cases: _Cases, cells: Cells, settings: TeamStructureSettings) -> pd.DataFrame:
    """Draw the cells' means to the segment's, and the segments' to the whole."""
    k = settings.pool_cases
    frame = cases.frame
    total, spread = float(frame["x"].mean()), float(frame["x"].std(ddof=0))
    by_segment = frame.groupby("segment")["x"].agg(["sum", "size", "std"])
    pooled = (by_segment["sum"] + k * total) / (by_segment["size"] + k)
    own = frame.groupby(KEYS)["x"].agg(["sum", "size"]).reindex(cells.index)
    count = own["size"].fillna(0.0).to_numpy()
    segment = cells.table["segment"]
    target = segment.map(pooled).fillna(total).to_numpy()
    raw = own["sum"].to_numpy() / np.where(count > 0, count, np.nan)
    weight = count + k
    value = np.where(
        weight > 0, (np.nan_to_num(raw) * count + k * target) / np.where(weight > 0, weight, 1.0),
        np.nan,
    )  # fmt: skip
    if cases.is_share:
        low, high = _beta(value, weight)
    else:
        sd = segment.map(by_segment["std"]).fillna(spread).fillna(0.0).to_numpy()
        half = _Z80 * sd / np.sqrt(np.maximum(weight, 1.0))
        low, high = np.maximum(value - half, 0.0), value + half
    return cells.table[KEYS].assign(
        measure=cases.measure, raw_value=raw, value=value, low=low, high=high, count=count,
        own_share=np.where(weight > 0, count / np.maximum(weight, 1e-12), 0.0),
        is_grey=count < settings.minimum_cases, unit=cases.unit, definition=cases.definition,
    )  # fmt: skip


def _beta(value: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import betaincinv

    a, b = np.maximum(value * weight, 1e-3), np.maximum((1 - value) * weight, 1e-3)
    return betaincinv(a, b, 0.1), betaincinv(a, b, 0.9)
