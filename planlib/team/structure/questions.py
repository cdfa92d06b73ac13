"""Questions that choose a way of selling, asked of every segment against all others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planlib.tables import table
from planlib.tables.team_choices import QUESTIONS
from planlib.team.multiplicity import FALSE_SHARE, adjust
from planlib.team.structure.bands import deal_work
from planlib.team.structure.demand import cell_leads
from planlib.team.structure.ground import Ground
from planlib.team.structure.places import nearest_km
from planlib.team.structure.ratios import Ratio, ratio_of_means, ratio_of_rates, ratio_of_shares

#: Question: what "more" calls for, what "less" calls for, what the figures are.
_SAID: dict[str, tuple[str, str, str]] = {
    "lead_volume": ("inside", "field", "leads a year and account, against all other segments; "
                    "leads without an account are spread as the accounts are"),
    "deal_size": ("field", "inside", "mean amount of won deals, against all other segments"),
    "cycle": ("field", "inside", "mean days from creation to close of won deals, against all other "
              "segments"),
    "small_customers": ("inside", "field", "accounts that are not among the largest fifth by "
                        "employees / accounts with known employees, against all other segments"),
    "local": ("inside", "field", "accounts near a seller's place of work / accounts with a known "
              "place, against all other segments"),
    "leads_win": ("inside", "", "won / closed of deals that an SDR created, against the other "
                  "deals of the segment"),
    "remote_wins": ("inside", "", "won / closed of deals with remote contacts alone, against those "
                    "with a visit or event in the segment; fewer calls for nothing, for what goes "
                    "well is visited"),
}  # fmt: skip


def ask_segments(ground: Ground) -> pd.DataFrame:
    """
    Compare every segment with all others by leads, size, cycle, customers, place and channel.

    An answer counts only where the 95 % interval of the ratio leaves out 1, and where the p-value
    does so too when all questions of all segments are looked at together (``multiplicity``), so
    that segments which are alike call for nothing.

    Parameters
    ----------
    ground
        Accounts, deals, leads and activities; a question without its table is not known.

    Returns
    -------
    DataFrame
        Table ``structure_questions``; every segment has all questions.
    """
    facts = _gather(ground)
    rows = []
    for segment in sorted(ground.cells.table["segment"].unique()):
        found = dict(_answers(ground, facts, segment))
        for order, question in enumerate(QUESTIONS, start=1):
            more, less, said = _SAID[question]
            one = found.get(question, Ratio(value=np.nan, others=np.nan, count=0))
            rows.append({
                "segment": segment, "question": question, "question_order": order,
                "value": one.value, "others_value": one.others, "ratio": one.ratio,
                "low": one.low, "high": one.high, "count": one.count, "answer": one.answer,
                "more": more, "less": less, "p": one.p, "definition": said,
            })  # fmt: skip
    return table("structure_questions").coerce(_judged(pd.DataFrame(rows)))


def _judged(asked: pd.DataFrame) -> pd.DataFrame:
    """Keep the answers that hold among all that were asked, and say what they call for."""
    p_adjusted = adjust(asked["p"])
    is_chance = (p_adjusted > FALSE_SHARE) & asked["answer"].isin(["more", "less"])
    answer = asked["answer"].mask(is_chance, "no clear difference")
    called = asked["more"].where(answer == "more", "")
    called = called.mask(answer == "less", asked["less"])
    judged = asked.assign(p_adjusted=p_adjusted, answer=answer, calls_for=called)
    return judged.drop(columns=["more", "less", "p"])


def year_leads(ground: Ground, years_ago: int = 0) -> pd.Series | None:
    """Count the leads of twelve months by segment; None without leads."""
    counted = cell_leads(replace(
        ground, settings=ground.settings.model_copy(update={"window_months": 12}),
        as_of=(pd.Timestamp(ground.as_of) - pd.DateOffset(years=years_ago)).date(),
    ))  # fmt: skip
    return None if counted is None else counted.groupby(level="segment").sum()


def is_small(ground: Ground) -> pd.Series:
    """Say which accounts are not among the largest fifth by employees; NA where not known."""
    people = ground.cells.accounts["employees"]
    if people.notna().sum() == 0:
        return pd.Series(np.nan, index=people.index)
    return (people < float(people.quantile(0.8))).astype("float64").where(people.notna())


def is_local(ground: Ground) -> pd.Series:
    """Say which accounts are near a seller's place of work; NA where not known."""
    accounts = ground.cells.accounts
    km = nearest_km(accounts, ground.roster)
    if km is None:
        return pd.Series(np.nan, index=accounts.index)
    return (km <= ground.settings.local_km).astype("float64").where(km.notna())


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What is counted once: leads by segment, marks of accounts, visits of deals."""

    leads: pd.Series | None
    marks: dict[str, pd.Series]
    face: pd.Series | None


def _gather(ground: Ground) -> _Facts:
    leads, work = cell_leads(ground), deal_work(ground)
    return _Facts(
        leads=None if leads is None else leads.groupby(level="segment").sum(),
        marks={"small_customers": is_small(ground), "local": is_local(ground)},
        face=None if work is None else work["face"],
    )


def _answers(ground: Ground, facts: _Facts, segment: str) -> Iterator[tuple[str, Ratio]]:
    least = ground.settings.minimum_cases
    mine = ground.cells.accounts["segment"] == segment
    if facts.leads is not None:
        count = float(facts.leads.get(segment, 0.0))
        sizes = (int(mine.sum()) * ground.years, int((~mine).sum()) * ground.years)
        rest = float(facts.leads.sum()) - count
        yield "lead_volume", ratio_of_rates((count, sizes[0]), (rest, sizes[1]), least)
    deals = ground.deals
    won = deals[deals["is_won"]]
    here = won["segment"] == segment
    for question, name in (("deal_size", "amount"), ("cycle", "cycle_days")):
        yield question, ratio_of_means(won.loc[here, name], won.loc[~here, name], least)
    for question, marks in facts.marks.items():
        if marks.notna().any():
            yield question, ratio_of_shares(marks[mine], marks[~mine], least)
    own = deals[deals["segment"] == segment]
    born = own["creator_kind"] == "sdr"
    yield "leads_win", ratio_of_shares(own.loc[born, "is_won"], own.loc[~born, "is_won"], least)
    if facts.face is not None:
        face = own["opportunity_id"].map(facts.face)
        remote, met = own.loc[face == 0, "is_won"], own.loc[face > 0, "is_won"]
        yield "remote_wins", ratio_of_shares(remote, met, least)
