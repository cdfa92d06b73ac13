"""Room of one expert in every span of periods, in compiled loops."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def window_rooms(left: np.ndarray, room: np.ndarray) -> None:
    """Give the most minutes that fit into each window: the least of all spans around it."""
    periods = left.shape[0]
    for start in range(periods):
        for end in range(periods - 1, -1, -1):
            least = left[start, end]
            if start > 0:
                least = min(least, room[start - 1, end])
            if end < periods - 1:
                least = min(least, room[start, end + 1])
            room[start, end] = least


@compiled
def take(
    room: np.ndarray, first: int, last: int, minutes: int, out: np.ndarray, row: np.ndarray
) -> None:
    """Give the room of each window once minutes are taken out of one; ``out`` may be ``room``.

    They lower every span around the window. Those of the spans around another window that are
    around this one too leave what the window from the earlier begin to the later end has.
    ``row`` is room to work in.
    """
    periods = room.shape[1]
    for end in range(periods):
        row[end] = room[first, max(end, last)] - minutes
    before, after = room[first + 1 :], out[first + 1 :]
    for start in range(len(before)):
        for end in range(periods):
            after[start, end] = min(before[start, end], row[end])
    before, after = room[: first + 1], out[: first + 1]
    for start in range(len(before)):
        within = before[start, last] - minutes
        for end in range(periods):
            here = before[start, end]
            after[start, end] = min(here, within) if end < last else here - minutes
