"""What people decided about requests, and whether it can be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planlib.support.market import Slack

MINUTES = 60
#: What parts several skills or experts in one cell.
SEMICOLON = re.compile("[;；]")
#: Why a request is refused by people.
NO_GO = "an approver said no go to the project"
REFUSED = "a person refused it"
#: Why a request is worth nothing.
NO_MARGIN = "the margin at stake is 0 or below, so nothing is gained by winning it more often"
NO_RISE = "support does not raise the margin expected: p with is not above p without"
_FEW = 0.1  # share by which running work may ask for more than there is and change little


@dataclass(frozen=True, kw_only=True, eq=False)
class Decided:
    """
    What people decided: expert that must serve (-1: none), pairs that must not, refusals.

    ``musts`` names all experts that must serve, for requests that need several.
    """

    held: np.ndarray
    forbidden: np.ndarray
    refused: np.ndarray
    words: list[str]
    musts: list[set[int]]


def words(values: pd.Series) -> list[set[str]]:
    """Give the skills that each text names, one or several with a semicolon (; or ；) between."""
    return [
        {part.strip().casefold() for part in SEMICOLON.split(str(value)) if part.strip()}
        if pd.notna(value)
        else set()
        for value in values
    ]


def spellings(*columns: pd.Series) -> dict[str, str]:
    """
    Give the one spelling of each skill that is shown: the most frequent, then the first.

    Examples
    --------
    >>> spellings(pd.Series(["SQL", "sql ", "PLC；sql"]), pd.Series(["SQL; plc", "PLC"]))
    {'plc': 'PLC', 'sql': 'SQL'}
    """
    every = pd.concat([column.dropna().astype("str") for column in columns], ignore_index=True)
    parts = every.map(SEMICOLON.split).explode().dropna().str.strip()
    parts = parts[parts != ""]
    counts = pd.DataFrame({"key": parts.str.casefold(), "text": parts}).value_counts().reset_index()
    order = counts.sort_values(["key", "count", "text"], ascending=[True, False, True])
    first = order.drop_duplicates("key")
    return dict(zip(first["key"], first["text"], strict=True))


def spelled(values: pd.Series, names: Mapping[str, str]) -> pd.Series:
    """Give texts of skills in the spellings of ``names``, those of the same skills alike."""
    texts = pd.Series(
        [_respelled(str(text), names) if pd.notna(text) else "" for text in values],
        index=values.index, dtype="str",
    )  # fmt: skip
    key = pd.Series(["; ".join(sorted(one)) for one in words(values)], index=values.index)
    counts = pd.DataFrame({"key": key, "text": texts}).value_counts().reset_index()
    order = counts.sort_values(["count", "text"], ascending=[False, True])
    first = order.drop_duplicates("key").set_index("key")["text"]
    return key.map(first).where(key != "").astype("str")


def _respelled(text: str, names: Mapping[str, str]) -> str:
    """Give a text with each skill spelled as in ``names``; what parts them stays."""
    parts = re.split("([;；])", text.strip())
    plain = [one.strip() for one in parts]
    return "".join(
        one.replace(word, names.get(word.casefold(), word)) if word else one
        for one, word in zip(parts, plain, strict=True)
    )


def one_spelling(
    requests: pd.DataFrame, experts: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spell each skill in one way, in requests (further experts too) and experts."""
    parts = requests["also_skills"].astype("str").str.split("|", regex=False).explode()
    names = spellings(requests["skill"], parts, experts["skills"])
    further = spelled(parts, names).dropna()
    also = further.groupby(level=0).agg("|".join).reindex(requests.index).astype("str")
    return (
        requests.assign(skill=spelled(requests["skill"], names), also_skills=also),
        experts.assign(skills=spelled(experts["skills"], names)),
    )


def worthless(gain: float, margin: float) -> tuple[str, str]:
    """Give kind and words for a request that is worth nothing, or whose worth is not known."""
    if np.isnan(gain):
        return "not rated", "what it is worth is not known"
    return "no gain", NO_MARGIN if margin <= 0 else NO_RISE


def read_decisions(
    rows: pd.DataFrame,
    people: pd.DataFrame,
    locks: pd.DataFrame | None,
    findings: list[dict[str, object]],
) -> Decided:
    """Give what is running and what people set, forbade or refused; add what has no effect."""
    held = np.full(len(rows), -1, dtype=np.int64)
    forbidden = np.zeros((len(rows), len(people)), dtype=bool)
    refused = np.zeros(len(rows), dtype=bool)
    told_by = [""] * len(rows)
    musts: list[set[int]] = [set() for _ in range(len(rows))]
    at = {one: place for place, one in enumerate(rows["request_id"])}
    who = {one: place for place, one in enumerate(people["expert_id"])}
    for row in rows[rows["status"] == "running"].to_dict("records"):
        server = who.get(row["expert_id"], -1)
        held[at[row["request_id"]]] = server
        if server < 0:
            findings.append(
                finding("support_requests", row["request_id"], "expert_id", row["expert_id"],
                         "is running, but names no expert with known hours: planned as open")
            )  # fmt: skip
    for row in [] if locks is None else locks.to_dict("records"):
        place, expert = at.get(row["request_id"]), who.get(row["expert_id"])
        name, rule = row["decision_id"], row["rule"]
        if place is None:
            findings.append(_lock(row, "request_id", "no open request has this id: no effect"))
        elif rule == "refuse":
            refused[place] = True
        elif expert is None:
            findings.append(_lock(row, "expert_id", "no expert with known hours: no effect"))
            continue
        elif rule == "must":
            held[place] = expert
            musts[place].add(expert)
        else:
            forbidden[place, expert] = True
        if place is not None:
            told = f"{name}, {row['who']}, {row['when']:%Y-%m-%d}: {rule} {row['expert_id']}"
            told = told if rule != "refuse" else told.rsplit(" ", 1)[0]
            told_by[place] = "; ".join(filter(None, [told_by[place], f"{told} ({row['why']})"]))
    return Decided(
        held=held, forbidden=forbidden, refused=refused, words=told_by, musts=musts
    )  # fmt: skip


def keep(
    rows: pd.DataFrame,
    people: pd.DataFrame,
    spans: tuple[np.ndarray, np.ndarray],
    parts: tuple[np.ndarray, np.ndarray, np.ndarray],
    findings: list[dict[str, object]],
) -> tuple[np.ndarray, np.ndarray]:
    """
    Check that what is running and what people have set fits, running work first.

    Running work takes the hours that there are; a request that people have set, but that does not
    fit, is planned as any other.
    """
    (first, last), (minutes, fixed, room) = spans, parts
    minutes, fixed, slack = minutes.copy(), fixed.copy(), Slack(room)
    running = (rows["status"] == "running").to_numpy()
    for place in np.flatnonzero(fixed >= 0)[np.argsort(~running[fixed >= 0], kind="stable")]:
        expert = int(fixed[place])
        left = max(slack.room(expert, int(first[place]), int(last[place])), 0)
        if minutes[place, expert] > left:
            asked = minutes[place, expert] / MINUTES
            done = (
                "takes what there is"
                if running[place]
                else "does not fit, so the decision has no effect"
            )
            check = (
                "running work asks for more hours than its expert has left in the window: it "
                "takes what there is"
                if running[place]
                else "a person set an expert who has too few hours left: no effect"
            )
            few = bool(running[place] and minutes[place, expert] <= (1 + _FEW) * left)
            findings.append(
                finding("support_requests", str(rows["request_id"].iat[place]), "hours",
                         f"{asked:g}", f"{people['expert_id'].iat[expert]} should serve it, but "
                         f"has {left / MINUTES:g} hours left in the window: it {done}", check=check,
                         is_minor=few)
            )  # fmt: skip
            minutes[place, expert] = left if running[place] else minutes[place, expert]
            fixed[place] = expert if running[place] else -1
        if fixed[place] >= 0:
            slack.take(expert, int(first[place]), int(last[place]), int(minutes[place, expert]))
    return minutes, fixed


def finding(
    name: str, row: str, column: str, value: object, text: str,
    *, check: str = "", is_minor: bool = False,
) -> dict[str, object]:  # fmt: skip
    """Give one row of the findings; ``check`` says its kind where the text names ids or hours."""
    shown = None if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]
    return {"table": name, "row_id": row, "column": column, "value": shown, "finding": text,
            "check": check or text, "is_minor": is_minor}  # fmt: skip


def _lock(row: Mapping[Any, Any], column: str, text: str) -> dict[str, object]:
    return finding("override_support_locks", row["decision_id"], column, row[column], text)
