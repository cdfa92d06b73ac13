"""Tables of step 06_pipeline on marketing: credit of sources, cost, balance, who responds."""

from functools import partial

from planlib.tables.contract import Column
from planlib.tables.declare import output_table
from planlib.tables.notes import NOTE_KEY, note_columns

STEP = "06_pipeline"
CREDIT_MODELS = ("first", "last", "even")
PHASES = ("creation", "maturing", "closing", "after", "no deal", "no touch")
LINKS = ("deal", "lead", "account", "campaign of the deal", "campaign of the lead", "")

_SCOPE = Column(
    "scope",
    "text",
    "Days meant: the period by name, or the days until the as-of date",
    required=True,
    example="2026Q1",
)
_FROM = Column("from_date", "date", "First day", required=True)
_TO = Column("to_date", "date", "Last day", required=True)
_MODEL = Column(
    "credit_model",
    "category",
    "First touch, last touch, or split evenly over the touches",
    allowed=CREDIT_MODELS,
    required=True,
)
_SOURCE = Column(
    "source",
    "text",
    "Marketing source; (unattributed): deals that no touch reached",
    required=True,
    example="events",
)
_PIPELINE = Column(
    "pipeline_amount", "amount", "Credited part of the pipeline created, at the amount at creation"
)
_PIPELINE_DEALS = Column(
    "pipeline_deals", "number", "Credited part of the deals created", "deals", ge=0
)
_ACV = Column("acv_amount", "amount", "Credited part of closed ACV")
_ACV_DEALS = Column("acv_deals", "number", "Credited part of the deals won", "deals", ge=0)
_GREY = Column("is_grey", "bool", "Too few deals or leads for a colour")
_NOTE = Column("note", "text", "Reason of a blank or weak value")
_LOW = Column("low", "share", "Lower end of its 95 % interval (Wilson)")
_HIGH = Column("high", "share", "Upper end of its 95 % interval (Wilson)")
_GROUP = Column(
    "group",
    "category",
    "Grouping of leads or customers",
    allowed=("all", "segment", "level", "size", "region"),
    required=True,
)
_GROUP_VALUE = Column("group_value", "text", "Value of the grouping", required=True)

_output = partial(output_table, STEP)

TABLES = [
    _output(
        "marketing_sources",
        "Pipeline, ACV and cost of a source, channel or campaign.",
        ("scope", "credit_model", "by", "value"),
        _SCOPE,
        _MODEL,
        Column(
            "by",
            "category",
            "Grouping",
            allowed=("all", "source", "channel", "campaign"),
            required=True,
        ),
        Column("value", "text", "Source, channel or campaign", required=True),
        _FROM,
        _TO,
        Column("name", "text", "Name of the campaign"),
        _PIPELINE,
        _PIPELINE_DEALS,
        Column("pipeline_share", "share", "Share of all pipeline created"),
        _ACV,
        _ACV_DEALS,
        Column("acv_share", "share", "Share of all closed ACV"),
        Column("campaign_cost_amount", "amount", "Cost of the campaigns, by their days in scope"),
        Column("staff_cost_amount", "amount", "Cost of their staff, by days in scope"),
        Column("cost_amount", "amount", "Both costs"),
        Column("staff_count", "number", "Staff, averaged over the scope", "full-time equivalents"),
        Column(
            "cost_per_pipeline",
            "number",
            "Cost for one unit of credited pipeline; in the "
            "total of sources with a cost, without the unattributed part",
        ),
        Column("cost_per_acv", "number", "Cost for one unit of closed ACV"),
        Column("pipeline_per_staff_amount", "amount", "Pipeline created by marketing employee"),
        Column("acv_per_staff_amount", "amount", "Closed ACV by marketing employee"),
        Column("touch_count", "int", "Touches in the scope", "touches", ge=0),
        Column(
            "audience_count",
            "int",
            "New audience: leads and accounts whose first touch of all came from here in the scope",
            ge=0,
        ),
        Column("audience_deal_count", "int", "Of these, with a deal created since", ge=0),
        _GREY,
        _NOTE,
    ),
    _output(
        "marketing_cells",
        "Pipeline and ACV of a source by product, industry, region or segment.",
        ("scope", "credit_model", "source", "cut", "cut_value"),
        _SCOPE,
        _MODEL,
        _SOURCE,
        Column("cut", "text", "Cut, such as region", required=True),
        Column("cut_value", "text", "Value of the cut", required=True),
        _PIPELINE,
        _PIPELINE_DEALS,
        _ACV,
        _ACV_DEALS,
        _GREY,
    ),
    _output(
        "marketing_balance",
        "What a source does for the creation, the maturing and the closing of deals.",
        ("scope", "source", "phase"),
        _SCOPE,
        _SOURCE,
        Column(
            "phase",
            "category",
            "creation: until the deal's creation; maturing: after it; closing: in the last open "
            "stage; after: once closed; no deal: the touch reached none; no touch: cost without",
            allowed=PHASES,
            required=True,
        ),
        Column("touch_count", "int", "Touches in the scope", "touches", ge=0),
        Column("deal_count", "int", "Deals touched in this phase", "deals", ge=0),
        Column(
            "deal_amount", "amount", "Amount of these deals: touched, not credited; does not add up"
        ),
        Column("touch_share", "share", "Share of the source's touches"),
        Column("cost_amount", "amount", "Cost of the campaigns in scope, even over their touches"),
        Column("cost_share", "share", "Share of the source's cost"),
        _NOTE,
    ),
    _output(
        "marketing_response",
        "How leads of a source or channel respond, by group.",
        ("scope", "by", "by_value", "group", "group_value"),
        _SCOPE,
        Column(
            "by",
            "category",
            "Source of the lead, or channel of its campaign",
            allowed=("source", "channel"),
            required=True,
        ),
        Column("by_value", "text", "Source or channel", required=True),
        _GROUP,
        _GROUP_VALUE,
        Column("lead_count", "int", "Leads created in the scope", "leads", ge=0),
        Column("answered_count", "int", "Leads that we answered", "leads", ge=0),
        Column("converted_count", "int", "Leads that became a deal", "leads", ge=0),
        Column("converted_share", "share", "Converted / leads"),
        _LOW,
        _HIGH,
        Column("won_count", "int", "Leads whose deal is won", "leads", ge=0),
        Column("pipeline_amount", "amount", "Amount of their deals, at creation"),
        Column(
            "status",
            "category",
            "selected: the group is known for converted leads rather than for others",
            allowed=("", "selected"),
        ),
        _GREY,
        _NOTE,
    ),
    _output(
        "customer_engagement",
        "Where customers engage, by segment and by level of the person.",
        ("scope", "kind", "channel", "group", "group_value"),
        _SCOPE,
        Column(
            "kind",
            "category",
            "Touch of marketing, or activity of sales",
            allowed=("marketing", "sales"),
            required=True,
        ),
        Column("channel", "text", "Channel of the touch, or type of the activity", required=True),
        _GROUP,
        _GROUP_VALUE,
        Column("way", "text", "Face to face, remote, or not recorded"),
        Column("contact_count", "int", "Touches or activities", ge=0),
        Column("account_count", "int", "Accounts concerned", "accounts", ge=0),
        Column("group_share", "share", "Share of the group's touches or activities"),
        Column("inbound_count", "int", "Of the activities, started by the customer", ge=0),
        Column("inbound_share", "share", "Started by the customer / all"),
        _LOW,
        _HIGH,
        _GREY,
    ),
    _output(
        "marketing_accounts",
        "An account that account-based campaigns have reached, and what came of it in the scope "
        "from its first touch on.",
        ("scope", "account_id"),
        _SCOPE,
        Column("account_id", "id", "Account", required=True),
        Column("name", "text", "Name of the account"),
        Column("segment", "text", "Segment of the account"),
        Column("first_touch_date", "date", "First touch of such a campaign"),
        Column("touch_count", "int", "Touches of such campaigns in the scope", "touches", ge=0),
        Column(
            "engaged_count",
            "int",
            "Activities since, in the scope, that the customer started",
            ge=0,
        ),
        Column("created_count", "int", "Deals created since, in the scope", "deals", ge=0),
        Column("pipeline_amount", "amount", "Their amount at creation"),
        Column(
            "pipeline_credited_amount",
            "amount",
            "Pipeline of the scope credited to account-based marketing, by marketing.credit",
        ),
        Column("won_count", "int", "Deals won since, in the scope", "deals", ge=0),
        Column("acv_amount", "amount", "Their amount"),
        Column(
            "acv_credited_amount",
            "amount",
            "Closed ACV of the scope credited to account-based marketing, by marketing.credit",
        ),
    ),
    _output(
        "marketing_deals",
        "One touch credited with part of one deal, or a deal that no touch reached.",
        ("scope", "credit_model", "figure", "opportunity_id", "touch_id"),
        _SCOPE,
        _MODEL,
        Column("figure", "category", "Which figure", allowed=("pipeline", "acv"), required=True),
        Column("opportunity_id", "id", "Deal", required=True),
        Column("touch_id", "id", "Touch; - where no touch reached the deal", required=True),
        Column("name", "text", "Name of the deal"),
        Column("touch_date", "date", "Day of the touch"),
        Column("campaign_id", "id", "Campaign"),
        _SOURCE,
        Column("channel", "text", "Channel"),
        Column("link", "category", "How the touch is linked to the deal", allowed=LINKS),
        Column("share", "share", "Share of the deal that is credited"),
        Column("credited_amount", "amount", "Amount credited; blank: the deal has none"),
    ),
    _output(
        "marketing_notes",
        "A definition, a headline, a caution, or what is missing, on credit and marketing.",
        NOTE_KEY,
        *note_columns(
            "headline", "definition", "caution", "missing", topic="Figure or table concerned"
        ),
    ),
]
