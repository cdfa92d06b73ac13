"""The settings of a workbook in Excel: out with drop-downs, back with every cell named."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from planlib.clients.answers import check_excel_name
from planlib.clients.settings_text import DEFAULT, change_settings, changed_content
from planlib.clients.usual import USUAL
from planlib.errors import InputError, SettingsError, WorkbookError
from planlib.exchange.forms import FormColumn
from planlib.exchange.forms_back import FormFile, FormRow
from planlib.intake.blanks import STAMP
from planlib.plan import Plan, load_plan, parse_plan, read_settings, setting_content
from planlib.settings.keys import REQUIRED, SettingKey, all_keys, yaml_flow
from planlib.store.atomic import write_file, write_text
from planlib.store.layout import PLAN, find_workbook

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Book

KIND = "settings"
_SHEETS = ("Usual", "Further")
_COLUMNS = (
    FormColumn(name="key", header="setting", width=34),
    FormColumn(name="value", header="value", width=40, help="Blank: the default counts."),
    FormColumn(name="default", header="default", width=30),
    FormColumn(name="unit", header="unit", width=12),
    FormColumn(name="type", header="type", width=16),
    FormColumn(name="allowed", header="allowed", width=34),
    FormColumn(name="meaning", header="meaning", width=70),
)
_EMPTY, _NULL = '""', "null"
_CREATED = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 - the same content gives the same file
_BOOL = "true or false"
_LIST_LENGTH = 255


@dataclass(frozen=True, kw_only=True)
class SettingsBack:
    """
    What a settings sheet that came back says.

    Parameters
    ----------
    changes
        New value by key; ``DEFAULT`` where the cell was emptied.
    lines
        Each change as a sentence.
    """

    changes: Mapping[str, Any]
    lines: Sequence[str]


def write_settings_sheet(workbook: str | Path, path: Path) -> int:
    """
    Write the settings of a workbook to an Excel file.

    Parameters
    ----------
    workbook
        The workbook.
    path
        The file. Sheet "Usual" has what clients usually change, "Further" the rest; a cell of
        column "value" is blank where the default counts.

    Returns
    -------
    int
        How many settings it holds.

    Raises
    ------
    SettingsError
        If plan.yaml is wrong.
    WorkbookError
        If the file is not called .xlsx.
    """
    check_excel_name(path)
    root = find_workbook(workbook)
    load_plan(root)
    content = read_settings(root / PLAN)
    pages = _pages()
    write_file(path, lambda part: _fill(part, pages, content))
    return sum(map(len, pages))


def read_settings_sheet(workbook: str | Path, path: Path) -> SettingsBack:
    """
    Read a settings sheet that came back, and change plan.yaml: all of it, or nothing.

    Only cells that were changed count. A setting that plan.yaml has got since the sheet was
    written is not overwritten.

    Parameters
    ----------
    workbook
        The workbook whose plan.yaml is changed.
    path
        The sheet that came back.

    Returns
    -------
    SettingsBack
        The changes made; none where no cell was changed.

    Raises
    ------
    WorkbookError
        If there is no such file.
    InputError
        With every wrong cell: sheet, cell, what was found and what is allowed.
    """
    if not path.is_file():
        raise WorkbookError(f"there is no file {path}; write it with --excel first")
    root = find_workbook(workbook)
    load_plan(root)
    file = FormFile.open(path)
    before = file.stamp(KIND)
    text = (root / PLAN).read_text(encoding="utf-8-sig")
    content = setting_content(text)
    known = {key.dotted: key for page in _pages() for key in page}
    reading = _Reading(known, before, content, file.problems)
    for name in _SHEETS:
        for row in file.rows(name, _COLUMNS[:2]):
            reading.take(row)
    changes = reading.changes
    if file.problems:
        raise InputError(path.name, file.problems)
    if changes:
        lines = [_sentence(dotted, value, content) for dotted, value in changes.items()]
        write_text(root / PLAN, change_settings(text, changes, str(root / PLAN)))
        return SettingsBack(changes=changes, lines=lines)
    return SettingsBack(changes={}, lines=[])


@dataclass
class _Reading:
    """A sheet while its rows are read."""

    known: Mapping[str, SettingKey]
    before: Mapping[str, str]
    content: Mapping[str, Any]
    problems: list[str]
    changes: dict[str, Any] = field(default_factory=dict)

    def take(self, row: FormRow) -> None:
        """Take one row: unchanged, changed, or a problem that names its cell."""
        dotted, cell = row.values["key"], row.values["value"]
        if not dotted:
            return
        if dotted not in self.known:
            self.problems.append(
                f"{row.places['key']}: '{dotted[:60]}' is no setting; leave the names alone"
            )
            return
        written = self.before.get(dotted, "")
        if cell == written:
            return
        now = _shown(self.content, dotted)
        if now != written:
            self.problems.append(
                f"{row.places['value']}: {dotted} was changed in plan.yaml since the sheet was "
                f"written (it is {now or 'at its default'}); write the sheet anew"
            )
            return
        try:
            value = _value(cell, self.known[dotted])
            changed = changed_content(self.content, {dotted: value})
            parse_plan(yaml.safe_dump(changed, allow_unicode=True))
        except SettingsError as error:
            self.problems.append(_wrong(row, self.known[dotted], error))
            return
        self.changes[dotted] = value


def _wrong(row: FormRow, key: SettingKey, error: SettingsError) -> str:
    allowed = key.allowed.replace("`", "") or key.kind
    told = [one.split(": ", 1)[-1] for one in error.problems]
    more = [one for one in told if f" is {row.values['value']!r}; allowed: " not in one]
    return (
        f"{row.places['value']}: {key.dotted} cannot be '{row.values['value'][:60]}'; "
        f"allowed: {allowed}" + (f" ({'; '.join(more)})" if more else "")
    )


def _value(cell: str, key: SettingKey) -> Any:
    """Understand a cell: words as they stand, all else as plan.yaml would; never as code."""
    if not cell:
        return DEFAULT
    if cell == _EMPTY:
        return ""
    if cell == _NULL and "blank" in key.kind:
        return None
    if key.kind == _BOOL and cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    if key.kind in ("text", "choice", "date or blank"):
        return cell
    return setting_content(f"value: {cell}", "cell").get("value")


def _shown(content: Mapping[str, Any], dotted: str) -> str:
    """Write what plan.yaml has for a key as a cell; blank where it does not have it."""
    section, _, name = dotted.rpartition(".")
    holder = content.get(section) if section else content
    if not isinstance(holder, dict) or name not in holder:
        return ""
    value = holder[name]
    if value is None or value == "":
        return _NULL if value is None else _EMPTY
    return value.strip() if isinstance(value, str) else yaml_flow(value)


def _sentence(dotted: str, value: Any, content: Mapping[str, Any]) -> str:
    new = "back to its default" if value is DEFAULT else f"now {yaml_flow(value) or _NULL}"
    return f"{dotted}: {new} (it was {_shown(content, dotted) or 'at its default'})"


def _pages() -> tuple[list[SettingKey], list[SettingKey]]:
    """Give the keys of each sheet; those of lists of sections stand within their list."""
    keys = [key for key in all_keys(Plan) if not {"[", "<"} & set(key.dotted)]
    usual = {
        f"{section}.{name}" if section else name for section, own in USUAL.items() for name in own
    }
    return (
        [key for key in keys if key.dotted in usual],
        [key for key in keys if key.dotted not in usual],
    )


def _fill(path: Path, pages: Sequence[Sequence[SettingKey]], content: Mapping[str, Any]) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": KIND, "created": _CREATED, "author": "planlib"})
        for name, keys in zip(_SHEETS, pages, strict=True):
            _sheet(book, name, keys, content)
        stamp = book.add_worksheet(STAMP)
        rows = [
            ("kind", KIND),
            *((key.dotted, _shown(content, key.dotted)) for page in pages for key in page),
        ]
        for row, pair in enumerate(rows):
            for at, text in enumerate(pair):
                stamp.write_string(row, at, text)
        stamp.hide()


def _sheet(book: Book, name: str, keys: Sequence[SettingKey], content: Mapping[str, Any]) -> None:
    page = book.add_worksheet(name)
    base = {"valign": "top", "text_wrap": True, "num_format": "@"}
    head = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#E8EDF2"})
    plain = book.add_format(base)
    open_cell = book.add_format(
        {**base, "locked": False, "bg_color": "#FFFDF2", "border": 1, "border_color": "#D5DADE"}
    )
    for at, column in enumerate(_COLUMNS):
        page.set_column(at, at, column.width)
        page.write_string(0, at, column.header, head)
    for row, key in enumerate(keys, start=1):
        for at, text in enumerate(_cells(key, content)):
            page.write_string(row, at, text, open_cell if at == 1 else plain)
        page.data_validation(row, 1, row, 1, _rule(key))
    page.freeze_panes(1, 2)
    page.autofilter(0, 0, max(len(keys), 1), len(_COLUMNS) - 1)
    page.protect("", dict.fromkeys(("format_columns", "format_rows", "sort", "autofilter"), True))


def _cells(key: SettingKey, content: Mapping[str, Any]) -> Iterator[str]:
    default = "" if key.default in (REQUIRED, None, "") else key.default
    yield key.dotted
    yield _shown(content, key.dotted)
    yield "" if default == "" else (default if isinstance(default, str) else yaml_flow(default))
    yield key.unit
    yield key.kind
    yield key.allowed.replace("`", "")
    yield key.meaning


def _rule(key: SettingKey) -> dict[str, Any]:
    allowed = key.allowed.replace("`", "") or key.kind
    rule: dict[str, Any] = {
        "validate": "any",
        "input_message": f"{key.meaning}. Allowed: {allowed}. Blank: the default."[:255],
        "error_message": f"Allowed: {allowed}"[:255],
    }
    choices = ["true", "false"] if key.kind == _BOOL else [one or _EMPTY for one in key.choices]
    if choices and len(",".join(choices)) <= _LIST_LENGTH:
        return {**rule, "validate": "list", "source": choices}
    return rule
