"""Print a published report as PDF with a browser that is on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from planlib.errors import RunError, WorkbookError
from planlib.plan import Plan, load_plan
from planlib.store.atomic import write_file
from planlib.store.layout import MANIFEST, all_cycles, cycle_folder, find_workbook

PAPERS = ("A4", "Letter")
#: Environment variable with the browser to use, where several are there or none is found.
ENV_BROWSER = "PLANLIB_BROWSER"
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
#: No window, no network, nothing kept, headings as bookmarks of the PDF.
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
_SECONDS = 300


def find_browser() -> Path | None:
    """
    Give a browser of the Chromium family, which can print without a window.

    Raises
    ------
    WorkbookError
        If the environment variable ``PLANLIB_BROWSER`` names a file that does not exist.
    """
    named = os.environ.get(ENV_BROWSER, "")
    if named:
        found = shutil.which(named)
        if found is None:
            raise WorkbookError(f"{ENV_BROWSER} is '{named[:200]}', which is no program")
        return Path(found)
    for name in (*_NAMES, *_PLACES):
        path = shutil.which(name)
        if path is not None:
            return Path(path)
    return None


def print_report(
    workbook: str | Path, cycle: str = "", target: Path | None = None, *, paper: str = ""
) -> Path:
    """
    Print the report of a published revision as PDF.

    Parameters
    ----------
    workbook
        The workbook.
    cycle
        Period, or revision as ``2026Q1/r1``; the latest published cycle when blank.
    target
        File to write; else WORKBOOK-CYCLE.pdf in the current folder.
    paper
        ``A4`` or ``Letter``; blank takes ``report.paper`` of plan.yaml.

    Returns
    -------
    Path
        The file, written whole or not at all.

    Raises
    ------
    WorkbookError
        If there is no such revision, no report in it, or no browser on this machine.
    RunError
        If the browser fails; its last words stand in the message.
    """
    root = find_workbook(workbook)
    plan = load_plan(root)
    paper = paper or plan.report.paper
    if paper not in PAPERS:
        raise WorkbookError(f"paper '{paper[:40]}' is none of {', '.join(PAPERS)}")
    revision = published_revision(root, plan, cycle)
    report = revision / "report.html"
    if not report.is_file():
        raise WorkbookError(f"{revision.parent.name}/{revision.name} has no report.html")
    browser = find_browser()
    if browser is None:
        raise WorkbookError(
            "no browser that prints without a window was found; install Chromium, Chrome or Edge "
            f"(Debian and Ubuntu: apt install chromium), name one in {ENV_BROWSER}, or open "
            f"{report} in any browser and print from there"
        )
    path = target or Path(f"{root.name}-{revision.parent.name}.pdf")
    if path.suffix.lower() != ".pdf":
        raise WorkbookError(f"{path.name}: a report is printed to a file that ends with .pdf")
    write_file(path, lambda part: _print(browser, report, part, paper))
    return path


def published_revision(root: Path, plan: Plan, name: str) -> Path:
    """Give the folder of a cycle's published revision, or of the revision that is named."""
    if not name:
        cycles = all_cycles(root, plan.fiscal_year.fiscal_year())
        found = [one for one in (folder.current() for folder in cycles) if one is not None]
        if not found:
            raise WorkbookError(f"no cycle of {root.name} has been published yet")
        return found[-1]
    cycle, _, revision = name.partition("/")
    folder = cycle_folder(root, plan.period(cycle).name, plan.fiscal_year.fiscal_year())
    numbers = [f"r{number}" for number in folder.revisions()]
    if revision and revision not in numbers:
        raise WorkbookError(
            f"{folder.cycle} has no revision '{revision[:40]}'; there are "
            f"{', '.join(numbers) or 'none'}"
        )
    path = folder.path / revision if revision else folder.current()
    if path is None or not (path / MANIFEST).is_file():
        raise WorkbookError(f"{name} has no published revision yet; run the cycle first")
    return path


def _print(browser: Path, report: Path, part: Path, paper: str) -> None:
    """Let the browser print a copy whose last rule is the paper."""
    page = report.read_text(encoding="utf-8")
    rule = f"<style>@page {{ size: {paper}; }}</style>\n</head>"
    with tempfile.TemporaryDirectory(prefix="planlib-print-", ignore_cleanup_errors=True) as place:
        copy = Path(place) / "report.html"
        copy.write_text(page.replace("</head>", rule, 1), encoding="utf-8")
        printed = Path(place) / "report.pdf"  # snaps may not write elsewhere
        own = [f"--user-data-dir={Path(place) / 'browser'}", f"--print-to-pdf={printed}"]
        # the sandbox of Chromium does not work for root; the page holds no script
        root = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        command = [str(browser), *_FLAGS, *root, *own, copy.as_uri()]
        try:
            done = subprocess.run(  # noqa: S603 - a browser of this machine, on our own file
                command, capture_output=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise RunError(
                "printing", "timed_out", f"{browser.name} took over {_SECONDS} s"
            ) from None
        if done.returncode or not printed.is_file():
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            last = said[-1][:300] if said else f"it ended with {done.returncode}"
            raise RunError("printing", "failed", f"{browser.name} wrote no PDF: {last}")
        shutil.copyfile(printed, part)
