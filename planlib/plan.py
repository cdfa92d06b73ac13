"""The settings of a workbook: plan.yaml, read safely, validated, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import ValidationError, model_validator

from planlib.errors import SettingsError, nearest
from planlib.periods import Period
from planlib.settings.base import Section, setting
from planlib.settings.capacity import CapacitySettings
from planlib.settings.channels import ChannelsSettings
from planlib.settings.closeness import ClosenessSettings
from planlib.settings.council import CouncilSettings
from planlib.settings.crm import CrmSettings
from planlib.settings.evaluation import EvaluationSettings
from planlib.settings.forecast import ForecastSettings
from planlib.settings.general import (
    CalendarSettings,
    FiscalYearSettings,
    ReportSettings,
    RunSettings,
)
from planlib.settings.hygiene import HygieneSettings
from planlib.settings.inputs import InputsSettings
from planlib.settings.key_account_lines import KeyAccountLinesSettings
from planlib.settings.key_account_needs import KeyAccountNeedsSettings
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.settings.keys import PATTERNS
from planlib.settings.marketing import MarketingSettings
from planlib.settings.movement import MovementSettings
from planlib.settings.packs import PacksSettings
from planlib.settings.pay import ForceSizeSettings, PaySettings, PlanCheckSettings
from planlib.settings.pipeline import PipelineSettings
from planlib.settings.projects import ProjectsSettings
from planlib.settings.quotas import QuotasSettings
from planlib.settings.ranking import RankingSettings
from planlib.settings.retention import RetentionSettings
from planlib.settings.routing import RoutingSettings, SimulatorSettings
from planlib.settings.segmentation import SegmentationSettings
from planlib.settings.strategy import StrategySettings
from planlib.settings.support import SupportSettings
from planlib.settings.team_people import TeamPeopleSettings
from planlib.settings.team_structure import TeamStructureSettings
from planlib.settings.territories import TerritoriesSettings
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.settings.territory_models import TerritoryModelsSettings
from planlib.settings.yaml_text import KeyPath, read_yaml

_LARGEST_FILE = 1_000_000  # bytes
S = TypeVar("S", bound=Section)


class Plan(Section):
    """
    All settings of a workbook.

    Every key has a default, so plan.yaml holds only what differs. ``plan.<section>`` gives a
    section; ``plan.override`` is the only way to change one.
    """

    name: str = setting("", "Name of the organisation, as printed in the report")
    language: Literal["en", "zh"] = setting("en", "Language of report and pictures")
    currency: str = setting("USD", "Currency of the plan, ISO 4217", pattern="^[A-Z]{3}$")
    rates: dict[str, float] = setting(
        {}, "Value of one unit of another currency in the plan's currency"
    )
    amount_basis: Literal["ACV", "TCV", "ARR", "amount"] = setting(
        "ACV", "What an opportunity's amount is"
    )
    tax: Literal["without", "with"] = setting("without", "Whether amounts include sales tax")
    time_zone: str = setting("UTC", "Time zone of dates, IANA name")
    as_of: date | None = setting(None, "As-of date; blank: found from the inputs")
    seed: int = setting(0, "Seed of all random draws", ge=0)
    fiscal_year: FiscalYearSettings = setting(FiscalYearSettings(), "Fiscal year")
    calendar: CalendarSettings = setting(CalendarSettings(), "Working days")
    inputs: InputsSettings = setting(InputsSettings(), "Sources of the tables")
    hygiene: HygieneSettings = setting(HygieneSettings(), "Data checks")
    segmentation: SegmentationSettings = setting(SegmentationSettings(), "Segmentation")
    territories: TerritoriesSettings = setting(TerritoriesSettings(), "Territories")
    territory_models: TerritoryModelsSettings = setting(
        TerritoryModelsSettings(), "Layers, allocation models and expected sales"
    )
    territory_decisions: TerritoryDecisionsSettings = setting(
        TerritoryDecisionsSettings(), "What people decide on territories"
    )
    pay: PaySettings = setting(PaySettings(), "Pay: cost, alternatives, who may see it")
    force_size: ForceSizeSettings = setting(
        ForceSizeSettings(), "Size of the sales force by return and by workload"
    )
    plan_check: PlanCheckSettings = setting(
        PlanCheckSettings(), "Check of territories, quotas and pay together; timeline of planning"
    )
    capacity: CapacitySettings = setting(CapacitySettings(), "Capacity")
    quotas: QuotasSettings = setting(QuotasSettings(), "Quotas")
    key_accounts: KeyAccountsSettings = setting(KeyAccountsSettings(), "Key accounts")
    key_account_lines: KeyAccountLinesSettings = setting(
        KeyAccountLinesSettings(), "Key accounts: coverage, credit, duties, boundary of the lines"
    )
    key_account_needs: KeyAccountNeedsSettings = setting(
        KeyAccountNeedsSettings(), "Key accounts: needs, white space, capability"
    )
    closeness: ClosenessSettings = setting(ClosenessSettings(), "Closeness to key accounts")
    evaluation: EvaluationSettings = setting(
        EvaluationSettings(), "Evaluation of key accounts: calendar, checks, cost and return"
    )
    strategy: StrategySettings = setting(StrategySettings(), "Strategies of key accounts")
    pipeline: PipelineSettings = setting(PipelineSettings(), "Pipeline")
    movement: MovementSettings = setting(MovementSettings(), "Movement of deals and projects")
    marketing: MarketingSettings = setting(
        MarketingSettings(), "Marketing sources and creation credit"
    )
    forecast: ForecastSettings = setting(ForecastSettings(), "Forecast")
    council: CouncilSettings = setting(CouncilSettings(), "Council")
    projects: ProjectsSettings = setting(ProjectsSettings(), "Projects")
    support: SupportSettings = setting(SupportSettings(), "Support by scarce experts")
    ranking: RankingSettings = setting(RankingSettings(), "Stack ranking")
    routing: RoutingSettings = setting(RoutingSettings(), "Lead routing")
    simulator: SimulatorSettings = setting(SimulatorSettings(), "Simulator of routing policies")
    team_people: TeamPeopleSettings = setting(
        TeamPeopleSettings(), "People in the team: retention, burn-out, ladders, KPIs"
    )
    team_structure: TeamStructureSettings = setting(
        TeamStructureSettings(), "Structure of the team"
    )
    channels: ChannelsSettings = setting(ChannelsSettings(), "Channels by segment and persona")
    crm: CrmSettings = setting(CrmSettings(), "Load files of the CRM")
    run: RunSettings = setting(RunSettings(), "Running")
    report: ReportSettings = setting(ReportSettings(), "Report and Excel files")
    packs: PacksSettings = setting(PacksSettings(), "Excel packs for managers")
    retention: RetentionSettings = setting(RetentionSettings(), "Old cycles that are kept")

    @model_validator(mode="after")
    def _known_names(self) -> Plan:
        from planlib.steps import STEPS

        unknown = [step for step in self.run.off if step not in STEPS]
        if unknown:
            raise ValueError(f"run.off names no step: {unknown}; steps are {', '.join(STEPS)}")
        if self.report.audience not in self.report.audiences:
            known = ", ".join(self.report.audiences)
            raise ValueError(f"report.audience '{self.report.audience}' is none of {known}")
        if self.packs.audience and self.packs.audience not in self.report.audiences:
            known = ", ".join(self.report.audiences)
            raise ValueError(f"packs.audience '{self.packs.audience}' is none of {known}")
        if any(rate <= 0 for rate in self.rates.values()):
            raise ValueError("rates must be above 0")
        return self

    def period(self, name: str | int) -> Period:
        """Read a period's name in this plan's fiscal year."""
        return Period.parse(name, self.fiscal_year.fiscal_year())

    def section(self, name: str) -> Section:
        """
        Give a section by name.

        Raises
        ------
        SettingsError
            If there is no such section.
        """
        value = getattr(self, name, None) if name in Plan.model_fields else None
        if not isinstance(value, Section):
            sections = [key for key in Plan.model_fields if isinstance(getattr(self, key), Section)]
            raise SettingsError("plan.yaml", [_unknown_key((name,), sections)])
        return value

    def override(self, section: str, **changes: object) -> Any:
        """
        Give a section with some keys replaced; None keeps the plan's value.

        Parameters
        ----------
        section
            Name of the section.
        changes
            New values by key, checked like those of plan.yaml.

        Raises
        ------
        SettingsError
            If a key is unknown or a value is not allowed.
        """
        return changed_section(self.section(section), section, **changes)

    def hash(self, *sections: str) -> str:
        """Give a hash of the content of some sections; of the general keys when none is named."""
        if sections:
            content = {name: self.section(name).model_dump(mode="json") for name in sections}
        else:
            general = {
                name for name in Plan.model_fields if not isinstance(getattr(self, name), Section)
            }
            content = self.model_dump(mode="json", include={*general, "fiscal_year", "calendar"})
        text = json.dumps(content, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def changed_section(old: S, section: str, **changes: object) -> S:
    """
    Give a section with some keys replaced; None keeps the value it has.

    Parameters
    ----------
    old
        The section.
    section
        Its name in plan.yaml, for messages.
    changes
        New values by key, checked like those of plan.yaml.

    Raises
    ------
    SettingsError
        If a key is unknown or a value is not allowed.
    """
    given = {key: value for key, value in changes.items() if value is not None}
    try:
        return _validate(type(old), {**old.model_dump(mode="json"), **given})
    except ValidationError as error:
        problems = list(_problems(error, type(old), {}, (section,)))
        raise SettingsError("parameters", problems) from None


def load_plan(path: Path | str) -> Plan:
    """
    Read plan.yaml.

    Parameters
    ----------
    path
        The file, or the workbook folder that holds it.

    Returns
    -------
    Plan
        The settings; keys that plan.yaml does not hold have their defaults.

    Raises
    ------
    SettingsError
        With every problem at once: line, key, value found, what is allowed, nearest known key.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "plan.yaml"
    return parse_plan(_plan_file(file), str(file))


def read_settings(path: Path) -> dict[str, Any]:
    """
    Read the content of a plan.yaml, or of a fragment of one, as it stands there.

    Raises
    ------
    SettingsError
        If it is not the YAML that plan.yaml may hold.
    """
    return setting_content(_plan_file(path), str(path))


def setting_content(text: str, where: str = "plan.yaml") -> dict[str, Any]:
    """Give the content of a plan.yaml's text, not yet validated; errors as ``read_settings``."""
    return read_yaml(text, where)[0]


def _plan_file(file: Path) -> str:
    if not file.is_file():
        raise SettingsError(str(file), ["the file does not exist; a workbook needs a plan.yaml"])
    if file.stat().st_size > _LARGEST_FILE:
        raise SettingsError(str(file), [f"larger than {_LARGEST_FILE:,} bytes; not settings"])
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(
            str(file), [f"not UTF-8 at byte {error.start}; save it as UTF-8"]
        ) from None
    return text


def parse_plan(text: str, where: str = "plan.yaml") -> Plan:
    """
    Read the text of a plan.yaml.

    Raises
    ------
    SettingsError
        As ``load_plan``.
    """
    content, lines = read_yaml(text, where)
    try:
        return _validate(Plan, content)
    except ValidationError as error:
        raise SettingsError(where, list(_problems(error, Plan, lines, ()))) from None


def _validate(model: type[S], content: Mapping[str, object]) -> S:
    """Validate by JSON rules, strictly: text is never taken for a number, nor 1 for true."""
    return model.model_validate_json(json.dumps(content, default=_plain), strict=True)


def _plain(value: object) -> object:
    if hasattr(value, "item"):  # a numpy scalar
        return value.item()
    return sorted(value) if isinstance(value, set | frozenset) else str(value)


def _problems(
    error: ValidationError, model: type[Section], lines: Mapping[KeyPath, int], prefix: KeyPath
) -> Iterator[str]:
    for item in error.errors(include_url=False):
        path: KeyPath = tuple(item["loc"])
        line = next(
            (f"line {lines[path[:n]]}: " for n in range(len(path), 0, -1) if path[:n] in lines), ""
        )
        full = (*prefix, *path)
        if item["type"] == "extra_forbidden":
            yield line + _unknown_key(full, _keys_at(model, path[:-1]))
            continue
        message = item["msg"].removeprefix("Value error, ")
        allowed = message.removeprefix("Input should be ")
        if item["type"] == "string_pattern_mismatch":
            pattern = str(item["ctx"]["pattern"])
            allowed = PATTERNS.get(pattern, f"text matching {pattern}")
        dotted = ".".join(map(str, full))
        if not dotted:
            yield allowed
        elif isinstance(item["input"], Section | dict):
            yield f"{line}{dotted}: {allowed}"
        else:
            found = str(item["input"])
            found = found if len(found) <= 80 else found[:77] + "..."
            yield f"{line}{dotted} is {found!r}; allowed: {allowed}"


def _unknown_key(path: KeyPath, known: list[str]) -> str:
    near = nearest(str(path[-1]), known)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(known))}"
    return f"{'.'.join(map(str, path))} is not a known key; {hint}"


def _keys_at(model: type[Section], path: KeyPath) -> list[str]:
    """Give the keys that a section, or the items of a list or mapping of sections, may have."""
    current: Any = model
    for part in path:
        if _is_section(current):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else None
        else:
            current = _inner_section(current)
    if not _is_section(current):
        current = _inner_section(current)
    return list(current.model_fields) if current else []


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _inner_section(annotation: object) -> Any:
    """Give the section of which a list or mapping has items, or None."""
    return next(filter(_is_section, get_args(annotation)), None)
