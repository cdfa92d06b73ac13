"""What a run takes over: from its own unfinished attempt, and from the published revision."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from planlib.cycle.building import Building, Record, published_manifest
from planlib.cycle.fingerprint import Parts, changes, fingerprint
from planlib.cycle.inputs import changed_files, hash_inputs
from planlib.cycle.outcome import is_repeated
from planlib.cycle.prepare import Prepared, inputs_of
from planlib.errors import WorkbookError

#: States of a step that has come to a good end; later steps and revisions may build on it.
DONE = ("succeeded", "left_out")


def refuse_changed_inputs(prepared: Prepared, building: Building) -> None:
    """Refuse to resume with other files, which would mix tables from old and new ones."""
    for name, record in building.steps.items():
        taken = record.get("fingerprint", {}).get("inputs")
        if taken is None or record.get("carried") or not building.is_whole(name):
            continue
        changed = changed_files(taken, hash_inputs(prepared.root, prepared.plan))
        if changed:
            raise WorkbookError(
                f"the unfinished run of {prepared.period.name} took in files that have "
                f"changed since: {', '.join(changed)}; put them back to resume it, or give "
                "--restart to begin anew"
            )


def carry_the_rest(
    prepared: Prepared,
    building: Building,
    published: Mapping[str, Record],
    current: Path | None,
) -> None:
    """Take over the steps of this cycle that are not part of the run."""
    for name in prepared.steps:
        mine = building.steps.get(name, {})
        if name in prepared.selected or (building.is_whole(name) and not mine.get("carried")):
            continue
        record = published.get(name, {})
        if current and record.get("state") in DONE:
            building.carry(name, record, current)
        else:
            building.drop_outputs(name)
            building.steps.pop(name, None)


def keep_step(
    building: Building,
    name: str,
    parts: Parts,
    *,
    published: Mapping[str, Record],
    current: Path | None,
) -> bool:
    """
    Keep what this run made before it was killed, or carry over what is published.

    Parameters
    ----------
    building
        The revision that the run makes; it has the step afterwards when True is returned.
    name
        The step.
    parts
        What the step depends on now.
    published, current
        Records of the published revision and its folder, if there is one.

    Returns
    -------
    bool
        False where the step has to run: it never did, or something has changed.
    """
    mine = building.steps.get(name, {})
    if building.is_whole(name) and not changes(mine.get("fingerprint"), parts):
        return True
    old = published.get(name, {})
    if not current or old.get("state") != "succeeded" or changes(old.get("fingerprint"), parts):
        return False
    building.carry(name, old, current)
    return True


def repeats_published(
    prepared: Prepared,
    building: Building,
    published: Mapping[str, Record],
    finish: Mapping[str, str],
) -> bool:
    """Tell whether this revision would only repeat the published one."""
    if prepared.options.force or published_manifest(prepared.folder)["finish"] != finish:
        return False
    if set(building.steps) != set(published):
        return False
    return all(is_repeated(published[name], record) for name, record in building.steps.items())


def stale_steps(prepared: Prepared, building: Building, as_of: datetime.date | None) -> list[str]:
    """Give the steps outside the run that something has changed for since they ran."""
    found = []
    for name, record in building.steps.items():
        if name in prepared.selected or name not in prepared.notebooks:
            continue
        if not record.get("fingerprint"):
            continue
        known = inputs_of(prepared, name, building.path, as_of)
        parts = fingerprint(prepared.root, prepared.plan, prepared.period.name, known)
        if changes({**record["fingerprint"], "parameters": {}}, parts):
            found.append(name)
    return found
