"""
The matrix and the bridge over history that stays in a database: same rows, little memory.

The database runs the SQL of ``scale_sql`` and gives sums by cell; all else is done on these few
rows by the code that works on frames. Any engine will do that takes a SELECT and gives a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from planlib.errors import ParameterError
from planlib.periods import Period
from planlib.pipeline import scale_bridge, scale_sql
from planlib.pipeline.bases import present_reps
from planlib.pipeline.bridge import COMING, LEAVING, Bridge, bridge_table
from planlib.pipeline.cuts import LOOKUPS, TOTAL, UNKNOWN, CutTables, Lookup
from planlib.pipeline.history import AsOf, Basis
from planlib.pipeline.matrix import build_matrix, prior_day
from planlib.pipeline.measures import (
    CUMULATIVE,
    Measured,
    is_over,
    missing_figures,
    weak_figures,
)
from planlib.pipeline.scale_bases import BasisSql, layers_sql, reported_sql, restated_sql
from planlib.pipeline.scale_sql import StatePlan
from planlib.pipeline.targets import cut_targets, targets_of_period
from planlib.pipeline.truncation import Records
from planlib.settings.pipeline import PipelineSettings
from planlib.tables.pipeline import REASONS

Execute = Callable[[str], pd.DataFrame]

_VALUES = ("cents", "count", "valued", "worth")
_DEAL_COLUMNS = tuple(
    sorted(
        {
            name
            for lookups in LOOKUPS.values()
            for lookup in lookups
            for name in (
                lookup.via,
                *((lookup.column,) if lookup.table == "opportunities" else ()),
            )
            if name != "opportunity_id"
        }
    )
)


@dataclass(frozen=True)
class ScaledPipeline:
    """
    A pipeline whose deals and history stay in a database.

    Parameters
    ----------
    execute
        Runs a SELECT and gives its rows: ``Workbook.sql``, or another engine's. It knows the
        tables ``opportunities`` and ``opportunity_history`` with all columns of their contracts
        (dates as dates, or as text such as 2026-03-31), and those in ``tables`` by their names.
    settings
        Section ``pipeline`` of plan.yaml.
    data_until
        Day until which ``opportunities`` is complete.
    tables
        Tables of account grain or coarser that give cuts: ``accounts``, ``reps``, ``products``,
        ``segments``, ``campaigns``; each key once.
    rep_history
        Table ``rep_history``, for the year before as reported; None: today's places.
    has_territories
        Whether the engine knows table ``territories``, for the year before restated.

    Notes
    -----
    History is read as snapshots, with later change records; where change records alone are there
    ``measure_pipeline`` has to be used. Targets are taken as they are set, never spread.
    """

    execute: Execute
    settings: PipelineSettings
    data_until: date
    tables: Mapping[str, pd.DataFrame | None] = field(default_factory=dict)
    rep_history: pd.DataFrame | None = None
    has_territories: bool = False

    @cached_property
    def _facts(self) -> pd.Series:
        return self.execute(scale_sql.facts_sql(_DEAL_COLUMNS)).iloc[0]

    @cached_property
    def _snapshots(self) -> pd.DataFrame:
        days = self.execute(scale_sql.snapshots_sql())
        return days.assign(snapshot_date=pd.to_datetime(days["snapshot_date"]).dt.date)

    @cached_property
    def _opened(self) -> dict[StatePlan, pd.Series]:
        """What is open in a state, for each that was asked for."""
        return {}

    @cached_property
    def _days(self) -> tuple[date, ...]:
        """Days of the history where each deal has at most one record a day, a snapshot."""
        days = self._snapshots
        plain = (days["record"] == "snapshot").all() and (days["last_sequence"] == 0).all()
        return tuple(days["snapshot_date"]) if plain else ()

    @cached_property
    def records(self) -> Records:
        """First days of the records, and cycles of closed deals."""
        cycles = self.execute(scale_sql.cycles_sql())
        days = pd.to_datetime(cycles["close_date"]) - pd.to_datetime(cycles["created_date"])
        counts = cycles["deal_count"].to_numpy(dtype="int64")
        return Records(
            has_status=bool(self._facts["known_count"]),
            first_created=_day(self._facts["first_created"]),
            first_close=_day(self._facts["first_close"]),
            cycles=pd.Series(np.repeat(days.dt.days.to_numpy(dtype="float32"), counts)),
        )

    @cached_property
    def cut_tables(self) -> CutTables:
        """Where cuts come from; a sample stands for the deals."""
        sample = {name: [self._facts[f"any_{name}"]] for name in _DEAL_COLUMNS}
        deals = pd.DataFrame({"opportunity_id": ["-"], **sample})
        return CutTables({**self.tables, "opportunities": deals})

    @cached_property
    def lookups(self) -> dict[str, Lookup]:
        """The cuts of plan.yaml that can be computed, and where they come from."""
        found = {cut: self.cut_tables.resolve(cut)[0] for cut in self.settings.cuts}
        return {cut: lookup for cut, lookup in found.items() if lookup is not None}

    def plan(self, day: date, *, rebuilt: bool = False) -> StatePlan:
        """
        Say where the state of a day comes from, best first as in ``PipelineHistory``.

        Raises
        ------
        ParameterError
            If only change records tell of that day.
        """
        amounts = not self._facts["lost_count"] or bool(self._facts["lost_valued_count"])
        priced = not self._facts["unpriced_count"]
        if not rebuilt and day >= self.data_until:
            return StatePlan(
                day=day,
                basis="current",
                seen=self.data_until,
                has_lost_amounts=amounts,
                is_priced=priced,
                days=self._days,
                age_days=self.settings.snapshot_age_days,
            )
        past = self._snapshots[self._snapshots["snapshot_date"] <= day]
        full = past.loc[past["record"] == "snapshot", "snapshot_date"]
        age = timedelta(self.settings.snapshot_age_days)
        if not rebuilt and len(full) and day - full.max() <= age:
            since = past[past["snapshot_date"] >= full.max()]
            many = len(since) > 1 or bool((since["last_sequence"] > 0).any())
            return StatePlan(
                day=day, basis="snapshot", seen=full.max(), has_changes=many,
                has_lost_amounts=amounts, is_priced=priced, days=self._days,
                age_days=self.settings.snapshot_age_days,
            )  # fmt: skip
        if not rebuilt and (past["record"] == "change").any():
            raise ParameterError(
                "opportunity_history",
                [f"only change records tell of {day}; use measure_pipeline, which reads them"],
            )
        return StatePlan(
            day=day, basis="reconstructed", has_lost_amounts=amounts, is_priced=priced,
            days=self._days, age_days=self.settings.snapshot_age_days,
        )  # fmt: skip

    def matrix(
        self, period: Period, as_of: date, targets: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """
        Compute the performance matrix of a period, all cuts, beside the year before.

        Parameters
        ----------
        period, as_of
            What is measured, and the day until which it counts.
        targets
            Table ``targets``, or None.

        Returns
        -------
        DataFrame
            As ``build_matrix``.
        """
        cuts = (TOTAL, *self.lookups)
        before, day = period.prior_year(), prior_day(period, as_of)
        now = self._measured(period, as_of)
        prior = self._measured(before, day, self._reported(day))
        restated = self._measured(before, day, self._restated(day, as_of))
        goals, set_then = (
            {cut: cut_targets(own, cut, self.cut_tables) for cut in cuts}
            for own in (targets_of_period(targets, one) for one in (period, before))
        )
        return build_matrix(
            now, prior, cuts, goals, self.settings, restated=restated, prior_targets=set_then
        )

    def bridge(self, period: Period, first: date, last: date) -> pd.DataFrame:
        """
        Compute the bridge of a period between two days, in all cuts.

        Returns
        -------
        DataFrame
            Rows of table ``pipeline_bridge``, series ``span``, as ``build_bridge`` gives them.
        """
        start, end = self.plan(first), self.plan(last)
        if "reconstructed" in (start.basis, end.basis):
            start, end = self.plan(first, rebuilt=True), self.plan(last, rebuilt=True)
        sums = self.execute(scale_bridge.bridge_sql(start, end, period, self.lookups))
        both = [_as_of(plan, pd.DataFrame()).label for plan in (start, end)]
        found = Bridge(
            deals=pd.DataFrame(),
            steps=self._steps(sums),
            scope="all" if start.basis == "reconstructed" else "period",
            basis=" to ".join(both),
            passed_through=0,  # the rows of the bridge do not hold it
        )
        return bridge_table(found, "span", period, (first, last))

    def _reported(self, day: date) -> BasisSql:
        reps = self.cut_tables.reps()
        uses = any(lookup.table == "reps" for lookup in self.lookups.values())
        columns = scale_sql.deal_columns(self.lookups)
        return reported_sql(day, columns, reps, self.rep_history, has_reps=uses)

    def _restated(self, day: date, today: date) -> BasisSql | None:
        if not self.has_territories and "owner_id" not in self.cut_tables.accounts():
            return None
        layer = None
        if self.has_territories:
            sizes = self.execute(layers_sql()).dropna(subset=["role_layer"])
            order = sizes.sort_values(["account_count", "role_layer"], ascending=[False, True])
            layer = None if order.empty else str(order["role_layer"].iloc[0])
        present = present_reps(self.cut_tables, today)
        columns = scale_sql.deal_columns(self.lookups)
        return restated_sql(day, columns, present, layer, has_territories=self.has_territories)

    def _measured(self, period: Period, as_of: date, basis: BasisSql | None = None) -> Measured:
        plan = self.plan(as_of)
        if plan not in self._opened:
            self._opened[plan] = self.execute(scale_sql.open_sql(plan)).iloc[0]
        opened = self._opened[plan]
        count = int(opened["open_count"])
        names = ("close_date", "probability", "forecast_category")
        sample = {name: [opened[f"any_{name}"]] * min(count, 1) for name in names}
        state = _as_of(plan, pd.DataFrame({"status": ["open"] * min(count, 1), **sample}))
        missing = missing_figures(state, period, as_of, self.records)
        sums = self.execute(scale_sql.sums_sql(plan, period, self.lookups, basis))
        return Measured(
            period=period, as_of=as_of, rows=pd.DataFrame(), state=state, missing=missing,
            weak=weak_figures(self.records, period, as_of, self.settings.cycle_share),
            sums=self._folded(sums, missing, ended=is_over(period, as_of)),
        )  # fmt: skip

    def _folded(
        self, sums: pd.DataFrame, missing: Mapping[str, str], *, ended: bool
    ) -> pd.DataFrame:
        """Bring sums by part into sums by figure, as the matrix adds them up from deals."""
        sums = sums.rename(columns={"deal_count": "count"}).fillna({"cents": 0, "likely": 0})
        likely = {"cents": "likely", "valued": "likely_valued", "worth": "likely_worth"}
        swapped = sums.assign(**{name: sums[other] for name, other in likely.items()})
        part, inside = sums["part"], (sums["part"] == "open") & (sums["is_inside"] == 1)
        near = self._near(sums["category"].where(part == "generated", ""))
        to_win = inside & (not ended)
        parts = {
            "closed_acv": sums[part == "won"],
            "lost": sums[part == "lost"],
            "open_total": sums[part == "open"],
            "open_in_period": sums[inside],
            "weighted": swapped[to_win],
            "generated": sums.where(~near, swapped)[part == "generated"],
        }
        for name, categories in CUMULATIVE.items():
            called = sums[to_win & sums["category"].isin(categories)]
            parts[name] = pd.concat([parts["closed_acv"], called])
        rows = pd.concat(
            [frame.assign(measure=name) for name, frame in parts.items() if name not in missing]
        )
        rows = rows.assign(cut_value=self._labelled(rows["cut"], rows["cut_value"]))
        rows = rows.astype(dict.fromkeys(_VALUES, "int64"))
        return rows.groupby(["cut", "cut_value", "measure"])[list(_VALUES)].sum()

    def _near(self, categories: pd.Series) -> pd.Series:
        """Tell for which sums the first record is near enough to creation to give the amount."""
        told = categories == scale_sql.NEAR
        dates = categories.astype("str").str.split("|", expand=True, regex=False)
        if dates.shape[1] < 2:
            return told.astype(bool)
        created, seen = (pd.to_datetime(dates[at].replace("", None)) for at in (0, 1))
        limit = created + pd.Timedelta(days=self.settings.snapshot_age_days)
        return (seen <= limit).fillna(False).astype(bool)

    def _labelled(self, cuts: pd.Series, values: pd.Series) -> pd.Series:
        """Write reps by name."""
        is_rep = cuts.map({cut: lookup.is_rep for cut, lookup in self.lookups.items()})
        named = is_rep.fillna(False).astype(bool) & (values != UNKNOWN)
        return values.where(~named, self.cut_tables.rep_label(values)).astype("str")

    def _steps(self, sums: pd.DataFrame) -> pd.DataFrame:
        """Bring the sums of the bridge into one row per cell and reason."""
        sums = sums.assign(
            before=self._labelled(sums["cut"], sums["before_value"]),
            after=self._labelled(sums["cut"], sums["after_value"]),
        )
        change = sums["cents_end"] - sums["cents_start"]
        stays = (sums["in_start"] == 1) & (sums["in_end"] == 1)
        moved = stays & (sums["before"] != sums["after"])
        start, end = sums["cents_start"], sums["cents_end"]
        parts = [
            ("start", "before", start, "valued_start", sums["in_start"] == 1),
            *[(name, "after", end, "valued_end", sums["reason"] == name) for name in COMING],
            ("owner_in", "after", start, "valued_start", moved),
            ("increase", "after", change, "valued", stays & (sums["way"] > 0)),
            ("decrease", "after", change, "valued", stays & (sums["way"] < 0)),
            *[(name, "before", -start, "valued_start", sums["reason"] == name) for name in LEAVING],
            ("owner_out", "before", -start, "valued_start", moved),
            ("end", "after", end, "valued_end", sums["in_end"] == 1),
        ]
        moves = pd.concat(
            [
                pd.DataFrame(
                    {
                        "cut": sums["cut"],
                        "cut_value": sums[side],
                        "reason": name,
                        "cents": cents,
                        "count": sums["deal_count"],
                        "valued": sums[valued],
                    }
                )[chosen]
                for name, side, cents, valued, chosen in parts
            ]
        ).astype(dict.fromkeys(["cents", "count", "valued"], "int64"))
        steps = moves.groupby(["cut", "cut_value", "reason"])[["cents", "count", "valued"]].sum()
        place = {cut: at for at, cut in enumerate((TOTAL, *self.lookups))}
        cells = sorted({(place[cut], value, cut) for cut, value, _ in steps.index})
        cells = cells or [(0, "all", TOTAL)]
        grid = pd.MultiIndex.from_tuples(
            [(cut, value, reason) for _, value, cut in cells for reason in REASONS],
            names=["cut", "cut_value", "reason"],
        )
        full = steps.reindex(grid, fill_value=0).reset_index()
        order = {name: at for at, name in enumerate(REASONS)}
        return full.assign(step_order=full["reason"].map(order))


def _as_of(plan: StatePlan, states: pd.DataFrame) -> AsOf:
    basis: Basis = plan.basis  # type: ignore[assignment]
    return AsOf(day=plan.day, states=states, basis=basis, seen=plan.seen)


def _day(value: object) -> date | None:
    stamp = pd.to_datetime(value)  # type: ignore[call-overload]
    return None if pd.isna(stamp) else stamp.date()
