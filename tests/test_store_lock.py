"""One holder at a time, whatever a dead one has left."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import psutil
import pytest

from planlib.errors import LockedError
from planlib.store.lock import hold, holder
from tests.faults import tiny

RACERS = 4


def race(folder: str) -> None:
    """Take the lock a few times and note whenever somebody else holds it too."""
    inside = Path(folder) / "inside"
    for _ in range(5):
        with hold(Path(folder) / "lock", "a race", wait=30):
            try:
                inside.mkdir()
            except FileExistsError:
                (Path(folder) / "broken").touch()
                return
            time.sleep(0.005)
            inside.rmdir()


def write_owner(path, **changes):
    """Write what a holder would have written."""
    me = {
        "pid": os.getpid(),
        "started": psutil.Process().create_time(),
        "host": socket.gethostname(),
        "since": "then",
        "purpose": "a run",
    }
    path.write_text(json.dumps({**me, **changes}))


def test_one_holder_at_a_time_after_a_dead_one(tmp_path):
    """Several processes that find the lock of a dead one never hold it together."""
    write_owner(tmp_path / "lock", pid=2**22 + 1)
    context = tiny.process_context()
    racers = [context.Process(target=race, args=(str(tmp_path),)) for _ in range(RACERS)]
    for one in racers:
        one.start()
    for one in racers:
        one.join()
        assert one.exitcode == 0
    assert not (tmp_path / "broken").exists()
    assert (tmp_path / "lock").read_text() == ""


def test_a_living_holder_is_named(tmp_path):
    """Purpose, process, machine and start stand in the message."""
    lock = tmp_path / "lock"
    with hold(lock, "a run of acme"):
        assert holder(lock)["pid"] == os.getpid()
        with (
            pytest.raises(LockedError, match=rf"a run of acme .*{os.getpid()} on .* since 20"),
            hold(lock, "another"),
        ):
            pass
    assert holder(lock) is None


def test_a_holder_on_another_machine_counts_as_alive(tmp_path):
    """It cannot be asked, so it is believed."""
    write_owner(tmp_path / "lock", host="elsewhere", pid=1)
    with pytest.raises(LockedError, match="on elsewhere"), hold(tmp_path / "lock", "x"):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"pid": "1"}', "\x00"])
def test_a_broken_lock_file_holds_nothing(tmp_path, text):
    """What nobody can read names no holder."""
    (tmp_path / "lock").write_text(text)
    with hold(tmp_path / "lock", "x"):
        assert holder(tmp_path / "lock") is not None


def test_the_lock_is_free_after_an_error(tmp_path):
    """Whatever ends the block."""
    with pytest.raises(KeyError), hold(tmp_path / "lock", "x"):
        raise KeyError
    with hold(tmp_path / "lock", "y"):
        pass
