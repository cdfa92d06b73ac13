"""Tables of deals: as they stand today, their product lines, their history, their splits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data_samples.generator.clock import QUARTER_END, dates, day, fresh
from data_samples.generator.deals import LOST, WON, Deal, Process
from data_samples.generator.names import pick

_KEEP_CLOSED = 400  # days that a closed deal stays in the weekly extract
_KEEP_DELETED = 14
_REASONS = {
    "new": "Competitor*3|No decision*4|Price*2.2|Missing function*1.4|No budget*2|Timing*1.6",
    "expansion": "No budget*3|No decision*3|Price*1.5|Timing*1.5|Sponsor left*1",
    "renewal": "Competitor*2|Product not used*2.4|Price*1.4|Customer acquired*0.7|"
    "Moved in-house*0.9",
}
_NEXT = (
    "Call with sponsor",
    "Send revised quote",
    "Security review",
    "Demo for the wider team",
    "Legal redlines",
    "Meet CFO",
    "Reference call",
    "Workshop on site",
    "Waiting for budget",
    "Follow up",
    "Proof of concept results",
    "Procurement onboarding",
    "Check in after holidays",
    "Confirm users",
    "Exec alignment",
    "Pricing approval",
    "Scope with services",
)


@dataclass(frozen=True, kw_only=True)
class Names:
    """How deals are named and numbered, and what their products and people are called."""

    seed: int
    as_of: int
    process: Process
    account_ids: Sequence[str]
    account_names: Sequence[str]
    rep_ids: Sequence[str]
    product_ids: Sequence[str]
    product_names: Sequence[str]
    prices: Sequence[float]
    first_closed: int
    next_steps: Sequence[str] = _NEXT
    reasons: Mapping[str, str] = field(default_factory=lambda: _REASONS)
    namer: Callable[[np.random.Generator, Deal, str, str], str] | None = None


def known_deals(deals: Sequence[Deal], as_of: int) -> list[Deal]:
    """Give the deals opened by a day, in order of opening."""
    known = [one for one in deals if one.created <= as_of]
    return sorted(known, key=lambda one: (one.created, one.number))


def number_deals(
    deals: Sequence[Deal], seed: int, prefix: str = "O-", base: int = 104_200
) -> dict[int, str]:
    """Give ids that rise with the day of opening, with gaps as in a CRM."""
    steps = fresh(seed, "deal ids").integers(1, 8, len(deals))
    return {
        one.number: f"{prefix}{base + int(step):06d}"
        for one, step in zip(deals, np.cumsum(steps), strict=True)
    }


def state_on(deal: Deal, when: int) -> tuple[int, int, float | None, int, str, int, bool]:
    """Give the state of a deal at the end of a day."""
    return [state for state in deal.changes if state[0] <= when][-1]


def opportunities(deals: Sequence[Deal], ids: dict[int, str], names: Names) -> pd.DataFrame:
    """Give table ``opportunities`` without the columns that activities fill."""
    rng = fresh(names.seed, "opportunity columns")
    rows = []
    for deal in deals:
        state = state_on(deal, names.as_of)
        closed = state[1] in (WON, LOST)
        if state[6] or (closed and state[3] < names.first_closed):
            continue
        rows.append(_row(rng, deal, state, ids, names))
    table = pd.DataFrame(rows)
    for name in (
        "close_date",
        "created_date",
        "stage_entered_date",
        "next_step_date",
        "updated_date",
    ):
        table[name] = dates(None if pd.isna(value) else int(value) for value in table[name])
    return table


def _row(
    rng: np.random.Generator,
    deal: Deal,
    state: tuple[int, int, float | None, int, str, int, bool],
    ids: dict[int, str],
    names: Names,
) -> dict[str, object]:
    changes = [one for one in deal.changes if one[0] <= names.as_of]
    closed, won = state[1] in (WON, LOST), state[1] == WON
    entered = changes[0][0]
    for before, after in zip(changes, changes[1:], strict=False):
        if after[1] != before[1]:
            entered = after[0]
    pushes = sum(
        1
        for before, after in zip(changes, changes[1:], strict=False)
        if after[3] // 31 > before[3] // 31 and after[1] not in (WON, LOST)
    )
    firsts = [one[2] for one in changes if one[2] is not None]
    product = names.product_names[deal.lines[0][0]]
    listed = sum(names.prices[item] * count for item, count in deal.lines)
    quoted = closed or state[1] >= names.process.quote
    cut = 1 - (state[2] or 0) / listed if quoted and state[2] and deal.due is None else None
    last = changes[-1][0]
    touched = min(names.as_of, last + int(rng.exponential(9 if not closed else 3)))
    step = None if closed or rng.random() < 0.16 else str(rng.choice(names.next_steps))
    return {
        "opportunity_id": ids[deal.number],
        "name": (names.namer or _name)(rng, deal, product, names.account_names[deal.account]),
        "account_id": names.account_ids[deal.account],
        "owner_id": names.rep_ids[state[5]],
        **_stage(state, names.process),
        "amount": state[2],
        "close_date": state[3],
        "created_date": deal.created,
        "deal_type": deal.deal_type,
        "product_id": names.product_ids[deal.lines[0][0]],
        "created_amount": firsts[0] if firsts else None,
        "discount_share": None if cut is None else round(max(cut, 0.0), 3),
        "creator_id": names.rep_ids[deal.creator],
        "creator_role": deal.role,
        "source": deal.source,
        "campaign_id": None,
        "lead_id": None,
        "next_step": step,
        "next_step_date": None
        if step is None
        else max(deal.created, touched - int(rng.exponential(14))),
        "last_activity_date": pd.NaT,
        "stage_entered_date": entered,
        "push_count": pushes,
        "contact_count": 1 + int(rng.poisson(0.5 + 0.35 * max(0, min(state[1], 5)) + 0.8 * won)),
        "loss_reason": _reason(rng, names.reasons[deal.deal_type]) if closed and not won else None,
        "review_status": None
        if closed
        else str(rng.choice(["reviewed", "open", "rejected"], p=[0.61, 0.36, 0.03])),
        "updated_date": touched,
    }


def _stage(
    state: tuple[int, int, float | None, int, str, int, bool], process: Process
) -> dict[str, object]:
    closed, won = state[1] in (WON, LOST), state[1] == WON
    open_stage = None if closed else process.stages[state[1]]
    label = process.won if won else process.lost
    return {
        "stage": open_stage.name if open_stage else label,
        "probability": open_stage.probability if open_stage else float(won),
        "forecast_category": state[4],
        "is_closed": closed,
        "is_won": won,
    }


def _name(rng: np.random.Generator, deal: Deal, product: str, full: str) -> str:
    short = " ".join(full.replace(",", "").split()[:3]) if rng.random() < 0.6 else full
    if deal.due is not None:
        year = 2020 + deal.due // 365
        return str(
            rng.choice(
                [f"{short} - Renewal {year}", f"{short} renewal", f"Renewal | {short} | {product}"],
                p=[0.6, 0.15, 0.25],
            )
        )
    if deal.deal_type == "expansion":
        return str(
            rng.choice(
                [
                    f"{short} - {product} add-on",
                    f"{short} - {product} expansion",
                    f"{short}: more {product}",
                    f"{short} - upsell",
                ],
                p=[0.35, 0.35, 0.1, 0.2],
            )
        )
    return str(
        rng.choice(
            [
                f"{short} - {product}",
                f"{short} | {product}",
                f"{short} new business",
                f"{short} - {product} pilot",
            ],
            p=[0.55, 0.2, 0.12, 0.13],
        )
    )


def _reason(rng: np.random.Generator, options: str) -> str | None:
    return None if rng.random() < 0.09 else pick(rng, options)


def lines(
    deals: Sequence[Deal], ids: dict[int, str], table: pd.DataFrame, names: Names
) -> pd.DataFrame:
    """Give table ``opportunity_lines``; the lines of a deal sum to its amount."""
    amounts = dict(zip(table["opportunity_id"], table["amount"], strict=True))
    rows = []
    for deal in deals:
        amount = amounts.get(ids[deal.number])
        if amount is None or pd.isna(amount):
            continue
        listed = [names.prices[item] * count for item, count in deal.lines]
        left = float(amount)
        for place, ((item, count), worth) in enumerate(zip(deal.lines, listed, strict=True)):
            last = place == len(listed) - 1
            value = round(left, 2) if last else round(float(amount) * worth / sum(listed), 0)
            left -= value
            rows.append((ids[deal.number], names.product_ids[item], count, value, worth))
    frame = pd.DataFrame(
        rows, columns=["opportunity_id", "product_id", "quantity", "amount", "list_amount"]
    )
    frame.insert(0, "line_id", [f"L-{number:06d}" for number in range(30_001, 30_001 + len(frame))])
    return frame


def snapshot_days(first: int, last: int, step: int = 7) -> list[int]:
    """Give the days of the extracts: every ``step`` days back from the last, and quarter ends."""
    weekly = set(range(last, first - 1, -step))
    ends = {QUARTER_END[one] for one in range(first, last + 1) if QUARTER_END[one] <= last}
    return sorted(weekly | ends | {first - 1 if QUARTER_END[first - 1] == first - 1 else last})


def history(
    deals: Sequence[Deal], ids: dict[int, str], names: Names, snapshots: Sequence[int]
) -> pd.DataFrame:
    """Give table ``opportunity_history``: each extract holds all deals it could see."""
    states: list[tuple[object, ...]] = []
    rows, seen = [], []
    shots = np.array(snapshots)
    for deal in deals:
        changes = [one for one in deal.changes if one[0] <= names.as_of]
        base = len(states)
        states += [
            (ids[deal.number], names.account_ids[deal.account], deal.created, *one[1:])
            for one in changes
        ]
        at = np.searchsorted([one[0] for one in changes], shots, side="right") - 1
        for place, shot in zip(at, shots, strict=True):
            if place < 0:
                continue
            one = changes[place]
            keep = _KEEP_DELETED if one[6] else _KEEP_CLOSED
            if (one[6] or one[1] in (WON, LOST)) and one[0] < shot - keep:
                continue
            rows.append(base + int(place))
            seen.append(int(shot))
    flat = pd.DataFrame(
        states,
        columns=[
            "opportunity_id",
            "account_id",
            "created",
            "place",
            "amount",
            "close",
            "forecast_category",
            "owner",
            "is_deleted",
        ],
    )
    flat["amount"] = flat["amount"].astype("float64")
    stages = [
        _stage((0, place, None, 0, kind, 0, False), names.process)
        for place, kind in zip(flat["place"], flat["forecast_category"], strict=True)
    ]
    flat = flat.assign(
        stage=[one["stage"] for one in stages],
        probability=[one["probability"] for one in stages],
        is_closed=[one["is_closed"] for one in stages],
        is_won=[one["is_won"] for one in stages],
        owner_id=[names.rep_ids[one] for one in flat["owner"]],
        close_date=dates(flat["close"]),
        created_date=dates(flat["created"]),
    )
    found = flat.iloc[rows].reset_index(drop=True)
    found["snapshot_date"] = dates(seen)
    found["sequence"], found["record"] = 0, "snapshot"
    return found[
        [
            "opportunity_id",
            "snapshot_date",
            "sequence",
            "record",
            "owner_id",
            "stage",
            "probability",
            "forecast_category",
            "amount",
            "close_date",
            "is_closed",
            "is_won",
            "created_date",
            "account_id",
            "is_deleted",
        ]
    ]


def splits(
    deals: Sequence[Deal],
    ids: dict[int, str],
    table: pd.DataFrame,
    seed: int,
    specialists: Sequence[str],
) -> pd.DataFrame:
    """Give table ``splits``: shared deals among the large ones, overlays for specialists."""
    rng = fresh(seed, "splits")
    rows: list[tuple[str, str, str, float]] = []
    known = table.dropna(subset=["amount"])
    large = known[known["amount"] > known["amount"].quantile(0.80)]
    for row in large.itertuples():
        draw = rng.random()
        if draw < 0.16 and row.creator_id != row.owner_id:
            part = float(rng.choice([0.1, 0.2, 0.25, 0.3, 0.5]))
            rows += [
                (row.opportunity_id, row.owner_id, "revenue", round(1 - part, 2)),
                (row.opportunity_id, row.creator_id, "revenue", part),
            ]
        if specialists and rng.random() < 0.3:
            rows.append(
                (
                    row.opportunity_id,
                    str(rng.choice(list(specialists))),
                    "overlay",
                    float(rng.choice([0.5, 1.0], p=[0.3, 0.7])),
                )
            )
    return pd.DataFrame(rows, columns=["opportunity_id", "rep_id", "split_type", "share"])


def first_kept(as_of: int) -> int:
    """Give the first day of closed deals that the extract of deals holds: two years before."""
    return day("2024-01-01") if as_of > day("2025-06-30") else as_of - 500
