"""The columns of tables ``<domain>_notes``: what a step says in sentences beside its tables."""

from planlib.tables.contract import Column

#: Rows are told apart by these.
NOTE_KEY = ("kind", "note_order")


def note_columns(*kinds: str, topic: str = "What it is about") -> tuple[Column, ...]:
    """
    Give the columns of a table of notes, as ``planlib.notes.note_rows`` makes its rows.

    Parameters
    ----------
    kinds
        Kinds of notes that the step writes.
    topic
        Meaning of the column ``topic``.

    Examples
    --------
    >>> [column.name for column in note_columns("headline", "caution")]
    ['kind', 'note_order', 'topic', 'note']
    """
    return (
        Column("kind", "category", "Kind of note", allowed=kinds, required=True),
        Column("note_order", "int", "Order within the kind", required=True, ge=0),
        Column("topic", "text", topic),
        Column("note", "text", "The note", required=True),
    )


__all__ = ["NOTE_KEY", "note_columns"]
