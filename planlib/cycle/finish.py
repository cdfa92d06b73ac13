"""What follows the steps of a run: report and Excel files, then the manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from planlib.cycle.beside import beside
from planlib.cycle.modules import hash_code
from planlib.language import catalogue_file, speak
from planlib.plan import Plan
from planlib.resources import templates_dir
from planlib.store.content import hash_file, hash_value
from planlib.store.workbook import Workbook

Finisher = Callable[[Workbook], object]

#: Modules and functions that make report and Excel files from a workbook.
FINISHERS = (
    ("exchange.excel", "write_step_files"),
    ("exchange.council_pack", "write_council_pack"),
    ("exchange.packs", "write_packs"),
    ("exchange.rating_sheets", "write_rating_sheets"),
    ("exchange.scorecards", "write_scorecards"),
    ("exchange.leads", "write_routing_files"),
    ("report", "build_report"),
    ("report.account_plans", "write_account_plans"),
)

_LONGEST = "build_report"  # takes as long as all others together


def finishers() -> tuple[Finisher, ...]:
    """Give the functions that follow the steps, loaded only now since they load pictures."""
    return tuple(getattr(import_module(f"planlib.{module}"), name) for module, name in FINISHERS)


def finish(wb: Workbook, given: tuple[Finisher, ...] | None, *, side_by_side: bool) -> None:
    """
    Make report and Excel files.

    Parameters
    ----------
    wb
        The workbook, reading the revision that is being built.
    given
        Replace the package's functions; they run one after another.
    side_by_side
        Whether all but the report is written in a process of its own, beside the report. Where
        that process fails, it is written here, which also raises what is wrong.
    """
    speak(wb.plan.language)
    chosen = finishers() if given is None else given
    others = [one for one in chosen if one.__name__ != _LONGEST]
    if given is not None or not side_by_side or len(others) in (0, len(chosen)):
        for one in chosen:
            one(wb)
        return
    with beside(wb, others) as are_written:
        for one in chosen:
            if one not in others:
                one(wb)
        done = are_written()
    if not done:
        for one in others:
            one(wb)


def finish_fingerprint(plan: Plan, given: tuple[Finisher, ...] | None) -> dict[str, str]:
    """Give what report and Excel files depend on beside the tables."""
    if given is not None:
        return {"finishers": hash_value([getattr(one, "__name__", "") for one in given])}
    modules = [module for module, _ in FINISHERS]
    return {
        "settings": hash_value([plan.hash(), plan.hash("report", "ranking", "packs")]),
        "code": hash_value(hash_code([], modules)),
        "templates": hash_value(_templates()),
        "texts": hash_file(catalogue_file()) if plan.language != "en" else "",
    }


def _templates() -> dict[str, str]:
    """Give the content of pages and style sheets of report and scorecards, by file."""
    folders = [templates_dir() / name for name in ("report", "scorecard")]
    files = sorted(
        path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()
    )
    return {path.name: hash_file(path) for path in files}


def make_manifest(
    wb: Workbook,
    steps: Mapping[str, Mapping[str, Any]],
    finish: Mapping[str, str],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """
    Give all that a revision was made from and what it holds; no times, no names of machines.

    Parameters
    ----------
    wb
        The workbook, reading the revision.
    steps
        Records of the steps.
    finish
        What report and Excel files depend on.
    versions
        Versions of Python and of the packages.
    """
    kept = ("state", "reason", "fingerprint", "outputs", "upstream", "previous")
    tables = {
        name: {key: output[key] for key in ("rows", "content", "place")} | {"step": step}
        for step, record in steps.items()
        for name, output in record.get("outputs", {}).items()
    }
    others: dict[str, dict[str, str]] = {"upstream": {}, "previous": {}}
    for record in steps.values():
        for part, pins in others.items():
            pins.update(record.get(part, {}))
    return {
        "workbook": wb.root.name,
        "cycle": wb.cycle.name,
        "as_of": wb.as_of.isoformat(),
        "seed": wb.plan.seed,
        "settings": wb.plan.model_dump(mode="json"),
        "versions": dict(versions),
        "inputs": next(
            (
                record["fingerprint"]["inputs"]
                for record in steps.values()
                if "inputs" in record.get("fingerprint", {})
            ),
            {},
        ),
        "intake": wb.facts(),
        "tables": tables,
        **others,
        "finish": dict(finish),
        "steps": {
            name: _without_file({key: record[key] for key in kept if key in record})
            for name, record in steps.items()
        },
    }


def _without_file(record: dict[str, Any]) -> dict[str, Any]:
    """Hashes of files differ between versions of libraries, those of content do not."""
    outputs = {
        name: {key: value for key, value in output.items() if key != "file"}
        for name, output in record.get("outputs", {}).items()
    }
    return {**record, "outputs": outputs}
