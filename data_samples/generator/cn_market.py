"""Customers, design institutes and contractors of the industrial sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_samples.generator.clock import WEEKDAY, day, fresh
from data_samples.generator.cn_names import ChineseFirms
from data_samples.generator.places import City, cities, draw_site

#: Branch: sales region, provinces.
BRANCHES: dict[str, tuple[str, str]] = {
    "北京分公司": ("北方大区", "北京 天津 河北"),
    "太原分公司": ("北方大区", "山西 内蒙古"),
    "沈阳分公司": ("北方大区", "辽宁 吉林 黑龙江"),
    "济南分公司": ("华东大区", "山东"),
    "南京分公司": ("华东大区", "江苏 安徽"),
    "上海分公司": ("华东大区", "上海"),
    "杭州分公司": ("华东大区", "浙江 福建 江西"),
    "广州分公司": ("中南大区", "广东 广西 海南"),
    "武汉分公司": ("中南大区", "湖北 湖南"),
    "郑州分公司": ("中南大区", "河南"),
    "成都分公司": ("西部大区", "四川 重庆 贵州 云南"),
    "西安分公司": ("西部大区", "陕西 甘肃 宁夏 青海 新疆"),
}
BRANCH_OF = {
    province: branch for branch, (_, names) in BRANCHES.items() for province in names.split()
}
#: How much industry a province has for us, against its cities' size.
_HEAVY = {
    "山东": 1.7,
    "江苏": 1.5,
    "浙江": 1.2,
    "河北": 1.3,
    "辽宁": 1.4,
    "内蒙古": 2.2,
    "山西": 1.9,
    "新疆": 1.8,
    "陕西": 1.3,
    "宁夏": 2.4,
    "广东": 0.8,
    "北京": 0.35,
    "上海": 0.5,
    "海南": 0.7,
    "河南": 1.2,
    "四川": 1.0,
    "重庆": 0.8,
    "甘肃": 1.2,
    "青海": 1.4,
}


@dataclass(frozen=True, kw_only=True)
class ChineseTrade:
    """One industry: code of GB/T 4754, words in names, weight, size, revenue, lines, spend."""

    name: str
    code: str
    words: str
    weight: float
    size: float
    revenue: float
    lines: float
    spend: float


def _trade(row: str) -> ChineseTrade:
    name, code, words, weight, size, revenue, lines, spend = row.split(";")
    return ChineseTrade(
        name=name,
        code=code,
        words=words,
        weight=float(weight),
        size=float(size),
        revenue=float(revenue),
        lines=float(lines),
        spend=float(spend),
    )


#: Revenue per employee in thousand CNY.
CHINESE_TRADES = tuple(
    _trade(row)
    for row in """\
石油炼制;C2511;石化|石油化工|能源化工;6;0.9;4200;4.4;2.1
有机化工原料;C2614;化工|化学|新材料|精细化工;13;0.1;2100;3.4;1.5
氮肥与甲醇;C2621;化肥|煤化工|化工;5;0.7;1700;3.2;1.4
炼钢;C3120;钢铁|特钢|钢铁制造;7;1.4;2600;4.2;1.8
铝冶炼;C3216;铝业|有色金属|铝电;4;0.9;2900;3.6;1.3
铜冶炼;C3211;铜业|有色|冶炼;2;0.8;4800;3.4;1.3
水泥制造;C3011;水泥|建材;6;0.0;1100;2.4;0.7
火力发电;D4411;发电|热电|电力;9;0.3;1900;3.0;1.4
热力生产和供应;D4430;热力|供热|热电;5;-0.5;700;2.0;0.7
燃气生产和供应;D4511;燃气|天然气|能源;5;-0.5;2200;2.2;0.8
自来水生产和供应;D4610;水务|供水|自来水;5;-0.3;520;2.0;0.6
污水处理;D4620;环保|水处理|环境;5;-1.2;800;1.8;0.6
烟煤和无烟煤开采;B0610;煤业|矿业|能源;5;1.3;1200;3.6;1.2
化学药品原料药;C2710;制药|药业|生物制药;5;0.0;1000;2.8;1.0
造纸;C2221;纸业|造纸;3;0.2;1300;2.4;0.8
锂离子电池;C3841;锂电|新能源|储能;4;0.5;1600;2.8;1.3
光伏设备及元器件;C3825;硅业|光伏|新能源科技;3;0.5;1900;2.6;1.3
汽车整车制造;C3610;汽车|车业;2;1.2;2400;3.2;1.0
食品与发酵;C1469;生物发酵|食品|淀粉;4;-0.2;1100;2.2;0.6
橡胶和塑料;C2911;轮胎|橡胶|塑胶;4;0.2;1100;2.4;0.7""".splitlines()
)
#: Provinces in which an industry is at home.
_HOME = {
    "B0610": "山西 内蒙古 陕西 新疆 宁夏 山东 安徽 河南 贵州 河北",
    "C2511": "山东 辽宁 新疆 浙江 广东 江苏 甘肃 河北",
    "C2614": "山东 江苏 浙江 辽宁 内蒙古 宁夏 安徽 湖北",
    "C2621": "山西 内蒙古 陕西 宁夏 新疆 河南 四川 贵州 山东",
    "C3120": "河北 江苏 山东 辽宁 山西 安徽 湖北 广西",
    "C3216": "山东 新疆 内蒙古 广西 云南 河南 青海 甘肃",
    "C3211": "江西 云南 甘肃 安徽 湖北 广西",
    "C3841": "福建 江苏 广东 四川 江西 湖北 安徽",
    "C3825": "江苏 四川 内蒙古 青海 新疆 云南 安徽 浙江",
    "C3610": "吉林 上海 广东 重庆 安徽 湖北 陕西 北京",
    "C2221": "山东 广东 浙江 广西 湖南 福建 海南",
    "C2911": "山东 浙江 广东 江苏",
}
_UTILITIES = {"D4430", "D4511", "D4610", "D4620"}


def make_chinese_accounts(seed: int, count: int, as_of: int) -> pd.DataFrame:
    """
    Make accounts without owner and purchases.

    Returns
    -------
    DataFrame
        Columns of table ``accounts`` and, beside them, ``true_potential``, ``true_unit`` (the
        branch), ``trade`` (words) and ``parent`` (place of the group, -1: none).
    """
    rng = fresh(seed, "chinese accounts")
    firms = ChineseFirms(fresh(seed, "chinese firms"))
    towns = [one for one in cities("CN") if one.province in BRANCH_OF]
    pull = np.array(
        [min(one.population, 4e6) ** 0.55 * _HEAVY.get(one.province, 1.0) for one in towns]
    )
    pull = pull / pull.sum()
    rows: list[dict[str, object]] = []
    heads = _groups(rng, firms, towns, pull, rows, count // 22)
    while len(rows) < count:
        town = towns[int(rng.choice(len(towns), p=pull))]
        draw = rng.random()
        if draw < 0.05:
            rows.append(_institute(rng, firms, town))
        elif draw < 0.10:
            rows.append(_contractor(rng, firms, town))
        elif draw < 0.36:
            rows.append(_daughter(rng, firms, town, rows, heads))
        else:
            rows.append(_single(rng, firms, town))
    return _finish(rng, pd.DataFrame(rows), seed, as_of)


def _draw_trade(rng: np.random.Generator, province: str) -> int:
    weights = np.array(
        [
            one.weight
            * (
                1.0
                if one.code not in _HOME
                else 2.2
                if province in _HOME[one.code].split()
                else 0.0
                if one.code == "B0610"
                else 0.3
            )
            for one in CHINESE_TRADES
        ]
    )
    return int(rng.choice(len(CHINESE_TRADES), p=weights / weights.sum()))


def _base(
    rng: np.random.Generator, town: City, trade: int, name: str, mark: str, employees: float
) -> dict[str, object]:
    latitude, longitude, postcode = draw_site(rng, town)
    branch = BRANCH_OF[town.province]
    return {
        "name": name,
        "stem": mark,
        "country": "中国",
        "region": BRANCHES[branch][0],
        "true_unit": branch,
        "province": town.province,
        "city": town.name,
        "postcode": postcode,
        "latitude": latitude,
        "longitude": longitude,
        "trade": trade,
        "employees": int(np.clip(employees, 12, 92_000)),
        "parent": -1,
        "customer_type": "终端用户",
    }


def _groups(
    rng: np.random.Generator,
    firms: ChineseFirms,
    towns: list[City],
    pull: np.ndarray,
    rows: list[dict[str, object]],
    count: int,
) -> list[int]:
    for _ in range(count):
        town = towns[int(rng.choice(len(towns), p=pull))]
        trade = _draw_trade(rng, town.province)
        one = CHINESE_TRADES[trade]
        name, mark = firms.draw("group", town, one.words)
        size = float(np.exp(rng.normal(8.0 + 0.5 * one.size, 0.95)))
        rows.append(_base(rng, town, trade, name, mark, size))
    return list(range(count))


def _daughter(
    rng: np.random.Generator,
    firms: ChineseFirms,
    town: City,
    rows: list[dict[str, object]],
    heads: list[int],
) -> dict[str, object]:
    weight = np.array([float(str(rows[one]["employees"])) ** 0.6 for one in heads])
    same = np.array([3.0 if rows[one]["province"] == town.province else 1.0 for one in heads])
    weight = weight * same
    head = int(heads[int(rng.choice(len(heads), p=weight / weight.sum()))])
    trade = (
        int(str(rows[head]["trade"])) if rng.random() < 0.75 else _draw_trade(rng, town.province)
    )
    name, mark = firms.draw("daughter", town, CHINESE_TRADES[trade].words, str(rows[head]["stem"]))
    size = float(np.exp(rng.normal(6.0 + 0.6 * CHINESE_TRADES[trade].size, 1.0)))
    return {**_base(rng, town, trade, name, mark, size), "parent": head}


def _single(rng: np.random.Generator, firms: ChineseFirms, town: City) -> dict[str, object]:
    trade = _draw_trade(rng, town.province)
    one = CHINESE_TRADES[trade]
    kind = "utility" if one.code in _UTILITIES else "private"
    name, mark = firms.draw(kind, town, one.words)
    size = float(np.exp(rng.normal(5.3 + 0.6 * one.size, 1.15)))
    return _base(rng, town, trade, name, mark, size)


def _institute(rng: np.random.Generator, firms: ChineseFirms, town: City) -> dict[str, object]:
    name, mark = firms.draw("institute", town, "化工|电力|冶金|石化|轻工|市政|煤炭|建材")
    size = float(np.exp(rng.normal(5.4, 0.7)))
    return {**_base(rng, town, 1, name, mark, size), "customer_type": "设计院"}


def _contractor(rng: np.random.Generator, firms: ChineseFirms, town: City) -> dict[str, object]:
    kind = "contractor" if rng.random() < 0.65 else "integrator"
    name, mark = firms.draw(kind, town, "工程")
    size = float(np.exp(rng.normal(5.0, 0.9)))
    label = "总包商" if kind == "contractor" else "集成商"
    return {**_base(rng, town, 1, name, mark, size), "customer_type": label}


def _finish(
    rng: np.random.Generator, accounts: pd.DataFrame, seed: int, as_of: int
) -> pd.DataFrame:
    table = accounts.copy()
    count = len(table)
    size = np.log(table["employees"].to_numpy(dtype=float))
    trades = [CHINESE_TRADES[one] for one in table["trade"]]
    revenue = np.exp(size) * np.array([one.revenue for one in trades]) * 1_000
    revenue = revenue * np.exp(rng.normal(0, 0.8, count))
    digits = np.floor(np.log10(revenue)) - 1
    table["revenue"] = np.round(revenue / 10**digits) * 10**digits
    user = (table["customer_type"] == "终端用户").to_numpy()
    table["industry"] = np.where(
        user,
        [one.name for one in trades],
        np.where(table["customer_type"] == "设计院", "工程设计活动", "工矿工程建筑"),
    )
    table["gbt4754"] = np.where(
        user,
        [one.code for one in trades],
        np.where(table["customer_type"] == "设计院", "M7484", "E4840"),
    )
    lines = np.array([one.lines for one in trades]) * np.exp(0.24 * (size - 7))
    table["business_line_count"] = 1 + rng.poisson(np.maximum(lines - 1, 0.1))
    needs = 0.9 + 0.6 * (size - 3).clip(min=0) + rng.normal(0, 0.75, count)
    table["product_need_count"] = np.clip(np.round(needs), 1, 9).astype(int)
    spend = np.array([one.spend for one in trades]) * np.where(user, 1.0, 0.45)
    strength = 0.66 * (size - 6) + np.log(spend) + rng.normal(0, 0.45, count)
    strength += 0.06 * (table["product_need_count"].to_numpy() - 3)
    table["true_potential"] = np.round(2_600_000 * np.exp(strength), -4).clip(min=60_000)
    made = day("2020-01-06") + (as_of - 30 - day("2020-01-06")) * rng.random(count) ** 1.6
    table["created"] = [int(one) if WEEKDAY[int(one)] <= 5 else int(one) - 2 for one in made]
    order = np.argsort(table["created"].to_numpy(), kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    back = pd.Series(np.arange(count), index=order)
    table["parent"] = [int(back[one]) if one >= 0 else -1 for one in table["parent"]]
    numbers = np.cumsum(fresh(seed, "chinese ids").integers(1, 6, count)) + 20_300
    table["account_id"] = [f"KH{number:06d}" for number in numbers]
    return table
