"""One run of the engine, step by step: prices, search, bonus, proof, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from planlib.deadline import cores, deadline, has_time
from planlib.territories.engine.bonus import Bonus, integrality_bonus
from planlib.territories.engine.dual import Prices
from planlib.territories.engine.exact import cost_unit, is_least, largest_cost, solve_exactly
from planlib.territories.engine.explain import is_impossible, reach, violations
from planlib.territories.engine.field import Field, is_met, make_field, widened
from planlib.territories.engine.knapsacks import Knapsacks, knapsacks_of
from planlib.territories.engine.mend import brought_in, mend
from planlib.territories.engine.prices import Priced, find_prices, is_proven_impossible
from planlib.territories.engine.proof import prove
from planlib.territories.engine.relaxation import survey
from planlib.territories.engine.relaxed import relaxed_request
from planlib.territories.engine.request import Request
from planlib.territories.engine.result import Assignment, Progress, Status
from planlib.territories.engine.search import Found, best_dealt, search
from planlib.territories.engine.targets import WORK, Proven, Targets

#: Nodes of the search for each territory, and the gap at which it ends, by effort.
_WORK = {"quick": 50_000, "normal": 1_500_000, "thorough": 16_000_000}
_ENOUGH = {"quick": 2e-3, "normal": 2e-4, "thorough": 1e-5}
_MOST = {"quick": 100_000_000, "normal": 1_000_000_000, "thorough": 10_000_000_000}
_CHUNKS = 60  # of the work; after each, limits and penalties are looked at again
_CHUNK = (6_000, 150_000)  # nodes of a chunk for each territory, at least and at most
#: Times as much work where no plan has been found.
_MORE = {"quick": 12, "normal": 2, "thorough": 2}
_TURNS = 2  # searches, the second looking at more arcs, until a plan is found
#: Chunks without gain before more arcs are looked at: usually, and where no more than a share of
#: the territories is outside, for which the arcs may be too few.
_STUCK, _FEW, _STUCK_FEW = 6, 0.005, 2
_PROVE = {"quick": 400, "normal": 2_500, "thorough": 6_000}  # arcs up to which a proof is tried
_PROOF = {"quick": 0.1, "normal": 1.0, "thorough": 30.0}  # deterministic time of CP-SAT
_LONGER = 10  # times that, where a time limit ends it
_REPAIR = 30_000  # arcs up to which CP-SAT looks for any plan
_REPAIRED = {"quick": 2.0, "normal": 6.0, "thorough": 90.0}  # and for how long
_AT_ONCE = 500  # arcs up to which the proof comes first
_WIDE = 48, 1_000  # arcs of each item, and into each rep, where the usual ones do not mend a plan
_MISSED, _NEAR = 0.2, 0.005  # share of limits, and of the bound, up to which a plan is mended
#: Subsets of half a territory's changes in a round of the bonus, and rounds, by effort.
_BONUS = {"quick": (1_000, 1), "normal": (20_000, 12), "thorough": (200_000, 60)}
_BEFORE, _SOON = 5, 4_000  # part of the usual search that comes before it, up to so many pairs
_PRICED = 0.3  # share of a time limit after which good prices are left as they are
_SPARED = 0.5  # of the time left, that chains between two searches leave to the second
_SEARCH = 0.9  # share of a time limit at which the search ends; the rest is for the bound
_PART = 1e-5  # of a unit of cost: what rounding errors can add to a bound


class Run:
    """The state of one call of ``assign``."""

    def __init__(
        self,
        request: Request,
        *,
        seed: int,
        effort: str,
        time_limit: float | None,
        workers: int | None,
        on_progress: Callable[[Progress], bool | None] | None,
        warm: Prices | None = None,
    ) -> None:
        self.request, self.seed, self.effort = request, seed, effort
        self.left, self.limit, self.workers = deadline(time_limit), time_limit, workers or cores()
        self.warm, self.tell, self.is_halted = warm, on_progress, False
        self.bound, self.cost = float("-inf"), float("inf")
        self.unit, self.largest = cost_unit(request), largest_cost(request)
        self.bonus: Bonus | None = None
        self.knapsacks = knapsacks_of(request)
        self.is_soon = self.knapsacks is not None and len(self.knapsacks.item) <= _SOON
        self.pool: Executor | None = None

    def result(self) -> Assignment:
        """Run all steps."""
        with ThreadPoolExecutor(self.workers) as pool:
            self.pool = pool if self.workers > 1 else None
            return self._run(self.pool)

    def _run(self, pool: Executor | None) -> Assignment:
        request = self.request
        impossible = is_impossible(request, reach(request))
        brief = self.warm is not None and not impossible and self._is_charged()
        priced = find_prices(
            request, seed=self.seed, pool=pool, warm=self.warm, brief=brief,
            go_on=lambda: self._spent() < _PRICED,
        )  # fmt: skip
        self.bound = self._whole(priced.bound)
        self._say("prices", 0.1)
        if not impossible and not priced.is_met:
            impossible = is_proven_impossible(request, pool=pool)
        if impossible:
            return self._relaxed(priced, pool)
        at_once = self.knapsacks is None or self._is_charged()
        plan = self._at_once(priced) if at_once else None
        if plan is not None:
            return self._assignment(plan, priced, "optimal")
        plan = self._mended(priced, pool)
        if plan is not None:  # a person waits, and knows the plan: no proof is looked for
            return self._assignment(plan, priced, self._status(plan))
        if brief:
            priced = find_prices(request, seed=self.seed, pool=pool, warm=priced.prices)
            self.bound = self._whole(priced.bound)
        plan = self._searched(request, priced, pool)
        if plan is None:
            plan, impossible = self._any_plan(priced)
        if plan is None:
            return self._relaxed(priced, pool, proven=impossible)
        plan = self._proved(priced, plan)
        return self._assignment(plan, priced, self._status(plan))

    def _at_once(self, priced: Priced) -> np.ndarray | None:
        """Solve small requests to the proof; None where that takes longer."""
        request = self.request
        if request.matrix is None or np.isfinite(request.matrix).sum() > _AT_ONCE:
            return None
        items, reps = np.nonzero(np.isfinite(request.matrix))
        found = solve_exactly(
            request, items, reps, work=_PROOF[self.effort] / 2, seed=self.seed,
            seconds=None if self.left() == float("inf") else max(self.left() / 2, 0.1),
        )  # fmt: skip
        rep = found.rep if found.status == "optimal" else None
        if rep is None or not is_met(request, rep[request.item_of]):
            return None
        self.bound = max(self.bound, found.bound)
        return rep if self._status(rep) == "optimal" else None

    def _searched(
        self, request: Request, priced: Priced, pool: Executor | None,
        known: np.ndarray | None = None,
    ) -> np.ndarray | None:  # fmt: skip
        """Search for a plan of items within the limits, from a known one; None: none was found."""
        place = make_field(request, priced.seen, priced.prices, priced.scale)
        start = best_dealt(place, self.seed) if known is None else place.nearest(known)
        work = min(_WORK[self.effort] * max(request.reps, 6), _MOST[self.effort])
        planned = work // _BEFORE if self.is_soon else work
        least, most = (nodes * max(request.reps, 6) for nodes in _CHUNK)
        chunk = min(max(work // _CHUNKS, least), most)
        former: Found | None = None
        for turn in range(_TURNS + 1):
            watch = self._watch(priced, place, planned, pool, last=turn > 0)
            found = search(
                place, start, work=_MORE[self.effort] * work, planned=planned, chunk=chunk,
                seed=self.seed + turn, pool=pool, go_on=watch, former=former,
            )  # fmt: skip
            near, former = place.arcs.rep[found.nearest].astype(np.int64), found
            if found.best is not None or self.left() <= 0:
                break
            if turn == 0:
                place = widened(place, priced.seen, priced.prices, priced.scale, pool=pool)
            until = 0.0 if self.limit is None else _SPARED * self.left()
            start = brought_in(place, near, partial(self._has_more, until))
            if turn == _TURNS - 1 and not place.meets(start):
                break
        if found.best is None:
            self.nearest = near
            return None
        self.cost = found.cost
        plan = np.asarray(place.arcs.rep[found.best].astype(np.int64))
        self._raise_bound(priced, plan, pool)
        return plan

    def _mended(self, priced: Priced, pool: Executor | None) -> np.ndarray | None:
        """
        Mend the former plan by few changes; None where there is none, or it is better to search.

        It is enough to mend where changes are charged, the former plan misses few limits, and no
        plan can be much cheaper.
        """
        if not self._is_charged():
            return None
        request, seen = self.request, priced.seen
        rep = former = request.costs.previous[request.first]
        for turn in range(_TURNS):
            if turn:
                seen = survey(
                    request, priced.prices, priced.scale, best=_WIDE[0], per_rep=_WIDE[1],
                    known=[seen.arcs], pool=pool,
                )  # fmt: skip
            place = make_field(request, seen, priced.prices, priced.scale, linked=False)
            plan = place.nearest(rep)
            loads = request.loads(place.rep_of(plan))
            missed = (loads > request.given_upper) | (loads < request.given_lower)
            if missed.mean() > _MISSED or not self._is_near(place.cost_of(plan)):
                return None
            plan, stuck = mend(place, plan, patient=turn > 0, partly=turn > 0, near=turn == 0)
            rep = place.arcs.rep[plan].astype(np.int64)
            if not len(stuck):
                break
        cost = place.cost_of(plan)
        added = (rep != former) & (former >= 0) & (request.costs.fixed[request.first] < 0)
        charges = float(request.costs.change[request.first][added].sum())
        if not place.meets(plan) or not self._is_near(cost - charges):
            return None
        self.cost = cost
        return np.asarray(rep)

    def _is_charged(self) -> bool:
        """Tell whether most accounts should stay where they were."""
        costs = self.request.costs
        charged = (costs.previous >= 0) & (costs.change > 0)
        return self.effort != "thorough" and bool(charged.mean() >= 0.5)

    def _is_near(self, cost: float) -> bool:
        """Tell whether no plan can be much cheaper."""
        return cost - self.bound <= _NEAR * abs(self.bound)

    def _watch(
        self, priced: Priced, place: Field, work: int, pool: Executor | None, *, last: bool
    ) -> Callable[[Found], float | None]:
        """Give the question that is asked before each chunk: the time that is spent, or to end."""
        cost, begun, request = float("inf"), self._spent(), self.request

        def go_on(found: Found) -> float | None:
            nonlocal cost
            enough = _ENOUGH[self.effort] * abs(found.cost)
            if found.cost < cost:
                cost = self.cost = found.cost
                if cost - self.bound <= 2 * enough:
                    near = place.arcs.rep[found.best].astype(np.int64)
                    self._raise_bound(priced, near, pool, rounds=1)
            end = _SEARCH * (0.2 if self.is_soon else 1.0 if self.knapsacks is None else 0.5)
            spent = max((self._spent() - begun) / max(end - begun, 0.1), 0.0)
            self._say("search", 0.1 + 0.8 * max(found.work / work, spent), found.outside)
            is_over = self.is_halted or spent >= 1.0
            if found.work and (self.left() <= 0 or (found.best is not None and is_over)):
                return None
            if found.best is None:
                stuck = _STUCK if found.outside > _FEW * request.reps else _STUCK_FEW
                return spent if last or found.idle < stuck else None
            over = found.cost - self.bound <= enough or found.work >= work
            return None if over else spent

        return go_on

    def _has_more(self, seconds: float) -> bool:
        """Tell whether more than so many seconds are left."""
        return self.left() > seconds

    def _spent(self) -> float:
        """Give the share of the time limit that is behind us; 0 without a limit."""
        return 0.0 if self.limit is None else 1.0 - self.left() / max(self.limit, 1e-9)

    def _raise_bound(
        self, priced: Priced, plan: np.ndarray, pool: Executor | None, rounds: int | None = None
    ) -> None:
        """Add what whole accounts must cost at least."""
        subsets, most = _BONUS[self.effort]
        found = integrality_bonus(
            self.request, priced.prices, priced.scale, plan, pool=pool, subsets=subsets,
            rounds=rounds or most, go_on=has_time(self.left, lambda: self.is_halted),
        )  # fmt: skip
        if self.bonus is None or found.total > self.bonus.total:
            self.bonus = found
        self.bound = max(self.bound, self._whole(priced.bound + found.total))

    def _whole(self, bound: float) -> float:
        """Raise a bound to the next cost that a plan can have."""
        if self.unit == 0.0 or not np.isfinite(bound):
            return bound
        lost = _PART + 1e-9 * abs(bound) / self.unit
        return max(bound, float(np.ceil(bound / self.unit - lost) * self.unit))

    def _status(self, plan: np.ndarray) -> Status:
        """Say whether a plan of items within the limits is proven to be the cheapest."""
        cost = self.request.cost(plan[self.request.item_of])
        return "optimal" if is_least(cost, self.bound, self.unit, self.largest) else "feasible"

    def _proved(self, priced: Priced, plan: np.ndarray) -> np.ndarray:
        """Try to prove a plan, or to find a cheaper one, where few arcs are left."""
        cost = self.request.cost(plan[self.request.item_of])
        if self._status(plan) == "optimal":
            return plan
        if self.knapsacks is not None:
            return self._by_targets(self.knapsacks, priced, Proven(plan, cost, self.bound))
        arcs = self._arcs_within(priced, cost - self.unit - priced.bound, plan)
        if arcs is None or self.left() <= 0 or self.is_halted:
            return plan
        found = prove(
            self.request, arcs, start=plan, seed=self.seed, pool=self.pool,
            work=_PROOF[self.effort] * (1 if self.limit is None else _LONGER),
            seconds=None if self.left() == float("inf") else self.left(),
        )  # fmt: skip
        if found.rep is not None and is_met(self.request, found.rep[self.request.item_of]):
            better = self.request.cost(found.rep[self.request.item_of])
            if better < cost:
                plan, cost = found.rep, better
        self.bound = max(self.bound, min(found.bound, cost))
        return plan

    def _by_targets(self, one: Knapsacks, priced: Priced, start: Proven) -> np.ndarray:
        """Prove a plan, or find cheaper ones, where each rep has one knapsack."""

        def go_on(state: Targets, share: float) -> bool:
            self.bound, self.cost = max(self.bound, state.bound), state.cost
            self._say("proof", 0.9 + 0.1 * share)
            return self.left() > 0 and not self.is_halted

        state = Targets(self.request, one, priced.seen.least, start, unit=self.unit, seed=self.seed)
        best = state.search(work=WORK[self.effort], pool=self.pool, go_on=go_on)
        self.bound = max(self.bound, best.bound)
        return best.plan

    def _arcs_within(
        self, priced: Priced, gap: float, plan: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """
        Give the arcs that a cheaper plan can have.

        Their regret lies within the gap, and what their territories must cost besides does too.
        """
        from planlib.territories.engine.dual import priced_block

        request, limit = self.request, _PROVE[self.effort]
        if request.matrix is None or request.items > limit:
            return None
        items, reps = [], []
        for low, high in request.blocks():
            block, least, _ = priced_block(request, priced.prices, low, high)
            block -= least[:, None]
            keep = block <= gap + 1e-9 * (abs(gap) + 1.0)
            if self.bonus is not None:
                row, rep = np.nonzero(keep & np.isfinite(block))
                more = self.bonus.further(row + low, rep, block[row, rep])
                keep[row, rep] = self.bonus.total + more <= gap + 1e-9 * (abs(gap) + 1.0)
            if plan is not None:
                keep[np.arange(high - low), plan[low:high]] = True
            row, rep = np.nonzero(keep & np.isfinite(block))
            items.append(row + low)
            reps.append(rep)
        found = np.concatenate(items), np.concatenate(reps)
        return found if len(found[0]) <= limit + request.items else None

    def _any_plan(self, priced: Priced) -> tuple[np.ndarray | None, bool]:
        """Look for any plan on all arcs; give it, and whether there is proven to be none."""
        request = self.request
        if request.matrix is None or np.isfinite(request.matrix).sum() > _REPAIR:
            return None, False
        items, reps = np.nonzero(np.isfinite(request.matrix))
        for tightened in (True, False):
            found = solve_exactly(
                request, items, reps, start=self.nearest, work=_REPAIRED[self.effort],
                seed=self.seed, tightened=tightened,
                seconds=None if self.left() == float("inf") else max(self.left(), 1.0),
            )  # fmt: skip
            if found.rep is not None and is_met(request, found.rep[request.item_of]):
                return found.rep, False
            if found.status == "infeasible" and not tightened:
                return None, True
        return None, False

    def _relaxed(self, priced: Priced, pool: Executor | None, *, proven: bool = True) -> Assignment:
        """Plan within the smallest limits found that can be met, and say what is violated."""
        self.knapsacks, self.is_soon = None, False
        wider = relaxed_request(self.request, priced, getattr(self, "nearest", None), self.effort)
        plan = wider.start
        if self.left() > 0:  # else the way round has no time either
            warm = None if proven else priced.prices
            again = find_prices(wider.request, seed=self.seed, pool=pool, warm=warm)
            self.bound = again.bound
            plan = wider.better(self._searched(wider.request, again, pool, plan))
        return self._assignment(plan, priced, "infeasible" if proven else "unresolved")

    def _assignment(self, plan: np.ndarray, priced: Priced, status: Status) -> Assignment:
        request = self.request
        rep = plan[request.item_of]
        cost = request.cost(rep)
        previous = request.costs.previous
        if status == "unresolved" and is_met(request, rep):  # the way round found one after all
            status, self.bound = "feasible", priced.bound
        bound = priced.bound if status in ("infeasible", "unresolved") else self.bound
        result = Assignment(
            rep=rep, cost=cost, bound=min(bound, cost) if is_met(request, rep) else bound,
            loads=request.loads(rep), used=request.used(rep), status=status,
            prices=priced.prices.load, budget_prices=priced.prices.budget,
            violations=violations(request, rep),
            changed=int(((previous >= 0) & (rep != previous)).sum()),
        )  # fmt: skip
        self.cost = cost
        self._say("done", 1.0, len(result.violations))
        return result

    def _say(self, phase: Any, share: float, outside: int = 0) -> None:
        if self.tell is not None:
            cost = self.cost if np.isfinite(self.cost) else float("nan")
            bound = self.bound if np.isfinite(self.bound) else float("nan")
            told = Progress(phase=phase, share=min(share, 1.0), bound=bound, cost=cost,
                            violations=outside)  # fmt: skip
            self.is_halted = self.tell(told) is True or self.is_halted
