"""Section of the report on the pipeline: the matrix, why it moved, which deals to ask about."""

from __future__ import annotations

import pandas as pd

from planlib.charts import pipeline as charts
from planlib.charts.base import money
from planlib.displays import Fact, Format, Tone
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, notes_of, percent, percent_reached
from planlib.pipeline import coverage_cut, coverage_period
from planlib.pipeline.bases import BASES
from planlib.pipeline.spread import DERIVED
from planlib.pipeline.views import PRIOR_COLUMNS, small_cells
from planlib.report import forecast, pipeline_sources
from planlib.report.common import amount_of, filled, gaps_in
from planlib.report.parts import Block, Line, Listing, Notes, Section, picture
from planlib.report.pipeline_movement import (
    movement_asks,
    movement_blocks,
    movement_gaps,
    restated,
)
from planlib.settings.pipeline import PipelineSettings
from planlib.steps import STEPS

STEP = "06_pipeline"
_TOTAL = "total"
_SHOWN_CUTS = 4
_FIGURES: dict[str, tuple[str, Format]] = {
    "closed_acv": ("Closed", "amount"),
    "target": ("Target", "amount"),
    "attainment": ("Attained", "share"),
    "open_in_period": ("Open, closes in period", "amount"),
    "coverage": ("Pipeline coverage", "number"),
    "generated": ("Generated", "amount"),
    "win_rate_count": ("Win rate", "share"),
}
_MONEY = ("closed_acv", "open_in_period")  # figures whose small cells are named
_DEALS = 6  # deals named for each reason
_NO_EFFECT = "the deal closes after the period, or the period is over"
_RESTATED = 5  # changes of ended periods on the first page
_TITLES = {
    "past_close_date": "Open deals past their close date",
    "slipped": "Open deals that slipped since last week",
    "largest_effect": "Deals with the largest effect on the gap to target",
    "closes_gap": "The fewest open deals that close the gap when they are won",
}
_ISSUES = {
    "past_close_date": ("open deal is past its close date", "open deals are past their close date",
                        "set a new date or close them"),
    "slipped": ("open deal slipped since last week", "open deals slipped since last week",
                "ask the owner what changed"),
}  # fmt: skip


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no matrix."""
    matrix = view.rows("performance_matrix")
    if matrix.empty:
        return None
    notes = view.rows("pipeline_notes")
    step = STEPS[STEP]
    pipeline = Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[
            *[Line(text, step=STEP) for text in notes_of(notes, "headline")],
            *pipeline_sources.decided(view),
        ],
        asks=[*_asks(view.rows("pipeline_attention")), *movement_asks(view)],
        gaps=[
            *pipeline_sources.gaps(view),
            *gaps_in(notes, "Pipeline", STEP),
            *movement_gaps(view),
        ],
        first=_first(view),
        facts=_facts(matrix, view.plan.currency),
        blocks=_blocks(view, matrix, notes),
    )
    return forecast.extend(pipeline, view)


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how closed and open amounts of the same period differ from an earlier state."""
    before = baseline.get("performance_matrix")
    if before is None or not view.has("performance_matrix"):
        return []
    now = _totals(view.read("performance_matrix"))
    old = _totals(before)
    lines = []
    for measure, text in (("closed_acv", "closed"), ("open_total", "open pipeline")):
        this, that = now.get(measure), old.get(measure)
        if this is None or that is None or this["period"] != that["period"]:
            continue
        if pd.notna(this["value"]) and pd.notna(that["value"]) and this["value"] != that["value"]:
            change = this["value"] - that["value"]
            lines.append(
                Line(
                    f"{this['period']}: {text} went from {money(that['value'])} to "
                    f"{money(this['value'])} {view.plan.currency}.",
                    change,
                    STEP,
                )
            )
    return lines


def _totals(matrix: pd.DataFrame) -> dict[str, pd.Series]:
    first = matrix["period"].iloc[0] if len(matrix) else ""
    rows = matrix[(matrix["cut"] == _TOTAL) & (matrix["period"] == first)]
    return {str(row["measure"]): row for _, row in rows.iterrows()}


def _asks(attention: pd.DataFrame) -> list[Line]:
    lines = []
    for issue, (one, many, what) in _ISSUES.items():
        rows = attention[attention["issue"] == issue]
        if len(rows):
            text = f"{len(rows):,} {one if len(rows) == 1 else many}: {what}"
            lines.append(Line(text, amount_of(rows["amount"]), STEP))
    return lines


def _facts(matrix: pd.DataFrame, currency: str) -> list[Fact]:
    total = _totals(matrix)
    facts = []
    closed, share = total.get("closed_acv"), total.get("attainment")
    if closed is not None and pd.notna(closed["value"]):
        note = _change(closed)
        tone: Tone = ""
        if share is not None and pd.notna(share["value"]):
            note = f"{percent_reached(share['value'])} of target" + (f"; {note}" if note else "")
            tone = "good" if share["value"] >= 1 else ""
        facts.append(Fact(f"Closed {closed['period']}, {currency}", money(closed["value"]), note,
                          tone))  # fmt: skip
    inside, cover = total.get("open_in_period"), total.get("coverage")
    if inside is not None and pd.notna(inside["value"]):
        note = count_of(int(inside["count"]), "deal") if pd.notna(inside["count"]) else ""
        if cover is not None and pd.notna(cover["value"]):
            note += f"; covers {cover['value']:.1f} x what is left to target"
        facts.append(Fact(f"Open for {inside['period']}, {currency}",
                          money(inside["value"]), note))  # fmt: skip
    rate = total.get("win_rate_count")
    if rate is not None and pd.notna(rate["value"]):
        facts.append(Fact("Win rate", rate["value"],
                          f"won of {int(rate['count']):,} decided deals, by count", "",
                          "share"))  # fmt: skip
    return facts


def _change(row: pd.Series) -> str:
    if pd.isna(row["change_share"]):
        return ""
    way = "above" if row["change_share"] >= 0 else "below"
    return f"{percent(abs(row['change_share']))} {way} the year before"


def _blocks(view: AudienceView, matrix: pd.DataFrame, notes: pd.DataFrame) -> list[Block]:
    period = str(matrix["period"].iloc[0])
    cuts = [cut for cut in matrix["cut"].drop_duplicates() if cut != _TOTAL and " x " not in cut]
    mine = matrix[matrix["period"] == period]
    blocks: list[Block] = [
        _matrix(view, mine[mine["cut"] == cut], cut)
        for cut in [_TOTAL, *cuts[:_SHOWN_CUTS]]
        if (mine["cut"] == cut).any()
    ]
    blocks[1:1] = _pictures(view)
    blocks += _attention(view)
    blocks += pipeline_sources.blocks(view)
    blocks.append(Notes(notes_of(notes, "caution"), "Read with care"))
    blocks.append(Notes(notes_of(notes, "definition"), "Definitions"))
    return [*blocks, *movement_blocks(view)]


def _pictures(view: AudienceView) -> list[Block]:
    currency, settings = view.plan.currency, view.plan.pipeline
    matrix = view.rows("performance_matrix")
    bridge, pacing = view.rows("pipeline_bridge"), view.rows("pipeline_pacing")
    weeks = view.rows("pipeline_weeks")
    found: list[Block] = []
    if ((bridge["series"] == "span") & (bridge["cut"] == _TOTAL)).any():
        found.append(picture(charts.plot_bridge(bridge, currency)))
    if pacing["closed_amount"].notna().any():
        found.append(picture(charts.plot_pacing(pacing, currency)))
    if len(weeks):
        found.append(picture(charts.plot_weeks(weeks, currency)))
    if len(matrix):
        end = pacing["day_date"].max() if len(pacing) else matrix["as_of"].max()
        period = coverage_period(matrix, end)
        cut = coverage_cut(matrix, period, settings)
        if cut != _TOTAL and not _is_measured(view, period):
            found.append(picture(charts.plot_coverage(matrix, cut, settings, period=period)))
    return found


def _is_measured(view: AudienceView, period: str) -> bool:
    """Tell whether past periods say what coverage is needed: no rule of thumb beside that."""
    rows = view.rows("required_coverage")
    now = rows[rows["is_current"].fillna(False).astype(bool) & rows["period"].eq(period)]
    return bool(now["required_coverage"].notna().any())


def _matrix(view: AudienceView, rows: pd.DataFrame, cut: str) -> Listing:
    """Show one cut: a row per value, a column per figure, and what it was a year before."""
    wide = rows.pivot_table(index="cut_value", columns="measure", values="value", aggfunc="first",
                            observed=True)  # fmt: skip
    basis = view.plan.pipeline.prior_basis
    closed = rows[rows["measure"] == "closed_acv"].set_index("cut_value")
    prior = closed[PRIOR_COLUMNS[basis][2]]
    frame = wide.reindex(columns=[name for name in _FIGURES if name in wide.columns])
    if "closed_acv" in frame.columns:
        frame.insert(1, "closed_change", prior.reindex(frame.index))
        frame = frame.sort_values("closed_acv", ascending=False, kind="stable")
    frame = frame.dropna(axis="columns", how="all").rename_axis(index=None, columns=None)
    if cut != _TOTAL:
        frame.insert(0, cut, frame.index)
    grey = rows[rows["measure"] == "win_rate_count"].set_index("cut_value")["is_grey"]
    as_of = rows["as_of"].iloc[0]
    title = "The period in one line" if cut == _TOTAL else f"By {cut.replace('_', ' ')}"
    labels = {name: text for name, (text, _) in _FIGURES.items()}
    return Listing(
        name=f"Pipeline {cut.replace('_', ' ')}",
        frame=frame.reset_index(drop=True),
        title=f"{title}, {rows['period'].iloc[0]}",
        subtitle=f"{view.plan.currency}, {view.plan.amount_basis}, until {as_of:%Y-%m-%d}; change "
        f"against {rows['prior_as_of'].iloc[0]:%Y-%m-%d}, {BASES[basis]}",
        labels={**labels, cut: cut.replace("_", " ").capitalize(),
                "closed_change": "Change on the year before"},
        formats={**{name: kind for name, (_, kind) in _FIGURES.items()},
                 "closed_change": "share"},
        colors=_tones(frame.reset_index(drop=True), view.plan.pipeline),
        grey=grey.reindex(frame.index).fillna(False).reset_index(drop=True),
        missing=_why(rows),
        notes=[note for note in (_small(view, rows, cut), _derived(rows)) if note],
        limit=view.plan.report.rows,
    )  # fmt: skip


def _small(view: AudienceView, rows: pd.DataFrame, cut: str) -> str:
    """Name the small cells of a cut and the cell into which they roll."""
    period = str(rows["period"].iloc[0])
    if cut == _TOTAL:
        return ""
    return small_cells(view.rows("performance_matrix"), cut, period, measures=_MONEY)


def _derived(rows: pd.DataFrame) -> str:
    """Say by which rule a target was spread, or nothing."""
    basis = rows.loc[rows["measure"] == "target", "basis"].fillna("").astype("str")
    return f"Target {basis.iloc[0]}." if basis.str.startswith(DERIVED).any() else ""


def _why(rows: pd.DataFrame) -> dict[str, str]:
    """Give per figure why values are blank: the most frequent note."""
    found = {}
    blank = rows[rows["value"].isna() & ~rows["note"].fillna("").isin(["", "as set"])]
    for measure, group in blank.groupby("measure", observed=True):
        found[str(measure)] = str(group["note"].mode().iloc[0])
    return found


def _first(view: AudienceView) -> list[Listing]:
    """Show the deals to ask about first, and what changed in periods that were over."""
    return [*_to_ask(view), *restated(view, limit=_RESTATED, name="Restated first")]


def _to_ask(view: AudienceView) -> list[Listing]:
    """Show those with the largest effect on the gap, those that slipped, those past their date."""
    rows = view.rows("pipeline_attention")
    many = {"largest_effect": 10, "slipped": 5, "past_close_date": 5}
    parts = [rows[rows["issue"] == issue].head(count) for issue, count in many.items()]
    mine = pd.concat(parts, ignore_index=True)
    if mine.empty:
        return []
    names = ["issue", "name", "owner", "amount", "close_date", "effect_amount", "detail"]
    frame = filled(mine[[name for name in names if name in mine.columns]])
    return [
        Listing(
            name="Deals first",
            frame=frame.assign(issue=mine["issue"].str.replace("_", " ")),
            title="Deals to ask about first",
            subtitle="ten with the largest effect on the gap to target, five that slipped since "
            f"last week, five past their close date, as of {view.as_of}; effect: what winning "
            "closes of the gap, or (below zero) what leaving the period opened",
            missing={"effect_amount": _NO_EFFECT},
            labels={"issue": "Why", "name": "Deal", "effect_amount": "Effect on the gap",
                    "detail": "Detail"},
            units=dict.fromkeys(("amount", "effect_amount"), view.plan.currency),
            limit=None,
        )
    ]  # fmt: skip


def _attention(view: AudienceView) -> list[Block]:
    """Show the deals to ask about, a table for each reason."""
    rows = view.rows("pipeline_attention")
    columns = ["opportunity_id", "name", "owner", "amount", "close_date", "effect_amount", "detail"]
    blocks: list[Block] = []
    for issue, title in _TITLES.items():
        mine = rows.loc[rows["issue"] == issue, [name for name in columns if name in rows.columns]]
        if mine.empty:
            continue
        no_effect = mine["effect_amount"].isna().all()
        mine = mine.drop(columns="effect_amount") if no_effect else mine
        blocks.append(
            Listing(
                name=f"Deals, {issue.replace('_', ' ')}",
                frame=filled(mine).reset_index(drop=True),
                title=title,
                subtitle=f"deals to ask about, largest first, as of {view.as_of}" if no_effect
                else f"deals to ask about, largest first, as of {view.as_of}; effect: what winning "
                "closes of the gap, or (below zero) what leaving the period opened",
                missing={"effect_amount": _NO_EFFECT},
                labels={"opportunity_id": "Deal id", "name": "Deal",
                        "effect_amount": "Effect on the gap", "detail": "Detail"},
                units=dict.fromkeys(("amount", "effect_amount"), view.plan.currency),
                limit=_DEALS,
            )
        )  # fmt: skip
    return blocks


def _tones(frame: pd.DataFrame, settings: PipelineSettings) -> pd.DataFrame:
    """Colour changes, coverage and attainment by the thresholds of plan.yaml."""
    tones = pd.DataFrame(index=frame.index)
    if "closed_change" in frame.columns:
        change, band = frame["closed_change"], settings.change_band
        tones["closed_change"] = _tone(change > band, change < -band)
    if "attainment" in frame.columns:
        tones["attainment"] = _tone(frame["attainment"] >= 1, frame["attainment"] < 0)
    if "coverage" in frame.columns:
        cover = frame["coverage"]
        tones["coverage"] = _tone(
            cover >= settings.coverage_goal, cover < settings.coverage_floor
        ).mask((cover >= settings.coverage_floor) & (cover < settings.coverage_goal), "watch")
    return tones


def _tone(good: pd.Series, bad: pd.Series) -> pd.Series:
    blank = pd.Series("", index=good.index, dtype="str")
    return blank.mask(good, "good").mask(bad, "bad")
