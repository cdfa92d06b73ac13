"""Write files whole or not at all: a temporary file beside the target, fsync, then replace."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planlib.errors import WorkbookError

if TYPE_CHECKING:
    import pyarrow as pa

#: End of the names of files that a killed process may leave behind.
PART = ".part"


def write_file(path: Path, fill: Callable[[Path], None], *, durable: bool = True) -> None:
    """
    Fill a temporary file and move it over the target, so that readers see old or new.

    Parameters
    ----------
    path
        Target; its folder is made when missing.
    fill
        Writes the content to the path that it is given.
    durable
        Wait until the disk has it. Without, a power failure may lose the write, a killed process
        still cannot.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; the target is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}{PART}")
    try:
        fill(part)
        if durable:
            with part.open("rb+") as written:
                os.fsync(written.fileno())
        part.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if error.args and isinstance(error.args[0], OSError):  # as writers of Excel hand it on
            raise error.args[0] from error
        raise
    if durable:
        sync_folder(path.parent)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """
    Give a folder to fill that becomes the target at the end; after an error nothing is left.

    Parameters
    ----------
    path
        Target; it must not exist or be empty.
    """
    stage = path.with_name(f".{uuid.uuid4().hex[:12]}{PART}")
    try:
        yield stage
        if path.is_dir():
            path.rmdir()
        stage.replace(path)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def write_bytes(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write bytes atomically."""
    write_file(path, lambda part: _dump(part, content), durable=durable)


def write_text(path: Path, text: str) -> None:
    """Write text atomically as UTF-8 with Unix line ends."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """
    Write a value atomically as strict JSON with sorted keys.

    Raises
    ------
    ValueError
        If the value holds NaN or an infinite number; nothing is written.
    """
    write_bytes(path, to_json(value).encode("utf-8"), durable=durable)


def to_json(value: Any) -> str:
    """Give strict JSON with sorted keys, ending with a line break."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_json(path: Path) -> Any:
    """
    Read strict JSON.

    Raises
    ------
    WorkbookError
        If the file is missing or broken; the message names it.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except (OSError, ValueError) as error:
        raise WorkbookError(f"{path} cannot be read: {error}") from None


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write an arrow table atomically, always with the same options."""
    import pyarrow.parquet as pq

    write_file(path, lambda part: pq.write_table(table, part, compression="zstd"))


def clean_leftovers(folder: Path) -> list[Path]:
    """
    Remove temporary files that a killed process left below a folder.

    Returns
    -------
    list of Path
        What was removed.
    """
    found = sorted(_leftovers(folder))
    for path in found:
        path.unlink(missing_ok=True)
    return found


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable where the system can do so."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def _leftovers(folder: Path) -> Iterator[Path]:
    for path in folder.rglob(f".*{PART}"):
        if path.is_file():
            yield path


def _dump(path: Path, content: bytes) -> None:
    with path.open("wb") as target:
        target.write(content)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not allowed in JSON")
