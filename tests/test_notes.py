"""Notes of a step: sentences as rows."""

import pytest

from planlib.charts.base import money
from planlib.notes import note_rows, notes_of, percent_above_zero, rounded
from planlib.pipeline.words import short_money


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


@pytest.mark.parametrize(
    ("number", "digits", "found"),
    [(11.95, 1, 12.0), (-11.95, 1, -12.0), (1.115, 2, 1.12), (2.5, 0, 3.0), (11.949, 1, 11.9),
     (float("inf"), 1, float("inf")), (1e20, 1, 1e20)],
)  # fmt: skip
def test_halves_round_away_from_zero_as_they_read(number: float, digits: int, found: float) -> None:
    """11.95 is held as a little less, and still reads as 12.0."""
    assert rounded(number, digits) == found


def test_sentences_and_pictures_write_the_same_money() -> None:
    """11.95 million is 12.0 in both, and so is the half of a thousand."""
    assert short_money(11_950_000, "CNY") == "12.0 M CNY"
    assert money(11_950_000) == "12.0 M"
    assert (short_money(12_250), money(12_250)) == ("12.3 k", "12.3 k")
