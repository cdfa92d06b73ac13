"""Which sources a workbook has, and which table each of them feeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from planlib.errors import InputError, nearest
from planlib.intake.changes import fields_of
from planlib.intake.maps import ColumnMapFile, Part, load_map
from planlib.intake.read import ENDINGS, EXCEL_ENDINGS, read_database, read_file
from planlib.intake.sheet import Sheet
from planlib.intake.strings import plain_name
from planlib.plan import Plan
from planlib.settings.inputs import Source
from planlib.tables import TABLES

_PLAIN = Part.model_validate({"columns": {}})
#: Kinds of files that hold tables and are not read.
_OTHER_ENDINGS = (".ods", ".xlsb", ".numbers", ".json", ".jsonl", ".xml", ".html", ".zip", ".gz")
_LARGEST_BLANK = 1_000_000  # bytes below which a blank input file of ours stays
INPUT_TABLES = tuple(name for name, table in TABLES.items() if table.role == "input")


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One sheet of a source, with what is declared about it and the map that reads it."""

    sheet: Sheet
    source: Source
    map: ColumnMapFile | None = None

    @property
    def names(self) -> set[str]:
        """Names by which maps find the sheet."""
        file = plain_name(Path(self.sheet.file).stem)
        return {name for name in (file, plain_name(self.sheet.sheet)) if name}


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A sheet that feeds a table, and the part of the map that says how."""

    table: str
    part: Part
    feed: Feed


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """
    All sheets of a workbook, what each feeds, what is unfilled, and what could not be read.

    ``unread`` says which files beside the sources are not read, a sentence each.
    """

    feeds: tuple[Feed, ...]
    assignments: tuple[Assignment, ...]
    unused: tuple[str, ...]
    errors: tuple[InputError, ...]
    unfilled: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def gather(plan: Plan, root: Path) -> Gathered:
    """
    Read every source of a workbook and tell which table it feeds.

    Parameters
    ----------
    plan
        Settings of the workbook.
    root
        Its folder.

    Returns
    -------
    Gathered
        Sources that cannot be read stand in ``errors``; the others are read all the same.
    """
    feeds: list[Feed] = []
    errors: list[InputError] = []
    unfilled: list[str] = []
    sources = plan.inputs.sources or tuple(_found(plan, root))
    maps, map_errors = _maps(plan, sources, root)
    errors += map_errors
    for source in () if map_errors else sources:
        try:
            sheets = [read_database(source)] if source.url else _read(source, plan, root)
        except InputError as error:
            errors.append(error)
            continue
        chosen = maps.get(source.map or plan.inputs.map)
        unfilled += [sheet.sheet for sheet in sheets if sheet.is_unfilled]
        feeds += [
            Feed(sheet=sheet, source=source, map=chosen)
            for sheet in sheets
            if not sheet.is_unfilled
        ]
    assignments, unused, problems = _assign(feeds, declared=bool(plan.inputs.sources))
    return Gathered(
        feeds=tuple(feeds),
        assignments=tuple(assignments),
        unused=tuple(unused),
        errors=(*errors, *problems),
        unfilled=tuple(unfilled),
        unread=tuple(_unread(plan, root)),
    )


def _maps(
    plan: Plan, sources: Iterable[Source], root: Path
) -> tuple[dict[str, ColumnMapFile], list[InputError]]:
    maps, errors = {}, []
    for name in sorted({source.map or plan.inputs.map for source in sources} - {""}):
        try:
            maps[name] = load_map(name, root)
        except InputError as error:
            errors.append(error)
    return maps, errors


def _found(plan: Plan, root: Path) -> list[Source]:
    return [Source(path=path.name) for path in _files(_folder(plan, root), (*ENDINGS, ".xls"))]


def _files(folder: Path, endings: Sequence[str]) -> list[Path]:
    """Give the files of some kinds in a folder that are not hidden, by name."""
    if not folder.is_dir():
        return []
    found = (
        path
        for path in folder.iterdir()
        if path.suffix.lower() in endings
        and path.is_file()
        and not path.name.startswith((".", "~$"))
    )
    return sorted(found, key=lambda path: path.name)


def _unread(plan: Plan, root: Path) -> Iterable[str]:
    """Say which files of the folder are not read; blank input files of ours are not spoken of."""
    try:
        folder = _folder(plan, root)
    except InputError:  # told where the folder is read
        return
    named = {(folder / source.path).resolve() for source in plan.inputs.sources if source.path}
    for path in _files(folder, (*ENDINGS, ".xls", *_OTHER_ENDINGS)):
        if path.resolve() in named:
            continue
        if path.suffix.lower() in _OTHER_ENDINGS:
            yield f"{path.name} is not read, since it is of another kind; save it as CSV or .xlsx"
        elif plan.inputs.sources and not _is_unfilled(path):
            yield f"{path.name} is not read, since inputs.sources of plan.yaml does not name it"


def _is_unfilled(path: Path) -> bool:
    """Tell whether a file is a blank input file of ours that nobody has filled in."""
    if path.suffix.lower() not in EXCEL_ENDINGS or path.stat().st_size > _LARGEST_BLANK:
        return False
    try:
        sheets = read_file(path, Source(path=path.name))
    except InputError:
        return False
    return all(sheet.is_unfilled for sheet in sheets)


def _folder(plan: Plan, root: Path) -> Path:
    folder = (root / plan.inputs.folder).resolve()
    if not plan.inputs.outside and not folder.is_relative_to(root.resolve()):
        raise InputError(
            "plan.yaml",
            [
                f"inputs.folder '{plan.inputs.folder}' lies outside the "
                "workbook; set inputs.outside: true if that is wanted"
            ],
        )
    return folder


def _read(source: Source, plan: Plan, root: Path) -> list[Sheet]:
    folder = _folder(plan, root)
    path = (folder / source.path).resolve()
    if not plan.inputs.outside and not path.is_relative_to(root.resolve()):
        raise InputError(
            "plan.yaml",
            [
                f"source path '{source.path}' lies outside the workbook; "
                "set inputs.outside: true if that is wanted"
            ],
        )
    return read_file(path, source, source.path)


def _assign(
    feeds: list[Feed], *, declared: bool
) -> tuple[list[Assignment], list[str], list[InputError]]:
    found: list[Assignment] = []
    unused: list[str] = []
    errors: list[InputError] = []
    for feed in feeds:
        try:
            own = list(_own(feed))
        except InputError as error:
            errors.append(error)
            continue
        if not own and not _is_joined(feed, feeds):
            unused.append(feed.sheet.where)
            if declared and not feed.sheet.sheet:
                errors.append(_nothing_fed(feed))
        found += own
        tables = {assignment.table for assignment in own}
        found += [
            Assignment(table=table, part=part, feed=feed)
            for table, part in _parts(feed.map)
            if part.of in tables
        ]
    apart = {one.feed.sheet.where for one in _apart(found)}
    found = [one for one in found if one.feed.sheet.where not in apart]
    unused += sorted(apart)
    direct = {assignment.table for assignment in found if not assignment.part.fallback}
    weaker = [one for one in found if one.part.fallback and one.table in direct]
    kept = [one for one in found if not (one.part.fallback and one.table in direct)]
    fed = {one.feed.sheet.where for one in kept}
    unused += [
        f"{one.feed.sheet.where} (a weaker source of {one.table})"
        for one in weaker
        if one.feed.sheet.where not in fed
    ]
    return kept, unused, errors


def _apart(found: Sequence[Assignment]) -> Iterable[Assignment]:
    """Give sheets without any column of the table for which a sheet beside them has some: notes."""
    knows = [_knows_columns(one) for one in found]
    fed = {(one.feed.sheet.file, one.table) for one, has in zip(found, knows, strict=True) if has}
    for one, has in zip(found, knows, strict=True):
        sheet = one.feed.sheet
        if not has and sheet.sheet and (sheet.file, one.table) in fed:
            yield one


def _knows_columns(one: Assignment) -> bool:
    if one.part.joins or one.part.changes is not None:
        return True
    names = {plain_name(name) for name in TABLES[one.table].by_name}
    for column in one.part.columns.values():
        names |= {plain_name(name) for name in (*column.names, *column.compose)}
    return any(plain_name(str(header)) in names for header in one.feed.sheet.frame.columns)


def _own(feed: Feed) -> Iterable[Assignment]:
    """Say what a sheet feeds: as declared, by a name in its map, by its own name, by columns."""
    table = feed.source.table
    if table:
        if table not in INPUT_TABLES:
            near = nearest(table, INPUT_TABLES)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(INPUT_TABLES)}"
            raise InputError("plan.yaml", [f"inputs.sources: no input table '{table}'; {hint}"])
        parts = [part for name, part in _parts(feed.map) if name == table and not part.of]
        named = [part for part in parts if feed.names & {plain_name(name) for name in part.names}]
        for part in named or parts[:1] or [_PLAIN]:
            yield Assignment(table=table, part=part, feed=feed)
        return
    matched = [
        (table, part)
        for table, part in _parts(feed.map)
        if not part.of and feed.names & {plain_name(name) for name in part.names}
    ]
    if any(part.changes is not None and not fields_of(part, feed.sheet) for _, part in matched):
        return  # a history of fields that no column uses
    if not matched:
        matched = [
            (
                table,
                next(
                    (part for name, part in _parts(feed.map) if name == table and not part.of),
                    _PLAIN,
                ),
            )
            for table in INPUT_TABLES
            if plain_name(table) in feed.names
        ][:1]
    if not matched:
        matched = _by_columns(feed)
    for table, part in matched:
        yield Assignment(table=table, part=part, feed=feed)


def _by_columns(feed: Feed) -> list[tuple[str, Part]]:
    """Choose the table of the map that knows most of a sheet's columns, its key among them."""
    headers = {plain_name(name) for name in feed.sheet.frame.columns}
    best: tuple[int, list[tuple[str, Part]]] = (0, [])
    for table, part in _parts(feed.map):
        if part.of or part.joins or part.changes is not None:
            continue
        known = {
            column: {plain_name(name) for name in (*one.names, column)}
            for column, one in part.columns.items()
            if not one.value
        }
        keys = [column for column in TABLES[table].required if column in known]
        composed = {
            column
            for column in keys
            if headers >= {plain_name(name) for name in part.columns[column].compose}
            and part.columns[column].compose
        }
        if not keys or any(not known[key] & headers and key not in composed for key in keys):
            continue
        score = sum(bool(names & headers) for names in known.values())
        if score > best[0]:
            best = (score, [(table, part)])
    return best[1]


def _parts(column_map: ColumnMapFile | None) -> Iterable[tuple[str, Part]]:
    for table, parts in column_map.tables.items() if column_map else ():
        for part in parts:
            yield table, part


def _is_joined(feed: Feed, feeds: list[Feed]) -> bool:
    return any(
        feed.names & {plain_name(name) for name in join.table}
        for other in feeds
        for _, part in _parts(other.map)
        for join in part.joins
    )


def _nothing_fed(feed: Feed) -> InputError:
    near = nearest(Path(feed.sheet.file).stem.lower(), INPUT_TABLES)
    hint = f"did you mean table: {near[0]}? " if near else ""
    columns = ", ".join(map(str, feed.sheet.frame.columns[:12]))
    return InputError(
        feed.sheet.where,
        [
            f"feeds no table; {hint}name the table in plan.yaml "
            f"(inputs.sources, key table); columns found: {columns}"
        ],
    )
