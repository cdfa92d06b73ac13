"""
Marks of protected cells: a few signs for each, so that a form that comes back shows what changed.

A mark is no secret and no lock. Two texts that differ have the same mark once in 65,536 cases.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import zlib
from collections.abc import Sequence
from typing import Any

#: Hidden sheet that holds them.
MARKS = "_marks"
_WIDTH = 4
_ID = re.compile(r"[+-]?0\d")  # a number with zeros in front is an id


def value_text(value: Any) -> str:
    """
    Give a value as the text that reading it back gives.

    Examples
    --------
    >>> value_text(12.0), value_text("007"), value_text(None)
    ('12.0', '007', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(value)


def key_text(texts: Sequence[str]) -> str:
    """
    Give the cells that tell a row apart as one text.

    Examples
    --------
    >>> key_text(["A-01 ", "closeness"])
    'A-01 / closeness'
    """
    return " / ".join(text.strip() for text in texts)


def mark_row(texts: Sequence[str]) -> str:
    """Give the marks of the cells of a row, one after the other."""
    return "".join(mark_cell(text) for text in texts)


def mark_cell(text: str) -> str:
    """
    Give the mark of a cell; how a program writes a number does not matter.

    Examples
    --------
    >>> mark_cell("12.0") == mark_cell("12"), mark_cell("007") == mark_cell("7")
    (True, False)
    """
    plain = "\n".join(line.strip() for line in text.splitlines()).strip()
    if not _ID.match(plain):
        with contextlib.suppress(ValueError):
            plain = f"{float(plain):.10g}"
    return f"{zlib.crc32(plain.encode('utf-8', 'replace')) & 0xFFFF:0{_WIDTH}x}"


def changed_places(texts: Sequence[str], marks: str) -> list[int]:
    """Give the places of the cells whose text is not the one that was marked."""
    return [
        at for at, text in enumerate(texts)
        if mark_cell(text) != marks[at * _WIDTH : (at + 1) * _WIDTH]
    ]  # fmt: skip


__all__ = ["MARKS", "changed_places", "key_text", "mark_cell", "mark_row", "value_text"]
