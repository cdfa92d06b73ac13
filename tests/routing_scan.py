"""The router's loop as a plain scan: every lead asks every rep anew. The oracle of the fast one."""

from __future__ import annotations

import numpy as np

from planlib.routing import loop
from planlib.routing.arrays import Caps, Game, Hours, Leads, Load, Out, Ranks, Rules
from planlib.routing.kernel import FAR, SLOT, WHOLE, draw, ready_time


def scan_leads(
    leads: Leads, rules: Rules, hours: Hours, caps: Caps, ranks: Ranks, load: Load, game: Game,
    out: Out,
) -> None:  # fmt: skip
    """Decide all leads; the same arguments as ``planlib.routing.loop.run_leads``."""
    simulated = game.review > 0
    review = leads.at[0] + game.review if len(leads.at) else 0
    level = np.zeros(len(load.opened), np.int64)
    credits = list(zip(leads.credit_at, leads.credit_of, strict=True))
    for i, minute in enumerate(leads.at):
        while credits and credits[0][0] <= minute:
            _give_back(credits.pop(0)[1], leads, rules, ranks, load, out)
        out.rep[i], out.rule[i], out.ready[i], out.second[i] = -1, loop.CATCH_ALL, -1, -1
        if leads.blocked[i]:
            out.rule[i] = loop.BLOCKED
            continue
        if simulated and game.learning != loop.GIVEN and minute >= review:
            loop.learn(game, ranks)
            while review <= minute:
                review += game.review
        rep, ready, rule = _named(i, leads, rules, hours, caps, load, out)
        second = -1
        for step in range(2):
            if rep < 0 and leads.pool[i, step] >= 0:
                pool = leads.pool[i, step]
                reps = leads.members[leads.pool_first[pool] : leads.pool_first[pool + 1]]
                how, reps = _how(i, reps, leads, rules, simulated=simulated)
                rep, ready, second = _scan(
                    i, how, 2 + step, reps, leads, rules, hours, caps, ranks, load, level
                )
                if rep >= 0 and how == loop.STRICT:
                    last = leads.at[-1] + 60 * 24 * 31
                    found = ready_time(rep, minute, last, 2 + step, leads.grade[i], hours, caps,
                                       load)  # fmt: skip
                    ready = found if found >= 0 else last
                rule = loop.TERRITORY + step
                out.tried[i, rule] = 2 if rep >= 0 else 1
        if rep < 0:
            continue
        begun = ready
        if rules.policy == loop.CHERRY and leads.quality_rank[i] > 0.5:
            ready += game.pick_delay
        out.rep[i], out.rule[i], out.ready[i], out.second[i] = rep, rule, ready, second
        weight = ranks.weight[rep] if _policy(i, leads, rules) == loop.WEIGHTED else 1.0
        load.pointer[rep] += 1.0 / weight if weight > 0 else 1.0
        _count(i, rep, rule, ready, leads, hours, load)
        if not simulated:
            load.opened[rep] += 1
            continue
        load.free_at[rep] = max(load.free_at[rep], begun) + rules.work
        chance = loop.chance_of(game.outcome, game.base, game.quality[i], game.skill[rep])
        decay = 2.0 ** (-(ready - minute) / game.half_life)
        out.won[i] = game.luck[i] < chance * (game.lasting + (1 - game.lasting) * decay)
        game.won[rep] += out.won[i]
        mean = loop.chance_of(game.outcome, game.base, game.quality[i], 0.0)
        game.expected[rep] += mean / game.base
    for _, lead in credits:
        _give_back(lead, leads, rules, ranks, load, out)


def _policy(i, leads, rules):
    return leads.policy[i] if leads.policy[i] >= 0 else rules.policy


def _give_back(lead, leads, rules, ranks, load, out):
    rep = out.rep[lead]
    if rep >= 0:
        weight = ranks.weight[rep] if _policy(lead, leads, rules) == loop.WEIGHTED else 1.0
        load.pointer[rep] -= 1.0 / weight if weight > 0 else 1.0


def _named(i, leads, rules, hours, caps, load, out):
    minute, grade = leads.at[i], leads.grade[i]
    earlier = out.rep[leads.same[i]] if leads.same[i] >= 0 else -1
    before, owner, named = leads.fixed[i]
    for step, one in enumerate((earlier if leads.same[i] >= 0 else before, owner, named)):
        if one < 0:
            continue
        ready = -1
        full = 0 <= caps.open_cap[one] <= load.opened[one]
        if one != leads.exclude[i] and not full:
            ready = ready_time(one, minute, minute + rules.owner_wait, (3, 0, 1)[step], grade,
                               hours, caps, load)  # fmt: skip
        out.tried[i, step] = 2 if ready >= 0 else 1
        if ready >= 0:
            return one, ready, step
    return -1, minute, loop.CATCH_ALL


def _how(i, reps, leads, rules, *, simulated):
    policy, key = _policy(i, leads, rules), leads.lead_key[i]
    if policy == loop.GEOGRAPHY and simulated:
        at = int(draw(key, np.uint64(0x6E0)) * len(reps))
        return loop.STRICT, reps[at : at + 1]
    if policy in (loop.GEOGRAPHY, loop.CHERRY):
        return loop.ROUND, reps
    ranked = policy in (loop.BEST, loop.GRADED, loop.THOMPSON) and rules.floor_share > 0
    by_turn = ranked and draw(key, np.uint64(0xF100)) < rules.floor_share
    return (loop.ROUND if by_turn else policy), reps


def _scan(i, how, rule, reps, leads, rules, hours, caps, ranks, load, level):
    """Ask every rep of the list when it can take the lead; give the best and the next best."""
    minute, grade = leads.at[i], leads.grade[i]
    slot, found = minute // SLOT, []
    there = [one for one in reps if _is_settled(one, slot, hours, load)]
    least = min((load.pointer[one] for one in there), default=-np.inf)
    for place, rep in enumerate(reps):
        if rep == leads.exclude[i] or 0 <= caps.open_cap[rep] <= load.opened[rep]:
            continue
        if minute < caps.ramp_end[rep] and 0 <= grade < caps.low_grade:
            continue
        if _was_away(rep, hours.local_day[hours.pattern[rep], slot], hours, load):
            load.pointer[rep] = max(load.pointer[rep], least)
            if how == loop.LOADED and there:
                fewest = min(load.opened[one] + level[one] for one in there)
                level[rep] = max(level[rep], fewest - load.opened[rep])
        key = _key(i, how, rep, leads, rules, ranks, load, level)
        ready = minute
        if how != loop.STRICT:
            ready = ready_time(rep, minute, minute + rules.wait, rule, grade, hours, caps, load)
        if key < FAR and ready >= 0:
            found.append((ready, key, load.pointer[rep], place, rep))
    found.sort()
    if not found:
        return -1, 0, -1
    here = [one for one in found if one[0] <= minute]
    return found[0][4], found[0][0], here[1][4] if len(here) > 1 else -1


def _key(i, how, rep, leads, rules, ranks, load, level):
    """Give what the policy compares; the smallest is taken."""
    if how == loop.BEST:
        return -ranks.score[rep]
    if how == loop.GRADED:
        return abs(ranks.rank[rep] - leads.quality_rank[i])
    if how == loop.THOMPSON:
        step = ranks.normal[int(draw(leads.lead_key[i], np.uint64(rep)) * len(ranks.normal))]
        return -(ranks.score[rep] + ranks.sd[rep] * step)
    if how == loop.LOADED:
        waits = max(0, load.free_at[rep] - leads.at[i]) / max(1, rules.work)
        return load.opened[rep] + level[rep] + waits
    if how == loop.WEIGHTED and ranks.weight[rep] <= 0:
        return FAR
    return load.pointer[rep]


def _was_away(rep, day, hours, load):
    if hours.away[rep, day] >= WHOLE:
        return True
    before = max(0, load.last_day[rep])
    load.last_day[rep] = day
    return (hours.away[rep, before:day] >= WHOLE).any()


def _is_settled(rep, slot, hours, load):
    """Tell whether a rep is not away, nor was since the last look."""
    day = hours.local_day[hours.pattern[rep], slot]
    since = range(max(0, load.last_day[rep]), day + 1)
    return all(hours.away[rep, one] < WHOLE for one in since)


def _count(i, rep, rule, ready, leads, hours, load):
    slot = min(ready // SLOT, hours.next_open.shape[1] - 1)
    day = hours.local_day[hours.pattern[rep], slot]
    load.counts[rep, day, 0] += 1
    if rule != loop.SAME_PERSON:
        load.counts[rep, day, rule] += 1
    if leads.grade[i] >= 0:
        load.counts[rep, day, 5 + leads.grade[i]] += 1
