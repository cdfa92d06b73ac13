"""Who wants to hear how a run goes; the command line shows it, others ignore it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Listener:
    """Hear what a run does; every method may be replaced, none has to be."""

    def planned(self, steps: Sequence[str], cells: Mapping[str, int]) -> None:
        """Hear the steps of the run and the number of code cells of each."""

    def began(self, step: str, reasons: Sequence[str]) -> None:
        """Hear that a notebook starts, and why."""

    def cell(self, step: str, number: int) -> None:
        """Hear that a code cell of a notebook begins; called from another thread."""

    def ended(self, step: str, record: Mapping[str, Any]) -> None:
        """Hear how a step ended: ``state``, ``carried``, ``seconds``, ``message``."""

    def says(self, text: str) -> None:
        """Hear one line for the person."""
