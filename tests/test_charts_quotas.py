"""Pictures and report section of capacity and quotas."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts import quotas as charts
from planlib.charts.base import figure_png
from planlib.plan import Plan
from planlib.quotas import RESULTS
from planlib.report import quotas as report
from planlib.report.folds import listings_of
from planlib.report.parts import Picture
from planlib.tables import table
from tests.quota_frames import AS_OF
from tests.test_quotas_review import make_tables, review


@dataclass
class View:
    """The tables of a cycle as an audience may see them."""

    tables: dict[str, pd.DataFrame]
    sees: tuple[str, ...] = ("pay",)
    plan: Plan = field(default_factory=Plan)
    as_of: Any = AS_OF

    def rows(self, name: str) -> pd.DataFrame:
        """Give a table, or its columns, without those that are hidden."""
        found = self.tables.get(name, table(name).empty())
        return table(name).spared(found, self.sees)

    def get(self, name: str) -> pd.DataFrame | None:
        """Give a table, or None."""
        return self.rows(name) if name in self.tables else None

    def has(self, name: str) -> bool:
        """Tell whether the cycle has a table."""
        return name in self.tables


@pytest.fixture(autouse=True)
def _close_pictures() -> Iterator[None]:
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def found() -> dict[str, pd.DataFrame]:
    """The tables of a small step 04."""
    return review(make_tables()).tables


def texts(ax: Any) -> str:
    """Give headline and every text of a picture."""
    return " ".join([ax.get_title(loc="left"), *(one.get_text() for one in ax.texts)])


def names_of(ax: Any) -> list[str]:
    """Give the names of the rows."""
    return [one.get_text() for one in ax.get_yticklabels()]


def test_the_fan_shows_target_and_scenarios(found):
    """The interval, the median, two scenarios and the target have their names."""
    ax = charts.plot_capacity(found["capacity_months"], currency="EUR")
    said = [one.get_text() for one in ax.get_legend().get_texts()]
    assert said == ["8 of 10 futures", "capacity (median)", "weak onboarding", "no hires",
                    "target of the year / 12"]  # fmt: skip
    assert figure_png(ax)


def test_cohorts_stack_to_all_effective_reps(found):
    """Old half-years are put together; hires, seats and replacements stay apart."""
    ax = charts.plot_cohorts(found["capacity_cohorts"])
    said = {one.get_text() for one in ax.get_legend().get_texts()}
    assert {"open seats", "planned hires", "replacements"} <= said


def test_bars_of_a_level_fill_the_one_above(found):
    """Both managers' bars together are as long as the company's, and begin where one ends."""
    ax = charts.plot_levels(found["quota_levels"])
    boxes = [one.get_bbox() for one in ax.patches]
    assert names_of(ax)[:2] == ["Company", "Head"]
    company, _, first, second = boxes
    assert first.x1 == pytest.approx(second.x0)
    assert second.x1 == pytest.approx(company.x1)


def test_levels_show_the_blended_target_and_the_one_that_is_set(found):
    """The first manager has a target of 500 that people have set, and another blended one."""
    ax = charts.plot_levels(found["quota_levels"])
    assert "set 500" in texts(ax)
    assert sum("set" in one.get_text().split() for one in ax.texts) == 1


def test_differences_of_capacity_and_goal_are_points(found):
    """Shares in percent, their difference in percentage points."""
    section = report.section(View(found))  # type: ignore[arg-type]
    assert section is not None
    listing = next(one for one in listings_of(section.blocks) if one.name == "Capacity alignment")
    rows = found["capacity_alignment"].dropna(subset="difference")
    most = float(rows["difference"].abs().max())
    assert listing.frame["difference"].abs().max() == pytest.approx(100 * most, abs=0.05)
    assert listing.units["difference"] == "percentage points"


def test_the_most_stretched_rep_is_on_top(found):
    """Names are written as text, seats say what they are."""
    ax = charts.plot_stretch(found["quotas"], {"a": "Ann $"})
    top = found["quotas"].sort_values("stretch_rank")["rep_id"].iloc[0]
    known = {"a": "Ann \\$"}
    assert names_of(ax)[0].startswith(known.get(top, top))
    assert "Ann \\$" in names_of(ax)
    assert any("open seat" in one for one in names_of(ax))


def test_the_chosen_over_assignment_is_written(found):
    """The point on the curve has factor and chance beside it."""
    chosen = found["over_assignment_curve"].query("is_chosen").iloc[0]
    said = texts(charts.plot_over_assignment(found["over_assignment_curve"]))
    assert f"chosen: {100 * chosen['over_assignment']:.0f} %" in said


def test_ramp_curves_say_what_they_rest_on(found):
    """The role with basis and weight."""
    ax = charts.plot_ramp(found["ramp_curves"])
    assert "AE:" in ax.get_legend().get_texts()[0].get_text()


def test_empty_tables_say_why():
    """No picture is empty without a reason."""
    for plot, name in (
        (charts.plot_capacity, "capacity_months"), (charts.plot_cohorts, "capacity_cohorts"),
        (charts.plot_ramp, "ramp_curves"), (charts.plot_levels, "quota_levels"),
        (charts.plot_stretch, "quotas"), (charts.plot_over_assignment, "over_assignment_curve"),
    ):  # fmt: skip
        assert "see the notes" in texts(plot(table(name).empty()))


def test_the_section_answers_and_asks(found):
    """Headlines, three key figures, the decision on the gap; the year first, the rest in folds."""
    section = report.section(View(found))  # type: ignore[arg-type]
    assert section is not None
    assert [one.label for one in section.facts] == [
        "Target of the year", "Quotas of the plan", "Chance to reach the target",
    ]  # fmt: skip
    assert any("differ by" in line.text for line in section.asks)
    assert sum(isinstance(block, Picture) for block in section.blocks) == 1
    assert section.blocks[0].alt == "The year so far, and what people can still sell"  # type: ignore[attr-defined]
    page = html.unescape("".join(block.__html__() for block in section.blocks))
    assert "Target, bottom-up and quotas by level" in page


def test_quotas_of_people_are_for_allowed_audiences_alone(found):
    """Without the class pay there is no list of stretched quotas, and no level of one person."""
    section = report.section(View(found, sees=()))  # type: ignore[arg-type]
    assert section is not None
    names = [block.name for block in listings_of(section.blocks)]
    assert "Stretched quotas" not in names
    levels = next(one for one in listings_of(section.blocks) if one.name == "Quota levels")
    assert (levels.frame["carriers_count"] >= 5).all()
    assert len(levels.frame)
    left = len(found["quota_levels"]) - len(levels.frame)
    assert left > 0
    assert list(levels.notes) == [
        f"{left} {'row' if left == 1 else 'rows'} not shown to this audience: the sums, or what is "
        "left of other sums, would show the quotas of few people."
    ]
    for name in ("Quota levels", "Year to date", "Capacity alignment"):
        whole = report.section(View(found))  # type: ignore[arg-type]
        assert whole is not None
        listing = next(one for one in listings_of(whole.blocks) if one.name == name)
        assert listing.notes == [], name
        assert "Due" not in listing.labels.values(), "a share of the target, not a due date"


def test_the_chance_says_what_it_assumes(found):
    """Beside the chance of the plan stands that of the quotas in force."""
    section = report.section(View(found))  # type: ignore[arg-type]
    assert section is not None
    note = section.facts[-1].note
    assert "if sales follow higher quotas in full" in note
    assert note.endswith("at those in force")
    hidden = View(found, sees=()).rows("quotas")
    assert not {"quota_amount", "bottom_up_amount", "stretch"} & set(hidden.columns)


def test_changes_since_an_earlier_state_are_told(found):
    """Target and chance then and now; nothing without an earlier state."""
    view: Any = View(found)

    class Earlier:
        """A state with a smaller target."""

        def get(self, name: str) -> pd.DataFrame | None:
            """Give the street quotas of that state."""
            return found[name].assign(target_amount=600.0, probability=0.5)

    lines = report.changes(view, Earlier())  # type: ignore[arg-type]
    assert "Target USD 600 before, USD 1.2 k now" in lines[0].text
    assert report.changes(View({}), Earlier()) == []  # type: ignore[arg-type]


def test_nothing_is_shown_of_a_step_that_did_not_run():
    """No notes, no section."""
    assert report.section(View({})) is None  # type: ignore[arg-type]
    assert set(RESULTS) == set(review({"reps": None}).tables)
