"""A search that a person ends gives the best plan so far, and says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import planlib
from planlib.charts.territory_progress import Watch
from planlib.territories import solve_statement, tabulate
from planlib.territories.engine import Progress
from tests.territory_frames import make_accounts, make_reps, make_settings, make_statement

LARGE = {"tolerance": 0.02, "measures": ("potential",), "effort": "thorough"}


def large() -> object:
    """State a problem that takes many chunks of work."""
    return make_statement(make_accounts(300), make_reps(), make_settings(**LARGE))


def test_a_search_that_is_ended_gives_a_plan_within_all_limits() -> None:
    """Fewer reports than without the end, a feasible plan, and a bound that still holds."""
    seen: list[Progress] = []

    def end(block: str, progress: Progress) -> bool:
        del block
        seen.append(progress)
        return progress.phase == "search"

    statement = large()
    ended = solve_statement(statement, seed=1, on_progress=end)  # type: ignore[arg-type]
    reports = len(seen)
    whole = solve_statement(statement, seed=1, on_progress=lambda *told: seen.append(told[1]))  # type: ignore[arg-type]
    assert [one.status in ("optimal", "feasible") for one in ended] == [True] * len(ended)
    assert reports <= len(seen) - reports
    assert all(one.cost >= other.cost - 1e-6 for one, other in zip(ended, whole, strict=True))
    assert all(np.isfinite(one.assignment.bound) for one in ended)
    assert all(one.assignment.bound <= other.cost + 1e-6
               for one, other in zip(ended, whole, strict=True))  # fmt: skip
    assert tabulate(statement, ended).plan["rep_id"].notna().all()  # type: ignore[arg-type]


def test_an_interrupt_ends_the_search_and_a_second_one_the_cell() -> None:
    """One interrupt is kept and told, a second ends the cell, and afterwards all is as before."""
    before = signal.getsignal(signal.SIGINT)
    told = Progress(phase="search", share=0.5, bound=1.0, cost=2.0, violations=0)
    with Watch(is_live=True) as watch:
        assert watch("EMEA", told) is False
        assert watch.notes == []
        os.kill(os.getpid(), signal.SIGINT)
        assert watch("EMEA", told) is True
        assert "stopped by a person" in watch.notes[0]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_headless_interrupts_are_left_alone() -> None:
    """Where nobody looks on, nothing is taken over."""
    before = signal.getsignal(signal.SIGINT)
    with Watch():
        assert signal.getsignal(signal.SIGINT) is before


INTERRUPTED = """
import os, signal
import numpy as np
from planlib.territories import assign

told = []
signal.signal(signal.SIGINT, lambda *_: told.append("once"))
found = assign(np.eye(3), np.ones((1, 3)), np.ones((1, 3)), np.ones((1, 3)))
assert found.status == "optimal"
os.kill(os.getpid(), signal.SIGINT)
assert told == ["once"]
"""


def test_an_interrupt_after_a_solver_reaches_the_one_who_waits_for_it() -> None:
    """A solver hands interrupts back: else the next one would end the kernel, not the search."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()


def test_every_solver_leaves_interrupts_alone() -> None:
    """CP-SAT takes interrupts unless told not to, wherever it is used."""
    for path in sorted(Path(planlib.__file__).parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert text.count("CpSolver()") == text.count("catch_sigint_signal = False"), path
