"""Small published tables for the manager's view: two managers, each with a team of one or two."""

from __future__ import annotations

import pandas as pd

HARM = '<script>window.harmed = 1</script><img src=x onerror="window.harmed = 1">'


def make_tables() -> dict[str, pd.DataFrame | None]:
    """Make the tables of a plan in which one account leaves and one joins the team of M1."""
    reps = pd.DataFrame({
        "rep_id": ["VP", "M1", "M2", "R1", "R2", "R3"],
        "name": ["Vera", "Mia", "Max", "Ana", "<b>Bo</b>", "Cy"],
        "manager_id": [None, "VP", "VP", "M1", "M1", "M2"],
    })  # fmt: skip
    plan = pd.DataFrame({
        "account_id": ["A1", "A2", "A3", "A4", "A5"],
        "block": "EMEA", "is_in_scope": [True, True, True, True, False],
        "previous_rep_id": ["R1", "R1", "R3", "R3", "R1"],
        "rep_id": ["R1", "R3", "R2", "R3", "R1"],
        "next_best_rep_id": ["R2", "R1", "R3", None, None],
        "move_cause": ["stays", "plan", "plan", "stays", "stays"],
        "acv": [10.0, 30.0, None, 40.0, 5.0], "potential": 100.0, "workload_hours": 8.0,
        "open_amount": 0.0, "reason": ["Stays.", f"Moved. {HARM}", "Moved.", "Stays.", "Out."],
    })  # fmt: skip
    return {
        "territory_plan": plan,
        "reps": reps,
        "accounts": pd.DataFrame({
            "account_id": ["A1", "A2", "A3", "A4", "A5"],
            "name": ["Acme", HARM, "Northwind", "Secret", "Out"],
        }),
        "territory_balance": pd.DataFrame({
            "rep_id": ["R1", "R2", "R3"], "measure": "acv", "rep_name": ["Ana", "Bo", "Cy"],
            "before": 40.0, "after": 10.0, "target": 20.0, "deviation_after": -0.5,
            "tolerance": 0.1, "is_within": False, "cause": "size",
        }),
        "territory_fairness": None,
        "territory_challenges": None,
        "quotas": pd.DataFrame({
            "rep_id": ["R1", "R2", "R3"], "unit": "EMEA", "role": "rep",
            "quota_amount": [100.0, 200.0, 300.0],
        }),
        "key_accounts": pd.DataFrame({
            "account_id": ["A1", "A4"], "is_key": True, "rank": [2, 1], "score": 80.0,
            "status": "stays", "sales_amount": 1.0, "reason": "large",
        }),
    }  # fmt: skip
