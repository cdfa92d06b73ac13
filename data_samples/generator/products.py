"""Price list of the software sample, and how demand for each product moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Product:
    """One product: price of a unit, pull at the start of 2025, growth of the pull a year."""

    product_id: str
    name: str
    family: str
    line: str
    price: float
    margin: float
    pull: float
    growth: float
    launch: float
    groups: str


PRODUCTS = (
    Product(
        product_id="P-100",
        name="Lakehouse",
        family="Data Platform",
        line="Platform",
        price=7_200,
        margin=0.74,
        pull=1.0,
        growth=0.10,
        launch=2019.0,
        groups="finance insurance chemistry energy",
    ),
    Product(
        product_id="P-110",
        name="Stream Ingest",
        family="Data Platform",
        line="Platform",
        price=3_000,
        margin=0.71,
        pull=0.55,
        growth=0.16,
        launch=2021.0,
        groups="tech logistics energy media",
    ),
    Product(
        product_id="P-190",
        name="Warehouse On-Premises",
        family="Data Platform",
        line="Platform",
        price=9_500,
        margin=0.62,
        pull=0.52,
        growth=-0.75,
        launch=2012.0,
        groups="public insurance industry",
    ),
    Product(
        product_id="P-200",
        name="Insight Studio",
        family="Analytics",
        line="Applications",
        price=240,
        margin=0.81,
        pull=1.25,
        growth=0.05,
        launch=2015.0,
        groups="retail food services health",
    ),
    Product(
        product_id="P-210",
        name="Embedded Analytics",
        family="Analytics",
        line="Applications",
        price=6_000,
        margin=0.79,
        pull=0.42,
        growth=0.12,
        launch=2020.0,
        groups="tech media travel",
    ),
    Product(
        product_id="P-300",
        name="Process Flow",
        family="Automation",
        line="Applications",
        price=3_600,
        margin=0.77,
        pull=0.70,
        growth=0.14,
        launch=2018.0,
        groups="industry logistics health building",
    ),
    Product(
        product_id="P-310",
        name="Assist AI",
        family="Automation",
        line="Applications",
        price=2_400,
        margin=0.66,
        pull=0.30,
        growth=1.15,
        launch=2024.5,
        groups="tech services finance retail",
    ),
    Product(
        product_id="P-400",
        name="Catalog & Lineage",
        family="Governance",
        line="Platform",
        price=4_800,
        margin=0.78,
        pull=0.48,
        growth=0.22,
        launch=2017.0,
        groups="finance insurance public health education",
    ),
)


def product_table() -> pd.DataFrame:
    """Give table ``products``."""
    return pd.DataFrame(
        [
            {
                "product_id": one.product_id,
                "name": one.name,
                "family": one.family,
                "business_line": one.line,
                "list_price": one.price,
                "margin_share": one.margin,
            }
            for one in PRODUCTS
        ]
    )


def pull(when: float, group: str, budget: float) -> np.ndarray:
    """Give how likely each product is asked for at a time, by trade and money at hand."""
    weights = []
    for one in PRODUCTS:
        weight = one.pull * float(np.exp(one.growth * (when - 2025)))
        if when < one.launch:
            weight = 0.0
        elif when < one.launch + 1:
            weight *= 0.25 + 0.75 * (when - one.launch)
        if group in one.groups.split():
            weight *= 1.7
        if budget < one.price * 0.7:
            weight *= 0.25
        weights.append(weight)
    total = np.array(weights)
    return total / total.sum()
