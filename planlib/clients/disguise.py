"""Replace what could tell who a client is: by a key, consistently, not back without it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from planlib.tables import Column, Table

_DAYS_OF_A_YEAR = 364  # 52 weeks: weekdays stay, and days of the year nearly so
_MOST_YEARS = 3
_PERIOD = re.compile(r"((?:FY)?)(\d{4})(Q[1-4]|-\d{2}|W\d{2})?")
_DIGITS = 8  # letters of a replacement
_GRAMS = 7  # words of the longest name that is looked for within other texts
_LEAST = 4  # letters of the shortest name in Latin script that is looked for
_BRAND = 6  # letters of the shortest word in Latin script that is taken for a brand
_GENERIC = {
    "global", "general", "national", "international", "united", "american", "european",
    "german", "british", "french", "chinese", "northern", "southern", "eastern", "western",
    "central", "pacific", "atlantic", "digital", "industrial", "commercial", "advanced",
    "applied", "software", "systems", "services", "solutions", "technology", "technologies",
    "energy", "capital", "health", "medical", "public", "retail", "financial", "insurance",
    "logistics", "manufacturing", "engineering", "client", "customer", "account", "company",
    "group", "unknown",
}  # fmt: skip
_HAN = re.compile(r"[\u3400-\u9fff]+")
_WORDS = re.compile(r"[^\W_]+", re.UNICODE)
#: Kinds of names by table and column; equal names of one kind get equal replacements.
NAMES: dict[str, str] = {
    "accounts.name": "Company",
    "leads.company": "Company",
    "partners.name": "Company",
    "contacts.name": "Person",
    "leads.contact_name": "Person",
    "reps.name": "Person",
    "experts.name": "Person",
    "products.name": "Product",
    "products.family": "Family",
    "products.business_line": "Line",
    "targets.product_family": "Family",
    "campaigns.name": "Campaign",
    "opportunities.name": "Deal",
    "projects.name": "Project",
    "territories.territory": "Territory",
    "needs.need": "Need",
}
#: The same for columns of any table.
_NAMES_ANYWHERE = dict.fromkeys(
    ("who", "owner", "updated_by", "person_name", "helper", "approver", "requested_by", "party"),
    "Person",
)
#: Texts that stay: words of the trade, places, codes; none of them may hold a name.
_LABELS = {
    "country", "region", "province", "city", "industry", "customer_type", "segment", "unit",
    "industry_group", "title", "department", "seat", "buying_centre", "skill", "skills",
    "also_skills", "role", "level", "languages", "language", "time_zone", "calendar",
    "role_layer", "line", "stage", "currency", "source", "channel", "status", "kind", "team_role",
    "cut", "cut_value", "period", "split_type", "loss_reason", "function", "cause", "action",
    "step", "duty", "metric", "tier", "sic", "naics", "gbt4754", "decision_id", "supersedes",
}  # fmt: skip
_ENTITIES = {
    "parent": "account", "family": "account", "owner": "rep", "manager": "rep", "creator": "rep",
    "functional_manager": "rep", "rater": "rep", "leader": "rep", "director": "rep",
    "person": "rep",
}  # fmt: skip
#: Measures that are money, where a column holds several measures.
_MONEY = {"acv", "pipeline_generated", "closed_acv", "potential", "revenue", "open_amount"}


@dataclass
class Disguise:
    """
    Replacements under one key.

    Parameters
    ----------
    key
        Secret; without it nothing can be turned back, with it the same content gives the same.
    """

    key: bytes
    _seen: dict[tuple[str, str], str] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)

    @cached_property
    def years(self) -> int:
        """How many years of 52 weeks all dates move back."""
        return 1 + self._number("years") % _MOST_YEARS

    @property
    def shift(self) -> pd.Timedelta:
        """How far all dates move: a multiple of seven days."""
        return pd.Timedelta(days=-_DAYS_OF_A_YEAR * self.years)

    @cached_property
    def factor(self) -> float:
        """What all money is multiplied by, 0.5 to 2."""
        return float(round(2.0 ** ((self._number("factor") % 2001) / 1000 - 1), 3))

    def name(self, kind: str, text: str) -> str:
        """Give the replacement of a name or id; the same for the same text of a kind."""
        plain = " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
        if (kind, plain) not in self._seen:
            code = self._code(f"{kind}:{plain}")
            self._seen[kind, plain] = (
                f"{kind} {code}" if kind[0].isupper() else f"{kind[:2].upper()}-{code}"
            )
        self.originals.setdefault(text.strip(), self._seen[kind, plain])
        return self._seen[kind, plain]

    def period(self, text: str) -> str:
        """Move a period by whole years."""
        match = _PERIOD.fullmatch(text.strip())
        return f"{match[1]}{int(match[2]) - self.years}{match[3] or ''}" if match else text

    def _code(self, text: str) -> str:
        digest = hmac.new(self.key, text.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest).decode()[:_DIGITS]

    def _number(self, what: str) -> int:
        return int.from_bytes(hmac.new(self.key, what.encode(), hashlib.sha256).digest()[:8], "big")


def action(table: Table, column: Column) -> str:
    """
    Say what is done with a column; text that no rule knows is dropped.

    Returns
    -------
    str
        ``name <kind>``, ``id <entity>``, ``label``, ``date``, ``amount``, ``coordinate``,
        ``rounded``, ``kept`` or ``dropped``.
    """
    name = column.name
    kind = NAMES.get(f"{table.name}.{name}") or _NAMES_ANYWHERE.get(name)
    if kind and column.kind == "text":
        return f"name {kind}"
    if name in _LABELS:
        return "label"
    if column.kind == "id":
        return f"id {_entity(table, name)}" if name.endswith("_id") else "dropped"
    if name in ("latitude", "longitude"):
        return "coordinate"
    if name in ("employees", "business_line_count"):
        return "rounded"
    if column.kind == "amount" or (table.name == "territory_targets" and name == "target"):
        return "amount"
    if column.kind in ("date", "timestamp"):
        return "date"
    if column.kind == "text" and name in table.key:  # dropped, rows of one key would be left
        return f"name {name.capitalize()}"
    return "dropped" if column.kind == "text" else "kept"


def disguise_table(frame: pd.DataFrame, table: Table, disguise: Disguise) -> pd.DataFrame:
    """Give a table with every column treated as ``action`` says; rows stay in order."""
    done = {
        column.name: _treated(frame, table, column, disguise)
        for column in table.columns
        if column.name in frame
    }
    return pd.DataFrame(done, index=frame.index)


def _treated(frame: pd.DataFrame, table: Table, column: Column, disguise: Disguise) -> pd.Series:
    values = frame[column.name]
    what, _, kind = action(table, column).partition(" ")
    if what in ("name", "id"):
        return _mapped(values, lambda text: disguise.name(kind, text))
    if what == "label":
        return (
            _mapped(values, disguise.period) if column.name in ("period", "cut_value") else values
        )
    if what == "date":
        return values + disguise.shift
    if what == "amount":
        return _scaled(frame, values, disguise.factor)
    if what == "coordinate":
        return values.round(1)
    if what == "rounded":
        return values.map(lambda number: int(float(f"{number:.2g}")), na_action="ignore").astype(
            values.dtype
        )
    if what == "dropped":
        left = "(removed)" if column.required else None
        return pd.Series(left, index=values.index, dtype=values.dtype).where(values.notna(), None)
    return values


def _scaled(frame: pd.DataFrame, values: pd.Series, factor: float) -> pd.Series:
    """Scale money; counts that share a column with money stay."""
    scaled = (values * factor).round(2)
    if "measure" not in frame:
        return scaled
    return scaled.where(frame["measure"].isin(_MONEY), values)


def _mapped(values: pd.Series, change: Callable[[str], str]) -> pd.Series:
    known: dict[Hashable, str] = {text: change(str(text)) for text in values.dropna().unique()}
    return values.map(known, na_action="ignore").astype(values.dtype)


def _entity(table: Table, name: str) -> str:
    if name in table.refs:
        return _entity_name(table.refs[name][1].removesuffix("_id"))
    return _entity_name(name.removesuffix("_id"))


def _entity_name(stem: str) -> str:
    return _ENTITIES.get(stem, stem)


# ---------------------------------------------------------------- what must not survive


def brand(name: str) -> str:
    """
    Give the word of a company's name by which it is known; blank where none stands out.

    Examples
    --------
    >>> brand("Verralto Software"), brand("澜岳工业装备"), brand("Global Systems Ltd")
    ('Verralto', '澜岳', '')
    """
    han = _HAN.match(name.strip())
    if han:
        return han[0][:2]
    first = next(iter(_WORDS.findall(name)), "")
    is_known = first.casefold() in _GENERIC or len(first) < _BRAND
    return "" if is_known else first


class NameFinder:
    """
    Finds names within texts.

    Parameters
    ----------
    names
        The names. In Latin script those of fewer than four letters are looked for as whole texts.
    public
        Names of places and the like, which tell nothing even where something is called so.
    """

    def __init__(self, names: Iterable[str], public: Iterable[str] = ()) -> None:
        known = {self._plain(name) for name in public}
        self._whole = {self._plain(name) for name in names} - known - {""}
        self._latin = {
            name for name in self._whole if len(name) >= _LEAST and not _HAN.search(name)
        }
        self._han = {
            part
            for name in self._whole
            for part in _HAN.findall(name)
            if len(part) >= (2 if part == name else _LEAST) and part not in known
        }
        self._longest = max(map(len, self._han), default=0)

    def holds_name(self, text: str) -> bool:
        """Tell whether a text is, or holds, one of the names."""
        plain = self._plain(text)
        if not plain or plain in self._whole:
            return bool(plain)
        words = plain.split()
        for size in range(1, min(_GRAMS, len(words)) + 1):
            for at in range(len(words) - size + 1):
                if " ".join(words[at : at + size]) in self._latin:
                    return True
        return any(self._in_han(run) for run in _HAN.findall(plain))

    def _in_han(self, run: str) -> bool:
        return any(
            run[at : at + size] in self._han
            for size in range(2, min(self._longest, len(run)) + 1)
            for at in range(len(run) - size + 1)
        )

    @staticmethod
    def _plain(text: str) -> str:
        return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", text).casefold()))
