"""Decisions on leads between cycles: one file per batch, whole or not at all, never changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from planlib.store.atomic import clean_leftovers, write_parquet
from planlib.store.lock import hold
from planlib.tables import table

FOLDER = Path("history") / "routing"
_STATE = b"planlib.routing_state"
_WAIT = 60.0  # seconds for another process that routes leads of the same workbook

Batch = tuple[pd.DataFrame, pd.DataFrame]


def read_ledger(root: Path) -> Batch | None:
    """
    Give all decisions of the ledger, the latest of each lead, and the state after the last batch.

    Returns
    -------
    tuple of DataFrame or None
        Tables ``lead_routes`` and ``routing_state``; None before the first batch.
    """
    files = _files(root)
    if not files:
        return None
    contract = table("lead_routes")
    frames = [contract.adapt(pd.read_parquet(file)) for file in files]
    decisions = pd.concat(frames).drop_duplicates("lead_id", keep="last").reset_index(drop=True)
    return decisions, _state_of(files[-1])


def route_batch(root: Path, decide: Callable[[Batch | None], Batch]) -> pd.DataFrame:
    """
    Decide a batch and keep it.

    One process at a time reads the ledger, decides and writes one file that holds decisions and
    state together. A process that is killed leaves the file whole or none, so that the same batch
    can be given again: leads that are in the ledger keep their rep.

    Parameters
    ----------
    root
        Folder of the workbook.
    decide
        Takes the ledger and gives the decisions of the batch and the state after it.

    Returns
    -------
    DataFrame
        The decisions.
    """
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with hold(folder / ".lock", "routing leads", wait=_WAIT):
        clean_leftovers(folder)
        decisions, state = decide(read_ledger(root))
        files = _files(root)
        number = int(files[-1].stem) + 1 if files else 1
        _write(folder / f"{number:06d}.parquet", decisions, state)
    return decisions


def _files(root: Path) -> list[Path]:
    return sorted(one for one in (root / FOLDER).glob("*.parquet") if one.stem.isdigit())


def _write(path: Path, decisions: pd.DataFrame, state: pd.DataFrame) -> None:
    import pyarrow as pa

    content = pa.Table.from_pandas(decisions, preserve_index=False, nthreads=1)
    text = state.to_json(orient="records", date_format="iso").encode("utf-8")
    write_parquet(
        path, content.replace_schema_metadata({**(content.schema.metadata or {}), _STATE: text})
    )


def _state_of(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata
    rows = pd.DataFrame(json.loads(metadata[_STATE]))
    contract = table("routing_state")
    return contract.empty() if rows.empty else contract.adapt(rows)
