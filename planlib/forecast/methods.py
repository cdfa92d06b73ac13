"""The methods: what each expects to be won from a day until the end of the period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

#: What a method is for: something to beat, a candidate, or a sum that people quote.
Kind = Literal["baseline", "method", "reference", "combination"]


@dataclass(frozen=True)
class Method:
    """
    A way to forecast the close of a period.

    Parameters
    ----------
    kind
        ``baseline``: must be beaten; ``method``: can be chosen; ``reference``: a sum that is
        quoted in meetings, shown beside; ``combination``: of methods.
    name
        What people call it.
    meaning
        How it is computed, in words.
    """

    kind: Kind
    name: str
    meaning: str


METHODS: dict[str, Method] = {
    "stage_weighted": Method(
        "baseline",
        "CRM-weighted pipeline",
        "Won so far + amount x the CRM's probability of open deals that close in the period; "
        "nothing is added for deals to come. The forecast of the performance matrix.",
    ),
    "last_year_ratio": Method(
        "baseline",
        "last year's ratio",
        "(Won so far + open in the period) x last year's final amount / last year's (won + open) "
        "at the same share of working days.",
    ),
    "stage_crm": Method(
        "method",
        "CRM-weighted pipeline plus later deals",
        "Stage-weighted with the CRM's probabilities, plus what past periods won later from deals "
        "created, or moved in, after this day.",
    ),
    "stage_measured": Method(
        "method",
        "measured win rates by stage",
        "Open deals in the period x the share of deals of their stage that past periods won from "
        "the same week on, at the amount they brought; plus deals created or moved in later.",
    ),
    "category": Method(
        "method",
        "measured win rates by category",
        "The same by forecast category instead of stage.",
    ),
    "calls": Method(
        "method",
        "managers' calls, corrected",
        "Each manager's call x the median ratio of final amount to call of that manager at the "
        "same week of past periods; managers without calls by same-week conversion.",
    ),
    "same_week": Method(
        "method",
        "same-week conversion",
        "Won so far + open in the period x (won later / open) of past periods at the same share "
        "of working days, new and expansion apart.",
    ),
    "hazard": Method(
        "method",
        "weekly chances by stage and age",
        "Chance per week to be won and to be lost by stage, age and pushes of all open deals, "
        "carried on to the end of the period; plus deals created later.",
    ),
    "classifier": Method(
        "method",
        "deal classifier",
        "Logistic regression on facts of the day, calibrated on predictions made ahead; all open "
        "deals, plus deals created later.",
    ),
    "combination": Method(
        "combination",
        "combination of methods",
        "Mean of the methods that beat both baselines in the periods before, weighted by the "
        "inverse of their squared errors there, weeks near this one counting most; where none "
        "did, the better baseline.",
    ),
    "commit": Method(
        "reference", "commit", "Won so far + open deals of category commit in the period."
    ),
    "most_likely": Method(
        "reference", "most likely", "Commit + open deals of category most likely."
    ),
    "best_case": Method(
        "reference", "best case", "Most likely + open deals of category best case."
    ),
}

#: Methods that give each deal a chance.
DEAL_METHODS = ("stage_weighted", "stage_measured", "category", "hazard", "classifier")
CANDIDATES = tuple(name for name, one in METHODS.items() if one.kind == "method")
BASELINES = tuple(name for name, one in METHODS.items() if one.kind == "baseline")
REFERENCES = tuple(name for name, one in METHODS.items() if one.kind == "reference")
#: What is used when no past tells which method is best, first that can be computed.
WITHOUT_TEST = ("same_week", "stage_measured", "stage_crm", "stage_weighted", "best_case")


def method_name(method: str) -> str:
    """
    Give the name by which people know a method.

    Examples
    --------
    >>> method_name("same_week"), method_name("an_own_one")
    ('same-week conversion', 'an own one')
    """
    return METHODS[method].name if method in METHODS else method.replace("_", " ")


def with_method_names(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Give a table with the names of its methods for people in the place of their keys.

    Parameters
    ----------
    rows
        A table with a column ``method``.
    """
    return rows.assign(method=rows["method"].map(method_name, na_action="ignore"))
