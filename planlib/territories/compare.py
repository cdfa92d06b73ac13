"""
Any two plans compared: what moves in accounts, ACV, potential and pipeline, and for whom.

A plan is any table with an owner per account: a published ``territory_plan``, the owners of today,
the plan of another revision or cycle. Each account is counted at one value, so that what one rep
gains another loses, and the sums over reps are those of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planlib.errors import TableError
from planlib.notes import count_of
from planlib.tables import require_columns, table
from planlib.territories.columns import (
    AMOUNTS,
    families,
    named,
    names_of,
    number,
    share,
    text,
    with_id,
)

#: Rep of accounts without owner, so that sums over reps are complete.
NO_OWNER = "(no owner)"

#: Changes of an account that both plans have.
MOVES = ("moved", "first owner", "owner removed")

_LAYER = "AE"


@dataclass(frozen=True, kw_only=True)
class PlanComparison:
    """
    What differs between two plans.

    ``changes`` (territory_changes), ``reps`` (territory_change_reps), ``customers``
    (territory_change_customers), ``summary`` (territory_change_summary); ``notes`` say what could
    not be counted.
    """

    changes: pd.DataFrame
    reps: pd.DataFrame
    customers: pd.DataFrame
    summary: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {
            "territory_changes": self.changes,
            "territory_change_reps": self.reps,
            "territory_change_customers": self.customers,
            "territory_change_summary": self.summary,
        }

    @property
    def moved(self) -> pd.DataFrame:
        """Accounts of both plans whose owner differs, the largest ACV first."""
        rows = self.changes[self.changes["change"].isin(MOVES)]
        return rows.sort_values(
            ["acv", "account_id"], ascending=[False, True], kind="stable"
        ).reset_index(drop=True)


def owners_today(plan: pd.DataFrame) -> pd.DataFrame:
    """
    Give the plan with the owners of today in place of the planned ones, to compare it with.

    Parameters
    ----------
    plan
        A ``territory_plan``; ``previous_rep_id`` is the owner of today.

    Returns
    -------
    DataFrame
        The same rows with ``rep_id`` of today; NA where an account has no owner.
    """
    require_columns("territory_plan", plan, ["account_id", "previous_rep_id"])
    return plan.assign(rep_id=plan["previous_rep_id"])


def compare_plans(
    old: pd.DataFrame,
    new: pd.DataFrame,
    *,
    comparison: str = "old to new",
    accounts: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    values: pd.DataFrame | None = None,
) -> PlanComparison:
    """
    Compare two plans account by account, and sum up by rep, customer and measure.

    Parameters
    ----------
    old, new
        ``account_id`` and ``rep_id`` (blank: nobody); used where there: ``role_layer``, ``acv``,
        ``potential``, ``open_amount``. One row per account and layer, in any order.
    comparison
        Name of the comparison, old to new.
    accounts
        Names of accounts and their parents; without it a customer is an account.
    reps
        Names of reps.
    values
        Values by ``account_id``, one for both plans. None: those of the new plan, of the old one
        where the new one has none; comparing in the other direction then mirrors this only where
        both plans value accounts alike.

    Returns
    -------
    PlanComparison
        An account in one plan alone is listed, and not counted as moved.

    Raises
    ------
    TableError
        If a column is missing, or an account stands twice in a layer of one plan.
    """
    pairs = _paired(_owners(old, "old"), _owners(new, "new"), values)
    pairs["change"] = _change(pairs)
    company, who = names_of(accounts, "account_id"), names_of(reps, "rep_id")
    pairs["customer_id"] = (
        pairs["account_id"].map(families(accounts)).astype("str").fillna(pairs["account_id"])
    )
    pairs["comparison"] = comparison
    changed = pairs[pairs["change"].ne("")].copy()
    changed["account_name"] = changed["account_id"].map(company)
    for side in ("old", "new"):
        changed[f"{side}_rep_name"] = named(changed[f"{side}_rep_id"], who)
    return PlanComparison(
        changes=table("territory_changes").conform(changed),
        reps=table("territory_change_reps").conform(_by_rep(pairs, who)),
        customers=table("territory_change_customers").conform(_by_customer(pairs, company, who)),
        summary=table("territory_change_summary").conform(_summary(pairs, comparison)),
        notes=_notes(pairs, accounts),
    )


def _owners(plan: pd.DataFrame, side: str) -> pd.DataFrame:
    require_columns(f"{side} plan", plan, ["account_id", "rep_id"])
    layer = text(plan, "role_layer").fillna(_LAYER)
    frame = pd.DataFrame({
        "account_id": plan["account_id"].astype("str"), "role_layer": layer,
        f"{side}_rep_id": text(plan, "rep_id"), f"in_{side}": True,
        **{f"{side}_{name}": number(plan, name) for name in AMOUNTS},
    })  # fmt: skip
    double = frame.duplicated(["account_id", "role_layer"], keep=False)
    problems = []
    if double.any():
        first = ", ".join(sorted(set(frame.loc[double, "account_id"]))[:3])
        problems.append(f"{int(double.sum())} rows repeat an account in a layer, first {first}")
    if frame["account_id"].isna().any():
        blank = count_of(int(frame["account_id"].isna().sum()), "row")
        problems.append(f"account_id is blank in {blank}")
    if problems:
        raise TableError(f"{side} plan", problems)
    return frame


def _paired(old: pd.DataFrame, new: pd.DataFrame, values: pd.DataFrame | None) -> pd.DataFrame:
    pairs = old.merge(new, on=["account_id", "role_layer"], how="outer")
    pairs = pairs.sort_values(["account_id", "role_layer"], kind="stable", ignore_index=True)
    for side in ("old", "new"):
        pairs[f"in_{side}"] = pairs[f"in_{side}"].astype("boolean").fillna(value=False).astype(bool)
    for name in AMOUNTS:
        pairs[name] = pairs[f"new_{name}"].fillna(pairs[f"old_{name}"])
        pairs[f"{name}_change"] = pairs[f"new_{name}"] - pairs[f"old_{name}"]
        if values is not None and name in values:
            stated = values.drop_duplicates("account_id").set_index("account_id")
            pairs[name] = pairs["account_id"].map(number(stated, name))
    return pairs


def _change(pairs: pd.DataFrame) -> pd.Series:
    old, new = pairs["old_rep_id"], pairs["new_rep_id"]
    both = pairs["in_old"] & pairs["in_new"]
    differs = both & (old.notna() | new.notna()) & ~old.eq(new).fillna(value=False).astype(bool)
    change = pd.Series("", index=pairs.index, dtype="str").mask(differs, "moved")
    change = change.mask(differs & old.isna(), "first owner")
    change = change.mask(differs & new.isna(), "owner removed")
    return change.mask(~pairs["in_old"], "new account").mask(~pairs["in_new"], "account gone")


def _by_rep(pairs: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    moved = pairs["change"].isin(MOVES)
    rows = {
        "old": ("old", pairs["in_old"]),
        "gained": ("new", moved),
        "lost": ("old", moved),
        "new": ("new", pairs["in_new"]),
    }
    parts = []
    for what, (side, wanted) in rows.items():
        part = pairs[wanted].assign(rep_id=pairs[f"{side}_rep_id"].fillna(NO_OWNER))
        grouped = part.groupby(["comparison", "rep_id", "role_layer"])
        sums = grouped[list(AMOUNTS)].sum(min_count=1).add_prefix(f"{what}_")
        parts.append(sums.assign(**{f"{what}_count": grouped.size()}))
    wide = pd.concat(parts, axis=1).sort_index()
    for what in rows:
        count = wide[f"{what}_count"].fillna(0).astype("int64")
        wide[f"{what}_count"] = count
        for name in AMOUNTS:
            wide[f"{what}_{name}"] = wide[f"{what}_{name}"].mask(count.eq(0), 0.0)
    wide["changed_share"] = share(wide["gained_count"], wide["new_count"])
    wide = wide.reset_index()
    wide["rep_name"] = named(wide["rep_id"], names).mask(wide["rep_id"].eq(NO_OWNER), "no owner")
    return wide


def _by_customer(
    pairs: pd.DataFrame, company: dict[str, str], names: dict[str, str]
) -> pd.DataFrame:
    keys = ["comparison", "customer_id", "role_layer"]
    is_moved = pairs["change"].isin(MOVES)
    touched = pd.MultiIndex.from_frame(pairs.loc[is_moved, keys])
    inside = pairs[pd.MultiIndex.from_frame(pairs[keys]).isin(touched)]
    if inside.empty:
        return inside
    away = inside[is_moved.loc[inside.index]].groupby(keys)
    table = pd.DataFrame({"account_count": inside.groupby(keys).size(), "moved_count": away.size()})
    for name in AMOUNTS:
        table[f"moved_{name}"] = away[name].sum(min_count=1)
    seen = {}
    for side in ("old", "new"):
        rows = inside[[*keys, f"{side}_rep_id"]].dropna().rename(columns={f"{side}_rep_id": "rep"})
        seen[side] = rows.drop_duplicates().sort_values([*keys, "rep"], kind="stable")
        words = {rep: with_id(rep, names) for rep in seen[side]["rep"].unique()}
        grouped = seen[side].assign(word=seen[side]["rep"].map(words)).groupby(keys)
        table[f"{side}_rep_count"] = grouped.size()
        table[f"{side}_reps"] = grouped["word"].agg("; ".join)
    table["kept_rep_count"] = seen["old"].merge(seen["new"]).groupby(keys).size()
    counts = [f"{one}_rep_count" for one in ("old", "new", "kept")]
    table[counts] = table[counts].fillna(0).astype("int64")
    table = table.reset_index()
    return table.assign(customer_name=table["customer_id"].map(company))


def _summary(pairs: pd.DataFrame, comparison: str) -> pd.DataFrame:
    both = pairs["in_old"] & pairs["in_new"]
    moved = pairs["change"].isin(MOVES)
    rows = []
    for measure in ("accounts", *AMOUNTS):
        value = pd.Series(1.0, index=pairs.index) if measure == "accounts" else pairs[measure]
        is_known = bool(value.notna().any())
        sums = {
            name: float(value[pairs["change"].eq(change)].sum()) if is_known else float("nan")
            for name, change in (
                ("first_owner", "first owner"), ("owner_removed", "owner removed"),
                ("new_account", "new account"), ("account_gone", "account gone"),
            )
        }  # fmt: skip
        total = float(value[both].sum()) if is_known else float("nan")
        away = float(value[moved].sum()) if is_known else float("nan")
        rows.append({
            "comparison": comparison, "measure": measure, "total": total, "moved": away,
            "moved_share": away / total if total > 0 else float("nan"), **sums,
            "unknown_count": int(value.isna().sum()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _notes(pairs: pd.DataFrame, accounts: pd.DataFrame | None) -> tuple[str, ...]:
    notes = []
    if accounts is None or "parent_id" not in accounts:
        notes.append("no parents in accounts: each account counts as a customer of its own")
    for name in AMOUNTS:
        missing = int(pairs[name].isna().sum())
        what = {"acv": "ACV", "open_amount": "open amount"}.get(name, name)
        if missing and missing == len(pairs):
            notes.append(f"{what} is not known for any account; it is left out")
        elif missing:
            notes.append(
                f"{what} is unknown for {missing:,} of {len(pairs):,} accounts; they add none"
            )
    return tuple(notes)
