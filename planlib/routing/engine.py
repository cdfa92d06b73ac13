"""Run the loop over prepared leads: from a state, to decisions and the next state."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.routing import kernel, loop
from planlib.routing.arrays import Load, Rules, empty_out, no_game, own
from planlib.routing.prepare import CODES, Ready

RULE_NAMES = ("same_person", "account_owner", "named_account", "territory", "policy", "catch_all",
              "catch_all")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class State:
    """
    What the router remembers of reps, by their number.

    Parameters
    ----------
    pointer
        Turn of each rep: the lowest is next; grows by 1, or by 1 / weight.
    opened
        Leads that wait for an answer of the rep.
    last_day
        Local day on which the rep was last considered, -1 for never.
    count
        Leads by rep and local day: all, by rule, by grade.
    """

    pointer: np.ndarray = field(repr=False)
    opened: np.ndarray = field(repr=False)
    last_day: np.ndarray = field(repr=False)
    count: np.ndarray = field(repr=False)

    @property
    def load(self) -> Load:
        """The same arrays as the loop changes them; nobody is at work on a lead."""
        return Load(
            pointer=own(self.pointer, np.float64), opened=own(self.opened, np.int64),
            last_day=own(self.last_day, np.int64), counts=own(self.count, np.int32),
            free_at=np.zeros(len(self.pointer), np.int64),
        )  # fmt: skip

    def copy(self) -> State:
        """Give a copy that may be changed."""
        return State(pointer=self.pointer.copy(), opened=self.opened.copy(),
                     last_day=self.last_day.copy(), count=self.count.copy())  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """
    Decisions by lead in order, and the state after them.

    ``rep`` is -1 for the catch-all, ``tried`` tells for each rule: 0 does not apply, 1 found
    nobody, 2 decided; ``second`` is the next best rep who was present.
    """

    rep: np.ndarray = field(repr=False)
    rule: np.ndarray = field(repr=False)
    ready: np.ndarray = field(repr=False)
    second: np.ndarray = field(repr=False)
    tried: np.ndarray = field(repr=False)
    state: State = field(repr=False)


def decide(
    ready: Ready, state: State, policy: str, *, floor_share: float = 0.0,
    waits: tuple[int, int] = (72 * 60, 24 * 60), count: int | None = None,
    until: int | None = None,
) -> Outcome:  # fmt: skip
    """
    Decide prepared leads; ``state`` stays as it is.

    Parameters
    ----------
    ready
        Leads and reps.
    state
        What earlier decisions left.
    policy
        One of ``planlib.settings.routing.POLICIES``.
    floor_share
        Share of leads that goes by turn.
    waits
        Longest wait for a rep, and for the owner of an account, in minutes.
    count
        Only the first leads, to see the state before a later one.
    until
        Minute until which turns come back; None: that of the lead after these.
    """
    some = len(ready.order) if count is None else count
    new = state.copy()
    out = empty_out(some, simulated=False)
    rules = Rules(policy=CODES[policy], floor_share=float(floor_share), wait=waits[0],
                  owner_wait=waits[1], work=1)  # fmt: skip
    loop.run_leads(
        ready.first_leads(some, until), rules, ready.hours, ready.caps, ready.ranks, new.load,
        no_game(), out,
    )  # fmt: skip
    return Outcome(rep=out.rep, rule=out.rule, ready=out.ready, second=out.second,
                   tried=out.tried, state=new)  # fmt: skip


def empty_state(reps: int, days: int, grades: int) -> State:
    """Give the state before any lead."""
    return State(
        pointer=np.zeros(reps), opened=np.zeros(reps, np.int64),
        last_day=np.full(reps, -1, np.int64), count=np.zeros((reps, days, 5 + grades), np.int32),
    )  # fmt: skip


def start_state(
    ready: Ready, rep_ids: pd.Series, grades: list[str], *,
    earlier: pd.DataFrame | None = None, state: pd.DataFrame | None = None,
    credits: pd.DataFrame | None = None,
) -> State:  # fmt: skip
    """
    Build the state from what the store holds.

    Parameters
    ----------
    ready
        Leads and reps to come.
    rep_ids
        Reps in order.
    grades
        Grades, best first.
    earlier
        Rows of ``lead_routes`` of earlier runs, with ``ready_utc``: count towards caps of their
        day and, where ``is_open``, as waiting.
    state
        Table ``routing_state``: turns. A rep who is not in it starts level with the lowest turn.
    credits
        Leads whose turn comes back: ``rep_id`` and the ``policy`` by which each was given.
    """
    index = {rep: at for at, rep in enumerate(rep_ids)}
    days = ready.people["away"].shape[1]
    found = empty_state(len(index), days, len(grades))
    if state is not None and len(state):
        turns = rep_ids.map(state.drop_duplicates("rep_id").set_index("rep_id")["turn"])
        least = turns.min() if turns.notna().any() else 0.0
        found.pointer[:] = turns.fillna(least).to_numpy(float)
        seen = rep_ids.map(state.drop_duplicates("rep_id").set_index("rep_id")["seen_date"])
        base = pd.Timestamp(ready.base)
        day = (pd.to_datetime(seen) - base).dt.days + 1
        found.last_day[:] = day.where(day >= 0, 0).where(seen.notna(), -1).to_numpy(np.int64)
    if credits is not None and len(credits):
        found.pointer[:] -= _turns(credits, rep_ids, ready.people["weight"])
    if earlier is not None and len(earlier):
        _count_earlier(found, ready, earlier[earlier["rep_id"].isin(index)], index, grades)
    return found


def _turns(credits: pd.DataFrame, rep_ids: pd.Series, weights: np.ndarray) -> np.ndarray:
    """Add up the turns to give back by rep: 1 / weight for a lead that was given by weight."""
    weight = credits["rep_id"].map(pd.Series(weights, index=rep_ids.to_numpy()))
    by_weight = credits["policy"].eq("weighted") & (weight > 0)
    turns = (1.0 / weight).where(by_weight, 1.0).groupby(credits["rep_id"].to_numpy()).sum()
    return rep_ids.map(turns).fillna(0.0).to_numpy(float)


def _count_earlier(
    state: State, ready: Ready, earlier: pd.DataFrame, index: dict[str, int], grades: list[str]
) -> None:
    rep = earlier["rep_id"].map(index).to_numpy(np.int64)
    np.add.at(state.opened, rep, earlier["is_open"].to_numpy(bool).astype(np.int64))
    minute = (earlier["ready_utc"] - pd.Timestamp(ready.base)).dt.total_seconds() // 60
    slot = (minute // kernel.SLOT).fillna(-1).to_numpy(np.int64)
    shifts = ready.shifts
    inside = (slot >= 0) & (slot < shifts.local_day.shape[1])
    rep, slot = rep[inside], slot[inside]
    day = shifts.local_day[shifts.pattern[rep], slot]
    rows = earlier[inside]
    np.add.at(state.count, (rep, day, 0), 1)
    rule = rows["rule"].map({name: at for at, name in enumerate(RULE_NAMES[:5])}).fillna(0)
    number = rule.to_numpy(np.int64)
    some = number > 0
    np.add.at(state.count, (rep[some], day[some], number[some]), 1)
    grade = rows["grade"].map({name: at for at, name in enumerate(grades)}).fillna(-1)
    place = grade.to_numpy(np.int64)
    some = place >= 0
    np.add.at(state.count, (rep[some], day[some], 5 + place[some]), 1)
