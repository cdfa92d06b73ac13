"""Past talks of managers with reps about their scorecards: the step agreed, and who helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_samples.generator.decisions import Row

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes",
         "rep_id", "review_date", "metric", "agreed_step", "helper", "tier")  # fmt: skip
_DAYS = ("2025-08-07", "2025-09-04", "2025-10-08", "2025-11-06", "2025-12-04", "2026-01-08",
         "2026-02-05", "2026-03-05")  # fmt: skip
_A_DAY = 3  # talks on each day


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What such talks are about: why, steps by metric, and the reason of a tier set by hand."""

    why: str
    steps: Sequence[tuple[str, str]]
    by_hand: str
    tier: str = "B"


SOFTWARE = Talk(
    why="Monthly scorecard review",
    steps=(
        ("win_rate", "Qualify budget and sponsor before the demo; review two lost deals a week"),
        ("follow_up", "Half an hour for new leads at the start of each day"),
        ("acv_per_case", "Bring the second product into the needs talk"),
        ("cycle_time", "A dated next step at the end of every call"),
        ("price_realisation", "No discount without something in return; manager joins the last "
         "round"),
        ("existing_customers", "Value review with each customer half a year before the renewal"),
        ("", "Ride along with a colleague for two weeks"),
    ),
    by_hand="Long illness in the family; the tier stays while the plan is agreed",
)  # fmt: skip
INDUSTRIAL = Talk(
    why="月度业绩面谈",
    steps=(
        ("win_rate", "投标前先确认预算和决策链，每周复盘两个丢单"),
        ("follow_up", "新商机三天内完成首次拜访"),
        ("acv_per_case", "方案阶段同时介绍配套产品"),
        ("existing_customers", "每季度回访老客户一次"),
        ("", "由资深同事陪访两周"),
    ),
    by_hand="家庭原因长期请假，等级暂不调整",
)


def hold_talks(talk: Talk, reps: pd.DataFrame, seed: int) -> dict[str, list[Row]]:
    """
    Write the log of past talks.

    Parameters
    ----------
    talk
        What they are about.
    reps
        Table ``reps``: account executives still here are reviewed by their manager, and a peer of
        the same manager helps in two of three talks.
    seed
        Seed of a stream of its own, so that no other file of a sample changes.

    Returns
    -------
    dict
        Rows by kind, the header first.
    """
    rng = np.random.default_rng([seed, 8])
    here = reps[(reps["role"] == "AE") & reps["leave_date"].isna()]
    here = here[~here["is_open_seat"].fillna(False).astype(bool)].sort_values("rep_id")
    names = dict(zip(reps["rep_id"], reps["name"], strict=True))
    rows: list[Row] = [_HEAD]
    for day in _DAYS:
        chosen = rng.choice(len(here), size=min(_A_DAY, len(here)), replace=False)
        for place in sorted(map(int, chosen)):
            rep = here.iloc[place]
            metric, step = talk.steps[int(rng.integers(len(talk.steps)))]
            peers = here[(here["manager_id"] == rep["manager_id"])
                         & (here["rep_id"] != rep["rep_id"])]  # fmt: skip
            helper = ""
            if len(peers) and rng.random() < 2 / 3:
                helper = str(peers["name"].iloc[int(rng.integers(len(peers)))])
            by_hand = len(rows) == 2 * _A_DAY
            rows.append((
                f"D-{len(rows):04d}", names.get(rep["manager_id"], "Sales operations"), day,
                talk.by_hand if by_hand else talk.why, "", "", "", rep["rep_id"], day, metric,
                step, helper, talk.tier if by_hand else "",
            ))  # fmt: skip
    return {"ranking_reviews": rows}
