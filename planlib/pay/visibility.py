"""Who may see what: classes of personal data by audience of plan.yaml (S0-34)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.settings.general import AudienceSettings
from planlib.tables import TABLES
from planlib.tables.pay import CLASSES

_EXAMPLES = 4
_SHOWN = "shown"
_HIDDEN = "these columns are in no report, picture or Excel file of the audience"
_MEANING = {
    "pay": "quotas, pay and what a person or a small group earns",
    "rank": "where a person stands among peers",
    "retention": "who may leave, and why people left",
    "contact": "names and addresses of people at customers",
}


def plan_visibility(audiences: Mapping[str, AudienceSettings]) -> pd.DataFrame:
    """
    Say what each audience sees of each class of personal data.

    Parameters
    ----------
    audiences
        ``report.audiences`` of plan.yaml.

    Returns
    -------
    DataFrame
        Table ``plan_visibility``.
    """
    columns: dict[str, list[str]] = {name: [] for name in CLASSES}
    for table in TABLES.values():
        for column in table.columns:
            if column.sensitive:
                columns[column.sensitive].append(f"{table.name}.{column.name}")
    rows = []
    for audience in sorted(audiences):
        sees = audiences[audience].sees
        for name in CLASSES:
            shown = name in sees
            rows.append({
                "audience": audience, "sensitive_class": name, "is_shown": shown,
                "table_count": len({one.split(".")[0] for one in columns[name]}),
                "column_count": len(columns[name]),
                "examples": ", ".join(columns[name][:_EXAMPLES]),
                "reason": f"{_MEANING[name]}: {_SHOWN if shown else _HIDDEN}",
            })  # fmt: skip
    return pd.DataFrame(rows)
