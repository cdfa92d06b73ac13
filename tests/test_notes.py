"""Notes of a step: sentences as rows."""

import pytest

from planlib.notes import note_rows, notes_of, percent_above_zero


def test_sentences_topics_and_pairs_become_rows_in_their_order() -> None:
    """Sentences have no topic, mappings and pairs have theirs, and each kind counts from 0."""
    rows = note_rows(
        {"headline": ["Up.", "Down."], "caution": {"thin": "Few deals."}, "rule": [("grey", "n")]}
    )
    assert rows.to_numpy().tolist() == [
        ["headline", 0, "", "Up."],
        ["headline", 1, "", "Down."],
        ["caution", 0, "thin", "Few deals."],
        ["rule", 0, "grey", "n"],
    ]


def test_nothing_said_is_an_empty_table_with_its_columns() -> None:
    """Without a sentence the columns are there all the same."""
    assert list(note_rows({"headline": []}).columns) == ["kind", "note_order", "topic", "note"]


def test_notes_of_a_kind_come_in_their_order_after_their_topic_in_words() -> None:
    """Shuffled rows give the same sentences; a note without a topic stands alone."""
    rows = note_rows({"caution": {"win_rate": "Few deals.", "": "Old data."}, "headline": ["Up."]})
    wanted = ["win rate: Few deals.", "Old data."]
    assert notes_of(rows, "caution") == wanted
    assert notes_of(rows.iloc[::-1], "caution") == wanted
    assert notes_of(rows, "missing") == []


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (1e-9, "under 1 %"), (0.0049, "under 1 %"), (0.0051, "1 %"), (-0.1, "-10 %")],
)
def test_a_share_above_zero_never_reads_as_none(share: float, text: str) -> None:
    """Only nothing is 0 %."""
    assert percent_above_zero(share) == text
