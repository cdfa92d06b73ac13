"""Where things lie in a workbook's folder, and which names are allowed there."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from planlib.errors import WorkbookError
from planlib.periods import CALENDAR_YEAR, FiscalYear, Period
from planlib.store.atomic import write_text

PLAN = "plan.yaml"
MANIFEST = "manifest.json"
RUN = "run.json"
FACTS = "inputs.json"

_REVISION = re.compile(r"r([1-9]\d{0,5})")
_LONGEST = 1000


@dataclass(frozen=True)
class CycleFolder:
    """
    The folder of one cycle in a workbook.

    Parameters
    ----------
    root
        The workbook's folder.
    cycle
        Name of the period, already checked by ``Period.parse``.
    """

    root: Path
    cycle: str

    @property
    def path(self) -> Path:
        """Folder that holds the revisions."""
        return self.root / "cycles" / self.cycle

    @property
    def building(self) -> Path:
        """Folder of the revision that a run is making."""
        return self.path / "building"

    @property
    def draft(self) -> Path:
        """Folder that interactive sessions write."""
        return self.path / "draft"

    @property
    def pointer(self) -> Path:
        """File that names the published revision."""
        return self.path / "current"

    def revisions(self) -> list[int]:
        """Give the numbers of the revisions that lie here, oldest first."""
        if not self.path.is_dir():
            return []
        found = [_REVISION.fullmatch(entry.name) for entry in self.path.iterdir()]
        return sorted(int(match[1]) for match in found if match)

    def current(self) -> Path | None:
        """
        Give the folder of the published revision, or None.

        Raises
        ------
        WorkbookError
            If the pointer names something that is no revision.
        """
        if not self.pointer.is_file():
            return None
        name = self.pointer.read_text(encoding="utf-8", errors="replace").strip()
        folder = self.path / name
        if not _REVISION.fullmatch(name) or not (folder / MANIFEST).is_file():
            raise WorkbookError(
                f"{self.pointer} names '{name[:40]}', which is not a revision; allowed are "
                f"{', '.join(f'r{number}' for number in self.revisions()) or 'none yet'}"
            )
        return folder

    def point_to(self, number: int) -> None:
        """Publish a revision by replacing the pointer."""
        write_text(self.pointer, f"r{number}\n")


def find_workbook(workbook: str | Path) -> Path:
    """
    Find a workbook's folder.

    Parameters
    ----------
    workbook
        Folder with plan.yaml. A relative path is looked up in the current folder, then in each
        folder above it.

    Raises
    ------
    WorkbookError
        If there is no such folder, or it has no plan.yaml. Nothing is created.
    """
    text = str(workbook)
    if not text.strip() or len(text) > _LONGEST or any(ord(sign) < 32 for sign in text):
        raise WorkbookError(f"workbook {text[:60]!r} is not the name of a folder")
    path = Path(text)
    here = Path.cwd()
    candidates = [path] if path.is_absolute() else [base / path for base in (here, *here.parents)]
    is_folder = False
    for candidate in candidates:
        with contextlib.suppress(OSError):  # such as a name that is too long
            if (candidate / PLAN).is_file():
                return candidate.resolve()
            is_folder = is_folder or candidate.is_dir()
    if is_folder:
        raise WorkbookError(f"{text} has no {PLAN}; an empty one is enough to make it a workbook")
    raise WorkbookError(f"there is no workbook '{text[:100]}' (a folder with {PLAN}) here or above")


def cycle_folder(
    root: Path, cycle: str | int, fiscal_year: FiscalYear = CALENDAR_YEAR
) -> CycleFolder:
    """
    Give the folder of a cycle, whose name must be a period.

    Raises
    ------
    PeriodError
        If the name is not a period, which also keeps paths such as ``../x`` out.
    WorkbookError
        If a link leads out of the workbook.
    """
    folder = CycleFolder(root, Period.parse(cycle, fiscal_year).name)
    inside = root.resolve() / "cycles"
    if inside not in folder.path.resolve().parents:
        raise WorkbookError(f"{folder.path} leads out of the workbook {root}")
    return folder


def all_cycles(root: Path, fiscal_year: FiscalYear = CALENDAR_YEAR) -> list[CycleFolder]:
    """Give the cycles that have a folder, by start, coarser first."""
    from planlib.errors import PeriodError
    from planlib.periods import KINDS

    home = root / "cycles"
    periods = []
    for entry in home.iterdir() if home.is_dir() else ():
        try:
            periods.append(Period.parse(entry.name, fiscal_year))
        except PeriodError:
            continue
    periods.sort(key=lambda period: (period.start, KINDS.index(period.kind)))
    return [CycleFolder(root, period.name) for period in periods]
