"""Reviews of several months: who is ranked, fits of the groups, and the rule of each group."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.ranking.absence import month_start, rep_windows
from planlib.ranking.cases import Cases
from planlib.ranking.metrics import by_method, sums_of
from planlib.ranking.noise import find_rule
from planlib.ranking.peers import (
    group_peers,
    judge_people,
    key_account_shares,
    months_by_rep,
)
from planlib.ranking.score import GroupFit, fit_group, rank_group
from planlib.ranking.tiers import TierRule
from planlib.settings.ranking import LONG_TERM, RankingSettings
from planlib.workdays import WorkCalendar


@dataclass(frozen=True, kw_only=True)
class World:
    """What all months share: cases, units, people, absence, calendar, settings, seed."""

    cases: Cases = field(repr=False)
    units: pd.DataFrame = field(repr=False)
    people: pd.DataFrame = field(repr=False)
    away: pd.DataFrame = field(repr=False)
    key_accounts: pd.DataFrame | None = field(repr=False)
    calendar: WorkCalendar = field(repr=False)
    settings: RankingSettings = field(repr=False)
    seed: int


@dataclass(frozen=True, kw_only=True)
class Month:
    """
    One monthly review before tiers.

    Parameters
    ----------
    day
        Its as-of date.
    judged
        Everybody with ``status``, ``reason``, ``peer_group`` and the window.
    scores
        From ``score.rank_group`` for those who are ranked.
    fits
        Fit of each peer group.
    """

    day: pd.Timestamp
    judged: pd.DataFrame = field(repr=False)
    scores: pd.DataFrame = field(repr=False)
    fits: list[GroupFit] = field(repr=False)

    def rows(self) -> pd.DataFrame:
        """Give what the tier rule looks at, for everybody who has a tier."""
        tiered = ["ranked", "too few cases", "too few peers", "no common metrics", "new"]
        mine = self.judged[self.judged["status"].isin(tiered)]
        kept = mine[["rep_id", "status", "peer_group", "cases_count"]].assign(month_date=self.day)
        if self.scores.empty:
            return kept.assign(score_raw=float("nan"), score=float("nan"), score_sd=float("nan"))
        return kept.merge(self.scores[["rep_id", "score_raw", "score", "score_sd"]], on="rep_id",
                          how="left")  # fmt: skip


def review_month(world: World, end: date) -> Month:
    """Judge and score everybody at one month's end."""
    settings, day = world.settings, pd.Timestamp(end)
    staff = world.people[~(pd.to_datetime(world.people["hire_date"]) > day)].reset_index(drop=True)
    windows = rep_windows(staff["rep_id"].tolist(), world.away, end, months_by_rep(staff, settings),
                          longest=settings.longest_window, calendar=world.calendar)  # fmt: skip
    decided = world.cases.rows[["rep_id", "decided_date"]].merge(windows, on="rep_id")
    inside = decided["decided_date"].between(decided["window_from"], decided["window_to"])
    counts = decided.loc[inside, "rep_id"].value_counts()
    long_from = pd.Timestamp(month_start(end, settings.long_term_months))
    key = key_account_shares(world.cases, world.key_accounts, long_from)
    judged = judge_people(staff, counts, key, settings, day)
    judged = group_peers(judged, world.cases, settings).merge(windows, on="rep_id")
    sums = by_method(sums_of(world.units, windows, long_from))
    fits: list[GroupFit] = []
    ranked = judged[judged["status"] == "ranked"]
    for name, rows in ranked.groupby("peer_group", sort=True):
        fit = fit_group(str(name), rows["rep_id"].tolist(), sums, settings)
        if isinstance(fit, GroupFit):
            fits.append(fit)
        else:
            judged.loc[rows.index, ["status", "reason"]] = ["no common metrics", fit]
    scores = [rank_group(fit, settings, world.seed) for fit in fits]
    table = pd.concat(scores, ignore_index=True) if scores else pd.DataFrame()
    return Month(day=day, judged=judged, fits=fits, scores=table)


def group_rules(
    months: list[Month], settings: RankingSettings, seed: int
) -> tuple[dict[str, TierRule], pd.DataFrame]:
    """
    Set the rule of each peer group from the latest review in which it stands.

    Returns
    -------
    tuple
        Rules by group, and table ``ranking_noise`` of the groups of the last review.
    """
    rules: dict[str, TierRule] = {}
    noise = []
    for month in reversed(months):
        for fit in month.fits:
            if fit.name in rules:
                continue
            rule, table = find_rule(fit, settings, seed)
            lacks = settings.long_term_required and LONG_TERM not in {
                one.metric for one in fit.metrics
            }
            if lacks and settings.weights.get(LONG_TERM, 0.0) > 0:
                rule = TierRule(up=rule.up, down=rule.down, confidence=rule.confidence, why_not=(
                    "no move: the long-term metric is missing "
                    f"({fit.missing.get(LONG_TERM, 'no data')})"
                ))  # fmt: skip
            rules[fit.name] = rule
            if month is months[-1]:
                noise.append(table)
    return rules, pd.concat(noise, ignore_index=True) if noise else pd.DataFrame()
