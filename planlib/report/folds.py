"""Parts of a section that stay closed until a reader opens them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planlib.displays.views import safe
from planlib.language import say
from planlib.report.parts import Block, Listing


@dataclass(frozen=True)
class Fold:
    """
    Pictures and tables behind one line of text.

    Parameters
    ----------
    title
        What stands inside; a reader decides by it whether to open it.
    blocks
        Pictures, tables, notes.
    """

    title: str
    blocks: Sequence[Block]

    def __html__(self) -> str:
        """Give escaped HTML; nothing where no block has any."""
        inside = "".join(block.__html__() for block in self.blocks)
        if not inside:
            return ""
        return (f'<details class="fold"><summary>{safe(say(self.title))}</summary>'
                f"{inside}</details>")  # fmt: skip


def fold(title: str, blocks: Sequence[Block]) -> list[Block]:
    """Give a fold of blocks, or nothing where there are none."""
    return [Fold(title, blocks)] if blocks else []


def opened(blocks: Iterable[Block]) -> list[Block]:
    """Give all blocks of a section with those in folds in their place."""
    found: list[Block] = []
    for block in blocks:
        found += opened(block.blocks) if isinstance(block, Fold) else [block]
    return found


def listings_of(blocks: Iterable[Block]) -> list[Listing]:
    """Give all tables of a section, those in folds included, in order."""
    return [block for block in opened(blocks) if isinstance(block, Listing)]
