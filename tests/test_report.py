"""Tests of the report: safe, alone, complete, for its audience, and the same each time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from planlib import charts
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView
from planlib.notes import note_rows
from planlib.report import build_report
from planlib.report.build import SECTIONS, changes, render, sections
from planlib.report.common import gaps_in
from planlib.report.finance import tie_out
from planlib.report.front import basis, compose, told_once
from planlib.report.parts import Gap, Line, Listing, Notes, Section, Text, picture
from planlib.report.rollup import listing_sheet
from planlib.steps import STEPS
from planlib.store import Workbook, open_workbook
from planlib.store.scope import RunScope
from planlib.tables import TABLES
from tests.report_workbook import AS_OF, example_rows, make_workbook, mark_sensitive
from tests.test_displays import PAYLOADS

SAFE_TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "div",
    "p", "h1", "h2", "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "a", "b", "small", "span",
    "br", "figure", "img", "table", "thead", "tbody", "tfoot", "tr", "th", "td",
    "details", "summary",
}  # fmt: skip
SAFE_ATTRIBUTES = {
    "lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "src", "alt",
    "width", "aria-label", "colspan", "scope",
}  # fmt: skip
#: Text that tries to break out of a page, a picture, a template and a sheet at once.
HARM = r"<script>alert(1)</script> $\frac{1}{2}$ {{ 7*7 }} =1+1"
OUTPUTS = [name for name, table in TABLES.items() if table.role == "output"]


class Page(HTMLParser):
    """Reads a page: tags, attributes, addresses, text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {str(value) for name, value in attrs if name in ("href", "src")}

    def handle_data(self, data: str) -> None:
        self.text += data


def fill(workbook: Workbook, text: str, *steps: str) -> Workbook:
    """Give a workbook inputs and every output table of some steps (all), with one text."""
    inputs = ("accounts", "reps", "opportunities")
    workbook.write_inputs({name: example_rows(name, text) for name in inputs}, as_of=workbook.as_of)
    for name in OUTPUTS:
        if not steps or TABLES[name].step in steps:
            workbook.write(name, example_rows(name, text))
    return workbook


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the report of a cycle whose tables all hold two rows of harmful text."""
    folder = tmp_path_factory.mktemp("built") / "acme"
    workbook = fill(make_workbook(folder, "currency: EUR\n"), HARM)
    return build_report(workbook).parent


@pytest.fixture(scope="module")
def page(built: Path) -> str:
    """The report of that cycle."""
    return (built / "report.html").read_text(encoding="utf-8")


def page_of(workbook: Workbook, *parts: Section) -> str:
    """The report of a workbook, or of made-up sections."""
    view = AudienceView(workbook)
    return render(compose(view, list(parts) or sections(view), changes(view)))


def made_up(text: str) -> Section:
    """A section with one text at every place."""
    frame = pd.DataFrame({"account_id": [text], text: [text]})
    return Section(
        step="02_segmentation", title=text, question=text,
        decided=[Line(text)], asks=[Line(text, 1.0)], problems=[Line(text, 2.0)],
        gaps=[Gap(text, text, text)], blocks=[
            Text(text), Listing(name=text, frame=frame, title=text, subtitle=text, notes=[text],
                                labels={"account_id": text}, units={text: text})],
    )  # fmt: skip


@pytest.mark.parametrize("text", PAYLOADS)
def test_text_from_data_is_only_text(tmp_path: Path, text: str) -> None:
    """Whatever stands in headings, lines, tables or notes, the page has only its own tags."""
    page = page_of(make_workbook(tmp_path / "acme"), made_up(text))
    read = Page(page)
    assert read.tags <= SAFE_TAGS
    assert read.attributes <= SAFE_ATTRIBUTES
    assert all(one.startswith(("#", "data:image/png;base64,")) for one in read.addresses)
    assert "<script" not in page.lower()


def test_every_section_escapes_what_tables_hold(page: str) -> None:
    """With harmful text in every column of every table, all sections and pictures are made."""
    read = Page(page)
    assert read.tags <= SAFE_TAGS
    assert read.attributes <= SAFE_ATTRIBUTES
    assert HARM in read.text
    assert "<script" not in page.lower()


def test_the_page_asks_for_nothing(page: str) -> None:
    """Styles and pictures are inside; no address leads out, and a policy forbids it."""
    read = Page(page)
    assert all(one.startswith(("#", "data:image/png;base64,")) for one in read.addresses)
    assert "default-src 'none'" in page
    assert not re.search(r"@import|url\(", page)
    for target in (one[1:] for one in read.addresses if one.startswith("#")):
        assert f'id="{target}"' in page


def test_the_first_page_says_what_figures_rest_on(page: str) -> None:
    """As-of date, data-until date, revision, money, filters and audience are printed."""
    text = Page(page).text
    for name in ("As of", "Data until", "Revision", "Amounts", "Filters", "Audience"):
        assert name in text
    assert AS_OF in text
    assert "EUR, ACV, without sales tax" in text


def test_steps_that_did_not_run_leave_no_hole(tmp_path: Path) -> None:
    """Only steps that wrote tables have a section; switched off steps are named as a filter."""
    workbook = make_workbook(tmp_path / "acme", "run:\n  off: [06_pipeline]\n")
    fill(workbook, "Acme", "05_key_accounts", "06_pipeline")
    page = build_report(workbook).read_text(encoding="utf-8")
    assert 'id="05_key_accounts"' in page
    assert 'id="06_pipeline"' not in page
    assert 'id="03_territories"' not in page
    assert "without Pipeline" in page


def test_an_empty_cycle_has_a_report(tmp_path: Path) -> None:
    """Before any step has run, the page says so instead of failing."""
    page = build_report(make_workbook(tmp_path / "acme")).read_text(encoding="utf-8")
    assert "no step has decided anything" in page
    assert "no control figures" in page


@pytest.mark.parametrize("step", [name for name, one in STEPS.items() if one.writes])
def test_each_step_alone_has_a_section(tmp_path: Path, step: str) -> None:
    """A report needs the tables of no other step."""
    workbook = make_workbook(tmp_path / "acme")
    for name in STEPS[step].writes:
        workbook.write(name, example_rows(name, "Acme"))
    assert f'id="{step}"' in build_report(workbook).read_text(encoding="utf-8")


@pytest.mark.parametrize("step", [name for name, one in STEPS.items() if one.writes])
def test_sections_stand_empty_tables(tmp_path: Path, step: str) -> None:
    """A step whose tables have no rows gives a section or none, never an error."""
    workbook = make_workbook(tmp_path / "acme")
    first, *others = STEPS[step].writes
    workbook.write(first, example_rows(first, "Acme"))
    for name in others:
        workbook.write(name, TABLES[name].empty())
    assert build_report(workbook).is_file()


def test_the_report_is_the_same_each_time(tmp_path: Path) -> None:
    """The same tables give the same bytes, in the page and in the roll-up."""
    workbook = fill(make_workbook(tmp_path / "acme"), "Acme", "05_key_accounts")
    rollup = workbook.target / "exchange" / "leadership.xlsx"
    first = build_report(workbook).read_bytes(), rollup.read_bytes()
    assert (build_report(workbook).read_bytes(), rollup.read_bytes()) == first


def test_changes_since_the_published_revision_are_told(tmp_path: Path) -> None:
    """A draft that differs from the published revision says by how much."""
    workbook = fill(make_workbook(tmp_path / "acme"), "Acme", "05_key_accounts")
    folder = workbook.folder
    folder.draft.rename(folder.path / "r1")
    (folder.path / "r1" / "manifest.json").write_text('{"as_of": "2026-03-31"}', encoding="utf-8")
    folder.point_to(1)
    again = open_workbook(tmp_path / "acme", "2026Q1")
    assert changes(AudienceView(again)) == []
    changed = again.read("key_accounts").assign(is_key=[False, True])
    again.write("key_accounts", changed)
    ((name, lines),) = changes(AudienceView(again))
    assert name == "revision r1"
    assert lines[0].text == "1 account entered the list of key accounts, 1 left it."


@pytest.mark.parametrize(("audience", "shown"), [("leadership", False), ("hr", True)])
def test_sensitive_columns_need_an_audience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audience: str, shown: bool
) -> None:
    """A sensitive column is in page and roll-up only for an audience that may see its class."""
    name, column = mark_sensitive(monkeypatch, "rank")
    plan = (f"report:\n  audience: {audience}\n  audiences:\n    leadership: {{}}\n"
            "    hr: {sees: [rank]}\n")  # fmt: skip
    workbook = make_workbook(tmp_path / "acme", plan)
    for table in STEPS[TABLES[name].step].writes:
        workbook.write(table, example_rows(table, "Acme"))
    workbook.write(name, example_rows(name, "Acme").assign(owner="SECRETOWNER"))
    page = build_report(workbook).read_text(encoding="utf-8")
    assert ("SECRETOWNER" in page) is shown
    assert (f"{name}.{column}" in page) is not shown
    book = openpyxl.load_workbook(workbook.target / "exchange" / "leadership.xlsx")
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert ("SECRETOWNER" in values) is shown


def test_the_roll_up_holds_the_first_page(built: Path) -> None:
    """The leadership file has the decided lines, the tables with all rows, no formula."""
    book = openpyxl.load_workbook(built / "exchange" / "leadership.xlsx")
    assert book.sheetnames[:2] == ["About", "Summary"]
    topics = {cell.value for cell in book["Summary"]["A"]}
    assert {"Decided", "Ties to finance"} <= topics
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {
        "s", "n", "d", "b"}  # fmt: skip


def test_the_roll_up_heads_columns_as_the_page_does() -> None:
    """A column without a label of its own has words, not the name that the table gives it."""
    frame = pd.DataFrame({"won_amount": [1.0], "role_group": ["AE"], "moved": [2], "2026Q1": [3]})
    made = listing_sheet(Listing(name="x", frame=frame, title="X", labels={"moved": "Moves"}))
    assert [one.name for one in made.columns] == ["Won amount", "Role group", "Moves", "2026Q1"]


def test_pictures_have_words_for_those_who_cannot_see() -> None:
    """The headline of a picture is its alternative text, escaped."""
    ax = charts.new_axes(width=3, height=2)
    charts.title(ax, 'Sales of "A" & $5 <b>')
    shown = picture(ax).__html__()
    assert 'alt="Sales of &quot;A&quot; &amp; $5 &lt;b&gt;"' in shown


def test_folded_notes_are_closed_and_count_their_lines() -> None:
    """A reader opens them; nothing is lost, and without lines nothing stands there."""
    shown = Notes(["a < b", "c"], "Words", folded=True).__html__()
    assert shown.startswith('<details class="notes"><summary>Words (2)</summary>')
    assert "<li>a &lt; b</li><li>c</li>" in shown
    assert Notes([], "Words", folded=True).__html__() == ""


def test_more_rows_than_fit_are_counted(tmp_path: Path) -> None:
    """A long table of the first page says how many lines are not shown."""
    one = made_up("x")
    many = SimpleNamespace(**{**one.__dict__, "problems": [Line(f"p{n}", 1.0) for n in range(40)]})
    page = page_of(make_workbook(tmp_path / "acme"), many)  # type: ignore[arg-type]
    assert "… and 28 more rows" in page
    asked = SimpleNamespace(**{**one.__dict__, "asks": [Line(f"a{n}", 1.0) for n in range(40)]})
    page = page_of(make_workbook(tmp_path / "acme2"), asked)  # type: ignore[arg-type]
    assert "… and 28 more: exchange/leadership.xlsx, rows To decide" in page


def test_every_step_has_a_section() -> None:
    """A new step is not forgotten in the report."""
    assert list(SECTIONS) == list(STEPS)


def test_a_run_names_the_revision_that_it_makes(tmp_path: Path) -> None:
    """Within a run, files go into the revision being built, which has the next number."""
    draft = fill(make_workbook(tmp_path / "acme"), "Acme", "05_key_accounts")
    draft.folder.draft.rename(draft.folder.building)
    scope = RunScope(draft.folder.building)
    run = Workbook(draft.root, draft.plan, draft.cycle, as_of=draft.as_of, scope=scope)
    path = build_report(run)
    assert path == draft.folder.building / "report.html"
    assert dict(basis(AudienceView(run)))["Revision"] == "r1"
    assert not draft.folder.draft.exists()


@pytest.mark.parametrize(
    ("tied", "verdict"),
    [
        ([True, True], "Yes: 2 control figures met."),
        ([True, False], "No: 1 of 2 control figures not met"),
        ([None, None], "no control figure can be compared"),
    ],
)
def test_the_first_page_says_whether_it_ties_to_finance(
    tmp_path: Path, tied: list[bool | None], verdict: str
) -> None:
    """The answer is yes, no with the largest difference, or why there is none."""
    workbook = make_workbook(tmp_path / "acme")
    checks = example_rows("tie_out", "x").assign(
        measure="closed_acv",
        is_tied=pd.array(tied, dtype="boolean"),
        difference_amount=[0.0, -1500.0],
        difference_share=[0.0, -0.03],
    )
    workbook.write("tie_out", checks)
    found = tie_out(AudienceView(workbook))
    assert verdict in found.verdict
    if False in tied:
        assert "is USD 1.5 k (3.0 %) below finance" in found.verdict
        assert found.listing is not None
        assert len(found.listing.frame) == 1
        assert found.listing.labels["where"] == "Cut"


def test_key_figures_are_shared_among_sections(tmp_path: Path) -> None:
    """With more key figures than fit, every section keeps its first."""
    view = AudienceView(make_workbook(tmp_path / "acme"))
    many = [
        Section(step=step, title=step, question="x", facts=[Fact(f"{step} {n}", n) for n in "abcd"])
        for step in STEPS
    ]
    shown = str(compose(view, many, []).facts)
    assert all(f"{step} a" in shown for step in STEPS)
    assert shown.count(": ") == 10


def test_what_a_step_says_it_lacks_is_not_said_again_by_intake():
    """Intake's line goes where the step names all its missing inputs; any other line stays."""
    step = "05_key_accounts"
    lacks = [({"needs.skill_hours"}, step), ({"account_spend", "products.margin_share"}, step),
             ({"needs.skill_hours"}, "09_projects"), (set(), step),
             ({"account_spend.amount"}, step)]  # fmt: skip
    intake = [Gap("a section", "not in the data", "", of, frozenset(missing))
              for missing, of in lacks]  # fmt: skip
    own = [Gap("Skill hours", "no need has them", "hours of needs", step,
               frozenset({"needs.skill", "needs.skill_hours"})),
           Gap("Money", "not recorded", "products.margin_share and the spend", step,
               frozenset({"account_spend"}))]  # fmt: skip
    made = [
        Section(step="01_intake", title="Intake", question="", gaps=intake),
        Section(step=step, title="Key accounts", question="", gaps=own),
    ]
    assert told_once(made) == [*intake[1:4], *own]


def test_missing_notes_of_a_step_are_gaps_under_the_name_of_its_part() -> None:
    """Only notes of kind missing count, in their order."""
    notes = note_rows({"caution": {"x": "y"}, "missing": {"b": "no table b", "a": "no table a"}})
    assert gaps_in(notes.iloc[::-1], "Council", "07_council") == [
        Gap("Council: b", "no table b", "", "07_council"),
        Gap("Council: a", "no table a", "", "07_council"),
    ]
