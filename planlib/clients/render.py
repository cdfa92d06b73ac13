"""Render a client's workbook from its answers: copier for texts, blank Excel files beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from planlib import resources
from planlib.clients.answers import Answers
from planlib.clients.blank_inputs import input_tables, write_blank
from planlib.clients.plan_text import laid_over, plan_text
from planlib.errors import WorkbookError
from planlib.plan import Plan, parse_plan, read_settings
from planlib.steps import STEPS
from planlib.tables import TABLES

INPUTS, MORE = "inputs", "inputs_more"
#: Tables to begin with, by the part of planlib that a client uses; "" is all of it.
CORE: dict[str, tuple[str, ...]] = {
    "": (
        "accounts",
        "reps",
        "opportunities",
        "territories",
        "products",
        "targets",
        "contacts",
        "activities",
    ),
    "pipeline": ("opportunities", "opportunity_history", "accounts", "reps", "products", "targets"),
    "territories": ("accounts", "reps", "opportunities", "territories"),
    "key_accounts": (
        "accounts",
        "opportunities",
        "reps",
        "contacts",
        "activities",
        "ratings",
        "needs",
    ),
}
_FIRST_CYCLE = "2026Q1"


def render(answers: Answers, stage: Path, folder: str, templates: Path | None = None) -> None:
    """
    Render a client's workbook into an empty folder.

    Parameters
    ----------
    answers
        The checked answers.
    stage
        Folder that is filled; made when missing.
    folder
        Name of the client's folder, as the README prints it.
    templates
        Folder of templates; None: those of the installation.
    """
    home = templates or resources.templates_dir()
    text = plan_text(preset(answers, home))
    plan = parse_plan(text)
    core, more = tables_of(answers, plan)
    _run_copier(
        home / "client",
        stage,
        {
            "name": answers.name,
            "language": answers.language,
            "cycle": _FIRST_CYCLE,
            "folder": folder,
            "plan_text": text,
            "core": [_told(name, INPUTS) for name in core],
            "more": [_told(name, MORE) for name in more],
            "steps": [
                {"title": step.title} for step in STEPS.values() if step.name not in plan.run.off
            ],
            "has_notebooks": answers.notebooks,
        },
    )
    for part, names in ((INPUTS, core), (MORE, more)):
        for name in names:
            write_blank(stage / part / f"{name}.xlsx", TABLES[name], answers.language)
    if answers.notebooks:
        _copy_notebooks(stage / "notebooks", plan)


def preset(answers: Answers, templates: Path) -> dict[str, Any]:
    """Give the content of plan.yaml that template, part and answers ask for."""
    values = read_settings(templates / "presets" / f"{answers.template}.yaml")
    if answers.only:
        part = read_settings(templates / "presets" / f"only-{answers.only}.yaml")
        values = laid_over(values, part)
    general: dict[str, Any] = {
        "name": answers.name,
        "language": answers.language,
        "currency": answers.currency,
        "fiscal_year": {"start_month": answers.fiscal_start},
    }
    return laid_over(general, values)


def tables_of(answers: Answers, plan: Plan) -> tuple[list[str], list[str]]:
    """Give the input tables that a client begins with, and those that its steps also use."""
    used = {
        name
        for step in list(STEPS.values())[1:]
        if step.name not in plan.run.off
        for name in step.reads
    }
    used.add("controls")  # intake itself compares with finance
    core = [name for name in CORE[answers.only] if name in used]
    names = [table.name for table in input_tables()]
    return core, [name for name in names if name in used and name not in core]


def _told(name: str, folder: str) -> dict[str, str]:
    return {"name": name, "folder": folder, "meaning": TABLES[name].meaning}


def _run_copier(template: Path, stage: Path, data: dict[str, Any]) -> None:
    """Let copier fill the templates; answers that are text are never rendered themselves."""
    import copier

    if not (template / "copier.yml").is_file():
        raise WorkbookError(f"{template} is no template of a client (copier.yml is missing)")
    copier.run_copy(
        str(template), stage, data=data, defaults=True, quiet=True, overwrite=True, unsafe=False
    )


def _copy_notebooks(target: Path, plan: Plan) -> None:
    """Copy the notebooks of the steps in use, without outputs."""
    target.mkdir(parents=True)
    for name in STEPS:
        source = resources.notebooks_dir() / f"{name}.ipynb"
        if name in plan.run.off or not source.is_file():
            continue
        content = json.loads(source.read_text(encoding="utf-8"))
        for cell in content["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (target / source.name).write_text(text, encoding="utf-8", newline="\n")
