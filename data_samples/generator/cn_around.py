"""People, buying centres, needs, ratings, experts and partners of the industrial sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.clock import dates, fresh
from data_samples.generator.cn_market import BRANCHES
from data_samples.generator.cn_names import ChineseFirms
from data_samples.generator.crew import Person
from data_samples.generator.names import person, pick
from data_samples.generator.places import find_city

_TITLES = {
    "executive": "总经理*2|副总经理*4|总工程师*3|分管副总*2",
    "manager": "设备部部长*4|采购部部长*3|生产部经理*2|工程部经理*3|技术部主任*2|动力车间主任*2",
    "staff": "设备工程师*4|采购员*3|工艺工程师*3|仪表工程师*2|项目经理*2|计划员*1",
}
_DEPARTMENTS = {
    "采购": "采购部",
    "设备": "设备部",
    "工程": "工程部",
    "生产": "生产部",
    "技术": "技术部",
    "总": "公司领导",
    "副总": "公司领导",
}
SEATS = (
    ("分管副总", 0.28),
    ("总工程师", 0.20),
    ("设备部部长", 0.18),
    ("采购部部长", 0.14),
    ("使用车间主任", 0.10),
    ("设计院主设人", 0.10),
)
_STATED = ("全生命周期成本", "同行业业绩", "交货周期", "能耗指标", "售后响应时间", "国产化要求")
_UNSTATED = (
    "与现供应商关系多年",
    "曾有质量事故，顾虑风险",
    "年底退休，不愿改动",
    "希望形成示范项目",
    "集团压降采购成本",
    "新上任，需要业绩",
)
#: Need, product that answers it, skill that the answer takes.
_NEEDS = (
    ("空分装置压缩机改造", "CP-101", "压缩机选型"),
    ("循环水泵节能更换", "CP-201", "流体仿真"),
    ("锅炉给水泵备机", "CP-201", "流体仿真"),
    ("脱硫系统提标改造", "CP-301", "环保工艺"),
    ("污水零排放项目", "CP-302", "环保工艺"),
    ("机组在线监测全覆盖", "CP-402", "振动诊断"),
    ("新建装置动力配套", "CP-101", "压缩机选型"),
    ("控制系统国产化替代", "CP-401", "自控集成"),
    ("换热网络优化", "CP-203", "流体仿真"),
    ("老旧阀门整体更换", "CP-202", "安装调试"),
    ("二期扩建汽轮机配套", "CP-102", "压缩机选型"),
    ("智能工厂试点", "CP-401", "自控集成"),
    ("大修期设备检修", "CP-501", "安装调试"),
)
_LINES = {
    "solution": "压缩机选型 流体仿真 环保工艺",
    "product": "压缩机选型 流体仿真",
    "delivery": "安装调试 自控集成",
    "test": "振动诊断 安装调试",
}


def chinese_contacts(seed: int, accounts: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """Give table ``contacts``."""
    rng = fresh(seed, "chinese contacts")
    rows = []
    for row in accounts.itertuples():
        mean = 0.5 + 0.28 * max(0.0, np.log(row.employees) - 3.5) + 1.2 * row.is_customer
        for _ in range(int(rng.poisson(mean))):
            level = str(rng.choice(list(_TITLES), p=[0.14, 0.42, 0.44]))
            title = pick(rng, _TITLES[level])
            made = int(rng.integers(row.created, max(row.created + 1, as_of)))
            where = next((name for key, name in _DEPARTMENTS.items() if key in title), "技术部")
            rows.append(
                (
                    row.account_id,
                    person(rng, "cn"),
                    title,
                    where,
                    level,
                    bool(rng.random() > 0.07),
                    made,
                )
            )
    table = pd.DataFrame(
        rows, columns=["account_id", "name", "title", "department", "level", "is_active", "made"]
    )
    table["created_date"], table["last_activity_date"] = dates(table["made"]), pd.NaT
    table.insert(0, "contact_id", [f"LX{one:06d}" for one in range(60_001, 60_001 + len(table))])
    return table


def chinese_stakeholders(
    seed: int, top: pd.DataFrame, people: pd.DataFrame, as_of: int
) -> pd.DataFrame:
    """Give table ``stakeholders``: the seats of the buying centre, some with nobody known."""
    rng = fresh(seed, "chinese stakeholders")
    known = {str(key): part["contact_id"].tolist() for key, part in people.groupby("account_id")}
    rows = []
    for account in top.itertuples():
        free = list(known.get(account.account_id, []))
        for seat, power in SEATS:
            if seat == "设计院主设人" and rng.random() < 0.5:
                continue
            holder = free.pop(0) if free and rng.random() < 0.8 else None
            mood = int(np.clip(round(rng.normal(0.4 if account.is_customer else -0.1, 1.0)), -2, 2))
            rows.append(
                (
                    account.account_id,
                    seat,
                    holder,
                    round(float(np.clip(power + rng.normal(0, 0.04), 0.03, 0.6)), 2),
                    mood if holder else None,
                    str(rng.choice(_STATED)) if holder else None,
                    str(rng.choice(_UNSTATED)) if holder and rng.random() < 0.45 else None,
                    as_of - int(rng.exponential(95)),
                    round(float(rng.uniform(0.4, 0.95)), 1),
                )
            )
    table = pd.DataFrame(
        rows,
        columns=[
            "account_id",
            "seat",
            "contact_id",
            "decision_power",
            "attitude",
            "visible_factor",
            "hidden_factor",
            "when",
            "confidence",
        ],
    )
    table["recorded_date"] = dates(table["when"])
    return table


def chinese_needs(seed: int, top: pd.DataFrame, crew: Sequence[Person], as_of: int) -> pd.DataFrame:
    """Give table ``needs``: three horizons, with the skill and hours that an answer takes."""
    rng = fresh(seed, "chinese needs")
    rows = []
    for account in top.itertuples():
        for _ in range(1 + int(rng.poisson(2.8))):
            need, product, skill = _NEEDS[int(rng.integers(len(_NEEDS)))]
            horizon = str(rng.choice(["0-3m", "3-12m", "1-3y"], p=[0.22, 0.43, 0.35]))
            sure = {"0-3m": 0.6, "3-12m": 0.4, "1-3y": 0.22}[horizon]
            value = round(account.true_potential * float(rng.uniform(0.08, 0.6)), -4)
            start = (
                as_of + {"0-3m": 10, "3-12m": 100, "1-3y": 400}[horizon] + int(rng.integers(0, 75))
            )
            rows.append(
                (
                    account.account_id,
                    need,
                    product,
                    str(rng.choice(["设备部", "工程部", "动力车间", "环保部"])),
                    horizon,
                    max(80_000.0, value),
                    round(float(np.clip(rng.normal(sure, 0.15), 0.05, 0.95)), 2),
                    round(float(rng.beta(4, 2.2)), 2),
                    skill,
                    float(rng.choice([16, 24, 40, 60, 80, 120, 160])),
                    start,
                    start + int(rng.integers(20, 120)),
                    crew[account.owner].rep_id if account.owner >= 0 else None,
                    str(
                        rng.choice(
                            ["拜访记录", "年度检修计划", "集团投资计划", "设计院沟通", "招标公告"]
                        )
                    ),
                    as_of - int(rng.exponential(60)),
                    str(rng.choice(["open", "won", "lost", "expired"], p=[0.82, 0.08, 0.06, 0.04])),
                )
            )
    table = pd.DataFrame(
        rows,
        columns=[
            "account_id",
            "need",
            "product_id",
            "buying_centre",
            "horizon",
            "value",
            "likelihood",
            "fit",
            "skill",
            "skill_hours",
            "start",
            "end",
            "owner_id",
            "evidence",
            "when",
            "status",
        ],
    )
    table["needed_from"], table["needed_to"] = dates(table["start"]), dates(table["end"])
    table["recorded_date"] = dates(table["when"])
    table.insert(0, "need_id", [f"XQ{one:04d}" for one in range(1, len(table) + 1)])
    return table


def chinese_ratings(
    seed: int, top: pd.DataFrame, crew: Sequence[Person], as_of: int
) -> pd.DataFrame:
    """Give table ``ratings``: five factors judged each half-year by seller and director."""
    rng = fresh(seed, "chinese ratings")
    directors = {one.region: place for place, one in enumerate(crew) if one.role == "KA director"}
    size = top["true_potential"].rank(pct=True).to_numpy()
    rows = []
    for place, account in enumerate(top.itertuples()):
        if account.owner < 0:
            continue
        close = float(rng.normal(5.2 if account.is_customer else 3.6, 1.3))
        for when in (as_of - 456, as_of - 274, as_of - 91, as_of - int(rng.integers(2, 20))):
            for rater in (account.owner, directors[account.region]):
                if rng.random() < 0.25 or crew[rater].hire > when:
                    continue
                for factor, level in (
                    ("potential", 2.5 + 6.5 * size[place]),
                    ("demonstration", 4.0 + 3 * size[place]),
                    ("winnability", 0.6 * close + 2.2),
                    ("closeness", close),
                    ("revenue", 2.5 + 5 * size[place]),
                ):
                    value = float(np.clip(round(rng.normal(level, 1.1) * 2) / 2, 0, 10))
                    rows.append(
                        (
                            account.account_id,
                            factor,
                            value,
                            when,
                            crew[rater].rep_id,
                            str(rng.choice(["拜访", "高层互访", "招标结果", "售后反馈"]))
                            if rng.random() < 0.5
                            else None,
                            round(float(rng.uniform(0.4, 0.9)), 1),
                        )
                    )
    table = pd.DataFrame(
        rows,
        columns=["account_id", "factor", "rating", "when", "rater_id", "evidence", "confidence"],
    )
    table["rating_date"] = dates(table["when"])
    return table.drop_duplicates(["account_id", "factor", "rating_date", "rater_id"])


def chinese_experts(seed: int, as_of: int) -> pd.DataFrame:
    """Give table ``experts``."""
    rng = fresh(seed, "chinese experts")
    rows = []
    for number in range(24):
        line = str(rng.choice(list(_LINES), p=[0.4, 0.2, 0.28, 0.12]))
        known = _LINES[line].split()
        picks = rng.choice(known, int(rng.integers(1, len(known) + 1)), replace=False)
        town = find_city("CN", str(rng.choice(["北京", "上海", "沈阳", "成都", "济南"])))
        rows.append(
            (
                f"ZJ{number + 1:03d}",
                person(rng, "cn"),
                line,
                ";".join(sorted(picks)),
                town.province,
                town.name,
                float(rng.choice([16, 20, 24, 30])),
                as_of - int(rng.integers(100, 900)),
                as_of + int(rng.integers(60, 200)) if rng.random() < 0.08 else None,
                float(round(rng.uniform(180, 420), -1)),
            )
        )
    table = pd.DataFrame(
        rows,
        columns=[
            "expert_id",
            "name",
            "line",
            "skills",
            "province",
            "city",
            "hours_per_week",
            "start",
            "end",
            "cost_per_hour",
        ],
    )
    table["available_from"] = dates(table["start"])
    table["available_to"] = dates(None if pd.isna(one) else int(one) for one in table["end"])
    return table


def chinese_partners(
    seed: int, accounts: pd.DataFrame, crew: Sequence[Person], as_of: int
) -> pd.DataFrame:
    """Give table ``partners``: contractors, integrators, institutes, distributors, service."""
    rng = fresh(seed, "chinese partners")
    firms = ChineseFirms(fresh(seed, "chinese partner firms"))
    kinds = {
        "contractor": "contractor",
        "integrator": "integrator",
        "institute": "design_institute",
        "distributor": "distributor",
        "service": "service",
    }
    rows = []
    for number in range(52):
        row = accounts.iloc[int(rng.integers(len(accounts)))]
        kind = str(rng.choice(list(kinds), p=[0.26, 0.2, 0.22, 0.22, 0.1]))
        name, _ = firms.draw(kind, find_city("CN", str(row["city"])), "化工|电力|冶金|市政")
        near = [
            one.rep_id
            for one in crew
            if one.unit == row["true_unit"]
            and one.leave is None
            and not one.is_open
            and one.role == "AE"
        ]
        rows.append(
            (
                f"HB{number + 1:03d}",
                name,
                kinds[kind],
                row["region"],
                row["province"],
                str(rng.choice(near)) if near else None,
                as_of - int(rng.integers(200, 2_300)),
            )
        )
    table = pd.DataFrame(
        rows, columns=["partner_id", "name", "kind", "region", "province", "owner_id", "since"]
    )
    table["since_date"] = dates(table["since"])
    return table


def branch_code(branch: str) -> str:
    """Give the first part of the names of a branch's territories."""
    return f"{list(BRANCHES).index(branch) + 1:02d}-{branch.removesuffix('分公司')}"
