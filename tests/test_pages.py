"""Pages from templates: what a line may not part."""

from __future__ import annotations

from pathlib import Path

import pytest

from planlib.displays import View
from planlib.pages import page_writer, resources


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a page that holds a text, and markup that was made before."""
    (tmp_path / "sheet").mkdir()
    template = '<style>p { width: 5 % }</style><p title="5 %">{{ text }}</p>{{ view }}'
    (tmp_path / "sheet" / "page.html").write_text(template, encoding="utf-8")
    monkeypatch.setattr(resources, "templates_dir", lambda: tmp_path)

    def write(text: str, body: str = "") -> str:
        view = View(body=body, text="")
        return page_writer("sheet", "page.html")({"text": text, "view": view})

    return write


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("28 % of 1,204", "28\u00a0% of 1,204"),
        ("USD 1.2 M, 950 k", "USD 1.2\u00a0M, 950\u00a0k"),
        ("约 12 亿", "约 12\u00a0亿"),
        ("3 men, 7 kinds, B 2", "3 men, 7 kinds, B 2"),
    ],
)
def test_no_line_ends_between_a_number_and_its_unit(written, text: str, shown: str) -> None:
    """A space before %, k, M, B and their Chinese like does not break; other spaces do."""
    assert f">{shown}<" in written(text)
    assert f"<td>{shown}</td>" in written("", f"<td>{text}</td>")


def test_markup_keeps_its_spaces(written) -> None:
    """Attributes and styles are not read, so they stay as they are."""
    page = written("5 %")
    assert 'title="5 %"' in page
    assert "width: 5 % }" in page
