"""From contract to cash: projects and their payment milestones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.clock import dates, fresh
from data_samples.generator.cn_deals import EQUIPMENT
from data_samples.generator.deal_tables import state_on
from data_samples.generator.deals import LOST, WON, Deal

_SKILL_OF = {
    "CP-101": "压缩机选型",
    "CP-102": "压缩机选型",
    "CP-201": "流体仿真",
    "CP-202": "流体仿真",
    "CP-203": "流体仿真",
    "CP-301": "环保工艺",
    "CP-302": "环保工艺",
    "CP-401": "自控集成",
    "CP-402": "振动诊断",
    "CP-501": "振动诊断",
}
_CAUSES = ("relation", "support", "both", "other")
_MILESTONES = (("advance", 0.3), ("delivery", 0.3), ("acceptance", 0.3), ("retention", 0.1))


def projects(
    seed: int,
    deals: Sequence[Deal],
    ids: dict[int, str],
    shown: set[str],
    accounts: pd.DataFrame,
    as_of: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give tables ``projects`` and ``payments`` of the larger deals.

    Returns
    -------
    tuple of DataFrame
        Open deals from the stage of the tender on, lost ones with the cause, won ones with the
        contract, delivery, and four payments (30, 30, 30 and 10 %).
    """
    rng = fresh(seed, "chinese project table")
    late = np.exp(rng.normal(3.2, 0.8, len(accounts)))
    rows, paid = [], []
    for deal in deals:
        if ids.get(deal.number) not in shown or deal.due is not None:
            continue
        state = state_on(deal, as_of)
        if deal.list_amount < 400_000 or (state[1] not in (WON, LOST) and state[1] < 2):
            continue
        if state[1] == LOST and rng.random() < 0.35:
            continue
        row = _project(rng, deal, state[1], ids[deal.number], accounts, as_of)
        rows.append(row)
        if state[1] == WON:
            paid += _payments(
                rng, str(row["opportunity_id"]), row, float(late[deal.account]), as_of
            )
    table = pd.DataFrame(rows)
    table.insert(0, "project_id", [f"XM{one:05d}" for one in range(1_001, 1_001 + len(table))])
    names = dict(zip(table["opportunity_id"], table["project_id"], strict=True))
    money = pd.DataFrame(
        paid,
        columns=[
            "opportunity_id",
            "milestone",
            "due_date",
            "due_amount",
            "received_date",
            "received_amount",
        ],
    )
    money["project_id"] = money["opportunity_id"].map(names)
    money.insert(0, "payment_id", [f"HK{one:06d}" for one in range(1, len(money) + 1)])
    for frame in (table, money):
        for name in frame.columns:
            if name.endswith("_date") or name in ("support_from", "support_to"):
                frame[name] = dates(None if pd.isna(one) else int(one) for one in frame[name])
    return table, money.drop(columns="opportunity_id")


def _project(
    rng: np.random.Generator,
    deal: Deal,
    stage: int,
    number: str,
    accounts: pd.DataFrame,
    as_of: int,
) -> dict[str, object]:
    main = EQUIPMENT[deal.lines[0][0]]
    hours = float(
        round(np.clip(24 * (deal.list_amount / 1e6) ** 0.55 * rng.uniform(0.6, 1.6), 8, 600))
    )
    amount = deal.final_amount
    row: dict[str, object] = {
        "opportunity_id": number,
        "account_id": accounts["account_id"].iat[deal.account],
        "name": f"{accounts['stem'].iat[deal.account]}{main.name}项目",
        "stage": None,
        "contract_amount": None,
        "contract_date": None,
        "margin_share": None,
        "input_cost_amount": round(amount * float(rng.uniform(0.004, 0.022)), -2),
        "start_date": None,
        "due_date": None,
        "delivered_date": None,
        "status": "open",
        "loss_cause": None,
        "skill": _SKILL_OF[main.product_id],
        "skill_hours": hours,
        "support_from": deal.created + int(0.35 * (deal.end - deal.created)),
        "support_to": deal.end,
    }
    if stage == LOST:
        relation = 0.45 if deal.source in ("招标信息", "展会") else 0.3
        row |= {
            "stage": "丢单",
            "status": "lost",
            "loss_cause": str(rng.choice(_CAUSES, p=[relation, 0.28, 0.12, 0.6 - relation])),
        }
        return row
    if stage != WON:
        row["stage"] = ("立项", "设计院选型", "招标准备", "投标", "中标", "合同谈判")[stage]
        row["support_from"], row["support_to"] = as_of - 20, as_of + int(rng.integers(30, 150))
        return row
    start = deal.end + int(rng.integers(5, 30))
    due = start + int(60 + 95 * (amount / 2e6) ** 0.25 * rng.uniform(0.8, 1.4))
    done = due + int(rng.normal(12, 28))
    row |= {
        "contract_amount": amount,
        "contract_date": deal.end,
        "start_date": start,
        "margin_share": round(float(np.clip(main.margin + rng.normal(-0.02, 0.06), -0.1, 0.6)), 3),
        "due_date": due,
    }
    if done > as_of:
        row |= {"stage": "生产制造" if as_of < due - 30 else "发货安装", "status": "won"}
        return row
    closed = done + 380 < as_of
    row |= {
        "delivered_date": done,
        "stage": "质保结束" if closed else "验收",
        "status": "closed" if closed else "delivered",
    }
    return row


def _payments(
    rng: np.random.Generator, number: str, row: dict[str, object], late: float, as_of: int
) -> list[tuple[object, ...]]:
    start, due = int(str(row["start_date"])), int(str(row["due_date"]))
    done = int(str(row["delivered_date"])) if row["delivered_date"] is not None else due
    days = {"advance": start, "delivery": due, "acceptance": done + 30, "retention": done + 395}
    amount = float(str(row["contract_amount"]))
    found = []
    for name, share in _MILESTONES:
        value = round(amount * share, 2)
        wait = int(rng.gamma(1.5, late / 1.5) * {"advance": 0.4, "retention": 1.7}.get(name, 1.0))
        came = days[name] + wait
        part = 1.0 if rng.random() < 0.9 else float(rng.choice([0.5, 0.7]))
        got = came <= as_of and rng.random() > 0.03
        found.append(
            (
                number,
                name,
                days[name],
                value,
                came if got else None,
                round(value * part, 2) if got else None,
            )
        )
    return found
