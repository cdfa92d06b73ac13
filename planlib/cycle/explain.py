"""Say what a run would do and why, without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planlib.cycle.building import Building, published_steps, read_unfinished
from planlib.cycle.fingerprint import changes, fingerprint
from planlib.cycle.prepare import Prepared, inputs_of
from planlib.cycle.selection import dependencies
from planlib.store.resolve import revision_as_of

Action = Literal["run", "may run", "resume", "carry over", "leave out"]


@dataclass(frozen=True, kw_only=True)
class Intention:
    """What a run would do with a step, and why."""

    step: str
    action: Action
    reasons: tuple[str, ...]


def explain(prepared: Prepared) -> list[Intention]:
    """
    Give what a run would do with each of its steps, in order.

    A step whose earlier steps would run "may run": that shows only when their tables are there.
    """
    building = Building(prepared.folder, steps=read_unfinished(prepared.folder))
    current = prepared.folder.current()
    published = published_steps(prepared.folder)
    base = building.path if building.steps or current is None else current
    as_of = (
        prepared.given_as_of
        or revision_as_of(base)
        or (revision_as_of(current) if current else None)
    )
    found: dict[str, Intention] = {}
    for name in prepared.selected:
        open_steps = [
            other
            for other in dependencies(prepared.steps, name)
            if other in found and found[other].action in ("run", "may run")
        ]
        known = inputs_of(prepared, name, base, as_of)
        step = prepared.steps[name]
        whole = building.is_whole(name)
        record = building.steps[name] if whole else published.get(name, {})
        parts = fingerprint(prepared.root, prepared.plan, prepared.period.name, known)
        reasons = changes(record.get("fingerprint") or None, parts)
        if prepared.options.force:
            reasons = ["asked for by --force"]
        missing = step.missing([table for table, source in known.tables.items() if source])
        if open_steps and (missing or not reasons or reasons == ["never run"]):
            action: Action = "run" if reasons == ["never run"] else "may run"
            reasons = [*reasons, f"after {', '.join(open_steps)}"]
        elif missing:
            action, reasons = "leave out", [f"needs {' and '.join(missing)}"]
        elif reasons:
            action = "run"
        else:
            action = "resume" if whole and not record.get("carried") else "carry over"
        found[name] = Intention(step=name, action=action, reasons=tuple(reasons))
    return list(found.values())
