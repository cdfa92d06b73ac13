"""Build report.html and the leadership roll-up from a cycle's tables."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from planlib import resources
from planlib.displays import CSS, View
from planlib.exchange.audience import AudienceView, Baseline
from planlib.pages import page_writer
from planlib.report import (
    council,
    intake,
    key_accounts,
    leads,
    pipeline,
    projects,
    quotas,
    segmentation,
    team,
    territories,
)
from planlib.report.front import Front, compose
from planlib.report.parts import Line, Section
from planlib.report.rollup import write_rollup
from planlib.store.atomic import write_text

if TYPE_CHECKING:
    from planlib.store import Workbook

#: The module that writes the section of each step.
SECTIONS: dict[str, ModuleType] = {
    module.STEP: module
    for module in (
        intake, segmentation, territories, quotas, key_accounts, pipeline, council, leads,
        projects, team,
    )
}  # fmt: skip
REPORT = "report.html"


def build_report(workbook: Workbook, audience: str | None = None) -> Path:
    """
    Write report.html, and beside it exchange/leadership.xlsx with the facts of the first page.

    Parameters
    ----------
    workbook
        The cycle; files go into the revision being built, or into the draft.
    audience
        Name of an audience of plan.yaml; None takes ``report.audience``. Columns that it may not
        see are not read at all.

    Returns
    -------
    Path
        The report: one file with its styles and pictures inside, that asks for nothing else.
    """
    view = AudienceView(workbook, audience)
    front = compose(view, sections(view), changes(view))
    path = workbook.target / REPORT
    write_text(path, render(front, workbook.plan.report.paper))
    write_rollup(view, front)
    return path


def sections(view: AudienceView) -> list[Section]:
    """Give the sections of the steps that ran in this cycle, in order."""
    found = []
    for step in view.steps():
        section = SECTIONS[step.name].section(view)
        if section is not None:
            found.append(section)
    return found


def changes(view: AudienceView) -> list[tuple[str, list[Line]]]:
    """Give what changed since each earlier state, by its name."""
    return [(baseline.name, _since(view, baseline)) for baseline in view.baselines()]


def render(front: Front, paper: str = "A4") -> str:
    """Write the page; everything that is text is escaped by the template."""
    styles = (resources.templates_dir() / "report" / "report.css").read_text(encoding="utf-8")
    page = f"@page {{ size: {paper}; }}"
    css = View(body=f"{CSS}\n{styles}\n{page}", text="")  # our own files, no data
    return page_writer("report", "report.html")({**front.values(), "css": css})


def _since(view: AudienceView, baseline: Baseline) -> list[Line]:
    lines: list[Line] = []
    for step in view.steps():
        lines += SECTIONS[step.name].changes(view, baseline)
    return lines
