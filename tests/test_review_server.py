"""What the server of the manager's view refuses before it listens, and what the page may do."""

from __future__ import annotations

import datetime
import socket
from pathlib import Path

import pandas as pd
import pytest

from planlib.errors import ParameterError, WorkbookError
from planlib.review_server import PAGES, ReviewOptions, is_loopback, serve_review
from planlib.review_view import ENV_REVIEW, PublishedPlan, show_review
from planlib.tables import table
from tests.report_workbook import AS_OF, example_rows, make_workbook

CYCLE = "2026Q1"


def store(path: Path, data: dict[str, object]) -> None:
    """Store rows as a table; required columns that do not matter here take an example's value."""
    contract = table(path.stem)
    rows = pd.DataFrame(data)
    for name in contract.required:
        if name not in rows.columns:
            rows[name] = example_rows(path.stem, "x")[name].iloc[0]
    contract.coerce(rows).to_parquet(path)


def make_published(folder: Path, plan: str = "") -> str:
    """Make a workbook with one published revision: a rep, an account, a plan."""
    wb = make_workbook(folder, plan)
    revision = wb.folder.path / "r1"
    rows = {
        "inputs/reps": {"rep_id": ["R1"], "name": ["Ana"], "quota": [5.0]},
        "tables/quotas": {"rep_id": ["R1"], "role": ["rep"], "quota_amount": [123456.0]},
        "tables/territory_plan": {
            "account_id": ["A1"], "block": ["all"], "is_in_scope": [True], "rep_id": ["R1"],
            "previous_rep_id": ["R1"],
        },
    }  # fmt: skip
    for name, data in rows.items():
        path = revision / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        store(path, data)
    (revision / "inputs" / "inputs.json").write_text(f'{{"as_of": "{AS_OF}", "facts": {{}}}}')
    (revision / "manifest.json").write_text("{}")
    wb.folder.pointer.write_text("r1\n")
    return str(folder)


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("127.0.0.1", True), ("127.9.0.1", True), ("::1", True), ("localhost", True),
     ("0.0.0.0", False), ("192.168.1.4", False), ("example.org", False), ("", False)],  # noqa: S104
)  # fmt: skip
def test_loopback_is_told_from_other_hosts(host: str, is_own: bool) -> None:
    """Only addresses that no other machine reaches count; a name is never looked up."""
    assert is_loopback(host) is is_own


def test_another_host_needs_a_flag(tmp_path: Path) -> None:
    """Without --allow-remote nothing is served to other machines."""
    options = ReviewOptions(workbook=make_published(tmp_path / "acme"), host="0.0.0.0")  # noqa: S104
    with pytest.raises(ParameterError, match="is not this machine alone.*--allow-remote"):
        serve_review(options, lambda _: None)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """The message says which port, and which option gives another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        options = ReviewOptions(workbook=make_published(tmp_path / "acme"), port=port)
        with pytest.raises(ParameterError, match=f"port {port} .*--port"):
            serve_review(options, lambda _: None)


def test_nothing_published_is_said(tmp_path: Path) -> None:
    """A workbook without a published cycle has no view; the command to run is named."""
    make_workbook(tmp_path / "acme")
    with pytest.raises(WorkbookError, match="nothing of any cycle is published; run: planlib run"):
        PublishedPlan(str(tmp_path / "acme"))


def test_an_unknown_audience_is_named(tmp_path: Path) -> None:
    """The message says which one was meant."""
    with pytest.raises(ParameterError, match="no audience 'leaders'; did you mean 'leadership'"):
        PublishedPlan(make_published(tmp_path / "acme"), audience="leaders")


def test_pay_is_read_only_for_those_who_may_see_it(tmp_path: Path) -> None:
    """The figure is in no table of an audience that does not see pay."""
    plan = "report:\n  audiences:\n    leadership: {}\n    finance: {sees: [pay]}\n"
    book = make_published(tmp_path / "acme", plan)
    assert "quota_amount" not in PublishedPlan(book).tables().quotas.columns
    assert PublishedPlan(book, audience="finance").tables().quotas["quota_amount"].tolist() == [
        123456.0
    ]


def test_challenges_alone_can_be_stored(tmp_path: Path) -> None:
    """A challenge is appended to its file; another decision is refused and nothing is written."""
    book = make_published(tmp_path / "acme")
    plan = PublishedPlan(book)
    with pytest.raises(
        WorkbookError, match="takes challenges, quota_challenges only, not 'territories'"
    ):
        plan.decide("territories", [{"account_id": "A1"}], who="Ana", why="x")
    assert not (tmp_path / "acme" / "overrides").exists()
    row = {"account_id": "A1", "rep_id": "R1", "reason_code": "relation"}
    assert plan.decide("challenges", [row], who="Ana", why="<script>") == ["D-0001"]
    assert plan.challenges()["why"].tolist() == ["<script>"]
    assert [one.name for one in (tmp_path / "acme" / "overrides").glob("*.csv")] == [
        "challenges.csv"
    ]
    plan.decide("challenges", [row | {"rep_id": "R2", "supersedes": "D-0001"}], who="Ana", why="b")
    end = row | {"rep_id": "R2", "supersedes": "D-0002", "effective_to": datetime.date(2020, 1, 1)}
    plan.decide("challenges", [end], who="Ana", why="withdrawn")
    assert plan.challenges()["why"].tolist() == ["<script>", "b"]


def test_the_draft_of_a_session_is_not_shown(tmp_path: Path) -> None:
    """What an interactive session wrote and nobody published stays unseen."""
    book = make_published(tmp_path / "acme")
    draft = tmp_path / "acme" / "cycles" / CYCLE / "draft" / "tables"
    draft.mkdir(parents=True)
    rows = {"account_id": ["A1", "A2"], "is_in_scope": [True, True], "rep_id": ["R1", "R1"]}
    store(draft / "territory_plan.parquet", rows)
    assert list(PublishedPlan(book).tables().accounts["account_id"]) == ["A1"]


def test_the_page_by_itself_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened without the server, the page says how it is opened."""
    monkeypatch.delenv(ENV_REVIEW, raising=False)
    assert "opened by planlib review" in show_review().value


def test_page_and_template_are_part_of_the_package() -> None:
    """The files that the server serves lie inside the package, so that the wheel has them."""
    assert (PAGES / "review.ipynb").is_file()
    assert (PAGES / "voila" / "index.html.j2").is_file()
    assert PAGES.parent.name == "planlib"
