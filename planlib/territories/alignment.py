"""Align accounts with reps: the public call of step 03, and what it gives back."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.tables import table
from planlib.territories.blocks import add_scope, block_names, make_block, separated_by
from planlib.territories.book import Problems, Sources, account_book, sellers_of, with_places
from planlib.territories.locks import add_locks
from planlib.territories.outputs import (
    Solved,
    balance_table,
    moves_table,
    plan_table,
    reps_table,
    solution_table,
)
from planlib.territories.solve import solve


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """
    A plan of who owns what, with its proof and its price.

    Each table is as declared in ``planlib.TABLES``: ``plan`` (territory_plan), ``balance``,
    ``reps``, ``moves``, ``solution``, ``problems``. The numbers are those of all blocks together;
    ``status`` is the worst of the blocks.
    """

    plan: pd.DataFrame
    balance: pd.DataFrame
    reps: pd.DataFrame
    moves: pd.DataFrame
    solution: pd.DataFrame
    problems: pd.DataFrame
    as_of: datetime.date

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
        }

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
        """(cost - bound) / bound; NaN where the bound is not above 0."""
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
        within = self.balance["is_within"].astype(bool)
        rows = [
            ("Status", self.status),
            ("Accounts planned", f"{int(self.plan['is_in_scope'].sum()):,} of "
                                 f"{len(self.plan):,}"),
            ("Reps", f"{len(self.reps):,}"),
            ("Territory measures within tolerance", f"{int(within.sum())} of {len(within)}"),
            ("Largest deviation from a target", _percent(self.tolerance_reached)),
            ("Cost and bound", f"{self.cost:,.1f} and {self.bound:,.1f}"),
            ("No plan within the limits is cheaper by more than", _percent(self.gap)),
            ("Accounts that change owner", f"{moved:,}" if pd.notna(moved) else "none"),
            ("Share of ACV that changes owner", _percent(share)),
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["result", "value"])

    def _all(self, column: str) -> object:
        return self.solution.loc[self.solution["block"].eq("all"), column].iloc[0]


def _percent(value: object) -> str:
    return "not known" if pd.isna(value) else f"{float(value):.1%}"  # type: ignore[call-overload, arg-type]


def align(
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    as_of: datetime.date,
    segments: pd.DataFrame | None = None,
    territories: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
    seed: int = 0,
) -> Alignment:
    """
    Propose an owner for every account, balanced within a tolerance at the least cost.

    A generalised assignment with balance rows and a budget row; the bound is its Lagrangian dual.

    Parameters
    ----------
    accounts
        One row per ``account_id``; used where there: ``owner_id``, the column(s) of
        ``settings.within``, ``parent_id``, ``acv``, measures, ``industry``, place.
    reps
        One row per ``rep_id``; used where there: ``role``, ``region``, ``skills``,
        ``hire_date``, ``leave_date``, ``capacity_hours``, place.
    settings
        What is balanced, how tightly, at which weights, and what is kept.
    as_of
        Day on which reps must be there.
    segments
        From step 02: ``potential``, ``workload_hours``, ``industry_group``, ``unit``.
    territories
        Owners today by role layer; they win over ``owner_id``.
    opportunities
        Open deals give the pipeline at stake and protect accounts at a late stage.
    overrides
        Decisions of kind territories: ``account_id``, ``rep_id``, ``rule`` (must, must_not).
    seed
        Seed of the search.

    Returns
    -------
    Alignment
        Every account has a row in ``plan``. A request that cannot be met does not raise: see
        ``status``; the plan then has the least excess found.

    Raises
    ------
    TableError
        If ``account_id`` or ``rep_id`` is missing, blank or repeated.
    """
    problems = Problems()
    day = pd.Timestamp(as_of)
    sources = Sources(accounts=accounts, reps=reps, as_of=day, segments=segments,
                      territories=territories, opportunities=opportunities)  # fmt: skip
    sellers = sellers_of(reps, settings, day, problems)
    book = account_book(sources, sellers, settings, problems)
    columns = separated_by(book, sellers, settings, problems)
    sellers, book = _with_blocks(sellers, book, columns)
    sellers = with_places(sellers, book, problems)
    book = add_scope(book, sellers, columns, settings, problems)
    book = add_locks(book, sellers, overrides, problems)
    book["is_owner_gone"] = _gone(book["owner"], reps, day)
    solved = _solve_blocks(book, sellers, settings, problems, seed)
    return _result(book, sellers, settings, problems, solved, as_of=as_of)


def _with_blocks(
    sellers: pd.DataFrame, book: pd.DataFrame, columns: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Name the blocks of reps, and spell the accounts' columns as the reps' are spelled."""
    book = book.copy()
    for column in columns:
        first: dict[str, str] = {}
        for word in sellers[column].dropna().str.strip():
            first.setdefault(word.casefold(), word)
        for table_name, frame in (("book", book), ("sellers", sellers)):
            own = frame[column].fillna("").str.strip()
            spelled = [first.get(word.casefold(), word) or None for word in own]
            frame = frame.assign(**{column: pd.Series(spelled, index=frame.index, dtype="str")})
            book, sellers = (frame, sellers) if table_name == "book" else (book, frame)
    return sellers.assign(block=block_names(sellers, columns)), book


def _gone(owner: pd.Series, reps: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Tell which owners have left, or are not in the list of reps at all."""
    left = (
        pd.to_datetime(reps["leave_date"])
        if "leave_date" in reps
        else pd.Series(pd.NaT, index=reps.index)
    )
    here = set(reps.loc[~(left <= day), "rep_id"])
    return owner.notna() & ~owner.isin(here)


def _solve_blocks(
    book: pd.DataFrame,
    sellers: pd.DataFrame,
    settings: TerritoriesSettings,
    problems: Problems,
    seed: int,
) -> Solved:
    solved = []
    for name in sorted(set(book["block"]) - {""}):
        block = make_block(name, book, sellers, settings, problems)
        solved.append((block, solve(block.problem, effort=settings.effort, seed=seed)))
    return solved


def _result(
    book: pd.DataFrame,
    sellers: pd.DataFrame,
    settings: TerritoriesSettings,
    problems: Problems,
    solved: Solved,
    *,
    as_of: datetime.date,
) -> Alignment:
    _place_problems(book, problems)
    plan = plan_table(book, sellers, solved, settings)
    balance = balance_table(book, sellers, solved, settings)
    _lumpy(balance, problems)
    tables = {
        "territory_plan": plan, "territory_balance": balance,
        "territory_reps": reps_table(plan, sellers, solved),
        "territory_moves": moves_table(plan),
        "territory_solution": solution_table(book, balance, solved, settings),
        "territory_problems": pd.DataFrame(problems.rows),
    }  # fmt: skip
    done = {name.removeprefix("territory_"): _shaped(name, frame) for name, frame in tables.items()}
    return Alignment(**done, as_of=as_of)


def _shaped(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    contract = table(name)
    return (
        contract.empty()
        if frame.empty
        else contract.coerce(frame[[column for column in contract.by_name if column in frame]])
    )


def _place_problems(book: pd.DataFrame, problems: Problems) -> None:
    if book["latitude"].isna().all() and len(book):
        problems.add("place", "no account has a place; travel is left out of the cost")
        return
    for detail, rows in book.groupby("place_problem", sort=True).groups.items():
        if detail:
            problems.add_accounts("place", str(detail), book, book.index.isin(rows))


def _lumpy(balance: pd.DataFrame, problems: Problems) -> None:
    if balance.empty:
        return
    causes = balance.loc[
        balance["cause"].fillna("").str.contains(" alone is "), ["rep_id", "measure", "cause"]
    ]
    for rep, measure, cause in causes.itertuples(index=False):
        problems.add("lumpy_account", f"{measure}: {cause}", rep_id=rep)
