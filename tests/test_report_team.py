"""The report's section on structure and channels, and their pictures."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from planlib.charts import team_structure as charts
from planlib.plan import Plan
from planlib.report import team as report
from planlib.report.folds import opened
from planlib.report.parts import Listing, Picture
from planlib.tables import table
from planlib.team import review_channels, review_structure, structure_tables
from tests.structure_frames import AS_OF, channel_rules, make_inputs, rules
from tests.test_team_channels import make_inputs as make_channels


@dataclass
class View:
    """The tables of a cycle as the report reads them."""

    tables: dict[str, pd.DataFrame]
    plan: Plan = field(default_factory=Plan)
    as_of: Any = AS_OF

    def rows(self, name: str) -> pd.DataFrame:
        """Give a table without what only some may see, or its columns."""
        frame = self.tables.get(name, table(name).empty())
        return frame.drop(columns=table(name).sensitive())

    def read(self, name: str) -> pd.DataFrame:
        """Give a table that is there."""
        return self.tables[name]

    def get(self, name: str) -> pd.DataFrame | None:
        """Give a table, or None."""
        return self.tables.get(name)

    def has(self, name: str) -> bool:
        """Tell whether the cycle has a table."""
        return name in self.tables


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    pyplot.close("all")


@cache
def results() -> dict[str, pd.DataFrame]:
    """Give the tables of a small team, made once."""
    structure = review_structure(make_inputs(), rules(minimum_coverage=0.0), AS_OF, currency="EUR")
    channels = review_channels(make_channels(), channel_rules(minimum_cases=5), AS_OF)
    return structure_tables(structure, channels)


def make_view(**changes: pd.DataFrame) -> Any:
    """Give the tables with some replaced."""
    return View({**results(), **changes})


def written(axes: Any) -> str:
    """Give all text of a picture."""
    return " ".join(text.get_text() for text in axes.figure.findobj(Text))


def test_the_tables_of_both_parts_keep_their_contracts() -> None:
    """All tables of structure and channels are there, notes of both in one."""
    for name, frame in results().items():
        table(name).check(frame)
    notes = results()["structure_notes"]
    assert {"heads today", "response share"} <= set(notes["topic"])
    assert notes.duplicated(["kind", "note_order"]).sum() == 0


def test_the_section_shows_pictures_and_short_tables() -> None:
    """Headlines are decided, pictures drawn, nothing that only some may see is shown."""
    section = report.section(make_view())
    assert section is not None
    assert any("posts sell or support" in line.text for line in section.decided)
    assert sum(isinstance(block, Picture) for block in opened(section.blocks)) == 1
    names = {block.name for block in opened(section.blocks) if isinstance(block, Listing)}
    assert names == {"Team scenarios", "Team changes", "Ways of selling", "Content by persona",
                     "Prospecting"}  # fmt: skip
    assert section.facts[0].value == 4
    shown = html.unescape("".join(block.__html__() for block in section.blocks))
    assert "47 % inside" in shown


def test_without_accounts_the_section_says_so() -> None:
    """Roles alone: no picture of heads, a gap names what is missing."""
    structure = review_structure(make_inputs(accounts=None), rules(), AS_OF)
    channels = review_channels(make_channels(activities=None, leads=None), channel_rules(), AS_OF)
    section = report.section(View(structure_tables(structure, channels)))  # type: ignore[arg-type]
    assert section is not None
    assert not any(isinstance(block, Picture) for block in opened(section.blocks))
    assert any("accounts is missing" in gap.because for gap in section.gaps)


def test_there_is_no_section_without_roles() -> None:
    """A cycle in which the step did not run has none."""
    assert report.section(View({})) is None  # type: ignore[arg-type]


def test_a_change_of_posts_is_said() -> None:
    """Against an earlier state the difference of posts is written with its sign."""
    earlier = results()["structure_scenarios"].assign(heads=3)

    class Before:
        """An earlier state."""

        @staticmethod
        def get(name: str) -> pd.DataFrame | None:
            """Give its scenarios."""
            return earlier if name == "structure_scenarios" else None

    lines = report.changes(make_view(), Before())  # type: ignore[arg-type]
    assert [line.text for line in lines] == ["There are +1 selling posts against before."]


def test_the_map_writes_heads_of_every_cell() -> None:
    """Regions and segments are named, and today's heads stand before the arrow."""
    text = written(charts.plot_structure_map(results()["structure_heads"]))
    assert all(name in text for name in ("North", "South", "Large", "Small"))
    assert text.count("→") >= 4


def test_the_benchmark_is_a_mark_and_moves_no_head() -> None:
    """Drawn with and without it, the bars are the same."""
    rows = results()["structure_scenarios"]
    plain = charts.plot_mix(rows)
    marked = charts.plot_mix(rows, 0.47, "one survey")
    bars = [
        [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
        for axes in (plain, marked)
    ]
    assert bars[0] == bars[1]
    assert len(marked.collections) == len(rows)
    assert "one survey" in written(marked)


def test_small_cells_of_the_channels_are_grey() -> None:
    """A cell with too few people has the colour of no finding, and keeps its number."""
    rows = results()["channel_response"]
    pale = rows.assign(is_grey=True)
    axes = charts.plot_channels(pale)
    colors = {patch.get_facecolor() for patch in axes.patches}
    assert len(colors) == 1
    assert "%" in written(axes)


@pytest.mark.parametrize(
    ("draw", "name"),
    [
        (charts.plot_structure_map, "structure_heads"),
        (charts.plot_mix, "structure_scenarios"),
        (charts.plot_channels, "channel_response"),
    ],
)
def test_an_empty_picture_says_why(draw: Any, name: str) -> None:
    """Without rows there is a sentence, not an empty frame."""
    assert not draw(table(name).empty()).axison
    assert not charts.plot_scenarios(table("structure_paths").empty())[0].axison
