"""Settings of segmentation: markets, sizes, industry groups, lifecycle, units, potential, work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import field_validator, model_validator

from planlib.errors import nearest
from planlib.settings.base import Section, setting

#: Class of an account whose size or lifecycle the data do not tell.
UNKNOWN = "unknown"
#: Industry group of an account that no industry rule knows.
UNMAPPED = "unmapped"
#: Unit or segment of an account that no rule matches.
UNASSIGNED = "unassigned"

LIFECYCLE_CLASSES = ("large_footprint", "new_customer", "prospect", UNKNOWN)

#: Columns that a rule may compare with words, and those that it may compare with numbers.
WORD_COLUMNS = (
    "market",
    "size",
    "industry_group",
    "lifecycle",
    "country",
    "region",
    "province",
    "city",
    "industry",
    "customer_type",
    "owner_id",
)
NUMBER_COLUMNS = (
    "employees",
    "revenue",
    "acv",
    "potential",
    "business_line_count",
    "product_need_count",
)
#: Columns by which look-alikes may be found.
LOOKALIKE_COLUMNS = (
    "size",
    "industry_group",
    "market",
    "country",
    "region",
    "province",
    "customer_type",
    "segment",
)


def _words(value: object) -> object:
    """Let one word stand for a list of one, and a number for its digits."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, list | tuple):
        return value
    return tuple(
        str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in value
    )


def _increasing(values: tuple[float, ...]) -> tuple[float, ...]:
    if any(value <= 0 for value in values):
        raise ValueError("cut lines above 0")
    if any(high <= low for low, high in zip(values, values[1:], strict=False)):
        raise ValueError("cut lines that increase from left to right, none twice")
    return values


class MarketSettings(Section):
    """
    A market: which accounts belong to it, and its own cut lines.

    An account belongs to the first market all of whose lists that are not empty name it.
    """

    name: str = setting("", "Name of the market", min_length=1)
    countries: tuple[str, ...] = setting((), "Countries, by name or ISO code")
    regions: tuple[str, ...] = setting((), "Sales regions")
    provinces: tuple[str, ...] = setting((), "States or provinces")
    maturity: float = setting(
        1.0,
        "Spend of a company here compared with an equal one in a mature market; scales the "
        "general cut lines and the potential taken from other markets",
        "share",
        gt=0,
        le=5,
    )
    size_cuts: tuple[float, ...] = setting(
        (), "Cut lines of the sizes here; blank: the general ones times maturity", "employees"
    )
    revenue_cuts: tuple[float, ...] = setting(
        (), "Cut lines by revenue here, for accounts without employees", "currency"
    )
    large_footprint_acv: float | None = setting(
        None, "Large footprint here; blank: the general one", "currency", ge=0
    )

    _cuts = field_validator("size_cuts", "revenue_cuts")(_increasing)
    _lists = field_validator("countries", "regions", "provinces", mode="before")(_words)


class IndustryRule(Section):
    """Codes and names that make up one industry group, a group by needed expertise."""

    group: str = setting("", "Name of the industry group", min_length=1)
    sic: tuple[str, ...] = setting((), "SIC codes, beginnings or ranges, such as 60-67 or 7372")
    naics: tuple[str, ...] = setting((), "NAICS codes, beginnings or ranges, such as 52 or 44-45")
    gbt4754: tuple[str, ...] = setting((), "GB/T 4754 sections, codes or ranges: J, 66-69, C35")
    names: tuple[str, ...] = setting(
        (), "Words with which a word of the industry's name begins, such as bank or 银行"
    )

    _lists = field_validator("sic", "naics", "gbt4754", "names", mode="before")(_words)


class Conditions(Section):
    """When a rule holds: all of its conditions, any of the values of each."""

    when: dict[str, tuple[str, ...]] = setting({}, "Values that a column must have one of")
    unless: dict[str, tuple[str, ...]] = setting({}, "Values that a column must not have")
    at_least: dict[str, float] = setting({}, "Numbers that a column must reach")
    below: dict[str, float] = setting({}, "Numbers that a column must stay under")

    @field_validator("when", "unless", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        if isinstance(value, dict):
            return {key: _words(words) for key, words in value.items()}
        return value

    @model_validator(mode="after")
    def _known_columns(self) -> Conditions:
        words = (*WORD_COLUMNS, *self._later_columns())
        for kind, known, used in (
            ("when", words, self.when),
            ("unless", words, self.unless),
            ("at_least", NUMBER_COLUMNS, self.at_least),
            ("below", NUMBER_COLUMNS, self.below),
        ):
            for column in used:
                if column not in known:
                    near = nearest(column, known)
                    hint = f"did you mean '{near[0]}'? " if near else ""
                    raise ValueError(
                        f"{kind} names '{column}', which is not a column for it; {hint}"
                        f"known: {', '.join(known)}"
                    )
        return self

    def _later_columns(self) -> tuple[str, ...]:
        """Columns that exist only once earlier rules have run."""
        return ()


class SegmentRule(Conditions):
    """Accounts that belong to a segment."""

    segment: str = setting("", "Name of the segment", min_length=1)


class UnitRule(Conditions):
    """Accounts that a unit serves."""

    unit: str = setting("", "Name of the business unit", min_length=1)

    def _later_columns(self) -> tuple[str, ...]:
        return ("segment",)


class WorkloadRule(Conditions):
    """How much selling work an account needs."""

    touches: float = setting(12.0, "Contacts needed a year", "contacts", ge=0)
    hours_per_touch: float = setting(
        1.0, "Selling hours for one contact, preparation and travel included", "hours", ge=0
    )

    def _later_columns(self) -> tuple[str, ...]:
        return ("segment", "unit")


class SegmentationSettings(Section):
    """How accounts are segmented, routed to units, and given potential and workload."""

    default_market: str = setting("World", "Market of accounts that no market names", min_length=1)
    markets: tuple[MarketSettings, ...] = setting((), "Markets in order; the first match counts")
    size_names: tuple[str, ...] = setting(
        ("small", "medium", "large", "enterprise"),
        "Names of the sizes, smallest first",
        min_length=1,
    )
    size_cuts: tuple[float, ...] = setting(
        (100, 1_000, 5_000), "Employees from which the second, third ... size starts", "employees"
    )
    revenue_cuts: tuple[float, ...] = setting(
        (), "The same by revenue, for accounts without employees; blank: learned", "currency"
    )
    missing_employees: tuple[Literal["parent", "revenue"], ...] = setting(
        ("parent", "revenue"), "What stands in for unknown employees, in this order"
    )
    minimum_pairs: int = setting(
        20,
        "Accounts with employees and revenue needed to learn one from the other",
        "accounts",
        ge=3,
    )
    industry_rules: tuple[IndustryRule, ...] = setting(
        (), "Industry groups of one's own, tried before the built-in ones"
    )
    industry_builtin: bool = setting(True, "Whether the built-in industry groups are used")
    industry_names: dict[str, str] = setting(
        {}, "Other names for built-in industry groups; one name for two merges them"
    )
    industry_order: tuple[Literal["sic", "naics", "gbt4754", "name"], ...] = setting(
        ("sic", "naics", "gbt4754", "name"), "Which industry column counts first"
    )
    large_footprint_acv: float = setting(
        100_000,
        "Annual contract value from which a customer has a large footprint",
        "currency",
        ge=0,
    )
    customer_days: int = setting(
        730,
        "A deal won within so many days makes a customer where is_customer is blank",
        "days",
        ge=1,
    )
    support: dict[str, str] = setting(
        {
            "large_footprint": "account team with a plan, sponsor and customer success",
            "new_customer": "onboarding, adoption review, first expansion",
            "prospect": "development by campaigns and BDR, AE from the first opportunity",
        },
        "Support that each lifecycle class needs",
    )
    segment_rules: tuple[SegmentRule, ...] = setting(
        (),
        "Segments in order, the first match counts; blank: large footprint, public sector, "
        "then one segment per size",
    )
    segment_owners: dict[str, str | tuple[str, ...]] = setting(
        {}, "The one accountable owner (rep_id) of each segment"
    )
    unit_rules: tuple[UnitRule, ...] = setting(
        (),
        "Units in order, the first match counts; blank: largest size and large footprint to "
        "Enterprise, smallest size to Small Business, the rest to Commercial",
    )
    coverage_models: dict[str, str] = setting(
        {
            "Enterprise": "individual match",
            "Commercial": "opportunity index",
            "Small Business": "automatic",
        },
        "How each unit allocates its accounts",
    )
    activity_days: int = setting(
        180, "An account without activity for longer is not covered", "days", ge=1
    )
    lookalike_levels: tuple[tuple[str, ...], ...] = setting(
        (("size",), ("size", "industry_group"), ("size", "industry_group", "market")),
        "Columns that make accounts alike, from coarse to fine",
    )
    potential_quantile: float = setting(
        0.75,
        "Share of look-alike customers who spend at most the potential",
        "share",
        ge=0.5,
        le=0.99,
    )
    interval: float = setting(
        0.80, "Probability that the interval of a potential is given for", "share", ge=0.5, le=0.99
    )
    minimum_customers: int = setting(
        5, "Customers with known spend needed to derive any potential", "customers", ge=3
    )
    minimum_lookalikes: int = setting(
        5, "A look-alike cell with fewer customers is grey", "customers", ge=1
    )
    workload_source: Literal["auto", "rules", "activities"] = setting(
        "auto", "Workload from rules, from logged activities, or from these where they suffice"
    )
    workload_rules: tuple[WorkloadRule, ...] = setting(
        (), "Contacts and hours in order, the first match counts; blank: built-in"
    )
    workload_prior: float = setting(
        10.0, "Account-years that the rules weigh against logged activities", "account-years", gt=0
    )
    preparation_factor: float = setting(
        1.5, "Hours of work behind one logged hour with the customer: preparation, travel", ge=1
    )
    complexity_minimum: int = setting(
        20, "A rank correlation over fewer accounts is grey", "accounts", ge=5
    )

    _cuts = field_validator("size_cuts", "revenue_cuts")(_increasing)

    @field_validator("size_names")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value) or UNKNOWN in value or "" in value:
            raise ValueError(f"different names, none of them blank or '{UNKNOWN}'")
        return value

    @field_validator("lookalike_levels")
    @classmethod
    def _levels(cls, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        for level in value:
            unknown = [name for name in level if name not in LOOKALIKE_COLUMNS]
            if unknown or not level:
                raise ValueError(f"lists of {', '.join(LOOKALIKE_COLUMNS)}")
        if any(not set(low) < set(high) for low, high in zip(value, value[1:], strict=False)):
            raise ValueError("levels that each add columns to the one before")
        return value

    @model_validator(mode="after")
    def _fitting(self) -> SegmentationSettings:
        problems = [*self._size_problems(), *self._name_problems(), *self._value_problems()]
        if self.potential_after_segment and any(
            "potential" in {**rule.at_least, **rule.below} for rule in self.segment_rules
        ):
            problems.append(
                "segment_rules may not use potential while lookalike_levels use segment"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def potential_after_segment(self) -> bool:
        """Whether look-alikes are found by segment, so that potential comes after it."""
        return any("segment" in level for level in self.lookalike_levels)

    def _size_problems(self) -> Iterable[str]:
        wanted = len(self.size_names) - 1
        places = [("size_cuts", self.size_cuts, False), ("revenue_cuts", self.revenue_cuts, True)]
        for market in self.markets:
            places.append((f"size_cuts of market {market.name}", market.size_cuts, True))
            places.append((f"revenue_cuts of market {market.name}", market.revenue_cuts, True))
        for place, cuts, may_be_blank in places:
            if len(cuts) != wanted and not (may_be_blank and not cuts):
                yield (
                    f"{place} needs {wanted} cut lines for {wanted + 1} size_names, "
                    f"found {len(cuts)}"
                )

    def _name_problems(self) -> Iterable[str]:
        names = [market.name for market in self.markets]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"market {name} stands twice"
        for market in self.markets:
            if not (market.countries or market.regions or market.provinces):
                yield f"market {market.name} names no countries, regions or provinces"
        for place in sorted(set(self.support) - set(LIFECYCLE_CLASSES)):
            yield f"support names '{place}'; lifecycle classes are {', '.join(LIFECYCLE_CLASSES)}"

    def _value_problems(self) -> Iterable[str]:
        """Find values in rules that can never occur: sizes, markets, lifecycle classes."""
        known = {
            "size": (*self.size_names, UNKNOWN),
            "market": (*(market.name for market in self.markets), self.default_market),
            "lifecycle": LIFECYCLE_CLASSES,
        }
        lists: tuple[tuple[str, tuple[Conditions, ...]], ...] = (
            ("segment_rules", self.segment_rules),
            ("unit_rules", self.unit_rules),
            ("workload_rules", self.workload_rules),
        )
        for name, rules in lists:
            for place, rule in enumerate(rules, start=1):
                for column, allowed in known.items():
                    for value in (*rule.when.get(column, ()), *rule.unless.get(column, ())):
                        if value not in allowed:
                            near = nearest(value, allowed)
                            hint = f"; did you mean '{near[0]}'?" if near else ""
                            yield (
                                f"{name} {place} asks for {column} '{value}', which does not "
                                f"exist (known: {', '.join(allowed)}){hint}"
                            )
