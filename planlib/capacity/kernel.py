"""The inner loops of the capacity simulation, compiled."""

from __future__ import annotations

from typing import Any, NamedTuple

from planlib.compiled import compiled


class Posts(NamedTuple):
    """
    Posts and who holds them today; one entry for each.

    Parameters
    ----------
    start
        Month in which the holder starts, counted from the first month of the plan.
    presence
        Posts x months: share of the month that the holder is there.
    value
        Full quota of a month.
    kind
        0 person, 1 open seat (filled after the time to fill from ``now`` on), 2 planned hire.
    role, group, cohort
        Numbers of role, group and hire cohort.
    vacant
        Month after ``now`` in which a known leaver leaves the post vacant; -1 for none.
    """

    start: Any
    presence: Any
    value: Any
    kind: Any
    role: Any
    group: Any
    cohort: Any
    vacant: Any


class Rules(NamedTuple):
    """
    How people ramp and leave, and how posts are filled.

    Parameters
    ----------
    effect, risk
        Role x month of tenure: ramp x productivity, and -log(1 - chance to leave in the month).
    now
        First month that is not over yet; months before it are as they were.
    fill
        Mean months to fill a post (exponential).
    hires, replaces
        Whether seats and planned hires are filled, and whether leavers are replaced.
    """

    effect: Any
    risk: Any
    now: int
    fill: float
    hires: bool
    replaces: bool


class Sums(NamedTuple):
    """
    What the futures are added up in.

    Parameters
    ----------
    heads, reps, amount
        Futures x groups x months: people, effective reps, ramped quota.
    cohorts
        Cohorts x months x 2 (people, effective reps); the last cohort is replacements.
    """

    heads: Any
    reps: Any
    amount: Any
    cohorts: Any


@compiled
def walk_futures(chance: Any, posts: Posts, rules: Rules, sums: Sums) -> None:
    """
    Let people leave, and posts be filled, month by month, in every simulated future.

    Parameters
    ----------
    chance
        Generator of random numbers.
    posts, rules, sums
        Who is there, what may happen, and what is added to.
    """
    for s in range(sums.heads.shape[0]):
        for i in range(len(posts.start)):
            if posts.kind[i] == 0 or rules.hires:
                hold_post(chance, posts, rules, sums, s, i)


@compiled
def hold_post(chance: Any, posts: Posts, rules: Rules, sums: Sums, s: int, i: int) -> None:
    """Follow post ``i`` through future ``s``: its first holder, and everyone who comes after."""
    months = sums.heads.shape[2]
    who, part = posts.cohort[i], 1.0
    begin = posts.start[i]
    is_first = posts.kind[i] != 1
    if posts.kind[i] == 1:
        wait = rules.now + chance.standard_exponential() * rules.fill
        if wait >= months:
            return
        begin = int(wait)
        part = 1.0 - (wait - begin)
    vacant = posts.vacant[i]
    while True:
        left = serve(chance, posts, rules, sums, (s, i, who), begin, part, vacant, is_first)
        if left < 0 or not rules.replaces:
            return
        wait = left + 0.5 + chance.standard_exponential() * rules.fill
        if wait >= months:
            return
        begin = int(wait)
        part = 1.0 - (wait - begin)
        who = sums.cohorts.shape[0] - 1
        vacant = -1
        is_first = False


@compiled
def serve(
    chance: Any, posts: Posts, rules: Rules, sums: Sums, key: tuple[int, int, int], begin: int,
    part: float, vacant: int, is_first: bool,
) -> int:  # fmt: skip
    """
    Add up the months of one holder of a post.

    Parameters
    ----------
    chance, posts, rules, sums
        As in ``walk_futures``.
    key
        Future, post and cohort.
    begin, part
        First month, and the share of it that the holder is there.
    vacant
        Month in which the holder is known to leave; -1 for none.
    is_first
        Whether presence is known for the holder.

    Returns
    -------
    int
        Month in which the holder leaves; -1 where nobody leaves within the plan.
    """
    s, i, who = key
    heads, reps, amount, cohorts = sums.heads, sums.reps, sums.amount, sums.cohorts
    effect, risk, presence = rules.effect, rules.risk, posts.presence
    months, longest, now = heads.shape[2], effect.shape[1] - 1, rules.now
    post, line, value = posts.group[i], posts.role[i], posts.value[i]
    patience = chance.standard_exponential()  # leaves when the risk has used it up
    for t in range(max(begin, 0), months):
        k = min(t - begin, longest)
        share = presence[i, t] if is_first else 1.0
        if t == begin:
            share *= part
        leaves = t == vacant
        if t >= now:
            patience -= risk[line, k]
            if patience < 0.0:
                share *= 0.5
                leaves = True
        if share > 0.0:
            able = share * effect[line, k]
            heads[s, post, t] += share
            reps[s, post, t] += able
            amount[s, post, t] += able * value
            cohorts[who, t, 0] += share
            cohorts[who, t, 1] += able
        if leaves:
            return t
    return -1
