"""Lifecycle class of each account, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Coded, Codes, Flags, Numbers
from planlib.segmentation.geography import Geography
from planlib.segmentation.spend import Purchases
from planlib.settings.segmentation import LIFECYCLE_CLASSES, SegmentationSettings

_LARGE, _NEW, _PROSPECT, _UNKNOWN = range(4)
_BASES = (
    "given in the account",
    "yearly spend reaches the large footprint",
    "customer below the large footprint",
    "customer, yearly spend not known",
    "a contract in force although is_customer says no",
    "deal won not long ago, below the large footprint",
    "bought before, last deal won too long ago",
    "never bought, is_customer says so",
    "no sign of a purchase",
    "nothing in the data tells customers from prospects",
)


@dataclass(frozen=True)
class Lifecycles:
    """Lifecycle class of each account with the reason."""

    lifecycle: Coded
    reason: Coded
    customer: Flags


def class_lifecycles(
    given: Coded,
    is_customer: pd.Series,
    acv: Numbers,
    spend: Numbers,
    bought: Purchases,
    *,
    geography: Geography,
    settings: SegmentationSettings,
) -> Lifecycles:
    """
    Tell customers with a large footprint, customers at the start of their journey and prospects.

    A given class wins. A customer is an account that ``is_customer`` says is one, that has a
    contract in force, or, where ``is_customer`` is blank, won a deal within ``customer_days``.
    Its footprint is large from the market's ``large_footprint_acv`` of yearly spend. Every other
    customer is a ``new_customer``, also one without spend now, however long ago it first bought.

    Parameters
    ----------
    given
        Class as the data have it.
    is_customer, acv
        As the data have it; missing allowed.
    spend
        Yearly spend, NaN where unknown.
    bought
        Won deals.
    geography
        Market of each account, with its threshold.
    settings
        ``customer_days``.
    """
    limit = np.array([market.large_footprint_acv for market in geography.markets])
    says_yes = is_customer.fillna(False).to_numpy(dtype=bool)
    says_no = (~is_customer.fillna(True)).to_numpy(dtype=bool)
    contract = acv > 0
    recent = ~says_no & (bought.last_won_days <= settings.customer_days)
    customer: Flags = says_yes | contract | recent
    large = customer & (spend > 0) & (spend >= limit[geography.market.codes])
    tells = is_customer.notna().any() or bool(np.isfinite(acv).any()) or bought.known

    classes: Codes = np.where(large, _LARGE, np.where(customer, _NEW, _PROSPECT))
    basis = np.select(
        [
            large,
            contract & says_no,
            customer & np.isnan(spend),
            says_yes | contract,
            recent,
            bought.won_count > 0,
            says_no,
        ],
        [1, 4, 3, 2, 5, 6, 7],
        default=8,
    )
    if not tells:
        classes, basis = np.full(len(acv), _UNKNOWN), np.full(len(acv), 9)
    if (given.codes >= 0).any():
        known = np.array([LIFECYCLE_CLASSES.index(value) for value in given.values] + [-1])
        classes = np.where(given.codes >= 0, known[given.codes], classes)
        basis = np.where(given.codes >= 0, 0, basis)
        customer = np.where(given.codes >= 0, classes <= _NEW, customer)
    return Lifecycles(
        Coded(classes.astype(np.intp), LIFECYCLE_CLASSES),
        Coded(basis.astype(np.intp), _BASES),
        customer,
    )
