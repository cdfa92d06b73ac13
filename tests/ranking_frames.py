"""Made-up deals, reps and leads for the tests of the ranking."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from planlib.settings.ranking import RankingSettings

AS_OF = date(2026, 3, 31)


def make_settings(**changes: Any) -> RankingSettings:
    """Make settings that rank on win rate alone with few draws; changes win."""
    plain: dict[str, Any] = {
        "weights": {"win_rate": 1.0}, "minimum_metrics": 1, "long_term_required": False,
        "history_months": 2, "draws": 500, "simulations": 100,
    }  # fmt: skip
    return RankingSettings(**{**plain, **changes})


def make_deals(
    wins: dict[str, tuple[int, int]], *, closed: str = "2026-02-16", **columns: object
) -> pd.DataFrame:
    """
    Make closed deals: wins and cases by rep, all closed on one day after 30 days.

    Won deals bring 100; a column given replaces that of all deals.
    """
    rows = []
    for rep, (won, count) in wins.items():
        rows += [(rep, at < won) for at in range(count)]
    frame = pd.DataFrame(rows, columns=["owner_id", "is_won"])
    number = frame.groupby("owner_id").cumcount().astype(str)
    plain: dict[str, object] = {
        "opportunity_id": frame["owner_id"] + "-" + number, "is_closed": True,
        "close_date": pd.Timestamp(closed), "created_date": pd.Timestamp(closed)
        - pd.Timedelta(days=30), "amount": 100.0, "account_id": "A1", "source": "web",
        "deal_type": "new",
    }  # fmt: skip
    return frame.assign(**{**plain, **columns})


def make_reps(*reps: str, **columns: object) -> pd.DataFrame:
    """Make account executives of one team, hired long ago."""
    plain: dict[str, object] = {
        "name": [f"Name {one}" for one in reps], "role": "AE", "unit": "North",
        "manager_id": "M1", "hire_date": pd.Timestamp("2020-01-01"), "leave_date": pd.NaT,
        "is_open_seat": False,
    }  # fmt: skip
    return pd.DataFrame({"rep_id": list(reps), **{**plain, **columns}})


def draw_deals(chances: dict[str, float], months: int, per_month: int, seed: int) -> pd.DataFrame:
    """Draw closed deals of reps with known chances, spread over months before the as-of date."""
    rng = np.random.default_rng(seed)
    parts = []
    for rep, chance in chances.items():
        count = months * per_month
        closed = pd.Timestamp(AS_OF) - pd.to_timedelta(
            np.sort(rng.integers(0, months * 30, size=count)), unit="D"
        )
        days = rng.integers(20, 60, size=count)
        parts.append(pd.DataFrame({
            "opportunity_id": [f"{rep}-{at}" for at in range(count)], "owner_id": rep,
            "is_won": rng.random(count) < chance, "is_closed": True, "close_date": closed,
            "created_date": closed - pd.to_timedelta(days, unit="D"), "amount": 1000.0
            * rng.gamma(4.0, 0.25, size=count), "account_id": "A1",
            "source": rng.choice(["web", "event"], size=count),
            "deal_type": rng.choice(["new", "expansion", "renewal"], size=count),
            "discount_share": rng.uniform(0.0, 0.3, size=count),
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)
