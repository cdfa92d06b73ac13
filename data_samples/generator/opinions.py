"""What managers say about the plan of territories, for the folder overrides/ of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_samples.generator.clock import fresh
from data_samples.generator.decisions import Row

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes")
_CODES = ("relation", "industry fit", "location", "language", "workload", "open deal")
_FACTORS = (1.5, 0.6, 2.0, 0.8, 1.3, 0.5)
_OUTLOOKS = ((0.6, 0.7), (0.3, 0.75), (0.5,))


@dataclass(frozen=True, kw_only=True)
class Words:
    """Reasons in the language of a sample, one for each thing that is said."""

    challenges: tuple[str, ...]
    judgements: tuple[str, ...]
    cascade: tuple[str, ...]
    sponsor: str
    seat: str
    people: tuple[str, ...]
    outlook: str
    when: str


SOFTWARE_OPINIONS = Words(
    challenges=(
        "Worked with their buyers for six years", "Only rep with references in this industry",
        "Ten minutes from the office", "Speaks their language", "Has room for one more large one",
        "Leads the open negotiation",
    ),
    judgements=(
        "New plant opens in autumn", "Budget frozen until next year",
        "Competitor's contract ends in June", "Chose another vendor for three years",
        "New CIO comes from a customer", "Merger under way, nobody decides",
    ),
    cascade=("Runs the account with the team since the start", "Pilot of the new offer"),
    sponsor="Knows their board", seat="Worked on the last tender",
    people=("Priya Raman", "Tom Vandenberg"), outlook="Asked in the account review",
    when="2026-03-24",
)  # fmt: skip
INDUSTRIAL_OPINIONS = Words(
    challenges=(
        "长期合作，关系稳定", "熟悉该行业工艺", "就在同一城市",
        "能用当地方言沟通", "还有余力", "正在主导谈判",
    ),
    judgements=(
        "新产线秋季开工", "投资计划暂停", "竞争对手合同六月到期",
        "已签三年框架协议", "新任总工来自老客户", "重组中，无人决策",
    ),
    cascade=("团队从立项起负责", "新产品试点客户"),
    sponsor="与对方董事会相识", seat="参与过上次投标",
    people=("赵思远", "何雨桐"), outlook="客户评审会上询问",
    when="2026-03-24",
)  # fmt: skip


def voice_opinions(
    accounts: pd.DataFrame, reps: pd.DataFrame, words: Words, seed: int
) -> dict[str, list[Row]]:
    """
    Let managers challenge owners, judge opportunities and fill seats of account teams.

    Parameters
    ----------
    accounts
        ``account_id``, ``owner_id``, ``acv``; owners who left have no say.
    reps
        Table ``reps``.
    words
        Reasons.
    seed
        Seed of the sample.

    Returns
    -------
    dict
        Rows by kind (challenges, judgements, cascade, account_teams), the header first.
    """
    draw = fresh(seed, "opinions")
    owners = reps[reps["role"].eq("AE") & reps["leave_date"].isna()]
    owners = owners[~owners["is_open_seat"].astype(bool)].sort_values("rep_id")
    names = dict(zip(reps["rep_id"], reps["name"], strict=True))
    boss = {rep: str(names.get(above, "")) for rep, above in
            zip(reps["rep_id"], reps["manager_id"], strict=True)}  # fmt: skip
    mine = accounts[accounts["owner_id"].isin(owners["rep_id"])]
    mine = mine.assign(size=mine["acv"].fillna(0.0))
    ranked = mine.sort_values(["size", "account_id"], ascending=[False, True], ignore_index=True)
    return {
        "challenges": _challenges(ranked, owners, boss, words, draw),
        "judgements": _judgements(ranked, boss, words, draw),
        "cascade": _kept(
            ranked, boss, dict(zip(reps["rep_id"], reps["manager_id"], strict=True)), words
        ),
        "account_teams": _teams(ranked, boss, words),
    }


def _signed(number: int, who: str, when: str, why: str, *rest: object) -> Row:
    return (f"D-{number:04d}", who, when, why, "", "", "", *rest)


def _places(first: int, last: int, size: int, count: int, draw: np.random.Generator) -> list[int]:
    """Draw places among accounts ranked by size; near the top where there are few."""
    among = np.arange(min(first, size // 4), min(last, size))
    return [int(one) for one in np.sort(draw.choice(among, count, replace=False))]


def _challenges(
    ranked: pd.DataFrame,
    owners: pd.DataFrame,
    boss: Mapping[str, str],
    words: Words,
    draw: np.random.Generator,
) -> list[Row]:
    """Ask for a colleague of the same region: for some middle accounts, and one of the largest."""
    region = dict(zip(owners["rep_id"], owners["region"], strict=True))
    middle = _places(40, 400, len(ranked), 5, draw)
    rows: list[Row] = [(*_HEAD, "account_id", "rep_id", "reason_code")]
    for number, place in enumerate([*middle, 2], start=1):
        owner = ranked.at[place, "owner_id"]
        others = [rep for rep in owners["rep_id"] if rep != owner and region[rep] == region[owner]]
        if not others:
            continue
        wanted = str(draw.choice(others))
        rows.append(_signed(
            number, boss[wanted], words.when, words.challenges[number - 1],
            ranked.at[place, "account_id"], wanted, _CODES[number - 1],
        ))  # fmt: skip
    return rows


def _judgements(
    ranked: pd.DataFrame, boss: Mapping[str, str], words: Words, draw: np.random.Generator
) -> list[Row]:
    rows: list[Row] = [(*_HEAD, "account_id", "factor")]
    places = _places(10, 600, len(ranked), 6, draw)
    for number, place in enumerate(places, start=1):
        owner = ranked.at[place, "owner_id"]
        rows.append(_signed(number, boss[owner], words.when, words.judgements[number - 1],
                            ranked.at[place, "account_id"], _FACTORS[number - 1]))  # fmt: skip
    return rows


def _kept(
    ranked: pd.DataFrame, boss: Mapping[str, str], above: Mapping[str, str], words: Words
) -> list[Row]:
    """Let managers keep an account with their team."""
    rows: list[Row] = [(*_HEAD, "account_id", "leader_id")]
    for place, why in enumerate(words.cascade, start=4):
        owner = ranked.at[place, "owner_id"]
        rows.append(_signed(len(rows), boss[owner], words.when, why,
                            ranked.at[place, "account_id"], above[owner]))  # fmt: skip
    return rows


def _teams(ranked: pd.DataFrame, boss: Mapping[str, str], words: Words) -> list[Row]:
    """Name a sponsor and a colleague for the largest accounts, and say how likely success is."""
    rows: list[Row] = [(*_HEAD, "account_id", "seat", "rep_id", "person_name", "outlook")]
    seats = (("Executive sponsor", words.sponsor), ("Marketing", words.seat))
    for place, outlooks in enumerate(_OUTLOOKS):
        account, owner = ranked.at[place, "account_id"], ranked.at[place, "owner_id"]
        for (seat, why), person in zip(seats[: 2 - place // 2], words.people, strict=False):
            rows.append(_signed(len(rows), boss[owner], words.when, why, account, seat, "",
                                person, ""))  # fmt: skip
        for who, outlook in zip((boss[owner], *words.people), outlooks, strict=False):
            rows.append(_signed(len(rows), who, words.when, words.outlook, account, "", "", "",
                                outlook))  # fmt: skip
    return rows
