"""What quotas are made of, prepared once; and quotas made of it at any blend and certainty."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.capacity.simulate import CapacityFutures
from planlib.pipeline.money import to_cents
from planlib.quotas.attainment import AttainmentDraws, simulate_attainment
from planlib.quotas.blend import blend_quotas
from planlib.quotas.bottom_up import Trend, company_trend, estimate_bottom_up
from planlib.quotas.decided import Decided, apply_decisions, decisions_of_year
from planlib.quotas.exact import split_exact
from planlib.quotas.gather import World, simulated_years
from planlib.quotas.months import kept_shares
from planlib.quotas.street import OverAssignment, choose_over_assignment
from planlib.quotas.tree import OWN, Tree, build_tree, spread_down

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class QuotaParts:
    """
    What the quotas of the year are made of, whatever the blend, the certainty and the decisions.

    Parameters
    ----------
    world
        From ``gather``.
    tree
        The hierarchy.
    carriers
        Those who carry a quota, by ``node_id`` of their leaf.
    top_down
        Cents by ``node_id`` that come down the hierarchy.
    exceeded, stated
        Nodes whose stated targets exceed them; stated cents by ``node_id``.
    trend, bottom_up
        Growth carried on; the bottom-up estimate by leaf.
    in_force
        Simulated attainment at the quotas in force.
    kept
        Share of the capacity left after leavers and late hires, by simulated year.
    decisions
        Quotas that people have set for the year.
    """

    world: World = field(repr=False)
    tree: Tree = field(repr=False)
    carriers: pd.DataFrame = field(repr=False)
    top_down: pd.Series = field(repr=False)
    exceeded: list[tuple[str, int, int]] = field(repr=False)
    stated: pd.Series = field(repr=False)
    trend: Trend
    bottom_up: pd.DataFrame = field(repr=False)
    in_force: AttainmentDraws = field(repr=False)
    kept: Floats = field(repr=False)
    decisions: pd.DataFrame | None = field(repr=False)

    @property
    def unmoved(self) -> Floats:
        """Amount attained in each simulated year at the quotas in force."""
        return self.in_force.attained_amount * self.kept

    def draws_at(self, cents: pd.Series) -> AttainmentDraws:
        """Give attainment at other quotas, in cents by leaf; the same luck for all of them."""
        by_rep = (cents / 100).set_axis(self.carriers.loc[cents.index, "rep_id"])
        asked = by_rep.loc[list(self.in_force.rep_ids)].to_numpy(dtype="float64")
        return self.in_force.at_quotas(asked)

    def decide(self, cents: pd.Series, decisions: pd.DataFrame | None) -> Decided:
        """Apply decisions of the year to quotas in cents by leaf."""
        return apply_decisions(self.tree, cents, self.carriers["unit"], decisions, self.world.year,
                               holdover_days=self.world.quotas.holdover_days)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """
    Quotas at one blend and one certainty.

    Parameters
    ----------
    blended, proposed
        Cents by leaf: they add up to the target; the same with over-assignment.
    over
        The over-assignment chosen.
    decided
        The quotas after the decisions of people.
    """

    blended: pd.Series = field(repr=False)
    proposed: pd.Series = field(repr=False)
    over: OverAssignment
    decided: Decided


def prepare_parts(
    world: World, plan: CapacityFutures, decisions: pd.DataFrame | None
) -> QuotaParts | None:
    """
    Prepare what the quotas of the year are made of.

    Parameters
    ----------
    world
        From ``gather``.
    plan
        Simulated capacity.
    decisions
        All decisions of kind ``quotas``.

    Returns
    -------
    QuotaParts or None
        None without a target above zero, or without anybody who carries a quota.
    """
    if world.target.cents <= 0 or world.carriers.empty:
        return None
    tree = build_tree(world.staff.people, world.carriers)
    leaves = tree.leaves()
    carriers = world.carriers.set_index("rep_id").loc[leaves["rep_id"]].reset_index()
    carriers = carriers.set_index(leaves["node_id"].to_numpy())
    top, exceeded, stated = _top_down(world, tree, carriers)
    trend = company_trend(world.won, world.as_of)
    in_force = carriers["ramped_quota"].fillna(0.0) * 100
    return QuotaParts(
        world=world, tree=tree, carriers=carriers, top_down=top, exceeded=exceeded, stated=stated,
        trend=trend,
        bottom_up=estimate_bottom_up(carriers, world.quotas.bottom_up, trend, _capture(world)),
        in_force=_draws(world, carriers, in_force),
        kept=kept_shares(world, plan, simulated_years(world)),
        decisions=decisions_of_year(decisions, world.year, world.as_of),
    )  # fmt: skip


def assign_quotas(
    parts: QuotaParts, *, top_down_share: float | None = None, certainty: float | None = None
) -> Assigned:
    """
    Blend, choose the over-assignment, apply the decisions of people.

    Parameters
    ----------
    parts
        From ``prepare_parts``.
    top_down_share
        Weight of top-down; None: as in plan.yaml.
    certainty
        Least chance to reach the target; None: as in plan.yaml.
    """
    world, quotas = parts.world, parts.world.quotas
    share = quotas.top_down_share if top_down_share is None else top_down_share
    mine = parts.top_down[parts.carriers.index]
    blended = blend_quotas(mine, parts.bottom_up["bottom_up_amount"], share)
    over = choose_over_assignment(
        parts.draws_at(blended), from_one(world.target.cents), most=quotas.most_over,
        certainty=quotas.certainty if certainty is None else certainty,
        kept=parts.kept, unmoved=parts.unmoved,
    )  # fmt: skip
    street = round(world.target.cents * over.factor)
    proposed = pd.Series(split_exact(street, blended.to_numpy(dtype="float64")),
                         parts.carriers.index)  # fmt: skip
    return Assigned(blended=blended, proposed=proposed, over=over,
                    decided=parts.decide(proposed, parts.decisions))  # fmt: skip


def from_one(cents: int) -> float:
    """Give whole cents as money."""
    return cents / 100


def _capture(world: World) -> float | None:
    """Won in the last twelve months / potential of the accounts that somebody owns."""
    if world.owners is None or world.won is None:
        return None
    potential = float(world.owners["potential"].sum())
    won = float(world.carriers["won_year"].sum())
    return won / potential if potential > 0 and won > 0 else None


def _top_down(
    world: World, tree: Tree, carriers: pd.DataFrame
) -> tuple[pd.Series, list[tuple[str, int, int]], pd.Series]:
    """Spread the target down the hierarchy by the weights of plan.yaml and by stated targets."""
    by = world.quotas.top_down_by
    weights = {"capacity": carriers["ramped_quota"], "last quota": carriers["quota_amount"],
               "won": carriers["won_year"]}[by].astype("float64")  # fmt: skip
    weights = weights.fillna(weights.median() if weights.notna().any() else 1.0)
    for cut, goal in (("region", world.target.by_region), ("unit", world.target.by_unit)):
        place = carriers[cut]
        if len(goal) and place.isin(goal[goal > 0].index).all():
            inside = weights.groupby(place).transform("sum")
            weights = weights / inside.where(inside > 0) * place.map(goal)
            weights = weights.fillna(0.0)
            break
    stated = world.target.by_rep
    nodes = tree.nodes[tree.nodes["rep_id"].isin(stated.index)]
    nodes = nodes[~nodes["node_id"].str.endswith(OWN)]
    cents = to_cents(nodes["rep_id"].map(stated)).set_axis(nodes["node_id"])
    top, exceeded = spread_down(tree, world.target.cents, weights, cents)
    return top, exceeded, cents


def _draws(world: World, carriers: pd.DataFrame, cents: pd.Series) -> AttainmentDraws:
    rows = carriers[["rep_id", "role"]].assign(
        quota_amount=cents / 100, base_amount=carriers["ramped_quota"]
    )
    return simulate_attainment(rows, world.spread, simulations=simulated_years(world),
                               seed=world.seed, response=world.quotas.quota_response)  # fmt: skip
