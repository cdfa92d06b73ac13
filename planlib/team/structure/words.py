"""Headlines, cautions, assumptions and definitions of the structure, as notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from planlib.pipeline.words import short_money
from planlib.settings.team_structure import CHOSEN
from planlib.tables import table
from planlib.team.structure.costs import Costs
from planlib.team.structure.ground import Ground
from planlib.team.structure.value import Value

#: Benchmark of the split between inside and field, and where it comes from; drawn, never used.
BENCHMARK_INSIDE = 0.47
BENCHMARK_SOURCE = (
    "47 % inside, 53 % field: one survey of the last decade; others of the time found 53 % and "
    "48 % inside. A line in the picture, never a default."
)

_WRITTEN = {"sdr": "SDR", "bdr": "BDR"}
_NEARLY_ALL = 0.995  # draws are a few hundred: they never tell certainty

DEFINITIONS: dict[str, str] = {
    "heads today": "Posts on the as-of date: people in post and open posts, by the region of the "
    "post; within a region by the workload of the own accounts, in parts of a head.",
    "kind": "What a role does, by the rules of plan.yaml: field, inside, sdr, bdr, specialist. "
    "Managers and others are described, not planned.",
    "cell": "Segment (or unit) and region of the accounts.",
    "margin": "Won amount x margin share of its products, deals closed in the window, a year.",
    "value of time": "Margin of a cell grows with selling time with falling return. The elasticity "
    "at today's mean is an assumption of plan.yaml; the height is the cell's own margin, mixed "
    "with that of its segment by won deals, so that today's heads give today's margin.",
    "inside": "An inside hour is worth quantity gain x (1 - quality penalty) hours of the field. "
    "The penalty grows with complexity and competition of the cell.",
    "optimum": "Most yearly margin less yearly cost, less one-off cost of change spread over the "
    "years of plan.yaml; whole heads by kind and region.",
    "same heads": "As many heads of each kind as today, placed where they bring most.",
    "risk": "80 % interval over simulated futures: leavers, time to fill, ramp, chance in the few "
    "deals behind a cell, and the assumptions. Heads that differ share the same draws.",
    "direction": "-1 calls for inside, 1 for field, 0 is usual among the own cells.",
}


def structure_notes(
    ground: Ground,
    costs: Costs,
    value: Value | None,
    tables: dict[str, pd.DataFrame],
    extra: Sequence[tuple[str, str]],
) -> list[tuple[str, str, str]]:
    """
    Give the notes of the structure as kind, topic and text.

    Parameters
    ----------
    ground, costs, value
        What the structure rests on; no value without accounts or won deals.
    tables
        Tables of the structure.
    extra
        Further findings, as topic and text.
    """
    lines: list[tuple[str, str, str]] = []
    if value is not None:
        seats = _open_seats(ground, value)
        lines += [("headline", "", text) for text in _headlines(tables, costs, seats)]
        lines += [("assumption", topic, text) for topic, text in _assumptions(ground, costs, value)]
        lines += [("caution", topic, text) for topic, text in value.cautions.items()]
        lines.append(("caution", "benchmark", BENCHMARK_SOURCE))
        lines.append((
            "caution", "segments by contract value",
            "where a segment is defined by what its accounts buy, part of its margin is that "
            "choice and not the selling time: read large moves into it as an upper end",
        ))  # fmt: skip
    lines += [("finding", topic, text) for topic, text in
              [*ground.roster.findings, *ground.cells.findings, *extra]]  # fmt: skip
    lines += [("caution", topic, text) for topic, text in ground.cells.cautions.items()]
    lines += [("missing", topic, text) for topic, text in _missing(ground, costs, value)]
    return lines + [("definition", topic, text) for topic, text in DEFINITIONS.items()]


def notes_table(lines: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    """Give table ``structure_notes`` from kind, topic and text."""
    rows = pd.DataFrame(lines, columns=["kind", "topic", "note"])
    return table("structure_notes").coerce(rows.assign(note_order=rows.groupby("kind").cumcount()))


def _open_seats(ground: Ground, value: Value) -> int:
    """Count the open seats among the posts that are planned."""
    people = ground.roster.people
    mine = people["is_post"] & people["is_open"] & people["kind"].isin(CHOSEN)
    return int((mine & people["region"].isin(list(value.problem.region_names))).sum())


def _headlines(tables: dict[str, pd.DataFrame], costs: Costs, seats: int) -> list[str]:
    scenarios = tables["structure_scenarios"].to_dict("records")
    rows = {str(row["scenario"]): row for row in scenarios}
    today = rows["today"]
    unit = costs.unit
    currency = unit if costs.is_money else ""  # it is not known here where cost is an index
    texts = [
        f"Today {int(today['heads'])} posts sell or support ({_kinds(today)}; open seats among "
        f"them: {seats}), at {_cost(today['cost_amount'], unit)} a year, and the model gives "
        f"{short_money(float(today['margin_amount']), currency)} margin for them."
    ]
    for name, said in (("same heads", "The same heads placed best"),
                       ("optimum", "The best structure within the limits")):  # fmt: skip
        row = rows[name]
        if name == "optimum" and _is_same(row, rows["same heads"]):
            texts.append(f"{said} has just as many heads of each kind, in the same places.")
            continue
        if row["status"] == "infeasible":
            texts.append(f"{said}: {row['reason']}.")
            continue
        more = float(row["margin_amount"] - today["margin_amount"])
        side = "more" if more >= 0 else "less"
        text = (
            f"{said} ({_kinds(row)}) brings {short_money(abs(more), currency)} {side} margin a "
            f"year at "
            f"{_cost(row['cost_amount'], unit)}; {row['moved_heads']:.1f} heads change."
        )
        if pd.notna(row["better_probability"]):
            text += (
                " After the cost of heads and change it leaves more than today in "
                f"{_often(float(row['better_probability']))} of the simulated futures: an answer "
                "of the model, if the assumptions below hold."
            )
        texts.append(text)
    cells = tables["structure_cells"]
    against = cells[cells["agrees"].eq(False).fillna(False)]
    clear = int(cells["agrees"].notna().sum())
    named = ", ".join(
        f"{region} / {segment}" for region, segment in
        zip(against["region"][:3], against["segment"][:3], strict=True)
    )  # fmt: skip
    texts.append(
        f"The factors point clearly to inside or field in {clear} of {len(cells)} cells; the "
        f"optimum differs in {len(against)} of them" + (f": {named}." if named else ".")
    )
    return texts


def _is_same(row: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    """Tell whether two scenarios have the same heads, moved alike, and the same margin."""
    names = [f"{kind}_count" for kind in ("field", "inside", "sdr", "bdr", "specialist")]
    return all(row[name] == other[name] for name in [*names, "moved_heads", "margin_amount"])


def _often(share: float) -> str:
    return "nearly all" if share >= _NEARLY_ALL else f"{100 * share:.0f} %"


def _kinds(row: Mapping[Any, Any]) -> str:
    named = [
        f"{int(row[f'{kind}_count'])} {_WRITTEN.get(kind, kind)}" for kind in
        ("field", "inside", "sdr", "bdr", "specialist") if row[f"{kind}_count"] > 0
    ]  # fmt: skip
    return ", ".join(named) or "nobody"


def _cost(amount: float, unit: str) -> str:
    return f"{amount:.1f} {unit}" if unit.startswith("heads") else short_money(amount, unit)


def _assumptions(ground: Ground, costs: Costs, value: Value) -> list[tuple[str, str]]:
    settings, problem = ground.settings, value.problem
    break_even = 1 - problem.cost[1] / (problem.cost[0] * max(value.gain, 1e-9))
    lines = [
        ("margin of a deal", ground.margin_basis),
        ("elasticity", f"{settings.elasticity:g}: one percent more selling time brings so many "
         "percent more margin, at today's mean; the number of heads hangs on it, their places "
         "much less"),
        ("quantity gain", f"{value.gain:.2f} exchanges of an inside hour for one of the field; "
         f"{value.gain_basis}"),
        ("quality penalty", f"{settings.penalty_base:g} + {settings.penalty_complexity:g} x "
         f"complexity + {settings.penalty_competition:g} x competition; inside pays below "
         f"{100 * break_even:.0f} %"),
        ("creation", f"{settings.creation_share:g} of the margin of a deal hangs on the SDR or BDR "
         f"who created it, {settings.support_share:g} of a supported one on the specialist"),
    ]  # fmt: skip
    lines += [(f"cost of {kind}", f"{_cost(costs.by_kind[kind], costs.unit)}: {basis}")
              for kind, basis in costs.basis.items() if kind in ("field", "inside")]  # fmt: skip
    if not problem.is_money:
        lines.append((
            "price of a head",
            f"{short_money(problem.price)} margin for one head of the field: the price at which "
            "the field is as large as it should be, so the number of heads is not judged, only "
            "their kind and place",
        ))  # fmt: skip
    return lines


def _missing(ground: Ground, costs: Costs, value: Value | None) -> list[tuple[str, str]]:
    inputs = ground.inputs
    lines = list(ground.cells.missing.items())
    if value is None and not ground.cells.table.empty:
        lines.append((
            "won deals", "no deal with an amount was won in the window: time has no value yet, so "
            "no structure is computed; opportunities with amounts would give one",
        ))  # fmt: skip
    if not costs.is_money:
        lines.append((
            "cost", "neither pay plan nor cost of a field head is known: cost is an index in heads "
            "of the field, no contribution is given; fill in table pay_plans or "
            "team_structure.cost_amount",
        ))  # fmt: skip
    for name, frame, said in (
        ("leads", inputs.leads, "SDR heads stay as they are, and lead volume is no factor"),
        ("activities", inputs.activities, "daily work, contacts by head, face-to-face share and "
         "deal bands are not known; the quantity gain of inside is assumed"),
        ("products", inputs.products, "revenue stands in for margin"),
        ("opportunity lines", inputs.opportunity_lines, "products of a deal are not known: no "
         "product factor"),
        ("splits", inputs.splits, "what specialists bring is not known: their heads stay"),
        ("targets", inputs.targets, "the potential of accounts stands in for the goal"),
    ):  # fmt: skip
        if frame is None or frame.empty:
            lines.append((name, f"table {name.replace(' ', '_')} is missing: {said}"))
    return lines
