"""What the packs of a cycle are made of: each table read once, for all managers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.exchange.audience import AudienceView
from planlib.exchange.packs.columns import rep_label
from planlib.store.decisions import in_force
from planlib.territories.acceptance import by_potential
from planlib.territories.teams import Team, common, find_teams, homes

if TYPE_CHECKING:
    from planlib.store import Workbook


class PackFacts:
    """
    Tables of a cycle as the audience of the packs may see them, and who leads whom.

    Parameters
    ----------
    workbook
        The cycle.
    audience
        Name of an audience of plan.yaml; None takes ``packs.audience``, else that of the report.
    """

    def __init__(self, workbook: Workbook, audience: str | None = None) -> None:
        self.workbook = workbook
        self.view = AudienceView(workbook, audience or workbook.plan.packs.audience or None)
        self.plan = workbook.plan
        self._tables: dict[str, pd.DataFrame] = {}
        self.reps = self.rows("reps")
        self.teams = find_teams(self.reps, workbook.as_of)
        self.homes = homes(self.teams)

    def rows(self, table: str) -> pd.DataFrame:
        """Read a table once for all packs; without it, its columns and no rows."""
        if table not in self._tables:
            self._tables[table] = self.view.rows(table)
        return self._tables[table]

    @cached_property
    def rep_names(self) -> dict[str, str]:
        """Names of people by id."""
        return _names(self.reps, "rep_id")

    @cached_property
    def rep_ids(self) -> dict[str, str]:
        """Ids of people by the text that packs show for them."""
        return {rep_label(rep, self.rep_names): str(rep) for rep in self.reps["rep_id"]}

    @cached_property
    def account_names(self) -> dict[str, str]:
        """Names of accounts by id."""
        return _names(self.rows("accounts"), "account_id")

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """Accounts of the plan with home, old home and the manager who leads both."""
        rows = self.rows("territory_plan")
        home = rows["rep_id"].map(self.homes)
        old = rows["previous_rep_id"].map(self.homes)
        pairs = pd.DataFrame({"home": home, "old": old}).drop_duplicates()
        above = {
            (one, other): common(one, other, self.teams)
            for one, other in pairs.astype("object").where(pairs.notna(), None).to_numpy()
        }
        both = [
            above[pair] for pair in zip(_plain(home), _plain(old), strict=True)
        ]  # fmt: skip
        return rows.assign(home=home, old_home=old, both=both)

    def accounts_of(self, team: Team) -> pd.DataFrame:
        """Give the accounts of a pack: of the team, leaving it, moving between its teams."""
        found = self.accounts[self._is_shown(team)]
        return by_potential(found).head(self.plan.packs.most_rows).reset_index(drop=True)

    def is_cut(self, team: Team) -> bool:
        """Tell whether a team has more accounts than its pack may show."""
        return int(self._is_shown(team).sum()) > self.plan.packs.most_rows

    def _is_shown(self, team: Team) -> pd.Series:
        rows, who = self.accounts, team.manager_id
        mine = rows["home"].eq(who) | rows["old_home"].eq(who)
        mine |= rows["both"].eq(who) & rows["home"].ne(rows["old_home"])
        return mine.fillna(False).astype(bool)

    @cached_property
    def sellers(self) -> dict[str, str]:
        """Part of the market by rep who may own accounts."""
        rows = self.rows("territory_reps")
        return dict(zip(rows["rep_id"].astype(str), rows["block"].fillna(""), strict=True))

    @cached_property
    def blocks(self) -> dict[str, str]:
        """Part of the market by account; blank where it is not planned."""
        rows = self.rows("territory_plan")
        return dict(zip(rows["account_id"], rows["block"].fillna(""), strict=True))

    @cached_property
    def answers(self) -> pd.DataFrame:
        """Answers that hold: the last of each manager on each subject of this cycle."""
        log = self.workbook.decisions("pack_answers")
        log = in_force(log[log["cycle"].eq(self.workbook.cycle.name)], self.workbook.as_of)
        key = ["manager_id", "topic", "subject_id"]
        return log.drop_duplicates(key, keep="last").reset_index(drop=True)

    def answer_words(self, topic: str, subjects: Iterable[str]) -> dict[str, str]:
        """Give what was answered so far, by subject, as sentences."""
        wanted = set(subjects)
        mine = self.answers[self.answers["topic"].eq(topic)]
        found: dict[str, list[str]] = {}
        for row in records(mine[mine["subject_id"].isin(wanted)]):
            rep = (
                f" for {self.rep_names.get(row['rep_id'], row['rep_id'])}" if row["rep_id"] else ""
            )
            found.setdefault(row["subject_id"], []).append(
                f"{row['answer']}{rep} by {row['who']} on {row['when']:%Y-%m-%d}: {row['why']}"
            )
        return {key: "\n".join(lines) for key, lines in found.items()}

    @cached_property
    def challenges(self) -> pd.DataFrame:
        """Challenges as the plan treated them, by the time of this cycle."""
        return self.rows("territory_challenges")

    @cached_property
    def open_challenges(self) -> pd.DataFrame:
        """Challenges in force as they stand in overrides/, those of today included."""
        return self.workbook.overrides("challenges")

    @cached_property
    def open_quota_challenges(self) -> pd.DataFrame:
        """Quotas that were asked for, in packs and in the review, and are not answered."""
        return self.workbook.overrides("quota_challenges")

    @property
    def sees_pay(self) -> bool:
        """Whether the audience of the packs may see quotas of single people."""
        return "quota_amount" in self.rows("quotas").columns

    def decides_quota(self, node: str) -> str:
        """Give the manager above the team of a rep, or above a manager's own team; blank: none."""
        home = node if node in self.teams else self.homes.get(node, "")
        return self.teams[home].parent if home in self.teams else ""

    @cached_property
    def fixed_owners(self) -> set[tuple[str, str]]:
        """Accounts with the rep whom a decision in force gives them to."""
        made = self.workbook.overrides("territories")
        return set(zip(made["account_id"], made["rep_id"], strict=True))

    @cached_property
    def key_accounts(self) -> pd.DataFrame:
        """Key accounts with their owner in the plan."""
        rows = self.rows("key_accounts")
        rows = rows[rows["is_key"].fillna(False).astype(bool)]
        owner = self.rows("territory_plan").set_index("account_id")["rep_id"]
        covered = self.rows("key_account_coverage").set_index("account_id")["owner_id"]
        mine = rows["account_id"].map(owner).fillna(rows["account_id"].map(covered))
        return rows.assign(owner_id=mine, home=mine.map(self.homes))

    def __repr__(self) -> str:
        """Name the cycle."""
        return f"PackFacts({self.workbook!r})"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give rows as mappings, None where nothing is known."""
    if frame.empty:
        return []
    return [
        {str(name): None if _is_unknown(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _is_unknown(value: object) -> bool:
    return value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _plain(series: pd.Series) -> list[Any]:
    return series.astype("object").where(series.notna(), None).tolist()


def _names(rows: pd.DataFrame, key: str) -> dict[str, str]:
    if "name" not in rows.columns or key not in rows.columns:
        return {}
    known = rows[rows["name"].notna()]
    return {
        str(one): str(name).strip() for one, name in zip(known[key], known["name"], strict=True)
    }


__all__ = ["PackFacts", "records"]
