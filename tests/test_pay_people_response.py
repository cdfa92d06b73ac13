"""How sales followed people: recovered where people changed, the usual value where they did not."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planlib.pay.people_response import PeopleResponse, fit_people_response

END = date(2025, 12, 31)
DAY = pd.Timestamp(END)


def make_history(
    elasticity: float, growth: float, noise: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Eight places over eight half-years; people grow unlike, sales follow with an elasticity."""
    rng = np.random.default_rng(5)
    reps: list[dict[str, object]] = []
    deals: list[dict[str, object]] = []
    for place in range(8):
        unit = f"u{place}"
        for half in range(8):  # 0 is the last
            start = DAY - pd.DateOffset(months=6 * (half + 1))
            end = DAY - pd.DateOffset(months=6 * half)
            count = round(20 + growth * 20 * abs(np.sin(place + 1.7 * half)))
            ids = [f"{unit}h{half}p{at}" for at in range(count)]
            reps += [{"rep_id": one, "role": "AE", "unit": unit, "region": "X",
                      "hire_date": start, "leave_date": end} for one in ids]  # fmt: skip
            won = 1e4 * (1 + place) * count**elasticity * np.exp(noise * rng.normal())
            deals.append({"owner_id": ids[0], "is_won": True, "amount": won,
                          "close_date": end - pd.Timedelta(days=20)})  # fmt: skip
    early = {"owner_id": "none", "is_won": True, "amount": 1.0,
             "close_date": DAY - pd.DateOffset(years=5)}  # fmt: skip
    return pd.DataFrame(reps), pd.DataFrame([early, *deals])


def fit(elasticity: float, growth: float, noise: float = 0.0) -> PeopleResponse:
    """Fit a made history."""
    return fit_people_response(*make_history(elasticity, growth, noise), ["AE"], END)


@pytest.mark.parametrize("elasticity", [0.15, 0.6])
def test_the_elasticity_of_a_clean_history_is_recovered(elasticity: float) -> None:
    """With people that change and no noise the own history decides."""
    found = fit(elasticity, 1.0)
    assert found.value == pytest.approx(elasticity, abs=0.02)
    assert found.is_fitted
    assert found.low <= found.value <= found.high


def test_a_noisy_history_leans_on_what_is_usual_and_says_so() -> None:
    """Much noise: little weight, and the interval is that of the usual value."""
    found = fit(0.6, 0.3, noise=1.5)
    assert not found.is_fitted
    assert abs(found.value - 0.3) < 0.1
    assert found.high - found.low == pytest.approx(2 * 1.2816 * 0.1, rel=0.15)


def test_people_who_never_changed_teach_nothing() -> None:
    """The usual value, and the reason."""
    found = fit(0.6, 0.0)
    assert (found.value, found.weight) == (0.3, 0.0)
    assert "hardly changed" in found.basis
    assert fit_people_response(make_history(0.6, 1.0)[0], None, ["AE"], END).weight == 0.0
