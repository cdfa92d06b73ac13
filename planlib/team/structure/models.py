"""Way of selling that the answers of a segment call for, what it needs, what marketing does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planlib.tables import table
from planlib.tables.team_choices import MODELS
from planlib.team.structure.cells import today_heads
from planlib.team.structure.ground import Ground
from planlib.team.structure.questions import is_local, is_small, year_leads
from planlib.team.structure.ratios import Ratio, ratio_of_rates

FIELD, LED, INSIDE, MIXED, UNKNOWN = MODELS

_DECIDING = ("lead_volume", "deal_size", "cycle")
_NEEDS = {
    FIELD: "territories (03) and account plans (05); few accounts a head, met where they are",
    LED: "SDRs who answer leads in time, by the routing of step 08; inside sellers who take the "
    "deal over to the end",
    INSIDE: "inside sellers who carry a deal from the first contact to renewal; SDRs only once "
    "leads come in number",
    MIXED: "a rule who hands over to whom, by account; inside takes small and local accounts, "
    "field the others",
    UNKNOWN: "more leads or closed deals on record before the way of selling is chosen",
}
_MARKETING = {
    FIELD: "works on named accounts together with their sellers; opens doors instead of filling "
    "lists",
    LED: "brings volume, and hands over only leads that meet the score",
    INSIDE: "brings leads in number: they are not more here than elsewhere, or not known",
    MIXED: "brings volume for small accounts, and works on named ones with their sellers",
    UNKNOWN: "nothing is suggested: the way of selling is not known",
}
_FILTER = "leads grow: marketing qualifies before it hands over, so that SDRs answer the good ones"
_ASKED = {
    "lead_volume": "leads an account", "deal_size": "deal size", "cycle": "cycle",
    "small_customers": "small customers", "local": "local accounts",
    "leads_win": "deals from leads win", "remote_wins": "remote deals win",
}  # fmt: skip


def name_models(ground: Ground, questions: pd.DataFrame) -> pd.DataFrame:
    """
    Say which way of selling fits each segment, and why.

    Field with account plans: two of lead volume, deal size and cycle call for field, none for
    inside. Inside: the other way round, led by leads where there are more of them than in other
    segments. Mixed where they contradict each other or do not differ from other segments. Two of
    the three must be known.

    Parameters
    ----------
    ground
        Accounts, people and leads.
    questions
        Table ``structure_questions``.

    Returns
    -------
    DataFrame
        Table ``structure_models``.
    """
    heads = _heads(ground)
    relief, hours = _relief(ground), _field_hours(ground)
    now, before = year_leads(ground), year_leads(ground, 1)
    sizes = ground.cells.table.groupby("segment")["account_count"].sum()
    rows = []
    for segment, asked in questions.groupby("segment", sort=True):
        model = _model(asked)
        known = asked["answer"] != "not known"
        freed = relief.get(str(segment))
        growth = _growth(now, before, str(segment), ground.settings.minimum_cases)
        marketing = _MARKETING[model]
        if growth is not None and growth.low > 1 and model in (LED, INSIDE, MIXED):
            marketing = f"{marketing}; {_FILTER}"
        rows.append({
            "segment": segment, "model": model,
            "field_count": int((asked["calls_for"] == "field").sum()),
            "inside_count": int((asked["calls_for"] == "inside").sum()),
            "known_count": int(known.sum()), "account_count": sizes.get(segment),
            **{f"{kind}_heads": heads.at[segment, kind] if segment in heads.index else None
               for kind in ("field", "inside", "sdr")},
            "relief_hours": freed,
            "relief_heads": freed / hours if freed is not None and hours else None,
            **_leads_of(now, before, str(segment), growth),
            "needs": _NEEDS[model], "marketing": marketing, "reason": _reason(asked),
        })  # fmt: skip
    return table("structure_models").coerce(pd.DataFrame(rows))


def _model(asked: pd.DataFrame) -> str:
    deciding = asked[asked["question"].isin(_DECIDING)]
    if (deciding["answer"] != "not known").sum() < 2:  # noqa: PLR2004  # two of three
        return UNKNOWN
    field = int((deciding["calls_for"] == "field").sum())
    inside = int((deciding["calls_for"] == "inside").sum())
    if field >= 2 and not inside:  # noqa: PLR2004
        return FIELD
    if inside < 2 or field:  # noqa: PLR2004
        return MIXED
    is_more = deciding.loc[deciding["question"] == "lead_volume", "answer"].eq("more").any()
    return LED if is_more else INSIDE


def _reason(asked: pd.DataFrame) -> str:
    said = [
        f"{_ASKED[str(row['question'])]}: {_figure(row['value'])} against "
        f"{_figure(row['others_value'])} (x {row['low']:.2f} to {row['high']:.2f}), "
        f"{row['calls_for'] or 'either way'}"
        for row in asked.sort_values("question_order").to_dict("records")
        if row["answer"] != "not known"
    ]
    return "; ".join(said) or "no question has enough cases"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"  # noqa: PLR2004


def _heads(ground: Ground) -> pd.DataFrame:
    today = today_heads(ground.cells, ground.roster, ground.settings.head_parts)
    return today.groupby(ground.cells.table["segment"].to_numpy()).sum()


def _relief(ground: Ground) -> dict[str, float]:
    """Sum the hours that small local accounts of field sellers need, by segment."""
    small, local = is_small(ground), is_local(ground)
    accounts = ground.cells.accounts
    if small.isna().all() or local.isna().all():
        return {}
    field = accounts["owner_id"].map(ground.roster.kind_of).eq("field").fillna(False).astype(bool)
    hours = accounts["workload_hours"].where(field & (small == 1) & (local == 1), 0.0)
    return {str(name): float(one) for name, one in hours.groupby(accounts["segment"]).sum().items()}


def _field_hours(ground: Ground) -> float | None:
    people = ground.roster.people
    given = ground.settings.capacity_hours.get("field")
    found = given or people.loc[people["is_post"] & (people["kind"] == "field"),
                                "capacity_hours"].mean()  # fmt: skip
    return float(found) if pd.notna(found) and found > 0 else None


def _growth(
    now: pd.Series | None, before: pd.Series | None, segment: str, least: int
) -> Ratio | None:
    if now is None or before is None:
        return None
    counts = (float(now.get(segment, 0.0)), float(before.get(segment, 0.0)))
    return ratio_of_rates((counts[0], 1.0), (counts[1], 1.0), least)


def _leads_of(
    now: pd.Series | None, before: pd.Series | None, segment: str, growth: Ratio | None
) -> dict[str, Any]:
    if now is None or before is None or growth is None or np.isnan(growth.low):
        return {"leads_count": None if now is None else float(now.get(segment, 0.0))}
    return {
        "leads_count": round(float(now.get(segment, 0.0)), 1),
        "leads_before_count": round(float(before.get(segment, 0.0)), 1),
        "leads_growth": growth.ratio - 1, "growth_low": growth.low - 1,
        "growth_high": growth.high - 1,
    }  # fmt: skip
