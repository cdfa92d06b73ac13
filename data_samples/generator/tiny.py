"""The tiny workbook for tests: the software firm in small, made in a second or two."""

from __future__ import annotations

from data_samples.generator.clock import day
from data_samples.generator.software import Spec

_POSTS = """\
manager;All;North America;Chicago;US;0
manager;All;Continental Europe;Munich;DE;0
AE;Enterprise;North America;New York;US;1
AE;Commercial;North America;Chicago;US;1
AE;Commercial;Continental Europe;Munich;DE;2
AE;Commercial;Continental Europe;Amsterdam;NL;2
BDR;Commercial;North America;Chicago;US;1
PS;All;Continental Europe;Amsterdam;NL;2"""


def tiny_spec(seed: int) -> Spec:
    """Give the size of the tiny workbook: 60 accounts, 8 reps and a leaver, 150 deals."""
    return Spec(
        seed=seed,
        accounts=59,
        posts=_POSTS,
        rate=0.62,
        scale=0.15,
        step=28,
        regions={"North America": {"US": 34, "CA": 4}, "Continental Europe": {"DE": 14, "NL": 7}},
        history=day("2025-09-30"),
        first_closed=day("2024-10-01"),
        wrong_region="Continental Europe",
    )
