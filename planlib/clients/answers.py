"""What a consultant answers for a new client, checked before anything is written."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import ValidationError, field_validator

from planlib.errors import ParameterError, WorkbookError
from planlib.settings.base import Section, setting

Template = Literal["software", "industrial", "financial", "small", "blank"]
Part = Literal["", "pipeline", "territories", "key_accounts"]
#: Names of the templates, and of the parts of which one may stand alone.
TEMPLATES: tuple[str, ...] = get_args(Template)
PARTS: tuple[str, ...] = tuple(part for part in get_args(Part) if part)

_LONGEST_NAME = 100
_BREAKS = ("Cc", "Zl", "Zp")  # control characters, and line breaks beyond those of ASCII
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}
_NOT_IN_FOLDERS = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')


class Answers(Section):
    """The answers behind a client's workbook; kept in it, so that it can be brought up to date."""

    template: Template = setting("blank", "Template")
    only: Part = setting("", "The one part that the client uses; blank: all")
    name: str = setting("", "Name of the client, as printed in the report")
    currency: str = setting("USD", "Currency of the plan, ISO 4217", pattern="^[A-Z]{3}$")
    fiscal_start: int = setting(1, "Month in which the fiscal year starts", "month", ge=1, le=12)
    language: Literal["en", "zh"] = setting("en", "Language of report, pictures and README")
    notebooks: bool = setting(False, "Whether the client gets notebooks of its own")

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        problem = name_problem(value)
        if problem:
            raise ValueError(problem)
        return value


def check_answers(**given: Any) -> Answers:
    """
    Check the answers.

    Raises
    ------
    ParameterError
        With every wrong answer: what was found and what is allowed.
    """
    try:
        return Answers.model_validate(given)
    except ValidationError as error:
        problems = []
        for item in error.errors(include_url=False):
            what = ".".join(map(str, item["loc"]))
            allowed = item["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            allowed = allowed.removeprefix("'', ")
            allowed = "three capital letters such as EUR" if what == "currency" else allowed
            problems.append(f"{what} is {str(item['input'])[:80]!r}; allowed: {allowed}")
        raise ParameterError("answers", problems) from None


def name_problem(name: str) -> str:
    """Say why a client cannot be called so, blank when it can."""
    if re.search(r"[/\\]", name) or name.strip() in (".", ".."):
        return "a name without parts of a path (/, \\, ..)"
    if any(unicodedata.category(sign) in _BREAKS for sign in name):
        return "a name in one line, without control characters"
    if len(name) > _LONGEST_NAME:
        return f"a name of at most {_LONGEST_NAME} characters"
    return ""


def check_excel_name(path: Path) -> None:
    """
    Check the name of an Excel file that is to be written.

    Raises
    ------
    WorkbookError
        If it does not end in .xlsx; Excel would not open the file.
    """
    if path.suffix.lower() != ".xlsx":
        raise WorkbookError(f"{path.name} is written as Excel; give it a name that ends in .xlsx")


def check_folder(folder: Path | str) -> Path:
    """
    Check where a client's workbook is to be made.

    Parameters
    ----------
    folder
        A folder that does not exist or is empty, in one that exists. Its name may hold spaces
        and Chinese.

    Raises
    ------
    WorkbookError
        If its name leads elsewhere or does not work on every system, or it is taken.
    """
    text = str(folder)
    name = Path(text).name
    if any(ord(sign) < 32 for sign in text) or text.startswith("~") or ".." in Path(text).parts:
        raise WorkbookError(f"{text[:80]!r} is no folder for a client: write it without .. and ~")
    bad = (
        not name
        or _NOT_IN_FOLDERS.search(name)
        or name != name.rstrip(" .")
        or name.split(".")[0].casefold() in _DEVICES
        or len(name.encode()) > 200
    )
    if bad:
        raise WorkbookError(
            f"{(name or text)[:80]!r} is no name of a folder that works on every system; allowed "
            'are letters, digits, spaces, - and _, but not < > : " | ? *, nor a dot or space '
            "at the end"
        )
    path = Path(text).absolute()
    if not path.parent.is_dir():
        raise WorkbookError(f"the folder {path.parent} does not exist; make it first")
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise WorkbookError(f"{path} is there already and not empty; choose another name")
    return path
