"""The revision that a run makes: begun or resumed, filled step by step, published whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planlib.errors import WorkbookError
from planlib.store.atomic import clean_leftovers, read_json, sync_folder, write_json
from planlib.store.content import hash_file
from planlib.store.frames import frame_facts
from planlib.store.layout import FACTS, MANIFEST, RUN, CycleFolder

Record = dict[str, Any]

_STAGES = "stages"
_PARTS = ("inputs", "tables")
_FORMAT = 1


@dataclass
class Building:
    """
    The folder ``building`` of a cycle with its ``run.json``.

    Parameters
    ----------
    folder
        The cycle.
    steps
        What is known about each step: state, fingerprint, outputs, timings.
    facts
        State and timings of the run as a whole.
    """

    folder: CycleFolder
    steps: dict[str, Record] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The folder that becomes the revision."""
        return self.folder.building

    def save(self, **facts: Any) -> None:
        """Write run.json; a resumed run believes it where the hashes of the files agree."""
        self.facts |= facts
        write_json(self.path / RUN, {**self.facts, "steps": self.steps}, durable=False)

    def note(self, step: str, **facts: Any) -> None:
        """Note something about a step and write run.json."""
        self.steps[step] = {**self.steps.get(step, {}), **facts}
        self.save()

    def stage(self, step: str) -> Path:
        """Make an empty private folder for one attempt at a step."""
        path = self.path / _STAGES / f"{step}-{uuid.uuid4().hex[:8]}"
        path.mkdir(parents=True)
        return path

    def adopt(self, step: str, stage: Path) -> dict[str, Record]:
        """
        Move what a step has written into the revision.

        Returns
        -------
        dict
            By table: rows, content hash, hash of the file, and its place in the revision.
        """
        self.drop_outputs(step)
        outputs: dict[str, Record] = {}
        for part in _PARTS:
            for source in sorted((stage / part).glob("*.parquet")):
                place = f"{part}/{source.name}"
                outputs[source.stem] = {
                    **frame_facts(source),
                    "file": hash_file(source),
                    "place": place,
                }
                _move(source, self.path / place)
        if (stage / "inputs" / FACTS).is_file():
            _move(stage / "inputs" / FACTS, self.path / "inputs" / FACTS)
        notebook = f"notebooks/{step}.ipynb"
        if (stage / notebook).is_file():
            _move(stage / notebook, self.path / notebook)
        shutil.rmtree(stage, ignore_errors=True)
        return outputs

    def keep_failed(self, step: str, stage: Path) -> Path | None:
        """Keep the notebook of a failed attempt for a person to open, and drop the rest."""
        found = stage / "failed" / f"{step}.ipynb"
        target = self.path / "failed" / f"{step}.ipynb"
        kept = found.is_file()
        if kept:
            _move(found, target)
        shutil.rmtree(stage, ignore_errors=True)
        return target if kept else None

    def drop_outputs(self, step: str) -> None:
        """Remove what an earlier attempt of a step left in the revision."""
        for output in self.steps.get(step, {}).get("outputs", {}).values():
            (self.path / output["place"]).unlink(missing_ok=True)
            if output["place"].startswith("inputs/"):
                (self.path / "inputs" / FACTS).unlink(missing_ok=True)

    def is_whole(self, step: str) -> bool:
        """Tell whether the files of a step are as run.json says."""
        record = self.steps.get(step, {})
        files = {
            self.path / output["place"]: output["file"]
            for output in record.get("outputs", {}).values()
        }
        return record.get("state") == "succeeded" and all(
            path.is_file() and hash_file(path) == content for path, content in files.items()
        )

    def carry(self, step: str, record: Mapping[str, Any], revision: Path) -> None:
        """Take over a step from the published revision, by hard links where they work."""
        self.drop_outputs(step)
        places = [output["place"] for output in record.get("outputs", {}).values()]
        places.append(f"notebooks/{step}.ipynb")
        if any(place.startswith("inputs/") for place in places):
            places.append(f"inputs/{FACTS}")
        for place in places:
            if (revision / place).is_file():
                link_file(revision / place, self.path / place)
        outputs = {
            name: {**output, "file": hash_file(self.path / output["place"])}
            for name, output in record.get("outputs", {}).items()
        }
        self.note(step, **{**record, "outputs": outputs, "carried": revision.name})

    def publish(self, manifest: Mapping[str, Any]) -> Path:
        """
        Give the revision its number, then point to it.

        Killed before the rename, the unfinished run can be resumed; killed after it, the next run
        finds a whole revision and points to it.
        """
        number = max(self.folder.revisions(), default=0) + 1
        for part in (_STAGES, "failed"):
            shutil.rmtree(self.path / part, ignore_errors=True)
        write_json(self.path / MANIFEST, {**manifest, "format": _FORMAT})
        self.save(state="succeeded", ended=now())
        target = self.folder.path / f"r{number}"
        self.path.rename(target)
        sync_folder(self.folder.path)
        self.folder.point_to(number)
        _mark_published(target, {**self.facts, "steps": self.steps})
        return target

    def discard(self) -> None:
        """Throw the unfinished revision away: out of sight at once, then removed."""
        if self.path.exists():
            doomed = self.folder.path / f".old-{uuid.uuid4().hex[:8]}"
            self.path.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)
        self.steps, self.facts = {}, {}


def open_building(folder: CycleFolder) -> Building:
    """
    Begin a revision, or take up the one that a killed or failed run left.

    Leftovers of killed writers go; a revision that was named but not yet pointed to is published.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    for doomed in folder.path.glob(".old-*"):
        shutil.rmtree(doomed, ignore_errors=True)
    clean_leftovers(folder.path)
    finish_publishing(folder)
    building = Building(folder)
    shutil.rmtree(building.path / _STAGES, ignore_errors=True)
    try:
        facts = read_json(building.path / RUN)
        building.steps = dict(facts.pop("steps"))
        building.facts = facts
    except (WorkbookError, AttributeError, KeyError, TypeError):
        building.discard()
    (building.path / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(building.path / "exchange", ignore_errors=True)
    for part in ("tables", "notebooks"):
        (building.path / part).mkdir(parents=True, exist_ok=True)
    return building


def finish_publishing(folder: CycleFolder) -> None:
    """
    Point to a whole revision that a run was killed before pointing to.

    One that has been published before is left alone, so that a person may point back to an
    earlier one.
    """
    current = folder.current()
    known = int(current.name[1:]) if current else 0
    for number in folder.revisions():
        path = folder.path / f"r{number}"
        if number <= known or not (path / MANIFEST).is_file() or not (path / RUN).is_file():
            continue
        facts = read_json(path / RUN)
        if not facts.get("published"):
            folder.point_to(number)
            _mark_published(path, facts)


def _mark_published(revision: Path, facts: Mapping[str, Any]) -> None:
    """Note that the pointer has been set; a disk that is full now does no harm any more."""
    with contextlib.suppress(OSError):
        write_json(revision / RUN, {**facts, "published": True}, durable=False)


def published_steps(folder: CycleFolder) -> dict[str, Record]:
    """Give what the published revision says about its steps."""
    return dict(published_manifest(folder).get("steps", {}))


def published_manifest(folder: CycleFolder) -> dict[str, Any]:
    """Give the manifest of the published revision, or an empty dict."""
    current = folder.current()
    return {} if current is None else dict(read_json(current / MANIFEST))


def read_unfinished(folder: CycleFolder) -> dict[str, Record]:
    """Give what a killed or failed run noted about its steps."""
    try:
        return dict(read_json(folder.building / RUN)["steps"])
    except (WorkbookError, KeyError, TypeError, ValueError):
        return {}


def now() -> str:
    """Give the time for run.json, the only place where a run notes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def link_file(source: Path, target: Path) -> None:
    """Give a file a second place, by a hard link where that works, else by a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
