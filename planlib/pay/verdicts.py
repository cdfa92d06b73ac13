"""What a rule of the check gives: findings in one shape, and what was missing for the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planlib.pay.facts import PlanFacts
from planlib.settings.pay import PlanCheckSettings

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one rule found: rows, subjects tested, and what is missing for the test."""

    rows: tuple[Row, ...] = ()
    tested: int = 0
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """
    A rule with the plans it compares, what to decide, its test, and its meaning.

    The meaning is blank where it names a limit of plan.yaml: ``check_plans`` says it then.
    """

    name: str
    parts: str
    decide: str
    test: Callable[[PlanFacts, PlanCheckSettings], Verdict]
    meaning: str = ""


def person_finding(
    one: Row, statement: str, first: tuple[str, object], second: tuple[str, object],
    *, unit: str = "amount", warns: bool = False,
) -> Row:  # fmt: skip
    """Give a finding on a person, for the person's manager to decide."""
    name = one["name"] if isinstance(one["name"], str) else str(one["rep_id"])
    owner = one["manager"] if isinstance(one["manager"], str) else ""
    row = finding(str(one["rep_id"]), name, statement, first, second, owner=owner, unit=unit)
    return {**row, "severity": "warns"} if warns else row


def finding(
    subject: str, name: str, statement: str, first: tuple[str, object],
    second: tuple[str, object], *, owner: str, unit: str = "amount",
) -> Row:  # fmt: skip
    """Give a finding with the figures of both plans; their ratio where they have one unit."""
    upper, lower = number_of(first[1]), number_of(second[1])
    same = unit in ("amount", "hours", "share")
    ratio = upper / lower if same and upper is not None and lower else None
    return {
        "subject": subject, "subject_name": name, "statement": statement, "first_value": upper,
        "first_meaning": first[0], "second_value": lower, "second_meaning": second[0],
        "unit": unit, "ratio": ratio, "owner": owner,
    }  # fmt: skip


def number_of(value: object) -> float | None:
    """Give a cell as a number, None where it is blank."""
    return None if value is None or pd.isna(value) else float(str(value))  # type: ignore[call-overload]


def count_words(value: object) -> str:
    """Write a count; "no" for none."""
    number = number_of(value)
    return "no" if not number else f"{int(number)}"


def unknown_words(one: Row) -> str:
    """Say how many accounts of a person have no known potential; blank: none."""
    count = int(number_of(one["unknown_potential_count"]) or 0)
    return f" ({count} of them without known potential)" if count else ""
