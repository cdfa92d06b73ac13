"""Whether the cycle ties to finance, or by how much not, with the rows that may explain it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planlib.charts.base import money
from planlib.displays import Tone
from planlib.exchange.audience import AudienceView
from planlib.intake import MEASURES, tolerance_text
from planlib.notes import count_of, percent
from planlib.report.common import filled
from planlib.report.parts import Block, Listing

_MONEY = ("closed_acv",)
_MOST = 8  # figures that are not met, on the first page


@dataclass(frozen=True)
class Finance:
    """The answer for the first page."""

    verdict: str
    tone: Tone = ""
    note: str = ""
    listing: Listing | None = None


def tie_out(view: AudienceView) -> Finance:
    """Say whether every control figure is met, and else the largest difference."""
    checks = view.rows("tie_out")
    if checks.empty:
        return Finance(
            "Not checked: there are no control figures.",
            "grey",
            "Add table controls (period, figure, cut, booked amount, source) to the inputs.",
        )
    known = checks[checks["is_tied"].notna()]
    open_count = len(checks) - len(known)
    note = f"{count_of(open_count, 'figure')} cannot be compared." if open_count else ""
    if known.empty:
        return Finance("Not checked: no control figure can be compared.", "grey", note)
    apart = known[~known["is_tied"].astype(bool)]
    if apart.empty:
        return Finance(f"Yes: {count_of(len(known), 'control figure')} met.", "good", note)
    verdict = _apart(apart, len(known), view.plan.currency)
    return Finance(verdict, "bad", note, _listing(view, apart, "Tie-out, not met", _MOST))


def details(view: AudienceView) -> list[Block]:
    """Give all control figures, and the rows that may explain differences, for the section."""
    checks, rows = view.rows("tie_out"), view.rows("tie_out_candidates")
    blocks: list[Block] = []
    if len(checks):
        blocks.append(_listing(view, checks, "Tie-out", view.plan.report.rows))
    if len(rows):
        frame = rows.assign(measure=rows["measure"].replace(MEASURES))
        blocks.append(
            Listing(
                name="Tie-out candidates",
                frame=frame,
                title="Rows that may explain a difference to finance",
                subtitle="would be left: the difference, were the row alike here and in finance",
                labels={"measure": "Figure", "cut_value": "Value of the cut",
                        "remaining_amount": "Would be left"},
                units={"amount": view.plan.currency, "remaining_amount": view.plan.currency},
                limit=view.plan.report.rows,
            )
        )  # fmt: skip
    return blocks


def _apart(apart: pd.DataFrame, known: int, currency: str) -> str:
    sizes = apart["difference_amount"].abs()
    first = apart.loc[sizes.sort_values(ascending=False, kind="stable").index[0]]
    gap = float(first["difference_amount"])
    what = MEASURES.get(str(first["measure"]), str(first["measure"]))
    by = money(abs(gap), currency) if first["measure"] in _MONEY else f"{abs(gap):,.0f}"
    share = first["difference_share"]
    part = f" ({percent(abs(share), 1)})" if pd.notna(share) else ""
    where = "" if first["cut"] == "total" else f" of {first['cut']} {first['cut_value']}"
    way = "above" if gap > 0 else "below"
    return (
        f"No: {len(apart):,} of {count_of(known, 'control figure')} not met; {what}{where} "
        f"in {first['period']} is {by}{part} {way} finance."
    )


def _listing(view: AudienceView, checks: pd.DataFrame, name: str, limit: int) -> Listing:
    frame = checks.assign(measure=checks["measure"].replace(MEASURES))
    frame = frame.sort_values("is_tied", kind="stable", ignore_index=True)
    where = frame["cut"].where(frame["cut"] == "total", frame["cut"] + " " + frame["cut_value"])
    frame = frame.drop(columns=["row_count", "cut", "cut_value"])
    frame.insert(2, "where", where)
    frame = filled(frame)
    tones = frame["is_tied"].map({True: "good", False: "bad"}) if "is_tied" in frame else None
    return Listing(
        name=name,
        frame=frame,
        title="Control figures of finance beside those of this cycle",
        subtitle=f"money in {view.plan.currency}; difference: this cycle less finance; met: at "
        f"most {tolerance_text(view.plan)} of the figure in finance",
        labels={"measure": "Figure", "where": "Cut", "is_tied": "Met",
                "booked_amount": "Finance", "own_amount": "This cycle",
                "difference_amount": "Difference", "difference_share": "Difference, share"},
        formats={"difference_share": "share"},
        colors=None if tones is None else pd.DataFrame({"is_tied": tones}),
        missing={"own_amount": "cannot be computed; the note says why"},
        limit=limit,
    )  # fmt: skip
