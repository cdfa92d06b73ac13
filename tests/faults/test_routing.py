"""A router that is killed neither loses nor doubles a lead."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pandas as pd

from planlib.store import ledger
from planlib.store.ledger import FOLDER, read_ledger, route_batch
from tests.routing_frames import make_leads, run

LEADS = make_leads(9)


def decide(leads: pd.DataFrame):
    """Route leads on top of what the ledger holds."""

    def inner(before):
        earlier, state = before if before else (None, None)
        answered = leads.assign(first_response_at=leads["created_at"])
        found = run(leads=answered, earlier=earlier, state=state)
        return found.decisions, found.state

    return inner


def killed_while_writing(root: str, moment: str) -> None:
    """Route three leads, and be killed before or after the file is written."""
    write = ledger.write_parquet

    def deadly(path, content):
        if moment == "after":
            write(path, content)
        else:
            (path.parent / f".{path.name}.partial").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)

    ledger.write_parquet = deadly
    route_batch(Path(root), decide(LEADS[3:6]))


def kill(root: Path, moment: str) -> None:
    """Start a process that is killed."""
    process = multiprocessing.get_context("fork").Process(
        target=killed_while_writing, args=(str(root), moment)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def whole(root: Path) -> pd.Series:
    """Route three batches without a fault."""
    for start in (0, 3, 6):
        route_batch(root, decide(LEADS[start : start + 3]))
    decisions, _ = read_ledger(root)
    return decisions.set_index("lead_id")["rep_id"]


def test_a_killed_batch_is_given_again_and_no_lead_is_lost_or_doubled(tmp_path):
    """Killed before or after the write: the same leads again give what one clean run gives."""
    wanted = whole(tmp_path / "clean")
    for moment in ("before", "after"):
        root = tmp_path / moment
        route_batch(root, decide(LEADS[:3]))
        kill(root, moment)
        kept, _ = read_ledger(root)
        assert len(kept) == (3 if moment == "before" else 6)
        route_batch(root, decide(LEADS[3:6]))
        route_batch(root, decide(LEADS[6:]))
        decisions, state = read_ledger(root)
        assert decisions["lead_id"].is_unique
        assert decisions.set_index("lead_id")["rep_id"].equals(wanted)
        assert state["turn"].sum() == len(LEADS)


def test_an_empty_ledger_is_none(tmp_path):
    """Before the first batch there is nothing to go on from."""
    assert read_ledger(tmp_path) is None
    route_batch(tmp_path, decide(LEADS[:1]))
    assert [one.name for one in (tmp_path / FOLDER).glob("*.parquet")] == ["000001.parquet"]
