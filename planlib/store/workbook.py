"""A workbook and one of its cycles: read tables, write tables, decisions, history."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.errors import MissingTableError, WorkbookError
from planlib.periods import Period
from planlib.plan import Plan
from planlib.store import appending, decisions, history, ledger, sql
from planlib.store.appending import Batch
from planlib.store.atomic import read_json, write_json
from planlib.store.frames import read_frame, write_frame
from planlib.store.layout import FACTS, CycleFolder, cycle_folder
from planlib.store.resolve import (
    Published,
    Source,
    from_before,
    from_others,
    published,
    revision_as_of,
    table_path,
)
from planlib.store.scope import RunScope
from planlib.tables import table as contract

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


class Workbook:
    """
    One cycle of a workbook, as notebooks, report and tests see it.

    Parameters
    ----------
    root
        The workbook's folder.
    plan
        Its settings.
    cycle
        The period that is planned.
    as_of
        Date on which the data stand, where it was given.
    scope
        The run that this object belongs to; None in interactive sessions.
    """

    def __init__(
        self,
        root: Path,
        plan: Plan,
        cycle: Period,
        *,
        as_of: datetime.date | None = None,
        scope: RunScope | None = None,
    ) -> None:
        self.root = root
        self.plan = plan
        self.cycle = cycle
        self.scope = scope
        self._as_of = as_of

    def __repr__(self) -> str:
        """Name workbook and cycle, without a path, so that stored outputs fit everywhere."""
        return f"Workbook({self.root.name!r}, cycle={self.cycle.name!r})"

    @property
    def folder(self) -> CycleFolder:
        """Where the cycle's revisions lie."""
        return cycle_folder(self.root, self.cycle.name, self.cycle.fiscal_year)

    @property
    def target(self) -> Path:
        """Folder that ``write`` fills: the revision being built, or the draft."""
        if self.scope is None:
            return self.folder.draft
        return self.scope.target

    @property
    def given_as_of(self) -> datetime.date | None:
        """The as-of date that a person gave: by ``--as-of`` or in plan.yaml; intake asks this."""
        return self._as_of or self.plan.as_of

    @property
    def as_of(self) -> datetime.date:
        """
        Date on which the data stand; never today's date.

        Given to this object, else as intake found it for this cycle, else from plan.yaml.
        """
        if self._as_of is not None:
            return self._as_of
        for folder in self._folders():
            day = revision_as_of(folder)
            if day is not None:
                return day
        if self.plan.as_of is not None:
            return self.plan.as_of
        raise WorkbookError(
            f"the as-of date of {self.cycle.name} is not known yet; set as_of in plan.yaml, give "
            f"--as-of, or run: {self._command('01_intake')}"
        )

    def read(self, table: str) -> pd.DataFrame:
        """
        Read a table.

        Raises
        ------
        MissingTableError
            If nothing has written it yet; the message names the command that does.
        """
        source = self.sources(table)
        if source is None:
            raise self._missing(table)
        return read_frame(source.path, contract(table))

    def get(self, table: str) -> pd.DataFrame | None:
        """Read a table, or give None when the workbook does not have it."""
        return self.read(table) if self.has(table) else None

    def has(self, table: str) -> bool:
        """Tell whether the workbook has a table."""
        return self.sources(table) is not None

    def sources(self, table: str) -> Source | None:
        """
        Tell where a table comes from.

        A run reads the revision being built, then other cycles; an interactive session reads the
        draft, then the published revision, then other cycles. Of these, the one with the latest
        start counts. Inputs are never taken from another cycle.
        """
        wanted = contract(table)
        if self.scope is not None and self.scope.pinned:
            return self.scope.source(table)
        for folder in self._folders():
            path = table_path(folder, table)
            if path.is_file():
                return Source(self.cycle.name, folder.name, path)
        return None if wanted.role == "input" else from_others(self._others, table)

    def previous(self, table: str) -> pd.DataFrame | None:
        """Read a table from the last published revision of an earlier cycle, or give None."""
        source = self.previous_source(table)
        return None if source is None else read_frame(source.path, contract(table))

    def previous_source(self, table: str) -> Source | None:
        """Tell which earlier cycle ``previous`` reads."""
        contract(table)
        if self.scope is not None and self.scope.pinned:
            return self.scope.previous(table)
        return from_before(self._others, table, self.cycle.start)

    def write(self, table: str, frame: pd.DataFrame) -> None:
        """
        Check a table and store it whole, in the revision being built or in the draft.

        Raises
        ------
        TableError
            If the frame breaks the contract; nothing is written then.
        WorkbookError
            If another step writes this table, or the run that asked for it has ended.
        """
        wanted = contract(table)
        if wanted.role == "override":
            raise WorkbookError(f"'{table}' holds decisions; add them with wb.decide(...)")
        if self.scope is not None:
            self.scope.check_writer(wanted)
        write_frame(table_path(self.target, table), wanted.check(frame))

    def write_inputs(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        as_of: datetime.date,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """
        Store what intake took in, replacing all input tables of this cycle.

        Parameters
        ----------
        tables
            Input tables by name, already checked against their contracts by intake.
        as_of
            Date on which the data stand; ``wb.as_of`` gives it from then on.
        facts
            Further facts for the manifest, such as ``{"rows_in": 10, "rows_quarantined": 1}``;
            plain values only.
        """
        if self.scope is not None:
            self.scope.check_open()
        folder = self.target / "inputs"
        for name, frame in tables.items():
            if contract(name).role != "input":
                raise WorkbookError(f"'{name}' is not an input table; use wb.write")
            write_frame(folder / f"{name}.parquet", contract(name).coerce(frame))
        for path in sorted(folder.glob("*.parquet")):
            if path.stem not in tables:
                path.unlink()
        write_json(folder / FACTS, {"as_of": as_of.isoformat(), "facts": dict(facts or {})})

    def facts(self) -> dict[str, Any]:
        """Give what intake noted about its inputs, or an empty dict."""
        for folder in self._folders():
            if (folder / "inputs" / FACTS).is_file():
                return dict(read_json(folder / "inputs" / FACTS)["facts"])
        return {}

    def overrides(self, kind: str, *, every: bool = False) -> pd.DataFrame:
        """
        Give the decisions of a kind that hold at the as-of date, oldest first.

        Parameters
        ----------
        kind
            Kind of decisions.
        every
            Also those that no longer hold, or not yet, to replay the days of a period.

        Raises
        ------
        InputError
            If the file has a malformed row; the message names line and column.
        """
        made = decisions.read_decisions(self._decisions(kind), kind)
        return made if every else decisions.in_force(made, self.as_of)

    def decisions(self, kind: str) -> pd.DataFrame:
        """Give all decisions of a kind, also those that no longer hold, in the file's order."""
        return decisions.read_decisions(self._decisions(kind), kind)

    def decide(
        self,
        kind: str,
        rows: Sequence[Mapping[str, object]] | pd.DataFrame,
        *,
        who: str | Sequence[str],
        why: str | Sequence[str],
        when: datetime.date | None = None,
    ) -> list[str]:
        """
        Append decisions of a person to overrides/<kind>.csv and give their ids.

        Parameters
        ----------
        kind
            Such as ``segments``.
        rows
            One mapping (or row) per decision with the kind's own columns.
        who, why
            Person and reason: one for all decisions, or one for each.
        when
            Day of the decision; today where it is not given, since a person decides now.
        """
        given = rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows
        named = [{str(key): value for key, value in row.items()} for row in given]
        return appending.append_decisions(
            self._decisions(kind), kind, named, who=who, why=why, when=when or datetime.date.today()
        )

    def decide_together(
        self, batches: Sequence[Batch], *, when: datetime.date | None = None
    ) -> list[list[str]]:
        """Append decisions of several kinds, all or none; give the ids of each batch."""
        day = when or datetime.date.today()
        return appending.append_together(self.root / "overrides", batches, day)

    def append_history(self, opportunities: pd.DataFrame, as_of: datetime.date) -> Path | None:
        """Keep the opportunities of a date for later cycles; None when they are kept already."""
        return history.append_snapshot(
            self._snapshots, contract("opportunities").coerce(opportunities), as_of
        )

    def history(self, as_of: datetime.date | None = None) -> pd.DataFrame:
        """Give the snapshots kept up to the as-of date in the columns of opportunity_history."""
        day = as_of or self.as_of
        return history.read_history(history.snapshots(self._snapshots, day).items())

    def routed(self) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
        """
        Give what was decided on leads before this cycle, and the state of the router after it.

        Returns
        -------
        tuple
            Tables ``lead_routes``, the latest decision on each lead by an earlier cycle or by
            ``planlib route`` until the as-of date, and ``routing_state``; None where there is none.
        """
        source = self.previous_source("lead_routes")
        state = self.previous("routing_state")
        if source is None or state is None:
            return ledger.after_published(self.root, self.as_of, None, None)
        before = read_frame(source.path, contract("lead_routes"))
        day = revision_as_of(source.path.parent.parent)
        return ledger.after_published(self.root, self.as_of, (before, state), day)

    def relation(self, table: str) -> DuckDBPyRelation:
        """Give a table as a duckdb relation, for history that is too large for memory."""
        return sql.relation(self._database, table, self._files(table))

    def sql(self, query: str) -> pd.DataFrame:
        """Run a SELECT over the tables in duckdb and give its rows."""
        return sql.query(self._database, query, self._files).df()

    @cached_property
    def _database(self) -> DuckDBPyConnection:
        return sql.connect()

    @cached_property
    def _others(self) -> list[Published]:
        try:
            day = self.as_of
        except WorkbookError:
            day = None
        return published(self.root, self.cycle, day)

    @property
    def _snapshots(self) -> Path:
        return self.root / "history" / "opportunities"

    def _folders(self) -> list[Path]:
        """Folders of this cycle in the order in which they are read."""
        if self.scope is not None:
            return self.scope.folders
        current = self.folder.current()
        return [self.folder.draft, *([current] if current else [])]

    def _files(self, table: str) -> list[Path]:
        source = self.sources(table)
        if source is None:
            raise self._missing(table)
        return [source.path]

    def _decisions(self, kind: str) -> Path:
        decisions.decision_table(kind)
        return self.root / "overrides" / f"{kind}.csv"

    def _missing(self, table: str) -> MissingTableError:
        return MissingTableError(table, self._command(contract(table).step or "01_intake"))

    def _command(self, step: str) -> str:
        return f"planlib run {self.root.name} --cycle {self.cycle.name} --only {step}"
