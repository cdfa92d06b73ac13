"""Market of each account, the first dimension: each market has its own cut lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Coded, Codes, Numbers
from planlib.segmentation.countries import country_key
from planlib.settings.segmentation import MarketSettings, SegmentationSettings


@dataclass(frozen=True)
class Market:
    """A market with the cut lines in force."""

    name: str
    maturity: float
    size_cuts: tuple[float, ...]
    revenue_cuts: tuple[float, ...]
    large_footprint_acv: float


@dataclass(frozen=True)
class Geography:
    """Market of each account; ``markets`` are in the order of the codes."""

    market: Coded
    markets: tuple[Market, ...]
    located: int

    @property
    def maturity(self) -> Numbers:
        """Maturity of each account's market."""
        return np.array([market.maturity for market in self.markets])[self.market.codes]


def markets_in_force(settings: SegmentationSettings) -> tuple[Market, ...]:
    """
    Fill in the cut lines of each market; the default market stands last.

    A market without cut lines of its own has the general ones times its maturity: where a
    company of a size spends less, a smaller one already counts as large.
    """
    given = list(settings.markets)
    if settings.default_market not in [market.name for market in given]:
        given.append(MarketSettings(name=settings.default_market))
    return tuple(_market(market, settings) for market in given)


def _market(market: MarketSettings, settings: SegmentationSettings) -> Market:
    scaled = tuple(round(cut * market.maturity, 6) for cut in settings.size_cuts)
    general = tuple(cut * market.maturity for cut in settings.revenue_cuts)
    large = market.large_footprint_acv
    return Market(
        market.name,
        market.maturity,
        market.size_cuts or scaled,
        market.revenue_cuts or general,
        settings.large_footprint_acv if large is None else large,
    )


def place_accounts(
    country: Coded, region: Coded, province: Coded, settings: SegmentationSettings
) -> Geography:
    """
    Find the market of each account: the first one that names it, else the default market.

    Parameters
    ----------
    country, region, province
        Where the accounts are.
    settings
        Markets in order.
    """
    markets = markets_in_force(settings)
    places = [market.name for market in markets]
    codes: Codes = np.full(len(country), places.index(settings.default_market), dtype=np.intp)
    for market in reversed(settings.markets):
        inside = np.ones(len(country), dtype=bool)
        if market.countries:
            wanted = {country_key(name) for name in market.countries}
            inside &= country.flags(lambda name, wanted=wanted: country_key(name) in wanted)  # type: ignore[misc]
        if market.regions:
            inside &= region.among(market.regions)
        if market.provinces:
            inside &= province.among(market.provinces)
        codes[inside] = places.index(market.name)
    known = (country.codes >= 0) | (region.codes >= 0) | (province.codes >= 0)
    return Geography(Coded(codes, tuple(places)), markets, int(known.sum()))


def absent_places(
    country: Coded, region: Coded, province: Coded, settings: SegmentationSettings
) -> pd.DataFrame:
    """
    Name the places of market rules that no account has.

    Returns
    -------
    DataFrame
        ``market`` and ``place``, one row per place that does not occur.
    """
    rows = []
    for market in settings.markets:
        found = {country_key(name) for name in country.values}
        rows += [(market.name, name) for name in market.countries if country_key(name) not in found]
        for words, places in ((region, market.regions), (province, market.provinces)):
            have = {value.strip().casefold() for value in words.values}
            rows += [(market.name, name) for name in places if name.strip().casefold() not in have]
    return pd.DataFrame(rows, columns=["market", "place"], dtype="str")
