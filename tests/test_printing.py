"""The report as PDF: the right paper, whole or not at all, and words where no browser is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from planlib import cli, resources
from planlib.cycle import printing
from planlib.cycle.printing import ENV_BROWSER, find_browser, print_report
from planlib.displays import CSS
from planlib.errors import RunError, WorkbookError
from planlib.report import build_report
from tests.faults import tiny
from tests.report_workbook import make_workbook
from tests.test_report import fill

POINTS = {"A4": (595, 842), "Letter": (612, 792)}
needs_browser = pytest.mark.skipif(
    find_browser() is None, reason="no Chromium, Chrome or Edge on this machine"
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workbook with two published revisions, each with a report."""
    monkeypatch.chdir(tmp_path)
    root = tiny.make_workbook(tmp_path)

    def write_report(wb):  # type: ignore[no-untyped-def]
        mark = wb.read("accounts")["name"].iloc[0]
        (wb.target / "report.html").write_text(
            f"<!doctype html><html><head><title>Plan</title></head><body><h1>{mark}</h1>"
            f'<a href="#end">end</a><p style="break-before: page" id="end">x</p></body></html>'
        )

    for mark in ("old", "new"):
        tiny.set_mark(root, mark)
        tiny.run(root, finishers=(write_report,))
    return root


def stand_in(folder: Path, script: str) -> Path:
    """A program that stands for a browser; $out is the file it is told to write."""
    path = folder / "browser.sh"
    find = 'for a in "$@"; do case "$a" in --print-to-pdf=*) out="${a#*=}";; esac; done\n'
    path.write_text(f"#!/bin/sh\n{find}{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")
def test_the_paper_is_the_last_rule(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option wins over plan.yaml; the published report is not touched."""
    script = stand_in(root.parent, 'eval page=\\${$#}; cat "${page#file://}" > "$out"')
    monkeypatch.setenv(ENV_BROWSER, str(script))
    before = (root / "cycles" / tiny.CYCLE / "r2" / "report.html").read_bytes()
    path = print_report(root, tiny.CYCLE)
    assert path == Path(f"tiny-{tiny.CYCLE}.pdf")
    assert "size: A4; }</style>\n</head>" in path.read_text()
    assert "<h1>new" in path.read_text()
    (root / "plan.yaml").write_text("report: {paper: Letter}\n")
    assert "size: Letter" in print_report(root, target=Path("a.pdf")).read_text()
    older = print_report(root, f"{tiny.CYCLE}/r1", Path("b.pdf"), paper="A4").read_text()
    assert "size: A4" in older
    assert "<h1>old" in older
    assert (root / "cycles" / tiny.CYCLE / "r2" / "report.html").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")
@pytest.mark.parametrize("script", ["echo no display >&2; exit 1", "echo no display >&2"])
def test_a_browser_that_fails_leaves_the_old_file(
    root: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    """Its last words are told, and no half of a file stays."""
    monkeypatch.setenv(ENV_BROWSER, str(stand_in(root.parent, script)))
    Path("a.pdf").write_bytes(b"old")
    with pytest.raises(RunError, match="browser.sh wrote no PDF: no display"):
        print_report(root, tiny.CYCLE, Path("a.pdf"))
    assert Path("a.pdf").read_bytes() == b"old"
    assert CliRunner().invoke(cli.app, ["pdf", "tiny", "--out", "a.pdf"]).exit_code == 4
    assert [one.name for one in Path.cwd().glob(".*.part")] == []


def test_without_a_browser_it_says_what_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, what to set, and that any browser prints the report."""
    monkeypatch.delenv(ENV_BROWSER, raising=False)
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    result = CliRunner().invoke(cli.app, ["pdf", "tiny"])
    assert result.exit_code == 2
    text = " ".join(result.output.split())
    assert "install Chromium, Chrome or Edge" in text
    assert "print from there" in text
    monkeypatch.setenv(ENV_BROWSER, "/nowhere/chrome")
    with pytest.raises(WorkbookError, match="PLANLIB_BROWSER is '/nowhere/chrome'"):
        print_report(root)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cycle": "2025Q1"}, "2025Q1 has no published revision yet"),
        ({"cycle": f"{tiny.CYCLE}/r9"}, "no revision 'r9'; there are r1, r2"),
        ({"cycle": f"{tiny.CYCLE}/../r1"}, "no revision '../r1'"),
        ({"paper": "A3"}, "paper 'A3' is none of A4, Letter"),
        ({"target": Path("report.html")}, "ends with .pdf"),
    ],
)
def test_wrong_wishes_are_named(
    root: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, object], message: str
) -> None:
    """Before a browser is started."""
    monkeypatch.setattr(printing, "find_browser", lambda: Path("/bin/true"))
    with pytest.raises(WorkbookError, match=re.escape(message)):
        print_report(root, **given)  # type: ignore[arg-type]


def test_a_workbook_without_a_cycle_has_nothing_to_print(tmp_path: Path) -> None:
    """It says so."""
    (tmp_path / "plan.yaml").write_text("")
    with pytest.raises(WorkbookError, match="has been published yet"):
        print_report(tmp_path)


def sizes_of(path: Path) -> list[tuple[int, int]]:
    """Width and height of every page, in points."""
    content = path.read_bytes()
    for found in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            content += zlib.decompress(found)
        except zlib.error:
            continue
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", content)
    return [(round(float(wide)), round(float(high))) for wide, high in boxes]


@needs_browser
@pytest.mark.browser
@pytest.mark.parametrize("paper", list(POINTS))
def test_a_real_browser_prints_every_page(root: Path, paper: str) -> None:
    """On the paper asked for; a link within the report is one within the PDF."""
    path = print_report(root, tiny.CYCLE, paper=paper)
    sizes = sizes_of(path)
    assert len(sizes) == 2
    wide, high = POINTS[paper]
    assert all(abs(size[0] - wide) <= 1 and abs(size[1] - high) <= 1 for size in sizes)
    assert b"/Dest" in path.read_bytes() or b"/GoTo" in path.read_bytes()


def pages_of(report: Path, target: Path) -> list[list[str]]:
    """Print a page and read it back: the lines of each page."""
    browser = find_browser()
    assert browser is not None
    printing._print(browser, report, target, "A4")
    command = ["pdftotext", "-layout", str(target), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [
        [line.strip() for line in page.splitlines() if line.strip()]
        for page in text.split("\f")
        if page.strip()
    ]


needs_reader = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils are not installed"
)


@needs_browser
@needs_reader
@pytest.mark.browser
def test_pages_break_in_the_right_places(tmp_path: Path) -> None:
    """No page ends with a heading, tables repeat theirs, no row is cut, pages are numbered."""
    folder = resources.templates_dir() / "report"
    styles = CSS + (folder / "report.css").read_text(encoding="utf-8")
    filler = "<p>line</p>"
    parts = [filler * (30 + count) + "<h3>Heading</h3><p>after it</p>" for count in range(12)]
    row = "<tr><td>first line</td><td>left<br>middle<br>right</td></tr>"
    table = f"<table><thead><tr><th>Header</th></tr></thead><tbody>{row * 60}</tbody></table>"
    report = tmp_path / "report.html"
    report.write_text(
        f"<html><head><style>{styles}</style></head><body><main>{''.join(parts)}"
        f'<section class="step"><h2>Step</h2>{table}</section></main></body></html>'
    )
    pages = pages_of(report, tmp_path / "a.pdf")
    assert len(pages) > 8
    for number, lines in enumerate(pages, start=1):
        assert lines[-1] == f"{number} / {len(pages)}"
        assert lines[-2] not in ("Heading", "Step")
    tables = [lines for lines in pages if any("middle" in line for line in lines)]
    assert len(tables) > 2
    assert tables[0][0] == "Step"
    assert all("Header" in lines[0] for lines in tables[1:])
    assert all(
        sum("left" in line for line in lines) == sum("right" in line for line in lines)
        for lines in tables
    )


@needs_browser
@needs_reader
@pytest.mark.browser
def test_a_whole_report_is_printed(tmp_path: Path) -> None:
    """With every section on pages of its own, and its headings never last on a page."""
    report = build_report(fill(make_workbook(tmp_path / "acme"), "Acme"))
    page = report.read_text(encoding="utf-8")
    pages = pages_of(report, tmp_path / "a.pdf")
    headings = set(re.findall(r"<h[234][^>]*>([^<]+)</h[234]>", page))
    assert not headings & {line for lines in pages for line in lines[-2:-1]}  # pictures have none
    titles = re.findall(r'class="step">\s*<h2>([^<]+)</h2>', page)
    assert len(titles) == 10
    assert set(titles) <= {lines[0] for lines in pages}


def test_the_report_carries_the_paper_of_the_plan(tmp_path: Path) -> None:
    """So that printing from a browser's menu takes the same."""
    for paper in ("A4", "Letter"):
        workbook = make_workbook(tmp_path / paper, f"report: {{paper: {paper}}}\n")
        assert f"@page {{ size: {paper}; }}" in build_report(workbook).read_text(encoding="utf-8")
