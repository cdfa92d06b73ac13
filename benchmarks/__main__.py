"""
Run all benchmarks and write the results as a table (``make bench``).

Every module of this folder but this one that has a function ``run(full)`` is a benchmark; it gives
its rows. Results are kept per benchmark in ``results/``, so that a long run (``BENCH=full``) that
was stopped goes on where it stood: ``python -m benchmarks --resume``. Names as arguments run only
these.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import benchmarks
from benchmarks import Row

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results"
TABLE = FOLDER / "README.md"
HEAD = """\
# Benchmarks

Written by `make bench` (`BENCH=full make bench` for the long ones). Each line is the median over
several runs: seconds on the clock, seconds of the process on all cores (other work on the machine
stretches the first, not the second), and the time as a multiple of planlib's for the same work.
"""


def names() -> list[str]:
    """Give the names of all benchmarks."""
    found = pkgutil.iter_modules(benchmarks.__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


def measure(name: str, full: bool) -> list[Row]:
    """Run one benchmark and keep its rows."""
    rows: list[Row] = importlib.import_module(f"benchmarks.{name}").run(full)
    RESULTS.mkdir(exist_ok=True)
    content = {"full": full, "machine": machine(), "rows": [asdict(row) for row in rows]}
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return rows


def is_done(name: str, full: bool) -> bool:
    """Tell whether a benchmark's results are there, from a run at least as long."""
    file = RESULTS / f"{name}.json"
    return file.is_file() and json.loads(file.read_text(encoding="utf-8"))["full"] >= full


def machine() -> str:
    """Describe the machine as far as results depend on it."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def write_table(done: Iterable[str]) -> None:
    """Write the results of all benchmarks as one page."""
    parts = [HEAD]
    for name in done:
        file = RESULTS / f"{name}.json"
        if not file.is_file():
            continue
        content = json.loads(file.read_text(encoding="utf-8"))
        kind = "full" if content["full"] else "short"
        parts.append(f"## {name}\n\n{content['machine']}; {kind} run\n\n{_table(content['rows'])}")
    TABLE.write_text("\n".join(parts), encoding="utf-8")


def _table(rows: list[dict[str, object]]) -> str:
    lines = [
        "| work | size | who | seconds | process s | times planlib | quality |",
        "| --- | ---: | --- | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        lines.append(
            f"| {row['work']} | {row['size']} | {row['who']} | {row['seconds']:.2f} | "
            f"{row['cpu_seconds']:.2f} | {row['ratio']:.2f} | {row['quality']} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *names()], help="default: all")
    parser.add_argument("--resume", action="store_true", help="leave out what is done already")
    options = parser.parse_args()
    full = os.environ.get("BENCH", "short") == "full"
    for name in options.names or names():
        if options.resume and is_done(name, full):
            print(f"{name}: done already")
            continue
        for row in measure(name, full):
            times = f"{row.seconds:.2f} s (process {row.cpu_seconds:.2f} s), x {row.ratio:.2f}"
            print(f"{name}: {row.work}, {row.size}, {row.who}: {times} {row.quality}")
        write_table(names())


if __name__ == "__main__":
    main()
