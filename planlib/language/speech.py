"""Which language is spoken, and how a text is put into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd

from planlib.language.numbers import amount_in_chinese, day_in_chinese
from planlib.language.patterns import Patterns

Language = Literal["en", "zh"]

#: The languages of a plan, and how a page names each.
LANGUAGES: dict[str, str] = {"en": "en", "zh": "zh-CN"}

_DEEPEST = 6  # patterns inside places of patterns
_MOST_TRIED = 8  # patterns tried for one text
_PROSE = re.compile(r"(?<![\w./@-])[a-z]{3,}(?![\w./@-])")
_DATA = re.compile(
    r"(?i)(?:^|[_ ])(?:id|ids|name|names|account|accounts|rep|reps|owner|owners|manager|who|leader|"
    r"sponsor|email|city|domain|table|column|key|file)$"
)
_LETTER = re.compile(r"[A-Za-z]{2}")
_EDGES = re.compile(r"^(\s*[-–•·]?\s*)(.*?)([\s:.…]*)$", re.DOTALL)
_ENDS = str.maketrans({":": "：", ".": "。"})
_JOINTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\n"), "\n"),
    (re.compile(r"(?<=[.!?]) (?=[A-Z0-9])"), ""),
    (re.compile(r"; "), "；"),
    (re.compile(r" · "), " · "),
    (re.compile(r" [–—] "), " – "),
    (re.compile(r": "), "："),
    (re.compile(r" / "), " / "),
    (re.compile(r"(?<!\d), |, (?!\d)"), "，"),
)
_ASIDE = re.compile(r"(?P<head>.+?) \((?P<inner>[^()]+)\)")

_spoken: Language = "en"
_watched: set[str] | None = None


def language() -> Language:
    """Give the language that is spoken now."""
    return _spoken


def speak(wanted: Language) -> None:
    """Speak a language from now on, in this process."""
    global _spoken
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
    """Collect the texts for which the catalogue has no words, for tests and translators."""
    global _watched
    before, found = _watched, set[str]()
    _watched = found
    _said.cache_clear()
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
    if _spoken == "en" or not _LETTER.search(text):
        return text
    said, _ = _said(text, 0)
    if _watched is not None and fell_back(said):
        _watched.add(text)
    return said


def say_frame(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Give a frame with the texts of some columns in the language that is spoken."""
    if _spoken == "en":
        return frame
    return frame.assign(
        **{
            name: frame[name].map(lambda cell: say(cell) if isinstance(cell, str) else cell)
            for name in columns
            if name in frame.columns
        }  # fmt: skip
    )


def is_of_data(column: str) -> bool:
    """
    Tell whether a column holds names or ids from data, which no language changes.

    Examples
    --------
    >>> is_of_data("account_id"), is_of_data("Owner"), is_of_data("reason")
    (True, True, False)
    """
    return _DATA.search(column) is not None


def fell_back(said: str) -> bool:
    """Tell whether English prose is left in a text: words, not names, codes or abbreviations."""
    return len(_PROSE.findall(said)) > 0


def catalogue_file() -> Path:
    """Give the file of the catalogue."""
    return Path(__file__).parent / "zh.po"


@cache
def _catalogue() -> tuple[dict[str, str], Patterns]:
    from babel.messages.pofile import read_po

    with catalogue_file().open("rb") as file:
        catalogue = read_po(file, locale="zh", ignore_obsolete=True)
    words = {str(one.id): str(one.string) for one in catalogue if one.id and one.string}
    exact = {source: words[source] for source in words}
    for source in words:  # a heading may begin with a capital where the catalogue does not
        exact.setdefault(source[:1].upper() + source[1:], words[source])
    return exact, Patterns(words)


@cache
def _said(text: str, depth: int) -> tuple[str, bool]:
    """Give a text in Chinese, and whether all of it is (names and codes aside)."""
    if not _LETTER.search(text):
        return _written(text), True
    start, inner, end = _parts(text)
    direct = _direct(text)
    if direct is not None:
        return direct, True
    if (direct := _direct(inner)) is not None:
        return f"{start}{direct}{end.translate(_ENDS)}", True
    if depth > _DEEPEST:
        return text, not fell_back(text)
    best = (text, not fell_back(text))
    for attempt in (_by_pattern(text, depth), _by_pattern(inner, depth), _by_joint(text, depth)):
        if attempt is None:
            continue
        said = attempt[0]
        if attempt[1]:
            return attempt
        if _left(said) < _left(best[0]):
            best = attempt
    return best


def _parts(text: str) -> tuple[str, str, str]:
    found = _EDGES.match(text)
    return (found[1], found[2], found[3]) if found else ("", text, "")


def _direct(text: str) -> str | None:
    """Give what needs no pattern: an entry of the catalogue, a number, a day."""
    exact, _ = _catalogue()
    return exact.get(text) or amount_in_chinese(text) or day_in_chinese(text)


def _written(text: str) -> str:
    return amount_in_chinese(text) or day_in_chinese(text) or text


def _by_pattern(text: str, depth: int) -> tuple[str, bool] | None:
    best: tuple[str, bool] | None = None
    for tried, (pattern, found) in enumerate(_catalogue()[1].matching(text)):
        if tried == _MOST_TRIED:
            break
        inside = {place: _said(value, depth + 1) for place, value in found.items()}
        said = pattern.filled({place: value for place, (value, _) in inside.items()})
        if all(whole for _, whole in inside.values()):
            return said, True
        if best is None or _left(said) < _left(best[0]):
            best = said, False
    return best


def _by_joint(text: str, depth: int) -> tuple[str, bool] | None:
    """Put the parts of a text into Chinese one by one, at the first joint that parts it."""
    best: tuple[str, bool] | None = None
    for joint, mark in _JOINTS:
        pieces = joint.split(text)
        if len(pieces) > 1:
            said = [_said(piece, depth + 1) for piece in pieces]
            attempt = mark.join(piece for piece, _ in said), all(whole for _, whole in said)
            if attempt[1]:
                return attempt
            if best is None or _left(attempt[0]) < _left(best[0]):
                best = attempt
    if aside := _ASIDE.fullmatch(text):
        head, inner = _said(aside["head"], depth + 1), _said(aside["inner"], depth + 1)
        attempt = f"{head[0]}（{inner[0]}）", head[1] and inner[1]
        if best is None or _left(attempt[0]) < _left(best[0]):
            best = attempt
    return best


def _left(said: str) -> int:
    """Count the English words that are left."""
    return len(_PROSE.findall(said))
