"""A frame as a table: escaped HTML by great-tables, and plain text."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from planlib.displays.values import DASH, Format, flat, humanize, kind_of, write
from planlib.displays.views import View, more, safe, tone_class
from planlib.language import language, say, say_cell
from planlib.language.width import text_columns

_LONGEST_KEPT = 20  # characters of an id or date that stay in one line
_LONG = 60  # characters from which on a text makes its column wide
_NO_ROWS = '<tbody class="gt_table_body">\n\n</tbody>'
_WIDEST = 60  # columns of a text cell in a terminal


class TableView(View):
    """A table to look at."""


@dataclass(frozen=True)
class _Parts:
    """What both outputs of a table are made of; ``cells`` are texts."""

    cells: pd.DataFrame
    right: list[str]
    headers: dict[str, tuple[str, str]]
    title: str
    subtitle: str
    notes: list[str]
    tones: dict[tuple[int, int], str]


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a named index and several header rows into one header row of unlike texts."""
    named = any(name is not None for name in frame.index.names)
    plain = frame.reset_index() if named else frame.reset_index(drop=True)
    seen: dict[str, int] = {}
    names = []
    flat_names: list[object] = list(plain.columns.to_flat_index())
    for name in flat_names:
        parts = name if isinstance(name, tuple) else (name,)
        text = " ".join(str(part) for part in parts if str(part))
        seen[text] = seen.get(text, 0) + 1
        names.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return plain.set_axis(names, axis="columns")


def _header(name: str, labels: Mapping[str, str], units: Mapping[str, str]) -> tuple[str, str]:
    return say(labels.get(name, humanize(name))), say(units.get(name, ""))


def table(
    frame: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    labels: Mapping[str, str] | None = None,
    formats: Mapping[str, Format] | None = None,
    notes: Sequence[str] | str = (),
    colors: pd.DataFrame | None = None,
    limit: int | None = 20,
    units: Mapping[str, str] | None = None,
    grey: pd.Series | None = None,
    missing: Mapping[str, str] | None = None,
    empty: str = "no rows",
) -> TableView:
    """
    Show a frame as a table.

    Parameters
    ----------
    frame
        Columns to show, in order. A named index is shown as first columns.
    title, subtitle
        Above the table; as-of date and basis belong into the subtitle.
    labels
        Header by column; others are made from the column's name.
    formats
        "amount" and "count" with thousands separators, "number" with up to two decimals, "share"
        as percent, "chance" alike (above zero it never reads as nothing), "score", "days", "date",
        "text", "words" (keys such as red_cell as people read them). Others follow from dtype and
        name.
    notes
        Definitions, printed beneath.
    colors
        Tone (good, watch, bad, accent, grey, "") by cell: the rows of ``frame`` in the same order
        and some of its columns.
    limit
        Rows shown; how many more there are is said. None shows all.
    units
        Unit by column, printed in the header.
    grey
        True for rows whose numbers rest on too few cases: kept, but pale.
    missing
        By column, why values are missing; printed beneath where one is.
    empty
        What to say when there are no rows.

    Returns
    -------
    TableView
        HTML for notebook and report, plain text for terminals.
    """
    shown = _with_index(frame)
    said = labels or {}
    kinds = {str(name): kind_of(shown[name], name, formats or {}) for name in shown.columns}
    cells = _written(shown if limit is None else shown.head(limit), kinds)
    lines = [say(empty)] if shown.empty else []
    lines += [more(len(shown) - len(cells))] if len(shown) > len(cells) else []
    lines += [say(note) for note in ([notes] if isinstance(notes, str) else notes)]
    parts = _Parts(
        cells=cells,
        right=[name for name, kind in kinds.items() if kind not in ("text", "words", "date")],
        headers={name: _header(name, said, units or {}) for name in kinds},
        title=say(title),
        subtitle=say(subtitle),
        notes=[*lines, *_missing_notes(shown, missing or {}, said)],
        tones=_tones(cells, colors, grey),
    )
    return TableView(body=_html(parts), text=_plain(parts))


def _written(shown: pd.DataFrame, kinds: Mapping[str, Format]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: [_cell(value, kinds[name], str(name)) for value in _timed(shown[name])]
            for name in shown.columns
        },
        columns=shown.columns,
        dtype="object",
    )


def _timed(values: pd.Series) -> pd.Series:
    """Write the time of day at midnight too where other values of a column have one."""
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    known = values.dropna()
    if (known == known.dt.normalize()).all():
        return values
    written: pd.Series = values.dt.strftime("%Y-%m-%d %H:%M")
    return written


def _cell(value: object, kind: Format, column: str) -> str:
    """Write a value; names and ids from data stay as they are in every language."""
    text = write(value, kind)
    is_told = language() != "en" and kind in ("text", "words")
    return say_cell(text, column) if is_told else text


def _tones(
    cells: pd.DataFrame, colors: pd.DataFrame | None, grey: pd.Series | None
) -> dict[tuple[int, int], str]:
    tones: dict[tuple[int, int], str] = {}
    if colors is not None:
        for name in colors.columns:
            if str(name) not in cells.columns:
                continue
            column = list(cells.columns).index(str(name))
            for row, tone in enumerate(colors[name].head(len(cells))):
                if isinstance(tone, str) and tone:
                    tones[row, column] = tone
    if grey is not None:
        for row, pale in enumerate(grey.head(len(cells))):
            if pale is True or (isinstance(pale, np.bool_) and bool(pale)):
                tones.update({(row, column): "grey" for column in range(cells.shape[1])})
    return tones


def _missing_notes(
    frame: pd.DataFrame, missing: Mapping[str, str], labels: Mapping[str, str]
) -> list[str]:
    return [
        say(f"{DASH} in {labels.get(name, humanize(name))}: {why}")
        for name, why in missing.items()
        if name in frame.columns and bool(frame[name].isna().any())
    ]


def _html(parts: _Parts) -> str:
    """
    Lay the table out with great-tables; only its markup is kept, styles are ours.

    Rows are written here: great-tables takes some milliseconds for each, as it writes cell by cell.
    """
    from great_tables import GT
    from great_tables import html as raw

    names = [f"c{number}" for number in range(parts.cells.shape[1])]
    content = repr((parts.title, parts.subtitle, parts.headers, parts.cells.to_numpy().tolist()))
    fixed = "pl" + hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:8]
    shown = parts.cells.set_axis(names, axis="columns").map(flat)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PyArrow Table support", UserWarning)
        built = GT(_no_rows(names), id=fixed)
    headers = {
        new: raw(_literal(text) + (f"<br><small>{_literal(unit)}</small>" if unit else ""))
        for new, (text, unit) in zip(names, parts.headers.values(), strict=True)
    }
    built = built.cols_label(headers)  # type: ignore[arg-type]
    right = {new for new, old in zip(names, parts.cells.columns, strict=True) if old in parts.right}
    built = built.cols_align("left", columns=[name for name in names if name not in right])
    built = built.cols_align("right", columns=[name for name in names if name in right])
    if parts.title or parts.subtitle:
        built = built.tab_header(
            title=raw(_literal(parts.title)),
            subtitle=raw(_literal(parts.subtitle)) if parts.subtitle else None,
        )
    for note in parts.notes:
        built = built.tab_source_note(raw(_literal(note)))
    markup = built.as_raw_html()
    inner = re.sub(r"<style>.*?</style>\s*", "", markup, count=1, flags=re.DOTALL)
    inner = inner[inner.index("<table") : inner.rindex("</table>") + len("</table>")]
    rows = _rows(shown, [name in right for name in names], _marks(parts))
    inner = _tidy(inner, fixed).replace(
        _NO_ROWS, f'<tbody class="gt_table_body">\n{rows}\n</tbody>'
    )
    return f'<div class="pl" id="{fixed}"><div class="pl-scroll">{inner}</div></div>'


def _no_rows(names: Sequence[str]) -> Any:
    """Give these columns without rows; great-tables lays out an arrow table three times faster."""
    import pyarrow as pa

    return pa.table({name: pa.array([], pa.string()) for name in names})


def _literal(text: str) -> str:
    """Escape text for HTML, and braces, which great-tables would read as units."""
    return safe(text).replace("{", "&#123;").replace("}", "&#125;")


def _tidy(markup: str, fixed: str) -> str:
    """Drop attributes that a plain table does not need, so that pages stay small."""
    markup = re.sub(r' (?:headers|id|aria-[a-z]+)="' + fixed + r'-[^"]*"', "", markup)
    return re.sub(r' data-quarto-[a-z-]+="false"| (?:row|col)span="1"', "", markup)


def _marks(parts: _Parts) -> dict[tuple[int, int], str]:
    """
    Give the style classes of cells.

    Beside their tone one keeps ids and dates in one line, and one keeps the column of a long text
    from being squeezed to a word a line; the first row has it for all.
    """
    marks = {place: tone_class(tone) for place, tone in parts.tones.items()}
    for column, name in enumerate(parts.cells.columns):
        texts = parts.cells[name]
        if name in parts.right or texts.empty:
            continue
        if texts.str.len().max() > _LONG:
            marks[0, column] = f"pl-long {marks.get((0, column), '')}".strip()
        elif not texts.map(_breaks).any():
            for row in range(len(texts)):
                marks[row, column] = f"pl-keep {marks.get((row, column), '')}".strip()
    return marks


def _breaks(text: str) -> bool:
    """Tell whether a text may need a second line."""
    return len(text) > _LONGEST_KEPT or " " in text


def _rows(shown: pd.DataFrame, right: list[bool], marks: Mapping[tuple[int, int], str]) -> str:
    """Write the body as great-tables does, with the style classes of cells."""
    lines = []
    for number, texts in enumerate(shown.to_numpy().tolist()):
        lines.append("  <tr>")
        for column, text in enumerate(texts):
            mark = marks.get((number, column), "")
            classes = f"gt_row{' ' if mark else ''}{mark}{' gt_right' if right[column] else ''}"
            lines.append(f'    <td class="{classes}">{escape(text)}</td>')
        lines.append("  </tr>")
    return "\n".join(lines)


def _plain(parts: _Parts) -> str:
    """Write the table for a terminal, columns aligned by their width on screen."""
    headers = [text + (f", {unit}" if unit else "") for text, unit in parts.headers.values()]
    columns = []
    for header, name in zip(headers, parts.cells.columns, strict=True):
        texts = [flat(header), *(flat(cell) for cell in parts.cells[name])]
        texts = [text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…" for text in texts]
        width = max(text_columns(text) for text in texts)
        pad: Callable[[str, int], str] = _left if name in parts.right else _right
        columns.append([pad(text, width) for text in texts])
    lines = [flat(text) for text in (parts.title, parts.subtitle) if text]
    lines += ["  ".join(row).rstrip() for row in zip(*columns, strict=True)]
    return "\n".join([*lines, *(flat(note) for note in parts.notes)])


def _left(text: str, width: int) -> str:
    return " " * (width - text_columns(text)) + text


def _right(text: str, width: int) -> str:
    return text + " " * (width - text_columns(text))
