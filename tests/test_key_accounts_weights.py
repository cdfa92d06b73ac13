"""Tests of planlib.key_accounts.weights."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from planlib.errors import SettingsError
from planlib.key_accounts.weights import factor_weights
from planlib.plan import Plan
from planlib.settings.key_accounts import FACTORS, KeyAccountsSettings

WEIGHTS = {"revenue": 0.1, "potential": 0.4, "demonstration": 0.2, "winnability": 0.3}


def make_settings(judgements: list[tuple[Any, ...]], **changes: Any) -> KeyAccountsSettings:
    """Settings with judgements (factor, over, times, who)."""
    keys = ("factor", "over", "times", "who")
    rows = [dict(zip(keys, one, strict=False)) for one in judgements]
    return Plan().override("key_accounts", weight_source="judgements", judgements=rows, **changes)  # type: ignore[return-value]


def consistent() -> list[tuple[Any, ...]]:
    """Judgements that follow from the weights, all six pairs."""
    return [(a, b, WEIGHTS[a] / WEIGHTS[b]) for a, b in combinations(FACTORS, 2)]


@pytest.mark.parametrize("method", ["eigenvector", "geometric_mean"])
def test_consistent_judgements_give_back_the_weights(method):
    """Without contradiction both methods find the weights behind the judgements, ratio 0."""
    found = factor_weights(make_settings(consistent(), judgement_method=method))
    assert found.shares == pytest.approx(WEIGHTS)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)
    assert not found.findings
    assert set(found.weights["origin"]) == {"judgements"}
    np.testing.assert_allclose(found.judgements["misfit"], 1)


@pytest.mark.parametrize("method", ["eigenvector", "geometric_mean"])
def test_missing_judgements_are_filled_by_the_others(method):
    """Three pairs that connect all factors are enough; what is missing is named."""
    some = [one for one in consistent() if one[0] == "revenue"]
    found = factor_weights(make_settings(some, judgement_method=method))
    assert found.shares == pytest.approx(WEIGHTS)
    assert found.consistency_ratio is None
    assert found.findings[0]["value"].iloc[0].startswith("not judged: potential over")


def test_judgements_that_leave_a_factor_out_count_not():
    """Where a factor was compared with none, the weights of plan.yaml count and it is named."""
    found = factor_weights(
        make_settings([("revenue", "potential", 2), ("potential", "winnability", 2)])
    )
    assert found.shares == pytest.approx(KeyAccountsSettings().shares())
    assert "not compared with the others: demonstration" in found.findings[0]["value"].iloc[0]
    assert set(found.weights["origin"]) == {"plan.yaml"}


def test_the_consistency_ratio_is_that_of_a_hand_calculation():
    """A matrix of ones but one pair of 9: the eigenvalue by numpy, index 0.90 for four factors."""
    given = [(a, b, 9.0 if (a, b) == ("revenue", "winnability") else 1.0)
             for a, b in combinations(FACTORS, 2)]  # fmt: skip
    found = factor_weights(make_settings(given))
    matrix = np.ones((4, 4))
    matrix[0, 3], matrix[3, 0] = 9, 1 / 9
    largest = max(np.linalg.eigvals(matrix).real)
    assert found.consistency_ratio == pytest.approx((largest - 4) / 3 / 0.90)
    named = [part for part in found.findings if "consistency ratio" in part["value"].iloc[0]]
    assert named[0]["row_id"].iloc[0] == "revenue over winnability"


def test_a_published_example_gives_its_weights_and_its_ratio():
    """Choosing a leader by four criteria: published as 0.547, 0.127, 0.270, 0.056, ratio 0.044."""
    given = [("revenue", "potential", 4), ("revenue", "demonstration", 3),
             ("revenue", "winnability", 7), ("demonstration", "potential", 3),
             ("potential", "winnability", 3), ("demonstration", "winnability", 5)]  # fmt: skip
    found = factor_weights(make_settings(given))
    assert [round(found.shares[name], 3) for name in FACTORS] == [0.548, 0.127, 0.270, 0.056]
    assert found.consistency_ratio == pytest.approx(0.044, abs=5e-4)
    assert not found.findings


def test_a_circle_of_judgements_is_named():
    """Revenue above potential above winnability above revenue cannot be."""
    circle = [("revenue", "potential", 3), ("potential", "winnability", 3),
              ("winnability", "revenue", 3), ("demonstration", "revenue", 1)]  # fmt: skip
    found = factor_weights(make_settings(circle))
    values = [part["value"].iloc[0] for part in found.findings]
    assert "revenue > potential > winnability > revenue" in values
    assert found.consistency_ratio > 0.1


def test_two_answers_of_one_person_are_named_and_averaged():
    """The geometric mean counts; two people may differ without a finding."""
    twice = [
        *consistent()[1:],
        ("potential", "revenue", 2, "Kim"),
        ("potential", "revenue", 8, "Kim"),
    ]
    found = factor_weights(make_settings(twice))
    assert found.shares == pytest.approx(WEIGHTS)  # sqrt(2 x 8) = 4 = 0.4 / 0.1
    assert found.findings[0]["row_id"].iloc[0] == "revenue over potential"
    people = [
        *consistent()[1:],
        ("potential", "revenue", 2, "Kim"),
        ("potential", "revenue", 8, "Lee"),
    ]
    assert not factor_weights(make_settings(people)).findings


def test_the_order_of_judgements_does_not_matter():
    """Turned pairs in another order give the same weights."""
    turned = [(b, a, 1 / times) for a, b, times in reversed(consistent())]
    first, second = (
        factor_weights(make_settings(consistent())),
        factor_weights(make_settings(turned)),
    )
    assert first.shares == pytest.approx(second.shares)


def test_weights_that_do_not_sum_to_one_are_named():
    """They are rescaled, and said to be."""
    settings = KeyAccountsSettings(weights={"revenue": 1.0, "potential": 1.0})
    found = factor_weights(settings)
    assert found.shares["revenue"] == pytest.approx(0.5)
    assert found.findings[0]["value"].iloc[0] == "sum 2"


@pytest.mark.parametrize(
    ("judgement", "match"),
    [
        ({"factor": "revenue", "over": "revenue", "times": 2}, "compared with itself"),
        ({"factor": "revenue", "over": "potential", "times": 20}, "less than or equal to 9"),
        ({"factor": "sales", "over": "potential", "times": 2}, "revenue"),
    ],
)
def test_wrong_judgements_are_named(judgement, match):
    """A judgement is checked before anything runs."""
    with pytest.raises(SettingsError, match=match):
        Plan().override("key_accounts", judgements=[judgement])
