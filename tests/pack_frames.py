"""A small organisation for tests of the Excel packs: a leader, two managers, four reps."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.worksheet.worksheet import Worksheet

from planlib.exchange.packs import write_packs
from planlib.store import Workbook
from planlib.tables import TABLES
from tests.report_workbook import make_workbook

DAY = datetime.date(2026, 4, 1)
PAY = (
    "report:\n  audiences: {leadership: {}, managers: {sees: [pay]}}\npacks: {audience: managers}\n"
)
LONG = "x" * 3000
#: Accounts by id: name, owner today, owner in the plan.
ACCOUNTS = {
    "007": ("=SUM(1,2)", "R-1", "R-1"),
    "A-1": ("+49 亚太 🙂", "R-1", "R-2"),
    "A-2": ("-Minus\nline", "R-2", "R-3"),
    "A-3": ("@home", "R-3", "R-3"),
    "A-4": (LONG, "R-4", "R-4"),
}


def _put(wb: Workbook, name: str, rows: list[dict[str, Any]]) -> None:
    contract = TABLES[name]
    wb.write(name, contract.coerce(pd.DataFrame(rows)) if rows else contract.empty())


def make_pack_workbook(folder: Path, plan: str = PAY) -> Workbook:
    """A workbook with the tables that packs are made of; amounts are easy to add up."""
    wb = make_workbook(folder, f"as_of: 2026-03-31\n{plan}")
    people = {"M-0": ("Ana Top", None), "M-1": ("Bo Li", "M-0"), "M-2": ("Cy Wu", "M-0"),
              "R-1": ("Di", "M-1"), "R-2": ("Ed", "M-1"), "R-3": ("Flo", "M-2"),
              "R-4": ("Gus", "M-2")}  # fmt: skip
    reps = pd.DataFrame(
        [{"rep_id": key, "name": name, "manager_id": boss} for key, (name, boss) in people.items()]
    )
    accounts = pd.DataFrame([{"account_id": key, "name": row[0]} for key, row in ACCOUNTS.items()])
    wb.write_inputs(
        {"reps": TABLES["reps"].coerce(reps), "accounts": TABLES["accounts"].coerce(accounts)},
        as_of=datetime.date(2026, 3, 31),
    )
    write_plan(wb)
    _put(wb, "territory_reps", [
        {"rep_id": f"R-{n}", "rep_name": people[f"R-{n}"][0], "block": "all", "before_count": 1,
         "after_count": 1, "gained_count": 0, "lost_count": 0} for n in range(1, 5)
    ])  # fmt: skip
    _put(wb, "territory_balance", [
        {"rep_id": f"R-{n}", "measure": "potential", "block": "all", "after": 100.0 + n,
         "target": 100.0, "deviation_after": n / 100, "tolerance": 0.1, "is_within": n < 4}
        for n in range(1, 5)
    ])  # fmt: skip
    _put(wb, "territory_fairness", [{"rep_id": "R-1", "flag_count": 1, "flags": "one account"}])
    _put(wb, "territory_challenges", [])
    _put(wb, "quota_levels", [
        {"node_id": key, "parent_id": boss, "depth": depth, "kind": kind, "name": name,
         "is_group": True,
         "target_amount": amount, "quota_amount": amount}
        for key, boss, depth, kind, name, amount in (
            ("company", None, 0, "company", "Company", 1044.0),
            ("M-0", "company", 1, "manager", "Ana Top", 1044.0),
            ("M-1", "M-0", 2, "manager", "Bo Li", 622.0),
            ("M-2", "M-0", 2, "manager", "Cy Wu", 422.0))
    ])  # fmt: skip
    _put(wb, "quotas", [
        {"rep_id": f"R-{n}", "manager_id": "M-1" if n < 3 else "M-2", "role": "AE", "kind": "rep",
         "quota_amount": 311.0 if n < 3 else 211.0, "flag_reason": "", "flag": ""}
        for n in range(1, 5)
    ])  # fmt: skip
    _put(wb, "key_accounts", [{
        "account_id": "007", "stratum": "all", "is_key": True, "status": "stays", "score": 90.5,
        "rank": 1, "reason": "large",
    }])  # fmt: skip
    _put(wb, "key_account_needs", [{
        "need_id": "N-1", "account_id": "007", "need": "=more", "horizon": "0-3m",
        "stated_horizon": "0-3m", "is_overdue": True, "status": "open", "origin": "register",
        "value": 50.0,
    }])  # fmt: skip
    _put(wb, "need_proposals", [{
        "proposal_id": "deal:1", "account_id": "007", "need": "Disks", "horizon": "0-3m",
        "value": 7.0, "origin": "open deal", "reason": "open deal", "status": "proposed",
    }])  # fmt: skip
    return wb


def write_plan(wb: Workbook, **owners: str) -> None:
    """Write the plan; ``owners`` replace the owner by account, _ standing for -."""
    rows = [
        {"account_id": key, "role_layer": "AE", "block": "all", "is_in_scope": True,
         "previous_rep_id": old, "rep_id": owners.get(key.replace("-", "_"), new),
         "is_moved": old != new, "is_protected": False, "next_best_rep_id": "R-2",
         "swap_cost": 1.25, "potential": 100.0 * (at + 1), "acv": 10.0, "open_amount": 1.5,
         "reason": "Kept"} for at, (key, (_, old, new)) in enumerate(ACCOUNTS.items())
    ]  # fmt: skip
    _put(wb, "territory_plan", rows)


def write_challenge_outcomes(wb: Workbook, rows: list[dict[str, Any]]) -> None:
    """Write what step 03 made of challenges."""
    _put(wb, "territory_challenges", rows)


def packs_of(wb: Workbook) -> dict[str, Path]:
    """The packs of a workbook by manager."""
    return {path.name.split(" ")[0]: path for path in write_packs(wb)}


def fill(path: Path, change: Callable[[Any], object]) -> Path:
    """Change a pack as a person does, and save it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def column(page: Worksheet, header: str) -> int:
    """The number of a column by the start of its header."""
    return next(cell.column for cell in page[1] if str(cell.value).startswith(header))


def row_of(page: Worksheet, key: str) -> int:
    """The row whose first cell is the key."""
    return next(at for at in range(2, page.max_row + 1) if page.cell(at, 1).value == key)


def put(book: Any, sheet: str, key: str, **values: object) -> None:
    """Type values into the row of a key, by header."""
    page = book[sheet]
    for header, value in values.items():
        cell = page.cell(row_of(page, key), column(page, header.replace("_", " ")))
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # typed as text, whatever it begins with


def say(book: Any, line: str, text: str) -> None:
    """Fill in a line of the front sheet."""
    page = book["About"]
    page.cell(next(at for at in range(1, 60) if page.cell(at, 1).value == line), 2, text)


def kept(wb: Workbook) -> dict[str, bytes]:
    """All decisions as they lie on the disk."""
    return {path.name: path.read_bytes() for path in (wb.root / "overrides").glob("*.csv")}


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Give an .xlsx file with one part added or replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, \
            zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:  # fmt: skip
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return made.getvalue()
