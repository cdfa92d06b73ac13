"""How steps and runs end: as records, as errors, as a result."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planlib import errors
from planlib.errors import PlanError, RunError


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """
    How a run ended.

    Parameters
    ----------
    revision
        Folder of the published revision: the new one, or the old one when nothing changed; None
        when the run failed before the first was published.
    changed
        Whether a new revision was published.
    steps
        Records of the steps.
    failures
        What went wrong, one error per step.
    stale
        Steps that were not part of the run although something they depend on has changed.
    """

    revision: Path | None
    changed: bool
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    failures: tuple[PlanError, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or the code of the failures; 4 wins, since then the run itself failed."""
        codes: set[int] = {failure.exit_code for failure in self.failures}
        return RunError.exit_code if RunError.exit_code in codes else min(codes, default=0)


def is_repeated(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Tell whether a step's record repeats a published one."""
    if new.get("carried") or new.get("state") == "left_out" == old.get("state"):
        return True
    parts = dict(new.get("fingerprint", {}))
    before = dict(old.get("fingerprint", {}))
    if "database" not in parts:
        return False
    contents = [
        {name: output["content"] for name, output in record.get("outputs", {}).items()}
        for record in (old, new)
    ]
    parts.pop("database")
    before.pop("database", None)
    return parts == before and contents[0] == contents[1]


def read_future(future: Future[dict[str, Any]]) -> dict[str, Any]:
    """Give what an executor reports; where it could not even start the notebook, why."""
    error = future.exception()
    if error is None:
        return future.result()
    if not isinstance(error, Exception):
        raise error
    return {
        "state": "failed",
        "cause": "not_run",
        "error": type(error).__name__,
        "message": str(error),
        "cell": 0,
        "code": "",
        "seconds": None,
    }


def as_error(name: str, outcome: Mapping[str, Any], notebook: Path | None) -> PlanError:
    """Give a failed step as an error; a planlib error of the notebook keeps its exit code."""
    cause = str(outcome["cause"])
    state = (
        cause
        if cause in ("timed_out", "kernel_died")
        else ("incomplete" if cause in ("exited_early", "incomplete") else "failed")
    )
    where = (
        f"in code cell {outcome['cell']} ({outcome['code']}): "
        if outcome.get("code")
        else (f"in code cell {outcome['cell']}: " if outcome.get("cell") else "")
    )
    error = f"{outcome['error']}: " if outcome.get("error") else ""
    failure = RunError(name, state, f"{where}{error}{outcome['message']}", notebook)
    kind = getattr(errors, str(outcome.get("error")), None)
    if isinstance(kind, type) and issubclass(kind, PlanError):
        failure.exit_code = errors.ExitCode(kind.exit_code)
    return failure
