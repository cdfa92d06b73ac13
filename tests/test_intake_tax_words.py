"""Columns of money whose header says something else about sales tax than plan.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from planlib.intake import check_workbook
from planlib.intake.tax_words import tax_remarks

MAP = """\
name: orders
tables:
  bookings:
    from: 订单
    columns: {booking_id: 单号, booking_date: 日期, booked_amount: [价税合计]}
"""
ORDERS = "单号,日期,价税合计\nB1,2026-03-01,1130\nB2,2026-03-02,2260\n"


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("价税合计", "with"),
        ("订单金额（含税）", "with"),
        ("Amount incl. VAT", "with"),
        ("amount_including_tax", "with"),
        ("Total (tax included)", "with"),
        ("不含税金额", "without"),
        ("未税金额", "without"),
        ("Net of tax", "without"),
        ("Amount excl. VAT", "without"),
        ("Bruttoumsatz", "with"),
        ("Auftragswert (inkl. MwSt.)", "with"),
        ("Nettobetrag", "without"),
        ("Wert zzgl. USt", "without"),
        ("Auftragswert", ""),
        ("金额", ""),
        ("Taxi cost", ""),
        ("税额", ""),
        ("amount", ""),
    ],
)
def test_what_a_header_says_of_tax(header: str, says: str) -> None:
    """A header speaks against the plan only where it says the other; one without a word is fine."""
    sources = {"booked_amount": header, "booking_id": header}
    for tax, other in (("with", "without"), ("without", "with")):
        told = tax_remarks("bookings", sources, tax)
        assert len(told) == (1 if says == other else 0)
        assert all(header in one and f"set tax: {other}" in one for one in told)


@pytest.mark.parametrize(("tax", "warned"), [("without", True), ("with", False)])
def test_the_check_warns_of_money_with_tax(tmp_path: Path, tax: str, warned: bool) -> None:
    """It names column, header and setting, and is no more than a note: the table is usable."""
    for folder in ("inputs", "maps"):
        (tmp_path / folder).mkdir()
    plan = f"name: x\ntax: {tax}\ninputs: {{map: maps/orders.yaml}}\n"
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    (tmp_path / "maps" / "orders.yaml").write_text(MAP, encoding="utf-8")
    (tmp_path / "inputs" / "订单.csv").write_text(ORDERS, encoding="utf-8")
    lines: list[str] = []
    assert check_workbook(tmp_path, say=lambda line: lines.append(str(line))) == 0
    said = [line for line in lines if "includes tax" in line]
    assert bool(said) is warned
    assert all(line.startswith("  bookings:") and "'价税合计'" in line for line in said)
