"""Frames in parquet files: the content hash and the number of rows stand in the file's footer."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from planlib.errors import TableError, WorkbookError
from planlib.store.atomic import write_parquet
from planlib.store.content import hash_frame
from planlib.tables import Table

_HASH = b"planlib.content"
logger = logging.getLogger(__name__)


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame atomically, without its index."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)
    facts = {_HASH: hash_frame(frame).encode()}
    write_parquet(path, table.replace_schema_metadata({**(table.schema.metadata or {}), **facts}))


def read_frame(path: Path, table: Table | None = None) -> pd.DataFrame:
    """
    Read a frame as it was written.

    Parameters
    ----------
    path
        Parquet file.
    table
        Contract whose dtypes and columns the frame gets. Columns that an earlier version did not
        write are blank; which ones is logged once for each file.

    Raises
    ------
    WorkbookError
        If the file is broken, or its values do not fit the contract; the message names it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame: pd.DataFrame = pq.read_table(path, use_threads=False).to_pandas(use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise WorkbookError(f"{path} cannot be read: {error}") from None
    if table is None:
        return frame
    if list(frame.columns) != list(table.by_name):  # written by an earlier version
        return _adapted(path, frame, table)
    wanted = {
        name: column.dtype
        for name, column in table.by_name.items()
        if str(frame[name].dtype) != column.dtype
    }
    return frame.astype(wanted)


def _adapted(path: Path, frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Bring a frame of another version into shape, and say once what it does not have."""
    try:
        adapted = table.adapt(frame)
    except TableError as error:
        problems = "; ".join(error.problems)
        raise WorkbookError(
            f"{path} was written by another version and cannot be read: {problems}"
        ) from None
    lacking = tuple(name for name in table.by_name if name not in frame.columns)
    if lacking:
        _say_lacking(path, table.name, lacking)
    return adapted


@cache
def _say_lacking(path: Path, table: str, lacking: tuple[str, ...]) -> None:
    logger.warning(
        "%s in %s was written by an earlier version, which did not have these columns; they are "
        "blank, not known: %s", table, path.parent.parent.name, ", ".join(lacking),
    )  # fmt: skip


def frame_facts(path: Path) -> dict[str, Any]:
    """Give number of rows and content hash of a stored frame from the file's footer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise WorkbookError(f"{path} cannot be read: {error}") from None
    stored = (footer.metadata or {}).get(_HASH)
    content = stored.decode() if stored else hash_frame(read_frame(path))
    return {"rows": footer.num_rows, "content": content}


def stored_hash(path: Path) -> str:
    """Give the content hash of a stored frame."""
    return str(frame_facts(path)["content"])
