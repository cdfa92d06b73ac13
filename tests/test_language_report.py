"""The report of a whole cycle in Chinese: what is left in English is data, or the name of a key."""

from __future__ import annotations

import html
import json
import re

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes

from planlib.exchange.audience import AudienceView
from planlib.language import say, speaking, watching
from planlib.language.translate import prose_left
from planlib.report import parts
from planlib.report.build import changes, render, sections
from planlib.report.front import compose
from planlib.store import open_workbook
from planlib.tables import TABLES
from tools.execute_notebooks import ROOT, Project

#: Keys of tables, columns and plan.yaml, commands, signs of formulas: no language changes them.
KEYS = {
    "planlib", "collect", "reps", "leads", "accounts", "products", "projects", "segments",
    "targets", "territories", "opportunities", "weighted", "lambda", "phi", "gamma", "beta",
    "plain", "sdr", "bdr", "met", "lost", "retail", "retaiil", "simulator", "experts", "digital",
    "enablement",
}  # fmt: skip
#: Keys that notes of notebooks explain: columns, values, a layer of plan.yaml.
KEYS_EXPLAINED = {
    "acv", "amount", "bound", "cell", "certainty", "cost", "history", "note", "overrides",
    "payments", "previous", "row", "success",
}  # fmt: skip
#: What the data of the sample say in words: names, titles of offerings and risks, account plans.
DATA = (
    "Bring a solution architect into the pilot", "Budget was cut", "Competitor lost a renewal",
    "Conflict of interest: family member on the board", "Data migration", "Fits the cloud strategy",
    "General ledger", "close", "Governance and securi", "New head of IT", "Newcastle upon",
    "Half-year review", "Meet procurement before the summer", "Pilot was extended",
    "Process automation", "Proof of value with two data sets", "Quarterly evaluation",
    "Reference visit in June", "Sponsor asked to keep the contact person",
    "Joint roadmap, twice a year with the board", "Offer migration with a fixed price",
    "Show savings in figures that finance has confirmed", "From pilot to group standard",
    "Win the chief data officer as sponsor, start with one plant",
    "Renew for three years before the tender", "Replace the incumbent's reporting",
    "Second business unit on the platform", "Three goals were made measurable",
    "Twelve years of relation", "Two reps filled the seats of nine accounts",
    "Workshop on governance in May", "Executive dinner",
)  # fmt: skip
_NAME_OF_A_DEAL = re.compile(
    r"[A-Z].* (?:renewal|expansion|pilot|upsell|new business|plc)|.*…(?: · SR-\d+)?"
)

_HEADING = re.compile(
    r'<(th|dt)\b[^>]*>(.*?)</\1>|<(?:td|p) class="[^"]*(?:gt_title|gt_subtitle|gt_sourcenote|'
    r'pl-head)[^"]*"[^>]*>(.*?)</(?:td|p)>', re.DOTALL,
)  # fmt: skip
_TAG = re.compile(r"<[^>]+>")
_OF_A_CUSTOMER = re.compile("[À-ÿ]")  # a name of the data: no heading of ours has such letters
_NAME_OF_A_REQUEST = re.compile(r"[^,:：，]+ ?[(（]SR-\d+[)）]")


def _no_picture(axes: Axes, **_: object) -> bytes:
    plt.close(axes.figure)  # type: ignore[arg-type]
    return b""


def _english_left(text: str) -> list[str]:
    """Give the English words that are left in a text, apart from keys and data."""
    if _NAME_OF_A_DEAL.fullmatch(text) or text.startswith("planlib "):  # commands stay English
        return []
    if text.startswith("No font with Chinese characters"):  # of the machine, on its own
        return []
    flat = " ".join(text.split("\n"))
    if flat != text and say(flat) != flat:
        return []  # a title that no font here can show in Chinese is wrapped as it is
    said = _NAME_OF_A_REQUEST.sub("", say(text))
    for phrase in DATA:
        said = said.replace(phrase, "")
    words = re.findall(r"[A-Za-z0-9_'./-]+", said)
    return [word for word in words if prose_left(word) and word not in KEYS]


def test_report_of_a_cycle_is_chinese(
    software_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every sentence of every section has its translation; only data and keys stay."""
    monkeypatch.setattr(parts, "figure_png", _no_picture)
    view = AudienceView(open_workbook(software_project.workbook), None)
    with speaking("zh"), watching() as found:
        page = render(compose(view, sections(view), changes(view)))
        left = {text: words for text in found if (words := _english_left(text))}
    assert left == {}
    assert 'lang="zh-CN"' in page


def test_headings_of_the_notebooks_are_chinese() -> None:
    """Titles, headers, labels and notes of the stored notebooks have their translation."""
    with speaking("zh"):
        words = {text: set(_english_left(text)) - KEYS_EXPLAINED for text in _headings()}
        left = {text: some for text, some in words.items() if some}
    assert left == {}


def _headings() -> list[str]:
    """Give what stands above, below and beside the values of tables and key figures."""
    found = set()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                markup = "".join(output.get("data", {}).get("text/html", ""))
                for one in _HEADING.findall(markup):
                    found.update((one[1] or one[2]).split("<br>"))  # the unit stands below
    plain = (" ".join(html.unescape(_TAG.sub(" ", text)).split()) for text in found)
    return sorted(text for text in plain if text not in TABLES and not _OF_A_CUSTOMER.search(text))
