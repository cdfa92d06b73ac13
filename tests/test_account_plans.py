"""Tests of the account plans: one page each, everything said, nothing escapes, nothing leaks."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from planlib.displays import View
from planlib.report import small_pictures as small
from planlib.report.account_plans import write_account_plans
from planlib.store import Workbook
from planlib.tables import table
from tests.closeness_frames import make_rows
from tests.report_workbook import make_workbook

EVIL = "<script>alert('x')</script> & Söhne"


def make_listed(*ids: str) -> pd.DataFrame:
    """Make a list of key accounts with falling scores, and one account that is not key."""
    rows = [{"account_id": one, "stratum": EVIL, "score": 90.0 - at, "rank": at + 1,
             "cut_off_rank": 9, "is_key": True, "status": "stays", "reason": EVIL}
            for at, one in enumerate(ids)]  # fmt: skip
    rows.append({**rows[0], "account_id": "A99", "is_key": False})
    names = [column.name for column in table("key_accounts").columns]
    return table("key_accounts").coerce(pd.DataFrame(rows).reindex(columns=names))


def fill(workbook: Workbook) -> Workbook:
    """Write what a page shows of A1; A2 has nothing but its place in the list."""
    rows = {
        "key_account_projects": [
            {"account_id": "A1", "year": year, "basis": "projects", "won_count": won,
             "lost_count": 1, "won_amount": 2e6, "win_share": 0.5, "is_known": year > 2023}
            for year, won in ((2023, None), (2024, 1), (2025, 3), (2026, 0))
        ],
        "account_closeness": [
            {"account_id": "A1", "rep_id": "R1", "automatic_score": 42.0, "rated_score": 70.0,
             "rated_confidence": 0.6, "rated_date": "2026-03-20", "closeness": 42.0,
             "carried_by": "automatic", "authority_share": 0.25, "automatic_reason": ""},
        ],
        "closeness_seats": [
            {"account_id": "A1", "seat": f"seat {at} {EVIL}", "basis": "seats", "attitude": at % 3,
             "contact_id": f"C{at}", "decision_power": 0.5 - at / 20, "score": 40.0,
             "hidden_factor": "secret reason", "visible_factor": EVIL}
            for at in range(9)
        ],
        "closeness_alerts": [
            {"account_id": "A1", "alert": "silence", "seat": "one", "silent_days": 44,
             "contact_id": "C1", "detail": "champion silent for 44 days"},
        ],
        "strategy_versions": [
            {"account_id": "A1", "version": 2, "decision_id": "D", "when": "2026-01-10",
             "who": EVIL, "why": "review", "stage_goal": "second plant", "strategy": EVIL,
             "changed": "strategy: a → b", "is_current": True},
        ],
        "landing_steps": [
            {"account_id": "A1", "task": "own_advantage", "step": f"s{at}", "step_order": at,
             "title": f"step {at}", "status": status, "is_overdue": at == 1,
             "due_date": "2026-02-01", "owner_id": "R1"}
            for at, status in enumerate(("done", "open", "not begun"))
        ],
        "seat_insight": [
            {"account_id": "A1", "seats_count": 9, "visible_count": 5, "hidden_count": 2,
             "both_count": 1, "both_power_share": 0.125, "fresh_count": 3, "confidence": 0.6,
             "last_date": "2026-02-03"},
        ],
        "key_account_returns": [
            {"account_id": "A1", "hours": 40.0, "hours_cost_amount": 3000.0, "margin_amount": 9e5,
             "spend_amount": 20000.0, "projects_count": 2, "account_spend_amount": 4500.0},
        ],
        "key_account_owners": [
            {"account_id": "A1", "from_date": "2024-05-31", "to_date": "2026-03-31",
             "rep_id": "R1", "basis": "extracts"},
        ],
    }  # fmt: skip
    workbook.write("key_accounts", make_listed("A1", "A2"))
    for name, given in rows.items():
        workbook.write(name, make_rows(name, *given))
    return workbook


@pytest.fixture(name="page", scope="module")
def _page(tmp_path_factory: pytest.TempPathFactory) -> str:
    workbook = fill(make_workbook(tmp_path_factory.mktemp("plans") / "acme"))
    return write_account_plans(workbook)[0].read_text(encoding="utf-8")


def test_every_key_account_has_one_page_by_score(page: str) -> None:
    """Two pages in order; an account that is not key has none."""
    assert re.findall(r'<article class="plan" id="([^"]+)"', page) == ["plan-A1", "plan-A2"]
    assert "break-after: page" in page
    assert "size: A4" in page


def test_the_page_begins_with_projects_over_years(page: str) -> None:
    """Number and quality first; a year before the data is not known, not zero."""
    first = page[page.index('id="plan-A1"') : page.index('id="plan-A2"')]
    headings = re.findall(r"<h3>([^<]+)", first)
    assert headings[0] == "Projects: number and quality"
    assert headings[1:] == [
        "Score 90", "Needs over three horizons", "Closeness: 42, counted from records",
        "Who decides", "Strategy and goals", "Landing steps", "Open actions", "Owners",
    ]  # fmt: skip
    assert "2023: before the data begin" in first
    assert "not known" in first


def test_what_is_known_of_an_account_is_said(page: str) -> None:
    """Both parts of closeness with confidence and date, the version with why, what is late."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for told in ("Counted 42; rated 70 on 2026-03-20, confidence 60 %", "25 % of the power",
                 "champion (one) silent for 44 days", "second plant", "Version 2 of 2026-01-10",
                 "Spent on the account in the same months",
                 "strategy: a → b", "1 of 3 done", "2 more seats in the Excel file"):  # fmt: skip
        assert told in text, told
    assert 'class="t bad">2026-02-01' in page


def test_an_account_without_anything_says_what_is_missing(page: str) -> None:
    """No blank boxes."""
    last = page[page.index('id="plan-A2"') :]
    for told in ("No decided project or deal is known", "Closeness was not measured",
                 "No strategy is recorded", "No open step or task", "No need is recorded",
                 "No seat and no contact is recorded"):  # fmt: skip
        assert told in last, told


def test_what_the_data_propose_is_said_beside_the_register(tmp_path: Path) -> None:
    """Open deals and white space that nobody confirmed are not passed over as none known."""
    workbook = fill(make_workbook(tmp_path / "acme"))
    need = {"need_id": "N1", "account_id": "A1", "need": "audit", "horizon": "1-3y"}
    workbook.write("needs", make_rows("needs", need))
    proposals = [
        {"proposal_id": f"deal:{at}", "account_id": "A2", "need": "deal", "horizon": horizon,
         "value": value, "origin": "open deal", "reason": "-", "status": status}
        for at, (horizon, value, status) in enumerate(
            [("0-3m", 3e5, "proposed"), ("0-3m", 1e5, "proposed"), ("1-3y", None, "proposed"),
             ("1-3y", 9e5, "rejected")])
    ]  # fmt: skip
    workbook.write("need_proposals", make_rows("need_proposals", *proposals))
    text = write_account_plans(workbook)[0].read_text(encoding="utf-8")
    last = text[text.index('id="plan-A2"') :]
    assert "no open deal or white space is known" not in text
    assert "Not confirmed yet: 3 needs that open deals, what was bought and white space" in last
    assert "(0 to 3 months: USD 400\u00a0k)" in last


def test_won_amounts_say_that_renewals_are_left_out(tmp_path: Path) -> None:
    """Deals stand in for projects without renewals; an account that won none won 0, not unknown."""
    workbook = fill(make_workbook(tmp_path / "acme"))
    base = {"year": 2025, "basis": "deals", "lost_count": 1, "is_known": True}
    rows = [{**base, "account_id": "A1", "won_count": 1, "won_amount": 2e6},
            {**base, "account_id": "A2", "won_count": 0}]  # fmt: skip
    workbook.write("key_account_projects", make_rows("key_account_projects", *rows))
    text = write_account_plans(workbook)[0].read_text(encoding="utf-8")
    assert "<b>2.0\u00a0M</b><span>USD won 2025–2025, without renewals" in text
    assert "<b>0</b><span>USD won 2025–2025, without renewals" in text
    assert "new and expansion deals won, renewals left out, with their amount in USD" in text


def test_a_change_of_owner_in_the_territory_plan_is_said(tmp_path: Path) -> None:
    """Beside the owner of today; an owner who stays is named once."""
    workbook = fill(make_workbook(tmp_path / "acme"))
    base = {"owner_id": "R1", "gap_count": 0}
    rows = [{**base, "account_id": "A1", "planned_owner_id": "R2"},
            {**base, "account_id": "A2", "planned_owner_id": "R1"}]  # fmt: skip
    workbook.write("key_account_coverage", make_rows("key_account_coverage", *rows))
    text = write_account_plans(workbook)[0].read_text(encoding="utf-8")
    assert text.count("in the territory plan") == 1
    assert "in the territory plan" in text[text.index('id="plan-A1"') : text.index('id="plan-A2"')]


def test_text_from_data_is_escaped_and_nothing_is_fetched(page: str) -> None:
    """No script, no link to anywhere, and a policy that forbids both."""
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=\"(?!#)", page)


def test_unstated_reasons_are_shown_only_to_those_who_may_see_them(
    page: str, tmp_path: Path
) -> None:
    """The column of hidden factors is not there at all for the others."""
    assert "secret reason" not in page
    plan = "report:\n  audience: insiders\n  audiences:\n    insiders: {sees: [contact]}\n"
    open_page = write_account_plans(fill(make_workbook(tmp_path / "acme", plan)))[0]
    assert "secret reason" in open_page.read_text(encoding="utf-8")


def test_without_a_list_there_is_no_file(tmp_path: Path) -> None:
    """A cycle without step 05, or without key accounts, writes nothing."""
    workbook = make_workbook(tmp_path / "acme")
    assert write_account_plans(workbook) == []
    workbook.write("key_accounts", make_listed("A1").assign(is_key=False))
    assert write_account_plans(workbook) == []


PICTURES = [
    small.columns(["2024", EVIL], [1.0, None], ["1", "–"], label=EVIL),
    small.bars([(EVIL, 12.0, "above"), ("low", None, "not known")], most=10, label="parts"),
    small.line([10.0, None, 50.0, 120.0], ends=("a", "b"), label="trend"),
    small.line([], ends=("", ""), label="nothing"),
    small.dots(["done", "open", "not begun"], label="steps"),
    small.map_of_seats([(EVIL, 0.5, 1, 80.0), ("b", 0.5, None, None)], label="seats"),
    small.map_of_seats([], label="none"),
]


@pytest.mark.parametrize("drawn", PICTURES, ids=range(len(PICTURES)))
def test_a_small_picture_is_well_formed(drawn: View) -> None:
    """It parses as XML with text as text, and stays inside its frame."""
    root = ElementTree.fromstring(drawn.body.replace("<svg", '<svg xmlns="x"', 1))  # noqa: S314
    width = float(root.attrib["width"])
    for one in root.iter():
        for name in ("x", "cx", "x2"):
            assert 0 <= float(one.attrib.get(name, 0)) <= width


def test_a_gap_in_a_line_stays_a_gap() -> None:
    """An unknown month lifts the pen; values beyond 100 are cut at the frame."""
    drawn = small.line([10.0, 20.0, None, 40.0, 50.0], ends=("a", "b"), label="trend").body
    path = re.search(r'path d="([^"]+)"', drawn)
    assert path is not None
    assert path[1].count("M") == 2
    assert path[1].count("L") == 2


def test_seats_of_one_attitude_do_not_cover_each_other() -> None:
    """Six seats in one column are stacked, and the picture grows with them."""
    seats = [(f"s{at}", 0.2, 1, 50.0) for at in range(9)]
    drawn = small.map_of_seats(seats, label="seats").body
    heights = sorted(float(one) for one in re.findall(r'cy="([\d.]+)"', drawn))
    assert min(high - low for low, high in zip(heights, heights[1:], strict=False)) >= 19
    total = re.search(r'height="(\d+)"', drawn)
    assert total is not None
    assert float(total[1]) > heights[-1]


def test_factors_on_record_and_cost_of_the_work_are_said(page: str) -> None:
    """Seats with visible and hidden factors, and hours, money and margin; else what is missing."""
    first = page[page.index('id="plan-A1"') : page.index('id="plan-A2"')]
    for told in (
        "Visible factors are on record in 5 of 9 seats, hidden ones in 2, both in 1",
        "Last record 2026-02-03; mean confidence",
        "3 fresh",
        "40 hours",
        "Put into 2 projects decided in the last year",
        "Margin won in the last year, renewals included",
    ):
        assert told in first
    second = page[page.index('id="plan-A2"') :]
    assert "What moves the people who decide is not on record" in second
    assert "Hours of work on the account are not known" in second


def test_a_seat_that_is_not_counted_is_no_seat_with_nobody() -> None:
    """Grey where somebody is known but the owner logs too little, hollow where nobody is known."""
    blind = small.map_of_seats([("chief", 0.5, 1.0, float("nan"))], label="x").body
    nobody = small.map_of_seats([("chief", 0.5, 1.0, None)], label="x").body
    assert 'fill="none"' in nobody
    assert 'fill="none"' not in blind
