"""Make a case that can be shown out of a client's workbook: it runs, and nobody is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from planlib.clients.answers import check_folder
from planlib.clients.disguise import Disguise, NameFinder, action, brand, disguise_table
from planlib.errors import WorkbookError
from planlib.intake.history import unify_history
from planlib.intake.take import read_inputs
from planlib.intake.taken import Taken
from planlib.plan import Plan, load_plan, parse_plan, read_settings
from planlib.settings.keys import all_keys
from planlib.store.atomic import new_folder, write_bytes, write_text
from planlib.store.decisions import decision_table, read_decisions
from planlib.store.history import read_history, snapshots
from planlib.store.journal import complete
from planlib.store.layout import PLAN, find_workbook
from planlib.tables import TABLES, Table

REPORT = ("table", "column", "what was done", "values")
_NAME = "A client"
_SKIPPED = ("need_proposals",)  # their ids are made from those that are replaced
_LEFT_OUT = (
    "inputs",
    "report",
    "retention",
    "run",
)  # sections of plan.yaml that may hold names and paths
_SHORTEST_KEY = 16
_MADE = re.compile(r"([A-Z]\w+ |[A-Z]{2}-)[A-Z2-7]{8}\b")  # replacements


@dataclass
class _Case:
    """The case while it is made."""

    disguise: Disguise
    files: dict[str, bytes] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    report: list[tuple[str, str, str, int]] = field(default_factory=list)


def anonymise(workbook: str | Path, target: Path | str, key: bytes) -> pd.DataFrame:
    """
    Write a case that can be shown: a new workbook with the same structure and nobody in it.

    Names and ids are replaced consistently, all dates move back by 52 weeks or a multiple, money is
    multiplied by one factor, free text is dropped, places are coarse. Overrides come along;
    published cycles do not.

    Parameters
    ----------
    workbook
        The client's workbook; it is only read.
    target
        Folder that does not exist or is empty.
    key
        Secret of at least 16 bytes. The same key gives the same case; without it nothing can be
        turned back.

    Returns
    -------
    DataFrame
        What was done with each column: table, column, what was done, values.

    Raises
    ------
    WorkbookError
        If the key is too short, the folder is taken, or a name would survive; nothing is written.
    InputError
        If a source of the workbook cannot be read.
    """
    if len(key) < _SHORTEST_KEY:
        raise WorkbookError(f"the key has {len(key)} bytes; at least {_SHORTEST_KEY} are needed")
    root, path = find_workbook(workbook), check_folder(target)
    plan = load_plan(root)
    taken = read_inputs(plan, root, plan.as_of)
    case = _Case(Disguise(key))
    _add_tables(case, taken, root)
    _add_overrides(case, root)
    finder = NameFinder(_names(case, plan), _places(taken))
    _scrub(case, finder)
    _add_files(case)
    case.files[PLAN] = _plan_text(root, case, taken, finder).encode()
    _check(case, finder)
    _write(case, path)
    return pd.DataFrame(case.report, columns=list(REPORT))


def _add_tables(case: _Case, taken: Taken, root: Path) -> None:
    tables = dict(taken.tables)
    kept = snapshots(root / "history" / "opportunities", taken.as_of)
    if kept:
        history = unify_history(
            tables.get("opportunity_history"),
            read_history(kept.items()),
            tables.get("opportunities"),
            taken.as_of,
        )
        if history is not None:
            tables["opportunity_history"] = history
    for name, frame in tables.items():
        _add(case, f"inputs/{name}.csv", frame, TABLES[name])


def _add_overrides(case: _Case, root: Path) -> None:
    complete(root / "overrides")
    for path in sorted((root / "overrides").glob("*.csv")):
        kind = path.stem
        if kind in _SKIPPED:
            case.report.append((f"override_{kind}", "all", "left out", 0))
            continue
        _add(case, f"overrides/{kind}.csv", read_decisions(path, kind), decision_table(kind))


def _add(case: _Case, file: str, frame: pd.DataFrame, table: Table) -> None:
    case.frames[file] = disguise_table(frame, table, case.disguise)
    case.report += [
        (table.name, column.name, action(table, column), int(frame[column.name].notna().sum()))
        for column in table.columns
        if column.name in frame and frame[column.name].notna().any()
    ]


def _names(case: _Case, plan: Plan) -> list[str]:
    """Give what must not survive: names and ids that were replaced, the client's own, brands."""
    companies = [
        name for name, made in case.disguise.originals.items() if made.startswith("Company ")
    ]
    brands = [
        brand(name) for name in (plan.name, *companies) if name.isascii() or name == plan.name
    ]
    return [*case.disguise.originals, *filter(None, [plan.name, *brands])]


def _places(taken: Taken) -> set[str]:
    """Give the names of places in the inputs; a territory called after one is no secret."""
    return {
        str(text)
        for frame in taken.tables.values()
        for column in ("country", "region", "province", "city")
        if column in frame
        for text in frame[column].dropna().unique()
    }


def _scrub(case: _Case, finder: NameFinder) -> None:
    """Replace labels that hold a name."""
    made = set(case.disguise.originals.values())
    for file, frame in case.frames.items():
        for column in frame.columns:
            texts = frame[column]
            if not pd.api.types.is_string_dtype(texts.dtype):
                continue
            held = {
                text: case.disguise.name("Label", text)
                for text in texts.dropna().unique()
                if text not in made and finder.holds_name(text)
            }
            if held:
                count = int(texts.isin(list(held)).sum())
                case.frames[file] = case.frames[file].assign(**{column: texts.replace(held)})
                case.report.append((Path(file).stem, str(column), "label with a name", count))


def _add_files(case: _Case) -> None:
    for file, frame in case.frames.items():
        shown = frame.assign(
            **{
                str(name): frame[name].astype("str").str.lower().where(frame[name].notna(), None)
                for name in frame.columns
                if str(frame[name].dtype) == "boolean"
            }
        )
        case.files[file] = shown.to_csv(index=False, lineterminator="\n").encode()


def _plan_text(root: Path, case: _Case, taken: Taken, finder: NameFinder) -> str:
    """Give plan.yaml with names replaced, without sections that may hold paths or audiences."""
    content = {
        name: value for name, value in read_settings(root / PLAN).items() if name not in _LEFT_OUT
    }
    money = {key.dotted for key in all_keys(Plan) if key.unit == "currency"}
    changed = {name: _setting(value, name, case, finder, money) for name, value in content.items()}
    as_of = (pd.Timestamp(taken.as_of) + case.disguise.shift).date().isoformat()
    text = yaml.safe_dump(
        {**changed, "name": _NAME, "as_of": as_of}, sort_keys=False, allow_unicode=True
    )
    parse_plan(text, "the case's plan.yaml")
    return text


def _setting(value: Any, dotted: str, case: _Case, finder: NameFinder, money: Iterable[str]) -> Any:
    if isinstance(value, Mapping):
        return {
            _setting_text(str(key), case, finder): _setting(
                inner, f"{dotted}.{key}", case, finder, money
            )
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_setting(inner, f"{dotted}[]", case, finder, money) for inner in value]
    if isinstance(value, str):
        is_person = dotted.endswith(".who")
        return (
            case.disguise.name("Person", value) if is_person else _setting_text(value, case, finder)
        )
    if dotted in money and isinstance(value, int | float) and not isinstance(value, bool):
        return round(float(value) * case.disguise.factor, 2)
    return value


def _setting_text(text: str, case: _Case, finder: NameFinder) -> str:
    known = case.disguise.originals.get(text.strip())
    if known is not None:
        return known
    return case.disguise.name("Label", text) if finder.holds_name(text) else text


def _check(case: _Case, finder: NameFinder) -> None:
    """Look for every name in every text of the case, and refuse to write where one is left."""
    made = set(case.disguise.originals.values())
    left = []
    for file, frame in case.frames.items():
        for column in frame.columns:
            if pd.api.types.is_string_dtype(frame[column].dtype):
                texts = set(frame[column].dropna().unique()) - made
                left += [f"{file}, column {column}" for text in texts if finder.holds_name(text)]
    lines = case.files[PLAN].decode().splitlines()
    left += [PLAN for line in lines if finder.holds_name(_MADE.sub(" ", line))]
    if left:
        places = ", ".join(sorted(set(left))[:10])
        raise WorkbookError(f"names would be left in {places}; the case was not written")


def _write(case: _Case, path: Path) -> None:
    with new_folder(path) as stage:
        for file, content in case.files.items():
            write_bytes(stage / file, content, durable=False)
        rows = [",".join(map(str, row)) for row in (REPORT, *case.report)]
        write_text(stage / "anonymised.csv", "\n".join(rows) + "\n")
