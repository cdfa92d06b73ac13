"""Which language is spoken, and how a text is put into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from planlib.language.translate import Translator, prose_left

Language = Literal["en", "zh"]

#: The languages of a plan, and how a page names each.
LANGUAGES: dict[str, str] = {"en": "en", "zh": "zh-CN"}

_LONGEST = 1_200  # signs of a text that is taken as a whole
_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z0-9])")
_LETTERS = re.compile(r"[A-Za-z]{2}|\d ?[kMB]\b|\d{4}-\d\d-\d\d")
_DATA = re.compile(
    r"(?i)(?:^|[_ ])(?:id|ids|name|names|account|accounts|rep|reps|owner|owners|manager|who|leader|"
    r"sponsor|email|city|domain|table|column|key|file|wanted|next_best|next best)$"
)

#: What planlib writes where a name or an id would stand: sums over people, posts, and nobody.
_STAND_IN = re.compile(
    r"all(?: (?:managers|people|key accounts))?|Company|nobody|not known|Planned hire \S+"
)

_spoken: Language = "en"
_watched: set[str] | None = None


def language() -> Language:
    """Give the language that is spoken now."""
    return _spoken


def speak(wanted: Language) -> None:
    """Speak a language from now on, in this process."""
    global _spoken  # noqa: PLW0603
    _spoken = wanted


@contextmanager
def speaking(wanted: Language) -> Iterator[None]:
    """Speak a language for a while."""
    before = _spoken
    speak(wanted)
    try:
        yield
    finally:
        speak(before)


@contextmanager
def watching() -> Iterator[set[str]]:
    """Collect the texts in which English is left, for tests and translators."""
    global _watched  # noqa: PLW0603
    before, found = _watched, set[str]()
    _watched = found
    try:
        yield found
    finally:
        _watched = before


def say(text: str) -> str:
    """
    Give a text in the language that is spoken.

    Parameters
    ----------
    text
        English, as it is written in the code and kept in tables. Names and values from data inside
        it stay as they are.

    Returns
    -------
    str
        The text itself where English is spoken or the catalogue does not know it.
    """
    if _spoken == "en" or not _LETTERS.search(text):
        return text
    said = _translator().said(text)[0] if len(text) <= _LONGEST else _said_in_pieces(text)
    if _watched is not None and prose_left(said):
        _watched.add(text)
    return said


def _said_in_pieces(text: str) -> str:
    """
    Put a long text into the language sentence by sentence.

    The time of patterns grows with more than the square of a text; a pasted note may be long.
    """
    if text in _catalogue():
        return _catalogue()[text]
    lines = []
    for line in text.split("\n"):
        said = ""
        for piece in _SENTENCES.split(line):
            gap = " " if said and not said.endswith("。") else ""
            said += gap + (piece if len(piece) > _LONGEST else _translator().said(piece)[0])
        lines.append(said)
    return "\n".join(lines)


def is_of_data(column: str) -> bool:
    """
    Tell whether a column holds names or ids from data, which no language changes.

    Examples
    --------
    >>> is_of_data("account_id"), is_of_data("Owner"), is_of_data("reason")
    (True, True, False)
    """
    return _DATA.search(column) is not None


def say_cell(text: str, column: str) -> str:
    """
    Give a text of a table in the language that is spoken; names and ids from data stay.

    Parameters
    ----------
    text
        A cell.
    column
        Its column. In one of names or ids only what stands in for them is said, such as
        ``all managers``.
    """
    return text if is_of_data(column) and not _STAND_IN.fullmatch(text) else say(text)


def catalogue_file() -> Path:
    """Give the file of the catalogue."""
    return Path(__file__).parent / "zh.po"


@cache
def _catalogue() -> dict[str, str]:
    from babel.messages.pofile import read_po

    with catalogue_file().open("rb") as file:
        catalogue = read_po(file, locale="zh", ignore_obsolete=True)
    return {str(one.id): str(one.string) for one in catalogue if one.id and one.string}


@cache
def _translator() -> Translator:
    return Translator(_catalogue())
