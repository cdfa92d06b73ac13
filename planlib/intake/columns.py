"""Find the columns of a table in a source, and bring their words into the table's words."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.errors import nearest
from planlib.intake.ids import unify_ids
from planlib.intake.maps import ColumnMap, Join
from planlib.intake.sources import Assignment, Feed
from planlib.intake.strings import plain_name
from planlib.intake.values import FAULT_COLUMNS
from planlib.tables import TABLES

_FOUND_SHOWN = 25  # columns named in a message
#: What a map says of a column that must not be taken although a column has its name.
NOWHERE = ("none",)
#: Required columns that intake works out where a source does not have them.
DERIVED = {"opportunity_history": ("sequence", "record")}


@dataclass(frozen=True, kw_only=True)
class Texts:
    """
    The columns of a table as text, in the order of the source's rows.

    Parameters
    ----------
    columns
        Text by column of the table.
    raw
        Text as it stands in the source, for messages.
    sources
        Name in the source by column of the table.
    faults
        Bad cells known already, by column: position, rule, what is allowed.
    filtered
        Which rows the map leaves out.
    unmapped
        Columns of the source that no column of the table uses.
    problems
        Why the source cannot feed the table.
    """

    columns: dict[str, pd.Series]
    raw: dict[str, pd.Series]
    sources: dict[str, str]
    faults: dict[str, pd.DataFrame]
    filtered: np.ndarray
    unmapped: tuple[str, ...]
    problems: list[str] = field(default_factory=list)


def map_columns(assignment: Assignment, feeds: tuple[Feed, ...]) -> Texts:
    """
    Give the columns of a table that a source holds.

    Parameters
    ----------
    assignment
        Source, table and the part of the map.
    feeds
        All sources, for joins.

    Returns
    -------
    Texts
        A required column that is not found stands in ``problems`` with what was found instead.
    """
    part, sheet = assignment.part, assignment.feed.sheet
    frame, problems = sheet.frame, []
    for join in part.joins:
        frame = _joined(frame, join, feeds)
    finder = _Finder(frame)
    table = TABLES[assignment.table]
    columns: dict[str, pd.Series] = {}
    raw: dict[str, pd.Series] = {}
    sources: dict[str, str] = {}
    faults: dict[str, pd.DataFrame] = {}
    for name, column in table.by_name.items():
        spec = part.columns.get(name, ColumnMap())
        text = _source_text(finder, (*spec.names, name), spec, sources, name)
        if text is None:
            if column.required and name not in DERIVED.get(table.name, ()):
                problems.append(_missing(name, spec, frame))
            continue
        raw[name] = text
        columns[name], faults[name] = _words(text, spec)
    filtered = _filtered(finder, part.drop)
    repeated = [header for header in sheet.repeated if header in finder.used]
    problems += [
        f"row {sheet.header_row}: column '{header}' stands more than once; rename or "
        "delete all but one"
        for header in repeated
    ]
    unmapped = tuple(header for header in sheet.frame.columns if header not in finder.used)
    return Texts(
        columns=columns,
        raw=raw,
        sources=sources,
        faults=faults,
        problems=problems,
        filtered=filtered,
        unmapped=unmapped,
    )


class _Finder:
    """Finds columns by name, first exactly, then without case, width and signs."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.used: set[str] = set()
        self._plain: dict[str, str] = {}
        for name in frame.columns:
            self._plain.setdefault(plain_name(str(name)), str(name))

    def find(self, names: tuple[str, ...]) -> list[str]:
        """Give the columns found, in the order of the names."""
        found = []
        for name in names:
            header = name if name in self.frame.columns else self._plain.get(plain_name(name), "")
            if header and header not in found:
                found.append(header)
        self.used.update(found)
        return found


def _source_text(
    finder: _Finder, names: tuple[str, ...], spec: ColumnMap, sources: dict[str, str], column: str
) -> pd.Series | None:
    if spec.names == NOWHERE:
        return None
    if spec.value:
        sources[column] = f"always {spec.value}"
        return pd.Series([spec.value] * len(finder.frame), index=finder.frame.index, dtype="str")
    found = finder.find(names)
    if not found:
        return _composed(finder, spec, sources, column)
    sources[column] = found[0]
    text = finder.frame[found[0]]
    if spec.first_filled:
        sources[column] = " or ".join(found)
        for other in found[1:]:
            text = text.mask(text.str.strip() == "", finder.frame[other])
    return text


def _composed(
    finder: _Finder, spec: ColumnMap, sources: dict[str, str], column: str
) -> pd.Series | None:
    found = finder.find(spec.compose)
    if not found or len(found) < len(spec.compose):
        return None
    sources[column] = " + ".join(found)
    text = finder.frame[found[0]].str.strip()
    for other in found[1:]:
        text = (text + " " + finder.frame[other].str.strip()).str.strip()
    return text


def _words(text: pd.Series, spec: ColumnMap) -> tuple[pd.Series, pd.DataFrame]:
    """Apply the map's words: spelling, meaning, default, one form of ids."""
    faults = pd.DataFrame(columns=list(FAULT_COLUMNS))
    if spec.replace or spec.values:
        codes, uniques = pd.factorize(text)
        words = [_translated(word, spec) for word in uniques]
        unknown = np.array([word is None for word in words], dtype=bool)
        plain = np.array([word or "" for word in words], dtype=object)
        bad = np.flatnonzero(unknown[codes]) if len(uniques) else np.array([], dtype=int)
        faults = pd.DataFrame(
            {
                "at": bad,
                "rule": "value not in the column map",
                "allowed": "one of " + ", ".join(spec.values),
            }
        )
        text = pd.Series(plain[codes] if len(uniques) else [], index=text.index, dtype="str")
    if spec.default:
        text = text.mask(text.str.strip() == "", spec.default)
    if spec.ids == "salesforce":
        text, wrong = unify_ids(text.str.strip())
        more = pd.DataFrame(
            {
                "at": np.flatnonzero(wrong),
                "rule": "Salesforce id whose capital letters were changed",
                "allowed": "the id as Salesforce shows it",
            }
        )
        faults = more if faults.empty else pd.concat([faults, more], ignore_index=True)
    return text, faults


def _translated(word: str, spec: ColumnMap) -> str | None:
    key = " ".join(word.split()).casefold()
    replace = {" ".join(old.split()).casefold(): new for old, new in spec.replace.items()}
    if key in replace:
        word = replace[key]
        key = word.casefold()
    if not spec.values or not key:
        return word
    values = {" ".join(old.split()).casefold(): new for old, new in spec.values.items()}
    return values.get(key, values.get("*"))


def _filtered(finder: _Finder, drop: dict[str, tuple[str, ...]]) -> np.ndarray:
    left_out = np.zeros(len(finder.frame), dtype=bool)
    for name, values in drop.items():
        for header in finder.find((name,)):
            words = finder.frame[header].str.strip().str.casefold()
            left_out |= words.isin([value.casefold() for value in values]).to_numpy(dtype=bool)
    return left_out


def _joined(frame: pd.DataFrame, join: Join, feeds: tuple[Feed, ...]) -> pd.DataFrame:
    """Add the columns of another source; the first row per key counts."""
    wanted = {plain_name(name) for name in join.table}
    other = next((feed.sheet.frame for feed in feeds if feed.names & wanted), None)
    if other is None:
        return frame
    here, there = _Finder(frame).find(join.on)[:1], _Finder(other).find(join.to)[:1]
    if not here or not there:
        return frame
    keyed = other.drop_duplicates(there[0])
    at = pd.Index(keyed[there[0]].str.strip()).get_indexer(pd.Index(frame[here[0]].str.strip()))
    blank = (at < 0) | (frame[here[0]].str.strip() == "").to_numpy(dtype=bool)
    added = keyed.iloc[np.where(blank, 0, at)] if len(keyed) else keyed.reindex(frame.index)
    added = added.set_axis(frame.index).fillna("").add_prefix(join.prefix)
    added = added.where(np.broadcast_to(~blank[:, None], added.shape), "")
    return pd.concat([frame, added.astype("str")], axis=1)


def _missing(column: str, spec: ColumnMap, frame: pd.DataFrame) -> str:
    """Say which column is missing, what looks most like it, and what was found."""
    headers = [str(name) for name in frame.columns]
    plain = {plain_name(header): header for header in headers}
    near = [
        plain[name]
        for wanted in (*spec.names, column)
        for name in nearest(plain_name(wanted), plain)
    ]
    hint = f"; nearest: {', '.join(dict.fromkeys(near))}" if near else ""
    looked = ", ".join(dict.fromkeys((*spec.names, column)))
    more = f" and {len(headers) - _FOUND_SHOWN} more" if len(headers) > _FOUND_SHOWN else ""
    return (
        f"row 1: no column for '{column}', which is required; looked for {looked}{hint}; "
        f"found {', '.join(headers[:_FOUND_SHOWN])}{more}; name it in a column map "
        f"(columns: {column}: <name>)"
    )
