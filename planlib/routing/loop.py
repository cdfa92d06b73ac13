"""The compiled loop that decides leads one after the other; router and simulator run the same."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.routing.kernel import (
    FAR,
    NEVER,
    SLOT,
    WHOLE,
    draw,
    least_turn,
    ready_time,
    was_away,
)

BEST, GRADED, WEIGHTED, ROUND, LOADED, GEOGRAPHY, THOMPSON, STRICT, CHERRY = range(9)
GIVEN, RAW, SHRUNK = range(3)  # how ranks are learnt
SAME_PERSON, OWNER, NAMED, TERRITORY, POLICY, CATCH_ALL, BLOCKED = range(7)


@compiled
def key_of(
    rep: int,
    how: int,
    quality_rank: float,
    lead_key: np.uint64,
    score: np.ndarray,
    sd: np.ndarray,
    rank: np.ndarray,
    pointer: np.ndarray,
    weight: np.ndarray,
    load: float,
    normal: np.ndarray,
) -> float:
    """Give the key of a rep under a policy; the smallest is taken."""
    if how == BEST:
        return float(-score[rep])
    if how == GRADED:
        return float(abs(rank[rep] - quality_rank))
    if how == THOMPSON:
        chance = draw(lead_key, np.uint64(rep))
        return float(-(score[rep] + sd[rep] * normal[int(chance * len(normal))]))
    if how == LOADED:
        return load
    if how == WEIGHTED and weight[rep] <= 0:
        return FAR
    return float(pointer[rep])


@compiled
def learn(
    how: int,
    won: np.ndarray,
    expected: np.ndarray,
    pooled: float,
    score: np.ndarray,
    sd: np.ndarray,
    rank: np.ndarray,
) -> None:
    """Rank reps anew from wins over what their leads let expect; shrunk where asked."""
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
        if how == RAW:
            score[rep] = pooled * (won[rep] / expected[rep] if expected[rep] > 0 else mean)
            sd[rep] = 0.0
        else:
            strength = mean * (1 - min(0.95, mean * pooled)) / between
            trust = (won[rep] + strength * mean) / (expected[rep] + strength)
            score[rep] = pooled * trust
            sd[rep] = pooled * np.sqrt(
                mean * (1 - min(0.95, mean * pooled)) / (expected[rep] + strength)
            )
    order = np.argsort(-score, kind="mergesort")
    for place in range(reps):
        rank[order[place]] = (place + 0.5) / reps


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
def pick(
    how: int,
    minute: int,
    limit: int,
    rule: int,
    grade: int,
    quality_rank: float,
    lead_key: np.uint64,
    low: int,
    high: int,
    members: np.ndarray,
    exclude: int,
    ramping: np.ndarray,
    low_grade: int,
    open_cap: np.ndarray,
    opened: np.ndarray,
    work: int,
    score: np.ndarray,
    sd: np.ndarray,
    rank: np.ndarray,
    pointer: np.ndarray,
    weight: np.ndarray,
    last_day: np.ndarray,
    normal: np.ndarray,
    pattern: np.ndarray,
    next_open: np.ndarray,
    local_day: np.ndarray,
    next_day: np.ndarray,
    away: np.ndarray,
    free_at: np.ndarray,
    meet_first: np.ndarray,
    meet_start: np.ndarray,
    meet_end: np.ndarray,
    count: np.ndarray,
    day_cap: np.ndarray,
    rule_cap: np.ndarray,
    grade_cap: np.ndarray,
) -> tuple[int, int, int]:
    """Choose among the reps of a list; give rep, minute, and the next best who is present."""
    best, best_ready, best_key, best_turn = NEVER, 0, FAR, FAR
    second, second_key, second_turn = NEVER, FAR, FAR
    slot = minute // SLOT
    least = -1.0
    for place in range(low, high):
        rep = members[place]
        if rep == exclude or (open_cap[rep] >= 0 and opened[rep] >= open_cap[rep]):
            continue
        if ramping[rep] and 0 <= grade < low_grade:
            continue
        day = local_day[pattern[rep], slot]
        if (day != last_day[rep] or away[rep, day] >= WHOLE) and was_away(rep, day, last_day, away):
            if least < 0:
                least = least_turn(minute, members, low, high, pattern, local_day, away, pointer)
            if pointer[rep] < least < FAR:
                pointer[rep] = least
        load = opened[rep] + max(0.0, free_at[rep] - minute) / max(1.0, work)
        key = key_of(rep, how, quality_rank, lead_key, score, sd, rank, pointer, weight, load,
                     normal)  # fmt: skip
        if key >= FAR:
            continue
        turn = pointer[rep]
        here = best >= 0 and best_ready <= minute
        if (
            here
            and second >= 0
            and (key > second_key or (key == second_key and turn >= second_turn))
        ):
            continue
        if how == STRICT:
            ready = minute
        else:
            ready = ready_time(
                rep, minute, limit, rule, grade, pattern, next_open, local_day, next_day, away,
                free_at, meet_first, meet_start, meet_end, count, day_cap, rule_cap, grade_cap,
            )  # fmt: skip
        if ready < 0:
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
    return best, best_ready, second


@compiled
def run_leads(
    at: np.ndarray,
    fixed: np.ndarray,
    same: np.ndarray,
    pool: np.ndarray,
    grade: np.ndarray,
    quality_rank: np.ndarray,
    lead_key: np.ndarray,
    blocked: np.ndarray,
    exclude: np.ndarray,
    pool_first: np.ndarray,
    members: np.ndarray,
    policy: int,
    floor_share: float,
    wait: int,
    owner_wait: int,
    work: int,
    ramping: np.ndarray,
    low_grade: int,
    open_cap: np.ndarray,
    opened: np.ndarray,
    score: np.ndarray,
    sd: np.ndarray,
    rank: np.ndarray,
    pointer: np.ndarray,
    weight: np.ndarray,
    last_day: np.ndarray,
    normal: np.ndarray,
    pattern: np.ndarray,
    next_open: np.ndarray,
    local_day: np.ndarray,
    next_day: np.ndarray,
    away: np.ndarray,
    free_at: np.ndarray,
    meet_first: np.ndarray,
    meet_start: np.ndarray,
    meet_end: np.ndarray,
    count: np.ndarray,
    day_cap: np.ndarray,
    rule_cap: np.ndarray,
    grade_cap: np.ndarray,
    learning: int,
    review: int,
    base: float,
    outcome: int,
    quality: np.ndarray,
    skill: np.ndarray,
    luck: np.ndarray,
    lasting: float,
    half_life: float,
    pick_delay: int,
    won: np.ndarray,
    expected: np.ndarray,
    out_rep: np.ndarray,
    out_rule: np.ndarray,
    out_ready: np.ndarray,
    out_second: np.ndarray,
    out_won: np.ndarray,
    out_tried: np.ndarray,
) -> None:
    """
    Decide all leads in the order given.

    ``fixed`` holds the owner and the rep of a named account (or -1), ``pool`` the lists of the
    territory and of the policy, ``same`` an earlier lead of the same person. ``out_tried`` tells
    for each rule: 0 does not apply, 1 found nobody, 2 decided. With ``review`` above 0 the leads
    are won or lost by ``luck``, and ranks are learnt.
    """
    simulated = review > 0
    next_review = at[0] + review if len(at) and simulated else 0
    for i in range(len(at)):
        minute = at[i]
        out_rep[i], out_rule[i], out_ready[i], out_second[i] = NEVER, CATCH_ALL, NEVER, NEVER
        if blocked[i]:
            out_rule[i] = BLOCKED
            continue
        if simulated and learning != GIVEN and minute >= next_review:
            learn(learning, won, expected, base, score, sd, rank)
            while next_review <= minute:
                next_review += review
        rep, ready, second, rule = NEVER, minute, NEVER, CATCH_ALL
        for step in range(3):
            one = fixed[i, step - 1] if step > 0 else NEVER
            if step == 0 and same[i] >= 0:
                one = out_rep[same[i]]
            if rep >= 0 or one < 0:
                continue
            if one == exclude[i] or (open_cap[one] >= 0 and opened[one] >= open_cap[one]):
                ready = NEVER
            else:
                ready = ready_time(
                    one, minute, minute + owner_wait, step - 1 if step > 0 else 3, grade[i],
                    pattern, next_open, local_day, next_day, away, free_at,
                    meet_first, meet_start, meet_end, count, day_cap, rule_cap, grade_cap,
                )  # fmt: skip
            out_tried[i, step] = 2 if ready >= 0 else 1
            if ready >= 0:
                rep, rule = one, step
        how = policy
        ranked = policy in (BEST, GRADED, THOMPSON)
        if ranked and floor_share > 0 and draw(lead_key[i], np.uint64(0xF100)) < floor_share:
            how = ROUND
        for step in range(2):
            if rep < 0 and pool[i, step] >= 0:
                low, high = pool_first[pool[i, step]], pool_first[pool[i, step] + 1]
                use = how
                if policy in (GEOGRAPHY, CHERRY):
                    use = STRICT if policy == GEOGRAPHY and simulated else ROUND
                if policy == GEOGRAPHY and simulated and high > low:
                    low = low + int(draw(lead_key[i], np.uint64(0x6E0)) * (high - low))
                    high = low + 1
                rep, ready, second = pick(
                    use, minute, minute + wait, 2 + step, grade[i], quality_rank[i], lead_key[i],
                    low, high, members, exclude[i], ramping, low_grade, open_cap, opened, work,
                    score, sd, rank, pointer, weight, last_day, normal,
                    pattern, next_open, local_day, next_day, away, free_at,
                    meet_first, meet_start, meet_end, count, day_cap, rule_cap, grade_cap,
                )  # fmt: skip
                out_tried[i, TERRITORY + step] = 2 if rep >= 0 else 1
                if rep >= 0:
                    rule = TERRITORY + step
                    if use == STRICT:
                        ready = ready_time(
                            rep, minute, at[-1] + 60 * 24 * 31, 2 + step, grade[i], pattern,
                            next_open, local_day, next_day, away, free_at,
                            meet_first, meet_start, meet_end, count, day_cap, rule_cap, grade_cap,
                        )  # fmt: skip
                        ready = ready if ready >= 0 else at[-1] + 60 * 24 * 31
        if rep < 0:
            continue
        begun = ready
        if policy == CHERRY and quality_rank[i] > 0.5:
            ready += pick_delay
        out_rep[i], out_rule[i], out_ready[i], out_second[i] = rep, rule, ready, second
        weighted = policy == WEIGHTED and weight[rep] > 0
        pointer[rep] += 1.0 / weight[rep] if weighted else 1.0
        slot = min(ready // SLOT, next_open.shape[1] - 1)
        day = local_day[pattern[rep], slot]
        count[rep, day, 0] += 1
        if rule != SAME_PERSON:
            count[rep, day, rule] += 1
        if grade[i] >= 0:
            count[rep, day, 1 + len(rule_cap) + grade[i]] += 1
        if not simulated:
            opened[rep] += 1
            continue
        free_at[rep] = max(free_at[rep], begun) + work
        chance = chance_of(outcome, base, quality[i], skill[rep])
        delay = ready - minute
        chance *= lasting + (1 - lasting) * 2.0 ** (-delay / half_life)
        out_won[i] = luck[i] < chance
        won[rep] += out_won[i]
        expected[rep] += chance_of(outcome, base, quality[i], 0.0) / base
