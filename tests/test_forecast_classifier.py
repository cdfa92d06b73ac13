"""Tests of the classifier: no leaking column, calibrated, nothing learnt from too little."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from planlib.errors import ParameterError
from planlib.forecast import FEATURES, LEAKING, check_features
from planlib.forecast.chances import Models, amount_factor
from planlib.forecast.classifier import Classifier, calibrate, fit_classifier
from planlib.forecast.features import design, text_codes
from tests.forecast_frames import inputs, make_past


@pytest.mark.parametrize("name", sorted(LEAKING))
def test_a_leaking_column_is_refused_by_name(name):
    """Each column that is known only afterwards is named with the reason."""
    with pytest.raises(ParameterError, match=f"'{name}' leaks: {LEAKING[name][:20]}"):
        check_features(["stage", name])


def test_every_wrong_column_is_named_in_one_go():
    """Two leaks and one unknown column stand in one message."""
    with pytest.raises(ParameterError, match=r"(?s)is_won.*loss_reason.*'colour' is not a fact"):
        check_features(["is_won", "loss_reason", "colour"])


def test_the_features_in_use_do_not_leak():
    """What the classifier learns from by default passes its own check."""
    assert check_features(FEATURES) == tuple(FEATURES)


def test_the_design_does_not_change_with_the_outcome():
    """Rows are the same whatever became of the deals."""
    found = inputs(*make_past(quarters=1))
    panel, known = found.panel, np.ones(len(found.panel.rows), dtype=bool)
    place = np.linspace(0, 1, len(panel.rows))
    plain = design(panel, text_codes(panel), place, known)
    panel.rows[["is_won", "ends_won"]] = False
    panel.rows["won_cents"] = 0
    panel.rows["end_in_days"] = np.inf
    assert np.array_equal(design(panel, text_codes(panel), place, known), plain)


def test_known_weights_are_found_again():
    """Data made from two weights give those weights back."""
    rng = np.random.default_rng(1)
    columns = np.column_stack([np.ones(20000), rng.standard_normal(20000)])
    won = rng.random(20000) < expit(columns @ np.array([-1.0, 0.8]))
    model = fit_classifier(columns, won)
    assert model is not None
    assert model.weights.tolist() == pytest.approx([-1.0, 0.8], abs=0.05)


def test_too_few_wins_teach_nothing():
    """With fewer than thirty wins there is no model."""
    won = np.zeros(500, dtype=bool)
    won[:29] = True
    assert fit_classifier(np.ones((500, 1)), won) is None


def test_calibration_corrects_chances_that_are_too_sure():
    """A model that doubles log odds is brought back to the shares that happened."""
    rng = np.random.default_rng(2)
    true = expit(rng.normal(-0.5, 1.0, 20000))
    won = rng.random(20000) < true
    sure = expit(2 * logit(true))
    model = calibrate(Classifier(weights=np.array([1.0])), sure, won)
    assert model.slope == pytest.approx(0.5, abs=0.05)
    scores = logit(sure)[:, None]
    assert model.chance(scores).mean() == pytest.approx(won.mean(), abs=0.01)


def test_calibration_without_predictions_made_ahead_changes_nothing():
    """The first model has nothing to be corrected by."""
    model = Classifier(weights=np.array([1.0]))
    assert calibrate(model, np.zeros(0), np.zeros(0, dtype=bool)) is model


def test_the_amount_factor_is_what_was_brought_per_expected_amount():
    """Two deals at a chance of one half, one of them won at 80 % of its amount: factor 0.8."""
    ones = np.ones(2)
    assert amount_factor(np.array([80.0, 0.0]), ones / 2, ones * 100, ones) == pytest.approx(0.8)
    assert amount_factor(np.zeros(2), ones / 2, ones * 100, ones) == 1.0


def test_measured_shares_are_those_of_the_stage_at_the_same_week():
    """Without a prior the chance of each stage is won / seen among past rows of the window."""
    found = inputs(*make_past())
    panel = found.panel
    models = Models(panel, 0.0)
    window = found.windows[found.live]
    chance, _ = models.measured("stage", panel.span(found.live), window)
    rows, weights = window.rows(panel)
    past = panel.rows.iloc[rows].assign(weight=weights)
    past = past[past["in_period"]]
    live = panel.rows.iloc[panel.span(found.live)].assign(chance=chance)
    for stage, mine in past.groupby("stage"):
        share = (mine["weight"] * mine["is_won"]).sum() / mine["weight"].sum()
        shown = live[(live["stage"] == stage) & live["in_period"]]["chance"]
        assert len(shown)
        assert shown.to_numpy() == pytest.approx(share)
    assert (live.loc[~live["in_period"], "chance"] == 0).all()
