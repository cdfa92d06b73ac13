"""
Challenges: managers ask for another owner; what fits is accepted at once, the rest has a reason.

Challenges are tried one after the other on the plan as it then stands, so that those accepted hold
together. Limits are checked in float64 on the original loads, with no margin. The accepted ones
are then locked and everything else is solved again near the plan, to win back what they cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from planlib.notes import count_of
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import require_columns, table
from planlib.territories.alignment import Alignment, percent, tabulate
from planlib.territories.columns import day, text
from planlib.territories.compare import PlanComparison, compare_plans
from planlib.territories.engine import assign
from planlib.territories.solving import Answer
from planlib.territories.trial import Refusal, Trial, checked

Effort = Literal["quick", "normal", "thorough"]

_GOOD = ("optimal", "feasible")


@dataclass(frozen=True, kw_only=True)
class ChallengeReview:
    """
    What became of the challenges, and of the plan.

    Parameters
    ----------
    challenges
        Table territory_challenges, in the order in which they were tried.
    order
        That order in words.
    accepted
        Decisions of kind territories (``must``) to append for those accepted.
    before, at_once, solved
        The plan that was challenged, with the accepted ones, and solved again around these.
    difference
        From ``before`` to ``solved``.
    """

    challenges: pd.DataFrame
    order: str
    accepted: pd.DataFrame
    before: Alignment
    at_once: Alignment
    solved: Alignment
    difference: PlanComparison

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {"territory_challenges": self.challenges}

    def summary(self) -> pd.DataFrame:
        """Give ``result`` with its value in the three plans: before, at once, solved again."""
        counts = self.challenges["decision"].value_counts()
        plans = (self.before, self.at_once, self.solved)
        rows = [
            ("Cost of the plan",
             *(f"{one.cost:,.1f}" if np.isfinite(one.cost) else "not known" for one in plans)),
            ("Status", *(one.status for one in plans)),
            ("Largest deviation from a target", *(percent(one.tolerance_reached) for one in plans)),
            ("Challenges accepted", "", *[f"{int(counts.get('accepted', 0))} of "
                                          f"{len(self.challenges)}"] * 2),
            ("Other accounts that change with them", "", "0", str(self._others())),
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["result", "before", "at_once", "solved"])

    def _others(self) -> int:
        moved = self.at_once.plan["rep_id"].ne(self.solved.plan["rep_id"])
        return int(moved.fillna(value=False).sum())


def review_challenges(
    challenges: pd.DataFrame | None,
    alignment: Alignment,
    settings: TerritoryDecisionsSettings,
    *,
    seed: int = 0,
    effort: Effort | None = None,
    workers: int | None = None,
) -> ChallengeReview:
    """
    Accept the challenges that fit at once, say what stands in the way of the others, solve again.

    Parameters
    ----------
    challenges
        Decisions of kind challenges: ``decision_id``, ``account_id``, ``rep_id``; used where
        there: ``reason_code``, ``who``, ``when``, ``why``. Any order of rows.
    alignment
        The plan that is challenged, as ``align`` gives it.
    settings
        ``challenge_order``: oldest first, ties by id; or cheapest for the plan first.
    seed, effort, workers
        Of solving again; effort None: as in the settings of the plan.

    Returns
    -------
    ChallengeReview
        A family that stays together moves together. A limit that the plan itself already breaks
        may not get worse; where the plan has the tightest tolerance found, challenges may widen it
        by ``challenge_room``, since otherwise none could be accepted. Only the parts of the market
        with an accepted challenge are solved again.

    Raises
    ------
    TableError
        If a column is missing.
    """
    asked = _asked(challenges)
    trial = Trial(alignment, settings.challenge_room)
    order = f"oldest first, then by id: {count_of(len(asked), 'challenge')}"
    if settings.challenge_order == "cost":
        price = [
            trial.cost_of(*pair) for pair in zip(asked["account_id"], asked["rep_id"], strict=True)
        ]
        asked = asked.assign(price=price).sort_values(
            ["price", "when", "decision_id"], kind="stable", na_position="last", ignore_index=True
        )
        order = f"cheapest for the plan first, then oldest: {count_of(len(asked), 'challenge')}"
    rows = [
        {"decision_id": one, "place": place, "account_id": account, "rep_id": rep,
         **_row(trial.attempt(account, rep))}
        for place, (one, account, rep) in enumerate(
            zip(asked["decision_id"], asked["account_id"], asked["rep_id"], strict=True), start=1
        )
    ]  # fmt: skip
    tried = pd.DataFrame(rows)
    at_once = tabulate(alignment.statement, trial.answers()) if trial.taken else alignment
    solved = _solve_again(at_once, trial, seed, effort, workers) if trial.taken else alignment
    tried = _named(tried, asked, trial, solved)
    return ChallengeReview(
        challenges=table("territory_challenges").conform(tried), order=order,
        accepted=_decisions(tried), before=alignment, at_once=at_once, solved=solved,
        difference=compare_plans(
            alignment.plan, solved.plan, comparison="before to after challenges",
            accounts=alignment.statement.book, reps=alignment.statement.sellers,
        ),
    )  # fmt: skip


def _asked(challenges: pd.DataFrame | None) -> pd.DataFrame:
    """Give the challenges oldest first, ties by id."""
    names = ["decision_id", "account_id", "rep_id", "reason_code", "who", "when", "why"]
    if challenges is None or challenges.empty:
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in names})
        return empty.assign(when=pd.Series(dtype="datetime64[us]"))
    require_columns("override_challenges", challenges, ["decision_id", "account_id", "rep_id"])
    asked = pd.DataFrame({name: text(challenges, name) for name in names})
    asked["when"] = day(challenges, "when")
    gone = asked["decision_id"].isin(set(text(challenges, "supersedes").dropna()))
    return asked[~gone].sort_values(["when", "decision_id"], kind="stable", ignore_index=True)


def _row(refusal: Refusal) -> dict[str, object]:
    return {
        "decision": refusal.decision, "obstacle": refusal.obstacle,
        "obstacle_measure": refusal.measure, "obstacle_rep_id": refusal.rep_id,
        "obstacle_limit": refusal.limit, "obstacle_amount": refusal.amount,
        "cost_change": refusal.cost_change, "acv": refusal.acv, "detail": refusal.detail,
        "planned_rep_id": refusal.planned,
    }  # fmt: skip


def _named(
    tried: pd.DataFrame, asked: pd.DataFrame, trial: Trial, solved: Alignment
) -> pd.DataFrame:
    """Add names, the words of the challenge, and the owner after solving again."""
    if tried.empty:
        return tried
    tried = tried.assign(**{name: asked[name] for name in ("reason_code", "who", "when", "why")})
    owner = solved.plan.set_index("account_id")["rep_id"]
    return tried.assign(
        account_name=tried["account_id"].map(trial.account_names),
        rep_name=tried["rep_id"].map(trial.rep_names),
        planned_rep_name=tried["planned_rep_id"].map(trial.rep_names),
        solved_rep_id=tried["account_id"].map(owner),
    )


def _decisions(tried: pd.DataFrame) -> pd.DataFrame:
    """Give the accepted challenges as decisions of kind territories."""
    columns = ["account_id", "rep_id", "rule", "who", "when", "why"]
    if tried.empty:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    accepted = tried[tried["decision"].eq("accepted")]
    why = accepted["why"].fillna(accepted["reason_code"]).fillna("challenge accepted")
    return accepted.assign(
        rule="must", why="challenge " + accepted["decision_id"] + ": " + why
    )[columns].reset_index(drop=True)  # fmt: skip


def _solve_again(
    at_once: Alignment, trial: Trial, seed: int, effort: Effort | None, workers: int | None
) -> Alignment:
    """Lock what was accepted, stay near the rest, and solve the parts that were touched."""
    statement, rows = at_once.statement, trial.taken_rows()
    locked = statement.book.index.isin(rows)
    owner = at_once.plan.set_index("account_id")["rep_id"].reindex(statement.book["account_id"])
    held = pd.Series(owner.to_numpy(), index=statement.book.index, dtype="str")
    book = statement.book.assign(
        must=statement.book["must"].mask(locked, held), held=held,
        kept_by=statement.book["kept_by"].mask(locked, "lock"),
    )  # fmt: skip
    answers: list[Answer] = []
    for answer in at_once.answers:
        block = answer.block
        mine = locked[block.rows]
        near = replace(
            block, fixed=np.where(mine, answer.rep, block.fixed), held=answer.rep,
            change_cost=statement.settings.change_weight,
        )  # fmt: skip
        if not mine.any():
            answers.append(replace(answer, block=near))
            continue
        given = near.assign_arguments(answer.tolerance)
        given |= {"lower": answer.lower, "upper": answer.upper}
        best = assign(**given, effort=effort or statement.settings.effort, seed=seed,
                      workers=workers, warm=answer.assignment)  # fmt: skip
        met = np.isnan(answer.needed) or best.status not in _GOOD
        found = replace(answer, block=near, rep=best.rep, assignment=best, cost=best.cost,
                        status=best.status if met else answer.status)  # fmt: skip
        stays = checked(found, answer.rep)
        answers.append(_better(found, stays))
    changed = replace(statement, book=book, has_previous=True,
                      blocks=tuple(answer.block for answer in answers))  # fmt: skip
    return tabulate(changed, tuple(answers))


def _better(found: Answer, stays: Answer) -> Answer:
    """Keep the plan with the accepted challenges alone where solving again did not improve it."""
    if found.assignment.status in _GOOD:
        return stays if stays.cost < found.cost else found
    return stays
