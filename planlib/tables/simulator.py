"""Tables of step 08_routing on simulated policies."""

from planlib.tables.contract import Column, Table

STEP = "08_routing"
_SCENARIO = Column("scenario", "text", "Spare capacity, tight capacity, or equal skill",
                   required=True)  # fmt: skip
_POLICY = Column("policy", "text", "Policy, as in the definitions", required=True)

TABLES = [
    Table(
        "policy_results",
        "output",
        "One figure of a simulated policy: mean over worlds with 95 % interval.",
        ("scenario", "policy", "floor_share", "measure"),
        (
            _SCENARIO,
            _POLICY,
            Column("floor_share", "share", "Share of leads that goes by turn", required=True),
            Column("measure", "text", "Measure, as in the definitions", required=True),
            Column("measure_order", "int", "Order of the measures", ge=0),
            Column("unit", "text", "Unit of the figures"),
            Column("value", "number", "Mean over worlds"),
            Column("low", "number", "Lower end of the interval"),
            Column("high", "number", "Upper end of the interval"),
            Column("difference", "number", "Mean of the difference to round robin, world by world"),
            Column("difference_low", "number", "Lower end of its interval"),
            Column("difference_high", "number", "Upper end of its interval"),
            Column("world_count", "int", "Worlds", ge=0),
        ),
        step=STEP,
    ),
    Table(
        "policy_shares",
        "output",
        "Share of leads and of quality that a rep gets, by place in true skill; mean over worlds.",
        ("scenario", "policy", "skill_place"),
        (
            _SCENARIO,
            _POLICY,
            Column("skill_place", "int", "1: the most skilled rep", required=True, ge=1),
            Column("lead_share", "share", "Of all leads"),
            Column("quality_share", "share", "Of the sum of quality ranks of all leads"),
        ),
        step=STEP,
    ),
]
