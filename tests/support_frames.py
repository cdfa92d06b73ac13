"""Small made-up requests, experts and markets for the tests of support."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from planlib.support import Market, fits
from planlib.tables import table

REQUEST: dict[str, object] = {
    "skill": "design", "hours": 20.0, "needed_from": "2026-04-06", "needed_to": "2026-04-12",
    "margin_amount": 1000.0, "p_without": 0.2, "p_with": 0.4,
}  # fmt: skip


def make_requests(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make requests A, B, C … for one week; a row gives what differs."""
    return pd.DataFrame(
        [{"request_id": chr(65 + at), **REQUEST, **row} for at, row in enumerate(rows)]
    )


def make_experts(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make experts e1, e2 … with 24 hours a week and the skill; a row gives what differs."""
    base = {"skills": "design", "hours_per_week": 24.0}
    return pd.DataFrame([{"expert_id": f"e{at}", **base, **row} for at, row in enumerate(rows, 1)])


def make_locks(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make decisions of kind support_locks; a row gives what differs."""
    base = {"who": "Mia", "when": "2026-03-20", "why": "agreed", "rule": "must"}
    given = [{**base, "decision_id": f"D-{at:04d}", **row} for at, row in enumerate(rows, 1)]
    return table("override_support_locks").coerce(pd.DataFrame(given))


def make_market(seed: int, requests: int = 6, experts: int = 2, periods: int = 4) -> Market:
    """Make a random market that is small enough to try every plan."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, periods, requests)
    room = rng.integers(2, 9, (experts, periods)) * 60
    minutes = np.repeat(rng.integers(2, 14, (requests, 1)) * 60, experts, axis=1)
    return Market(
        gain=rng.integers(1, 50, requests) * 100,
        minutes=minutes + rng.integers(0, 2, (requests, experts)) * 30,
        eligible=rng.random((requests, experts)) < 0.8,
        first=first,
        last=np.minimum(first + rng.integers(0, 3, requests), periods - 1),
        room=room,
        small=rng.random(requests) < 0.4,
        least_small=0,
        fixed=np.full(requests, -1),
    )


def best_worth(market: Market) -> int:
    """Give the worth of the best plan by trying every one."""
    choices = [[-1, *np.flatnonzero(row).tolist()] for row in market.eligible]
    return max(
        market.worth(plan)
        for plan in map(np.array, product(*choices))
        if fits(market, plan) and market.small_minutes(plan) >= market.least_small
    )
