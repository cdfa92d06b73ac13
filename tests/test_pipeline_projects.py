"""The project line from opportunity to contract to cash, and losses in two causes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planlib.pipeline import CutTables
from planlib.pipeline.deals import prepare_deals
from planlib.pipeline.movement import measure_losses, measure_projects, read_projects
from planlib.pipeline.movement.project_figures import lost_deals
from planlib.pipeline.movement.projects import ProjectLine, project_table
from planlib.tables import table
from tests.pipeline_frames import deal, make_accounts, make_deals

AS_OF = date(2026, 3, 31)


def project(key: str, status: str = "won", **more: object) -> dict[str, object]:
    """Make one row of table projects."""
    won = {
        "contract_amount": 1000.0, "contract_date": "2025-06-01", "margin_share": 0.3,
        "due_date": "2025-12-31",
    }  # fmt: skip
    base = {"project_id": key, "opportunity_id": f"O{key}", "account_id": "A1", "status": status}
    return base | (won if status in ("won", "delivered", "closed") else {}) | more


def payment(key: str, due: str, received: str | None, amount: float, **more: object):
    """Make one row of table payments."""
    got = {"received_date": received, "received_amount": amount if received else None}
    return {
        "payment_id": f"{key}-{due}-{amount}", "project_id": key, "milestone": "advance",
        "due_date": due, "due_amount": amount, **got, **more,
    }  # fmt: skip


PROJECTS = [
    project("1", "delivered", delivered_date="2025-12-21", input_cost_amount=50.0),
    project("2", "won", contract_amount=3000.0, margin_share=0.1, account_id="A2",
            input_cost_amount=100.0),
    project("3", "lost", loss_cause="relation", input_cost_amount=30.0),
    project("4", "lost", loss_cause="support", account_id="A2"),
    project("5", "lost", loss_cause="both"),
    project("6", "open"),
]  # fmt: skip
PAYMENTS = [
    payment("1", "2025-07-01", "2025-07-11", 400.0),
    payment("1", "2026-01-15", "2026-02-01", 600.0),
    payment("2", "2025-07-01", "2025-08-01", 900.0),
    payment("2", "2026-02-01", None, 1000.0),
    payment("2", "2026-06-01", None, 1100.0),
    payment("2", "2026-03-01", "2026-04-15", 100.0, milestone="retention"),
]


def make_line(projects=PROJECTS, payments=PAYMENTS) -> ProjectLine:
    """Read the projects of the story."""
    deals = prepare_deals(
        make_deals(
            *[deal(f"O{number}", "won", 500.0 * number, created="2025-01-01", account_id="A1")
              for number in range(1, 7)]
        )
    )  # fmt: skip
    paid = None if payments is None else table("payments").coerce(pd.DataFrame(payments))
    return read_projects(table("projects").coerce(pd.DataFrame(projects)), paid, deals, AS_OF)


def figures(line: ProjectLine, cut: str = "total", cell: str = "all") -> dict[str, float]:
    """Give the figures of one cell."""
    tables = CutTables({"opportunities": make_deals(deal("O1")), "accounts": make_accounts()})
    found = measure_projects(line, tables, ["region"], minimum_deals=1)
    rows = found[(found["cut"] == cut) & (found["cut_value"] == cell)]
    return dict(zip(rows["figure"], rows["value"], strict=True))


def test_money_of_the_line_is_a_hand_calculation():
    """4,000 signed, 1,900 collected until the day, 3,000 due, of which 1,100 overdue."""
    found = figures(make_line())
    assert found["contract_amount"] == 4000
    assert found["collected_amount"] == 1900  # what comes in April is not in yet
    assert found["outstanding_amount"] == 2100
    assert found["due_amount"] == 3000
    assert found["overdue_amount"] == 1100
    assert found["collected_share"] == 1900 / 4000
    assert found["overdue_share"] == pytest.approx(1100 / 3000)


def test_margin_is_recomputed_from_its_parts():
    """(1,000 x 30 % + 3,000 x 10 %) / 4,000 = 15 %, not the mean of 30 and 10."""
    found = figures(make_line())
    assert found["margin_amount"] == 600
    assert found["margin_share"] == 0.15
    assert found["input_cost_share"] == pytest.approx(180 / 4000)
    assert found["win_rate"] == 2 / 5


def test_cells_add_up_to_the_total():
    """Money of two regions is that of the whole."""
    line = make_line()
    total = figures(line)
    for name in ("contract_amount", "collected_amount", "overdue_amount", "margin_amount"):
        parts = [figures(line, "region", cell)[name] for cell in ("EMEA", "APAC")]
        assert sum(parts) == total[name]


def test_days_of_the_line():
    """151 days to the contract; delivered ten days early; 245 days from contract to all cash."""
    row = project_table(make_line()).set_index("project_id").loc["1"]
    assert row["to_contract_days"] == 151
    assert row["to_delivery_days"] == 203
    assert row["delay_days"] == -10
    assert row["to_cash_days"] == 245
    assert row["whole_days"] == 396
    late = project_table(make_line()).set_index("project_id").loc["2"]
    assert (late["late_days"], late["is_paid"]) == (90, False)
    assert np.isnan(late["to_cash_days"])


def test_unpaid_projects_count_in_the_median_to_cash():
    """One paid after 245 days, one unpaid after 303: half is paid at 245."""
    found = figures(make_line())
    assert found["to_cash_days"] == 245
    assert found["to_delivery_days"] == 203
    assert found["on_time_share"] == 1


def test_without_payments_cash_is_blank_not_zero():
    """The contract side stays, the cash side is missing with a reason."""
    line = make_line(payments=None)
    found = figures(line)
    assert found["contract_amount"] == 4000
    assert np.isnan(found["collected_amount"])
    assert np.isnan(found["overdue_share"])
    assert "table payments is missing" in "".join(line.notes.values())
    assert project_table(line)["collected_amount"].isna().all()


def test_a_contract_without_payments_is_left_out_of_cash_and_said():
    """Project 2 has no payment rows: shares and days are those of project 1, money is not zero."""
    line = make_line(payments=[row for row in PAYMENTS if row["project_id"] == "1"])
    row = project_table(line).set_index("project_id").loc["2"]
    for name in ("collected", "due", "overdue", "outstanding"):
        assert pd.isna(row[f"{name}_amount"])
    assert pd.isna(row["is_paid"])
    found = figures(line)
    assert (found["contract_amount"], found["tracked_amount"]) == (4000, 1000)
    assert found["collected_share"] == 1
    assert found["to_cash_days"] == 245
    assert (
        "1 of 2 signed contracts have no row in payments"
        in line.notes["contracts without payments"]
    )


def test_a_contract_after_the_day_is_not_signed_yet():
    """It counts neither as contract nor as outstanding."""
    rows = [project("1", contract_date="2026-04-05")]
    found = figures(make_line(rows, PAYMENTS))
    assert np.isnan(found["contract_amount"])
    assert np.isnan(found["outstanding_amount"])


def test_a_project_without_its_opportunity_is_named():
    """Its days to contract are not known, the project stays."""
    line = make_line([project("1", opportunity_id="nobody")], PAYMENTS)
    assert "1 of 1 projects name no opportunity" in "".join(line.notes.values())
    assert np.isnan(figures(line)["to_contract_days"])


def losses(line: ProjectLine | None, **causes: str) -> pd.DataFrame:
    """Count losses of the story."""
    deals = prepare_deals(
        make_deals(
            deal("X", "lost", 10.0, loss_reason="No sponsor"),
            deal("Y", "lost", 20.0, loss_reason="Late answer", account_id="A2"),
            deal("Z", "lost", 30.0, loss_reason="Price"),
        )
    )
    words = {name.replace("_", " "): cause for name, cause in causes.items()}
    lost, _ = lost_deals(line, deals, words)
    tables = CutTables({"opportunities": deals, "accounts": make_accounts()})
    return measure_losses(lost, tables, ["region"], minimum_deals=1)


def test_losses_by_cause_with_counts_amounts_and_interval():
    """One each of relation (1,500), support (2,000) and both (2,500), each a third."""
    found = losses(make_line())
    total = found[found["cut"] == "total"].set_index("cause")
    assert total["count"].to_dict() == {
        "relation": 1, "support": 1, "both": 1, "other": 0, "not coded": 0,
    }  # fmt: skip
    assert total.loc["support", "amount"] == 2000
    assert total["count_share"].sum() == pytest.approx(1)
    assert total.loc["relation", "low"] < 1 / 3 < total.loc["relation", "high"]
    cells = found[found["cut"] == "region"].groupby("cause")["count"].sum()
    assert cells.to_dict() == total["count"].to_dict()


def test_reasons_of_the_crm_stand_in_for_causes():
    """Without projects the words that plan.yaml explains count; the others are not coded."""
    found = losses(None, no_sponsor="relation", late_answer="support")
    total = found[found["cut"] == "total"].set_index("cause")["count"]
    assert total.to_dict() == {
        "relation": 1, "support": 1, "both": 0, "other": 0, "not coded": 1,
    }  # fmt: skip


def test_without_any_cause_nothing_is_counted():
    """No project, no explained reason: empty, with a sentence on how to supply it."""
    assert losses(None).empty
    deals = prepare_deals(make_deals(deal("X", "lost", loss_reason="Price")))
    _, why = lost_deals(None, deals, {})
    assert "movement.loss_causes" in why
