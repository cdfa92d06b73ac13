"""A cycle's tables as one audience may see them: sensitive columns are not there at all."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from planlib.steps import STEPS, Step
from planlib.store.resolve import read_revision
from planlib.tables import Table
from planlib.tables import table as contract

if TYPE_CHECKING:
    from planlib.plan import Plan
    from planlib.store import Workbook

_KEPT = 12  # tables read last that stay in memory


@dataclass(frozen=True)
class Baseline:
    """
    An earlier state that this one is compared with.

    Parameters
    ----------
    name
        As printed, such as "cycle 2025Q4".
    get
        Gives a table of that state by name, or None.
    """

    name: str
    get: Callable[[str], pd.DataFrame | None]


class AudienceView:
    """
    The tables of a cycle without the columns that the audience may not see.

    Report and Excel files read through it alone, so what is hidden cannot leak by a picture or a
    sheet.

    Parameters
    ----------
    workbook
        The cycle at hand.
    audience
        Name of an audience of plan.yaml; None takes ``report.audience``.
    """

    def __init__(self, workbook: Workbook, audience: str | None = None) -> None:
        self.workbook = workbook
        self.audience = audience or workbook.plan.report.audience
        self.sees: tuple[str, ...] = workbook.plan.report.audiences[self.audience].sees
        self._recent: dict[tuple[str, Path, int], pd.DataFrame] = {}

    @property
    def plan(self) -> Plan:
        """Settings of the workbook."""
        return self.workbook.plan

    @property
    def as_of(self) -> datetime.date:
        """Date on which the data stand."""
        return self.workbook.as_of

    def hidden(self, table: str) -> list[str]:
        """Give the columns of a table that this audience may not see."""
        return contract(table).sensitive(self.sees)

    def columns(self, table: str) -> list[str]:
        """Give the columns of a table that this audience may see."""
        hidden = self.hidden(table)
        return [column.name for column in contract(table).columns if column.name not in hidden]

    def read(self, table: str) -> pd.DataFrame:
        """
        Read a table without hidden columns.

        Raises
        ------
        MissingTableError
            If nothing has written it yet.
        """
        source = self.workbook.sources(table)
        if source is None:
            return self._shown(table, self.workbook.read(table))  # says what is missing
        key = (table, source.path, source.path.stat().st_mtime_ns)
        frame = self._recent.pop(key, None)
        if frame is None:
            frame = self._shown(table, self.workbook.read(table))
        self._recent[key] = frame  # the parts of a section read the same few tables
        if len(self._recent) > _KEPT:
            del self._recent[next(iter(self._recent))]
        return frame.copy(deep=False)

    def get(self, table: str) -> pd.DataFrame | None:
        """Read a table without hidden columns, or give None when there is none."""
        return self.read(table) if self.workbook.has(table) else None

    def has(self, table: str) -> bool:
        """Tell whether the cycle has a table."""
        return self.workbook.has(table)

    def rows(self, table: str) -> pd.DataFrame:
        """Read a table; without it, give its columns and no rows."""
        found = self.get(table)
        return self._shown(table, contract(table).empty()) if found is None else found

    def steps(self) -> list[Step]:
        """Give the steps that wrote tables in this very cycle and are not switched off."""
        off = self.plan.run.off
        return [step for step in STEPS.values() if step.name not in off and self._own(step)]

    def tables(self, step: Step) -> list[Table]:
        """Give the tables that a step wrote in this cycle."""
        return [contract(name) for name in step.writes if self._is_own(name)]

    def borrowed(self) -> dict[str, str]:
        """Give the tables that come from another cycle, with cycle and revision."""
        found = {}
        for step in STEPS.values():
            for name in step.writes:
                source = self.workbook.sources(name)
                if source is not None and source.cycle != self.workbook.cycle.name:
                    found[name] = str(source)
        return found

    def baselines(self) -> list[Baseline]:
        """Give what this cycle is compared with: its last published revision, an earlier cycle."""
        found = []
        current = self.workbook.folder.current()
        if current is not None and self._differs_from(current.name):
            found.append(Baseline(f"revision {current.name}", partial(read_revision, current)))
        if self._previous_cycle():
            found.append(Baseline(f"cycle {self._previous_cycle()}", self.workbook.previous))
        return [Baseline(one.name, self._filtered(one.get)) for one in found]

    def _differs_from(self, revision: str) -> bool:
        """Tell whether any table at hand is not that of a published revision of this cycle."""
        sources = [self.workbook.sources(name) for step in self.steps() for name in step.writes]
        return any(one is not None and one.revision != revision for one in sources)

    def _previous_cycle(self) -> str:
        for step in STEPS.values():
            for name in step.writes:
                source = self.workbook.previous_source(name)
                if source is not None:
                    return str(source).replace("/", ", ")
        return ""

    def _filtered(
        self, get: Callable[[str], pd.DataFrame | None]
    ) -> Callable[[str], pd.DataFrame | None]:
        def shown(name: str) -> pd.DataFrame | None:
            frame = get(name)
            return None if frame is None else self._shown(name, frame)

        return shown

    def _shown(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        return contract(table).spared(frame, self.sees)

    def _own(self, step: Step) -> bool:
        return any(self._is_own(name) for name in step.writes)

    def _is_own(self, name: str) -> bool:
        source = self.workbook.sources(name)
        return source is not None and source.cycle == self.workbook.cycle.name


__all__ = ["AudienceView", "Baseline"]
