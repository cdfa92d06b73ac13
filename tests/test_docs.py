"""The generated pages of docs/ say what the tables and settings say, and are up to date."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Literal

import pytest

from planlib.docs import data_dictionary, settings_reference, write_docs
from planlib.plan import Plan
from planlib.settings.base import Section, setting
from planlib.tables import TABLES, Column, Table

ROOT = Path(__file__).resolve().parent.parent


class Cuts(Section):
    """Cut lines."""

    label: str = setting(..., "Label of the cut")
    above: float = setting(0.5, "From here on", "share", gt=0, le=1)


class Example(Section):
    """Settings made up for this test."""

    mode: Literal["", "fast", "exact"] = setting("fast", "How to search")
    since: datetime.date | None = setting(None, "First day | of all")
    weights: dict[str, float] = setting({"a": 2.0}, "Weights by name")
    cuts: tuple[Cuts, ...] = setting((), "Cut lines in order")
    named: dict[str, Cuts] = setting({}, "Cut lines by name")
    inner: Cuts = setting(Cuts(label="half"), "One cut")
    maybe: Cuts | None = setting(None, "A cut or none")
    words: tuple[str, ...] = setting(tuple("abcdefghijklmnopqrst"), "Many words")


class Whole(Section):
    """All settings of this test."""

    seed: int = setting(0, "Seed", ge=0)
    example: Example = setting(Example(), "An example")


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The settings reference of the made-up settings."""
    return settings_reference(Whole).splitlines()


SETTINGS = [
    "| `seed` | whole number | `0` |  | at least 0 | Seed |",
    "| `example.mode` | choice | `fast` |  | blank, `fast`, `exact` | How to search |",
    "| `example.since` | date or blank |  |  |  | First day \\| of all |",
    "| `example.weights` | number by name | `{a: 2}` |  |  | Weights by name |",
    "| `example.cuts[].label` | text | must be given |  |  | Label of the cut |",
    "| `example.named.<name>.above` | number | `0.5` | share | above 0; at most 1 | From here on |",
    "| `example.maybe` | section or blank |  |  |  | A cut or none |",
    "| `example.maybe.above` | number | `0.5` | share | above 0; at most 1 | From here on |",
    "| `example.inner.label` | text | `half` |  |  | Label of the cut |",
    "| `example.words` | list of text | see below |  |  | Many words |",
]


@pytest.mark.parametrize("line", SETTINGS)
def test_a_key_is_described_in_one_line(lines: list[str], line: str) -> None:
    """Type, default, unit, limits and meaning come from the declaration, for nested keys too."""
    assert line in lines


def test_a_long_default_stands_below_the_table(lines: list[str]) -> None:
    """A default that would stretch the table is given as YAML after it."""
    start = lines.index("Default of `example.words`:")
    assert lines[start + 2 : start + 4] == ["```yaml", "- a"]


def make_table(**changes: object) -> Table:
    """Make a table of the step that writes segments."""
    given = {
        "name": "made_up",
        "role": "output",
        "meaning": "One row per <thing>.",
        "key": ("id",),
        "step": "02_segmentation",
        "refs": {"id": ("accounts", "account_id")},
        "columns": (
            Column("id", "id", "Thing", required=True),
            Column("rank", "int", "Rank", "place", ge=1, sensitive="rank"),
            Column("share", "share", "Share of all"),
            Column("size", "category", "Size", allowed=("small", "large")),
        ),
    }
    return Table(**{**given, **changes})  # type: ignore[arg-type]


COLUMNS = [
    "One row per &lt;thing>. Key: `id`. Written by: 02_segmentation.",
    "| `id` | id |  | yes | `account_id` of accounts |  | Thing |",
    "| `rank` | int | place |  | at least 1 | rank | Rank |",
    "| `share` | share |  |  | 0 to 1 |  | Share of all |",
    "| `size` | category |  |  | small, large |  | Size |",
]


@pytest.mark.parametrize("line", COLUMNS)
def test_a_column_is_described_in_one_line(line: str) -> None:
    """Kind, unit, limits, reference, class of personal data and meaning are given."""
    assert line in data_dictionary({"made_up": make_table()}).splitlines()


def test_a_table_of_an_unknown_step_is_not_left_out() -> None:
    """A table is in the dictionary whoever writes it."""
    page = data_dictionary({"made_up": make_table(step="99_other")})
    assert "## Written by 99_other" in page
    assert "### made_up" in page


def test_every_table_and_key_is_described() -> None:
    """No table, column, section or key is missing in the pages."""
    dictionary, reference = data_dictionary(TABLES), settings_reference(Plan)
    missing = [name for name in TABLES if f"\n### {name}\n" not in dictionary]
    for table in TABLES.values():
        chapter = dictionary.split(f"\n### {table.name}\n")[1].split("\n##")[0]
        missing += [
            f"{table.name}.{name}" for name in table.by_name if f"| `{name}` |" not in chapter
        ]
    missing += [
        name
        for name in Plan.model_fields
        if f"| `{name}` |" not in reference and f"\n## {name}\n" not in reference
    ]
    assert missing == []


def test_every_key_has_a_meaning() -> None:
    """No row of either page ends with a blank meaning."""
    pages = data_dictionary(TABLES) + settings_reference(Plan)
    assert [line for line in pages.splitlines() if line.endswith("|  |")] == []


def test_the_pages_are_up_to_date(tmp_path: Path) -> None:
    """What is committed is what ``make docs`` writes now."""
    for page in write_docs(tmp_path / "docs"):
        committed = (ROOT / "docs" / page.name).read_text(encoding="utf-8")
        assert committed == page.read_text(encoding="utf-8"), f"{page.name} is old; run make docs"
