"""The result of segmentation: its tables, and what they say in sentences."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pandas as pd

from planlib.segmentation.complexity import BOUGHT
from planlib.segmentation.coverage import NO_ACTIVE_OWNER, OWNER_UNKNOWN


@dataclass(frozen=True)
class Segmentation:
    """
    All tables of step 02; ``planlib.tables`` says what each column means.

    Parameters
    ----------
    segments
        One row per account, in the order of the accounts.
    segment_profile
        Accounts, money, work and people of each segment, unit, market, size, group and class.
    segment_coverage
        Accounts and potential by segment and coverage state.
    segment_sizes
        Accounts by market and size with cut lines, and what the size rests on.
    industry_mapping
        Which industry codes and names led to which group.
    potential_cells
        Look-alike customers behind the potentials, from wide to narrow.
    complexity_tracking
        How well employees, revenue and potential track complexity.
    segment_rules
        How each rule fared.
    segment_changes
        Accounts that are new, gone or moved since the earlier cycle.
    segment_findings
        Problems, gaps and notes.
    """

    segments: pd.DataFrame
    segment_profile: pd.DataFrame
    segment_coverage: pd.DataFrame
    segment_sizes: pd.DataFrame
    industry_mapping: pd.DataFrame
    potential_cells: pd.DataFrame
    complexity_tracking: pd.DataFrame
    segment_rules: pd.DataFrame
    segment_changes: pd.DataFrame
    segment_findings: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables by name, in the order in which they are written."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def profile(self, cut: str = "segment") -> pd.DataFrame:
        """
        Give the profile of one cut, largest potential first.

        Parameters
        ----------
        cut
            ``segment``, ``unit``, ``market``, ``size``, ``industry_group`` or ``lifecycle``.
        """
        rows = self.segment_profile[self.segment_profile["cut"] == cut].drop(columns="cut")
        order = ["potential", "account_count", "cut_value"]
        rows = rows.sort_values(order, ascending=[False, False, True], ignore_index=True)
        return rows.rename(columns={"cut_value": cut})

    def headlines(self, currency: str = "") -> list[str]:
        """
        Say the main findings, one sentence each, most important first.

        Parameters
        ----------
        currency
            Printed after amounts.
        """
        unit = f" {currency}" if currency else ""
        lines = [
            self._size_line(unit),
            self._coverage_line(unit),
            self._people_line(),
            self._source_line(),
            self._complexity_line(),
            self._change_line(),
            self._problem_line(),
        ]
        return [line for line in lines if line]

    def _size_line(self, unit: str) -> str:
        count, known = len(self.segments), self.segments["potential"].notna()
        names = self.segments["segment"].nunique()
        text = f"{_plural(count, 'account')} in {_plural(names, 'segment')}"
        if not known.any():
            return f"{text}; potential is not known."
        money = _short(self.segments["potential"].sum()) + unit
        rest = "" if known.all() else f", known for {_percent(known.mean())} of accounts"
        return f"{text} with a potential of {money} a year{rest}."

    def _coverage_line(self, unit: str) -> str:
        rows = self.segments["coverage"].isin(NO_ACTIVE_OWNER)
        if not len(rows) or (self.segments["coverage"] == OWNER_UNKNOWN).all():
            return "Coverage is not known: no account has an owner." if len(rows) else ""
        if not rows.any():
            return "Every account has an active owner."
        total, open_money = self.segments["potential"].sum(), self.segments["potential"][rows].sum()
        accounts = _plural(int(rows.sum()), "account")
        if not total > 0:
            return f"{accounts} ({_percent(rows.mean())} of all) without an active owner."
        worst = self.segments[rows].groupby("segment")["potential"].sum()
        worst = worst.sort_index().sort_values(ascending=False, kind="stable")
        told = (
            f"{_percent(open_money / total)} of potential ({_short(open_money)}{unit}, "
            f"{accounts}) has no active owner"
        )
        if not open_money > 0:
            return f"{told}."
        part = worst.iloc[0] / open_money
        if part > 1 - 1e-9:
            return f"{told}; all of it is in {worst.index[0]}."
        return f"{told}; the largest part of it, {_percent(part)}, is in {worst.index[0]}."

    def _people_line(self) -> str:
        rows = self.profile().dropna(subset=["people_gap_share"])
        if not len(rows):
            return ""
        low = rows.sort_values(["people_gap_share", "segment"]).iloc[0]
        if low["people_gap_share"] > -0.005:
            return "People follow the goal: no segment has a smaller share of people than of goal."
        basis = "goal" if low["goal_basis"] == "targets" else "potential"
        return (
            f"{low['segment']} has {_percent(low['goal_share'])} of {basis} and "
            f"{_percent(low['people_share'])} of people, the largest shortage."
        )

    def _source_line(self) -> str:
        shares = self.segments["size_source"].value_counts(normalize=True)
        if shares.get("unknown", 0.0) == 1.0 or not len(shares):
            return "No account's size is known." if len(shares) else ""
        parts = [
            f"{_percent(shares[name])} from {text}"
            for name, text in (
                ("employees", "employees"),
                ("parent", "the parent's employees"),
                ("revenue", "revenue"),
            )
            if name in shares
        ]
        if "unknown" in shares:
            parts.append(f"{_percent(shares['unknown'])} unknown")
        return f"Size: {', '.join(parts)}."

    def _complexity_line(self) -> str:
        rows = self.complexity_tracking
        rows = rows[(rows["market"] == "all") & rows["correlation"].notna() & ~rows["is_grey"]]
        if not len(rows):
            return ""
        rows = rows.sort_values(["correlation", "measure"], ascending=[False, True])
        best = rows.iloc[0]
        weaker = f", by {BOUGHT}," if BOUGHT in best["method"] else ""
        text = (
            f"Complexity{weaker} is tracked best by {best['measure']} (rank correlation "
            f"{best['correlation']:.2f}, {best['correlation_low']:.2f} to "
            f"{best['correlation_high']:.2f})"
        )
        others = [f"{row.measure} {row.correlation:.2f}" for row in rows.iloc[1:].itertuples()]
        return f"{text}; {', '.join(others)}." if others else f"{text}."

    def _change_line(self) -> str:
        counts = self.segment_changes["change"].value_counts()
        if not len(counts):
            return ""
        parts = [f"{counts[name]:,} {name}" for name in ("moved", "new", "gone") if name in counts]
        return f"Since the last cycle: {', '.join(parts)}."

    def _problem_line(self) -> str:
        problems = self.segment_findings[self.segment_findings["severity"] == "problem"]
        if not len(problems):
            return ""
        first = problems.iloc[0]
        return (
            f"{_plural(len(problems), 'problem')} to settle, first: {first['subject']}: "
            f"{first['finding']}."
        )


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def _percent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def _short(amount: float) -> str:
    for size, letter in ((1e9, " B"), (1e6, " M"), (1e3, " k")):
        if abs(amount) >= size:
            digits = 1 if abs(amount) < 10 * size else 0
            return f"{amount / size:.{digits}f}{letter}"
    return f"{amount:.0f}"
