"""Names of Chinese companies: groups and their daughters, private firms, institutes, partners."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from data_samples.generator.names import pick
from data_samples.generator.places import City

_NUMBERS = "一二三"
_SHORT = {"内蒙古": "内蒙古", "黑龙江": "黑龙江"}


@cache
def _words() -> dict[str, Any]:
    file = Path(__file__).parent / "words" / "firms_cn.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


class ChineseFirms:
    """
    Chinese company names without repeats.

    Parameters
    ----------
    rng
        Random stream that all names come from.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._seen: set[str] = set()
        self._marks: set[str] = set()

    def mark(self) -> str:
        """Draw a trade name of two characters; about four in five are not used twice."""
        words = _words()
        famous = words["famous"].split("|")
        while True:
            one = words["mark_a"][int(self._rng.integers(len(words["mark_a"])))]
            two = words["mark_b"][int(self._rng.integers(len(words["mark_b"])))]
            found = one + two
            if one == two or found in famous:
                continue
            if found not in self._marks or self._rng.random() < 0.2:
                self._marks.add(found)
                return found

    def draw(self, kind: str, city: City, trade: str, group: str = "") -> tuple[str, str]:
        """
        Draw a name that no other firm has.

        Parameters
        ----------
        kind
            ``group``, ``daughter``, ``private``, ``utility``, ``institute``, ``contractor``,
            ``integrator``, ``distributor`` or ``service``.
        city
            Seat of the firm.
        trade
            Words of the trade, separated by ``|``.
        group
            Trade name of the group, for daughters.

        Returns
        -------
        tuple of str
            Full name and trade name.
        """
        words = _words()
        for _ in range(500):
            mark = group or self.mark()
            province = city.province if city.province != city.name else city.name
            name = pick(self._rng, words[kind]).format(
                P=province,
                C=city.name,
                Z=mark,
                G=mark,
                W=pick(self._rng, trade),
                L=pick(self._rng, words["legal"]),
                N=_NUMBERS[int(self._rng.integers(len(_NUMBERS)))],
            )
            if name not in self._seen and not any(
                one in name for one in words["famous"].split("|") if len(one) > 2
            ):
                self._seen.add(name)
                return name, mark
        raise RuntimeError(f"no more names of kind {kind}")
