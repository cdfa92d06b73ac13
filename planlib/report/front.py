"""The first page: what a leader needs to know and to decide, before any detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from planlib import __version__, displays
from planlib.charts.base import missing_font_note, money
from planlib.exchange.audience import AudienceView
from planlib.report import finance
from planlib.report.parts import Block, Gap, Line, Listing, Notes, Section, Text
from planlib.steps import STEPS

#: File beside the report that holds every line of the first page.
ROLLUP = "leadership.xlsx"
_INTAKE = "01_intake"
_MOST_FACTS = 10
_MOST_LINES = 12
_MOST_SAID = 3  # sentences of a step on the first page; its section has them all


@dataclass(frozen=True)
class Front:
    """All that the page shows, apart from its styles."""

    language: str
    organisation: str
    cycle: str
    span: str
    basis: list[tuple[str, str]]
    facts: displays.View | None
    decided: list[tuple[str, list[Line]]]
    changed: list[tuple[str, list[Line]]]
    asks: list[tuple[str, str, str]]
    finance: finance.Finance
    lists: list[tuple[str, Listing | None, str]]
    sections: list[Section]
    about: list[Block]

    def values(self) -> dict[str, Any]:
        """Give the values that the template needs, by name."""
        return {**self.__dict__, "facts": self.facts or ""}


def compose(
    view: AudienceView, sections: list[Section], changed: list[tuple[str, list[Line]]]
) -> Front:
    """Put the first page together from what the sections say."""
    plan, cycle = view.plan, view.workbook.cycle
    facts = _facts(sections)
    return Front(
        language=plan.language,
        organisation=plan.name or view.workbook.root.name,
        cycle=cycle.name,
        span=f"{_KINDS[cycle.kind]} from {cycle.start} to {cycle.end}",
        basis=basis(view),
        facts=displays.facts(facts) if facts else None,
        decided=[
            (section.title, list(section.decided[:_MOST_SAID]))
            for section in sections
            if section.decided
        ],
        changed=changed,
        asks=_asks(sections, plan.currency),
        finance=finance.tie_out(view),
        lists=_lists(view, sections),
        sections=sections,
        about=_about(view),
    )


def _facts(sections: Sequence[Section]) -> list[displays.Fact]:
    """Give the key figures: the first of each section, then the second, while there is room."""
    ranked = sorted(
        (place, number)
        for number, section in enumerate(sections)
        for place in range(len(section.facts))
    )
    kept = sorted((number, place) for place, number in ranked[:_MOST_FACTS])
    return [sections[number].facts[place] for number, place in kept]


_KINDS = {
    "year": "Fiscal year",
    "quarter": "Fiscal quarter",
    "month": "Month",
    "week": "Week",
    "day": "Day",
}


def basis(view: AudienceView) -> list[tuple[str, str]]:
    """Give what every figure of the report rests on: dates, revision, money, filters."""
    plan = view.plan
    return [
        ("As of", view.as_of.isoformat()),
        ("Data until", data_until(view)),
        ("Revision", revision(view)),
        ("Amounts", f"{plan.currency}, {plan.amount_basis}, {plan.tax} sales tax"),
        ("Filters", filters(view)),
        ("Audience", view.audience),
    ]


def revision(view: AudienceView) -> str:
    """Name the revision that the report belongs to."""
    workbook = view.workbook
    if workbook.scope is None:
        return "draft, not published"
    return f"r{max(workbook.folder.revisions(), default=0) + 1}"


_EVENTS = (
    ("opportunity_history", "snapshot_date"),
    ("opportunities", "updated_date"),
    ("activities", "activity_date"),
    ("opportunities", "created_date"),
    ("bookings", "booking_date"),
)


def data_until(view: AudienceView) -> str:
    """Give the last day on which the inputs show that something happened."""
    noted = view.workbook.facts().get("data_until")
    if noted:
        return str(noted)
    days = []
    for table, column in _EVENTS:
        frame = view.get(table)
        if frame is None or column not in frame.columns:
            continue
        past = frame.loc[frame[column] <= pd.Timestamp(view.as_of), column]
        if past.notna().any():
            days.append(past.max().date())
    return max(days).isoformat() if days else "not known"


def filters(view: AudienceView) -> str:
    """Say which steps and records the settings leave out."""
    parts = []
    if view.plan.run.off:
        names = [STEPS[name].title for name in view.plan.run.off]
        parts.append(f"without {', '.join(names)}")
    return "; ".join(parts) or "none"


def _asks(sections: Sequence[Section], currency: str) -> list[tuple[str, str, str]]:
    """Give what needs a decision, most money first: text, money in words, section."""
    lines = [line for section in sections for line in section.asks]
    lines.sort(key=lambda line: -abs(line.amount or 0.0))
    shown = [
        (line.text, "" if line.amount is None else money(line.amount, currency), line.step)
        for line in lines[:_MOST_LINES]
    ]
    left = len(lines) - len(shown)
    if not left:
        return shown
    return [*shown, (f"… and {left:,} more: exchange/{ROLLUP}, rows To decide", "", "")]


def _lists(
    view: AudienceView, sections: Sequence[Section]
) -> list[tuple[str, Listing | None, str]]:
    units = {"amount": view.plan.currency}
    problems = [line for section in sections for line in section.problems]
    gap_rows = pd.DataFrame(
        [(gap.what, gap.because, gap.unlock, _title(gap.step)) for gap in told_once(sections)],
        columns=["what", "because", "unlock", "section"],
        dtype="str",
    ).drop_duplicates(ignore_index=True)
    first: list[tuple[str, Listing | None, str]] = [
        (one.title, replace(one, title=""), "") for section in sections for one in section.first
    ]
    return [
        *first,
        ("Problems, and the money they touch", _lines("Problems", problems, "problem", units),
         "No problems found."),
        (
            "What could not be computed, and what would unlock it",
            Listing(
                name="Not computed",
                frame=gap_rows,
                labels={"what": "Not computed, or by a weaker method", "because": "Because",
                        "unlock": "Unlocked by", "section": "Section"},
                limit=_MOST_LINES,
            ) if len(gap_rows) else None,
            "Everything that the steps offer could be computed.",
        ),
    ]  # fmt: skip


def told_once(sections: Sequence[Section]) -> list[Gap]:
    """
    Give what could not be computed, each thing once.

    Parameters
    ----------
    sections
        Sections of the report.

    Returns
    -------
    list of Gap
        Without those of intake that another section tells of the same step in its own words: one
        gap there lacks all the inputs that are missing.
    """
    own = [gap for section in sections if section.step != _INTAKE for gap in section.gaps]

    def is_told(gap: Gap) -> bool:
        same = [one for one in own if one.step == gap.step]
        return bool(gap.missing) and any(all(map(one.lacks, gap.missing)) for one in same)

    return [
        gap
        for section in sections
        for gap in section.gaps
        if section.step != _INTAKE or not is_told(gap)
    ]


def _lines(name: str, lines: Sequence[Line], header: str, units: dict[str, str]) -> Listing | None:
    if not lines:
        return None
    frame = pd.DataFrame(
        {
            "text": [line.text for line in lines],
            "amount": pd.array([line.amount for line in lines], dtype="float64"),
            "section": [_title(line.step) for line in lines],
        }
    )
    if frame["amount"].isna().all():
        frame = frame.drop(columns="amount")
    else:
        frame = frame.sort_values("amount", ascending=False, kind="stable", ignore_index=True)
    return Listing(
        name=name,
        frame=frame,
        labels={"text": header.capitalize(), "amount": "Money it touches", "section": "Section"},
        formats={"amount": "amount"},
        units=units,
        limit=_MOST_LINES,
        missing={"amount": "not a question of money, or the money is not known"},
    )


def _title(step: str) -> str:
    return STEPS[step].title if step in STEPS else ""


def _about(view: AudienceView) -> list[Block]:
    plan = view.plan
    blocks: list[Block] = [
        Text(
            "Every figure comes from the tables of this cycle as of "
            f"{view.as_of.isoformat()}; the Excel files beside this report hold all rows and the "
            "definition of every column. Figures rest on few cases where they are pale."
        ),
    ]
    borrowed = view.borrowed()
    if borrowed:
        lines = [f"{name}: {source}" for name, source in sorted(borrowed.items())]
        blocks.append(Notes(lines, "Tables taken from earlier cycles"))
    hidden = sorted(
        f"{table.name}.{column}"
        for step in view.steps()
        for table in view.tables(step)
        for column in view.hidden(table.name)
    )
    if hidden:
        blocks.append(Notes(hidden, f"Columns that audience {view.audience} may not see"))
    rates = [f"1 {name} = {rate:g} {plan.currency}" for name, rate in sorted(plan.rates.items())]
    if rates:
        blocks.append(Notes(rates, "Exchange rates"))
    if missing_font_note():
        blocks.append(Text(missing_font_note()))
    blocks.append(Text(f"Made by planlib {__version__}."))
    return blocks
