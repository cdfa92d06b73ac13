"""What the sections share: names for ids, counts in words, changes of a column."""

from __future__ import annotations

import pandas as pd

from planlib.charts.base import money
from planlib.exchange.audience import AudienceView
from planlib.report.parts import Gap


def account_names(view: AudienceView) -> pd.Series:
    """Give the name of each account by ``account_id``; empty where no accounts are known."""
    return _names(view, "accounts", "account_id")


def rep_names(view: AudienceView) -> pd.Series:
    """Give the name of each rep by ``rep_id``; empty where no reps are known."""
    return _names(view, "reps", "rep_id")


def contact_names(view: AudienceView) -> pd.Series:
    """Give the name of each contact by ``contact_id``; empty for who may not see contacts."""
    return _names(view, "contacts", "contact_id")


def expert_names(view: AudienceView) -> pd.Series:
    """Give the name of each expert by ``expert_id``; empty where no experts are known."""
    return _names(view, "experts", "expert_id")


def gaps_in(notes: pd.DataFrame, part: str, step: str) -> list[Gap]:
    """
    Give what the notes of a step say is missing, in their order.

    Parameters
    ----------
    notes
        A table ``<domain>_notes``; its rows of kind ``missing`` count.
    part
        What the notes are about: it stands before each topic.
    step
        The step that wrote them.
    """
    missing = notes[notes["kind"] == "missing"].sort_values("note_order")
    return [
        Gap(f"{part}: {topic}", note, "", step)
        for topic, note in zip(missing["topic"], missing["note"], strict=True)
    ]


def named(ids: pd.Series, names: pd.Series) -> pd.Series:
    """Give the name of each id, or the id where it has none."""
    return ids.map(names).astype("str").fillna(ids)


def amount_of(values: pd.Series) -> float | None:
    """Give the sum of the known amounts, or None when none is known."""
    known = values.dropna()
    return float(known.sum()) if len(known) else None


def said(values: pd.Series, currency: str) -> str:
    """Write the sum of amounts in words, blank when none is known."""
    total = amount_of(values)
    return "" if total is None else money(total, currency)


def filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the columns in which no row has a value or a word."""
    blank = [name for name in frame.columns if (frame[name].isna() | frame[name].eq("")).all()]
    return frame.drop(columns=blank)


def differs(now: pd.DataFrame, before: pd.DataFrame, key: str, column: str) -> pd.DataFrame:
    """
    Give the rows of both frames whose value differs.

    Returns
    -------
    DataFrame
        ``key``, ``before`` and ``after``; rows that only one frame has are not among them.
    """
    both = now[[key, column]].merge(before[[key, column]], on=key, suffixes=("_after", "_before"))
    after, old = both[f"{column}_after"], both[f"{column}_before"]
    changed = ~((after == old) | (after.isna() & old.isna())).fillna(False).astype(bool)
    return pd.DataFrame({key: both[key], "before": old, "after": after})[changed].reset_index(
        drop=True
    )


def _names(view: AudienceView, table: str, key: str) -> pd.Series:
    frame = view.get(table)
    if frame is None or "name" not in frame.columns:
        return pd.Series(dtype="str")
    known = frame[frame["name"].notna()].drop_duplicates(key)
    return known.set_index(key)["name"]
