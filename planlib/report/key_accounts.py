"""Section of the report on key accounts: the list, why, and what they may buy when."""

from __future__ import annotations

import pandas as pd

from planlib.charts import key_accounts as charts
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.key_accounts import importance_basis, list_headline, score_workings
from planlib.notes import count_of, percent
from planlib.report import key_account_care, key_account_lines, key_account_needs
from planlib.report.common import account_names, amount_of, differs, filled, named, said
from planlib.report.folds import fold
from planlib.report.key_account_moves import moves
from planlib.report.parts import Block, Gap, Line, Listing, Section, picture
from planlib.steps import STEPS

STEP = "05_key_accounts"
_LIST = ["name", "stratum", "score", "rank", "status", "sales_amount", "confidence",
         "in_list_probability", "reason"]  # fmt: skip


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no list."""
    listed = view.rows("key_accounts")
    if listed.empty:
        return None
    step = STEPS[STEP]
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[
            Line(_headline(view, listed), step=STEP),
            *key_account_lines.decided(view),
            *key_account_care.decided(view),
        ],
        asks=[*_asks(view, listed), *key_account_needs.asks(view), *key_account_care.asks(view)],
        problems=[
            *_problems(listed),
            *_found(view),
            *key_account_lines.problems(view),
            *key_account_needs.problems(view),
            *key_account_care.problems(view),
        ],
        gaps=[
            *_gaps(view),
            *key_account_lines.gaps(view),
            *key_account_needs.gaps(view),
            *key_account_care.gaps(view),
        ],
        facts=[*_facts(listed), *key_account_care.facts(view)],
        blocks=[
            *_answer(view, listed),
            *fold(
                "How the scores come about, and what other weights would change",
                _blocks(view, listed),
            ),
            *fold(
                "Coverage by two lines: credit, duties, targets, who is responsible",
                key_account_lines.blocks(view),
            ),
            *fold(
                "Needs, white space and the skill hours that they ask for",
                key_account_needs.blocks(view),
            ),
            *key_account_care.blocks(view),
            *fold("Findings: what is wrong with rows or settings", _findings(view)),
        ],
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


def _is_own(view: AudienceView, listed: pd.DataFrame) -> bool:
    """Tell whether this cycle reviewed importance itself, or that is not known."""
    known = listed["review_cycle"].dropna()
    return known.empty or bool((known == view.workbook.cycle.name).any())


def _headline(view: AudienceView, listed: pd.DataFrame) -> str:
    text = list_headline(listed)
    if _is_own(view, listed):
        return text
    return f"{text} The list stands: {importance_basis(listed)}."


def _asks(view: AudienceView, listed: pd.DataFrame) -> list[Line]:
    """Ask about who enters and leaves, in the cycle that reviewed it."""
    lines: list[Line] = []
    if not _is_own(view, listed):
        return lines
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
                frozenset({"needs"}),
            )
        )
    if not view.has("ratings"):
        found.append(
            Gap(
                "Demonstration effect and winnability by rating",
                "there are no ratings: size and win rates stand in",
                "table ratings",
                STEP,
                frozenset({"ratings"}),
            )
        )
    if not view.has("opportunities"):
        found.append(
            Gap(
                "Sales with each key account",
                "there are no opportunities",
                "table opportunities",
                STEP,
                frozenset({"opportunities"}),
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


def _found(view: AudienceView) -> list[Line]:
    """Say how many rows of the inputs, or settings, are wrong."""
    found = view.rows("key_account_findings")
    if found.empty:
        return []
    counts = found["check"].value_counts(sort=False)
    some = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[:3]
    text = ", ".join(f"{check} ({count})" for check, count in some)
    return [Line(f"{count_of(len(found), 'finding')} on key accounts: {text}", step=STEP)]


def _blocks(view: AudienceView, listed: pd.DataFrame) -> list[Block]:
    names, currency, as_of = account_names(view), view.plan.currency, view.as_of
    scores = view.rows("key_account_scores")
    keys = listed[listed["is_key"].fillna(False).astype(bool)]
    blocks: list[Block] = []
    if len(keys) and keys["score"].notna().any() and len(scores):
        blocks.append(picture(charts.plot_score_parts(listed, scores, names, as_of=view.as_of)))
    if listed["score"].notna().any() and listed["sales_amount"].notna().any():
        blocks.append(picture(charts.plot_score_against_sales(listed, currency, as_of)))
    if len(keys) and keys["score"].notna().any() and len(scores):
        blocks.append(_workings(view, keys, scores, names))
    differences = view.rows("key_account_differences")
    if len(differences):
        blocks.append(_differences(view, differences, names))
    weights = view.rows("key_account_weights")
    if len(weights):
        blocks.append(_weights(weights))
    return blocks


def _answer(view: AudienceView, listed: pd.DataFrame) -> list[Block]:
    """Give what a leader reads first: who moves or is at risk, the list, and what may come when."""
    names = account_names(view)
    keys = listed[listed["is_key"].fillna(False).astype(bool)]
    return [
        moves(view, listed, is_own=_is_own(view, listed)),
        _listing(view, keys, names),
        *_horizons(view),
    ]


def _horizons(view: AudienceView) -> list[Block]:
    horizons = view.rows("key_account_horizons")
    if horizons["value"].isna().all():
        return []
    names, currency = account_names(view), view.plan.currency
    return [picture(charts.plot_horizons(horizons, names, currency, view.as_of))]


def _workings(
    view: AudienceView, keys: pd.DataFrame, scores: pd.DataFrame, names: pd.Series
) -> Listing:
    first = keys.sort_values(["score", "account_id"], ascending=[False, True]).iloc[0]
    account = str(first["account_id"])
    return Listing(
        name="One score worked out",
        frame=score_workings(
            account, scores, view.rows("key_account_scales"), str(first["stratum"])
        ),
        title=f"The score of {names.get(account, account)}, worked out",
        subtitle=f"compared within {first['stratum']}; money in {view.plan.currency}; between "
        "thresholds the factor score grows in proportion; points = 10 x weight x factor score",
        labels={"method": "What the value is"},
        formats={"weight": "share", "points": "number", "factor_score": "number"},
        missing=dict.fromkeys(
            ["value", "from_threshold", "to_threshold", "factor_score"], "not on a scale, or a sum"
        ),
        limit=None,
    )


def _differences(view: AudienceView, rows: pd.DataFrame, names: pd.Series) -> Listing:
    shown = rows.assign(name=named(rows["account_id"], names)).drop(columns="account_id")
    shown.insert(0, "name", shown.pop("name"))
    return Listing(
        name="Not by sales alone",
        frame=shown,
        title="Accounts on which a list by sales alone differs",
        subtitle=f"sales of the twelve months until {view.as_of}",
        labels={"name": "Account", "difference": "Which list has it", "reason": "Why"},
        formats={"score": "score"},
        units={"sales_amount": view.plan.currency},
        missing={"sales_rank": "nothing sold", "rank": "not scored", "score": "not scored"},
        limit=view.plan.report.rows,
    )


def _weights(weights: pd.DataFrame) -> Listing:
    judged = weights["consistency_ratio"].dropna()
    notes = []
    if len(judged):
        notes = [f"Consistency ratio of the pairwise judgements {judged.iloc[0]:.2f}; above 0.10 "
                 "they contradict each other too much."]  # fmt: skip
    return Listing(
        name="Weights of factors",
        frame=filled(weights.drop(columns="consistency_ratio")),
        title="Weight of each factor",
        formats=dict.fromkeys(["weight", "plan_weight", "judged_weight"], "share"),
        notes=notes,
        limit=None,
    )


def _findings(view: AudienceView) -> list[Block]:
    found = view.rows("key_account_findings")
    if found.empty:
        return []
    return [
        Listing(
            name="Key-account findings",
            frame=found,
            title="What is wrong with rows or settings, and what was done",
            limit=view.plan.report.rows,
        )
    ]


def _revenue_basis(view: AudienceView, keys: pd.DataFrame) -> list[str]:
    """Say how revenue in the score differs from the sales beside it."""
    scores = view.rows("key_account_scores")
    methods = scores.loc[scores["factor"] == "revenue", "method"].dropna()
    if methods.empty or keys["sales_amount"].isna().all():
        return []
    return [
        f"Revenue in the score: {methods.mode().iloc[0]}; sales: won in the last twelve months "
        "alone. An account without sales now may have revenue of the years before."
    ]


def _listing(view: AudienceView, keys: pd.DataFrame, names: pd.Series) -> Listing:
    rows = keys.assign(name=named(keys["account_id"], names)).sort_values(
        ["score", "account_id"], ascending=[False, True], ignore_index=True
    )
    rows = rows[[name for name in _LIST if name in rows.columns]]
    return Listing(
        name="Key accounts",
        frame=rows,
        title="Key accounts by score",
        subtitle=f"{importance_basis(keys)}; sales of the twelve months until {view.as_of}: "
        f"{said(rows['sales_amount'], view.plan.currency) or 'not known'}",
        labels={
            "name": "Account",
            "stratum": "Compared within",
            "rank": "Place",
            "sales_amount": "Sales",
            "confidence": "Confidence",
            "in_list_probability": "Chance in list",
            "reason": "Why",
        },
        formats={
            "score": "score",
            "confidence": "share",
            "rank": "count",
            "in_list_probability": "share",
        },
        units={"sales_amount": view.plan.currency, "score": "0 to 100"},
        notes=[
            "Score: sum of weight x factor score x 10 over the factors that are known; accounts "
            "are compared within their stratum only. Confidence: weighted mean of how far each "
            "factor's value can be relied on.",
            *_revenue_basis(view, keys),
            "Chance in list: share of draws of uncertain weights (Dirichlet, concentration "
            f"{view.plan.key_accounts.weight_spread:g}) in which the account is in the top.",
        ],
        missing={"sales_amount": "no deal won in the twelve months"},
        limit=view.plan.report.rows,
        empty="no account is a key account",
    )
