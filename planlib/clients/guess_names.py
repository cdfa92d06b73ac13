"""Names by which a column is known, and how well the header of an export fits one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from planlib.clients.guess_chinese import chinese_names, chinese_things
from planlib.clients.guess_german import german_names, german_things
from planlib.intake.columns import NOWHERE
from planlib.intake.maps import known_maps, load_map
from planlib.intake.sheet import Sheet
from planlib.intake.strings import plain_name
from planlib.tables import TABLES, Column

_SHORT = 3  # letters up to which a name is compared as it is
_NEAR = 84  # similarity of two names, of 100, from which it counts
#: Words of files, in Chinese and German, around the word of what is in them.
_LISTS = re.compile(
    r"^(业绩|年度|公司|全部)+|(台账|清单|列表|明细|名单|数据|信息|报表|导出|表)+$"
    r"|(stammdaten|stamm|daten|liste|bericht|übersicht|uebersicht|auszug|export)+$"
)
#: A header that says it holds a name.
_NAME_WORDS = re.compile(r"(name|名称|姓名|名)$")
_NAME_AS_KEY = 0.65  # weight of such a header for the id of the table itself
#: Words in the names of files that say nothing about what is in them.
_NO_WORDS = {"sf", "data", "export", "extract", "report", "table", "all", "new", "sales", "crm"}
#: Short words of headers, written out.
_SHORT_FOR = {
    "no": "id", "nr": "id", "num": "id", "number": "id", "#": "id", "dt": "date", "amt": "amount",
    "cust": "customer", "acct": "account", "opp": "opportunity", "oppty": "opportunity",
    "exp": "expected", "est": "expected", "estimated": "expected", "prob": "probability",
    "qty": "quantity", "prod": "product", "mgr": "manager", "creation": "created", "kd": "kunden",
}  # fmt: skip
_MONEY = re.compile(
    r"(?i)[\s_]+(?:in[\s_]+)?(?:tsd|mio|mrd|mn|bn|[tkm])?\.?\s?"
    r"(?:usd|eur|gbp|chf|jpy|cny|rmb|inr|[$€£¥])$"
)
_BRACKETS = re.compile(r"[（(][^（()）]*[)）]\s*$")
#: Other names of a table's thing, as headers and files have them.
_THINGS: dict[str, tuple[str, ...]] = {
    "accounts": ("account", "customer", "company", "client", "客户", "公司"),
    "reps": ("rep", "owner", "user", "seller", "agent", "salesperson", "team", "员工", "销售"),
    "opportunities": ("opportunity", "deal", "opp", "pipeline", "商机", "机会"),
    "contacts": ("contact", "person", "联系人"),
    "products": ("product", "item", "产品"),
    "campaigns": ("campaign", "活动"),
    "leads": ("lead", "线索"),
    "activities": ("activity", "event", "task", "engagement"),
    "bookings": ("booking", "order", "invoice", "订单"),
}
#: Further names of columns, in the plain words of exports that no map describes.
_ALSO: dict[str, tuple[str, ...]] = {
    "accounts.account_id": ("account number", "customer number"),
    "accounts.industry": ("sector",),
    "accounts.parent_id": ("subsidiary of", "parent company"),
    "accounts.owner_id": ("account owner", "sales rep"),
    "accounts.revenue": ("annual revenue", "turnover"),
    "accounts.employees": ("number of employees", "headcount"),
    "accounts.province": ("state or province", "state"),
    "reps.name": ("sales agent", "sales owner", "姓名"),
    "reps.manager_id": ("manager",),
    "reps.region": ("regional office", "office"),
    "opportunities.amount": ("value", "deal value", "close value", "金额", "预计成交金额"),
    "opportunities.owner_id": ("sales agent", "sales owner", "salesperson", "sales rep"),
    "opportunities.account_id": ("account", "customer", "customer id", "客户名称"),
    "opportunities.created_date": ("engage date", "created on", "opportunity created on"),
    "opportunities.close_date": ("est close date", "expected close date"),
    "opportunities.stage": ("deal stage", "sales stage", "pipeline step", "销售阶段", "商机阶段"),
    "opportunities.name": ("topic", "商机名称"),
    "opportunities.product_id": ("product", "产品"),
    "opportunities.discount_share": ("discount",),
    "opportunities.probability": ("win probability",),
    "contacts.name": ("contact", "full name", "姓名"),
    "contacts.title": ("job title",),
    "products.family": ("series", "product category"),
    "products.list_price": ("sales price", "price", "单价"),
    "products.name": ("product", "产品名称"),
    "campaigns.name": ("campaign name",),
    "activities.minutes": ("duration",),
}  # fmt: skip


def is_named(sheet: Sheet, table: str) -> bool:
    """Tell whether file or sheet is called like a table, or its thing."""
    words = [word for word in re.split(r"[\W_\d]+", Path(sheet.file).stem.casefold()) if word]
    stem = "".join(word for word in words if word not in _NO_WORDS)
    called = {plain_name(Path(sheet.file).stem), plain_name(sheet.sheet), stem}
    called |= {_LISTS.sub("", one) for one in called} - {""}
    known = {plain_name(one) for name in _things(table) for one in (name, name + "s")}
    known |= {plain_name(one) for one in german_things(table)}
    return bool(called & (known | set(_file_names().get(table, ()))))


def name_score(header: str, table: str, column: Column) -> tuple[float, str]:
    """Compare a header with every name that a column is known by."""
    score, told = _score(header, table, column.name)
    if score and column.kind == "id" and says_name(header) and [column.name] == own_key(table):
        score *= _NAME_AS_KEY
        told += "; it says it is a name, not an id"
    return score, told


def says_name(header: str) -> bool:
    """Tell whether a header says that it holds names."""
    return bool(_NAME_WORDS.search(_stripped(header)[0]))


def own_key(table: str) -> list[str]:
    """Give the id that a table is kept by, as a list; empty where its key has several parts."""
    key = TABLES[table].key
    return [key[0]] if len(key) == 1 else []


def _score(header: str, table: str, column: str) -> tuple[float, str]:
    known = _names(table)[column]
    plain, weight = _stripped(header)
    if plain in known:
        told = "name known" if known[plain] * weight < 1 else "same name"
        return known[plain] * weight, told
    full = _written_out(header)
    if plain_name(full) in known:
        return 0.95 * known[plain_name(full)], f"name known, read as '{full}'"
    if len(plain) <= _SHORT:
        return 0.0, ""
    near = process.extractOne(plain, list(known), scorer=fuzz.ratio, score_cutoff=_NEAR)
    if near is None:
        return 0.0, ""
    return 0.8 * weight * near[1] / 100, f"name like '{near[0]}'"


@lru_cache(maxsize=4096)
def _stripped(header: str) -> tuple[str, float]:
    """Give a header without the marks of exports (property_, __c, a unit), and its weight."""
    text = re.sub(r"(?i)^property_(hs_)?|__?c$", "", header.strip())
    text = _BRACKETS.sub("", text)
    number = re.sub(r"(?i)seq$", "id", text)  # running numbers are ids
    return plain_name(number or header), 0.9 if number != text else 1.0


@lru_cache(maxsize=4096)
def _written_out(header: str) -> str:
    """Give a header with its short words written out and without a currency at its end."""
    text = _MONEY.sub("", _BRACKETS.sub("", header).strip())
    words = re.findall(r"[^\W_]+|#", text.casefold())
    return " ".join(_SHORT_FOR.get(word, word) for word in words)


@lru_cache(maxsize=64)
def _names(table: str) -> Mapping[str, dict[str, float]]:
    """Give the plain names by which each column of a table is known, with their weight."""
    found: dict[str, dict[str, float]] = {}
    things = [plain_name(one) for one in _things(table)]
    for column in TABLES[table].columns:
        names = {plain_name(column.name): 1.0}
        short = re.sub(r"_(id|date|amount|share)$", "", column.name)
        if short != column.name and column.kind != "id":
            names.setdefault(plain_name(short), 0.8)
        for name in _ALSO.get(f"{table}.{column.name}", ()):
            names.setdefault(plain_name(name), 0.9)
        for name in _map_names().get((table, column.name), ()):
            names.setdefault(plain_name(name), 0.95)
        for name, weight in chinese_names(column, is_key=own_key(table) == [column.name]).items():
            plain = _stripped(name)[0]
            names[plain] = max(weight, names.get(plain, 0))
        for name, weight in german_names(table, column).items():
            names.setdefault(plain_name(name), weight)
        for name in list(names):
            for thing in things:
                if thing.isascii() == name.isascii():
                    names.setdefault(thing + name, names[name] * 0.95)
        if column.name in TABLES[table].key and column.kind == "id":
            for thing in things:
                names.setdefault(thing + "id", 0.95)
        found[column.name] = names
    return found


def _things(table: str) -> tuple[str, ...]:
    return (*_THINGS.get(table, ()), *chinese_things(table), table)


@lru_cache(maxsize=1)
def _map_names() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Give the names that the maps of planlib know, by table and column."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for table, column, names in _mapped():
        found[table, column] = (*found.get((table, column), ()), *names)
    return found


@lru_cache(maxsize=1)
def _file_names() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in known_maps():
        for table, parts in load_map(name, Path()).tables.items():
            plain = [plain_name(one) for part in parts for one in part.names]
            found[table] = (*found.get(table, ()), *plain)
    return found


def _mapped() -> Iterator[tuple[str, str, Iterable[str]]]:
    for name in known_maps():
        for table, parts in load_map(name, Path()).tables.items():
            for part in parts:
                for column, spec in part.columns.items():
                    if spec.names != NOWHERE:
                        yield table, column, [one for one in spec.names if "." not in one]
