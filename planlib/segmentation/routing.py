"""Where rules, given values and people's decisions together put each account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Coded, Flags, Numbers, sums
from planlib.segmentation.rules import Outcome, rule_text
from planlib.settings.segmentation import Conditions


@dataclass(frozen=True)
class Routed:
    """
    Segment or unit of each account with the reason, and how the rules behind it fared.

    ``undecided`` marks the accounts that neither a given value nor a person decided, so that a
    rule did; ``results`` says what each rule gives.
    """

    value: Coded
    reason: Coded
    rules: tuple[Conditions, ...]
    results: tuple[str, ...]
    outcome: Outcome
    undecided: Flags


def rule_report(kind: str, routed: Routed, potential: Numbers) -> pd.DataFrame:
    """
    Report how each rule of a list fared, and the accounts that no rule fits.

    Parameters
    ----------
    kind
        Name of the list, such as ``unit``.
    routed
        The rules and what they decided.
    potential
        Potential of each account.

    Returns
    -------
    DataFrame
        ``rule_list``, ``rule_number`` (0 for accounts that no rule fits), ``rule``, ``gives``,
        ``fitting_count``, ``account_count`` (accounts that the rule decided), ``potential``,
        ``status`` (ok, nothing fits, decided otherwise, no rule) and ``note``.
    """
    rules, outcome = routed.rules, routed.outcome
    codes = np.where(outcome.rule < 0, len(rules), outcome.rule)
    codes = np.where(routed.undecided, codes, -1)
    decided = np.bincount(codes[codes >= 0], minlength=len(rules) + 1)
    report = pd.DataFrame(
        {
            "rule_list": kind,
            "rule_number": [*range(1, len(rules) + 1), 0],
            "rule": [*map(rule_text, rules), "no rule fits"],
            "gives": [*routed.results, ""],
            "fitting_count": [*outcome.fitting, decided[-1]],
            "account_count": decided,
            "potential": sums(codes, potential, len(rules) + 1),
            "status": [*map(_status, outcome.fitting, decided), "no rule"],
            "note": [*outcome.absent, "add a rule for these accounts"],
        }
    )
    return report if decided[-1] else report.iloc[:-1]


def _status(fitting: int, decided: int) -> str:
    if decided:
        return "ok"
    return "decided otherwise" if fitting else "nothing fits"
