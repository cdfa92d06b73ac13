"""Frames in parquet files: the content hash and the number of rows stand in the file's footer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from planlib.errors import WorkbookError
from planlib.store.atomic import write_parquet
from planlib.store.content import hash_frame
from planlib.tables import Table

_HASH = b"planlib.content"


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
        Contract whose dtypes and columns the frame gets.

    Raises
    ------
    WorkbookError
        If the file is broken; the message names it.
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
        return table.coerce(frame[[name for name in frame.columns if name in table.by_name]])
    wanted = {
        name: column.dtype
        for name, column in table.by_name.items()
        if str(frame[name].dtype) != column.dtype
    }
    return frame.astype(wanted)


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
