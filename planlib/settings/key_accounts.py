"""Settings of key accounts: factor weights, scales, share of accounts, memory of the list."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, check_weights, rescaled, setting

Factor = Literal["revenue", "potential", "demonstration", "winnability"]
FACTORS: tuple[Factor, ...] = get_args(Factor)

#: Judgements up to this ratio mean something on the scale of the method.
_MOST_TIMES = 9.0
#: Thresholds of one factor in one stratum, for the scores 1 to 10.
_SCALE_STEPS = 10


class WeightJudgement(Section):
    """One comparison of two factors: how many times as important the first is."""

    factor: Factor = setting("potential", "The factor that is judged")
    over: Factor = setting("revenue", "The factor that it is compared with")
    times: float = setting(
        1.0,
        "How many times as important: 1 equal, 3 somewhat, 5 clearly, 7 much, 9 extremely more; "
        "below 1 where it is less important",
        "x",
        ge=1 / _MOST_TIMES,
        le=_MOST_TIMES,
    )
    who: str = setting("", "Who judged; several people may judge the same pair")

    @model_validator(mode="after")
    def _two_factors(self) -> Self:
        if self.factor == self.over:
            raise ValueError(f"two different factors; '{self.factor}' is compared with itself")
        return self


class KeyAccountsSettings(Section):
    """Who is a key account."""

    weights: dict[Factor, float] = setting(
        {"revenue": 0.25, "potential": 0.35, "demonstration": 0.15, "winnability": 0.25},
        "Weight of each factor in the score; rescaled to sum to 1",
    )
    weight_source: Literal["weights", "judgements"] = setting(
        "weights", "Where the weights come from: as given, or from pairwise judgements (AHP)"
    )
    judgements: tuple[WeightJudgement, ...] = setting(
        (),
        "Pairwise judgements of the factors, such as {factor: potential, over: revenue, times: 3}",
    )
    judgement_method: Literal["eigenvector", "geometric_mean"] = setting(
        "eigenvector", "How weights follow from the judgements; both agree on consistent ones"
    )
    most_inconsistency: float = setting(
        0.1, "Consistency ratio of the judgements above which a warning is given", "ratio", gt=0
    )
    top_share: float = setting(
        0.05,
        "Share of the scored accounts of a stratum that become key accounts",
        "share",
        gt=0,
        le=1,
    )
    strata: tuple[Literal["industry_group", "customer_type", "region", "segment"], ...] = setting(
        ("industry_group", "customer_type"),
        "Columns within whose values accounts are compared, for fairness, the main one first",
    )
    minimum_stratum: int = setting(
        20,
        "A stratum with fewer accounts is pooled: first with the others of its first columns, "
        "then with all small ones",
        "accounts",
        ge=2,
    )
    scales: dict[Factor, dict[str, tuple[float, ...]]] = setting(
        {},
        "Own thresholds for the scores 1 to 10, by factor and stratum ('all' for every one); "
        "without them the deciles of the stratum count",
    )
    minimum_known_weight: float = setting(
        0.5,
        "An account is scored when factors of at least this weight are known",
        "share",
        gt=0,
        le=1,
    )
    revenue_years: int = setting(
        3, "Years over which our sales with an account are averaged", "years", ge=1, le=10
    )
    rating_days: int = setting(365, "A judgement counts for this long", "days", ge=1)
    band_share: float = setting(
        0.10,
        "Memory: enter this share above the cut-off, leave this share below it",
        "share",
        ge=0,
        lt=1,
    )
    review_every: Literal["quarter", "half_year"] = setting(
        "quarter",
        "How often the list is reviewed; cycles between, such as months, keep list and memory",
    )
    reviews_to_leave: int = setting(
        2, "Reviews below the band before an account leaves the list", "reviews", ge=1
    )
    rating_gap: float = setting(
        3.0,
        "A judgement of a measured factor, or of two raters, that differs by more is named",
        "points of 10",
        gt=0,
        le=10,
    )
    jump_share: float = setting(
        0.25,
        "A rep's target, and last year's sales behind it, this much above the base of several "
        "years is warned of",
        "share",
        gt=0,
    )
    weight_spread: float = setting(
        50.0,
        "How sure the weights are, for the chance to be in the list; higher is surer",
        "Dirichlet concentration",
        gt=0,
    )

    _weights = field_validator("weights")(check_weights)

    @field_validator("scales")
    @classmethod
    def _scales(
        cls, value: dict[Factor, dict[str, tuple[float, ...]]]
    ) -> dict[Factor, dict[str, tuple[float, ...]]]:
        for factor, by_stratum in value.items():
            for stratum, steps in by_stratum.items():
                rising = all(low < high for low, high in zip(steps, steps[1:], strict=False))
                if len(steps) != _SCALE_STEPS or not rising:
                    raise ValueError(
                        f"{_SCALE_STEPS} rising thresholds, for the scores 1 to 10; "
                        f"{factor}.{stratum} has {list(steps)}"
                    )
        return value

    def shares(self) -> dict[str, float]:
        """Give the weights rescaled to sum to 1; a factor that is not named weighs 0."""
        return rescaled(self.weights, FACTORS)
