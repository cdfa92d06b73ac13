"""What the industrial firm spent on the accounts it looks after: travel, visits, trials."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.generator.clock import fresh
from data_samples.generator.write import write_csv

_FIRST, _DAYS = pd.Timestamp("2024-07-01"), 638  # until 2026-03-30
#: What for, how often of ten, and the median amount.
_KINDS = (("差旅", 5.0, 3_200), ("技术交流会", 1.5, 14_000), ("样机试用", 0.8, 32_000),
          ("客户培训", 1.2, 7_500), ("考察接待", 1.5, 9_000))  # fmt: skip
_PROJECT_SHARE, _DIRECTOR_SHARE = 0.12, 0.35


def add_account_spend(folder: Path, seed: int) -> None:
    """
    Write ``inputs/account_spend.csv``.

    Money follows habit: a few accounts of each owner get many times what the others get, whatever
    their score. One item names a project of another account, one has a day after the extract.

    Parameters
    ----------
    folder
        A workbook whose inputs and decisions about key accounts are written.
    seed
        Of the draws; they have a stream of their own, so that no other table changes.
    """
    rng = fresh(seed, "chinese account spend")
    inputs = folder / "inputs"
    rated = pd.read_csv(folder / "overrides" / "account_ratings.csv", dtype="str")
    owned = pd.read_csv(inputs / "territories.csv", dtype="str")
    owner = owned[owned["role_layer"] == "AE"].set_index("account_id")["rep_id"]
    reps = pd.read_csv(inputs / "reps.csv", dtype="str").set_index("rep_id")
    director = {region: rep for rep, region in reps.loc[reps["role"] == "KA director",
                "region"].items()}  # fmt: skip
    projects = pd.read_csv(inputs / "projects.csv", dtype="str")
    by_account = projects.groupby("account_id")["project_id"].agg(list).to_dict()
    rows = []
    for account in sorted(set(rated["account_id"]) & set(owner.index)):
        rep = str(owner[account])
        for _ in range(int(rng.poisson(rng.gamma(0.9, 9.0)))):
            mine = by_account.get(account, [])
            for_project = bool(mine) and rng.random() < _PROJECT_SHARE
            rows.append(_item(
                rng, account, str(mine[int(rng.integers(len(mine)))]) if for_project else "",
                str(director[reps.at[rep, "region"]]) if rng.random() < _DIRECTOR_SHARE
                else str(reps.at[rep, "manager_id"]),
            ))  # fmt: skip
    strange = next(one for one in sorted(by_account) if one != rows[0][0])
    rows[0] = (*rows[0][:4], str(by_account[strange][0]), rows[0][5])
    rows[1] = (rows[1][0], "2026-04-08", *rows[1][2:])
    names = ["account_id", "spend_date", "amount", "kind", "project_id", "approver_id"]
    frame = pd.DataFrame(rows, columns=names).sort_values(names, ignore_index=True)
    frame.insert(0, "spend_id", [f"FY{at:05d}" for at in range(1, len(frame) + 1)])
    write_csv(inputs, "account_spend", frame, is_text=True)


def _item(
    rng: np.random.Generator, account: str, project: str, approver: str
) -> tuple[str, str, str, str, str, str]:
    """Draw one item; one in fifty is paid back in part."""
    weights = np.array([one[1] for one in _KINDS])
    kind, _, median = _KINDS[int(rng.choice(len(_KINDS), p=weights / weights.sum()))]
    amount = round(float(median * np.exp(rng.normal(0, 0.5))) / 10) * 10
    amount = -amount // 2 if rng.random() < 0.02 else amount
    day = _FIRST + pd.Timedelta(days=int(rng.integers(0, _DAYS)))
    return account, f"{day:%Y-%m-%d}", f"{amount}", kind, project, approver
