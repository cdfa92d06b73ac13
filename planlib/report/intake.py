"""Section of the report on intake: what was read, assumed and set aside, data checks, gaps."""

from __future__ import annotations

import pandas as pd

from planlib.charts import intake as charts
from planlib.displays import Fact, Tone
from planlib.exchange.audience import AudienceView, Baseline
from planlib.intake import missing_inputs, where_found
from planlib.notes import count_of, percent
from planlib.report import finance
from planlib.report.common import amount_of, filled
from planlib.report.parts import Block, Gap, Line, Listing, Section, picture
from planlib.steps import STEPS
from planlib.tables import TABLES

STEP = "01_intake"
_RULES_NAMED = 5
_FIGURE = r"\d[\d,]*"  # remarks that differ in their figures alone are of one kind
_STATES: dict[str, Tone] = {"good": "good", "watch": "watch", "poor": "bad", "few deals": "grey"}


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no summary."""
    summary = view.rows("intake_summary")
    if summary.empty:
        return None
    step = STEPS[STEP]
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=_decided(view, summary),
        asks=_asks(view),
        problems=_problems(view),
        gaps=_gaps(view),
        facts=_facts(view, summary),
        blocks=_blocks(view, summary),
    )


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how many rows more or fewer came in than in an earlier state."""
    before = baseline.get("intake_summary")
    if before is None or not view.has("intake_summary"):
        return []
    now = view.read("intake_summary").set_index("table")["rows_kept"]
    change = (now - before.set_index("table")["rows_kept"]).dropna()
    change = change[change != 0]
    if change.empty:
        return []
    parts = [f"{name} {value:+,}" for name, value in change.items()]
    return [Line(f"Rows taken in: {', '.join(parts)}.", step=STEP)]


def _decided(view: AudienceView, summary: pd.DataFrame) -> list[Line]:
    kept, aside = int(summary["rows_kept"].sum()), int(summary["rows_quarantined"].sum())
    tables = count_of(len(summary), "table")
    text = f"{count_of(kept, 'row')} of {tables} are used, {aside:,} set aside."
    lines = [Line(text, amount_of(summary["amount_quarantined"]), STEP)]
    rigour = _rigour_of_all(view)
    if rigour is not None and pd.notna(rigour["clean_share"]):
        lines.append(
            Line(
                f"{percent(rigour['clean_share'])} of {int(rigour['deal_count']):,} open deals "
                "follow every rule of data rigour.",
                step=STEP,
            )
        )
    return lines


def _asks(view: AudienceView) -> list[Line]:
    near = view.rows("near_keys")
    if near.empty:
        return []
    text = f"{count_of(len(near), 'pair')} of names look like the same: merge them or keep both"
    return [Line(text, step=STEP)]


def _problems(view: AudienceView) -> list[Line]:
    lines = []
    rows = view.rows("quarantine")
    bad = rows[rows["severity"] != "note"]
    for (table, rule), group in bad.groupby(["table", "rule"], sort=True, observed=True):
        noun = "row" if (group["severity"] == "row").all() else "cell"
        verb = "set aside" if noun == "row" else "left out"
        text = f"{table}: {count_of(len(group), noun)} {verb}: {rule}"
        lines.append(Line(text, amount_of(group["amount_at_stake"]), STEP))
    rules = view.rows("rigour_rules")
    worst = rules[rules["flagged_count"].fillna(0) > 0].sort_values(
        ["flagged_amount", "rule"], ascending=[False, True]
    )
    for row in worst.head(_RULES_NAMED).to_dict("records"):
        meaning = row["meaning"] if pd.notna(row["meaning"]) else str(row["rule"])
        text = f"{count_of(int(row['flagged_count']), 'open deal')}: {_lower(str(meaning))}"
        amount = float(row["flagged_amount"]) if pd.notna(row["flagged_amount"]) else None
        lines.append(Line(text, amount, STEP))
    return lines


def _gaps(view: AudienceView) -> list[Gap]:
    rows = view.rows("computability")
    rows = rows[rows["can_compute"] != "yes"]
    found = []
    for row in rows.to_dict("records"):
        words = {key: "" if pd.isna(row[key]) else str(row[key])
                 for key in ("method", "missing", "unlocks")}  # fmt: skip
        is_weaker = row["can_compute"] == "weaker" and words["method"]
        because = f"not in the data; instead: {words['method']}" if is_weaker else "not in the data"
        section = str(row["section"])
        what = f"{section}: {words['unlocks']}" if words["unlocks"] else section
        missing = missing_inputs(words["missing"])
        found.append(Gap(what, because, words["missing"], str(row["step"]), missing))
    return found


def _facts(view: AudienceView, summary: pd.DataFrame) -> list[Fact]:
    aside = int(summary["rows_quarantined"].sum())
    read = int(summary["rows_read"].sum())
    facts = [
        Fact(
            "Rows set aside",
            aside,
            f"of {read:,} rows read",
            "watch" if aside else "good",
            "count",
        )
    ]
    rigour = _rigour_of_all(view)
    if rigour is not None and pd.notna(rigour["clean_share"]):
        facts.append(
            Fact(
                "Clean open deals",
                float(rigour["clean_share"]),
                f"of {int(rigour['deal_count']):,} open deals, by count",
                _STATES.get(str(rigour["state"]), ""),
                "share",
            )
        )
    return facts


def _rigour_of_all(view: AudienceView) -> pd.Series | None:
    rows = view.rows("rigour_summary")
    rows = rows[rows["level"] == "all"]
    return rows.iloc[0] if len(rows) else None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _blocks(view: AudienceView, summary: pd.DataFrame) -> list[Block]:
    blocks: list[Block] = [
        Listing(
            name="Inputs",
            frame=filled(summary.drop(columns=["amount_column", "amount_kept", "columns_used"])),
            title="What was read, used and set aside",
            subtitle="rows read = left out by the map + used + set aside; money set aside: without "
            "rows that equal a used one",
            labels={"rows_read": "Read", "rows_filtered": "Left out by the map",
                    "rows_kept": "Used", "rows_quarantined": "Set aside",
                    "rows_repeated": "Of them equal to a used row",
                    "cells_left_out": "Cells left out",
                    "amount_quarantined": "Money set aside", "columns_used": "Columns used",
                    "columns_unused": "Columns not used"},
            formats={"amount_quarantined": "amount"},
            units={"amount_quarantined": view.plan.currency},
            missing={
                "amount_quarantined": "the rows have no money to add up, or none was set aside"
            },
            limit=None,
        )
    ]  # fmt: skip
    blocks += _remarks(view)
    blocks += _accounts(view)
    blocks += _rigour(view)
    return [*blocks, *finance.details(view)]


def _remarks(view: AudienceView) -> list[Block]:
    """List what intake assumed or noticed, by kind: how often, the first case, its first rows."""
    rows = view.rows("quarantine")
    rows = rows[rows["severity"] == "note"].reset_index(drop=True)
    if rows.empty:
        return []
    texts = ["table", "file", "sheet", "column", "value", "rule", "allowed"]
    rows = rows.assign(**{name: rows[name].astype("str").fillna("") for name in texts})
    spared = [name for name in rows["table"].unique() if name not in TABLES or view.hidden(name)]
    rows["value"] = rows["value"].mask(rows["table"].isin(spared), "")
    rows["kind"] = rows["rule"].str.replace(_FIGURE, "", regex=True)
    found = [
        {
            **group.iloc[0][["table", "column"]].to_dict(),
            "remark_count": len(group),
            **group.iloc[0][["rule", "value", "allowed"]].to_dict(),
            "place_name": where_found(group),
            "amount_at_stake": group["amount_at_stake"].sum(min_count=1),
        }
        for _, group in rows.groupby(["table", "column", "kind"], sort=False)
    ]
    frame = pd.DataFrame(found).sort_values(
        ["remark_count", "table", "column", "rule"],
        ascending=[False, True, True, True],
        ignore_index=True,
    )
    return [
        Listing(
            name="Intake remarks",
            frame=filled(frame),
            title=f"What intake assumed or noticed: remarks {len(rows):,}, kinds {len(frame):,}",
            subtitle="the rows are used as they are; text and value are those of the first case",
            labels={"remark_count": "Remarks", "rule": "Remark", "place_name": "Rows",
                    "amount_at_stake": "Money of the rows"},
            units={"amount_at_stake": view.plan.currency},
            missing={"amount_at_stake": "the rows have no money"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def _accounts(view: AudienceView) -> list[Block]:
    rows = view.rows("account_quality")
    if rows.empty:
        return []
    frame = rows.sort_values(["flagged_share", "check"], ascending=[False, True])
    found: list[Block] = []
    if rows["checked_count"].fillna(0).gt(0).any():
        found.append(picture(charts.plot_account_quality(rows, view.as_of)))
    return [
        *found,
        Listing(
            name="Account base",
            frame=filled(frame[
                ["meaning", "kind", "checked_count", "flagged_count", "flagged_share", "note"]
            ]).reset_index(drop=True),
            title="How complete, fresh and consistent the account base is",
            subtitle=f"as of {view.as_of}; share of the accounts that could be checked",
            labels={"meaning": "Check", "checked_count": "Checked", "flagged_count": "Findings",
                    "flagged_share": "Share"},
            missing={"flagged_share": "could not be checked; the note says why"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def _rigour(view: AudienceView) -> list[Block]:
    found: list[Block] = []
    rules = view.rows("rigour_rules")
    if rules["checked_count"].fillna(0).gt(0).any():
        found.append(picture(charts.plot_rules(rules, view.plan.currency, view.as_of)))
    if len(rules):
        frame = rules.sort_values(["flagged_amount", "rule"], ascending=[False, True])
        found.append(
            Listing(
                name="Data rigour rules",
                frame=filled(frame.drop(columns=["rule"])).reset_index(drop=True),
                title="What open deals lack",
                subtitle="open deals that could be checked; a deal may break several rules",
                labels={"meaning": "Rule", "checked_count": "Checked", "flagged_count": "Break it",
                        "flagged_share": "Share", "flagged_amount": "Their amount"},
                units={"flagged_amount": view.plan.currency},
                limit=view.plan.report.rows,
            )
        )  # fmt: skip
    people = view.rows("rigour_summary")
    people = people[people["level"] == "manager"]
    columns = ["name", "deal_count", "clean_count", "clean_share", "clean_share_low",
               "clean_share_high", "open_amount", "flagged_amount"]  # fmt: skip
    if len(people):
        people = people.sort_values(["clean_share", "rep_id"]).reset_index(drop=True)
        people = people.assign(name=people["name"].fillna(people["rep_id"]))
        shown = people[[name for name in columns if name in people.columns]]
        tones = people["state"].map(_STATES) if "state" in people.columns else None
        found.append(
            Listing(
                name="Data rigour",
                frame=shown,
                title="Clean open deals by manager",
                subtitle="share of open deals without a finding, with 90 % interval",
                labels={"name": "Manager", "deal_count": "Open deals", "clean_count": "Clean",
                        "clean_share": "Clean share", "clean_share_low": "From",
                        "clean_share_high": "To"},
                formats={"clean_share_low": "share", "clean_share_high": "share"},
                units={"open_amount": view.plan.currency, "flagged_amount": view.plan.currency},
                colors=None if tones is None else pd.DataFrame({"clean_share": tones}),
                limit=view.plan.report.rows,
            )
        )  # fmt: skip
    return found
