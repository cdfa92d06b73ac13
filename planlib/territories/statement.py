"""What is to be solved: the book, the reps, and one set of matrices for each part of the market."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from planlib.errors import ParameterError
from planlib.notes import count_of
from planlib.settings.territories import TerritoriesSettings
from planlib.territories.block import Block
from planlib.territories.blocks import add_scope, name_idle_reps, separated_by, with_blocks
from planlib.territories.book import Sources, account_book
from planlib.territories.families import split_large
from planlib.territories.findings import Problems
from planlib.territories.fit import add_skill
from planlib.territories.frames import dates
from planlib.territories.locks import add_locks
from planlib.territories.matrices import Frames, make_block
from planlib.territories.measures import check_targets
from planlib.territories.protection import add_held, add_protection
from planlib.territories.sellers import sellers_of, with_places
from planlib.territories.travel import travel_hours

#: Settings that a prepared statement can be solved with anew, without reading tables again.
CHANGEABLE = (
    "tolerance", "tolerances", "weight_travel", "weight_misfit", "weight_complexity",
    "weight_disruption", "disruption_share", "disruption_count_share", "disruption_open_share",
    "change_weight", "effort",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Statement:
    """
    An alignment problem ready to be solved, as often as wanted.

    Parameters
    ----------
    settings, as_of
        As given.
    book
        One row per account, see ``account_book``; ``block`` is blank where out of scope.
    sellers
        One row per rep or open seat that may own accounts.
    blocks
        The matrices of each part of the market, by name.
    problems
        Findings, rows of ``territory_problems``.
    decisions
        Decisions of people, oldest first, with what became of them.
    has_previous
        Whether a previous plan is stayed near to.
    """

    settings: TerritoriesSettings
    as_of: datetime.date
    book: pd.DataFrame
    sellers: pd.DataFrame
    blocks: tuple[Block, ...]
    problems: tuple[dict[str, object], ...]
    decisions: pd.DataFrame
    has_previous: bool

    def block(self, name: str) -> Block:
        """
        Give a block by name.

        Raises
        ------
        ParameterError
            If there is none of this name.
        """
        for block in self.blocks:
            if block.name == name:
                return block
        known = ", ".join(block.name for block in self.blocks) or "no blocks"
        raise ParameterError("block", [f"'{name}' is none of the blocks; there are {known}"])

    def changed(self, settings: TerritoriesSettings) -> Statement:
        """
        Give the statement at other tolerances, weights, budgets, change weight or effort.

        Raises
        ------
        ParameterError
            If a setting differs that needs the tables; they are all named.
        """
        wrong = [
            f"{name} cannot change on a prepared statement; call state() again"
            for name in TerritoriesSettings.model_fields
            if name not in CHANGEABLE and getattr(settings, name) != getattr(self.settings, name)
        ]
        if wrong:
            raise ParameterError("settings", wrong)
        blocks = tuple(block.changed(settings) for block in self.blocks)
        return replace(self, settings=settings, blocks=blocks)

    def only(self, names: Collection[str]) -> Statement:
        """
        Give the statement with some of its blocks.

        Raises
        ------
        ParameterError
            If there is none of a name.
        """
        return replace(self, blocks=tuple(self.block(name) for name in sorted(set(names))))


def state(
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    as_of: datetime.date,
    segments: pd.DataFrame | None = None,
    territories: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    scope: Collection[str] | None = None,
    seats: pd.DataFrame | None = None,
    key_accounts: pd.DataFrame | None = None,
    travel: pd.DataFrame | None = None,
    targets: pd.DataFrame | None = None,
) -> Statement:
    """
    Bring everything that an alignment needs into one form, and say what is missing or odd.

    Parameters
    ----------
    accounts
        One row per ``account_id``; used where there: ``owner_id``, the column(s) of
        ``settings.within``, ``parent_id``, ``acv``, measures, ``industry``, place.
    reps
        One row per ``rep_id``; used where there: ``role``, ``region``, ``skills``, ``level``,
        ``hire_date``, ``leave_date``, ``is_open_seat``, ``capacity_hours``, place.
    settings
        What is balanced, how tightly, at which weights, and what is kept.
    as_of
        Day on which reps must be there.
    segments
        From step 02: ``potential``, ``workload_hours``, ``industry_group``, ``segment``, ``unit``,
        ``complexity_score``.
    territories
        Owners today by role layer; they win over ``owner_id``.
    opportunities
        Open deals give the pipeline at stake; late stages and recent wins protect accounts.
    overrides
        Decisions of kind territories: ``account_id``, ``rep_id``, ``rule`` (must, must_not).
    previous
        A plan to stay near: ``account_id``, ``rep_id``.
    scope
        Accounts that may change; the others keep the rep of ``previous``, else today's owner.
    seats
        More open seats, with the columns of ``reps``.
    key_accounts
        From step 05: the named accounts (``is_key``).
    travel
        Travel times, long (``account_id``, ``rep_id``, ``travel_hours``) or wide, in hours.
    targets
        ``rep_id``, ``measure``, ``target`` where settings say given.

    Returns
    -------
    Statement
        Book, sellers, matrices of each block, and problems: what ``solve_statement`` takes.

    Raises
    ------
    TableError
        If ``account_id`` or ``rep_id`` is missing, blank or repeated.
    """
    sources = Sources(
        accounts=accounts, reps=reps, as_of=pd.Timestamp(as_of), segments=segments,
        territories=territories, opportunities=opportunities, key_accounts=key_accounts,
    )  # fmt: skip
    more = _More(overrides=overrides, previous=previous, scope=scope, seats=seats, travel=travel,
                 targets=targets)  # fmt: skip
    return _prepared(sources, more, settings)


@dataclass(frozen=True, kw_only=True)
class _More:
    """What people decide beside the tables of the step."""

    overrides: pd.DataFrame | None
    previous: pd.DataFrame | None
    scope: Collection[str] | None
    seats: pd.DataFrame | None
    travel: pd.DataFrame | None
    targets: pd.DataFrame | None


def _prepared(sources: Sources, more: _More, settings: TerritoriesSettings) -> Statement:
    problems = Problems()
    day = sources.as_of
    sellers = sellers_of(sources.reps, more.seats, settings, day, problems)
    book = account_book(sources, sellers, settings, problems)
    columns = separated_by(book, sellers, settings, problems)
    sellers, book = with_blocks(sellers, book, columns)
    sellers = add_skill(with_places(sellers, book, problems), day, problems)
    book = add_scope(book, sellers, columns, settings, problems)
    book, decisions = add_locks(book, sellers, more.overrides, problems)
    book = add_held(book, more.previous)
    book = add_protection(book, sellers, settings, more.scope, problems)
    book = split_large(book, sellers, settings, problems)
    book["is_owner_gone"] = _gone(book["owner"], sources.reps, day)
    name_idle_reps(book, sellers, problems)
    _unknown_owners(book, sources.reps, problems)
    _place_problems(book, problems)
    frames = Frames(settings=settings, hours=travel_hours(more.travel, problems),
                    targets=check_targets(more.targets, sellers, settings, problems),
                    problems=problems)  # fmt: skip
    names = sorted(set(book["block"]) - {""})
    blocks = tuple(make_block(name, book, sellers, frames) for name in names)
    return Statement(
        settings=settings, as_of=day.date(), book=book, sellers=sellers, blocks=blocks,
        problems=tuple(problems.rows), decisions=decisions,
        has_previous=more.previous is not None and not more.previous.empty,
    )  # fmt: skip


def _gone(owner: pd.Series, reps: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Tell which owners have left, or are not in the list of reps at all."""
    here = set(reps.loc[~(dates(reps, "leave_date") <= day), "rep_id"])
    return owner.notna() & ~owner.isin(here)


def _unknown_owners(book: pd.DataFrame, reps: pd.DataFrame, problems: Problems) -> None:
    """Name owners who are not in the list of reps at all."""
    unknown = book.loc[book["owner"].notna() & ~book["owner"].isin(reps["rep_id"])]
    for owner, count in unknown["owner"].value_counts(sort=False).sort_index().items():
        detail = f"owns {count_of(count, 'account')} but is not in reps; counted as having left"
        problems.add("owner_unknown", detail, rep_id=owner)


def _place_problems(book: pd.DataFrame, problems: Problems) -> None:
    if book["latitude"].isna().all() and len(book):
        problems.add("place", "no account has a place; travel is left out of the cost")
        return
    for detail, rows in book.groupby("place_problem", sort=True).groups.items():
        if detail:
            problems.add_accounts("place", str(detail), book, book.index.isin(rows))
