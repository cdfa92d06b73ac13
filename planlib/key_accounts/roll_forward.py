"""Roll-forward of the needs register: from the last cycle's frozen register to today's."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.key_accounts.register import HORIZON_MONTHS, OPEN
from planlib.pipeline.money import from_cents, known, to_cents
from planlib.tables import table

ALL = "all"
#: Parts in order, with the sign by which their values enter the closing value.
PARTS: tuple[tuple[str, int], ...] = (
    ("opening", 1),
    ("new", 1),
    ("reopened", 1),
    ("won", -1),
    ("lost", -1),
    ("expired", -1),
    ("removed", -1),
    ("revalued", 1),
    ("moved in", 1),
    ("moved out", -1),
    ("closing", 1),
)
_ENDS = ("won", "lost", "expired")


def roll_forward(needs: pd.DataFrame, previous: pd.DataFrame | None) -> pd.DataFrame:
    """
    Explain how the open needs of the last cycle became those of today.

    opening + new + reopened - won - lost - expired - removed +/- revalued + moved in - moved out
    = closing, to the cent, in each horizon and in total; moves between horizons cancel out in
    total. A need leaves at the value with which it opened; a change of its value while open is
    revalued in the horizon where it stands now. One that was recorded and decided between the
    cycles is both new and won, lost or expired. ``removed``: its row is no longer in the register.
    A value that is not known counts as nothing and in ``unknown_count``.

    Parameters
    ----------
    needs
        Table ``key_account_needs`` of this cycle.
    previous
        The same table of the last published cycle, or None: then only the closing is known.

    Returns
    -------
    DataFrame
        Table ``key_account_need_flow``: one row per horizon (and ``all``) and part.
    """
    moves = _closing(needs) if previous is None else _moves(needs, previous)
    whole = moves[~moves["part"].isin(["moved in", "moved out"])].assign(horizon=ALL)
    sums = (
        pd.concat([moves, whole])
        .groupby(["horizon", "part"])
        .agg(need_count=("cents", "size"), cents=("cents", "sum"), unknown_count=("unknown", "sum"))
    )
    horizons = [*HORIZON_MONTHS, ALL]
    parts = [name for name, _ in PARTS] if previous is not None else ["closing"]
    index = pd.MultiIndex.from_product([horizons, parts], names=["horizon", "part"])
    rows = sums.reindex(index, fill_value=0).reset_index()
    signs = rows["part"].map(dict(PARTS)).astype("int64")
    rows = rows.assign(
        value=from_cents(rows["cents"].astype("Int64") * signs),
        place=rows["part"].map({name: place for place, (name, _) in enumerate(PARTS)}),
    )
    return table("key_account_need_flow").check(
        rows[["horizon", "part", "place", "need_count", "value", "unknown_count"]]
    )


def _part(rows: pd.DataFrame, part: str, horizon: str, cents: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "part": part,
            "horizon": rows[horizon].astype("str"),
            "cents": known(rows[cents]).to_numpy(),
            "unknown": rows[cents].isna().astype("int64").to_numpy(),
        }
    )


def _closing(needs: pd.DataFrame) -> pd.DataFrame:
    rows = needs[needs["status"] == OPEN].assign(cents=lambda frame: to_cents(frame["value"]))
    return _part(rows, "closing", "horizon", "cents")


def _moves(needs: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    both = pd.DataFrame({"need_id": needs["need_id"]}).merge(
        previous[["need_id"]], "outer", "need_id"
    )
    for frame, end in ((previous, "before"), (needs, "now")):
        state = frame[["need_id", "status", "horizon"]].assign(cents=to_cents(frame["value"]))
        state.columns = pd.Index(["need_id", f"status_{end}", f"horizon_{end}", f"cents_{end}"])
        both = both.merge(state, "left", "need_id")
    opened, is_open = both["status_before"] == OPEN, both["status_now"] == OPEN
    was_there = both["status_before"].notna()
    ended = both["status_now"].isin(_ENDS)
    fresh = ~was_there & both["status_now"].notna()
    again = was_there & ~opened & is_open
    stays = opened & is_open
    change = known(both["cents_now"]) - known(both["cents_before"])
    both["change"] = pd.Series(change, dtype="Int64")
    moved = stays & (both["horizon_before"] != both["horizon_now"])
    parts = [
        _part(both[opened], "opening", "horizon_before", "cents_before"),
        _part(both[fresh], "new", "horizon_now", "cents_now"),
        _part(both[again], "reopened", "horizon_now", "cents_now"),
        _part(
            both[opened & both["status_now"].isna()], "removed", "horizon_before", "cents_before"
        ),
        _part(both[stays & (both["change"] != 0)], "revalued", "horizon_now", "change"),
        _part(both[moved], "moved in", "horizon_now", "cents_before"),
        _part(both[moved], "moved out", "horizon_before", "cents_before"),
        _part(both[is_open], "closing", "horizon_now", "cents_now"),
    ]
    for end in _ENDS:
        mine = ended & (both["status_now"] == end)
        parts.append(_part(both[opened & mine], end, "horizon_before", "cents_before"))
        parts.append(_part(both[fresh & mine], end, "horizon_now", "cents_now"))
    return pd.concat(parts, ignore_index=True)


def flow_difference(flow: pd.DataFrame) -> pd.Series:
    """
    Give what the parts lack to the closing value, by horizon: zero to the cent.

    Parameters
    ----------
    flow
        Table ``key_account_need_flow`` with an opening.

    Returns
    -------
    Series
        Money by horizon.
    """
    cents = known(to_cents(flow["value"]))
    signed = cents.where(flow["part"] != "closing", -cents)
    sums = signed.groupby(flow["horizon"], sort=False).sum()
    return pd.Series(np.asarray(sums, dtype="float64") / 100, index=sums.index)
