"""Decisions on leads between cycles: one file per batch, whole or not at all, never changed."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from planlib.store.atomic import clean_leftovers, write_parquet
from planlib.store.lock import hold
from planlib.tables import table

FOLDER = Path("history") / "routing"
_STATE, _AS_OF = b"planlib.routing_state", b"planlib.as_of"
_WAIT = 60.0  # seconds for another process that routes leads of the same workbook

Batch = tuple[pd.DataFrame, pd.DataFrame]


def read_ledger(root: Path, as_of: datetime.date | None = None) -> Batch | None:
    """
    Give all decisions of the ledger, the latest of each lead, and the state after the last batch.

    Parameters
    ----------
    root
        Folder of the workbook.
    as_of
        Leave out batches that were decided as of a later day.

    Returns
    -------
    tuple of DataFrame or None
        Tables ``lead_routes`` and ``routing_state``; None before the first batch.
    """
    files = batch_files(root, as_of)
    return (_decisions(files), _state_of(files[-1])) if files else None


def after_published(
    root: Path, as_of: datetime.date | None, published: Batch | None, day: datetime.date | None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """
    Put decisions of published cycles and of the ledger in the order of their as-of dates.

    Parameters
    ----------
    root
        Folder of the workbook.
    as_of
        Leave out batches of the ledger that were decided as of a later day; None: none.
    published
        Tables ``lead_routes`` and ``routing_state`` of a revision; None where there is none.
    day
        As-of date of that revision; None where it is not known: it counts as the earliest.

    Returns
    -------
    tuple
        The latest decision on each lead, and the state after the latest batch or revision; None
        where nothing was decided yet.
    """
    if published is None:
        return read_ledger(root, as_of) or (None, None)
    files = batch_files(root, as_of)
    early = [one for one in files if day is not None and _as_of(one) < day]
    late = [one for one in files if one not in early]
    parts = [one for one in (_decisions(early), published[0], _decisions(late)) if len(one)]
    rows = pd.concat(parts or [published[0]]).drop_duplicates("lead_id", keep="last")
    return rows.reset_index(drop=True), _state_of(late[-1]) if late else published[1]


def batch_files(root: Path, as_of: datetime.date | None = None) -> list[Path]:
    """Give the files of the ledger in order, without those decided as of a later day."""
    files = sorted(one for one in (root / FOLDER).glob("*.parquet") if one.stem.isdigit())
    if as_of is None:
        return files
    known = [one for one in files if _as_of(one) <= as_of]
    return sorted(known, key=lambda one: (_as_of(one), one.name))


def batch_hashes(root: Path, as_of: datetime.date) -> dict[str, str]:
    """Give a hash of each batch, for telling whether a step must run again."""
    return {f"routing {one.stem}": hashlib.sha256(one.read_bytes()).hexdigest()
            for one in batch_files(root, as_of)}  # fmt: skip


def route_batch(
    root: Path, decide: Callable[[Batch | None], Batch | None], as_of: datetime.date | None = None
) -> pd.DataFrame | None:
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
        Takes the ledger and gives the decisions of the batch and the state after it; None where
        nothing is to be kept.
    as_of
        Day as of which the batch is decided; None: that of its latest decision.

    Returns
    -------
    DataFrame or None
        The decisions; None where nothing was kept.
    """
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with hold(folder / ".lock", "routing leads", wait=_WAIT):
        clean_leftovers(folder)
        batch = decide(read_ledger(root))
        if batch is None:
            return None
        files = batch_files(root)
        number = int(files[-1].stem) + 1 if files else 1
        _write(folder / f"{number:06d}.parquet", batch, as_of)
    return batch[0]


def _decisions(files: list[Path]) -> pd.DataFrame:
    contract = table("lead_routes")
    frames = [contract.adapt(pd.read_parquet(file)) for file in files]
    if not frames:
        return contract.empty()
    return pd.concat(frames).drop_duplicates("lead_id", keep="last").reset_index(drop=True)


def _write(path: Path, batch: Batch, as_of: datetime.date | None) -> None:
    import pyarrow as pa

    decisions, state = batch
    content = pa.Table.from_pandas(decisions, preserve_index=False, nthreads=1)
    facts = {_STATE: state.to_json(orient="records", date_format="iso").encode("utf-8")}
    if as_of is not None:
        facts[_AS_OF] = as_of.isoformat().encode("ascii")
    write_parquet(
        path, content.replace_schema_metadata({**(content.schema.metadata or {}), **facts})
    )


def _as_of(path: Path) -> datetime.date:
    """Give the day as of which a batch was decided; without it that of its latest decision."""
    import pyarrow.parquet as pq

    written = pq.read_schema(path).metadata.get(_AS_OF)
    if written is not None:
        return datetime.date.fromisoformat(written.decode("ascii"))
    last = pd.read_parquet(path, columns=["decided_at"])["decided_at"].max()
    return datetime.date.min if pd.isna(last) else last.date()


def _state_of(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata
    rows = pd.DataFrame(json.loads(metadata[_STATE]))
    contract = table("routing_state")
    return contract.empty() if rows.empty else contract.adapt(rows)
