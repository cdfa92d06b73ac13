"""Guess which column of an unknown export is which column of which table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz, process

from planlib.intake.columns import DERIVED, NOWHERE
from planlib.intake.maps import known_maps, load_map
from planlib.intake.sheet import Sheet
from planlib.intake.strings import plain_name
from planlib.intake.values import Notation, read_column
from planlib.tables import TABLES, Column, Table

SURE, LIKELY = 0.85, 0.7  # confidence from which a guess is sure, or likely; below: doubtful
_LEAST = 0.55  # confidence below which a column is left open
_LEAST_SCORE = 2.5  # a sheet below it is none of our tables
_NAMED = 4.0  # what it adds that file or sheet is called like the table
_SAMPLE = 400  # rows whose values are looked at
_SHORT = 3  # letters up to which a name is compared as it is
_NEAR = 84  # similarity of two names, of 100, from which it counts
_TYPED = ("int", "number", "amount", "share", "score", "date", "timestamp", "bool")
#: Words in the names of files that say nothing about what is in them.
_NO_WORDS = {"sf", "data", "export", "extract", "report", "table", "all", "new", "sales", "crm"}
_NOT_WORDS = re.compile(r"[\W_]+")
#: Short words of headers, written out.
_SHORT_FOR = {
    "no": "id", "nr": "id", "num": "id", "number": "id", "#": "id", "dt": "date", "amt": "amount",
    "cust": "customer", "acct": "account", "opp": "opportunity", "oppty": "opportunity",
    "exp": "expected", "est": "expected", "estimated": "expected", "prob": "probability",
    "qty": "quantity", "prod": "product", "mgr": "manager", "creation": "created",
}  # fmt: skip
_MONEY = re.compile(r"(?i)[\s_]+(usd|eur|gbp|chf|jpy|cny|rmb|inr|[$€£¥])$")
#: Other names of a table's thing, as headers and files have them.
_THINGS: dict[str, tuple[str, ...]] = {
    "accounts": ("account", "customer", "company", "client", "客户", "公司"),
    "reps": (
        "rep",
        "owner",
        "user",
        "seller",
        "agent",
        "salesperson",
        "team",
        "teams",
        "员工",
        "销售",
    ),
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
    "accounts.account_id": ("account number", "customer number", "客户编号", "客户编码"),
    "accounts.industry": ("sector", "行业", "行业名称"),
    "accounts.parent_id": ("subsidiary of", "parent company", "上级客户"),
    "accounts.owner_id": ("account owner", "sales rep", "客户经理", "负责人"),
    "accounts.revenue": ("annual revenue", "turnover", "年营业收入", "年收入"),
    "accounts.employees": ("number of employees", "headcount", "员工人数", "职工人数"),
    "accounts.province": ("state or province", "state", "省份"),
    "accounts.city": ("城市",),
    "reps.name": ("sales agent", "sales owner", "姓名"),
    "reps.manager_id": ("manager", "直属上级"),
    "reps.region": ("regional office", "office", "大区"),
    "opportunities.amount": ("value", "deal value", "close value", "金额", "预计成交金额"),
    "opportunities.owner_id": ("sales agent", "sales owner", "salesperson", "sales rep", "负责人"),
    "opportunities.account_id": ("account", "customer", "customer id", "客户名称"),
    "opportunities.created_date": ("engage date", "created on", "opportunity created on", "创建日"),
    "opportunities.close_date": ("est close date", "expected close date", "预计成交日期"),
    "opportunities.stage": ("deal stage", "sales stage", "pipeline step", "销售阶段", "商机阶段"),
    "opportunities.name": ("topic", "商机名称"),
    "opportunities.product_id": ("product", "产品"),
    "opportunities.discount_share": ("discount", "折扣"),
    "opportunities.probability": ("win probability", "赢率"),
    "contacts.name": ("contact", "full name", "姓名"),
    "contacts.title": ("job title", "职务"),
    "products.family": ("series", "product category", "产品线"),
    "products.list_price": ("sales price", "price", "单价"),
    "products.name": ("product", "产品名称"),
    "campaigns.name": ("campaign name",),
    "activities.minutes": ("duration",),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Guess:
    """
    One guessed column.

    Parameters
    ----------
    header
        Column of the export.
    column
        Column of the table.
    confidence
        0 to 1.
    why
        What it rests on: the name, the values.
    values
        Words of the export that the table does not know and a person must translate.
    scale
        Factor for numbers, 0.01 where a share is written as 0 to 100.
    looks_up
        Whether names stand where the table has ids.
    """

    header: str
    column: str
    confidence: float
    why: str
    values: tuple[str, ...] = ()
    scale: float = 1.0
    looks_up: bool = False

    @property
    def mark(self) -> str:
        """How sure the guess is, as a word."""
        if self.confidence >= SURE:
            return "sure"
        return "likely" if self.confidence >= LIKELY else "doubtful"


@dataclass(frozen=True, kw_only=True)
class SheetGuess:
    """
    What a sheet may be.

    Parameters
    ----------
    sheet
        The sheet.
    table
        Table that fits best; blank where none does.
    guesses
        Its columns, best first.
    left_open
        Headers for which no column fits.
    missing
        Required columns that no header fits.
    others
        Next best tables.
    """

    sheet: Sheet
    table: str
    guesses: tuple[Guess, ...] = ()
    left_open: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    score: float = field(default=0.0, compare=False)


def guess_sheet(sheet: Sheet, table: str = "") -> SheetGuess:
    """
    Guess table and columns of a sheet.

    Names are compared with those of the tables, of every column map that comes with planlib, and
    with further words; values must be readable as what the column holds. Each header and each
    column is used once, the most certain pair first.

    Parameters
    ----------
    sheet
        The export.
    table
        Its table where a person knows it; blank tries every input table.
    """
    names = [table] if table else [name for name, one in TABLES.items() if one.role == "input"]
    ranked = sorted((_as_table(sheet, TABLES[name]) for name in names), key=_order)
    best = ranked[0]
    others = tuple(one.table for one in ranked[1:3] if one.score > 0.6 * best.score)
    if not table and best.score < _LEAST_SCORE:
        headers = tuple(str(name) for name in sheet.frame.columns)
        return SheetGuess(sheet=sheet, table="", left_open=headers, others=())
    return SheetGuess(**{**best.__dict__, "others": others})


def _order(found: SheetGuess) -> tuple[float, str]:
    return -found.score, found.table


def _as_table(sheet: Sheet, table: Table) -> SheetGuess:
    headers = [str(name) for name in sheet.frame.columns]
    sample = sheet.frame.head(_SAMPLE)
    pairs = [
        guess
        for header in headers
        for column in table.columns
        if (guess := _pair(header, sample[header], table, column)) is not None
    ]
    pairs.sort(key=lambda one: (-one.confidence, headers.index(one.header), one.column))
    taken: dict[str, Guess] = {}
    used: set[str] = set()
    for guess in pairs:
        if guess.header not in taken and guess.column not in used:
            taken[guess.header] = guess
            used.add(guess.column)
    stand_in = _stand_in(table, taken, used)
    used |= {guess.column for guess in stand_in}
    missing = tuple(
        name
        for name in table.required
        if name not in used and name not in DERIVED.get(table.name, ())
    )
    score = sum(guess.confidence**2 for guess in taken.values()) - 1.5 * len(missing)
    return SheetGuess(
        sheet=sheet,
        table=table.name,
        guesses=(*stand_in, *(taken[header] for header in headers if header in taken)),
        left_open=tuple(header for header in headers if header not in taken),
        missing=missing,
        score=score + _NAMED * _is_named(sheet, table.name),
    )


def _stand_in(table: Table, taken: Mapping[str, Guess], used: set[str]) -> list[Guess]:
    """Let the name stand in for the id of a thing that has none."""
    key = table.key[0] if len(table.key) == 1 else ""
    by_name = [guess for guess in taken.values() if guess.column == "name"]
    if not key or key in used or not by_name:
        return []
    why = "there is no id; the name stands in for it"
    return [Guess(header=by_name[0].header, column=key, confidence=_LEAST, why=why)]


def _is_named(sheet: Sheet, table: str) -> bool:
    """Tell whether file or sheet is called like a table, or its thing."""
    words = [word for word in re.split(r"[\W_\d]+", Path(sheet.file).stem.casefold()) if word]
    stem = "".join(word for word in words if word not in _NO_WORDS)
    called = {plain_name(Path(sheet.file).stem), plain_name(sheet.sheet), stem}
    known = {
        plain_name(one) for name in (table, *_THINGS.get(table, ())) for one in (name, name + "s")
    }
    return bool(called & (known | set(_file_names().get(table, ()))))


def _pair(header: str, values: pd.Series, table: Table, column: Column) -> Guess | None:
    name, told = _name_score(header, table.name, column.name)
    if name == 0:
        return None
    filled = values[values.str.strip() != ""]
    fit, words, scale = _value_score(filled, column)
    confidence = name
    why = [told]
    if len(filled) and column.kind in _TYPED:
        confidence *= 0.35 + 0.65 * fit
        why.append(f"{fit:.0%} of the values are {column.kind}")
    elif words:
        confidence *= 0.85
        why.append(f"{len(words)} words to translate")
    elif not len(filled):
        confidence *= 0.9
        why.append("no values")
    if confidence < _LEAST:
        return None
    return Guess(
        header=header,
        column=column.name,
        confidence=round(confidence, 2),
        why="; ".join(why),
        values=words,
        scale=scale,
        looks_up=_holds_names(filled, table, column),
    )


def _holds_names(filled: pd.Series, table: Table, column: Column) -> bool:
    if column.kind != "id" or column.name not in table.refs or filled.empty:
        return False
    return bool(filled.str.contains(r"\s|[\u4e00-\u9fff]", regex=True).mean() > 0.5)


def _name_score(header: str, table: str, column: str) -> tuple[float, str]:
    """Compare a header with every name that a column is known by."""
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
    text = re.sub(r"[（(][^（()）]*[)）]\s*$", "", text)
    number = re.sub(r"(?i)seq$", "id", text)  # running numbers are ids
    return plain_name(number or header), 0.9 if number != text else 1.0


@lru_cache(maxsize=4096)
def _written_out(header: str) -> str:
    """Give a header with its short words written out and without a currency at its end."""
    text = _MONEY.sub("", re.sub(r"[（(][^（()）]*[)）]\s*$", "", header).strip())
    words = re.findall(r"[^\W_]+|#", text.casefold())
    return " ".join(_SHORT_FOR.get(word, word) for word in words)


@lru_cache(maxsize=64)
def _names(table: str) -> Mapping[str, dict[str, float]]:
    """Give the plain names by which each column of a table is known, with their weight."""
    found: dict[str, dict[str, float]] = {}
    things = [plain_name(one) for one in (*_THINGS.get(table, ()), table)]
    for column in TABLES[table].columns:
        names = {plain_name(column.name): 1.0}
        short = re.sub(r"_(id|date|amount|share)$", "", column.name)
        if short != column.name and column.kind != "id":
            names.setdefault(plain_name(short), 0.8)
        for name in _ALSO.get(f"{table}.{column.name}", ()):
            names.setdefault(plain_name(name), 0.9)
        for name in _map_names().get((table, column.name), ()):
            names.setdefault(plain_name(name), 0.95)
        for name in list(names):
            for thing in things:
                if thing.isascii() == name.isascii():
                    names.setdefault(thing + name, names[name] * 0.95)
        if column.name in TABLES[table].key and column.kind == "id":
            for thing in things:
                names.setdefault(thing + "id", 0.95)
        found[column.name] = names
    return found


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


def _value_score(filled: pd.Series, column: Column) -> tuple[float, tuple[str, ...], float]:
    """Give the share of values that the column can hold, the words it does not know, a factor."""
    if filled.empty:
        return 0.0, (), 1.0
    text = filled.reset_index(drop=True)
    if column.kind in _TYPED:
        scale = 1.0
        faults = read_column(text, column, Notation()).faults
        if column.kind == "share" and len(faults):
            hundred = read_column(text, column, Notation(scale=0.01)).faults
            scale, faults = (0.01, hundred) if len(hundred) < len(faults) else (scale, faults)
        return 1 - faults["at"].nunique() / len(text), (), scale
    if column.allowed:
        known = {_NOT_WORDS.sub("", value.casefold()) for value in column.allowed}
        words = sorted({word.strip() for word in text})
        unknown = [word for word in words if _NOT_WORDS.sub("", word.casefold()) not in known]
        return 1.0, tuple(unknown[:30]), 1.0
    return 1.0, (), 1.0
