"""Section of the report on key accounts: the list, why, and what they may buy when."""

from __future__ import annotations

import pandas as pd

from planlib.charts import key_accounts as charts
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.key_accounts import KeyAccountReview
from planlib.report import key_account_care as care
from planlib.report.common import account_names, amount_of, count_of, differs, named, percent, said
from planlib.report.parts import Block, Gap, Line, Listing, Section, picture
from planlib.steps import STEPS

STEP = "05_key_accounts"
_LIST = ["name", "stratum", "score", "rank", "status", "sales_amount", "confidence", "reason"]


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no list."""
    listed = view.rows("key_accounts")
    if listed.empty:
        return None
    review = KeyAccountReview(
        key_accounts=listed,
        scores=view.rows("key_account_scores"),
        scales=view.rows("key_account_scales"),
        horizons=view.rows("key_account_horizons"),
        notes=(),
    )
    step = STEPS[STEP]
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[Line(review.headline(), step=STEP), *care.decided(view)],
        asks=[*_asks(listed), *care.asks(view)],
        problems=[*_problems(listed), *care.problems(view)],
        gaps=[*_gaps(view), *care.gaps(view)],
        facts=[*_facts(listed), *care.facts(view)],
        blocks=[*_blocks(view, review), *care.blocks(view)],
    )


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say who entered and left the list since an earlier state."""
    before = baseline.get("key_accounts")
    if before is None or not view.has("key_accounts"):
        return []
    moved = differs(view.read("key_accounts"), before, "account_id", "is_key")
    entered = int(moved["after"].sum())
    if moved.empty:
        return [Line("The list of key accounts is the same.", step=STEP)]
    text = f"{count_of(entered, 'account')} entered the list of key accounts, "
    return [Line(f"{text}{len(moved) - entered:,} left it.", step=STEP)]


def _asks(listed: pd.DataFrame) -> list[Line]:
    lines = []
    for status, text in (
        ("enters", "enters the list of key accounts|enter the list of key accounts"),
        ("leaves", "leaves the list of key accounts|leave the list of key accounts"),
    ):
        rows = listed[listed["status"] == status]
        one, many = text.split("|")
        if len(rows):
            lines.append(
                Line(
                    f"{count_of(len(rows), 'account')} {one if len(rows) == 1 else many}: "
                    "confirm, or overrule in overrides/key_accounts.csv",
                    amount_of(rows["sales_amount"]),
                    STEP,
                )
            )
    return lines


def _problems(listed: pd.DataFrame) -> list[Line]:
    rows = listed[listed["status"] == "not scored"]
    if rows.empty:
        return []
    text = f"{count_of(len(rows), 'account')} could not be scored: too few factors are known"
    return [Line(text, amount_of(rows["sales_amount"]), STEP)]


def _gaps(view: AudienceView) -> list[Gap]:
    found = []
    if not view.has("needs"):
        found.append(
            Gap(
                "Needs of key accounts by horizon, from a register",
                "there is no needs register: open deals and white space are proposed instead",
                "table needs (account, product or solution, horizon, value, likelihood, fit)",
                STEP,
            )
        )
    if not view.has("ratings"):
        found.append(
            Gap(
                "Demonstration effect and winnability by rating",
                "there are no ratings: size and win rates stand in",
                "table ratings",
                STEP,
            )
        )
    if not view.has("opportunities"):
        found.append(
            Gap(
                "Sales with each key account",
                "there are no opportunities",
                "table opportunities",
                STEP,
            )
        )
    return found


def _facts(listed: pd.DataFrame) -> list[Fact]:
    keys = listed[listed["is_key"].fillna(False).astype(bool)]
    total, mine = amount_of(listed["sales_amount"]), amount_of(keys["sales_amount"])
    note = f"of {len(listed):,} accounts"
    if total and mine is not None:
        note += f"; {percent(mine / total)} of the last twelve months' sales"
    return [Fact("Key accounts", len(keys), note, "accent", "count")]


def _blocks(view: AudienceView, review: KeyAccountReview) -> list[Block]:
    names, currency, as_of = account_names(view), view.plan.currency, view.as_of
    listed = review.key_accounts
    keys = listed[listed["is_key"].fillna(False).astype(bool)]
    blocks: list[Block] = []
    if len(keys) and keys["score"].notna().any() and len(review.scores):
        blocks.append(picture(charts.plot_score_parts(listed, review.scores, names)))
    if listed["score"].notna().any() and listed["sales_amount"].notna().any():
        blocks.append(picture(charts.plot_score_against_sales(listed, names, currency, as_of)))
    if review.horizons["value"].notna().any():
        blocks.append(picture(charts.plot_horizons(review.horizons, names, currency, as_of)))
    blocks.append(_listing(view, keys, names))
    return blocks


def _listing(view: AudienceView, keys: pd.DataFrame, names: pd.Series) -> Listing:
    rows = keys.assign(name=named(keys["account_id"], names)).sort_values(
        ["score", "account_id"], ascending=[False, True], ignore_index=True
    )
    rows = rows[[name for name in _LIST if name in rows.columns]]
    return Listing(
        name="Key accounts",
        frame=rows,
        title="Key accounts by score",
        subtitle=f"sales of the twelve months until {view.as_of}: "
        f"{said(rows['sales_amount'], view.plan.currency) or 'not known'}",
        labels={
            "name": "Account",
            "stratum": "Compared within",
            "rank": "Place",
            "sales_amount": "Sales",
            "confidence": "Confidence",
            "reason": "Why",
        },
        formats={"score": "score", "confidence": "share", "rank": "count"},
        units={"sales_amount": view.plan.currency, "score": "0 to 100"},
        notes=[
            "Score: sum of weight x factor score x 10 over the factors that are known; accounts "
            "are compared within their stratum only. Confidence: weighted mean of how far each "
            "factor's value can be relied on.",
        ],
        missing={"sales_amount": "no deal won in the twelve months"},
        limit=view.plan.report.rows,
        empty="no account is a key account",
    )
