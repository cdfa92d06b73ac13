"""Section of the report on segmentation: what each segment weighs, who covers it, what changed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from planlib.charts import segmentation as charts
from planlib.charts.base import money
from planlib.displays import Fact, humanize
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, percent
from planlib.report.common import account_names, amount_of, differs, named, rep_names
from planlib.report.parts import Block, Gap, Line, Listing, Section, picture
from planlib.segmentation import Segmentation
from planlib.steps import STEPS
from planlib.tables import table as contract

STEP = "02_segmentation"
_DECISIONS = ("segment", "unit", "segment owner", "workload")
_PROFILE = [
    "segment",
    "account_count",
    "customer_count",
    "potential",
    "potential_share",
    "acv",
    "captured_share",
    "people_count",
    "people_share",
    "goal_share",
    "segment_owner_id",
]


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no segments."""
    if view.rows("segments").empty:
        return None
    result = Segmentation(**{name: view.rows(name) for name in STEPS[STEP].writes})
    findings = result.segment_findings
    step = STEPS[STEP]
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[Line(text, step=STEP) for text in result.headlines(view.plan.currency)],
        asks=_asks(findings),
        problems=_problems(findings),
        gaps=_gaps(findings),
        facts=_facts(result, view.plan.currency),
        blocks=_blocks(view, result),
    )


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how many accounts are in another segment or unit than in an earlier state."""
    before = baseline.get("segments")
    if before is None or not view.has("segments"):
        return []
    now = view.read("segments")
    lines = []
    for column in ("segment", "unit"):
        moved = differs(now, before, "account_id", column)
        if len(moved):
            potential = now.set_index("account_id")["potential"].reindex(moved["account_id"])
            where = f"{'is' if len(moved) == 1 else 'are'} in another {column}"
            text = f"{count_of(len(moved), 'account')} {where}"
            total = amount_of(potential)
            if total is not None:
                text += f" (potential {money(total, view.plan.currency)})"
            lines.append(Line(f"{text}.", total, STEP))
    new = len(set(now["account_id"]) - set(before["account_id"]))
    gone = len(set(before["account_id"]) - set(now["account_id"]))
    if new or gone:
        lines.append(Line(f"{count_of(new, 'account')} new, {gone:,} gone.", step=STEP))
    return lines or [Line("Every account is in the same segment and unit.", step=STEP)]


def _asks(findings: pd.DataFrame) -> list[Line]:
    rows = findings[(findings["severity"] == "problem") & findings["topic"].isin(_DECISIONS)]
    return [Line(_words(row), _money(row), STEP) for row in rows.to_dict("records")]


def _problems(findings: pd.DataFrame) -> list[Line]:
    rows = findings[(findings["severity"] == "problem") & ~findings["topic"].isin(_DECISIONS)]
    return [Line(_words(row), _money(row), STEP) for row in rows.to_dict("records")]


def _gaps(findings: pd.DataFrame) -> list[Gap]:
    rows = findings[findings["severity"] == "gap"]
    return [
        Gap(
            f"{row['topic'].capitalize()}: {row['subject']}",
            str(row["finding"]),
            _text(row["remedy"]),
            STEP,
        )
        for row in rows.to_dict("records")
    ]


def _words(row: Mapping[Hashable, Any]) -> str:
    remedy = _text(row["remedy"])
    text = f"{str(row['topic']).capitalize()} {row['subject']}: {row['finding']}"
    return f"{text} ({remedy})" if remedy else text


def _text(value: object) -> str:
    return "" if value is None or value != value or value is pd.NA else str(value)


def _money(row: Mapping[Hashable, Any]) -> float | None:
    value = row["potential"]
    return float(value) if isinstance(value, float) and value == value else None


def _facts(result: Segmentation, currency: str) -> list[Fact]:
    segments = result.segments
    facts = [
        Fact(
            "Accounts",
            len(segments),
            f"in {count_of(segments['segment'].nunique(), 'segment')}",
            "accent",
            "count",
        )
    ]
    total = amount_of(segments["potential"])
    if total is not None:
        known = segments["potential"].notna().mean()
        facts.append(
            Fact(
                f"Potential, {currency} a year",
                money(total),
                f"known for {percent(known)} of accounts",
            )
        )
    coverage = result.segment_coverage
    covered = coverage[(coverage["segment"] == "all") & coverage["is_covered"].fillna(False)]
    if len(coverage) and coverage["potential"].notna().any():
        share = float(covered["potential_share"].sum())
        facts.append(Fact("Potential covered", share, "somebody works on the account", "",
                          "share"))  # fmt: skip
    return facts


def _blocks(view: AudienceView, result: Segmentation) -> list[Block]:
    currency, as_of = view.plan.currency, view.as_of
    profile = result.profile("segment")
    blocks: list[Block] = []
    if len(profile):
        blocks.append(picture(charts.plot_segment_weights(profile, currency, as_of)))
    blocks.append(_profile(view, result))
    if profile["people_gap_share"].notna().any():
        blocks.append(picture(charts.plot_people_and_goal(profile, as_of)))
    if (result.segment_coverage["segment"] == "all").any():
        blocks.append(picture(charts.plot_coverage(result.segment_coverage, currency, as_of)))
    blocks.append(_coverage(view, result))
    if result.segment_sizes["employees_from"].notna().any():
        blocks.append(picture(charts.plot_size_cuts(result.segment_sizes)))
    spend = result.segments[["yearly_spend", "potential"]]
    if (spend.notna().all(axis="columns") & (spend > 0).all(axis="columns")).any():
        blocks.append(picture(charts.plot_potential(result.segments, currency)))
    if len(result.segment_changes):
        blocks.append(_changes(view, result.segment_changes))
    return blocks


def _profile(view: AudienceView, result: Segmentation) -> Listing:
    rows = result.profile("segment")
    frame = rows[[name for name in _PROFILE if name in rows.columns]]
    frame = frame.assign(segment_owner_id=named(frame["segment_owner_id"], rep_names(view)))
    frame = frame.dropna(axis="columns", how="all")
    meanings = contract("segment_profile").by_name
    basis = rows["goal_basis"].dropna()
    notes = [f"{humanize(name)}: {meanings[name].meaning.lower()}."
             for name in ("customer_count", "captured_share", "people_count")
             if name in frame.columns]  # fmt: skip
    if "goal_share" in frame.columns and len(basis):
        notes.append(f"Share of goal rests on: {basis.iloc[0]}.")
    return Listing(
        name="Segments",
        frame=frame,
        title="What each segment weighs, and who is there for it",
        subtitle=f"{view.plan.currency} a year, as of {view.as_of}; largest potential first",
        labels={
            "account_count": "Accounts",
            "customer_count": "Customers",
            "acv": "Yearly spend",
            "captured_share": "Captured",
            "potential_share": "Share of potential",
            "people_count": "People",
            "people_share": "Share of people",
            "goal_share": "Share of goal",
            "segment_owner_id": "Accountable",
        },
        formats={"acv": "amount", "potential": "amount", "people_count": "number"},
        notes=notes,
        missing={"segment_owner_id": "no accountable owner is named in plan.yaml",
                 "potential": "no look-alike customers"},
        limit=view.plan.report.rows,
    )  # fmt: skip


def _coverage(view: AudienceView, result: Segmentation) -> Listing:
    rows = result.segment_coverage
    rows = rows[rows["segment"] == "all"].drop(columns=["segment", "is_covered"])
    notes = charts.silence_notes(rows)
    rows = rows.drop(columns="activity_days", errors="ignore")
    return Listing(
        name="Market coverage",
        frame=rows.sort_values("account_count", ascending=False, ignore_index=True),
        title="Who covers the market",
        subtitle="all accounts, by whether somebody works on them",
        labels={"coverage": "State", "account_count": "Accounts",
                "account_share": "Share of accounts", "potential_share": "Share of potential"},
        formats={"potential": "amount"},
        units={"potential": view.plan.currency},
        notes=notes,
        limit=view.plan.report.rows,
    )  # fmt: skip


def _changes(view: AudienceView, changed: pd.DataFrame) -> Listing:
    frame = changed.assign(account_id=named(changed["account_id"], account_names(view)))
    frame = frame.sort_values("potential", ascending=False, kind="stable", ignore_index=True)
    return Listing(
        name="Segment changes",
        frame=frame,
        title="Accounts that are new, gone or moved since the earlier cycle",
        subtitle="largest potential first",
        labels={"account_id": "Account"},
        formats={"potential": "amount"},
        units={"potential": view.plan.currency},
        limit=view.plan.report.rows,
    )
