"""The questions that the territory benchmarks answer, in the order of the page."""

from benchmarks.groups import alignment, districts, published, scale
from benchmarks.harness.tasks import Group

GROUPS: tuple[Group, ...] = (
    *alignment.GROUPS,
    *scale.GROUPS,
    *published.GROUPS,
    *districts.GROUPS,
)
