"""Which revisions and cycles a workbook no longer needs, by the rule of plan.yaml."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planlib.cycle.building import published_manifest
from planlib.errors import SettingsError
from planlib.periods import Kind, Period
from planlib.plan import Plan
from planlib.settings.retention import RetentionSettings
from planlib.store.atomic import read_json
from planlib.store.layout import PLAN, RUN, CycleFolder, all_cycles

#: Published cycles that hold a table and stay for it: the one that is read, and the one before.
_HOLDERS = 2


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """
    What becomes of a cycle or of a revision that is not the published one.

    Parameters
    ----------
    name
        ``2026Q1`` or ``2026Q1/r1``.
    folder
        Its folder.
    keep
        Whether it stays.
    reason
        Why it stays or goes.
    """

    name: str
    folder: Path
    keep: bool
    reason: str


def judge_cycles(root: Path, plan: Plan, today: datetime.date) -> list[Verdict]:
    """
    Say of each cycle, and of each superseded revision, whether it is kept, and why.

    A cycle goes as a whole, and only when it is none of these: one of the latest of its kind, the
    last of its kind in a fiscal year, pinned, read by a cycle that stays, a holder of tables that
    later cycles would read, in the middle of a run or draft. A superseded revision goes when its
    days are over and neither a pin nor a cycle that stays names it.

    Parameters
    ----------
    root
        The workbook's folder.
    plan
        Its settings.
    today
        The day from which the days of superseded revisions count.

    Raises
    ------
    SettingsError
        If ``retention.pinned`` names what does not exist.
    """
    folders = {one.cycle: one for one in all_cycles(root, plan.fiscal_year.fiscal_year())}
    _check_pins(plan.retention, folders)
    manifests = {name: published_manifest(folder) for name, folder in folders.items()}
    why = _kept_cycles(plan, folders, manifests)
    named = _references(manifest for name, manifest in manifests.items() if name in why)
    for revision, user in named.items():
        cycle = revision.split("/")[0]
        if cycle in folders and cycle not in why:
            why[cycle] = f"read by {user}"
    found = []
    for name, folder in folders.items():
        reason = why.get(name, f"older than the latest {plan.retention.cycles} of its kind")
        found.append(Verdict(name=name, folder=folder.path, keep=name in why, reason=reason))
        if name in why:
            found += _judge_revisions(folder, plan.retention, named, today)
    return found


def _kept_cycles(
    plan: Plan, folders: Mapping[str, CycleFolder], manifests: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Give the cycles that stay whoever reads them, with the reason; the first reason counts."""
    why: dict[str, str] = {}
    rule = plan.retention
    periods = {name: plan.period(name) for name in folders}
    kinds: dict[Kind, list[str]] = defaultdict(list)
    for name, folder in folders.items():
        if folder.building.exists() or any(folder.draft.rglob("*.parquet")):
            why.setdefault(name, "has an unfinished run or a draft")
        if not folder.pointer.is_file():
            why.setdefault(name, "has no published revision")
        else:
            kinds[periods[name].kind].append(name)
    for kind, names in kinds.items():
        for name in names[-rule.cycles :]:
            why.setdefault(name, f"one of the latest {rule.cycles} cycles of kind {kind}")
        for name in sorted(_year_ends(names, periods)) if rule.year_ends else ():
            why.setdefault(name, f"the last cycle of kind {kind} in its fiscal year")
    for name in rule.pinned:
        why.setdefault(name.split("/")[0], "pinned in plan.yaml")
    for name, table in _holders(periods, manifests).items():
        why.setdefault(name, f"later cycles read {table} from it")
    return why


def _year_ends(names: list[str], periods: Mapping[str, Period]) -> set[str]:
    """Give the last published cycle of each fiscal year; a week belongs where its middle lies."""
    years: dict[int, str] = {}
    for name in names:
        one = periods[name]
        years[one.fiscal_year.year_of(one.start + (one.end - one.start) / 2)] = name
    return set(years.values())


def _holders(
    periods: Mapping[str, Period], manifests: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Give the latest published cycles that hold each table, with one table that they hold."""
    count: dict[str, int] = defaultdict(int)
    found: dict[str, str] = {}
    for name in sorted(periods, key=lambda one: periods[one].start, reverse=True):
        for table in manifests[name].get("tables", {}):
            count[table] += 1
            if count[table] <= _HOLDERS:
                found.setdefault(name, table)
    return found


def _references(manifests: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Give the revisions of other cycles that manifests name, each with a cycle that names it."""
    found: dict[str, str] = {}
    for manifest in manifests:
        for record in manifest.get("steps", {}).values():
            for part in ("upstream", "previous"):
                for revision in record.get(part, {}).values():
                    found.setdefault(str(revision), str(manifest.get("cycle", "another cycle")))
    return found


def _judge_revisions(
    folder: CycleFolder,
    rule: RetentionSettings,
    named: Mapping[str, str],
    today: datetime.date,
) -> list[Verdict]:
    """Judge the revisions before the published one; the highest number is never given twice."""
    current = folder.current()
    if current is None:
        return []
    found = []
    for number in folder.revisions():
        if number >= int(current.name[1:]):
            continue
        name = f"{folder.cycle}/r{number}"
        days = _days_since(folder.path / f"r{number + 1}", folder, today)
        keep, reason = True, f"replaced less than {rule.superseded_days} days ago"
        if name in rule.pinned:
            reason = "pinned in plan.yaml"
        elif name in named:
            reason = f"read by {named[name]}"
        elif days is None:
            reason = "nobody knows when it was replaced"
        elif days >= rule.superseded_days:
            keep, reason = False, f"replaced {days:,} days ago"
        path = folder.path / f"r{number}"
        found.append(Verdict(name=name, folder=path, keep=keep, reason=reason))
    return found


def _days_since(later: Path, folder: CycleFolder, today: datetime.date) -> int | None:
    """Give the days since a revision ended its run; the next one that exists counts."""
    if not later.is_dir():
        numbers = [number for number in folder.revisions() if number > int(later.name[1:])]
        if not numbers:
            return None
        later = folder.path / f"r{numbers[0]}"
    try:
        ended = str(read_json(later / RUN)["ended"])
        return (today - datetime.datetime.fromisoformat(ended).date()).days
    except (ValueError, KeyError, TypeError):
        return None


def _check_pins(rule: RetentionSettings, folders: Mapping[str, CycleFolder]) -> None:
    """Refuse a pin that holds nothing; a misspelt one would protect nothing."""
    known = set(folders)
    for name, folder in folders.items():
        known |= {f"{name}/r{number}" for number in folder.revisions()}
    wrong = [name for name in rule.pinned if name not in known]
    if wrong:
        raise SettingsError(
            PLAN,
            [
                f"retention.pinned: there is no '{name}'; published cycles are "
                f"{', '.join(folders) or 'none yet'}"
                for name in wrong
            ],
        )
