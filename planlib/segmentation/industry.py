"""Industry groups by needed expertise, from SIC, NAICS, GB/T 4754 or the industry's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Coded, Codes, Numbers, sums
from planlib.segmentation.industry_map import BUILTIN
from planlib.settings.segmentation import UNMAPPED, IndustryRule, SegmentationSettings
from planlib.tables import table

GIVEN = "given"
NO_INDUSTRY = "no industry in the data"
_SHORT = 3  # Latin words up to this length must match a whole word


@dataclass(frozen=True)
class Industries:
    """
    Industry group of each account and the column it rests on.

    ``differing`` counts accounts whose code and name, or two codes, point to different groups.
    """

    group: Coded
    source: Coded
    differing: int


def industry_rules(settings: SegmentationSettings) -> tuple[IndustryRule, ...]:
    """Give the rules in force: those of plan.yaml, then the built-in ones under their names."""
    if not settings.industry_builtin:
        return settings.industry_rules
    renamed = (
        rule.model_copy(update={"group": settings.industry_names.get(rule.group, rule.group)})
        for rule in BUILTIN
    )
    return (*settings.industry_rules, *renamed)


def group_industries(
    given: Coded, columns: Mapping[str, Coded], settings: SegmentationSettings
) -> Industries:
    """
    Put each account into an industry group.

    A given group wins; then the columns count in the order of the settings, each by the first
    rule that knows its code or name. What no rule knows is in the group "unmapped".

    Parameters
    ----------
    given
        Group as the data have it.
    columns
        ``sic``, ``naics``, ``gbt4754`` and ``name`` (the industry by name).
    settings
        Rules and order.
    """
    rules = industry_rules(settings)
    groups = tuple(dict.fromkeys(rule.group for rule in rules))
    sources = (GIVEN, *settings.industry_order, UNMAPPED, NO_INDUSTRY)
    found: Codes = np.full(len(given), -1, dtype=np.intp)
    source: Codes = np.full(len(given), len(sources) - 1, dtype=np.intp)
    differing = np.zeros(len(given), dtype=bool)
    for place, name in enumerate(settings.industry_order, start=1):
        words = columns[name]
        lookup = [_group_of(value, name, rules, groups) for value in words.values]
        codes = np.array([*lookup, -1], dtype=np.intp)[words.codes]
        differing |= (found >= 0) & (codes >= 0) & (found != codes)
        new = (found < 0) & (codes >= 0)
        found[new], source[new] = codes[new], place
        source[(found < 0) & (words.codes >= 0)] = len(sources) - 2
    source[given.codes >= 0] = 0
    group = Coded(found, groups).override(given).fill(UNMAPPED)
    return Industries(group, Coded(source, sources), int(differing.sum()))


def _group_of(value: str, kind: str, rules: Sequence[IndustryRule], groups: Sequence[str]) -> int:
    """Give the number of the group that a code or name belongs to, -1 for none."""
    text = unicodedata.normalize("NFKC", value).strip()
    for rule in rules:
        if kind == "name":
            hit = bool(rule.names) and _name_pattern(rule.names).search(text) is not None
        else:
            hit = any(_code_fits(text, one, kind) for one in getattr(rule, kind))
        if hit:
            return groups.index(rule.group)
    return -1


_PATTERNS: dict[tuple[str, ...], re.Pattern[str]] = {}


def _name_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Build one pattern from words; Latin words count at the beginning of a word only."""
    if names not in _PATTERNS:
        parts = []
        for name in names:
            word = re.escape(unicodedata.normalize("NFKC", name).strip())
            latin = name.isascii()
            end = r"(?![A-Za-z])" if latin and len(name) <= _SHORT else ""
            parts.append((r"(?<![A-Za-z])" if latin else "") + word + end)
        _PATTERNS[names] = re.compile("|".join(parts), re.IGNORECASE)
    return _PATTERNS[names]


def _code_fits(code: str, rule: str, kind: str) -> bool:
    """
    Tell whether a code begins as a rule says: ``60-67``, ``7372`` or, for GB/T 4754, ``J``.

    A GB/T code may carry its section letter before its digits.
    """
    text, wanted = code.upper(), rule.strip().upper()
    if kind == "gbt4754" and text[:1].isalpha():
        if wanted.isalpha():
            return text[:1] == wanted
        text = text[1:]
        if wanted[:1].isalpha():
            return code.upper()[:1] == wanted[0] and text.startswith(wanted[1:])
    low, dash, high = wanted.partition("-")
    head = text[: len(low)]
    if not head.isdigit() or len(head) < len(low):
        return False
    return low <= head <= (high if dash else low)


def industry_table(
    industries: Industries, columns: Mapping[str, Coded], potential: Numbers
) -> pd.DataFrame:
    """
    List which codes and names led to which group, most accounts first.

    Returns
    -------
    DataFrame
        ``source`` (column), ``value``, ``industry_group``, ``account_count``, ``potential``;
        for unmapped accounts the value of the first column that has one.
    """
    frames = []
    names = industries.source.values
    for place, source in enumerate(names):
        rows = industries.source.codes == place
        if not rows.any():
            continue
        if source in columns:
            frames.append(_listed(source, columns[source], rows, industries, potential))
        elif source == UNMAPPED:
            words = next(one for one in columns.values() if (one.codes[rows] >= 0).any())
            frames.append(_listed(source, words, rows, industries, potential))
        else:
            frames.append(
                _listed(source, Coded.constant(source, len(rows)), rows, industries, potential)
            )
    if not frames:
        return table("industry_mapping").empty()
    result = pd.concat(frames, ignore_index=True)
    return result.sort_values(
        ["account_count", "source", "value", "industry_group"],
        ascending=[False, True, True, True],
        ignore_index=True,
    )


def _listed(
    source: str, words: Coded, rows: Codes, industries: Industries, potential: Numbers
) -> pd.DataFrame:
    groups = industries.group.values
    cell = np.where(rows, (words.codes + 1) * len(groups) + industries.group.codes, -1)
    size = (len(words.values) + 1) * len(groups)
    counts = np.bincount(cell[cell >= 0], minlength=size)
    at = np.flatnonzero(counts)
    values = ["(blank)", *words.values]
    return pd.DataFrame(
        {
            "source": source,
            "value": [values[place // len(groups)] for place in at],
            "industry_group": [groups[place % len(groups)] for place in at],
            "account_count": counts[at],
            "potential": sums(cell, potential, size)[at],
        }
    )
