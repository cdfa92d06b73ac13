"""Run a planning cycle: what is due, in order, side by side; skip, resume, publish whole."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Any

from planlib import errors
from planlib.cycle import finish as finishing
from planlib.cycle.building import Building, open_building, published_steps
from planlib.cycle.building import now as time_now
from planlib.cycle.execute import Job, kill_running, run_job
from planlib.cycle.fingerprint import Parts, StepInputs, changes, fingerprint
from planlib.cycle.inputs import changed_files, hash_inputs
from planlib.cycle.listener import Listener
from planlib.cycle.outcome import RunResult, as_error, read_future
from planlib.cycle.parameters import notebook_cells
from planlib.cycle.pins import other_revisions, to_json
from planlib.cycle.prepare import Prepared, Step, inputs_of, prepare
from planlib.cycle.reuse import (
    DONE,
    carry_the_rest,
    keep_step,
    refuse_changed_inputs,
    repeats_published,
    stale_steps,
)
from planlib.cycle.selection import RunOptions, dependencies
from planlib.errors import PlanError
from planlib.store.atomic import write_json
from planlib.store.lock import hold
from planlib.store.resolve import revision_as_of
from planlib.store.scope import SOURCES, RunScope
from planlib.store.workbook import Workbook

Execute = Callable[..., dict[str, Any]]

_TICK = 0.5  # seconds between looks at Ctrl-C on systems that do not interrupt a wait
_START = 120  # seconds for a notebook beyond its cells


def run_cycle(
    workbook: str | Path,
    cycle: str | int,
    options: RunOptions | None = None,
    *,
    listener: Listener | None = None,
    executor: Executor | None = None,
    steps: Mapping[str, Step] | None = None,
    notebooks: Mapping[str, Path] | None = None,
    finishers: tuple[finishing.Finisher, ...] | None = None,
    execute: Execute = run_job,
) -> RunResult:
    """
    Run what is due in a cycle and publish it as a new revision.

    Parameters
    ----------
    workbook, cycle
        The workbook and the period.
    options
        What a person asks for.
    listener
        Hears how it goes.
    executor
        Where notebooks run, each in a process of its own; threads of this process by default.
    steps, notebooks, finishers, execute
        Replace the package's steps, their notebooks, what follows them, and the function that
        runs a notebook.

    Returns
    -------
    RunResult
        With a failed step the published revision stays as it was; run again to resume.

    Raises
    ------
    PlanError
        If the run cannot start: bad settings, an unknown step or parameter, another run.
    """
    prepared = prepare(workbook, cycle, options or RunOptions(), steps, notebooks)
    lock = prepared.folder.path / "lock"
    with hold(lock, f"a run of {prepared.root.name} {prepared.period.name}"):
        run = _Run(prepared, listener or Listener(), finishers, execute)
        own = ThreadPoolExecutor(prepared.workers) if executor is None else None
        try:
            return run.go(executor or own)  # type: ignore[arg-type]
        finally:
            if own is not None:
                own.shutdown(wait=True, cancel_futures=True)


class _Run:
    """One run under the lock; keeps what it knows in run.json."""

    def __init__(
        self,
        prepared: Prepared,
        listener: Listener,
        finishers: tuple[finishing.Finisher, ...] | None,
        execute: Execute,
    ) -> None:
        self.given = prepared
        self.listener = listener
        self.finishers = finishers
        self.execute = execute
        self.current = prepared.folder.current()
        self.building: Building = open_building(prepared.folder)
        self.current = prepared.folder.current()
        self.published = published_steps(prepared.folder)
        self.fingerprints: dict[str, Parts] = {}
        self.stages: dict[str, Path] = {}
        self.failures: list[PlanError] = []
        self.ended = threading.Event()

    def go(self, executor: Executor) -> RunResult:
        """Run to the end, or leave a state that can be resumed."""
        if self.given.options.restart:
            self.building.discard()
            self.building = open_building(self.given.folder)
        refuse_changed_inputs(self.given, self.building)
        self.building.save(
            state="running",
            started=time_now(),
            cycle=self.given.period.name,
            selected=self.given.selected,
        )
        cells = {name: _code_cells(self.given.notebooks[name]) for name in self.given.selected}
        self.listener.planned(self.given.selected, cells)
        carry_the_rest(self.given, self.building, self.published, self.current)
        futures: dict[Future[dict[str, Any]], str] = {}
        try:
            self._loop(executor, futures)
            return self._close()
        except BaseException as error:
            self._stop(futures, error)
            raise

    # ------------------------------------------------------------- steps

    def _loop(self, executor: Executor, futures: dict[Future[dict[str, Any]], str]) -> None:
        waiting = list(self.given.selected)
        while waiting or futures:
            for name in list(waiting):
                if len(futures) < self.given.workers and self._is_ready(name, waiting, futures):
                    waiting.remove(name)
                    future = self._begin(name, executor)
                    if future is not None:
                        futures[future] = name
            done, _ = wait(futures, timeout=_TICK, return_when=FIRST_COMPLETED)
            for future in done:
                self._collect(futures.pop(future), future)

    def _is_ready(
        self, name: str, waiting: list[str], futures: Mapping[Future[dict[str, Any]], str]
    ) -> bool:
        open_steps = {*waiting, *futures.values()}
        return not open_steps & set(dependencies(self.given.steps, name))

    def _begin(self, name: str, executor: Executor) -> Future[dict[str, Any]] | None:
        """Start a step, or settle it at once: blocked, left out, kept or carried over."""
        broken = [
            other
            for other in dependencies(self.given.steps, name)
            if self.building.steps.get(other, {}).get("state") not in (*DONE, None)
        ]
        if broken:
            self._settle(name, state="blocked", message=f"needs {', '.join(broken)}")
            return None
        known = inputs_of(self.given, name, self.building.path, self._as_of())
        step = self.given.steps[name]
        missing = step.missing([table for table, source in known.tables.items() if source])
        if missing:
            self._leave_out(name, missing)
            return None
        try:
            parts = fingerprint(self.given.root, self.given.plan, self.given.period.name, known)
        except PlanError as error:
            self.failures.append(error)
            self._settle(name, state="failed", message=str(error))
            return None
        if not self.given.options.force and keep_step(
            self.building, name, parts, published=self.published, current=self.current
        ):
            self.listener.ended(name, self.building.steps[name])
            return None
        self.fingerprints[name] = parts
        return self._submit(name, known, executor)

    def _submit(self, name: str, known: StepInputs, executor: Executor) -> Future[dict[str, Any]]:
        """Note that a step runs and from what, and hand it to a worker."""
        reasons = self._reasons(name, self.fingerprints[name])
        cycle = self.given.period.name
        self.building.note(
            name,
            state="running",
            reason=reasons,
            started=time_now(),
            carried="",
            upstream=other_revisions(known.tables, cycle),
            previous=other_revisions(known.previous, cycle),
            message="",
        )
        self.listener.began(name, reasons)
        stage = self.stages[name] = self.building.stage(name)
        write_json(
            stage / SOURCES,
            {
                "cycle": cycle,
                "tables": to_json(known.tables),
                "previous": to_json(known.previous),
            },
            durable=False,
        )
        call = self.execute
        if self.execute is run_job and isinstance(executor, ThreadPoolExecutor):
            call = partial(run_job, progress=self.listener.cell, ended=self.ended)
        return executor.submit(call, self._job(name, stage))

    def _collect(self, name: str, future: Future[dict[str, Any]]) -> None:
        """Take in the results of a step, or note how it failed."""
        stage = self.stages.pop(name)
        outcome = read_future(future)
        if outcome["state"] == "succeeded":
            outcome = self._take(name, stage, outcome)
        if outcome["state"] != "succeeded":
            notebook = self.building.keep_failed(name, stage)
            self.failures.append(as_error(name, outcome, notebook))
        facts = {
            key: outcome.get(key)
            for key in ("state", "cause", "cell", "code", "error", "message", "seconds")
        }
        self._settle(name, **facts)

    def _take(self, name: str, stage: Path, outcome: dict[str, Any]) -> dict[str, Any]:
        """Adopt the tables of a good step, unless the input files changed under its hands."""
        before = self.fingerprints[name]
        if "inputs" in before:
            now = hash_inputs(self.given.root, self.given.plan)
            changed = changed_files(before["inputs"], now)
            if changed:
                return {
                    **outcome,
                    "state": "failed",
                    "cause": "inputs_changed",
                    "message": f"changed while they were read: {', '.join(changed)}",
                }
        outputs = self.building.adopt(name, stage)
        self.building.note(name, outputs=outputs, fingerprint=before)
        if "inputs" in before:  # only now is the as-of date known, on which the history depends
            known = inputs_of(self.given, name, self.building.path, self._as_of())
            parts = fingerprint(self.given.root, self.given.plan, self.given.period.name, known)
            self.building.note(name, fingerprint=parts)
        return outcome

    def _leave_out(self, name: str, missing: list[str]) -> None:
        reason = f"needs {' and '.join(missing)}, which this workbook does not have"
        self.building.drop_outputs(name)
        self._settle(
            name,
            state="left_out",
            message=reason,
            reason=[reason],
            outputs={},
            fingerprint={},
            carried="",
        )
        if name in self.given.options.only:
            self.failures.append(
                errors.MissingTableError(
                    missing[0],
                    f"planlib run {self.given.root.name} --cycle "
                    f"{self.given.period.name} --only {next(iter(self.given.steps))}",
                )
            )

    def _settle(self, name: str, **facts: Any) -> None:
        self.building.note(name, ended=time_now(), **facts)
        self.listener.ended(name, self.building.steps[name])

    # ------------------------------------------------------------- beginning and end

    def _close(self) -> RunResult:
        """Publish what is new; with a failure, or nothing new, leave the published revision."""
        if self.failures:
            self.building.save(state="failed", ended=time_now())
            return RunResult(
                revision=self.current,
                changed=False,
                steps=self.building.steps,
                failures=tuple(self.failures),
            )
        finish = finishing.finish_fingerprint(self.given.plan, self.finishers)
        stale = tuple(stale_steps(self.given, self.building, self._as_of()))
        if self.current is not None and repeats_published(
            self.given, self.building, self.published, finish
        ):
            steps = dict(self.building.steps)
            self.building.discard()
            return RunResult(revision=self.current, changed=False, steps=steps, stale=stale)
        wb = Workbook(
            self.given.root,
            self.given.plan,
            self.given.period,
            as_of=self._as_of(),
            scope=RunScope(self.building.path),
        )
        self.listener.says("writing report and Excel files")
        finishing.finish(wb, self.finishers, side_by_side=self.given.workers > 1)
        manifest = finishing.make_manifest(wb, self.building.steps, finish, self.given.versions)
        steps = dict(self.building.steps)
        revision = self.building.publish(manifest)
        return RunResult(revision=revision, changed=True, steps=steps, stale=stale)

    def _stop(self, futures: Mapping[Future[dict[str, Any]], str], error: BaseException) -> None:
        """End what runs and note it, so that the next run resumes."""
        for future in futures:
            future.cancel()
        self.ended.set()
        kill_running()
        state = "killed" if isinstance(error, KeyboardInterrupt) else "failed"
        if self.building.path.is_dir():
            for name in futures.values():
                self.building.steps[name] |= {"state": "killed", "message": "the run was ended"}
            with contextlib.suppress(OSError):  # such as a full disk, which is why it ended
                self.building.save(state=state, ended=time_now(), message=str(error)[:500])

    def _job(self, name: str, stage: Path) -> Job:
        given = self.given
        reads_files = name == next(iter(given.steps))
        day = given.given_as_of if reads_files else self._as_of()
        timeout = given.plan.run.cell_timeout
        cells = _code_cells(given.notebooks[name])
        values = {"workbook": given.root.name, "cycle": given.period.name}
        return Job(
            step=name,
            notebook=str(given.notebooks[name]),
            root=str(given.root),
            revision=str(self.building.path),
            stage=str(stage),
            parameters={**values, **given.parameters.get(name, {})},
            as_of=day.isoformat() if day else "",
            cell_timeout=timeout,
            total_timeout=timeout * (cells + 1) + _START,
            language=given.plan.language,
        )

    def _as_of(self) -> datetime.date | None:
        """Give the date of ``--as-of``, else the one that intake stored, else the plan's."""
        if self.given.option_as_of is not None:
            return self.given.option_as_of
        return (
            revision_as_of(self.building.path)
            or self.given.given_as_of
            or (revision_as_of(self.current) if self.current else None)
        )

    def _reasons(self, name: str, parts: Parts) -> list[str]:
        old = self.published.get(name) or self.building.steps.get(name) or {}
        found = changes(old.get("fingerprint") or None, parts)
        return found or ["asked for by --force"]


def _code_cells(notebook: Path) -> int:
    return 1 + sum(bool(cell.get("cell_type") == "code") for cell in notebook_cells(notebook))
