"""The compiled loop that decides leads one after the other; router and simulator run the same."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.routing.arrays import Caps, Game, Hours, Leads, Load, Out, Ranks, Rules
from planlib.routing.kernel import FAR, NEVER, SLOT, draw, ready_time
from planlib.routing.watch import (
    AWAY,
    NEW_DAY,
    Watch,
    find_ready,
    is_capped,
    least_turn,
    level_load,
    start_watch,
    turn_days,
    was_back,
)

BEST, GRADED, WEIGHTED, ROUND, LOADED, GEOGRAPHY, THOMPSON, STRICT, CHERRY = range(9)
GIVEN, RAW, SHRUNK = range(3)  # how ranks are learnt
SAME_PERSON, OWNER, NAMED, TERRITORY, POLICY, CATCH_ALL, BLOCKED = range(7)
_LAST = 60 * 24 * 31  # minutes after the last lead at which a simulated rep begins at the latest


@compiled
def learn(
    game: Game,
    ranks: Ranks,
) -> None:
    """Rank reps anew from wins over what their leads let expect; shrunk where asked."""
    won, expected, score, pooled = game.won, game.expected, ranks.score, game.base
    reps = len(score)
    known, total = 0.0, 0.0
    for rep in range(reps):
        known += expected[rep]
        total += won[rep]
    mean = total / known if known > 0 else 1.0
    spread, noise, weight = 0.0, 0.0, 0.0
    for rep in range(reps):
        if expected[rep] > 0:
            ratio = won[rep] / expected[rep]
            spread += expected[rep] * (ratio - mean) ** 2
            noise += mean * (1 - min(0.95, mean * pooled))
            weight += expected[rep]
    between = max((spread - noise) / weight, 1e-4) if weight > 0 else 1e-4
    for rep in range(reps):
        if game.learning == RAW:
            score[rep] = pooled * (won[rep] / expected[rep] if expected[rep] > 0 else mean)
            ranks.sd[rep] = 0.0
        else:
            strength = mean * (1 - min(0.95, mean * pooled)) / between
            trust = (won[rep] + strength * mean) / (expected[rep] + strength)
            score[rep] = pooled * trust
            ranks.sd[rep] = pooled * np.sqrt(
                mean * (1 - min(0.95, mean * pooled)) / (expected[rep] + strength)
            )
    order = np.argsort(-score, kind="mergesort")
    for place in range(reps):
        ranks.rank[order[place]] = (place + 0.5) / reps


@compiled
def chance_of(
    outcome: int,
    base: float,
    quality: float,
    skill: float,
) -> float:
    """Give the chance to win: logit, additive (1) or multiplicative (2) in quality and skill."""
    if outcome == 1:
        chance = base * (1 + quality + skill)
    elif outcome == 2:
        chance = base * (1 + quality) * (1 + skill)
    else:
        odds = np.log(base / (1 - base)) + quality + skill
        chance = 1 / (1 + np.exp(-odds))
    return min(1.0, max(0.0, chance))


@compiled
def policy_of(
    i: int,
    leads: Leads,
    rules: Rules,
) -> int:
    """Give the policy of a lead: that of its business unit, else that of the rules."""
    own = leads.policy[i]
    return own if own >= 0 else rules.policy


@compiled
def may_not(
    rep: int,
    exclude: int,
    caps: Caps,
    load: Load,
) -> bool:
    """Tell whether a rep had the lead before, or has as many open leads as the cap allows."""
    return rep == exclude or (caps.open_cap[rep] >= 0 and load.opened[rep] >= caps.open_cap[rep])


@compiled
def pick(
    i: int,
    how: int,
    rule: int,
    low: int,
    high: int,
    leads: Leads,
    rules: Rules,
    hours: Hours,
    caps: Caps,
    ranks: Ranks,
    load: Load,
    watch: Watch,
) -> tuple[int, int, int]:
    """
    Choose among the reps of a list: the smallest key, then the lowest turn, of those present.

    Gives rep, minute, and the next best who is present. The arrays are taken out of their groups
    and the key is worked out in place: this loop runs once for each lead and rep.
    """
    minute, grade, exclude = leads.at[i], leads.grade[i], leads.exclude[i]
    quality_rank, lead_key, members = leads.quality_rank[i], leads.lead_key[i], leads.members
    score, sd, rank, weight = ranks.score, ranks.sd, ranks.rank, ranks.weight
    pointer, opened, free_at, normal = load.pointer, load.opened, load.free_at, ranks.normal
    open_cap, due, known, level = caps.open_cap, watch.due, watch.ready, watch.level
    too_good = 0 <= grade < caps.low_grade
    ramp_end, work, steps = caps.ramp_end, max(1.0, float(rules.work)), len(normal)
    best, best_ready, best_key, best_turn = NEVER, 0, FAR, FAR
    second, second_key, second_turn = NEVER, FAR, FAR
    least, here, by_hours, limit = -1.0, False, how != STRICT, minute + rules.wait
    capped = by_hours and is_capped(rule, grade, caps)
    for place in range(low, high):
        rep = members[place]
        if rep == exclude or (too_good and minute < ramp_end[rep]):
            continue
        if open_cap[rep] >= 0 and opened[rep] >= open_cap[rep]:
            continue
        if due[rep] == AWAY or (due[rep] == NEW_DAY and was_back(rep, hours, load, watch)):
            if least < 0:
                least = least_turn(members, low, high, load, watch)
            if pointer[rep] < least < FAR:
                pointer[rep] = least
            if how == LOADED:
                level_load(rep, members, low, high, load, watch)
            watch.settled[rep] = due[rep] != AWAY
        if by_hours and known[rep] > (minute if here else limit):
            continue
        if how == BEST:
            key = -score[rep]
        elif how == GRADED:
            key = abs(rank[rep] - quality_rank)
        elif how == THOMPSON:
            key = -(score[rep] + sd[rep] * normal[int(draw(lead_key, np.uint64(rep)) * steps)])
        elif how == LOADED:
            key = opened[rep] + level[rep] + max(0.0, free_at[rep] - minute) / work
        elif how == WEIGHTED and weight[rep] <= 0:
            key = FAR
        else:
            key = pointer[rep]
        if key >= FAR:
            continue
        turn = pointer[rep]
        if (
            here
            and second >= 0
            and (key > second_key or (key == second_key and turn >= second_turn))
        ):
            continue
        ready = known[rep] if by_hours else minute
        if ready < minute or capped:
            ready = find_ready(rep, minute, capped, rule, grade, hours, caps, load, watch)
        if ready > limit:
            continue
        first = key < best_key or (key == best_key and turn < best_turn)
        if here:
            if ready > minute:
                continue
            if first:
                second, second_key, second_turn = best, best_key, best_turn
                best, best_key, best_turn = rep, key, turn
            else:
                second, second_key, second_turn = rep, key, turn
        elif best < 0 or ready < best_ready or (ready == best_ready and first):
            best, best_ready, best_key, best_turn = rep, ready, key, turn
            here = best_ready <= minute
    return best, best_ready, second


@compiled
def by_name(
    i: int,
    leads: Leads,
    rules: Rules,
    hours: Hours,
    caps: Caps,
    load: Load,
    out: Out,
) -> tuple[int, int, int]:
    """Try the rep of the same person, the owner, the rep of a named account: rep, minute, rule."""
    minute = leads.at[i]
    for step in range(3):
        one = leads.fixed[i, step]
        if step == 0 and leads.same[i] >= 0:
            one = out.rep[leads.same[i]]
        if one < 0:
            continue
        ready = NEVER
        if not may_not(one, leads.exclude[i], caps, load):
            rule = step - 1 if step > 0 else 3
            ready = ready_time(one, minute, minute + rules.owner_wait, rule, leads.grade[i],
                               hours, caps, load)  # fmt: skip
        out.tried[i, step] = 2 if ready >= 0 else 1
        if ready >= 0:
            return one, ready, step
    return NEVER, minute, CATCH_ALL


@compiled
def by_list(
    i: int,
    step: int,
    simulated: bool,
    leads: Leads,
    rules: Rules,
    hours: Hours,
    caps: Caps,
    ranks: Ranks,
    load: Load,
    watch: Watch,
) -> tuple[int, int, int]:
    """Choose from the list of the territory or of the policy: rep, minute, next best."""
    pool, policy = leads.pool[i, step], policy_of(i, leads, rules)
    low, high = leads.pool_first[pool], leads.pool_first[pool + 1]
    how = policy
    if policy in (BEST, GRADED, THOMPSON) and rules.floor_share > 0:
        how = ROUND if draw(leads.lead_key[i], np.uint64(0xF100)) < rules.floor_share else policy
    elif policy in (GEOGRAPHY, CHERRY):
        how = STRICT if policy == GEOGRAPHY and simulated else ROUND
    if policy == GEOGRAPHY and simulated and high > low:
        low = low + int(draw(leads.lead_key[i], np.uint64(0x6E0)) * (high - low))
        high = low + 1
    rep, ready, second = pick(
        i, how, 2 + step, low, high, leads, rules, hours, caps, ranks, load, watch
    )
    if rep >= 0 and how == STRICT:
        last = leads.at[-1] + _LAST
        ready = ready_time(rep, leads.at[i], last, 2 + step, leads.grade[i], hours, caps, load)
        ready = ready if ready >= 0 else last
    return rep, ready, second


@compiled
def book(
    i: int,
    rep: int,
    rule: int,
    ready: int,
    weighted: bool,
    leads: Leads,
    hours: Hours,
    caps: Caps,
    ranks: Ranks,
    load: Load,
    watch: Watch,
) -> None:
    """Count a lead for its rep."""
    load.pointer[rep] += 1.0 / ranks.weight[rep] if weighted and ranks.weight[rep] > 0 else 1.0
    slot = min(ready // SLOT, hours.next_open.shape[1] - 1)
    day, grade = hours.local_day[hours.pattern[rep], slot], leads.grade[i]
    load.counts[rep, day, 0] += 1
    if rule != SAME_PERSON:
        load.counts[rep, day, rule] += 1
    if grade >= 0:
        load.counts[rep, day, 1 + len(caps.rule_cap) + grade] += 1
    watch.ready[rep] = NEVER


@compiled
def give_back(
    lead: int,
    leads: Leads,
    rules: Rules,
    ranks: Ranks,
    load: Load,
    out: Out,
) -> None:
    """Give the turn of a lead back to its rep."""
    rep = out.rep[lead]
    if rep >= 0:
        weighted = policy_of(lead, leads, rules) == WEIGHTED
        step = 1.0 / ranks.weight[rep] if weighted and ranks.weight[rep] > 0 else 1.0
        load.pointer[rep] -= step


@compiled
def play(
    i: int,
    rep: int,
    delay: int,
    game: Game,
    out: Out,
) -> None:
    """Win or lose a simulated lead by its luck."""
    chance = chance_of(game.outcome, game.base, game.quality[i], game.skill[rep])
    chance *= game.lasting + (1 - game.lasting) * 2.0 ** (-delay / game.half_life)
    out.won[i] = game.luck[i] < chance
    game.won[rep] += out.won[i]
    game.expected[rep] += chance_of(game.outcome, game.base, game.quality[i], 0.0) / game.base


@compiled
def run_leads(
    leads: Leads,
    rules: Rules,
    hours: Hours,
    caps: Caps,
    ranks: Ranks,
    load: Load,
    game: Game,
    out: Out,
) -> None:
    """Decide all leads in the order given; simulated ones are won or lost, and ranks are learnt."""
    simulated = game.review > 0
    next_review = leads.at[0] + game.review if len(leads.at) and simulated else 0
    watch = start_watch(hours)
    back, credits = 0, len(leads.credit_at)
    for i in range(len(leads.at)):
        minute = leads.at[i]
        out.rep[i], out.rule[i], out.ready[i], out.second[i] = NEVER, CATCH_ALL, NEVER, NEVER
        while back < credits and leads.credit_at[back] <= minute:
            give_back(leads.credit_of[back], leads, rules, ranks, load, out)
            back += 1
        if leads.blocked[i]:
            out.rule[i] = BLOCKED
            continue
        if simulated and game.learning != GIVEN and minute >= next_review:
            learn(game, ranks)
            while next_review <= minute:
                next_review += game.review
        turn_days(minute, hours, load, watch)
        rep, ready, rule = by_name(i, leads, rules, hours, caps, load, out)
        second = NEVER
        for step in range(2):
            if rep < 0 and leads.pool[i, step] >= 0:
                rep, ready, second = by_list(
                    i, step, simulated, leads, rules, hours, caps, ranks, load, watch
                )
                rule = TERRITORY + step
                out.tried[i, rule] = 2 if rep >= 0 else 1
        if rep < 0:
            continue
        begun = ready
        if rules.policy == CHERRY and leads.quality_rank[i] > 0.5:
            ready += game.pick_delay
        out.rep[i], out.rule[i], out.ready[i], out.second[i] = rep, rule, ready, second
        weighted = policy_of(i, leads, rules) == WEIGHTED
        book(i, rep, rule, ready, weighted, leads, hours, caps, ranks, load, watch)
        if simulated:
            load.free_at[rep] = max(load.free_at[rep], begun) + rules.work
            play(i, rep, ready - minute, game, out)
        else:
            load.opened[rep] += 1
    for late in range(back, credits):
        give_back(leads.credit_of[late], leads, rules, ranks, load, out)
