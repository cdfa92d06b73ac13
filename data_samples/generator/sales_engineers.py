"""Sales engineers of the software sample: who they are, when they are away, who asks for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.generator.clock import fresh
from data_samples.generator.write import as_text, write_csv

_AS_OF = pd.Timestamp("2026-03-31")
_SKILLS = ("Data migration", "Streaming", "Dashboards", "Governance and security",
           "Process automation")  # fmt: skip
_SKILL_OF = {"P-100": 0, "P-190": 0, "P-110": 1, "P-200": 2, "P-210": 2, "P-300": 4, "P-310": 4,
             "P-400": 3}  # fmt: skip
_NAMES = ("Noor Haddad", "Elena Marchetti", "Tobias Lindqvist", "Grace Okafor", "Ravi Menon",
          "Camille Fournier", "Hana Kobayashi", "Diego Salgado", "Ewa Nowicka",
          "Marcus Bell")  # fmt: skip
_LATER = ("Evaluation", "Proposal", "Negotiation")
_OPEN, _PAST = 46, 240


def add_sales_engineers(folder: Path, seed: int) -> None:
    """
    Write ``experts``, ``expert_leave`` and ``support_requests`` beside the other inputs.

    Requests name opportunities: the firm keeps no table of projects. Evaluations that got a sales
    engineer were won more often; in part because better deals got one first.

    Parameters
    ----------
    folder
        The workbook with its other inputs.
    seed
        Seed of the sample; the draws have a stream of their own.
    """
    rng = fresh(seed, "sales engineers")
    deals = pd.read_csv(folder / "inputs" / "opportunities.csv", dtype=str)
    deals = deals.drop_duplicates("opportunity_id").sort_values("opportunity_id")
    deals = deals[deals["deal_type"].isin(["new", "expansion"])].assign(
        amount=pd.to_numeric(deals["amount"], errors="coerce"),
        close_date=pd.to_datetime(deals["close_date"], errors="coerce"),
    )
    experts = _experts(rng)
    asked = [*_past(rng, deals, experts), *_open(rng, deals), *_running(rng, deals, experts)]
    requests = pd.DataFrame(asked)
    requests.insert(0, "request_id", [f"SR-{one:04d}" for one in range(1, len(requests) + 1)])
    for name, frame in (("experts", experts), ("expert_leave", _leave(rng, experts)),
                        ("support_requests", requests)):  # fmt: skip
        write_csv(folder / "inputs", name, as_text(name, frame), is_text=True)


def _experts(rng: np.random.Generator) -> pd.DataFrame:
    skills = [
        ";".join(sorted({_SKILLS[place % len(_SKILLS)], str(rng.choice(_SKILLS))}))
        for place in range(len(_NAMES))
    ]
    return pd.DataFrame(
        {
            "expert_id": [f"SE-{one:02d}" for one in range(1, len(_NAMES) + 1)],
            "name": _NAMES,
            "line": "solution",
            "skills": skills,
            "hours_per_week": rng.choice([20.0, 24.0, 28.0], len(_NAMES)),
            "available_from": pd.Timestamp("2023-01-02"),
            "cost_per_hour": rng.choice([95.0, 110.0, 125.0], len(_NAMES)),
        }
    )


def _asks(row: dict[str, object], hours: float) -> dict[str, object]:
    skill = _SKILLS[_SKILL_OF.get(str(row["product_id"]), 2)]
    return {"opportunity_id": row["opportunity_id"], "account_id": row["account_id"],
            "support_line": "solution", "skill": skill, "hours": hours,
            "requested_by": row["owner_id"]}  # fmt: skip


def _hours(rng: np.random.Generator, low: int = 8) -> float:
    """Give the hours of an evaluation: a demonstration takes a day, a proof of value weeks."""
    return float(int(np.clip(rng.lognormal(np.log(38), 0.7), low, 240)))


def _past(
    rng: np.random.Generator, deals: pd.DataFrame, experts: pd.DataFrame
) -> list[dict[str, object]]:
    over = deals[(deals["is_closed"] == "true") & deals["close_date"].notna()]
    over = over[over["close_date"] <= _AS_OF]
    chosen = over.iloc[np.sort(rng.choice(len(over), _PAST, replace=False))]
    size = chosen["amount"].rank(pct=True).fillna(0.5).to_numpy()
    found: list[dict[str, object]] = []
    for place, row in enumerate(chosen.to_dict("records")):
        won = row["is_won"] == "true"
        served = rng.random() < 0.35 + 0.25 * size[place] + 0.2 * won
        start = row["close_date"] - pd.Timedelta(days=int(rng.integers(40, 110)))
        wait = int(rng.gamma(1.6, 2.6) + (0 if served else 2))
        found.append({
            **_asks(row, _hours(rng)), "needed_from": start,
            "needed_to": start + pd.Timedelta(days=int(rng.integers(14, 40))),
            "requested_date": start - pd.Timedelta(days=8),
            "answered_date": min(start + pd.Timedelta(days=wait - 8), _AS_OF),
            "status": "served" if served else "refused",
            "expert_id": str(rng.choice(experts["expert_id"])) if served else None,
        })  # fmt: skip
    return found


def _open(rng: np.random.Generator, deals: pd.DataFrame) -> list[dict[str, object]]:
    rows = deals[(deals["is_closed"] == "false") & deals["stage"].isin(_LATER)]
    rows = rows[rows["amount"].notna()].sort_values(["amount", "opportunity_id"])
    large = rows.tail(90).sample(_OPEN - 8, random_state=int(rng.integers(1_000)))
    small = rows.head(-90).sample(8, random_state=int(rng.integers(1_000)))
    few = set(small["opportunity_id"])
    mine = pd.concat([large, small]).sort_values("opportunity_id").to_dict("records")
    found: list[dict[str, object]] = []
    for row in mine:
        hours = _hours(rng) * 1.6
        start = _AS_OF + pd.Timedelta(days=int(rng.integers(-5, 40)))
        line: dict[str, object] = {
            **_asks(row, float(int(hours))), "needed_from": start,
            "needed_to": start + pd.Timedelta(days=int(max(14, hours / 2))),
            "requested_date": _AS_OF - pd.Timedelta(days=int(rng.integers(1, 16))),
            "status": "open",
        }  # fmt: skip
        is_small = row["opportunity_id"] in few
        if is_small:
            line |= {"margin_amount": float(round(0.7 * float(str(row["amount"])), 2))}
        if is_small or rng.random() < 0.4:
            low = float(round(rng.uniform(0.2, 0.5), 2))
            line |= {"p_without": low, "p_with": round(low + float(rng.uniform(0.05, 0.2)), 2)}
        found.append(line)
    return found


def _running(
    rng: np.random.Generator, deals: pd.DataFrame, experts: pd.DataFrame
) -> list[dict[str, object]]:
    """Give each sales engineer one evaluation that is under way."""
    rows = deals[(deals["is_closed"] == "false") & deals["stage"].eq("Evaluation")]
    chosen = rows.iloc[np.sort(rng.choice(len(rows), len(experts), replace=False))]
    found: list[dict[str, object]] = []
    pairs = zip(chosen.to_dict("records"), experts.to_dict("records"), strict=True)
    for row, expert in pairs:
        weeks = int(rng.integers(3, 8))
        found.append({
            **_asks(row, float(int(rng.uniform(0.3, 0.6) * expert["hours_per_week"] * weeks))),
            "skill": str(rng.choice(str(expert["skills"]).split(";"))),
            "needed_from": _AS_OF - pd.Timedelta(days=int(rng.integers(5, 25))),
            "needed_to": _AS_OF + pd.Timedelta(weeks=weeks),
            "requested_date": _AS_OF - pd.Timedelta(days=40),
            "answered_date": _AS_OF - pd.Timedelta(days=36), "status": "running",
            "expert_id": expert["expert_id"],
        })  # fmt: skip
    return found


def _leave(rng: np.random.Generator, experts: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name in experts["expert_id"]:
        for _ in range(int(rng.integers(1, 3))):
            start = _AS_OF + pd.Timedelta(days=int(rng.integers(1, 120)))
            length = int(rng.choice([2, 4, 9]))
            rows.append((name, start, start + pd.Timedelta(days=length), "leave"))
    return pd.DataFrame(rows, columns=["expert_id", "start_date", "end_date", "kind"])
