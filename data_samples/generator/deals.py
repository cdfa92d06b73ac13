"""The life of a deal: stages, slipping close dates, changing amounts, owners, and its end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data_samples.generator.clock import MONTH_END, QUARTER_END, WorkDays

WON, LOST = 100, -1
_CATEGORIES = ("omitted", "pipeline", "best_case", "most_likely", "commit")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """An open stage: label, probability in the CRM, forecast category, share of the cycle."""

    name: str
    probability: float
    category: str
    share: float


@dataclass(frozen=True, kw_only=True)
class Process:
    """
    A sales process.

    Parameters
    ----------
    stages
        Open stages in order.
    won, lost
        Labels of the closed stages.
    quote
        Place of the stage from which the amount rests on a quote.
    dies
        How often a lost deal is lost in each stage.
    hockey
        Share of wins near a quarter's end that land in its last days.
    late
        Share of close dates that are moved only after they have passed.
    """

    stages: tuple[Stage, ...]
    won: str
    lost: str
    quote: int
    dies: tuple[float, ...]
    hockey: float = 0.72
    late: float = 0.22


@dataclass(kw_only=True)
class Deal:
    """One deal: what is known at its opening, its outcome, and its changes over time."""

    number: int
    account: int
    owner: int
    created: int
    deal_type: str
    lines: list[tuple[int, int]]
    list_amount: float
    win_share: float
    cycle: float
    creator: int = -1
    role: str = "AE"
    source: str = ""
    due: int | None = None
    mood: float = 0.0
    won: bool = False
    zombie: bool = False
    end: int = 0
    final_amount: float = 0.0
    changes: list[tuple[int, int, float | None, int, str, int, bool]] = field(default_factory=list)


Update = tuple[int, str, object]


def live(rng: np.random.Generator, deal: Deal, process: Process, work: WorkDays) -> None:
    """Draw the life of a deal and write it to ``won``, ``end``, ``changes``."""
    deal.won = bool(rng.random() < deal.win_share)
    deal.zombie = not deal.won and deal.due is None and bool(rng.random() < 0.055)
    deal.end = _end(rng, deal, process, work)
    if deal.end <= deal.created:  # moved before the opening by a long holiday
        deal.end = work.after(deal.created + 1)
    entries = _stage_days(rng, deal, process)
    updates: list[Update] = [(when, "stage", stage) for when, stage in entries]
    updates += _close_dates(rng, deal, entries)
    updates += _amounts(rng, deal, process, entries)
    if not deal.zombie:
        updates.append((deal.end, "stage", WON if deal.won else LOST))
        updates.append((deal.end, "close", deal.end))
    if rng.random() < 0.014 and not deal.won:
        updates.append((deal.created + int(rng.integers(2, 90)), "deleted", True))
    if deal.won and deal.end - deal.created > 70 and rng.random() < 0.018:
        updates += _reopen(rng, deal, entries)
    deal.changes = fold(rng, deal, process, updates)


def _end(rng: np.random.Generator, deal: Deal, process: Process, work: WorkDays) -> int:
    if deal.due is not None:  # a renewal falls due on the contract's anniversary
        draw = rng.random()
        if not deal.won:
            raw = deal.due + int(rng.integers(0, 28))
        elif draw < 0.16:
            raw = deal.due - int(rng.integers(20, 75))
        elif draw < 0.68:
            raw = deal.due - int(rng.integers(0, 20))
        else:
            raw = deal.due + int(rng.exponential(14))
        if QUARTER_END[raw] - raw < 24 and rng.random() < 0.4:
            raw = QUARTER_END[raw] - int(rng.exponential(3.0))
        return work.before(max(deal.created + 4, raw))
    days = min(1_100.0, deal.cycle * float(np.exp(rng.normal(0, 0.38))))
    if not deal.won:
        raw = deal.created + int(days * rng.uniform(0.35, 1.35)) + 3
        if rng.random() < 0.2:
            raw = QUARTER_END[raw] + int(rng.integers(1, 14))
        return work.after(raw)
    raw = deal.created + max(3, int(days))
    close, month = QUARTER_END[raw], MONTH_END[raw]
    before = QUARTER_END[raw - 92]
    if close - raw < 60 and rng.random() < process.hockey:
        raw = close - int(rng.exponential(4.0))
    elif raw - before < 14 and rng.random() < 0.4 and before - deal.created > days * 0.6:
        raw = before - int(rng.exponential(3.5))
    elif month - raw < 16 and rng.random() < 0.35:
        raw = month - int(rng.exponential(2.5))
    return work.before(max(raw, deal.created + 2))


def _stage_days(rng: np.random.Generator, deal: Deal, process: Process) -> list[tuple[int, int]]:
    count = len(process.stages)
    if deal.due is not None:
        top, first = (count - 1 if deal.won else int(rng.integers(2, count))), 1
    elif deal.won:
        top, first = count - 1, 0
    else:
        weights = np.array(process.dies)
        top, first = int(rng.choice(count, p=weights / weights.sum())), 0
    if deal.deal_type == "expansion" and rng.random() < 0.45:
        first = min(1, top)
    steps = list(range(first, top + 1))
    steps = [one for one in steps if one in (first, top) or rng.random() > 0.10]
    shares = np.array([process.stages[one].share for one in steps])
    if not deal.won:
        shares[-1] *= 2.2
    parts = rng.dirichlet(shares / shares.sum() * 9)
    span = max(1, deal.end - deal.created)
    found = [(deal.created, steps[0])]
    passed = 0.0
    for place, stage in enumerate(steps[1:]):
        passed += parts[place]
        found.append((deal.created + min(span - 1, int(passed * span)), stage))
    if len(found) > 2 and rng.random() < 0.055:
        found = _step_back(rng, found, deal.end)
    return found


def _step_back(
    rng: np.random.Generator, entries: list[tuple[int, int]], end: int
) -> list[tuple[int, int]]:
    place = int(rng.integers(2, len(entries)))
    when, stage = entries[place]
    limit = entries[place + 1][0] if place + 1 < len(entries) else end
    back = when + int(rng.integers(6, 25))
    again = back + int(rng.integers(8, 35))
    if again >= limit - 1:
        return entries
    return sorted([*entries, (back, entries[place - 1][1]), (again, stage)])


def _snap(rng: np.random.Generator, number: int) -> int:
    draw = rng.random()
    if draw < 0.42:
        return QUARTER_END[number]
    if draw < 0.68:
        return MONTH_END[number]
    if draw < 0.78:
        return MONTH_END[number] - 15
    return number


def _close_dates(
    rng: np.random.Generator, deal: Deal, entries: list[tuple[int, int]]
) -> list[Update]:
    """Draw expected close dates: hopeful at first, pushed when near, corrected at stages."""
    if deal.due is not None:
        updates: list[Update] = [(deal.created, "close", deal.due)]
        if deal.end > deal.due + 2:
            updates.append((deal.due + 1, "close", MONTH_END[deal.due + 3]))
        return updates
    hope = deal.created + max(10, int(deal.cycle * rng.uniform(0.5, 1.1)))
    target = max(_snap(rng, hope), deal.created + 7)
    updates = [(deal.created, "close", target)]
    sights = {when: stage for when, stage in entries[1:]}
    now = deal.created
    quiet = deal.created + int(rng.exponential(260)) + 60 if deal.zombie else deal.end
    last = deal.end + 900 if deal.zombie else deal.end
    for when in sorted(sights):
        target, now = _pushes(rng, updates, target, now, min(when, quiet))
        if rng.random() < 0.3 and not deal.zombie:
            guess = deal.end + int(rng.normal(0, 0.22 * (deal.end - when) + 3))
            target = max(_snap(rng, max(guess, when + 5)), when + 3)
            updates.append((when, "close", target))
        now = when
    _pushes(rng, updates, target, now, min(last, quiet))
    return updates


def _pushes(
    rng: np.random.Generator, updates: list[Update], target: int, now: int, until: int
) -> tuple[int, int]:
    for _ in range(40):
        notice = (
            target + int(rng.integers(1, 22))
            if rng.random() < 0.22
            else (target - int(rng.integers(0, 9)))
        )
        notice = max(notice, now + 1)
        if notice >= until - 3:
            return target, now
        draw, old = rng.random(), max(target, notice)
        if draw < 0.46:
            target = MONTH_END[MONTH_END[old] + 1]
        elif draw < 0.78:
            target = QUARTER_END[old] if QUARTER_END[old] > old + 6 else QUARTER_END[old + 20]
        else:
            target = old + int(rng.integers(10, 46))
        updates.append((notice, "close", target))
        now = notice
    return target, now


def discount(rng: np.random.Generator, deal: Deal) -> float:
    """Draw a discount against list price: more for large deals and at a quarter's end."""
    base = 0.02 + 0.028 * max(0.0, float(np.log(deal.list_amount / 8_000)))
    near = 0.035 if QUARTER_END[deal.end] - deal.end < 10 else 0.0
    value = float(np.clip(rng.gamma(2.0, (base + near) / 2.0), 0, 0.48))
    if deal.due is not None:
        value *= 0.35
    return round(value * 20) / 20 if rng.random() < 0.6 else round(value, 3)


def habit(rng: np.random.Generator, amount: float) -> float:
    """Round an amount as sellers do."""
    draw = rng.random()
    if amount < 1_500:
        return round(amount, -1)
    if draw < 0.34:
        return round(amount, 0)
    if draw < 0.58:
        return round(amount / 500) * 500.0
    if draw < 0.78:
        return round(amount, -2)
    if draw < 0.9:
        step = 1_000 if amount < 60_000 else 5_000
        return round(amount / step) * step - 1.0
    return round(amount, -3)


def _amounts(
    rng: np.random.Generator, deal: Deal, process: Process, entries: list[tuple[int, int]]
) -> list[Update]:
    if deal.due is not None:
        first = round(deal.list_amount, 0)
        deal.final_amount = habit(
            rng,
            deal.list_amount
            * (1 - 0.4 * discount(rng, deal))
            * (1 + float(rng.choice([-0.25, -0.08, 0.0, 0.0, 0.02, 0.03, 0.05]))),
        )
        updates: list[Update] = [(deal.created, "amount", first)]
        if deal.won:
            updates.append((deal.end, "amount", deal.final_amount))
        return updates
    first_cut = discount(rng, deal) * 0.5
    last_cut = max(first_cut, discount(rng, deal))
    guess = deal.list_amount * 0.9 * float(np.exp(rng.normal(0.05, 0.28)))
    if rng.random() < 0.11:
        steps = np.array(
            [5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1e6, 2e6, 5e6, 1e7]
        )
        guess = float(steps[int(np.argmin(abs(np.log(steps / guess))))])
    digits = 10 ** (int(np.floor(np.log10(max(guess, 10)))) - 1)
    guess = float(round(guess / digits) * digits)
    deal.final_amount = max(200.0, habit(rng, deal.list_amount * (1 - last_cut)))
    updates = [(deal.created, "amount", None if rng.random() < 0.06 else guess)]
    quoted = False
    for when, stage in entries[1:]:
        if stage >= process.quote and not quoted:
            quote = habit(
                rng,
                deal.list_amount
                * (1 - first_cut)
                * float(rng.choice([0.8, 1.0, 1.0, 1.0, 1.0, 1.15])),
            )
            updates.append((when, "amount", max(200.0, quote)))
            quoted = True
        elif stage > process.quote and rng.random() < 0.5:
            updates.append((when, "amount", deal.final_amount))
        elif stage == 1 and rng.random() < 0.4:
            updates.append((when, "amount", guess * float(rng.choice([0.5, 0.8, 1.2, 1.5]))))
    if deal.won:
        updates.append((deal.end, "amount", deal.final_amount))
    return updates


def _reopen(rng: np.random.Generator, deal: Deal, entries: list[tuple[int, int]]) -> list[Update]:
    span = deal.end - deal.created
    lost = deal.created + int(span * rng.uniform(0.35, 0.6))
    again = lost + int(rng.integers(9, 28))
    if again >= deal.end - 5:
        return []
    before = [stage for when, stage in entries if when <= lost][-1]
    late = [(again + 1, "stage", stage) for when, stage in entries if lost < when <= again]
    return [
        (lost, "stage", LOST),
        (lost, "close", lost),
        (again, "stage", before),
        (again, "close", MONTH_END[min(again + 30, deal.end)]),
        *late,
    ]


def fold(
    rng: np.random.Generator, deal: Deal, process: Process, updates: list[Update]
) -> list[tuple[int, int, float | None, int, str, int, bool]]:
    """Turn updates into one state per day on which something changed."""
    state: dict[str, object] = {
        "stage": 0,
        "amount": None,
        "close": deal.created,
        "owner": deal.owner,
        "deleted": False,
        "category": "pipeline",
    }
    by_day: dict[int, list[Update]] = {}
    for one in updates:
        by_day.setdefault(one[0], []).append(one)
    found = []
    stop = 10**9 if deal.zombie else deal.end
    for when in sorted(by_day):
        if when > stop or state["deleted"]:
            continue
        for _, key, value in by_day[when]:
            if when < stop or key != "stage" or value in (WON, LOST):
                state[key] = value
        state["category"] = category(rng, int(state["stage"]), process, deal.mood)  # type: ignore[call-overload]
        found.append(
            (
                when,
                state["stage"],
                state["amount"],
                state["close"],
                state["category"],
                state["owner"],
                state["deleted"],
            )
        )
    return found  # type: ignore[return-value]


def category(rng: np.random.Generator, stage: int, process: Process, mood: float) -> str:
    """Give the forecast category: that of the stage, shifted by hopeful or careful sellers."""
    if stage == WON:
        return "closed"
    if stage == LOST:
        return "omitted"
    place = _CATEGORIES.index(process.stages[stage].category)
    if place >= 2 and mood > 0.7 and rng.random() < 0.4:
        place = min(4, place + 1)
    elif place >= 3 and mood < -0.7 and rng.random() < 0.5:
        place -= 1
    return _CATEGORIES[place]
