"""The inner loop of the capacity simulation, compiled."""

from __future__ import annotations

from typing import Any

from planlib.compiled import compiled


@compiled
def walk_futures(
    chance: Any, start: Any, presence: Any, value: Any, kind: Any, role: Any, group: Any,
    cohort: Any, vacant: Any, effect: Any, risk: Any, now: int, fill: float, hires: bool,
    replaces: bool, heads: Any, reps: Any, amount: Any, cohorts: Any,
) -> None:  # fmt: skip
    """
    Let people leave, and posts be filled, month by month, in every simulated future.

    Parameters
    ----------
    chance
        Generator of random numbers.
    start
        Month in which each person starts, counted from the first month of the plan.
    presence
        People x months: share of the month that the person is there.
    value
        Full quota of a month.
    kind
        0 person, 1 open seat (filled after the time to fill from ``now`` on), 2 planned hire.
    role, group, cohort
        Numbers of role, group and hire cohort.
    vacant
        Month after ``now`` in which a known leaver leaves the post vacant; -1 for none.
    effect, risk
        Role x month of tenure: ramp x productivity, and -log(1 - chance to leave in the month).
    now
        First month that is not over yet; months before it are as they were.
    fill
        Mean months to fill a post (exponential).
    hires, replaces
        Whether seats and planned hires are filled, and whether leavers are replaced.
    heads, reps, amount
        Futures x groups x months, added to: people, effective reps, ramped quota.
    cohorts
        Cohorts x months x 2 (people, effective reps), added to; the last cohort is replacements.
    """
    futures, _, months = heads.shape
    longest = effect.shape[1] - 1
    last = cohorts.shape[0] - 1
    for s in range(futures):
        for i in range(len(start)):
            if kind[i] > 0 and not hires:
                continue
            post, line, who = group[i], role[i], cohort[i]
            begin, entry, part = start[i], start[i], 1.0
            if kind[i] == 1:
                wait = now + chance.standard_exponential() * fill
                if wait >= months:
                    continue
                begin = int(wait)
                entry, part = begin, 1.0 - (wait - begin)
            first = True
            while True:
                left = -1
                patience = chance.standard_exponential()  # leaves when the risk has used it up
                t = max(begin, 0)
                while t < months:
                    k = t - begin
                    k = longest if k > longest else k
                    share = presence[i, t] if first and kind[i] != 1 else 1.0
                    if t == entry and t == begin:
                        share *= part
                    leaves = False
                    if t >= now:
                        patience -= risk[line, k]
                        if patience < 0.0:
                            share *= 0.5
                            leaves = True
                    if first and t == vacant[i]:
                        left = t
                        leaves = True
                    if share > 0.0:
                        able = share * effect[line, k]
                        heads[s, post, t] += share
                        reps[s, post, t] += able
                        amount[s, post, t] += able * value[i]
                        cohorts[who, t, 0] += share
                        cohorts[who, t, 1] += able
                    if leaves:
                        left = t
                        break
                    t += 1
                if left < 0 or not replaces:
                    break
                wait = left + 0.5 + chance.standard_exponential() * fill
                if wait >= months:
                    break
                begin = int(wait)
                entry, part = begin, 1.0 - (wait - begin)
                who = last
                first = False
