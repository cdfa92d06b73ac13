"""Where rules, given values and people's decisions together put each account."""

from __future__ import annotations

from dataclasses import dataclass

from planlib.segmentation.coded import Coded, Flags
from planlib.segmentation.rules import Outcome
from planlib.settings.segmentation import Conditions


@dataclass(frozen=True)
class Routed:
    """
    Segment or unit of each account with the reason, and how the rules behind it fared.

    ``undecided`` marks the accounts that neither a given value nor a person decided.
    """

    value: Coded
    reason: Coded
    rules: tuple[Conditions, ...]
    results: tuple[str, ...]
    outcome: Outcome
    undecided: Flags
