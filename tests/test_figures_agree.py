"""One figure is the same wherever it stands: notebook's table, Excel file, pack, report."""

from __future__ import annotations

from pathlib import Path

import pytest

from planlib.exchange.packs import write_packs
from planlib.store import Workbook, open_workbook
from planlib.tables import TABLES
from tests.pack_figures import (
    excel_figures,
    pack_figures,
    report_figures,
    same,
    table_figures,
    written,
)
from tools.execute_notebooks import Project


def check_figures(wb: Workbook, revision: Path, packs: list[Path]) -> dict[str, int]:
    """Compare all figures of a cycle; give how many were compared, by place."""
    tables = table_figures(wb)
    measures = list(dict.fromkeys(wb.read("territory_balance")["measure"]))
    in_packs = pack_figures(packs, wb.plan.currency, measures)
    in_excel = excel_figures(wb, revision / "exchange")
    in_report = report_figures(wb, (revision / "report.html").read_text(encoding="utf-8"))
    wrong = [
        f"pack {place}: {value}, table {tables.get(place)}, Excel {in_excel.get(place)}"
        for place, value in in_packs.items()
        if not (same(value, tables.get(place)) or is_spared(place, value))
        or not same(value, in_excel.get(place))
    ]
    wrong += [
        f"report {place}: {text}, table {tables[place]}"
        for place, text, kind in in_report
        if text != written(tables[place], kind)
    ]
    assert wrong == []
    shared = {place for place, _, _ in in_report} & set(in_packs)
    return {"packs": len(in_packs), "report": len(in_report), "both": len(shared)}


def is_spared(place: tuple[str, str, str], value: object) -> bool:
    """Tell whether a figure is blank since too few people stand behind it."""
    return value is None and TABLES[place[0]].by_name[place[2]].guard != ""


@pytest.mark.slow
def test_report_packs_excel_files_and_tables_say_the_same(
    software_project: Project, tmp_path: Path
) -> None:
    """Every figure that packs, report and Excel files share with the notebooks' tables is equal."""
    wb = open_workbook(software_project.workbook, "2026Q1")
    revision = wb.folder.current()
    assert revision is not None
    packs = sorted((revision / "exchange" / "packs").glob("*.xlsx")) or write_packs(wb)
    compared = check_figures(wb, revision, packs)
    assert compared["packs"] > 10_000
    assert compared["report"] > 100
    assert compared["both"] > 100
