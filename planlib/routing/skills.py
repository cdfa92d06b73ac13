"""Skills of reps and what leads ask for, compared in one spelling; near misses are named."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import pandas as pd

_NEAR = 80.0  # likeness (rapidfuzz ratio) from which two different words may mean the same
_SHOWN = 5


def plain_skill(text: object, synonyms: Mapping[str, str] | None = None) -> str:
    """
    Give a skill in small letters with single spaces, by its main word where it is a synonym.

    Examples
    --------
    >>> plain_skill("  Financial   Services"), plain_skill("FS", {"fs": "Financial services"})
    ('financial services', 'financial services')
    """
    if not isinstance(text, str):
        return ""
    plain = _fold(text)
    same = {_fold(name): _fold(main) for name, main in (synonyms or {}).items()}
    return same.get(plain, plain)


def skill_set(text: object, synonyms: Mapping[str, str] | None = None) -> frozenset[str]:
    """Give the skills of a list with semicolons."""
    if not isinstance(text, str):
        return frozenset()
    return frozenset(
        one for one in (plain_skill(part, synonyms) for part in text.split(";")) if one
    )


def plain_skills(texts: pd.Series, synonyms: Mapping[str, str] | None = None) -> pd.Series:
    """Give each text by ``plain_skill``, blank where there is none."""
    plain = {one: plain_skill(one, synonyms) for one in texts.dropna().unique()}
    return texts.map(plain).astype("str").fillna("")


def near_misses(asked: pd.Series, known: frozenset[str]) -> list[str]:
    """
    Name words that leads ask for and nobody has, but that look like one that somebody has.

    Parameters
    ----------
    asked
        What each lead asks for, by ``plain_skills``.
    known
        Skills of all reps.

    Returns
    -------
    list of str
        One sentence per pair, at most five and then how many more there are.
    """
    from rapidfuzz import fuzz, process

    counts = asked[asked.ne("") & ~asked.isin(known)].value_counts()
    found = []
    for word in sorted(counts.index):
        near = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=_NEAR)
        if near is not None:
            found.append(
                f"no rep has skill '{word}' ({counts[word]} leads), but some have '{near[0]}': if "
                "that is the same, add it to routing.skill_synonyms"
            )
    more = len(found) - _SHOWN
    return [*found[:_SHOWN], f"{more} more skills are nearly alike"] if more > 0 else found


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
