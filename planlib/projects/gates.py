"""Go and no-go: which gates a project has passed, who approved, and which are missing."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.settings.projects import PHASES, ProjectsSettings
from planlib.tables import table

NOT_NEEDED = "not needed"


def read_gates(
    projects: pd.DataFrame,
    decisions: pd.DataFrame | None,
    settings: ProjectsSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Give the last gate that each open project should have passed, and the decision there.

    Parameters
    ----------
    projects
        Open projects with ``project_id``, ``lane``, ``phase_order``.
    decisions
        Decisions of kind ``project_gates`` in force; the last one on a phase counts.
    settings
        Which phases of each lane need a go.
    as_of
        Later decisions are left out.

    Returns
    -------
    DataFrame
        By row of ``projects``: ``gate_phase``, ``gate`` (go, no_go, hold, missing, not needed),
        ``gate_date``, ``approver``, ``is_stopped`` (the last decision on the project is a no go).
    """
    log = gate_log(decisions, as_of)
    last = log.drop_duplicates(["project_id", "phase"], keep="last")
    by_gate = {(row["project_id"], row["phase"]): row for row in last.to_dict("records")}
    newest = log.drop_duplicates("project_id", keep="last").set_index("project_id")["gate"]
    lines = []
    for row in projects.to_dict("records"):
        gates = settings.large_gates if row["lane"] == "large" else settings.fast_gates
        order = row["phase_order"]
        passed = [one for one in PHASES if one in gates and not pd.isna(order)
                  and PHASES.index(one) < order]  # fmt: skip
        line = {"gate_phase": None, "gate": NOT_NEEDED, "gate_date": pd.NaT, "approver": None}
        if passed:
            found = by_gate.get((row["project_id"], passed[-1]))
            line |= {"gate_phase": passed[-1], "gate": "missing"}
            if found is not None:
                line |= {"gate": found["gate"], "gate_date": found["when"],
                         "approver": found["approver"]}  # fmt: skip
        lines.append({**line, "is_stopped": newest.get(row["project_id"]) == "no_go"})
    columns = ["gate_phase", "gate", "gate_date", "approver", "is_stopped"]
    frame = pd.DataFrame(lines, index=projects.index, columns=columns)
    return frame.astype({"gate_date": "datetime64[us]"})


def gate_log(decisions: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    """Give the decisions at gates, oldest first; where no approver is named, it is who decided."""
    rows = table("override_project_gates").coerce(decisions)
    rows = rows[rows["when"] <= pd.Timestamp(as_of)]
    rows = rows.sort_values(["when", "decision_id"], ignore_index=True)
    return rows.assign(approver=rows["approver"].fillna(rows["who"]), day_date=rows["when"])
