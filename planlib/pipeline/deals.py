"""What the deals table says of each deal: open, won or lost, and since when."""

from __future__ import annotations

import pandas as pd

from planlib.errors import TableError
from planlib.tables import require_columns, table

#: Columns of a state of the pipeline: one row per deal that was known on a day.
STATE_COLUMNS = (
    "opportunity_id",
    "status",
    "amount",
    "close_date",
    "stage",
    "probability",
    "forecast_category",
    "owner_id",
    "account_id",
    "created_date",
)


def prepare_deals(opportunities: pd.DataFrame) -> pd.DataFrame:
    """
    Bring the deals table into shape and add the status of each deal.

    A deal is won when ``is_won``, lost when closed and not won, open when not closed. A won or
    lost deal is taken as closed on its ``close_date``. Stage labels are never read: two firms
    give the same label different meanings. A deal without these flags has status "unknown" and
    counts neither as open nor as closed.

    Parameters
    ----------
    opportunities
        Table ``opportunities``; only ``opportunity_id`` is needed.

    Returns
    -------
    DataFrame
        The table in its declared shape plus ``status`` (open, won, lost, unknown), ordered by
        ``opportunity_id``.

    Raises
    ------
    TableError
        If ``opportunity_id`` is missing, blank or repeats.
    """
    require_columns("opportunities", opportunities, ["opportunity_id"])
    deals = table("opportunities").conform(opportunities)
    check_ids(deals)
    deals = deals.sort_values("opportunity_id", ignore_index=True)
    return deals.assign(status=deal_status(deals["is_closed"], deals["is_won"]))


def check_ids(deals: pd.DataFrame) -> None:
    """
    Refuse a deals table in which an id is blank or repeats.

    Raises
    ------
    TableError
        With both problems at once.
    """
    problems = []
    blank = int(deals["opportunity_id"].isna().sum())
    if blank:
        problems.append(f"opportunity_id is blank in {blank} rows")
    double = deals["opportunity_id"].duplicated(keep=False) & deals["opportunity_id"].notna()
    if double.any():
        first = ", ".join(sorted(deals.loc[double, "opportunity_id"].unique())[:3])
        problems.append(f"opportunity_id repeats in {int(double.sum())} rows, first {first}")
    if problems:
        raise TableError("opportunities", problems)


def deal_status(is_closed: pd.Series, is_won: pd.Series) -> pd.Series:
    """
    Tell open, won, lost and unknown apart by the two flags of the CRM's stage metadata.

    Parameters
    ----------
    is_closed, is_won
        Boolean columns, possibly with missing values. A won deal is closed even if the first
        flag is missing.
    """
    status = pd.Series("unknown", index=is_closed.index, dtype="str")
    status = status.mask((is_closed == False).fillna(False).astype(bool), "open")  # noqa: E712
    lost = ((is_closed == True) & (is_won == False)).fillna(False).astype(bool)  # noqa: E712
    return status.mask(lost, "lost").mask(is_won.fillna(False).astype(bool), "won")
