"""Headers that say whether their money includes sales tax, against what plan.yaml says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from planlib.tables import TABLES

_WITH = re.compile(
    r"价税合计|(?<![不未])含税|\b(?:incl|including|inclusive|with)\.?[\s_]+(?:of[\s_]+)?(?:vat|tax)\b"
    r"|\b(?:vat|tax)[\s_]+incl|brutto|\b(?:inkl|inklusive|mit)\.?\s+(?:mwst|ust|mehrwertsteuer)",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"不含税|未含税|未税|\b(?:excl|excluding|exclusive|without|before|net)\.?[\s_]+(?:of[\s_]+)?"
    r"(?:vat|tax)\b|\b(?:vat|tax)[\s_]+excl|netto"
    r"|\b(?:exkl|exklusive|ohne|zzgl|zuzüglich)\.?\s+(?:mwst|ust|mehrwertsteuer)",
    re.IGNORECASE,
)


def tax_remarks(table: str, sources: Mapping[str, str], tax: str) -> list[str]:
    """
    Say which columns of money are with tax where the plan is without, or the other way round.

    Parameters
    ----------
    table
        Name of an input table.
    sources
        Header from which each column of the table was taken.
    tax
        "with" or "without", as plan.yaml says of all amounts.

    Returns
    -------
    list of str
        One sentence per column whose header says otherwise; a header that says nothing of tax
        is believed.
    """
    found = []
    for column, header in sources.items():
        said = _said(header) if TABLES[table].by_name[column].kind == "amount" else ""
        if said == "with" and tax == "without":
            found.append(
                f"{column} is taken from '{header}', which says that it includes tax, but "
                "plan.yaml says tax: without; take a column without tax, or set tax: with"
            )
        if said == "without" and tax == "with":
            found.append(
                f"{column} is taken from '{header}', which says that it leaves out tax, but "
                "plan.yaml says tax: with; take a column with tax, or set tax: without"
            )
    return found


def _said(header: str) -> str:
    """Give "with" or "without" where a header says one of them."""
    text = header.replace("_", " ")
    has_tax, has_none = bool(_WITH.search(text)), bool(_WITHOUT.search(text))
    if has_tax == has_none:
        return ""
    return "with" if has_tax else "without"
