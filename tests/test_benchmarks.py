"""The harness of the benchmarks: errors are found, failures shown, targets judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks.groups import GROUPS, alignment, districts, scale, verdicts
from benchmarks.harness import environments, render, results, run
from benchmarks.harness.check import check, check_districts, check_plan, check_seats
from benchmarks.harness.tasks import Answer, Group, Outcome, Target, Task
from benchmarks.instances import Areas, Missing, Problem, Seats, accounts
from benchmarks.peers import SOLVERS, exact, greedy
from benchmarks.peers.model import make_model


def make_problem(**changes: Any) -> Problem:
    """Four accounts of load 1 for two reps with room for two each; cost 1 to stay, 2 to cross."""
    cost = np.array([[1.0, 2], [1, 2], [2, 1], [2, 1]])
    open_ = np.full((1, 2), -np.inf)
    problem = Problem(
        name="tiny", cost=cost, load=np.ones((1, 4)), lower=open_, upper=np.full((1, 2), 2.0),
        fixed=np.full(4, -1),
    )  # fmt: skip
    return problem.but(**changes)


def make_areas(**changes: Any) -> Areas:
    """Six areas in a row, two districts of three."""
    line = np.arange(6)
    place = np.stack([line, np.zeros(6)], axis=1).astype(float)
    made = Areas(
        name="row", place=place, load=np.ones((1, 6)), weight=np.ones(6),
        edges=np.stack([line[:-1], line[1:]], axis=1), k=2, lower=np.array([2.5]),
        upper=np.array([3.5]), objective="cut",
    )  # fmt: skip
    return replace(made, **changes)


def make_outcome(**changes: Any) -> Outcome:
    """Give a measured outcome of planlib, at a gap of 0.1 %, in two seconds."""
    base: Outcome = {
        "key": "k", "size": "200 x 8", "who": "planlib", "solver": "planlib", "instance": "a",
        "limit": 5.0, "feasible": True, "excess": 0.0, "cost": 100.1, "bound": 100.0,
        "best": float("nan"), "proven": False, "remark": "", "wall": 2.0, "cpu": 1.9,
        "cold_wall": 3.0, "cold_cpu": 2.9, "worst_wall": 2.0, "gigabytes": 0.5, "more": {},
    }  # fmt: skip
    return base | changes


GOOD = np.array([0, 0, 1, 1])


def test_a_good_plan_passes() -> None:
    """A plan within its limits is feasible, without any excess, at its cost."""
    found = check_plan(make_problem(), GOOD)
    assert found == {"feasible": True, "excess": 0.0, "cost": 4.0, "remark": ""}


PLANTED_ERRORS = [
    ({}, [0, 0, 0, 1], "1 of 2 limits missed", 0.5),
    ({"lower": np.array([[3.0, 0.0]])}, [0, 0, 1, 1], "1 of 2 limits missed", 1 / 3),
    ({"fixed": np.array([1, -1, -1, -1])}, [0, 0, 1, 1], "1 locks broken", 0.0),
    ({"allowed": np.array([[0, 1], [1, 1], [1, 1], [1, 1]], bool)}, [0, 0, 1, 1], "1 forbidden", 0),
    ({"cost": np.array([[np.inf, 2], [1, 2], [2, 1], [2, 1]])}, [0, 0, 1, 1], "1 forbidden", 0.0),
    ({}, [0, 0, 1, 2], "no plan", np.inf),
    ({}, [0, 0, 1, -1], "no plan", np.inf),
    ({}, [0, 0, 1], "no plan", np.inf),
]


@pytest.mark.parametrize(("change", "plan", "remark", "excess"), PLANTED_ERRORS)
def test_an_error_in_a_plan_is_found(
    change: dict[str, Any], plan: list[int], remark: str, excess: float
) -> None:
    """Limits, locks, forbidden pairs and labels that do not exist are each found."""
    found = check_plan(make_problem(**change), np.array(plan))
    assert not found["feasible"]
    assert remark in found["remark"]
    assert found["excess"] == pytest.approx(excess)


def test_there_is_no_allowance_above_a_limit() -> None:
    """A load one bit above its limit is not feasible."""
    below = np.nextafter(2.0, 0)
    assert not check_plan(make_problem(upper=np.array([[2.0, below]])), GOOD)["feasible"]
    assert check_plan(make_problem(upper=np.array([[2.0, 2.0]])), GOOD)["feasible"]


def test_loads_that_depend_on_the_rep_are_added_up_by_rep() -> None:
    """(K, n, m) loads count what the item takes at its own rep."""
    load = np.stack([np.stack([np.ones(4), np.full(4, 3.0)], axis=1)])
    found = check_plan(make_problem(load=load), GOOD)
    assert found["remark"] == "1 of 2 limits missed"
    assert found["excess"] == pytest.approx(2.0)


def test_several_trials_are_checked_each_with_its_own_locks() -> None:
    """A forced account that was not moved makes its trial infeasible."""
    plans = np.array([[0, 1, 0, 1], [0, 0, 1, 1]])
    forced = [[[1, 1]], [[1, 1]]]
    found = check(make_problem(), plans, {"forced": forced})
    assert (found["feasible"], found["feasible_trials"]) == (False, 1)
    assert "1 locks broken" in found["remark"]


def test_districts_are_checked_for_limits_parts_and_number() -> None:
    """A gap in a district, a district too small and an empty one are each found."""
    good = check_districts(make_areas(), np.array([0, 0, 0, 1, 1, 1]))
    assert (good["feasible"], good["cost"]) == (True, 1.0)
    apart = check_districts(make_areas(), np.array([0, 0, 1, 0, 1, 1]))
    assert apart["remark"] == "2 parts too many"
    uneven = check_districts(make_areas(), np.array([0, 0, 1, 1, 1, 1]))
    assert "2 of 2 districts outside" in uneven["remark"]
    assert uneven["excess"] == pytest.approx(0.2)
    empty = check_districts(make_areas(lower=np.zeros(1), upper=np.full(1, 9.0)), np.zeros(6, int))
    assert empty["remark"] == "1 districts empty"


@pytest.mark.parametrize(("objective", "value"), [("cut", 1), ("centre", 4), ("inertia", 2 / 3)])
def test_objectives_of_districts_are_computed_from_scratch(objective: str, value: float) -> None:
    """Three areas in a row: two steps to the centre, a mean square of 2/3 about it."""
    found = check_districts(make_areas(objective=objective), np.array([0, 0, 0, 1, 1, 1]))
    assert found["cost"] == pytest.approx(value)


def test_seats_are_checked_for_capacity_and_number() -> None:
    """An overloaded seat and a seat too many are found."""
    asked = Seats(
        name="s", distance=1.0 - np.eye(3), load=np.ones(3), capacity=np.full(3, 2.0), k=2, best=1.0
    )
    assert check_seats(asked, np.array([0, 0, 2]))["feasible"]
    assert check_seats(asked, np.array([0, 0, 0]))["remark"] == "1 seats above their capacity"
    assert check_seats(asked, np.array([0, 1, 2]))["remark"] == "3 seats opened, 2 allowed"


def test_greedy_keeps_locks_and_forbidden_pairs() -> None:
    """The simplest peer breaks limits, never locks."""
    problem = accounts(120, 6, 4, planted=True)
    found = check_plan(problem, greedy.solve(problem, 1.0).plan)
    assert "locks" not in found["remark"]
    assert "forbidden" not in found["remark"]


@pytest.mark.parametrize("solver", [exact.highs, exact.mathopt, exact.cp_sat])
def test_exact_peers_solve_the_same_problem(solver: Any) -> None:
    """Each finds the optimum of a tiny instance, strictly within its limits, and its bound."""
    problem = accounts(24, 3, 2, tolerance=0.1, planted=True)
    answer = solver(problem, 20.0)
    found = check_plan(problem, answer.plan)
    assert found["feasible"], found["remark"]
    reference = exact.highs(problem, 20.0)
    assert found["cost"] == pytest.approx(check_plan(problem, reference.plan)["cost"], rel=1e-5)
    assert answer.bound == pytest.approx(found["cost"], rel=1e-4)
    assert exact.highs_lp(problem, 20.0).bound <= found["cost"]


def test_pruned_pairs_are_allowed_ones() -> None:
    """Pruning by prices keeps the best pairs of every account, and no forbidden one."""
    problem = accounts(200, 8, 1, planted=True)
    model = make_model(problem, np.zeros((2, 8)), arcs=2)
    assert problem.pairs()[model.item, model.rep].all()
    assert set(model.item) == set(range(200))
    cost = np.where(problem.pairs(), problem.cost, np.inf)
    kept = set(zip(model.item.tolist(), model.rep.tolist(), strict=True))
    assert {(item, int(rep)) for item, rep in enumerate(cost.argmin(axis=1))} <= kept


def test_a_call_that_is_missing_fails_loudly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """A solver that cannot be called is an error in the outcome, with the reason."""
    monkeypatch.setattr(run, "RUNS", tmp_path)
    task = Task(size="s", who="w", solver="planlib", arguments={"n": 20, "m": 2, "seed": 1},
                options={"no_such_option": 1})  # fmt: skip
    outcome = run.run_task(task, [task])
    assert "no_such_option" in outcome["error"]
    table = render.table([outcome])
    assert "**failed**" in table
    assert "no_such_option" in table


def test_what_is_not_available_is_a_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """An instance that is not here makes a row that says so, and no failure."""
    monkeypatch.setattr(run, "RUNS", tmp_path)
    monkeypatch.setenv("PLANLIB_INSTANCES", str(tmp_path))
    task = Task(size="type e", who="greedy", solver="greedy", family="gap",
                arguments={"name": "e20400"})  # fmt: skip
    outcome = run.run_task(task, [task])
    assert "error" not in outcome
    assert "gap/e20400 is not available here" in render.table([outcome])


@pytest.mark.parametrize(("solver", "key"), [("highs", "remark"), ("planlib", "error")])
def test_a_call_that_does_not_end_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, solver: str, key: str
) -> None:
    """A peer that was stopped has no plan; if planlib was, that is a failure."""

    def stop(*order: Any, **options: Any) -> Any:
        raise run.subprocess.TimeoutExpired("child", options["timeout"])

    monkeypatch.setattr(run, "RUNS", tmp_path)
    monkeypatch.setattr(run.subprocess, "run", stop)
    task = Task(size="s", who="w", solver=solver, arguments={"n": 20, "m": 2, "seed": 1}, limit=1.0)
    outcome = run.run_task(task, [task])
    assert outcome[key] == "did not end within 906 s"
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    results.write("g", True, [outcome], complete=True)
    content = results.read("g", True)
    assert content is not None
    assert "did not end within 906 s" in render.table(content["outcomes"])


def test_a_solve_in_its_own_process_is_measured_and_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Times, memory, cost and feasibility come back."""
    monkeypatch.setattr(run, "RUNS", tmp_path)
    task = Task(size="s", who="greedy", solver="greedy", arguments={"n": 40, "m": 2, "seed": 1},
                warm=1)  # fmt: skip
    outcome = run.run_task(task, [task])
    plan = np.load(run.stem_of(task).with_suffix(".npz"))["plan"]
    assert outcome["cost"] == check_plan(task.make(), plan)["cost"]
    assert outcome["gigabytes"] > 0
    assert {"wall", "cpu", "cold_wall", "cold_cpu"} <= set(outcome)


def make_group(outcomes: list[str]) -> Group:
    """Give a group with one task for each name."""
    tasks = [Task(size="s", who=who, solver="greedy") for who in outcomes]
    return Group(name="g", title="A question", shows="It shows.", tasks=lambda full: tasks)


def test_a_run_goes_on_where_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known outcomes are kept, failed ones are measured again."""
    group = make_group(["a", "b", "c"])
    keys = [task.key for task in group.tasks(True)]
    known = [make_outcome(key=keys[0], who="a"), {"key": keys[1], "error": "stopped"}]
    measured: list[str] = []

    def measure(task: Task, tasks: list[Task]) -> Outcome:
        measured.append(task.who)
        return make_outcome(key=task.key, who=task.who)

    monkeypatch.setattr(run, "run_task", measure)
    outcomes = run.run_group(group, True, known, lambda so_far: None)
    assert measured == ["b", "c"]
    assert [one["who"] for one in outcomes] == ["a", "b", "c"]


def test_results_are_kept_without_words_that_json_lacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Infinite and missing numbers become null and come back as nan."""
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    results.write("g", True, [make_outcome(cost=float("nan"), bound=float("-inf"))], complete=True)
    text = (tmp_path / "g.json").read_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    content = results.read("g", True)
    assert content is not None
    assert np.isnan(content["outcomes"][0]["cost"])
    assert results.read("g", False) is None


def test_the_page_shows_quality_before_time_and_targets_with_what_was_reached() -> None:
    """Sentence, target, verdict, table; gaps only of feasible plans."""
    group = replace(
        make_group(["a"]),
        targets=(Target(text="gap <= 0.15 % in 3 s", judge=verdicts.gap_within(0.15, 3.0)),),
    )
    greedy_one = make_outcome(
        who="greedy", feasible=False, excess=0.25, cost=90.0, bound=float("nan"),
        remark="3 of 16 limits missed",
    )  # fmt: skip
    outcomes = [make_outcome(), greedy_one]
    content = {"full": True, "complete": True, "machine": "2 cores", "versions": "numpy 2",
               "outcomes": outcomes}  # fmt: skip
    text = render.page([render.section(group, content), "## Segmentation\n"])
    assert "It shows." in text
    assert "Target: gap <= 0.15 % in 3 s. Found: 0.1 % median, 0.1 % worst; 2.0 s" in text
    assert "**reached**" in text
    assert "| 200 x 8 | planlib | 5 | 1 of 1 | 0.000 | 0.100 | 0.000 | 0 of 1 | 2.00" in text
    assert "| 200 x 8 | greedy | 5 | 0 of 1 | 25.000 | - | - |" in text
    assert "3 of 16 limits missed" in text
    assert text.index("feasible |") < text.index("seconds |") < text.index("GB |")
    assert text.rstrip().endswith("## Segmentation")


def test_a_bound_above_a_plan_is_called_wrong() -> None:
    """No bound may lie above the cost of a feasible plan, whoever found it."""
    other = make_outcome(who="peer", cost=99.0, bound=98.0)
    group = make_group(["a"])
    content = {"full": True, "complete": True, "machine": "", "versions": "",
               "outcomes": [make_outcome(), other]}  # fmt: skip
    assert "**Wrong bound**" in render.section(group, content)
    content["outcomes"] = [make_outcome(bound=99.0), other]
    assert "Wrong bound" not in render.section(group, content)


@pytest.mark.parametrize(
    ("bound", "published", "wrong"),
    [(17288.9931, 17288.99, False), (17288.9975, 17288.99, True), (6347.0, 6347.0, False),
     (6347.3, 6347.0, True)],
)  # fmt: skip
def test_a_published_value_was_rounded(bound: float, published: float, wrong: bool) -> None:
    """A bound may lie above a printed value by the digits that were not printed, no more."""
    plan = make_outcome(cost=max(bound, published), bound=bound, best=published)
    assert bool(verdicts.wrong_bounds([plan])) is wrong


def test_judges_tell_reached_from_not_reached() -> None:
    """Gap, time, memory, a failed call and a missing plan each decide."""
    judge = verdicts.gap_within(0.15, 3.0, gigabytes=1.0)
    assert judge([make_outcome()])[1] is True
    assert judge([make_outcome(bound=99.5)])[1] is False
    assert judge([make_outcome(wall=3.5)])[1] is False
    assert judge([make_outcome(gigabytes=1.5)])[1] is False
    assert judge([make_outcome(), make_outcome(error="x")])[1] is False
    assert judge([make_outcome(), make_outcome(feasible=False)])[1] is False
    assert judge([]) == ("not measured", None)
    every = verdicts.all_feasible()
    assert every([make_outcome(), make_outcome(feasible=False)]) == ("1 of 2", False)
    assert every([make_outcome(), make_outcome(error="x")]) == ("1 of 2", False)
    known = verdicts.best_within(0.05, 60.0)
    assert known([make_outcome(best=100.08)])[1] is True
    assert known([make_outcome(best=100.0)])[1] is False
    proof = verdicts.proven(60.0)
    assert proof([make_outcome(bound=100.1)])[1] is True
    assert proof([make_outcome()])[1] is False
    level = verdicts.not_worse("planlib", 3.0)
    assert level([make_outcome(), make_outcome(who="peer", cost=100.2)])[1] is True
    assert level([make_outcome(), make_outcome(who="peer", cost=100.0)])[1] is False
    assert level([make_outcome(), make_outcome(who="peer", cost=1.0, feasible=False)])[1] is True


def test_the_exponent_of_growth_is_a_slope() -> None:
    """Time in proportion to the pairs has the exponent 1, to their square 2."""
    sizes = {"500 x 10": 5_000, "1,000 x 20": 20_000, "2,000 x 40": 80_000}
    for power in (1, 2):
        rows = [make_outcome(size=size, cpu=1e-3 * (pairs / 1e3) ** power)
                for size, pairs in sizes.items()]  # fmt: skip
        assert scale.exponent(rows) == pytest.approx(power)


def test_the_lists_of_tasks_are_whole() -> None:
    """Every group has tasks in a full run, each of them once and with a solver that is known."""
    names = [group.name for group in GROUPS]
    assert len(set(names)) == len(names)
    for group in GROUPS:
        tasks = group.tasks(True)
        keys = [task.key for task in tasks]
        assert tasks
        assert len(set(keys)) == len(keys)
        assert {task.solver for task in tasks} <= set(SOLVERS)
        for task in tasks:
            sources = {one.who for one in tasks if one.instance == task.instance}
            assert not task.prices_from or task.prices_from in sources


def test_feasibility_covers_every_shape_at_every_size() -> None:
    """Fifty instances a size, ten of the largest, over all shapes, tolerances and measures."""
    tasks = alignment.GROUPS[0].tasks(True)
    sizes = [task.size for task in tasks]
    assert {size: sizes.count(size) for size in set(sizes)} == {
        "200 x 8": 50, "2,000 x 40": 50, "20,000 x 200": 50, "200,000 x 1,000": 10,
    }  # fmt: skip
    for size in ("200 x 8", "20,000 x 200"):
        here = [task.arguments for task in tasks if task.size == size]
        for key, count in (("shape", 9), ("tolerance", 3), ("measures", 3)):
            assert len({one[key] for one in here}) == count
        assert all(one["planted"] for one in here)


def test_the_first_plan_is_judged_for_its_size_alone() -> None:
    """Times of other sizes do not count, and a run without a first plan is not reached."""
    judge = districts._first_plan("1,000", 0.5)
    good = make_outcome(size="1,000 / 20, 2 measures, 5%", more={"first_plan": 0.3})
    slow = make_outcome(size="33,000 / 500, 2 measures, 5%", more={"first_plan": 9.0})
    assert judge([good, slow])[1] is True
    assert judge([good | {"more": {"first_plan": None}}])[1] is False
    assert judge([slow]) == ("not measured", None)


def test_a_peer_that_cannot_be_installed_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """The installer's reason stands in the table; the run goes on."""

    def refuse(name: str) -> Any:
        raise environments.NotInstalled("not installed: no matching distribution")

    monkeypatch.setattr(environments, "python_of", refuse)
    task = Task(size="60 areas", who="spopt", solver="spopt", family="areas",
                arguments={"n": 60, "k": 3, "seed": 1}, options={"method": "spopt"})  # fmt: skip
    outcome = run.run_task(task, [task])
    assert outcome["absent"] == "not installed: no matching distribution"
    assert "no matching distribution" in render.table([outcome])


def test_a_solver_without_a_plan_is_no_plan() -> None:
    """A bound alone is shown as such, and its rows count no plans."""
    row = make_outcome(who="linear", feasible=False, cost=float("nan"), remark=render.BOUND_ONLY)
    assert "| 200 x 8 | linear | 5 | - |" in render.table([row])
    assert Answer(plan=None).plan is None


def test_the_command_ends_with_an_error_where_a_call_failed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """A missing call is not lost among the rows: the exit code says it."""
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "TABLE", tmp_path / "README.md")
    monkeypatch.setattr(command.run, "run_task", lambda task, tasks: make_outcome(
        key=task.key, size=task.size, error="ImportError: cannot import name"))  # fmt: skip
    monkeypatch.setattr("sys.argv", ["benchmarks", "starts"])
    with pytest.raises(SystemExit, match="1 calls failed"):
        command.main()
    assert "ImportError" in (tmp_path / "README.md").read_text()


def test_a_missing_instance_has_a_name() -> None:
    """The error of the readers is a missing file, so that no reader is taken for broken."""
    assert issubclass(Missing, FileNotFoundError)
