"""What changed since the last cycle, account by account, with the reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Coded, combine
from planlib.tables import require_columns

_DIMENSIONS = ("market", "size", "industry_group", "lifecycle")


def change_table(segments: pd.DataFrame, previous: pd.DataFrame | None) -> pd.DataFrame:
    """
    List accounts that are new, gone, or moved to another segment or unit.

    Parameters
    ----------
    segments, previous
        Table ``segments`` of this cycle and of an earlier one.

    Returns
    -------
    DataFrame
        ``account_id``, ``change`` (new, gone, moved), segment and unit before and after,
        ``potential`` (of this cycle; of the earlier one for accounts that are gone) and
        ``reason``, sorted by account. Without an earlier cycle there are no rows.

    Raises
    ------
    TableError
        If the earlier table lacks account_id, segment or unit.
    """
    names = [
        "account_id",
        "change",
        "segment_before",
        "segment_after",
        "unit_before",
        "unit_after",
        "potential",
        "reason",
    ]
    if previous is None:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in names})
    require_columns("segments", previous, ["account_id", "segment", "unit"])
    before = previous.reset_index(drop=True)
    place = pd.Index(before["account_id"]).get_indexer(pd.Index(segments["account_id"]))
    kept = place >= 0
    now, old = segments[kept].reset_index(drop=True), before.iloc[place[kept]]
    old = old.reset_index(drop=True)
    moved = (_differs(now, old, "segment") | _differs(now, old, "unit")).to_numpy()
    frames = [
        _rows("moved", old[moved], now[moved], now[moved]).assign(
            reason=_reasons(now[moved].reset_index(drop=True), old[moved].reset_index(drop=True))
        ),
        _rows("new", None, segments[~kept], segments[~kept]).assign(reason="new account"),
    ]
    gone = before[~before["account_id"].isin(segments["account_id"])]
    frames.append(_rows("gone", gone, None, gone).assign(reason="no longer among the accounts"))
    return pd.concat(frames, ignore_index=True)[names].sort_values(
        "account_id", ignore_index=True, kind="stable"
    )


def _differs(now: pd.DataFrame, old: pd.DataFrame, name: str) -> pd.Series:
    return now[name].fillna("") != old[name].fillna("")


def _rows(
    change: str, old: pd.DataFrame | None, new: pd.DataFrame | None, of: pd.DataFrame
) -> pd.DataFrame:
    frame = pd.DataFrame({"account_id": of["account_id"].to_numpy(), "change": change})
    for suffix, one in (("before", old), ("after", new)):
        for name in ("segment", "unit"):
            values = None if one is None else one[name].to_numpy()
            frame[f"{name}_{suffix}"] = pd.Series(values, index=frame.index, dtype="str")
    money = of["potential"].to_numpy() if "potential" in of.columns else np.nan
    return frame.assign(potential=pd.Series(money, index=frame.index, dtype="float64"))


def _reasons(now: pd.DataFrame, old: pd.DataFrame) -> pd.Series:
    """Say which dimensions changed; else a person's decision, else the rules."""
    parts: list[Coded] = []
    for name in _DIMENSIONS:
        if name in old.columns:
            text = name + " " + old[name].fillna("blank") + " → " + now[name].fillna("blank")
            parts.append(Coded.of(text.where(_differs(now, old, name))))
    decided = now["segment_reason"].where(now["segment_reason"].str.startswith("set by"))
    decided = decided.fillna(now["unit_reason"].where(now["unit_reason"].str.startswith("set by")))
    parts.append(Coded.of(decided))
    return combine(parts, _joined).series()


def _joined(parts: Sequence[str]) -> str:
    said = [part for part in parts if part]
    return "; ".join(said) or "rules, or values given in the account, changed"
