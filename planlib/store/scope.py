"""What a run tells the notebooks that it starts: where to read, where to write, as of when."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planlib.errors import WorkbookError
from planlib.store.atomic import read_json
from planlib.store.resolve import Source
from planlib.tables import Table

#: Names of the environment variables that a run sets for its notebooks.
ENV_WORKBOOK = "PLANLIB_WORKBOOK"
ENV_REVISION = "PLANLIB_REVISION"
ENV_STAGE = "PLANLIB_STAGE"
ENV_STEP = "PLANLIB_STEP"
ENV_AS_OF = "PLANLIB_AS_OF"

#: File in a step's stage that lists where each table of the step comes from.
SOURCES = "sources.json"


@dataclass(frozen=True)
class RunScope:
    """
    The part of a run that one notebook, or the report, may see.

    Parameters
    ----------
    revision
        Folder of the revision being built.
    stage
        Private folder of one step; its tables join the revision when the step has succeeded.
    step
        Name of the step; blank for the report.
    sources
        Content of the stage's ``sources.json``.
    """

    revision: Path
    stage: Path | None = None
    step: str = ""
    sources: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> RunScope | None:
        """Read the environment variables of a run; None outside of one."""
        revision = os.environ.get(ENV_REVISION, "")
        if not revision:
            return None
        stage = Path(os.environ[ENV_STAGE]) if os.environ.get(ENV_STAGE) else None
        listed = stage / SOURCES if stage else None
        sources = read_json(listed) if listed and listed.is_file() else {}
        return cls(Path(revision), stage, os.environ.get(ENV_STEP, ""), sources)

    @property
    def target(self) -> Path:
        """Folder that is written."""
        return self.stage or self.revision

    @property
    def folders(self) -> list[Path]:
        """Folders of this cycle in the order in which they are read."""
        return [*([self.stage] if self.stage else []), self.revision]

    @property
    def pinned(self) -> bool:
        """Whether the run has listed where every table of the step comes from."""
        return bool(self.sources)

    def source(self, table: str) -> Source | None:
        """
        Give where a declared table comes from, or None when there is none.

        Raises
        ------
        WorkbookError
            If the step does not say in steps.py that it reads the table.
        """
        written = self._written(table)
        if written is not None:
            return written
        known = self.sources["tables"]
        if table not in known:
            raise WorkbookError(
                f"{self.step} reads '{table}' but does not say so; add the table to the step's "
                "required or optional in planlib/steps.py"
            )
        return _source(known[table])

    def previous(self, table: str) -> Source | None:
        """Give where the table of an earlier cycle comes from."""
        known = self.sources["previous"]
        if table not in known:
            raise WorkbookError(
                f"{self.step} reads the previous '{table}' but neither reads nor writes that "
                "table; add it to the step's earlier in planlib/steps.py"
            )
        return _source(known[table])

    def check_open(self) -> None:
        """Refuse to write when the run that started this notebook is gone."""
        if not self.target.is_dir():
            raise WorkbookError("the run that started this notebook has ended; nothing is written")

    def check_writer(self, table: Table) -> None:
        """Refuse a table that another step writes, so that each table has one writer."""
        self.check_open()
        if self.step and table.step and table.step != self.step:
            raise WorkbookError(f"'{table.name}' is written by {table.step}, not by {self.step}")

    def _written(self, table: str) -> Source | None:
        for part in ("tables", "inputs"):
            path = self.target / part / f"{table}.parquet"
            if self.stage and path.is_file():
                return Source(str(self.sources["cycle"]), "stage", path)
        return None


def _source(found: Mapping[str, str] | None) -> Source | None:
    return None if found is None else Source(found["cycle"], found["revision"], Path(found["path"]))
