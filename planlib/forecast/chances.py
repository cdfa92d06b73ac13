"""
Chances of single deals, by every method that has them, learnt only from periods that were over.

Models are fitted once per period; measured shares are read from past periods at the same week.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.forecast.classifier import Classifier, calibrate, fit_classifier
from planlib.forecast.features import design, text_codes
from planlib.forecast.hazards import Exposure, HazardModel, fit_hazards
from planlib.forecast.panel import Floats, Ints, Panel
from planlib.forecast.window import Window


class Models:
    """
    Models of one panel, fitted period by period as the walk goes forward.

    Parameters
    ----------
    panel
        The past as it was known.
    prior_deals
        See section ``forecast`` of plan.yaml.
    """

    def __init__(self, panel: Panel, prior_deals: float) -> None:
        self._panel = panel
        self._prior = prior_deals
        rows = panel.rows
        point = rows["point"].to_numpy()
        numbers = np.array([one.number for one in panel.points], dtype="int64")
        places = np.array([one.position for one in panel.points], dtype="float64")
        self._number = numbers[point] if len(rows) else np.zeros(0, dtype="int64")
        self.position = places[point] if len(rows) else np.zeros(0)
        self.codes = text_codes(panel)
        self._won = rows["is_won"].to_numpy()
        self._seen, self._seen_day = self._exposure()
        self._ahead = np.full(len(rows), np.nan)

    def measured(self, name: str, span: slice, window: Window) -> tuple[Floats, Floats]:
        """
        Give the share won of deals of the same stage (or category) at the same week.

        Returns
        -------
        tuple
            The chance of each row of the span, and of each row of the window.
        """
        codes = self.codes[name]
        rows, weights = window.rows(self._panel)
        inside = self._panel.rows["in_period"].to_numpy()
        weights = weights * inside[rows]
        many = int(codes.max(initial=0)) + 1
        seen = np.bincount(codes[rows], weights=weights, minlength=many)
        won = np.bincount(codes[rows], weights=weights * self._won[rows], minlength=many)
        overall = won.sum() / seen.sum() if seen.sum() > 0 else 0.0
        lean = max(self._prior, 1e-9)
        chance = (won + lean * overall) / (seen + lean)
        return chance[codes[span]] * inside[span], chance[codes[rows]] * inside[rows]

    def hazards(self, number: int, end_day: int) -> Floats | None:
        """Give the chance of every row until the end of its period; None: no estimate."""
        model = self._hazard_model(end_day)
        if model is None:
            return None
        rows = self._panel.rows
        keep = self._number <= number
        chance = np.full(len(rows), np.nan)
        chance[keep] = model.chance(
            self.codes["stage"][keep],
            rows["age_days"].to_numpy()[keep],
            rows["push_count"].to_numpy()[keep],
            rows["left_days"].to_numpy()[keep],
        )
        return chance

    def classified(self, number: int) -> Floats | None:
        """
        Give the calibrated chance of every row by a classifier trained on earlier periods.

        Must be called in the order of periods: predictions that earlier models made for the
        periods after them calibrate the later ones.
        """
        learn = (self._number < number) & (self._panel.rows["left_days"].to_numpy() > 0)
        if not learn.any():
            return None
        wide = design(self._panel, self.codes, self.position, learn)
        model = fit_classifier(wide[learn], self._won[learn])
        if model is None:
            return None
        known = learn & ~np.isnan(self._ahead)
        calibrated: Classifier = calibrate(model, self._ahead[known], self._won[known])
        mine = self._number == number
        self._ahead[mine] = model.raw(wide[mine])
        keep = self._number <= number
        chance = np.full(len(wide), np.nan)
        chance[keep] = calibrated.chance(wide[keep])
        return chance

    def _hazard_model(self, end_day: int) -> HazardModel | None:
        """Fit on what was seen until a day."""
        keep = self._seen_day <= end_day
        if not keep.any():
            return None
        seen = Exposure(
            **{name: getattr(self._seen, name)[keep] for name in Exposure.__annotations__}
        )
        stages = int(self.codes["stage"].max(initial=0)) + 1
        return fit_hazards(seen, stages, self._prior)

    def _exposure(self) -> tuple[Exposure, Ints]:
        """Watch every open deal from each known day to the next one."""
        panel, rows = self._panel, self._panel.rows
        day = rows["day"].to_numpy().astype("datetime64[D]").astype("int64")
        days = np.unique(day)
        following = np.searchsorted(days, day, side="right")
        watched = following < len(days)
        nexts = days[np.minimum(following, max(len(days) - 1, 0))] if len(days) else day
        keys = pd.factorize(rows["opportunity_id"])[0].astype("int64") * 1_000_000
        unique, first = np.unique(keys + day, return_index=True)
        place = np.searchsorted(unique, keys + nexts)
        place = np.minimum(place, max(len(unique) - 1, 0))
        is_there = watched & (unique[place] == keys + nexts) if len(unique) else watched
        stage = self.codes["stage"]
        next_stage = np.where(is_there, stage[first[place]], -1) if len(rows) else stage
        once = np.zeros(len(rows), dtype=bool)
        once[first] = True  # the last day of a period is also the day before the next one
        keep = once & watched
        end = rows["end_in_days"].to_numpy()[keep]
        seen = Exposure(
            stage=stage[keep],
            age_days=rows["age_days"].to_numpy()[keep],
            pushes=rows["push_count"].to_numpy()[keep],
            gap_days=(nexts - day)[keep].astype("float64"),
            end_in_days=end,
            ends_won=rows["ends_won"].to_numpy()[keep],
            next_stage=next_stage[keep],
        )
        return seen, nexts[keep] if panel.points else nexts[:0]


def amount_factor(won_cents: Floats, chance: Floats, cents: Floats, weights: Floats) -> float:
    """
    Give what won deals brought in the end, per expected amount on the day.

    Discounts, growth of deals on their way and large deals that win less often all stand in this
    one number; it is kept between 0.3 and 3.
    """
    expected = float((weights * chance) @ cents)
    brought = float(weights @ won_cents)
    return float(np.clip(brought / expected, 0.3, 3.0)) if expected > 0 and brought > 0 else 1.0
