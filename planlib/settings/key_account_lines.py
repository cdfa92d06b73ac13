"""Settings of the lines of key accounts: who leads, who is credited, duties, boundary."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, setting

LogKind = Literal["task", "training", "guidance", "support", "partner", "campaign"]
#: Kinds of entries in the log of a director.
LOG_KINDS: tuple[LogKind, ...] = get_args(LogKind)
PartnerKind = Literal[
    "contractor", "integrator", "design_institute", "distributor", "service", "other"
]
#: Kinds of partner firms.
PARTNER_KINDS: tuple[PartnerKind, ...] = get_args(PartnerKind)
Part = Literal["A", "R", "A/R", "C", "I", "-"]


class DirectorDuty(Section):
    """One duty of the regional key-account director."""

    key: str = setting("", "Short name, such as partners; overrides name it", min_length=1)
    title: str = setting("", "The duty as people read it")
    days: int = setting(365, "Evidence and entries older than this do not count", "days", ge=1)
    log_kinds: tuple[LogKind, ...] = setting(
        (), "Kinds of entries in the director's log that show it where no other data do"
    )


_DUTIES = (
    DirectorDuty(key="project_approval", days=180,
                 title="Go or no-go of key-account projects, call-up of delivery, early phases"),
    DirectorDuty(key="presales_help", days=180, log_kinds=("support",),
                 title="Presales help on request of a branch, before a deal is opened"),
    DirectorDuty(key="partner_development",
                 title="Partners of the region: contractors, integrators, design institutes"),
    DirectorDuty(key="partner_coordination", log_kinds=("partner",),
                 title="Branch and solution resources brought together for key partners"),
    DirectorDuty(key="training", log_kinds=("training",),
                 title="Communication with the branches, training of their staff"),
    DirectorDuty(key="supervision", days=180, log_kinds=("guidance",),
                 title="Supervision of the branches' industry sales, advice to their leaders"),
    DirectorDuty(key="gap_filling", days=180,
                 title="Sells in person where the key-account base is weak"),
    DirectorDuty(key="number", title="Carries the number of the key accounts"),
    DirectorDuty(key="layout", log_kinds=("campaign",),
                 title="Regional plan, strategy, new solutions, campaigns"),
    DirectorDuty(key="care", days=180, title="Care and upgrade of key accounts"),
    DirectorDuty(key="partner_network",
                 title="Partner network with the channel department"),
)  # fmt: skip


class BoundaryStep(Section):
    """One step of work and who is responsible for it in the three lines."""

    step: str = setting("", "What is done", min_length=1)
    account_line: Part = setting("-", "Part of the account line")
    project_line: Part = setting("-", "Part of the project line")
    support_line: Part = setting("-", "Part of the support line")
    hand_over: str = setting("", "What passes to the next step, and when")
    credit_rule: str = setting("", "Who is credited")

    @model_validator(mode="after")
    def _one_answers(self) -> Self:
        parts = (self.account_line, self.project_line, self.support_line)
        if sum("A" in part for part in parts) != 1 or not any("R" in part for part in parts):
            raise ValueError(
                f"exactly one line that answers for it (A or A/R) and at least one that does it "
                f"(R or A/R); step '{self.step}' has {', '.join(parts)}"
            )
        return self


_BOUNDARY = (
    BoundaryStep(step="Score and list of key accounts", account_line="A/R", project_line="C",
                 support_line="I", hand_over="list published each quarter",
                 credit_rule="no credit: judged by projects over three years and more"),
    BoundaryStep(step="Needs, stakeholders, closeness", account_line="A/R", project_line="C",
                 support_line="C", hand_over="a need inside twelve months goes to the project line",
                 credit_rule="no credit: judged by number and quality of projects"),
    BoundaryStep(step="Opening of an opportunity", account_line="R", project_line="A",
                 support_line="I", hand_over="need, buying centre and sponsor in writing",
                 credit_rule="created by the local rep"),
    BoundaryStep(step="Go or no-go of a large project", account_line="A/R", project_line="R",
                 support_line="C", hand_over="approval, budget and experts called up",
                 credit_rule="none"),
    BoundaryStep(step="Opportunity to contract", account_line="C", project_line="A/R",
                 support_line="R", hand_over="contract, promises made, people of the customer",
                 credit_rule="counted once: owner and revenue splits; credited: overlay splits and "
                 "the functional line"),
    BoundaryStep(step="Experts and solutions", account_line="C", project_line="R",
                 support_line="A/R", hand_over="request with skill, hours and dates",
                 credit_rule="overlay split where agreed beforehand"),
    BoundaryStep(step="Contract to cash", account_line="I", project_line="A/R",
                 support_line="R", hand_over="accepted delivery, payments received",
                 credit_rule="none: payments are followed by project"),
    BoundaryStep(step="What the project taught", account_line="A", project_line="R",
                 support_line="C", hand_over="closeness and needs of three years, after the close",
                 credit_rule="none"),
)  # fmt: skip


class KeyAccountLinesSettings(Section):
    """Who leads key accounts in two lines, who is credited, and who is responsible for what."""

    director_roles: tuple[str, ...] = setting(
        ("KA director", "key account director", "key-account director"),
        "Roles of regional key-account directors; who leads somebody functionally counts as one "
        "where nobody has such a role",
    )
    functional_credit_share: float = setting(
        1.0,
        "Share of a booking of a key account that is credited to the functional line on top of "
        "the counted credit; 0: none",
        "share",
        ge=0,
        le=1,
    )
    credit_quarters: int = setting(
        4, "Fiscal quarters of the credit ledger, the one at hand included", "quarters", ge=1, le=12
    )
    expected_partners: tuple[PartnerKind, ...] = setting(
        ("contractor", "integrator", "design_institute"),
        "Kinds of partner that every region should have; a region without an active one has a gap",
    )
    region_partners: dict[str, tuple[PartnerKind, ...]] = setting(
        {}, "Kinds that single regions, by name, should have instead; []: none is expected there"
    )
    trained_share: float = setting(
        0.5, "Share of a director's reps trained in time from which training is done", "share",
        gt=0, le=1,
    )  # fmt: skip
    cared_share: float = setting(
        0.8,
        "Share of a director's key accounts with a contact by the functional line in time from "
        "which care is done",
        "share",
        gt=0,
        le=1,
    )
    duties: tuple[DirectorDuty, ...] = setting(
        _DUTIES, "Duties of the regional key-account director, in the order of the checklist"
    )
    boundary: tuple[BoundaryStep, ...] = setting(
        _BOUNDARY, "Who is responsible for which step in the three lines, hand-over and credit"
    )

    def partners_of(self, region: str) -> tuple[PartnerKind, ...]:
        """Give the kinds of partner that a region should have."""
        return self.region_partners.get(region, self.expected_partners)

    @field_validator("duties")
    @classmethod
    def _duties(cls, value: tuple[DirectorDuty, ...]) -> tuple[DirectorDuty, ...]:
        keys = [duty.key for duty in value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"each duty once; {', '.join(twice)} repeat")
        return value
