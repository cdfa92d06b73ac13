"""Release of the plans: none is released alone, and none while a contradiction blocks it."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.settings.pay import PARTS

_ORDER = {"draft": 0, "agreed": 1, "released": 2}
_SHOWN = 3  # rules named in a reason


def release_states(
    releases: pd.DataFrame | None, contradictions: pd.DataFrame, as_of: date
) -> pd.DataFrame:
    """
    Give the state of territories, quotas and pay.

    A plan that somebody released is released only when all three were, and no contradiction that
    blocks is open; otherwise it stays agreed.

    Parameters
    ----------
    releases
        Decisions of kind ``releases`` in force; the last one of a part counts.
    contradictions
        Table ``plan_contradictions``.
    as_of
        Decisions of later days do not count yet.

    Returns
    -------
    DataFrame
        Table ``plan_releases``.
    """
    asked = _asked(releases, as_of)
    blocks = contradictions[contradictions["severity"] == "blocks"] if len(contradictions) else None
    count = 0 if blocks is None else len(blocks)
    waiting = [part for part in PARTS if asked.get(part, {}).get("state") != "released"]
    rows = []
    for part in PARTS:
        one = asked.get(part, {})
        wish = str(one.get("state", "draft"))
        state, reason = wish, _plain(wish, one)
        if wish == "released" and waiting:
            state = "agreed"
            reason = f"nothing is released alone: {_listed(waiting)} not released yet"
        if wish == "released" and count:
            state = "agreed"
            also = f"; {_listed(waiting)} not released yet" if waiting else ""
            reason = f"{_named(blocks)}{also}"
        rows.append({
            "part": part, "asked": wish, "state": state, "who": one.get("who"),
            "when": one.get("when"), "why": one.get("why"), "blocking_count": count,
            "reason": reason,
        })  # fmt: skip
    return pd.DataFrame(rows)


def check_releases(releases: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    """
    Name releases by nobody, of no known plan, or of a day to come.

    Parameters
    ----------
    releases
        Decisions of kind ``releases`` in force, or None.
    as_of
        Day after which nothing can be released yet.

    Returns
    -------
    DataFrame
        Rows for ``pay_problems``; such decisions do not count.
    """
    if releases is None or releases.empty:
        return pd.DataFrame()
    rows = []
    for problem, column, wrong, detail in (
        ("release_by_nobody", "who", _nobody(releases),
         "a person; the decision does not count"),
        ("release_of_unknown_plan", "part", ~releases["part"].isin(PARTS),
         f"one of {', '.join(PARTS)}; the decision does not count"),
        ("release_in_future", "when", _late(releases, as_of),
         f"a day until {as_of}; the decision does not count yet"),
    ):  # fmt: skip
        for _, row in releases[wrong].sort_values("decision_id").iterrows():
            value = row[column]
            rows.append({
                "problem": problem, "source": "override_releases", "row": str(row["decision_id"]),
                "column": column, "value": "" if pd.isna(value) else str(value).split(" 00:")[0],
                "detail": detail,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _asked(releases: pd.DataFrame | None, as_of: date) -> dict[str, dict[str, object]]:
    if releases is None or releases.empty:
        return {}
    sound = releases[
        ~_nobody(releases) & releases["part"].isin(PARTS) & ~_late(releases, as_of)
    ].assign(rank=lambda frame: frame["state"].map(_ORDER))
    last = sound.sort_values(["when", "decision_id"]).drop_duplicates("part", keep="last")
    return {str(row["part"]): row for row in last.to_dict("records")}  # type: ignore[misc]


def _nobody(releases: pd.DataFrame) -> pd.Series:
    return releases["who"].fillna("").astype("str").str.strip().eq("")


def _late(releases: pd.DataFrame, as_of: date) -> pd.Series:
    return releases["when"] > pd.Timestamp(as_of)


def _plain(wish: str, one: dict[str, object]) -> str:
    if not one:
        return "nobody has agreed to it yet"
    return f"{wish} by {one['who']}"


def _listed(parts: list[str]) -> str:
    text = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    return f"{text} {'are' if len(parts) > 1 or parts[0] != 'pay' else 'is'}"


def _named(blocks: pd.DataFrame | None) -> str:
    if blocks is None:
        return ""
    counts = blocks["rule"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    named = [
        f"{str(rule).replace('_', ' ')} ({count})" for rule, count in counts.head(_SHOWN).items()
    ]
    more = f" and {len(counts) - _SHOWN} more rules" if len(counts) > _SHOWN else ""
    word = "contradiction blocks" if len(blocks) == 1 else "contradictions block"
    return f"{len(blocks)} open {word} it: {', '.join(named)}{more}"
