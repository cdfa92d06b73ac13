"""Align accounts with reps: the public call of step 03, and what it gives back."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.tables import table
from planlib.territories.engine import Progress
from planlib.territories.outputs import balance_table, moves_table, plan_table, reps_table
from planlib.territories.results import overrides_table, solution_table
from planlib.territories.solving import Answer, solve_statement
from planlib.territories.statement import Statement, state


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """
    A plan of who owns what, with its proof and its price.

    Each table is as declared in ``planlib.TABLES``: ``plan`` (territory_plan), ``balance``,
    ``reps``, ``moves``, ``solution``, ``problems``, ``overrides``. The numbers are those of all
    blocks together; ``status`` is the worst of the blocks. ``statement`` can be solved again at
    other limits or weights, ``answers`` hold what the engine found.
    """

    plan: pd.DataFrame
    balance: pd.DataFrame
    reps: pd.DataFrame
    moves: pd.DataFrame
    solution: pd.DataFrame
    problems: pd.DataFrame
    overrides: pd.DataFrame
    as_of: datetime.date
    statement: Statement = field(repr=False)
    answers: tuple[Answer, ...] = field(repr=False)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {
            "territory_plan": self.plan,
            "territory_balance": self.balance,
            "territory_reps": self.reps,
            "territory_moves": self.moves,
            "territory_solution": self.solution,
            "territory_problems": self.problems,
            "territory_overrides": self.overrides,
        }

    def with_unused(self, details: Iterable[str]) -> Alignment:
        """
        Give the same alignment with decisions that are not used among its problems.

        Parameters
        ----------
        details
            One sentence each: which decision, and why it is not used.
        """
        rows = [{"problem": "decision_not_used", "detail": detail} for detail in details]
        added = table("territory_problems").conform(rows)
        return replace(self, problems=pd.concat([self.problems, added], ignore_index=True))

    @property
    def status(self) -> str:
        """Give optimal, feasible, unresolved, infeasible or empty."""
        return str(self._all("status"))

    @property
    def cost(self) -> float:
        """Cost of the plan."""
        return float(self._all("cost"))  # type: ignore[arg-type]

    @property
    def bound(self) -> float:
        """No plan within the limits is cheaper."""
        return float(self._all("bound"))  # type: ignore[arg-type]

    @property
    def gap(self) -> float:
        """(cost - bound) / bound; NaN where the bound is not above 0, or a limit is not kept."""
        return float(self._all("gap"))  # type: ignore[arg-type]

    @property
    def tolerance_reached(self) -> float:
        """Largest deviation of any territory from its target, in any measure."""
        return float(self._all("tolerance_reached"))  # type: ignore[arg-type]

    @property
    def violations(self) -> pd.DataFrame:
        """Rows of ``balance`` outside the tolerance asked for, worst first."""
        outside = self.balance[~self.balance["is_within"].astype(bool)]
        return outside.sort_values(
            ["excess", "rep_id", "measure"], ascending=[False, True, True], kind="stable"
        ).reset_index(drop=True)

    def summary(self) -> pd.DataFrame:
        """Give the main results as rows of ``result`` and ``value``, in words."""
        every = self.moves[self.moves["block"].eq("all") & self.moves["move_cause"].eq("all moves")]
        moved, share = (
            every[column].iloc[0] if len(every) else pd.NA
            for column in ("moved_count", "moved_acv_share")
        )
        chosen = self.moves[self.moves["block"].eq("all") & self.moves["move_cause"].eq("plan")]
        within = self.balance["is_within"].astype(bool)
        rows = [
            ("Status", self.status),
            ("Accounts planned", f"{int(self.plan['is_in_scope'].sum()):,} of "
                                 f"{len(self.plan):,}"),
            ("Reps", f"{len(self.reps):,}"),
            ("Territory measures within tolerance", f"{int(within.sum())} of {len(within)}"),
            ("Tolerance", self._tolerance()),
            ("Largest deviation from a target", percent(self.tolerance_reached)),
            ("Cost and bound", "not known" if self.status == "empty" else
                               f"{self.cost:,.1f} and {self.bound:,.1f}"),
            ("No plan within the limits is cheaper by more than", percent(self.gap)),
            ("Accounts that change owner", f"{moved:,}" if pd.notna(moved) else "none"),
            ("Share of ACV that changes owner", percent(share)),
            ("Of it by choice of the plan, which the budget limits",
             percent(share if pd.isna(share) else chosen["moved_acv_share"].sum())),
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["result", "value"])

    def _tolerance(self) -> str:
        used, tightest = self._all("tolerance_used"), self._all("is_tightest")
        if pd.isna(tightest) or not tightest:  # type: ignore[call-overload]
            return percent(used)
        return f"up to {percent(used)}: the tightest found, block by block"

    def _all(self, column: str) -> object:
        return self.solution.loc[self.solution["block"].eq("all"), column].iloc[0]


def percent(value: object) -> str:
    """Give a share with one decimal, in words where it is not known."""
    return "not known" if pd.isna(value) else f"{100 * float(value):.1f} %"  # type: ignore[call-overload, arg-type]


def align(
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    as_of: datetime.date,
    seed: int = 0,
    time_limit: float | None = None,
    workers: int | None = None,
    on_progress: Callable[[str, Progress], None] | None = None,
    **tables: Any,
) -> Alignment:
    """
    Propose an owner for every account, balanced within a tolerance at the least cost.

    A generalised assignment with balance rows and budget rows; the bound is its Lagrangian dual.

    Parameters
    ----------
    accounts, reps, settings, as_of
        As for ``state``.
    seed, time_limit, workers, on_progress
        As for ``solve_statement``.
    tables
        ``segments``, ``territories``, ``opportunities``, ``overrides``, ``previous``, ``scope``,
        ``seats``, ``key_accounts``, ``travel``, ``targets``, as for ``state``.

    Returns
    -------
    Alignment
        Every account has a row in ``plan``. A request that cannot be met does not raise: see
        ``status``; the plan is then that of the smallest tolerance found that would do.

    Raises
    ------
    TableError
        If ``account_id`` or ``rep_id`` is missing, blank or repeated.
    """
    statement = state(accounts, reps, settings, as_of=as_of, **tables)
    answers = solve_statement(
        statement, seed=seed, time_limit=time_limit, workers=workers, on_progress=on_progress
    )
    return tabulate(statement, answers)


def tabulate(statement: Statement, answers: tuple[Answer, ...]) -> Alignment:
    """
    Give the tables of a solved statement.

    Parameters
    ----------
    statement
        From ``state``.
    answers
        From ``solve_statement``, one per block.

    Returns
    -------
    Alignment
        The plan with its reasons, balance, moves, proof and price, as tables.
    """
    plan = plan_table(statement, answers)
    balance = balance_table(statement, answers)
    problems = [*statement.problems, *_lumpy(balance)]
    tables = {
        "territory_plan": plan, "territory_balance": balance,
        "territory_reps": reps_table(plan, statement.sellers, answers),
        "territory_moves": moves_table(plan),
        "territory_solution": solution_table(statement, answers),
        "territory_problems": pd.DataFrame(problems),
        "territory_overrides": overrides_table(statement, answers, plan),
    }  # fmt: skip
    done = {
        name.removeprefix("territory_"): table(name).conform(frame)
        for name, frame in tables.items()
    }
    return Alignment(**done, as_of=statement.as_of, statement=statement, answers=answers)


def _lumpy(balance: pd.DataFrame) -> list[dict[str, object]]:
    """Name the territories that one account or family alone keeps outside."""
    if balance.empty:
        return []
    causes = balance.loc[
        balance["cause"].fillna("").str.contains(" alone is "), ["rep_id", "measure", "cause"]
    ]
    return [
        {"problem": "lumpy_account", "account_id": None, "rep_id": rep,
         "detail": f"{measure}: {cause}", "amount": None}
        for rep, measure, cause in causes.itertuples(index=False)
    ]  # fmt: skip
