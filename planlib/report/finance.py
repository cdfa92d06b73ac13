"""Whether the cycle ties to finance, or by how much not."""

from __future__ import annotations

from dataclasses import dataclass

from planlib.displays import Tone
from planlib.exchange.audience import AudienceView
from planlib.report.parts import Listing


@dataclass(frozen=True)
class Finance:
    """The answer for the first page."""

    verdict: str
    tone: Tone = ""
    note: str = ""
    listing: Listing | None = None


def tie_out(view: AudienceView) -> Finance:
    """Compare with the control figures that finance gave."""
    if not view.has("controls"):
        return Finance(
            "Not checked: there are no control figures.",
            "grey",
            "Add table controls (period, cut, booked amount) to the inputs to have it checked.",
        )
    return Finance("Not checked in this cycle.", "grey")
