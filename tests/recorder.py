"""A stand-in for a workbook that keeps what is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planlib.errors import InputError


class Recorder:
    """Keeps decisions; refuses those of a stranger, and a potential of -1, as the store would."""

    def __init__(self) -> None:
        self.made: list[tuple[Any, ...]] = []

    def decide(
        self, kind: str, rows: Sequence[Mapping[str, object]], *, who: str, why: str
    ) -> list[str]:
        """Keep a decision and give its number."""
        if who == "stranger":
            raise InputError(f"override_{kind}", ["new row 1: <who> is not allowed"])
        if rows[0].get("potential") == "-1":
            raise InputError(f"override_{kind}", ["new row 1: -1 is out of range <at least 0>"])
        self.made.append((kind, [dict(row) for row in rows], who, why))
        return [f"D-{len(self.made):04d}"]
