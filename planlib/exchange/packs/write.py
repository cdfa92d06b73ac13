"""Excel packs for managers: one workbook each, to be decided in and handed back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from planlib.exchange.excel import FOLDER as EXCHANGE
from planlib.exchange.excel import about
from planlib.exchange.forms import FormSheet, write_form
from planlib.exchange.packs.columns import (
    ACCEPT_REST,
    FILLED_BY,
    FOLDER,
    KIND,
    NO,
    QUESTIONS,
    QUOTAS,
    TERRITORIES,
    VERSION,
    YES,
)
from planlib.exchange.packs.facts import PackFacts
from planlib.exchange.packs.key_accounts import key_account_sheet
from planlib.exchange.packs.questions import question_sheet
from planlib.exchange.packs.quotas import hidden_teams, quota_sheet
from planlib.exchange.packs.territories import (
    balance_sheet,
    team_figures,
    team_sheet,
    territory_sheet,
)
from planlib.exchange.sheets import file_stem, plain_text
from planlib.territories.teams import COMPANY, Team

if TYPE_CHECKING:
    from planlib.settings.packs import PacksSettings
    from planlib.store import Workbook

_SOURCES = ("territory_plan", "quota_levels", "key_accounts")
_DEFINITIONS = (
    ("Potential", "Yearly spend that the account could have with us; how it is estimated stands "
     "in 02_segmentation.xlsx. Blank: not known, never zero"),
    ("ACV", "Annual contract value of what the account has with us"),
    ("Hours a year", "Work that the account needs from its rep in a year, in hours"),
    ("Cost units", "The plan weighs travel, fit of skills, complexity and change of owner; one "
     "unit is an average account one usual trip away from its rep"),
    ("Next best owner", "The other rep who would suit the account best"),
    ("More cost with the next best", "How much less that rep suits the account than the owner in "
     "the plan, in cost units; 0: both suit it equally. Accounts of a family that go together "
     "show what it is for all of them"),
    ("Price of balance for it", "What the change would cost besides, in cost units, because it "
     "brings territories or budgets nearer to their limits; 0: there is room. A high price says "
     "that another account would have to move in turn"),
    ("Deviation", "Amount in the plan / target of the territory - 1"),
    ("Quotas", "Top-down: share of the company's target. Bottom-up: what potential, trend and "
     "capacity say. Blended target: both weighed. Quota of the plan: blended target x "
     "over-assignment"),
    ("Quota / bottom-up", "100 %: the quota is what potential, trend and capacity say; above: more "
     "is asked than that"),
    ("Quota in force, full year", "Of single people and posts; blank for teams, whose people come "
     "and go within the year"),
    ("Ramped", "The quota in force, less what is not expected of new people while they learn"),
    ("Accounts of a team", "Of everyone below the manager in table reps, the manager included"),
)  # fmt: skip


def write_packs(workbook: Workbook, audience: str | None = None) -> list[Path]:
    """
    Write one Excel pack for each manager into ``exchange/packs``.

    Parameters
    ----------
    workbook
        The cycle; files go into the revision being built, or into the draft.
    audience
        Name of an audience of plan.yaml; None takes ``packs.audience``, else that of the report.

    Returns
    -------
    list of Path
        The files, by manager. A manager on whose team nothing is planned has none; without table
        reps there are none.
    """
    if not workbook.plan.packs.is_on or not workbook.has("reps"):
        return []
    facts = PackFacts(workbook, audience)
    files: list[Path] = []
    taken: set[str] = set()
    for team in facts.teams.values():
        sheets = pack_sheets(facts, team)
        if sheets:
            name = _free_name(file_name(team), taken)
            path = workbook.target / EXCHANGE / FOLDER / f"{name}.xlsx"
            _write(path, facts, team, sheets)
            files.append(path)
    return files


def _free_name(name: str, taken: set[str]) -> str:
    """Give a name that no other pack has, whatever a file system makes of capital letters."""
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name} {number}"
    taken.add(free.casefold())
    return free


def pack_sheets(facts: PackFacts, team: Team) -> list[FormSheet]:
    """Give the sheets of a manager's pack; those without rows are left out."""
    makers = (team_sheet, territory_sheet, balance_sheet, quota_sheet, key_account_sheet,
              question_sheet)  # fmt: skip
    found = [sheet for make in makers if (sheet := make(facts, team)) is not None]
    return found if any(sheet.name != QUOTAS for sheet in found) else []


def file_name(team: Team) -> str:
    """
    Give the name of a pack's file: id and name; what no file system takes is written as a code.

    Examples
    --------
    >>> from planlib.territories.teams import Team
    >>> file_name(Team(manager_id="R/1", name="Kim Lee", parent="", direct=frozenset(), leads=(),
    ...                below=frozenset()))
    'R%2F1 Kim Lee'
    """
    return file_stem(team.manager_id, team.name)


def answer_line(settings: PacksSettings) -> tuple[str, str]:
    """
    Say until when a pack is to be answered: a fixed day, else days after it was handed out.

    The days do not count from the as-of date, since packs are made, and made again, long after it.
    """
    if settings.answer_by is not None:
        return "To be handed back by", settings.answer_by.isoformat()
    noun = "day" if settings.answer_days == 1 else "days"
    return "To be handed back", f"within {settings.answer_days} {noun} after you got this file"


def _write(path: Path, facts: PackFacts, team: Team, sheets: list[FormSheet]) -> None:
    workbook = facts.workbook
    names = [sheet.name for sheet in sheets]
    fill = {FILLED_BY: ()} | ({ACCEPT_REST: (YES, NO)} if TERRITORIES in names else {})
    write_form(
        path,
        sheets,
        about=[(what, plain_text(text)[0]) for what, text in _front(facts, team, names)],
        stamp=_stamp(facts, team),
        created=workbook.as_of,
        title=f"Pack of {team.name}, {workbook.cycle.name}",
        front=fill,
    )


def _stamp(facts: PackFacts, team: Team) -> Mapping[str, str]:
    """Give what the hidden sheet says, so that a stale pack is known when it comes back."""
    workbook = facts.workbook
    return {
        "kind": KIND,
        "version": VERSION,
        "workbook": workbook.root.name,
        "cycle": workbook.cycle.name,
        "as_of": workbook.as_of.isoformat(),
        "manager_id": team.manager_id,
        "manager": team.name,
        "audience": facts.view.audience,
        **{kind: str(len(workbook.decisions(kind)))
           for kind in ("pack_answers", "challenges", "quotas")},
    }  # fmt: skip


def _front(facts: PackFacts, team: Team, names: list[str]) -> list[tuple[str, str]]:
    """Give the lines of the first sheet: what it is, what to do by when, what words mean."""
    workbook, currency = facts.workbook, facts.plan.currency
    whom = "whoever leads the company" if team.manager_id == COMPANY else team.name
    lines = [
        ("For", f"{whom} ({team.manager_id})"),
        *about(facts.view, "Plan of your team: look at it, decide on it, hand it back"),
        answer_line(facts.plan.packs),
        (FILLED_BY, ""),
        *_figures(facts, team, currency),
        ("What to do", "Fill in the pale yellow cells: accept or challenge rows, answer "
         "questions. A challenge names the owner or the quota that you want and says why. Rows "
         "left blank say nothing. All other cells are computed and protected."),
    ]  # fmt: skip
    if TERRITORIES in names:
        lines.append((ACCEPT_REST, ""))
        lines.append(("About the line above", "yes: every account of sheet Territories without a "
                      "decision of its own is accepted as planned."))  # fmt: skip
        if facts.is_cut(team):
            shown = facts.plan.packs.most_rows
            lines.append(
                (
                    "Cut",
                    f"Only the {shown:,} accounts of most potential are "
                    "here; the others are not accepted by the line above, they stay open.",
                )
            )
    lines += [
        ("What comes of it", "A challenge is tried on the plan when step 03 runs again: it is "
         "accepted where balance and budget hold, else the obstacle is named. Both stand in the "
         "next pack, and the manager who leads both reps is asked to put an accepted one in "
         "force. A quota below you is set when step 04 runs again and the others of that level "
         "take up the difference; your own goes to the manager above."),
        ("To hand in", f"Save the file and send it back; the planner runs: planlib collect "
         f"{workbook.root.name} FILES. All rows of all files are kept in overrides/, or none: "
         "what is wrong is listed by file, sheet and cell. Handing in the same file twice changes "
         "nothing."),
    ]  # fmt: skip
    return [*lines, *_DEFINITIONS, *_other_sources(facts), *_hidden(facts, team, names)]


def _figures(facts: PackFacts, team: Team, currency: str) -> list[tuple[str, str]]:
    """Give the figures of the team in short, as they stand in the report's tables."""
    if facts.accounts.empty:
        return []
    found = team_figures(facts, team)

    def amount(name: str) -> str:
        return "not known" if found[name] is None else f"{found[name]:,.0f} {currency}"

    lines = [
        ("Accounts in the plan", f"{found['account_count']:,}"),
        ("Gained from other teams or nobody", f"{found['gained_count']:,}"),
        ("Lost to other teams", f"{found['lost_count']:,}"),
        ("Potential of the team", amount("potential")),
        ("ACV of the team", amount("acv")),
        ("Key accounts of the team", f"{found['key_count']:,}"),
    ]
    if found["quota_amount"] is not None:
        lines.append(("Quotas of the team", amount("quota_amount")))
    return lines


def _other_sources(facts: PackFacts) -> list[tuple[str, str]]:
    cycle = facts.workbook.cycle.name
    lines = []
    for name in _SOURCES:
        source = facts.workbook.sources(name)
        if source is not None and source.cycle != cycle:
            lines.append(("From an earlier cycle", f"{name.replace('_', ' ')}: {source.cycle}"))
    return lines


def _hidden(facts: PackFacts, team: Team, names: list[str]) -> list[tuple[str, str]]:
    lines = [] if QUESTIONS in names else [("Questions", "None are open for your team")]
    if QUOTAS in names and facts.view.hidden("quotas"):
        lines.append(("Not shown", "Quotas of single people: this audience may not see pay; see "
                      "packs.audience in plan.yaml"))  # fmt: skip
        if hidden_teams(facts, team):
            lines.append((
                "Blank quotas", "Sums of a team so small that they would show the quotas of few "
                "people, or let them be worked out from other sums; the planner sees them. A "
                "decision on a blank quota needs its figure first",
            ))  # fmt: skip
    return lines


__all__ = ["answer_line", "file_name", "pack_sheets", "write_packs"]
