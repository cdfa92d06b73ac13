"""Settings of the team's structure: roles, value, limits, scenarios."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, setting

KindName = Literal["field", "inside", "sdr", "bdr", "specialist", "manager", "other"]
FactorName = Literal[
    "value_density",
    "small_customers",
    "distance",
    "account_size",
    "product_breadth",
    "industry",
    "face_to_face",
    "cycle",
    "lead_volume",
    "expansion",
]

#: Kinds of work that a role can be.
KINDS: tuple[KindName, ...] = get_args(KindName)
#: Kinds whose heads the optimiser chooses; managers and others stay as they are.
CHOSEN: tuple[KindName, ...] = ("field", "inside", "sdr", "bdr", "specialist")
#: Factors of the decision between inside and field.
FACTORS: tuple[FactorName, ...] = get_args(FactorName)
#: Names of scenarios that are always made.
BUILT_IN = ("today", "same heads", "optimum")


class RoleRule(Section):
    """Which reps do which kind of work: the first rule that fits a rep counts."""

    kind: KindName = setting("field", "Kind of work")
    roles: tuple[str, ...] = setting((), "Roles as the reps table names them", min_length=1)
    units: tuple[str, ...] = setting((), "Only reps of these business units; blank: all")
    levels: tuple[str, ...] = setting((), "Only reps of these levels; blank: all")
    definition: str = setting("", "What the role is there for, in one sentence")


class HeadLimit(Section):
    """Fewest and most heads of a kind in a region."""

    kind: KindName = setting("field", "Kind of work")
    region: str = setting("", "Region; blank: all regions together")
    least: int | None = setting(None, "Fewest heads; blank: no limit", "heads", ge=0)
    most: int | None = setting(None, "Most heads; blank: no limit", "heads", ge=0)

    @model_validator(mode="after")
    def _order(self) -> HeadLimit:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least {self.least} is above most {self.most}")
        return self


class ScenarioSettings(Section):
    """A structure of one's own: the best one under further limits."""

    name: str = setting("", "Name of the scenario", min_length=1)
    heads: dict[KindName, int] = setting({}, "Heads of a kind over all regions", "heads")
    inside_share: float | None = setting(
        None, "Inside heads of inside and field heads; blank: free", "share", ge=0, le=1
    )
    head_change: int | None = setting(
        None, "Most heads more than today; blank: as team_structure.head_change", "heads"
    )
    cost_change_share: float | None = setting(
        None, "Most yearly cost more than today; blank: as team_structure.cost_change_share",
        "share",
        ge=-1, le=10,
    )  # fmt: skip

    @field_validator("heads")
    @classmethod
    def _chosen(cls, value: dict[KindName, int]) -> dict[KindName, int]:
        wrong = [kind for kind in value if kind not in CHOSEN]
        if wrong or any(count < 0 for count in value.values()):
            raise ValueError(f"heads of at least 0 for {', '.join(CHOSEN)}")
        return value


_DEFAULT_RULES = (
    {
        "kind": "sdr", "roles": ("SDR", "sales development representative", "销售拓展代表"),
        "definition": "answers and qualifies leads that come in, and hands them to a seller",
    },
    {
        "kind": "bdr", "roles": ("BDR", "business development representative", "商务拓展代表"),
        "definition": "opens doors at accounts that do not know us yet",
    },
    {
        "kind": "inside",
        "roles": ("inside sales", "ISR", "inside", "account manager inside", "内勤销售", "电话销售",
                  "内销"),
        "definition": "sells and serves by phone, mail and video, from lead to renewal",
    },
    {
        "kind": "specialist",
        "roles": ("PS", "ECS", "SE", "SC", "presales", "solution consultant", "sales engineer",
                  "方案经理", "技术支持"),
        "definition": "brings product or technical depth into the deals of others",
    },
    {
        "kind": "field",
        "roles": ("AE", "account executive", "sales executive", "field sales", "客户经理",
                  "销售经理", "销售工程师"),
        "definition": "owns accounts and deals, meets customers face to face",
    },
    {
        "kind": "manager",
        "roles": ("manager", "sales manager", "director", "SVP", "VP", "head", "KA director",
                  "经理", "总监"),
        "definition": "leads people, reviews deals, decides on accounts",
    },
)  # fmt: skip


class TeamStructureSettings(Section):
    """How many people of which kind work where: value, cost, limits, scenarios."""

    role_rules: tuple[RoleRule, ...] = setting(
        (), "Rules of one's own that say what kind of work a role is, before the built-in ones"
    )
    cut: Literal["segment", "unit"] = setting(
        "segment", "What a cell is made of beside the region: the account's segment or its unit"
    )
    window_months: int = setting(
        24, "Months of closed deals, leads and activities that the demand is read from", "months",
        ge=3, le=120,
    )  # fmt: skip
    pool_cases: float = setting(
        10.0, "Cases of the segment over all regions that each cell's own figure is mixed with",
        "cases",
        ge=0, le=1000,
    )  # fmt: skip
    minimum_cases: int = setting(10, "A figure over fewer cases is grey", "cases", ge=1)
    local_km: float = setting(
        100.0, "An account is local when the nearest seller's place of work is so near",
        "km",
        gt=0, le=20_000,
    )  # fmt: skip
    elasticity: float = setting(
        0.34,
        "Growth of margin in percent by one percent more time, at today's mean coverage: an "
        "assumption, the mean of published studies of sales forces",
        "x",
        gt=0, lt=1,
    )  # fmt: skip
    base_share: float = setting(
        0.0,
        "Share of margin that comes in the long run without any selling",
        "share",
        ge=0,
        le=0.95,
    )
    quantity_gain: float | None = setting(
        None,
        "Exchanges an hour of inside selling compared with the field; blank: measured where three "
        "heads of both are logged, else 1.4, an assumption",
        "x",
        gt=0, le=20,
    )  # fmt: skip
    penalty_base: float = setting(
        0.10, "Loss of quality of inside selling in the simplest cell: an assumption", "share",
        ge=0, le=0.95,
    )  # fmt: skip
    penalty_complexity: float = setting(
        0.50, "Further loss in the most complex cell: an assumption", "share", ge=0, le=0.95
    )
    penalty_competition: float = setting(
        0.30, "Further loss in the most contested cell: an assumption", "share", ge=0, le=0.95
    )
    competition_words: tuple[str, ...] = setting(
        ("compet", "price", "竞争", "价格", "品牌"),
        "Words in the loss reason of deals lost to a competitor or on price",
    )
    assumption_sd: float = setting(
        0.2, "Spread of quantity gain, quality and elasticity in simulated futures, relative", "x",
        ge=0, le=1,
    )  # fmt: skip
    creation_share: float = setting(
        0.35,
        "Share of a deal's margin that hangs on who created it (SDR, BDR); the rest hangs on "
        "selling: an assumption",
        "share",
        ge=0, le=1,
    )  # fmt: skip
    support_share: float = setting(
        0.15,
        "Share of the margin of a supported deal that hangs on the specialist: an assumption",
        "share",
        ge=0, le=1,
    )  # fmt: skip
    capacity_hours: dict[KindName, float] = setting(
        {}, "Selling hours a head and year; blank: mean of the reps of the kind", "hours"
    )
    cost_amount: dict[KindName, float] = setting(
        {}, "Full cost of a head and year; blank: base and variable pay of its roles' pay plans",
        "currency",
    )  # fmt: skip
    cost_index: dict[KindName, float] = setting(
        {"field": 1.0, "inside": 0.7, "sdr": 0.4, "bdr": 0.45, "specialist": 0.95,
         "manager": 1.4},
        "Cost of a head in heads of the field, where neither cost nor pay plan is known",
        "x",
    )  # fmt: skip
    overhead_share: float = setting(
        0.25, "Social cost, travel and tools on top of pay", "share", ge=0, le=5
    )
    hire_share: float = setting(
        0.3, "One-off cost of a new head, as a share of its yearly cost", "share", ge=0, le=5
    )
    exit_share: float = setting(
        0.4, "One-off cost of a head that goes, as a share of its yearly cost", "share", ge=0, le=5
    )
    retrain_share: float = setting(
        0.15, "One-off cost of a head that changes kind in its region", "share", ge=0, le=5
    )
    reassign_share: float = setting(
        0.05, "One-off cost of a head that changes segment in its region", "share", ge=0, le=5
    )
    horizon_years: float = setting(
        2.0, "Years over which one-off cost is spread", "years", gt=0, le=20
    )
    head_parts: int = setting(
        4, "Parts into which a head may be divided over the segments of its region; 1: whole heads",
        "parts",
        ge=1, le=20,
    )  # fmt: skip
    head_change: int = setting(0, "Most heads more than today", "heads", ge=-10_000, le=10_000)
    cost_change_share: float = setting(
        0.0, "Most yearly cost more than today", "share", ge=-1, le=10
    )
    change_budget_amount: float | None = setting(
        None, "Most one-off cost of all changes, in the currency of cost; blank: no limit",
        "currency",
        ge=0,
    )  # fmt: skip
    team_size: int = setting(
        4, "Fewest sellers of a team: a business line with fewer gets none of its own", "heads",
        ge=1, le=100,
    )  # fmt: skip
    line_home_share: float = setting(
        2 / 3, "Share of a seller's decided deals in a business line from which the seller is at "
        "home in it: a choice", "share", gt=0.5, le=1,
    )  # fmt: skip
    line_shared_share: float = setting(
        0.5, "Share of a line's customers who buy other lines too, above which one team sells all: "
        "a choice, for more than that would be visited by two teams", "share", ge=0, le=1,
    )  # fmt: skip
    line_sellers: int = setting(
        3, "Fewest sellers on either side when sellers at home in a line are compared with others",
        "people", ge=3, le=100,
    )  # fmt: skip
    line_pace: tuple[float, float] = setting(
        (0.8, 1.25), "Cycle of a line over that of the others between which the same workflow "
        "serves both, however sure the difference is: a choice", "x",
    )  # fmt: skip
    minimum_coverage: float = setting(
        0.1, "Least selling time of a cell as a share of its workload; never more than today",
        "share",
        ge=0, le=2,
    )  # fmt: skip
    pilot_share: float = setting(
        0.2,
        "Most inside of inside and field heads while nobody sells from inside today: what inside "
        "is worth is then an assumption; a scenario with its own heads or share is free of it",
        "share",
        ge=0,
        le=1,
    )
    limits: tuple[HeadLimit, ...] = setting((), "Fewest and most heads by kind and region")
    scenarios: tuple[ScenarioSettings, ...] = setting((), "Structures of one's own")
    weights: dict[FactorName, float] = setting(
        dict.fromkeys(FACTORS, 1.0), "Weight of each factor in the decision table"
    )
    field_industries: tuple[str, ...] = setting(
        ("manufacturing", "construction", "energy", "utilities", "public", "transport",
         "制造", "建筑", "能源", "政府"),
        "Words in the industry group of traditional industries, which are met face to face",
    )  # fmt: skip
    inside_industries: tuple[str, ...] = setting(
        ("technology", "telecom", "financ", "media", "professional", "retail", "软件", "互联网",
         "金融"),
        "Words in the industry group of industries that buy by numbers, from a distance",
    )  # fmt: skip
    acv_cuts: tuple[float, ...] = setting(
        (), "Amounts that divide deals into bands; blank: fifths of the own deals", "currency"
    )
    turnover_share: float | None = setting(
        None, "Leavers a year; blank: those of the window over heads", "share", ge=0, le=0.95
    )
    fill_days: int = setting(90, "Days until a post is filled", "days", ge=0, le=720)
    ramp_days: int = setting(180, "Days until a new head works at full capacity", "days", ge=0,
                             le=1080)  # fmt: skip
    change_quarters: int = setting(4, "Quarters over which a structure is changed", "quarters",
                                   ge=1, le=20)  # fmt: skip
    path_quarters: int = setting(8, "Quarters that the scenarios are followed", "quarters", ge=1,
                                 le=40)  # fmt: skip
    draws: int = setting(400, "Simulated futures of each scenario", "draws", ge=20, le=20_000)
    effort: float = setting(
        1.0, "Work of the search as a multiple of the usual; work is counted, not timed", "x",
        ge=0.05, le=100,
    )  # fmt: skip

    @field_validator("capacity_hours", "cost_amount", "cost_index", "weights")
    @classmethod
    def _not_negative(cls, value: dict[str, float]) -> dict[str, float]:
        wrong = {name: number for name, number in value.items() if number < 0}
        if wrong:
            raise ValueError(f"0 or more, found {wrong}")
        return value

    @field_validator("line_pace")
    @classmethod
    def _around_one(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0 < value[0] <= 1 <= value[1]:
            raise ValueError(f"a ratio above 0 and at most 1, then one of at least 1; not {value}")
        return value

    @field_validator("acv_cuts")
    @classmethod
    def _increasing(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if any(high <= low for low, high in zip((0.0, *value), value, strict=False)):
            raise ValueError("amounts above 0 that increase from left to right")
        return value

    @model_validator(mode="after")
    def _fitting(self) -> TeamStructureSettings:
        names = [scenario.name for scenario in self.scenarios]
        double = sorted({name for name in names if names.count(name) > 1 or name in BUILT_IN})
        if double:
            raise ValueError(
                f"scenarios: each name once, and none of {', '.join(BUILT_IN)}; found {double}"
            )
        if self.reassign_share > min(self.retrain_share, self.hire_share + self.exit_share):
            raise ValueError(
                f"reassign_share {self.reassign_share:g} is above what it costs to retrain, or to "
                "hire and let go"
            )
        total = self.penalty_base + self.penalty_complexity + self.penalty_competition
        if total > 0.95 + 1e-9:
            raise ValueError(
                f"penalty_base, _complexity, _competition sum to {total:g}: above 0.95"
            )
        return self

    @property
    def rules(self) -> tuple[RoleRule, ...]:
        """All rules in order: one's own, then the built-in ones."""
        return (*self.role_rules, *(RoleRule.model_validate(rule) for rule in _DEFAULT_RULES))
