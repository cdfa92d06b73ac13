"""Input tables of projects: from opportunity to contract, and from contract to cash."""

from planlib.tables.contract import Column, Table

TABLES = [
    Table(
        "projects",
        "input",
        "One project from opportunity to contract to cash.",
        ("project_id",),
        (
            Column("project_id", "id", "Project", required=True),
            Column("opportunity_id", "id", "Opportunity it grew from"),
            Column("account_id", "id", "Account"),
            Column("name", "text", "Name"),
            Column("stage", "text", "Project stage, such as design institute, tender, contract"),
            Column("contract_amount", "amount", "Contract amount", ge=0),
            Column("contract_date", "date", "Day of the contract", is_past=True),
            Column("margin_share", "share", "Margin share of the contract", ge=-10),
            Column("input_cost_amount", "amount", "Cost put in to win it", ge=0),
            Column("start_date", "date", "First day of delivery"),
            Column("due_date", "date", "Delivery promised"),
            Column("delivered_date", "date", "Delivery accepted", is_past=True),
            Column(
                "status",
                "category",
                "State",
                allowed=("open", "won", "lost", "delivered", "closed"),
            ),
            Column(
                "loss_cause",
                "category",
                "Cause of a loss",
                allowed=("relation", "support", "both", "other"),
            ),
            Column("skill", "text", "Scarce skill needed"),
            Column("skill_hours", "number", "Hours of that skill", "hours", ge=0),
            Column("support_from", "date", "Support needed from"),
            Column("support_to", "date", "Support needed until"),
        ),
        refs={
            "opportunity_id": ("opportunities", "opportunity_id"),
            "account_id": ("accounts", "account_id"),
        },
        spans=(
            ("start_date", "due_date"),
            ("start_date", "delivered_date"),
            ("support_from", "support_to"),
        ),
    ),
    Table(
        "payments",
        "input",
        "One payment milestone of a project.",
        ("payment_id",),
        (
            Column("payment_id", "id", "Payment milestone", required=True),
            Column("project_id", "id", "Project", required=True),
            Column(
                "milestone",
                "category",
                "Milestone",
                allowed=("advance", "delivery", "acceptance", "retention", "other"),
            ),
            Column("due_date", "date", "Due"),
            Column("due_amount", "amount", "Amount due", ge=0),
            Column("received_date", "date", "Received", is_past=True),
            Column("received_amount", "amount", "Amount received", ge=0),
        ),
        refs={"project_id": ("projects", "project_id")},
    ),
]
