"""A process that is killed while it writes decisions of several kinds leaves all or none."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planlib.errors import InputError, WorkbookError
from planlib.exchange import collect_forms
from planlib.store import atomic, journal, open_workbook
from planlib.store.appending import Batch, append_together
from planlib.store.decisions import read_decisions
from tests.pack_frames import fill, make_pack_workbook, packs_of, put

DAY = datetime.date(2026, 3, 31)
BATCHES = [
    Batch("segments", [{"account_id": "A", "segment": "big"}], "Ann", "large"),
    Batch("territories", [{"account_id": "A", "rep_id": "R-1", "rule": "must"}], "Ann", "near"),
]
NAMES = ("segments", "territories")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")


def count_steps(die_at: int) -> list[int]:
    """Count what reaches the disk in this process; be killed before step ``die_at``."""
    steps = [0]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def inner(*args: Any, **options: Any) -> Any:
            if steps[0] == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            steps[0] += 1
            return real(*args, **options)

        return inner

    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]
    atomic.os.fsync = counted(os.fsync)  # type: ignore[attr-defined]
    return steps


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do work in a process that is killed at a step; tell whether it was."""

    def target() -> None:
        count_steps(step)
        work()

    process = multiprocessing.get_context("fork").Process(target=target)
    process.start()
    process.join(120)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def state(folder: Path) -> tuple[int, ...]:
    """How many decisions of each kind a reader finds."""
    return tuple(len(read_decisions(folder / f"{name}.csv", name)) for name in NAMES)


def test_killed_at_any_step_all_decisions_are_there_or_none(tmp_path: Path) -> None:
    """A reader after the kill sees both files with the decision, or neither; nothing is left."""
    seen, step = set(), 0
    while True:
        folder = tmp_path / str(step) / "overrides"
        append_together(folder, BATCHES, DAY)
        if not killed_at(step, lambda folder=folder: append_together(folder, BATCHES, DAY)):
            break
        seen.add(state(folder))
        assert state(folder) in {(1, 1), (2, 2)}
        append_together(folder, BATCHES, DAY)
        assert state(folder) in {(2, 2), (3, 3)}
        assert sorted(path.name for path in folder.iterdir()) == [
            ".decisions.lock", "segments.csv", "territories.csv",
        ]  # fmt: skip
        step += 1
    assert seen == {(1, 1), (2, 2)}
    assert step >= 9  # three files, each with fsync, rename and fsync of the folder


def test_a_pack_whose_taking_was_killed_is_taken_once(tmp_path: Path) -> None:
    """After a kill at any rename, handing in the same pack again leaves every answer once."""
    base = make_pack_workbook(tmp_path / "base" / "acme")
    pack = packs_of(base)["M-1"]

    def decide(book: Any) -> None:
        put(book, "Territories", "007", Decision="challenge", Wanted_owner="Ed (R-2)",
            Kind_of_reason="relation", Note="knows them")  # fmt: skip
        put(book, "Questions", "need:deal:1", Answer="yes")

    fill(pack, decide)
    kinds = ("challenges", "need_proposals", "pack_answers")
    for step in range(100):
        for kind in kinds:
            (base.root / "overrides" / f"{kind}.csv").unlink(missing_ok=True)
        if not killed_at(step, lambda: collect_forms(base.root, [pack], when=DAY)):
            break
        wb = open_workbook(base.root, "2026Q1", as_of="2026-03-31")
        found = {kind: len(wb.decisions(kind)) for kind in kinds}
        assert found in ({kind: 0 for kind in kinds}, dict(zip(kinds, (1, 1, 2), strict=True)))
        collect_forms(base.root, [pack], when=DAY)
        assert [len(wb.decisions(kind)) for kind in kinds] == [1, 1, 2]
    assert step > 6


def interrupted(folder: Path) -> None:
    """Leave a journal as a process does that is killed after its rename."""
    append_together(folder, BATCHES, DAY)
    steps = next(
        step for step in range(100)
        if killed_at(step, lambda: append_together(folder, BATCHES, DAY))
        and (folder / journal.JOURNAL).is_file()
    )  # fmt: skip
    assert steps > 0


def test_a_file_that_a_person_changed_since_is_not_overwritten(tmp_path: Path) -> None:
    """The journal is kept, and the message names the file and what to do."""
    folder = tmp_path / "overrides"
    interrupted(folder)
    file = folder / "territories.csv"
    content = file.read_bytes()
    file.write_bytes(content.replace(b"near", b"nearby"))
    with pytest.raises(InputError, match=r"territories\.csv was changed after a process .* killed"):
        state(folder)
    assert b"nearby" in file.read_bytes()
    file.write_bytes(content)
    assert state(folder) == (2, 2)


@pytest.mark.parametrize("text", [
    '{"files": {"../x.csv": {"before": "", "content": "a"}}}', '{"files": {}}', "[]",
    '{"files": {"a.py": {"before": "", "content": "a"}}}', '{"files": {"a.csv": 1}}',
])  # fmt: skip
def test_a_journal_that_is_none_writes_nothing(tmp_path: Path, text: str) -> None:
    """A name that leads out of the folder, or anything else than a journal, is refused by name."""
    folder = tmp_path / "overrides"
    folder.mkdir()
    (folder / journal.JOURNAL).write_text(text, encoding="utf-8")
    with pytest.raises(WorkbookError, match=r"\.pending\.json is not a journal of planlib"):
        state(folder)
    assert sorted(path.name for path in tmp_path.rglob("*.csv")) == []


def test_a_reader_waits_for_a_writer_that_lives(tmp_path: Path, monkeypatch: Any) -> None:
    """While another process publishes, reading waits, and says who holds the lock."""
    folder = tmp_path / "overrides"
    interrupted(folder)
    monkeypatch.setattr(journal, "_WAIT", 0.1)
    with journal.writing(folder, "a long write"), pytest.raises(Exception, match="a long write"):
        state(folder)
    assert state(folder) == (2, 2)
