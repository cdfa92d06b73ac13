"""Nothing that happens to a run may harm what is published."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import random
import shutil
import stat
import time
from pathlib import Path

import pytest

from planlib.cycle.selection import RunOptions
from planlib.errors import LockedError, WorkbookError
from planlib.store.atomic import read_json, write_json
from planlib.store.lock import hold
from tests.faults import tiny

KILLS = 20


class Crash(BaseException):
    """Stands for the end of the process at one file operation."""


def crash_at(monkeypatch: pytest.MonkeyPatch, number: int) -> list[int]:
    """Let the process end at one of its file operations; give the count of operations."""
    count = [0]

    def guard(original):
        def operation(*args, **kwargs):
            count[0] += 1
            if count[0] == number:
                raise Crash
            if number and count[0] > number:  # a dead process does nothing more
                raise Crash
            return original(*args, **kwargs)

        return operation

    for owner, name in ((Path, "replace"), (Path, "rename"), (os, "link"), (Path, "mkdir")):
        monkeypatch.setattr(owner, name, guard(getattr(owner, name)))
    return count


def test_killed_at_any_moment_the_published_revision_is_old_or_new(tmp_path):
    """Twenty kills of the runner: never a mixture, and resuming gives the same content."""
    expected = make_reference(tmp_path / "reference")
    published = tiny.make_workbook(tmp_path / "published")
    tiny.run(published)
    context = tiny.process_context()
    draw = random.Random(5)  # noqa: S311
    seen = set()
    for place in range(KILLS):
        root = shutil.copytree(published, tmp_path / str(place) / "tiny")
        tiny.set_mark(root, "new")
        process = context.Process(target=tiny.run_slowly, args=(str(root),))
        process.start()
        wait_for(tiny.folder_of(root).building / "run.json", process)
        time.sleep(draw.uniform(0, 0.45))
        process.kill()
        process.join()
        process.close()
        seen |= tiny.marks(tiny.check_whole(root))
        tiny.run(root)
        revision = tiny.check_whole(root)
        assert tiny.contents(revision) == expected
        assert not tiny.folder_of(root).building.exists()
        assert not list(root.rglob("*.part"))
    assert seen <= {"old", "new"}
    assert "old" in seen


@pytest.mark.parametrize(("mark", "step"), [("new", 1), ("old", 7)], ids=["new", "forced"])
def test_killed_at_every_file_operation_a_run_resumes(tmp_path, monkeypatch, mark, step):
    """Ended before any one rename, link or new folder, the next run ends with the same content."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # no power fails here
    published = tiny.make_workbook(tmp_path / "published")
    tiny.run(published)
    for number in itertools.count(0, step):
        root = shutil.copytree(published, tmp_path / str(number) / "tiny")
        with monkeypatch.context() as patch:
            total = run_to_crash(root, patch, number, mark)
        if number == 0:
            operations, expected = total, tiny.contents(tiny.check_whole(root))
        tiny.check_whole(root)
        tiny.run(root)
        assert tiny.contents(tiny.check_whole(root)) == expected
        if number > operations:
            break
    assert operations > 20


def test_a_run_that_was_named_but_not_pointed_to_is_published_by_the_next(tmp_path):
    """Killed between rename and pointer, the whole revision is found."""
    root = tiny.make_workbook(tmp_path)
    tiny.run(root)
    tiny.set_mark(root, "new")
    run = tiny.run(root).revision / "run.json"
    tiny.folder_of(root).point_to(1)
    write_json(run, {**read_json(run), "published": False})
    result = tiny.run(root)
    assert not result.changed
    assert tiny.marks(tiny.check_whole(root)) == {"new"}


def test_a_person_may_point_back_to_an_earlier_revision(tmp_path):
    """The next run starts from there and gives its result a new number."""
    root = tiny.make_workbook(tmp_path)
    tiny.run(root)
    tiny.set_mark(root, "new")
    tiny.run(root)
    tiny.folder_of(root).point_to(1)
    tiny.set_mark(root, "old")
    assert not tiny.run(root).changed
    assert tiny.check_whole(root).name == "r1"
    tiny.set_mark(root, "newer")
    assert tiny.run(root).revision.name == "r3"


def test_a_full_disk_leaves_the_published_revision(tmp_path, monkeypatch):
    """Whichever write finds no room, the old revision stays whole, and the next run ends well."""
    published = tiny.make_workbook(tmp_path / "published")
    tiny.run(published)
    for room in itertools.count(0):
        root = shutil.copytree(published, tmp_path / str(room) / "tiny")
        tiny.set_mark(root, "new")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fill_disk_after(room))
            try:
                problem = str(next(iter(tiny.run(root).failures), ""))
            except OSError as error:
                problem = str(error)
        if not problem:
            break
        assert "No space left on device" in problem
        assert not list(root.rglob("*.part"))
        assert tiny.marks(tiny.check_whole(root)) == {"old"}
        tiny.run(root)
        assert tiny.marks(tiny.check_whole(root)) == {"new"}
    assert room > 5


def test_broken_json_never_replaces_a_good_file(tmp_path, monkeypatch):
    """A value that is no JSON, or a write cut short, leaves the file as it was."""
    from planlib.store import atomic

    path = tmp_path / "good.json"
    atomic.write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        atomic.write_json(path, {"a": float("nan")})

    def cut(part, content):
        part.write_bytes(content[:3])
        raise OSError("cut short")

    monkeypatch.setattr(atomic, "_dump", cut)
    with pytest.raises(OSError, match="cut short"):
        atomic.write_json(path, {"a": 2})
    assert atomic.read_json(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["good.json"]


def test_a_second_run_runs_nothing_and_changes_nothing(tmp_path):
    """The same inputs give no new revision and touch no file of the old one."""
    root = tiny.make_workbook(tmp_path)
    first = tiny.run(root)
    before = {path: path.stat().st_mtime_ns for path in first.revision.rglob("*")}
    calls = []
    second = tiny.run(root, execute=calls.append)
    assert calls == []
    assert not second.changed
    assert second.revision == first.revision
    assert {path: path.stat().st_mtime_ns for path in first.revision.rglob("*")} == before
    assert tiny.folder_of(root).revisions() == [1]


def test_a_second_runner_is_refused_with_the_holder_named(tmp_path):
    """While one run holds a cycle, another one ends at once and says who holds it."""
    root = tiny.make_workbook(tmp_path)
    with (
        hold(tiny.folder_of(root).path / "lock", "a run of tiny 2026Q1"),
        pytest.raises(
            LockedError, match=rf"a run of tiny 2026Q1 is under way: process {os.getpid()} on"
        ),
    ):
        tiny.run(root)
    assert tiny.run(root).changed


@pytest.mark.parametrize(
    "owner", [{"pid": 2**22 + 1, "started": 1.0}, {"pid": os.getpid(), "started": 1.0}]
)
def test_the_lock_of_a_dead_process_is_taken_over(tmp_path, owner):
    """A process that is gone, or whose id went to another one, holds nothing."""
    import json
    import socket

    root = tiny.make_workbook(tmp_path)
    lock = tiny.folder_of(root).path / "lock"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({**owner, "host": socket.gethostname(), "since": "then"}))
    assert tiny.run(root).changed
    assert lock.read_text() == ""


def test_inputs_changed_during_a_resume_are_refused_by_name(tmp_path):
    """An unfinished run is not mixed with other files; --restart begins anew."""
    root = tiny.make_workbook(tmp_path)
    assert tiny.run(root, execute=fail_at("03_plan")).exit_code == 4
    tiny.set_mark(root, "new")
    (root / "inputs" / "extra.csv").write_text("a\n")
    with pytest.raises(WorkbookError, match=r"inputs/accounts\.csv, inputs/extra\.csv.*--restart"):
        tiny.run(root)
    tiny.run(root, RunOptions(restart=True))
    assert tiny.marks(tiny.check_whole(root)) == {"new"}


def test_inputs_fixed_after_a_failed_intake_need_no_restart(tmp_path):
    """Nothing was taken in yet, so nothing could be mixed."""
    root = tiny.make_workbook(tmp_path)
    assert tiny.run(root, execute=fail_at("01_intake")).exit_code == 4
    tiny.set_mark(root, "new")
    assert tiny.run(root).changed


def test_inputs_that_change_while_they_are_read_fail_the_step(tmp_path):
    """A file that was replaced under the hands of intake is named."""
    root = tiny.make_workbook(tmp_path)

    def meddle(job):
        outcome = tiny.pretend(job)
        tiny.set_mark(root, "new")
        return outcome

    result = tiny.run(root, execute=meddle)
    assert result.exit_code == 4
    assert "inputs/accounts.csv" in str(result.failures[0])
    assert result.revision is None


@pytest.mark.parametrize("broken", list(tiny.READS))
def test_after_a_failure_only_what_is_missing_runs(tmp_path, broken):
    """Steps that succeeded before the failure are not run again."""
    root = tiny.make_workbook(tmp_path)
    result = tiny.run(root, execute=fail_at(broken))
    assert result.exit_code == 4
    assert result.steps[broken]["state"] == "failed"
    done = {name for name, record in result.steps.items() if record["state"] == "succeeded"}
    ran = []

    def note(job):
        ran.append(job.step)
        return tiny.pretend(job)

    assert tiny.run(root, execute=note).changed
    assert set(ran) == set(tiny.READS) - done
    tiny.check_whole(root)


def test_steps_that_do_not_need_the_failed_one_finish(tmp_path):
    """A failed notebook blocks what reads its tables and nothing else."""
    root = tiny.make_workbook(tmp_path)
    states = {
        name: record["state"]
        for name, record in tiny.run(root, execute=fail_at("02_segments")).steps.items()
    }
    assert states == {
        "01_intake": "succeeded",
        "02_segments": "failed",
        "03_plan": "blocked",
        "06_pipeline": "succeeded",
    }


def fail_at(step: str):
    """Give a stand-in that fails at one step."""

    def execute(job):
        if job.step == step:
            return {
                "state": "failed",
                "cause": "error",
                "cell": 2,
                "code": "1/0",
                "error": "ZeroDivisionError",
                "message": "division by zero",
                "seconds": 0.0,
            }
        return tiny.pretend(job)

    return execute


def fill_disk_after(writes: int):
    """Give an fsync that finds a full disk after some writes of files."""
    left = [writes]

    def fsync(handle):
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    return fsync


def make_reference(folder: Path):
    """Give the contents of an undisturbed cycle on the new inputs."""
    root = tiny.make_workbook(folder, mark="new")
    return tiny.contents(tiny.run(root).revision)


def wait_for(path: Path, process) -> None:
    """Wait until the process has begun to build."""
    until = time.monotonic() + 30
    while not path.exists() and process.is_alive() and time.monotonic() < until:
        time.sleep(0.002)


def run_to_crash(root: Path, patch: pytest.MonkeyPatch, number: int, mark: str) -> int:
    """Run on a published workbook, with other inputs or by force, up to the crash."""
    tiny.set_mark(root, mark)
    count = crash_at(patch, number)
    with contextlib.suppress(Crash):
        tiny.run(root, RunOptions(workers=1, force=mark == "old"))
    return count[0]
