"""White space: which buying centre of a key account could buy which of our offerings."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.register import OPEN
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, known, to_cents
from planlib.settings.key_account_needs import KeyAccountNeedsSettings
from planlib.tables import table

WHOLE = "(whole account)"
#: Rule of a gap whose value a person stated, not one a year of usual spend.
REGISTERED = "value of the need in the register"
_PAIR = ["buying_centre", "product_id"]
_YEARS = 3
_NOTHING_SOLD = pd.DataFrame(
    {
        "account_id": pd.Series(dtype="str"),
        "product_id": pd.Series(dtype="str"),
        "won_amount": pd.Series(dtype="float64"),
        "last_won_date": pd.Series(dtype="datetime64[us]"),
        "open_amount": pd.Series(dtype="float64"),
        "open_count": pd.Series(dtype="int64"),
        "yearly_amount": pd.Series(dtype="float64"),
    }
)


def white_space(
    accounts: pd.DataFrame,
    products: pd.DataFrame | None,
    settings: KeyAccountNeedsSettings,
    as_of: date,
    *,
    needs: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    lines: pd.DataFrame | None = None,
    peers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give each cell of buying centre x offering of the key accounts: owned, in pipeline, gap, or not.

    Which centres may buy an offering comes from plan.yaml, else from the needs register (at least
    ``minimum_pairs`` entries over all accounts), else the account counts as one centre. An
    offering that nobody in the industry has ever bought is not eligible. A deal does not say which
    centre buys: it stands in the centre of a need of the account for that offering, else in the
    centre that asks for it most often. So does a need that names no centre.

    A gap is worth what the register says; without an entry the median amount a year that peers of
    the industry buy of the offering, shared by the centres of the account that may buy it. All
    values that are not from the register are scaled down to the account's potential less contract
    value in force less open deals.

    Parameters
    ----------
    accounts
        The key accounts: ``account_id``, ``industry_group``, ``potential``, ``acv``.
    products
        ``product_id``, ``name``, ``family``; None: there is no grid.
    settings
        ``buying_centres``, ``minimum_pairs``, ``minimum_owners``.
    as_of
        As-of date.
    needs
        Table ``key_account_needs``.
    opportunities, lines
        Deals and their product lines; without lines the deal's main product counts.
    peers
        All accounts with ``industry_group``, for what is usual; None: the key accounts alone.

    Returns
    -------
    DataFrame
        Table ``key_account_white_space``.
    """
    contract = table("key_account_white_space")
    if products is None or products.empty or accounts.empty:
        return contract.empty()
    register = table("key_account_needs").or_empty(needs)
    pairs = _pairs(register, products, settings)
    sold = product_deals(opportunities, lines, as_of)
    everyone = accounts if peers is None else peers
    cells = _cells(accounts, products, pairs, register)
    cells = _eligible(cells, pairs, accounts, everyone, sold)
    cells = _filled(cells, accounts, register, sold, pairs)
    cells = _valued(cells, accounts, everyone, sold, settings)
    family = products.drop_duplicates("product_id").set_index("product_id")["family"]
    cells = cells.assign(product_family=look_up(cells["product_id"], family))
    kept = [column.name for column in contract.columns]
    ordered = cells.sort_values(["account_id", *_PAIR], ignore_index=True)
    return contract.check(ordered[kept])


def penetration(cells: pd.DataFrame, by: str = "account_id") -> pd.DataFrame:
    """
    Count cells and give penetration = owned / eligible cells, by account, centre or offering.

    Parameters
    ----------
    cells
        Table ``key_account_white_space``.
    by
        Column to group by.

    Returns
    -------
    DataFrame
        ``by``, ``eligible_count``, ``owned_count``, ``pipeline_count``, ``gap_count``,
        ``penetration_share``, ``gap_amount`` and of it ``register_amount``, the needs of the
        register with their full value, not that of a year; the largest white space first.
    """
    eligible = cells[cells["state"] != "not_eligible"]
    stated = eligible["gap_amount"].where(eligible["value_rule"].eq(REGISTERED).fillna(False))
    grouped = eligible.groupby(by)
    counts = pd.DataFrame(
        {
            "eligible_count": grouped.size(),
            "owned_count": (eligible["state"] == "owned").groupby(eligible[by]).sum(),
            "pipeline_count": (eligible["state"] == "in_pipeline").groupby(eligible[by]).sum(),
            "gap_count": (eligible["state"] == "gap").groupby(eligible[by]).sum(),
            "gap_amount": grouped["gap_amount"].sum(min_count=1),
            "register_amount": stated.groupby(eligible[by]).sum(min_count=1),
        }
    ).rename_axis(by)
    counts.insert(4, "penetration_share", counts["owned_count"] / counts["eligible_count"])
    order = ["gap_amount", by]
    return counts.reset_index().sort_values(order, ascending=[False, True], ignore_index=True)


def product_deals(
    opportunities: pd.DataFrame | None, lines: pd.DataFrame | None, as_of: date
) -> pd.DataFrame:
    """
    Give what each account bought or may buy of each product.

    Returns
    -------
    DataFrame
        ``account_id``, ``product_id``, ``won_amount``, ``last_won_date``, ``open_amount``,
        ``open_count``, ``yearly_amount`` (mean won a year, of three years at most); amounts of
        lines are scaled to the amount of their deal.
    """
    if opportunities is None:
        return _NOTHING_SOLD.copy()
    parts = _deal_parts(opportunities, lines)
    parts = parts[parts["account_id"].notna() & parts["product_id"].notna()]
    last = pd.Timestamp(as_of)
    won = parts["is_won"].fillna(False).astype(bool) & (parts["close_date"] <= last)
    pending = ~parts["is_closed"].fillna(False).astype(bool)
    recent = won & (parts["close_date"] > last - pd.DateOffset(years=_YEARS))
    span = (last - parts.loc[recent, "close_date"].min()).days / 365.25 if recent.any() else 1.0
    years = min(float(_YEARS), max(1.0, span))
    keyed = parts.assign(
        won_cents=known(parts["cents"]).where(won, 0),
        recent_cents=known(parts["cents"]).where(recent, 0),
        open_cents=known(parts["cents"]).where(pending, 0),
        last_won_date=parts["close_date"].where(won),
        open_count=pending.astype("int64"),
    )
    sums = keyed.groupby(["account_id", "product_id"]).agg(
        won_cents=("won_cents", "sum"),
        recent_cents=("recent_cents", "sum"),
        open_cents=("open_cents", "sum"),
        open_count=("open_count", "sum"),
        last_won_date=("last_won_date", "max"),
    )
    rows = sums.assign(
        won_amount=from_cents(sums["won_cents"].astype("Int64")),
        open_amount=from_cents(sums["open_cents"].astype("Int64")),
        yearly_amount=sums["recent_cents"] / 100 / years,
    )
    return rows.reset_index()[list(_NOTHING_SOLD.columns)]


def _deal_parts(opportunities: pd.DataFrame, lines: pd.DataFrame | None) -> pd.DataFrame:
    columns = ["account_id", "is_won", "is_closed", "close_date"]
    deals = opportunities.assign(deal_amount=opportunities["amount"])
    if lines is None or lines.empty:
        return deals[[*columns, "product_id"]].assign(cents=to_cents(deals["amount"]))
    split = lines[["opportunity_id", "product_id", "amount"]].merge(
        deals[["opportunity_id", "deal_amount", *columns]], "inner", "opportunity_id"
    )
    whole = split.groupby("opportunity_id")["amount"].transform("sum")
    amount = split["amount"] * (split["deal_amount"] / whole.where(whole > 0)).fillna(1.0)
    bare = deals[~deals["opportunity_id"].isin(split["opportunity_id"])]
    rest = bare[[*columns, "product_id"]].assign(cents=to_cents(bare["amount"]))
    parts = split[[*columns, "product_id"]].assign(cents=to_cents(amount))
    return pd.concat([parts, rest], ignore_index=True)


def _pairs(
    register: pd.DataFrame, products: pd.DataFrame, settings: KeyAccountNeedsSettings
) -> pd.DataFrame:
    """Give the pairs of centre and offering that go together, how often, and who says so."""
    told = register[register["buying_centre"].notna() & register["product_id"].notna()]
    counts = told.groupby(_PAIR).size().rename("pair_count").reset_index()
    counts = counts[counts["pair_count"] >= settings.minimum_pairs].assign(origin="register")
    plan = [
        (centre, str(one.product_id), 1, "plan.yaml")
        for one in products.itertuples()
        for centre in settings.buying_centres.get(
            str(one.product_id), settings.buying_centres.get(str(one.family), ())
        )
    ]
    given = pd.DataFrame(plan, columns=[*_PAIR, "pair_count", "origin"])
    counts = counts[~counts["product_id"].isin(given["product_id"])]
    both = pd.concat([given, counts], ignore_index=True)
    return both[both["product_id"].isin(products["product_id"])].reset_index(drop=True)


def _cells(
    accounts: pd.DataFrame, products: pd.DataFrame, pairs: pd.DataFrame, register: pd.DataFrame
) -> pd.DataFrame:
    """Give every centre that an account may have with every offering."""
    centres = sorted(set(pairs["buying_centre"]) | set(register["buying_centre"].dropna()))
    grid = pd.MultiIndex.from_product(
        [
            sorted(accounts["account_id"]),
            centres or [WHOLE],
            sorted(products["product_id"].dropna().unique()),
        ],
        names=["account_id", *_PAIR],
    )
    return grid.to_frame(index=False).astype("str")


def _eligible(
    cells: pd.DataFrame,
    pairs: pd.DataFrame,
    accounts: pd.DataFrame,
    everyone: pd.DataFrame,
    sold: pd.DataFrame,
) -> pd.DataFrame:
    group = everyone.drop_duplicates("account_id").set_index("account_id")["industry_group"]
    bought = sold[sold["won_amount"] > 0]
    usual = pd.MultiIndex.from_arrays([look_up(bought["account_id"], group), bought["product_id"]])
    own = accounts.drop_duplicates("account_id").set_index("account_id")["industry_group"]
    industry = look_up(cells["account_id"], own)
    known_industry = industry.notna() & bool(len(bought))
    unusual = known_industry & ~pd.MultiIndex.from_arrays([industry, cells["product_id"]]).isin(
        usual
    )
    open_products = cells["product_id"].isin(pairs["product_id"])
    allowed = pd.MultiIndex.from_frame(cells[_PAIR]).isin(pd.MultiIndex.from_frame(pairs[_PAIR]))
    wrong_centre = open_products & ~allowed
    reason = np.select(
        [wrong_centre, unusual],
        ["this buying centre does not buy the offering", "nobody in the industry has bought it"],
        "",
    )
    state = pd.Series("gap", index=cells.index).mask(reason != "", "not_eligible")
    return cells.assign(industry=industry, state=state, reason=reason)


def _filled(
    cells: pd.DataFrame,
    accounts: pd.DataFrame,
    register: pd.DataFrame,
    sold: pd.DataFrame,
    pairs: pd.DataFrame,
) -> pd.DataFrame:
    """Put what the account bought, and its open deals, into one cell for each offering."""
    keys = ["account_id", *_PAIR]
    told = register[register["product_id"].notna() & register["buying_centre"].notna()]
    blank = register[register["product_id"].notna() & register["buying_centre"].isna()]
    blank = _placed(blank.drop(columns="buying_centre"), told, pairs, cells)
    both = pd.concat([part for part in (told, blank) if len(part)] or [told])
    pending = both[both["status"] == OPEN]
    value = pending.assign(cents=known(to_cents(pending["value"]))).groupby(keys)["cents"].sum()
    count = pending.groupby(keys)["value"].count()
    index = pd.MultiIndex.from_frame(cells[keys])
    cells = cells.assign(
        need_amount=(value / 100).where(count > 0).reindex(index).to_numpy(dtype="float64"),
        has_need=index.isin(value.index),
    )
    cells["state"] = cells["state"].mask(cells["has_need"] & (cells["state"] != "gap"), "gap")
    mine = sold[sold["account_id"].isin(accounts["account_id"])]
    mine = mine[(mine["won_amount"] > 0) | (mine["open_count"] > 0)]
    placed = _placed(mine, told, pairs, cells)
    amounts = placed.set_index(keys)[["won_amount", "open_amount", "open_count"]].reindex(index)
    is_owned = (amounts["won_amount"] > 0).to_numpy()
    is_open = (amounts["open_count"] > 0).to_numpy()
    state = cells["state"].mask(is_open, "in_pipeline").mask(is_owned, "owned")
    cells["reason"] = np.select(
        [is_owned, is_open, cells["has_need"]],
        ["bought", "open deals", "a need in the register"],
        cells["reason"],
    )
    return cells.assign(
        state=state,
        owned_amount=amounts["won_amount"].where(is_owned).to_numpy(dtype="float64"),
        pipeline_amount=amounts["open_amount"].where(is_open).to_numpy(dtype="float64"),
    )


def _placed(
    mine: pd.DataFrame, told: pd.DataFrame, pairs: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """Give each account and offering the centre where its deals stand."""
    own = told.groupby(["account_id", *_PAIR]).size().rename("count").reset_index()
    own = own.sort_values(["count", "buying_centre"], ascending=[False, True])
    own = own.drop_duplicates(["account_id", "product_id"])
    common = pairs.sort_values(["pair_count", "buying_centre"], ascending=[False, True])
    usual = common.drop_duplicates("product_id").set_index("product_id")["buying_centre"]
    told_centre = mine.merge(own, "left", ["account_id", "product_id"])["buying_centre"]
    usual_centre = look_up(mine["product_id"], usual).to_numpy()
    centre = told_centre.where(told_centre.notna(), usual_centre)
    first = str(cells["buying_centre"].min())
    placed = mine.reset_index(drop=True).assign(buying_centre=centre.to_numpy())
    return placed.assign(buying_centre=placed["buying_centre"].astype("str").fillna(first))


def _valued(
    cells: pd.DataFrame,
    accounts: pd.DataFrame,
    everyone: pd.DataFrame,
    sold: pd.DataFrame,
    settings: KeyAccountNeedsSettings,
) -> pd.DataFrame:
    is_gap = cells["state"] == "gap"
    usual, rule = _usual(cells, everyone, sold, settings)
    eligible = cells["state"] != "not_eligible"
    centres = eligible.groupby([cells["account_id"], cells["product_id"]]).transform("sum")
    share = usual / centres.where(centres > 0)
    stands_in = is_gap & cells["need_amount"].isna()
    guess = share.where(stands_in)
    room = accounts.drop_duplicates("account_id").set_index("account_id")
    left = (room["potential"] - room["acv"].fillna(0.0)).astype("float64")
    pending = sold.groupby("account_id")["open_amount"].sum()
    left = (left - pending.reindex(left.index).fillna(0.0)).clip(lower=0)
    total = guess.groupby(cells["account_id"]).transform("sum")
    scale = (look_up(cells["account_id"], left) / total.where(total > 0)).clip(upper=1).fillna(1.0)
    amount = cells["need_amount"].where(is_gap & ~stands_in, guess * scale)
    rule = rule.mask(stands_in & (scale < 1), rule + ", scaled to the potential left")
    rule = rule.mask(stands_in & (scale == 0), "no potential left beside contracts and open deals")
    rule = rule.mask(is_gap & ~stands_in, REGISTERED)
    return cells.assign(
        gap_amount=from_cents(to_cents(amount.where(is_gap))),
        value_rule=rule.where(is_gap).astype("str"),
    )


def _usual(
    cells: pd.DataFrame,
    everyone: pd.DataFrame,
    sold: pd.DataFrame,
    settings: KeyAccountNeedsSettings,
) -> tuple[pd.Series, pd.Series]:
    """Give the median amount a year of peers who bought an offering, and whose it is."""
    group = everyone.drop_duplicates("account_id").set_index("account_id")["industry_group"]
    bought = sold[sold["yearly_amount"] > 0]
    bought = bought.assign(industry=look_up(bought["account_id"], group).to_numpy())
    buyers = bought.groupby(["industry", "product_id"])["yearly_amount"].agg(["median", "count"])
    near = buyers[buyers["count"] >= settings.minimum_owners]["median"]
    wide = bought.groupby("product_id")["yearly_amount"].median()
    index = pd.MultiIndex.from_arrays([cells["industry"], cells["product_id"]])
    own = pd.Series(near.reindex(index).to_numpy(dtype="float64"), index=cells.index)
    other = look_up(cells["product_id"], wide.astype("float64"))
    rule = np.select(
        [own.notna(), other.notna()],
        ["median of a year of the industry's buyers", "median of a year of all buyers"],
        "nobody bought it: not known",
    )
    return own.where(own.notna(), other), pd.Series(rule, index=cells.index)
