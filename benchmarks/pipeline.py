"""The pipeline over long history: planlib's SQL beside a scan of the columns, frames and polars."""

from __future__ import annotations

import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.harness import environments
from benchmarks.instances.deals import AS_OF, BEFORE, PERIOD, SNAPSHOTS
from benchmarks.peers import ENVIRONMENTS
from benchmarks.peers.pipeline import MEMORY, THREADS

ROOT = Path(__file__).resolve().parents[1]
TITLE = "Pipeline over long history"
SMALL, LARGE = 200_000, 10_000_000  # deals; frames run on the small number and are scaled up
LONGEST = 3600  # seconds until a call is ended
TIMES, GIGABYTES = 3.0, 2.0  # targets: times the scan, and memory
SCAN, MATRIX, BRIDGE = "scan of all columns", "whole matrix, both years", "bridge over ten weeks"
FIGURES = ("closed_acv", "open_in_period", "open_total")
PEER = "closed ACV, open in period, open total, both years"
#: What is measured: the work of the process, how the table calls it, and who does it. Frames come
#: before what is compared with them.
WORKS = (
    ("scan", SCAN, "duckdb"),
    ("scan_two", "scan of deals and the matrix's two snapshots", "duckdb"),
    ("frames_matrix", MATRIX, "planlib on frames (pandas)"),
    ("frames_unpriced", f"{MATRIX}, amounts at creation from history",
     "planlib on frames (pandas)"),
    ("frames_bridge", BRIDGE, "planlib on frames (pandas)"),
    ("matrix", MATRIX, "planlib"),
    ("matrix_unpriced", f"{MATRIX}, amounts at creation from history", "planlib"),
    ("bridge", BRIDGE, "planlib"),
    ("polars", PEER, "polars, lazy and streamed"),
)  # fmt: skip
ON_FRAMES = {"matrix": "frames_matrix", "matrix_unpriced": "frames_unpriced",
             "bridge": "frames_bridge"}  # fmt: skip
ABOUT = (
    f"Generated deals x {len(SNAPSHOTS)} full snapshots (eleven weeks, and the same day a year "
    "before), as Parquet files that the system holds in memory after they were written. The matrix "
    "has all default cuts, targets, coverage and both bases of the year before. Every call is a "
    "process of its own; the clock starts after its imports and stops when the rows are there; "
    "memory is the peak of the process. The scan reads each column that the matrix needs once, in "
    "all snapshots; as the matrix skips what a snapshot's date rules out, the scan of its two "
    "snapshots stands below. In the deals table every deal has its amount at creation; one line "
    "shows what it costs where none has. Frames run on the smaller number of deals; their times "
    "are scaled up by the factor named. polars computes a part of the matrix. duckdb and polars "
    f"use {THREADS} threads; duckdb holds {MEMORY} before it turns to the disk."
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """
    One line of the table.

    Parameters
    ----------
    deals
        How many deals there are.
    work, who
        What is done, and by whom.
    wall, cpu
        Seconds on the clock, and of the process on all cores; medians over the calls.
    gigabytes
        Most memory of the process; None where it is not known.
    ratio, cpu_ratio
        Time on the clock, and of the process, over that of the scan of all columns. The second is
        the steadier one where other programs run.
    rows
        What the rows were compared with.
    is_same
        Whether they are the same; None where nothing was compared.
    absent, error
        Why there is no figure: what is not there, or what went wrong.
    """

    deals: int
    work: str
    who: str
    wall: float | None = None
    cpu: float | None = None
    gigabytes: float | None = None
    ratio: float | None = None
    cpu_ratio: float | None = None
    rows: str = ""
    is_same: bool | None = None
    absent: str = ""
    error: str = ""


class Failed(Exception):
    """A process ended without a result; the text says why."""


def run(
    sizes: Iterable[int], repeats: int, say: Callable[[Line], None] = lambda line: None
) -> list[Line]:
    """
    Measure everything, each call in a process of its own.

    Parameters
    ----------
    sizes
        Numbers of deals, the smallest first: frames are measured on that one.
    repeats
        Calls of each kind.
    say
        Called with each line as soon as it is there.
    """
    lines: list[Line] = []
    for deals in sizes:
        with tempfile.TemporaryDirectory(prefix="planlib-pipeline-") as name:
            for line in _of_size(Path(name), deals, repeats, lines):
                lines.append(line)
                say(line)
    return lines


def _of_size(folder: Path, deals: int, repeats: int, before: list[Line]) -> Iterator[Line]:
    """Write the data, measure every work on it, and compare the rows."""
    small = min((line.deals for line in before), default=deals)
    first = Line(deals=deals, work="writing the data, in pieces", who="generator")
    try:
        yield _measured(first, lambda: _call(folder, "write", count=deals), 1)
        _call(folder, "totals")
    except Failed as failed:
        yield replace(first, error=str(failed))
        return
    scan: Line | None = None
    for work, name, who in WORKS:
        line = Line(deals=deals, work=name, who=who)
        if work.startswith("frames") and deals > small:
            line = _scaled(line, next(one for one in before if (one.work, one.who) == (name, who)))
        else:
            line = _try(line, folder, work, repeats)
        scan = line if work == "scan" else scan
        yield line if line.wall is None else _compared(_beside(line, scan), folder, work)


def _beside(line: Line, scan: Line | None) -> Line:
    """Give times as multiples of those of the scan."""
    if not (scan and scan.wall and scan.cpu and line.wall and line.cpu):
        return line
    return replace(line, ratio=line.wall / scan.wall, cpu_ratio=line.cpu / scan.cpu)


def _try(line: Line, folder: Path, work: str, repeats: int) -> Line:
    try:
        if work == "polars":
            python = environments.python_of("polars")
            return _measured(line, lambda: _call_polars(folder, python), repeats)
        return _measured(line, lambda: _call(folder, work), repeats)
    except environments.NotInstalled as reason:
        return replace(line, absent=str(reason))
    except Failed as failed:
        return replace(line, error=str(failed))


def _measured(line: Line, call: Callable[[], dict[str, float]], repeats: int) -> Line:
    calls = [call() for _ in range(repeats)]
    return replace(
        line, wall=statistics.median(one["wall"] for one in calls),
        cpu=statistics.median(one["cpu"] for one in calls),
        gigabytes=max(one["gigabytes"] for one in calls),
    )  # fmt: skip


def _scaled(line: Line, small: Line) -> Line:
    """Scale the times of a smaller number up; memory is not, as nobody measured how it grows."""
    if small.wall is None or small.cpu is None:
        return replace(line, absent=small.absent or "failed on fewer deals")
    factor = line.deals / small.deals
    who = f"{line.who} (x {factor:.0f} from {small.deals:,})"
    return replace(line, who=who, wall=small.wall * factor, cpu=small.cpu * factor)


def _call(folder: Path, work: str, **more: object) -> dict[str, float]:
    order = {"work": work, "folder": str(folder), "made": str(folder / f"made-{work}"), **more}
    return _process([sys.executable, "-m", "benchmarks.peers.pipeline"], order)


def _call_polars(folder: Path, python: Path) -> dict[str, float]:
    sides = [
        {"start": str(period.start), "end": str(period.end), "day": str(day)}
        for period, day in ((PERIOD, AS_OF), (PERIOD.prior_year(), BEFORE))
    ]
    order = {"folder": str(folder), "made": str(folder / "made-polars"), "sides": sides}
    return _process([str(python), "-m", "benchmarks.peers.polars_matrix"], order)


def _process(command: list[str], order: dict[str, Any]) -> dict[str, float]:
    surroundings = {**os.environ, "POLARS_MAX_THREADS": str(THREADS)}
    try:
        ended = subprocess.run(
            command, input=json.dumps(order), capture_output=True, text=True, cwd=ROOT,
            env=surroundings, timeout=LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failed(f"did not end within {LONGEST} s") from None
    if ended.returncode < 0:
        raise Failed(f"ended by signal {-ended.returncode}, as when memory runs out")
    if ended.returncode:
        raise Failed((ended.stderr.strip().splitlines() or ["no reason given"])[-1])
    outcome: dict[str, float] = json.loads(
        Path(order["made"]).with_suffix(".json").read_text(encoding="utf-8")
    )
    return outcome


def _compared(line: Line, folder: Path, work: str) -> Line:
    """Compare the rows of a work: on frames where they are there, else totals and sums."""

    def made(name: str) -> pd.DataFrame | None:
        file = folder / f"made-{name}.parquet"
        return pd.read_parquet(file) if file.is_file() else None

    found = made(work)
    wanted = made("matrix") if work == "polars" else made(ON_FRAMES.get(work, ""))
    totals = made("totals")
    if found is None or (work not in ON_FRAMES and work != "polars"):
        return line
    if work == "polars":
        if wanted is None:
            return line
        wrong, against = differing_sums(found, wanted), "as planlib's"
    elif wanted is not None:
        wrong, against = differing(found, wanted), "as on frames, all columns"
    else:
        wrong = len(wrong_totals(found, totals)) if totals is not None else len(found)
        against = "totals as by plain SQL, cells add up"
    words = f"**differ** in {wrong}" if wrong else against
    return replace(line, rows=f"{len(found):,} rows: {words}", is_same=not wrong)


def differing(found: pd.DataFrame, wanted: pd.DataFrame) -> int:
    """Count the rows that are not the same in every column, without any allowance."""
    if list(found) != list(wanted) or len(found) != len(wanted):
        return max(len(found), len(wanted))
    same = [
        (found[name] == wanted[name]).fillna(False).astype(bool)
        | (found[name].isna() & wanted[name].isna())
        for name in found
    ]
    return int((~pd.concat(same, axis=1).all(axis=1)).sum())


def differing_sums(found: pd.DataFrame, matrix: pd.DataFrame) -> int:
    """Count the sums of polars that the matrix does not have to the cent."""
    keys = ["cut", "cut_value", "measure"]
    shown = matrix[matrix["measure"].isin(FIGURES)]
    both = shown.merge(found, on=keys, how="outer", indicator=True)
    wrong = both["_merge"] != "both"
    for ours, theirs in (("value", "now"), ("prior_value", "before")):
        cents = (both[ours].fillna(0) * 100).round().astype("int64")
        wrong |= cents != both[theirs].fillna(0).astype("int64")
    return int(wrong.sum())


def wrong_totals(found: pd.DataFrame, totals: pd.DataFrame) -> list[str]:
    """
    Name what does not add up in a matrix or a bridge.

    Parameters
    ----------
    found
        Table ``performance_matrix`` or ``pipeline_bridge``.
    totals
        The totals by plain SQL: ``figure``, ``amount``.
    """
    wanted = totals.set_index("figure")["amount"]
    if "reason" in found:
        ends = found["reason"] == "end"
        cells = found.assign(signed=found["amount"].where(~ends, -found["amount"]))
        off = cells.groupby(["cut", "cut_value"])["signed"].sum().abs() > 0.005
        wrong = [f"steps of {cut} {value}" for cut, value in off[off].index]
        columns = [(name, "reason", name, "amount") for name in ("start", "end")]
    else:
        wrong = []
        columns = [(f"{name}{mark}", "measure", name, column) for name in FIGURES
                   for mark, column in (("", "value"), ("_before", "prior_value"))]  # fmt: skip
    for figure, key, name, column in columns:
        sums = found[found[key] == name].groupby("cut")[column].sum()
        far = (sums - wanted[figure]).abs() > 0.005
        wrong += [f"{figure} in {cut}" for cut in sums[far].index]
        wrong += [] if len(sums) else [figure]
    return wrong


def verdict(lines: Iterable[Line], work: str) -> tuple[str, bool | None]:
    """
    Say whether planlib reached its target on the large number of deals.

    Returns
    -------
    tuple
        What was found, and whether it is enough; None where it was not measured.
    """
    chosen = [one for one in lines if (one.deals, one.work, one.who) == (LARGE, work, "planlib")]
    if not chosen:
        return "not measured", None
    line = chosen[0]
    if line.ratio is None or line.cpu_ratio is None or line.gigabytes is None:
        return line.error or line.absent or "the scan failed", False
    found = f"{line.ratio:.2f} times (process {line.cpu_ratio:.2f}), {line.gigabytes:.2f} GB"
    if not line.is_same:
        return f"{found}, but the rows are not the same", False
    return found, line.ratio <= TIMES and line.gigabytes < GIGABYTES


def versions() -> str:
    """Name the versions of what is measured."""
    own = [f"{name} {importlib.metadata.version(name)}"
           for name in ("planlib", "duckdb", "pandas")]  # fmt: skip
    return ", ".join([*own, ENVIRONMENTS["polars"][0].replace("==", " ")])


def section(content: dict[str, Any]) -> str:
    """
    Write the section of the page.

    Parameters
    ----------
    content
        ``rows`` (lines as dicts), ``full``, ``machine`` and ``versions``.
    """
    lines = [Line(**row) for row in content["rows"]]
    text = [f"## {TITLE}", "", ABOUT, ""]
    for work in (MATRIX, BRIDGE):
        found, good = verdict(lines, work)
        word = "" if good is None else ": **reached**" if good else ": **not reached**"
        text.append(
            f"- Target: {work}, {LARGE:,} deals: within {TIMES:.0f} times the scan, under "
            f"{GIGABYTES:.0f} GB. Found: {found}{word}."
        )
    text += [
        "",
        "| deals | work | who | seconds | process s | GB | times the scan | of its process s "
        "| rows |",
        "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    text += [_row(line) for line in lines]
    kind = "full run" if content["full"] else "short run"
    return "\n".join([*text, "", f"{kind}; {content['machine']}; {content['versions']}", ""])


def _row(line: Line) -> str:
    figures = (line.wall, line.cpu, line.gigabytes, line.ratio, line.cpu_ratio)
    cells = ["-" if one is None else f"{one:.2f}" for one in figures]
    remark = f"**failed**: {line.error}" if line.error else line.absent or line.rows
    words = [f"{line.deals:,}", line.work, line.who, *cells, remark.replace("|", "/")]
    return "| " + " | ".join(words) + " |"
