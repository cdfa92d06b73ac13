"""Three-way merge of a text: as rendered once, as the client made it, as rendered now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_START, _MIDDLE, _END = "<<<<<<< yours\n", "=======\n", ">>>>>>> new template\n"
Lines = list[str]


@dataclass(frozen=True)
class Merged:
    """
    A merged text.

    Parameters
    ----------
    text
        The text; where it conflicts, both versions between markers.
    conflict_count
        Places that both sides have changed differently.
    """

    text: str
    conflict_count: int


def merge_texts(base: str, mine: str, theirs: str) -> Merged:
    r"""
    Merge two versions of a text that grew out of one.

    Lines that all three have in common divide the text into pieces; of a piece that one side alone
    has changed, that side's version counts (diff3; Khanna, Kunal and Pierce, "A formal
    investigation of diff3", 2007). Line ends become those of Unix.

    Examples
    --------
    >>> merge_texts("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n").text
    'A\nb\nC\n'
    """
    merged: Lines = []
    count = 0
    for old, own, new, common in _pieces(_lines(base), _lines(mine), _lines(theirs)):
        if own == new or new == old:
            merged += own
        elif own == old:
            merged += new
        else:
            count += 1
            merged += [_START, *own, _MIDDLE, *new, _END]
        merged += common
    return Merged("".join(merged), count)


def has_markers(text: str) -> bool:
    """Tell whether a text still holds a conflict's markers."""
    return any(line.startswith(("<<<<<<<", ">>>>>>>")) for line in text.splitlines())


def _pieces(base: Lines, mine: Lines, theirs: Lines) -> Iterator[tuple[Lines, Lines, Lines, Lines]]:
    """Give the pieces between lines in common, each with the common line that ends it."""
    in_mine, in_theirs = _matches(base, mine), _matches(base, theirs)
    at = (0, 0, 0)
    for row in sorted(in_mine.keys() & in_theirs.keys()):
        to = (row, in_mine[row], in_theirs[row])
        yield base[at[0] : to[0]], mine[at[1] : to[1]], theirs[at[2] : to[2]], [base[row]]
        at = (to[0] + 1, to[1] + 1, to[2] + 1)
    yield base[at[0] :], mine[at[1] :], theirs[at[2] :], []


def _matches(base: Lines, other: Lines) -> dict[int, int]:
    """Give, for each line of the first text that the second has kept, where it stands there."""
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {block.a + n: block.b + n for block in blocks for n in range(block.size)}


def _lines(text: str) -> Lines:
    """Give the lines, each ended, so that the last one never runs into a marker."""
    lines = text.replace("\r\n", "\n").split("\n")
    return [line + "\n" for line in (lines[:-1] if lines[-1] == "" else lines)]
