"""Whether industry codes exist and agree with each other and with the industry's name."""

from __future__ import annotations

import re

#: SIC divisions by two-digit groups, with the NAICS sectors that hold the same trades.
_DIVISIONS: tuple[tuple[str, range, frozenset[str]], ...] = (
    ("agriculture", range(1, 10), frozenset(("11", "54", "56", "81"))),
    ("mining", range(10, 15), frozenset(("21", "54"))),
    ("construction", range(15, 18), frozenset(("23", "56", "23"))),
    ("manufacturing", range(20, 40), frozenset(("31", "32", "33", "51", "11", "81", "54"))),
    (
        "transport and utilities",
        range(40, 50),
        frozenset(("48", "49", "22", "51", "56", "52", "71", "48", "81", "53")),
    ),
    ("wholesale", range(50, 52), frozenset(("42", "44", "45", "33", "51"))),
    ("retail", range(52, 60), frozenset(("44", "45", "72", "42", "31", "52"))),
    (
        "finance, insurance and real estate",
        range(60, 68),
        frozenset(("52", "53", "55", "54", "23", "81", "92", "52")),
    ),
    (
        "services",
        range(70, 90),
        frozenset(
            (
                "51",
                "53",
                "54",
                "56",
                "61",
                "62",
                "71",
                "72",
                "81",
                "48",
                "52",
                "33",
                "92",
                "55",
                "11",
                "32",
            )
        ),
    ),
    ("public administration", range(91, 98), frozenset(("92", "52", "61", "62", "54"))),
)
_NAICS = frozenset(
    (
        "11",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "42",
        "44",
        "45",
        "48",
        "49",
        "51",
        "52",
        "53",
        "54",
        "55",
        "56",
        "61",
        "62",
        "71",
        "72",
        "81",
        "92",
        "99",
    )
)
#: Words in an industry's name that leave no doubt about the SIC groups.
_WORDS: tuple[tuple[str, frozenset[int]], ...] = (
    (r"\bbank|\bbanking", frozenset((60, 61, 62, 67))),
    (r"\binsurance", frozenset((63, 64))),
    (r"\breal estate", frozenset((65, 67))),
    (r"\bconstruction", frozenset((15, 16, 17))),
    (r"\bhospitals?\b|health ?care", frozenset((80, 63, 83))),
    (r"\beducation|universit|school", frozenset((82,))),
    (r"\bagricultur|\bfarm", frozenset(range(1, 10))),
    (r"\bmining\b", frozenset(range(10, 15))),
    (r"\bretail", frozenset(range(52, 60))),
    (r"\bwholesale", frozenset((50, 51))),
    (r"\brestaurant", frozenset((58,))),
    (r"\bhotel|hospitality", frozenset((70, 58))),
    (r"\bgovernment|public (sector|administration)", frozenset((*range(91, 98), 43))),
    (r"\bmanufactur", frozenset(range(20, 40))),
)


def division(sic: str) -> str:
    """
    Give the SIC division of a code, blank when there is no such code.

    Examples
    --------
    >>> division("6021"), division("0000")
    ('finance, insurance and real estate', '')
    """
    if not re.fullmatch(r"\d{2,4}", sic.strip()):
        return ""
    group = int(sic.strip().zfill(4)[:2]) if len(sic.strip()) != 2 else int(sic)
    return next((name for name, groups, _ in _DIVISIONS if group in groups), "")


def is_naics(naics: str) -> bool:
    """Tell whether a NAICS code is of a sector that exists."""
    code = naics.strip()
    return bool(re.fullmatch(r"\d{2,6}", code)) and code[:2] in _NAICS


def agree(sic: str, naics: str) -> bool | None:
    """Tell whether a SIC and a NAICS code can be of one firm; None when a code is not valid."""
    name = division(sic)
    if not name or not is_naics(naics):
        return None
    return naics.strip()[:2] in next(sectors for one, _, sectors in _DIVISIONS if one == name)


def fits_name(sic: str, industry: str) -> bool | None:
    """Tell whether a SIC code fits the industry's name; None where the name does not say."""
    if not division(sic):
        return None
    text = sic.strip()
    group = int(text) if len(text) == 2 else int(text.zfill(4)[:2])
    for pattern, groups in _WORDS:
        if re.search(pattern, industry.casefold()):
            return group in groups
    return None
