"""Ordered rules that people can read: the first one that holds decides, and says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planlib.errors import nearest
from planlib.segmentation.coded import Coded, Codes, Flags, Numbers, combine
from planlib.segmentation.countries import country_key
from planlib.settings.segmentation import Conditions


@dataclass(frozen=True)
class Facts:
    """What rules may look at: columns of words and of numbers, one row per account."""

    words: Mapping[str, Coded]
    numbers: Mapping[str, Numbers]
    rows: int


@dataclass(frozen=True)
class Outcome:
    """Which rule decided each account (-1: none), and how many accounts each one fits."""

    rule: Codes
    fitting: tuple[int, ...]
    absent: tuple[str, ...]


def apply_rules(rules: Sequence[Conditions], facts: Facts) -> Outcome:
    """
    Find the first rule that holds for each account.

    Parameters
    ----------
    rules
        In order of precedence.
    facts
        Columns that the rules name. A missing value or number fits no condition.

    Returns
    -------
    Outcome
        Number of the deciding rule per account, accounts that fit each rule whatever stands
        before it, and for each rule the values it names that no account has.
    """
    first = np.full(facts.rows, -1, dtype=np.intp)
    fitting, absent = [], []
    for place, rule in enumerate(rules):
        holds = _holds(rule, facts)
        fitting.append(int(holds.sum()))
        absent.append(_absent(rule, facts))
        first[holds & (first < 0)] = place
    return Outcome(first, tuple(fitting), tuple(absent))


def _holds(rule: Conditions, facts: Facts) -> Flags:
    holds = np.ones(facts.rows, dtype=bool)
    for name, values in rule.when.items():
        holds &= _among(facts.words[name], name, values)
    for name, values in rule.unless.items():
        holds &= ~_among(facts.words[name], name, values)
    for name, limit in rule.at_least.items():
        holds &= facts.numbers[name] >= limit
    for name, limit in rule.below.items():
        holds &= facts.numbers[name] < limit
    return holds


def _among(words: Coded, name: str, values: Sequence[str]) -> Flags:
    if name != "country":
        return words.among(values)
    wanted = {country_key(value) for value in values}
    return words.flags(lambda value: country_key(value) in wanted)


def _absent(rule: Conditions, facts: Facts) -> str:
    """Name the values of a rule that occur nowhere in the data, with the nearest one that does."""
    found = []
    for name, values in (*rule.when.items(), *rule.unless.items()):
        words = facts.words[name]
        counts = words.count()
        known = [value for value, count in zip(words.values, counts, strict=True) if count]
        for value in values:
            if not _among(Coded(np.arange(len(known)), tuple(known)), name, [value]).any():
                near = nearest(value, known)
                hint = f" (did you mean '{near[0]}'?)" if near else ""
                found.append(f"no account has {name} '{value}'{hint}")
    return "; ".join(found)


def rule_text(rule: Conditions) -> str:
    """Say in words when a rule holds."""

    def listed(name: str, values: Sequence[str]) -> str:
        return " or ".join(in_words(name, value) for value in values)

    parts = [f"{_said(name)} is {listed(name, some)}" for name, some in rule.when.items()]
    parts += [f"{_said(name)} is not {listed(name, some)}" for name, some in rule.unless.items()]
    return " and ".join([*parts, *_limits(rule)]) or "every account"


def in_words(name: str, value: str) -> str:
    """Give a value of a column as people read it: classes of the lifecycle are keys of ours."""
    return _said(value) if name == "lifecycle" else value


def _said(key: str) -> str:
    return key.replace("_", " ")


def _limits(rule: Conditions) -> list[str]:
    limits = [f"{_said(name)} from {limit:,.10g}" for name, limit in rule.at_least.items()]
    return [*limits, *(f"{_said(name)} below {limit:,.10g}" for name, limit in rule.below.items())]


def reasons(kind: str, rules: Sequence[Conditions], outcome: Outcome, facts: Facts) -> Coded:
    """
    Say for each account which rule decided, and by which values.

    Numbers are named by the limit they met, so that equal cases read the same.
    """
    total = Coded(np.full(facts.rows, -1, dtype=np.intp), ())
    for place, rule in enumerate(rules):
        rows = outcome.rule == place
        if not rows.any():
            continue
        names = list(dict.fromkeys([*rule.when, *rule.unless]))
        head = f"{kind} rule {place + 1}"
        total = total.override(_worded(head, names, _limits(rule), facts, rows))
    none = f"no {kind} rule fits" if rules else f"there are no {kind} rules"
    return total.fill(none) if (outcome.rule < 0).any() else total


def _worded(
    head: str, names: Sequence[str], limits: Sequence[str], facts: Facts, rows: Flags
) -> Coded:
    """Word the values of some columns for the rows that one rule decided."""

    def join(values: tuple[str, ...]) -> str:
        parts = [f"{_said(name)} {in_words(name, value) or 'blank'}"
                 for name, value in zip(names, values, strict=True)]  # fmt: skip
        return f"{head}: {', '.join([*parts, *limits]) or 'every account'}"

    text = (
        combine(
            [Coded(facts.words[name].codes[rows], facts.words[name].values) for name in names], join
        )
        if names
        else Coded.constant(join(()), int(rows.sum()))
    )
    codes = np.full(facts.rows, -1, dtype=np.intp)
    codes[rows] = text.codes
    return Coded(codes, text.values)
