"""What a step writes and what people decide, declared in few words."""

from planlib.tables.contract import Column, Table

#: First columns of every table of decisions: who decided, when, why, and from when to when.
DECISION = (
    Column("decision_id", "id", "Decision; unique in its file", required=True),
    Column("who", "text", "Who decided", required=True),
    Column("when", "date", "Day of the decision", required=True),
    Column("why", "text", "Reason", required=True),
    Column("effective_from", "date", "In force from; blank: at once"),
    Column("effective_to", "date", "In force until; blank: until superseded"),
    Column("supersedes", "id", "Decision that this one replaces"),
)


def output_table(
    step: str, name: str, meaning: str, key: tuple[str, ...], *columns: Column
) -> Table:
    """Declare a table that a step writes; a module binds its step with ``functools.partial``."""
    return Table(name, "output", meaning, key, columns, step=step)


def override_table(
    kind: str, meaning: str, *columns: Column, refs: dict[str, tuple[str, str]] | None = None
) -> Table:
    """Declare decisions of one kind by people: table ``override_<kind>``."""
    return Table(
        f"override_{kind}", "override", meaning, ("decision_id",), (*DECISION, *columns),
        refs=refs or {},
    )  # fmt: skip


__all__ = ["DECISION", "output_table", "override_table"]
