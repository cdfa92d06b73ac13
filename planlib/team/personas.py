"""Which persona a person is, by the words of the job title, in English and Chinese."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from planlib.settings.channels import DEFAULT_TITLES, PERSONAS, ChannelsSettings

_LEVELS = {"executive": "c_level", "manager": "manager", "staff": "staff"}
_UNKNOWN = PERSONAS[-1]


def personas_of(
    titles: pd.Series, settings: ChannelsSettings, levels: pd.Series | None = None
) -> pd.Series:
    """
    Give the persona of each person.

    The longest word of the title that is known counts, so that a vice president is no president
    and a 总工程师 no 工程师; of words of one length the higher persona. English words are whole
    words, Chinese ones may stand anywhere. A title without a known word takes the level that the
    CRM has.

    Parameters
    ----------
    titles
        Job titles; blank where not known.
    settings
        Further words, which count before built-in ones of the same length.
    levels
        Levels as the contacts table has them: executive, manager, staff, unknown.

    Returns
    -------
    Series
        One of ``c_level``, ``director``, ``manager``, ``staff``, ``unknown``.
    """
    words = _known_words(settings)
    plain = titles.astype("str").fillna("").str.casefold().str.strip()
    found = {title: _persona(title, words) for title in set(plain)}
    persona = plain.map(found)
    if levels is not None:
        given = levels.astype("str").map(_LEVELS).fillna(_UNKNOWN)
        persona = persona.where(persona != _UNKNOWN, given)
    return persona.astype("str")


def _known_words(settings: ChannelsSettings) -> tuple[tuple[str, str], ...]:
    """Give word and persona, the word that counts first at first."""
    own = [
        (word.casefold(), name, 0) for name in PERSONAS for word in
        settings.title_words.get(name, ())  # type: ignore[call-overload]
    ]  # fmt: skip
    built = [(word, name, 1) for name, words in DEFAULT_TITLES.items() for word in words]
    order = {name: place for place, name in enumerate(PERSONAS)}
    ranked = sorted([*own, *built], key=lambda one: (-len(one[0]), one[2], order[one[1]], one[0]))
    return tuple((word, name) for word, name, _ in ranked)


def _persona(title: str, words: tuple[tuple[str, str], ...]) -> str:
    for word, name in words:
        if _holds(title, word):
            return name
    return _UNKNOWN


def _holds(title: str, word: str) -> bool:
    if word.isascii():
        return _pattern(word).search(title) is not None
    return word in title


@cache
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z]){re.escape(word)}(?![a-z])")
