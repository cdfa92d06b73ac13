"""
Run the benchmarks and write the results as one page (``make bench``).

Names as arguments run only these: ``segmentation``, ``routing``, ``support``, ``capacity``,
``pipeline``, or a group of the territory benchmarks. Each outcome is kept as soon as it is there;
``--resume`` goes on where a run was stopped, and measures again only what failed. ``--render``
writes the page from what is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import Row, capacity, pipeline, routing, segmentation, support
from benchmarks.groups import GROUPS
from benchmarks.harness import render, results, run
from benchmarks.harness.tasks import Group, Outcome

TABLE = Path(__file__).parent / "README.md"
BY_NAME = {group.name: group for group in GROUPS}
#: Benchmarks whose outcome is a list of rows: what runs them, and the title of their section.
BY_ROWS: dict[str, tuple[Callable[[bool], list[Row]], str]] = {
    "segmentation": (segmentation.run, "Segmentation"),
    "routing": (routing.run, "Lead routing and its simulator"),
    "support": (support.run, "Support by scarce experts"),
    "capacity": (capacity.run, "Capacity of the sales force"),
}
NAMES = [*BY_ROWS, "pipeline", *BY_NAME]


def run_group(group: Group, full: bool, resume: bool) -> list[Outcome]:
    """Measure a group, keep what came out, and say it."""
    kept = results.read(group.name, full) if resume else None

    def keep(outcomes: list[Outcome]) -> None:
        results.write(group.name, full, outcomes, complete=False)
        print(f"{group.name}: {_words(outcomes[-1])}", flush=True)

    outcomes = run.run_group(group, full, kept["outcomes"] if kept else [], keep)
    if outcomes:
        results.write(group.name, full, outcomes, complete=True)
    return outcomes


def _words(one: Outcome) -> str:
    start = f"{one['instance']}, {one['who']}: "
    if "absent" in one:
        return f"{start}{one['absent']}"
    if one.get("error"):
        return start + f"FAILED: {one['error']}"
    kind = "feasible" if one["feasible"] else f"not feasible ({one['remark']})"
    return start + (
        f"{kind}, cost {one['cost']:.6g}, bound {one['bound']:.6g}, {one['wall']:.2f} s "
        f"(process {one['cpu']:.2f} s), {one['gigabytes']:.2f} GB"
    )


def run_rows(name: str, full: bool) -> None:
    """Run a benchmark of rows and keep them."""
    rows = BY_ROWS[name][0](full)
    content = {"full": full, "machine": results.machine(), "rows": [asdict(row) for row in rows]}
    text = json.dumps(content, indent=1, ensure_ascii=False)
    results.FOLDER.mkdir(exist_ok=True)
    results.file_of(name, full).write_text(text + "\n", encoding="utf-8")
    for row in rows:
        times = f"{row.seconds:.2f} s (process {row.cpu_seconds:.2f} s), x {row.ratio:.2f}"
        print(f"{name}: {row.work}, {row.size}, {row.who}: {times} {row.quality}", flush=True)


def rows_section(name: str) -> list[str]:
    """Write the table of a benchmark of rows: medians, and times as multiples of planlib's."""
    files = [results.file_of(name, full) for full in (True, False)]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        return []
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    lines = [
        f"## {BY_ROWS[name][1]}", "",
        "Medians over several calls; the third figure is the time as a multiple of planlib's for "
        "the same work.", "",
        "| work | size | who | seconds | process s | times planlib | quality |",
        "| --- | ---: | --- | ---: | ---: | ---: | --- |",
    ]  # fmt: skip
    lines += [
        f"| {row['work']} | {row['size']} | {row['who']} | {row['seconds']:.2f} | "
        f"{row['cpu_seconds']:.2f} | {row['ratio']:.2f} | {row['quality']} |"
        for row in content["rows"]
    ]
    kind = "full" if content["full"] else "short"
    return ["\n".join([*lines, "", f"{kind} run; {content['machine']}", ""])]


def run_pipeline(full: bool) -> int:
    """Run the benchmark of the pipeline, keep its lines, and count those that failed."""
    sizes = (pipeline.SMALL, pipeline.LARGE) if full else (pipeline.SMALL,)
    lines = pipeline.run(sizes, 3 if full else 1, _say_line)
    content = {"full": full, "machine": results.machine(), "versions": pipeline.versions(),
               "rows": [asdict(line) for line in lines]}  # fmt: skip
    text = json.dumps(content, indent=1, ensure_ascii=False)
    results.FOLDER.mkdir(exist_ok=True)
    results.file_of("pipeline", full).write_text(text + "\n", encoding="utf-8")
    return sum(bool(line.error) or line.is_same is False for line in lines)


def _say_line(line: pipeline.Line) -> None:
    start = f"pipeline: {line.work}, {line.deals:,} deals, {line.who}: "
    if line.wall is None or line.cpu is None:
        print(start + (f"FAILED: {line.error}" if line.error else line.absent), flush=True)
        return
    times = f"{line.wall:.2f} s (process {line.cpu:.2f} s)"
    memory = "" if line.gigabytes is None else f", {line.gigabytes:.2f} GB"
    ratio = "" if line.ratio is None else f", x {line.ratio:.2f} of the scan"
    print(f"{start}{times}{memory}{ratio} {line.rows}", flush=True)


def pipeline_section() -> list[str]:
    """Write the section of the pipeline, none where it was not run."""
    files = [results.file_of("pipeline", full) for full in (True, False)]
    file = next((file for file in files if file.is_file()), None)
    return [] if file is None else [pipeline.section(json.loads(file.read_text("utf-8")))]


def write_page() -> None:
    """
    Write the page from what is kept, the full run of a group where there is one.

    The results of short runs are kept on the machine that made them: a section of which nothing is
    kept here stays as it is.
    """
    old = render.kept(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {}
    sections = []
    for group in GROUPS:
        content = results.read(group.name, True) or results.read(group.name, False)
        before = [old[group.title]] if group.title in old else []
        sections += [render.section(group, content)] if content else before
    for title, written in (
        *((BY_ROWS[name][1], rows_section(name)) for name in BY_ROWS),
        (pipeline.TITLE, pipeline_section()),
    ):
        sections += written or ([old[title]] if title in old else [])
    TABLE.write_text(render.page(sections), encoding="utf-8")


def main() -> None:
    """Run the benchmarks that were asked for; exit code 1 where a call failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *NAMES], help="default: all")
    parser.add_argument("--resume", action="store_true", help="keep what is measured already")
    parser.add_argument("--render", action="store_true", help="only write the page again")
    options = parser.parse_args()
    full = os.environ.get("BENCH", "short") == "full"
    failures = 0
    for name in [] if options.render else options.names or NAMES:
        if name in BY_ROWS:
            if not (options.resume and results.file_of(name, full).is_file()):
                run_rows(name, full)
        elif name == "pipeline":
            if not (options.resume and results.file_of(name, full).is_file()):
                failures += run_pipeline(full)
        else:
            outcomes = run_group(BY_NAME[name], full, options.resume)
            failures += sum(bool(one.get("error")) for one in outcomes)
        write_page()
    if options.render:
        write_page()
    if failures:
        sys.exit(f"{failures} calls failed; the page names them")


if __name__ == "__main__":
    main()
