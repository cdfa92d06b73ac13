"""How much of a time limit has passed, told by a waiting thread: the core reads no clock."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait

TICKS = 200


class Clock:
    """Counts how much of a time limit has passed; without a limit nothing ever passes."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._ticks = 0
        self._over: Future[None] = Future()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Clock:
        """Start to count."""
        if self._seconds is not None:
            self._pool = ThreadPoolExecutor(1)
            self._pool.submit(self._count, self._seconds / TICKS)
        return self

    def __exit__(self, *error: object) -> None:
        """Stop counting and let the waiting thread go."""
        self._over.set_result(None)
        if self._pool is not None:
            self._pool.shutdown()

    def _count(self, tick: float) -> None:
        while self._ticks < TICKS and not wait([self._over], timeout=tick).done:
            self._ticks += 1

    @property
    def limited(self) -> bool:
        """Whether there is a limit."""
        return self._seconds is not None

    @property
    def share(self) -> float:
        """Share of the limit that has passed, 0 without one."""
        return self._ticks / TICKS

    @property
    def left(self) -> float | None:
        """Seconds that are left, None without a limit."""
        return None if self._seconds is None else self._seconds * (1 - self.share)

    def until(self, share: float) -> float | None:
        """Seconds until a share of the limit has passed, None without one."""
        return None if self._seconds is None else self._seconds * (share - self.share)

    def passed(self) -> bool:
        """Whether the limit has passed."""
        return self._ticks >= TICKS
