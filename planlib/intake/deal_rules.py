"""Cells of a deal that are blank or contradict each other: the deal stays, and the cell is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from planlib.intake.rows import Breach, breach_findings, joined
from planlib.notes import percent
from planlib.tables import is_filled

_LABELS = {
    "won": re.compile(r"(closed?[\s_-]*)?won|赢单|已赢单|成交|已成交", re.IGNORECASE),
    "lost": re.compile(r"(closed?[\s_-]*)?lost|输单|已输单|丢单|已丢单", re.IGNORECASE),
    "closed": re.compile(r"closed|已关闭", re.IGNORECASE),
}
_UNKNOWN = "neither open nor closed"


def check_deals(before: pd.DataFrame, deals: pd.DataFrame, origin: pd.DataFrame) -> pd.DataFrame:
    """
    List deals without account, closed deals without closing day, and states that contradict.

    Parameters
    ----------
    before
        Table ``opportunities`` as the sources have it.
    deals
        The same rows once it is worked out which are closed and won.
    origin
        File, sheet and row of each.

    Returns
    -------
    DataFrame
        Findings with severity "note", one per cell: column, value, rule and what is allowed. A
        column without any value is no fault of single deals and is left to computability.
    """
    breaches = (*_blank(deals), *_chance(deals), *_state(before, deals))
    return joined([breach_findings("opportunities", (deals, origin), one) for one in breaches])


def _blank(deals: pd.DataFrame) -> Iterator[Breach]:
    """Find deals without account, and closed ones without close date."""
    nothing = pd.Series("", index=deals.index)
    if is_filled(deals, "account_id"):
        yield Breach(
            "account_id",
            deals["account_id"].isna(),
            nothing,
            "blank, so the deal counts for no account",
            "the account_id of an account; the row is kept",
        )
    if is_filled(deals, "close_date"):
        for state in ("won", "lost"):
            yield Breach(
                "close_date",
                (_states(deals) == state) & deals["close_date"].isna(),
                nothing,
                f"{state} without a close date, so the deal counts in no period",
                "the day on which the deal was closed; the row is kept",
            )


def _chance(deals: pd.DataFrame) -> Iterator[Breach]:
    """Find closed deals with the probability of an open one."""
    if not is_filled(deals, "probability"):
        return
    chance = deals["probability"].astype("float64")
    told = (100 * chance).map("{:.4g}%".format, na_action="ignore")
    for state, right in (("won", 1.0), ("lost", 0.0)):
        wrong = (_states(deals) == state) & chance.notna() & ~np.isclose(chance, right)
        yield Breach(
            "probability",
            wrong,
            told,
            f"the deal is {state}, and its probability says open",
            f"{percent(right)} or blank for a deal that is {state}, or a deal that is open; the "
            "row "
            f"is kept and counts as {state}",
        )


def _state(before: pd.DataFrame, deals: pd.DataFrame) -> Iterator[Breach]:
    """Find deals whose columns for closed and won, or whose stage by its label, contradict."""
    if {"is_closed", "is_won"} <= {*before.columns}:
        open_won = _is(before["is_closed"], False) & _is(before["is_won"], True)
        yield Breach(
            "is_closed",
            open_won,
            pd.Series("false", index=deals.index),
            "the deal is won, and not closed",
            "true where is_won is true; the row is kept and counts as closed and won",
        )
    if not is_filled(deals, "stage"):
        return
    state = _states(deals)
    stage = deals["stage"].fillna("").str.strip()
    for label, pattern in _LABELS.items():
        right = ("won", "lost", "closed") if label == "closed" else (label,)
        wrong = stage.map(lambda text, one=pattern: bool(one.fullmatch(text))) & ~state.isin(right)
        for counted in ("won", "lost", "open", "closed", _UNKNOWN):
            yield Breach(
                "stage",
                wrong & (state == counted),
                deals["stage"],
                f"the stage says {label}, and the deal counts as {counted}",
                "a stage that agrees with is_closed and is_won, which decide; the row is kept",
            )


def _states(deals: pd.DataFrame) -> pd.Series:
    """Give by deal: won, lost, open, closed in one way or the other, or that it is not known."""
    nothing = pd.Series(pd.NA, index=deals.index, dtype="boolean")
    closed, won = deals.get("is_closed", nothing), deals.get("is_won", nothing)
    state = pd.Series(_UNKNOWN, index=deals.index)
    state = state.mask(_is(closed, False), "open").mask(_is(closed, True), "closed")
    return state.mask(_is(closed, True) & _is(won, False), "lost").mask(_is(won, True), "won")


def _is(values: pd.Series, wanted: bool) -> pd.Series:
    return values.eq(wanted).fillna(False).astype(bool)
