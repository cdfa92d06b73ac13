"""Branches and sales people of the industrial sample, with two lines of reporting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.clock import day, fresh
from data_samples.generator.cn_market import BRANCHES
from data_samples.generator.crew import Person, make_crew, rep_history, rep_table
from data_samples.generator.names import person

_SEATS = {
    "北京分公司": ("北京", 2),
    "太原分公司": ("太原", 2),
    "沈阳分公司": ("沈阳", 3),
    "济南分公司": ("济南", 3),
    "南京分公司": ("南京", 3),
    "上海分公司": ("上海", 2),
    "杭州分公司": ("杭州", 2),
    "广州分公司": ("广州", 3),
    "武汉分公司": ("武汉", 2),
    "郑州分公司": ("郑州", 2),
    "成都分公司": ("成都", 3),
    "西安分公司": ("西安", 3),
}
_REGIONS = {"北方大区": "北京", "华东大区": "上海", "中南大区": "广州", "西部大区": "成都"}
_FIELDS = ("石油化工", "煤化工", "冶金", "电力", "市政水务", "新能源", "制药", "造纸轻工")
_REASONS = {
    "better offer": "其他机会",
    "career": "职业发展",
    "performance": "业绩未达标",
    "moved away": "回原籍",
    "workload": "工作强度",
}
_QUOTA = 15_000_000


def chinese_posts() -> str:
    """Give the posts: head of sales, branch managers, directors for key accounts, sellers."""
    lines = ["head;总部;总部;北京;CN;0"]
    for branch, (city, _) in _SEATS.items():
        lines.append(f"manager;{branch};{BRANCHES[branch][0]};{city};CN;1")
    for region, city in _REGIONS.items():
        lines.append(f"KA director;{region};{region};{city};CN;1")
    for place, (branch, (city, count)) in enumerate(_SEATS.items()):
        lines += [f"AE;{branch};{BRANCHES[branch][0]};{city};CN;{place + 2}"] * count
    for region, city in _REGIONS.items():
        director = 14 + list(_REGIONS).index(region)
        lines.append(f"PS;{region};{region};{city};CN;{director}")
    return "\n".join(lines)


def chinese_crew(seed: int, as_of: int) -> list[Person]:
    """Fill the posts; names, levels and skills in Chinese."""
    rng = fresh(seed, "chinese crew")
    crew = make_crew(seed, chinese_posts(), as_of)
    for one in crew:
        if one.hire < day("2024-05-01"):
            one.hire -= 600
        years = (as_of - one.hire) / 365
        one.name = f"{one.city}空缺岗位" if one.is_open else person(rng, "cn")
        one.level = {
            "head": "营销总监",
            "manager": "分公司经理",
            "KA director": "大客户总监",
            "PS": "方案经理",
        }.get(one.role, "高级客户经理" if years > 4 else "客户经理")
        picks = rng.choice(len(_FIELDS), int(rng.integers(1, 4)), replace=False)
        one.skills = ";".join(_FIELDS[int(place)] for place in sorted(picks))
        one.languages = "中文"
        one.reason = _REASONS[one.reason] if one.reason else None
    return crew


def chinese_reps(seed: int, crew: Sequence[Person]) -> pd.DataFrame:
    """
    Give table ``reps`` with two lines of reporting.

    ``manager_id`` is the branch manager, ``functional_manager_id`` the region's director for key
    accounts.
    """
    rng = fresh(seed, "chinese quotas")
    table = rep_table(crew)
    directors = {one.region: one.rep_id for one in crew if one.role == "KA director"}
    seller = table["role"].isin(["AE"])
    table["functional_manager_id"] = (
        table["region"].map(directors).where(seller | (table["role"] == "PS"))
    )
    table["country"] = "中国"
    table["capacity_hours"] = table["role"].map(
        {"head": 160, "manager": 420, "KA director": 360, "AE": 1_260, "PS": 1_050}
    )
    quota = _QUOTA * np.exp(rng.normal(0, 0.25, len(table)))
    table["quota"] = pd.Series(np.round(quota / 500_000) * 500_000).where(seller)
    return table


def chinese_history(seed: int, crew: Sequence[Person], as_of: int) -> pd.DataFrame:
    """Give table ``rep_history`` with levels in Chinese."""
    table = rep_history(seed, crew, as_of)
    early = {"BDR": "AE"}
    table["role"] = table["role"].replace(early)
    now = {one.rep_id: one.level for one in crew}
    last = ~table.duplicated("rep_id", keep="last")
    first = {
        "AE": "客户经理",
        "PS": "方案工程师",
        "manager": "分公司副经理",
        "KA director": "大客户经理",
        "head": "营销副总监",
    }
    table["level"] = table["rep_id"].map(now).where(last, table["role"].map(first))
    return table
