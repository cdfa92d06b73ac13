"""Forms that came back, before their rows are read: opened with care, ours, of this workbook."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from planlib.errors import InputError
from planlib.exchange.forms_back import FormFile

if TYPE_CHECKING:
    from planlib.store import Workbook


@contextlib.contextmanager
def told_in(problems: list[str]) -> Iterator[None]:
    """Add what is wrong with a file to a list and go on, so that all files are told at once."""
    try:
        yield
    except InputError as error:
        problems += [f"{error.where}: {problem}" for problem in error.problems]


def open_forms(files: Iterable[str | Path]) -> tuple[list[FormFile], list[str]]:
    """Open each file once, in the order given; give the forms, and what is wrong with others."""
    forms: list[FormFile] = []
    problems: list[str] = []
    for path in dict.fromkeys(map(Path, files)):
        with told_in(problems):
            forms.append(FormFile.open(path))
    return forms, problems


def own_stamp(form: FormFile, kind: str, workbook: str, version: str = "1") -> dict[str, str]:
    """
    Give what the hidden sheet of a form says, once it is known to be ours.

    Parameters
    ----------
    form
        The form.
    kind
        Kind of form that is wanted.
    workbook
        Name of the workbook that reads it.
    version
        Newest layout of this kind that can be read; a form that does not say one has layout 1.

    Raises
    ------
    InputError
        If it has no stamp, is another kind of form, of another workbook, or of a newer layout.
    """
    stamp = form.stamp(kind)
    if stamp.get("workbook") != workbook:
        said = f"the form belongs to workbook '{stamp.get('workbook')}', not to '{workbook}'"
        raise InputError(form.file, [said])
    found = stamp.get("version", "1")
    if not found.isdecimal() or int(found) > int(version):
        raise InputError(form.file, [
            f"the form has layout {found[:20]}, and this version of planlib reads layouts up to "
            f"{version}; update planlib"
        ])  # fmt: skip
    if not stamp.get("cycle"):
        raise InputError(form.file, ["the stamp of the form names no cycle; take a new form"])
    return stamp


def as_of_note(form: FormFile, stamp: Mapping[str, str], wb: Workbook) -> list[str]:
    """Say that the cycle has moved on since a form was made; nothing where it has not."""
    if stamp.get("as_of") == wb.as_of.isoformat():
        return []
    return [f"{form.file} was made as of {stamp.get('as_of')}; {wb.cycle.name} now stands as of "
            f"{wb.as_of}"]  # fmt: skip


__all__ = ["as_of_note", "open_forms", "own_stamp", "told_in"]
