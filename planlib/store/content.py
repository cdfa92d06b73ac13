"""Hashes of content: of a frame's values rather than of the bytes of a file that holds it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_CHUNK = 1 << 20


def hash_frame(frame: pd.DataFrame) -> str:
    """
    Give the hash of a frame's column names, dtypes, values and row order.

    Parameters
    ----------
    frame
        Any frame; its index does not count. Missing values are all the same, and -0.0 is 0.0.

    Returns
    -------
    str
        64 hexadecimal digits, the same on every machine and in every file format.
    """
    digest = hashlib.sha256(f"{len(frame)} rows".encode())
    for name in frame.columns:
        values = frame[name]
        digest.update(f"\n{name!s}\t{_dtype(values)}\n".encode())
        for part in _parts(values):
            digest.update(part)
    return digest.hexdigest()


def hash_value(value: Any) -> str:
    """Give the hash of a value made of dicts, lists, texts, numbers, bools and None."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def hash_file(path: Path) -> str:
    """Give the hash of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _dtype(values: pd.Series) -> str:
    name = str(values.dtype)
    return "str" if name in ("string", "object", "category") else name


def _parts(values: pd.Series) -> list[bytes]:
    """Missing flags, then values with one fill value at missing places."""
    import numpy as np
    import pandas as pd

    missing = values.isna().to_numpy(dtype=bool)
    flags = np.packbits(missing).tobytes()
    kind = values.dtype
    if pd.api.types.is_bool_dtype(kind):
        return [flags, _fixed(values.fillna(False).to_numpy(dtype=bool), np.uint8)]
    if pd.api.types.is_integer_dtype(kind):
        return [flags, _fixed(values.fillna(0).to_numpy(dtype=np.int64), np.int64)]
    if pd.api.types.is_float_dtype(kind):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return [flags, _fixed(np.where(missing, 0.0, numbers) + 0.0, np.float64)]
    if pd.api.types.is_datetime64_any_dtype(kind):
        ticks = values.astype("datetime64[us]").to_numpy().astype(np.int64)
        return [flags, _fixed(np.where(missing, 0, ticks), np.int64)]
    return [flags, *_texts(values)]


def _fixed(values: np.ndarray, dtype: type) -> bytes:
    import numpy as np

    return np.ascontiguousarray(values).astype(np.dtype(dtype).newbyteorder("<")).tobytes()


def _texts(values: pd.Series) -> list[bytes]:
    """Lengths in bytes, then all bytes; objects that are no text count as their text."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = values.astype("object").where(values.notna(), "")
    if values.dtype == "object":
        plain = plain.map(str)
    texts = pa.array(plain, type=pa.large_string())
    lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    return [_fixed(lengths, np.int64), b"".join(chunk for chunk in _bytes_of(texts))]


def _bytes_of(texts: Any) -> list[bytes]:
    data = texts.buffers()[2]
    return [] if data is None else [data.to_pybytes()]
