"""What a review of the team gives: tables by name, and notes on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True, kw_only=True)
class TeamReview:
    """
    What was found about a part of the team.

    Parameters
    ----------
    tables
        Tables of the step by name.
    lines
        Notes as kind, topic and text.
    """

    tables: dict[str, pd.DataFrame] = field(repr=False)
    lines: Sequence[tuple[str, str, str]] = field(repr=False)

    @property
    def headlines(self) -> list[str]:
        """What to read first."""
        return [text for kind, _, text in self.lines if kind == "headline"]

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind, each after its topic."""
        return [
            f"{topic}: {text}" if topic else text for one, topic, text in self.lines if one == kind
        ]
