"""Industries of the software sample with their codes, weights and how they spend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Trade:
    """
    One industry.

    Parameters
    ----------
    name, sic, naics
        Name as the CRM has it, and its codes.
    group
        Group of words that company names use.
    weight
        How often it comes among accounts.
    size
        Middle of the natural logarithm of employees, added to that of the market.
    revenue
        Yearly revenue per employee in thousand USD.
    lines
        Business lines of a firm with 1,000 employees.
    spend
        Yearly spend possible with us, as a multiple of the average.
    """

    name: str
    sic: str
    naics: str
    group: str
    weight: float
    size: float
    revenue: float
    lines: float
    spend: float


def _trade(row: str) -> Trade:
    name, sic, naics, group, weight, size, revenue, lines, spend = row.split(";")
    return Trade(
        name=name,
        sic=sic,
        naics=naics,
        group=group,
        weight=float(weight),
        size=float(size),
        revenue=float(revenue),
        lines=float(lines),
        spend=float(spend),
    )


TRADES = tuple(
    _trade(row)
    for row in """\
Commercial Banking;6021;522110;finance;5.5;0.7;330;4.2;1.75
Insurance;6331;524126;insurance;4.2;0.5;520;4.0;1.60
Asset Management;6282;523940;finance;2.4;-0.9;640;2.4;1.35
Retail;5311;455110;retail;6.2;0.5;230;2.8;0.95
Grocery Retail;5411;445110;retail;2.6;0.9;260;2.4;0.80
E-Commerce;5961;454110;retail;3.1;-0.6;420;2.2;1.30
Public Administration;9199;921190;public;4.8;0.6;120;3.6;0.85
Higher Education;8221;611310;education;3.6;0.6;95;2.6;0.60
Hospitals and Health Care;8062;622110;health;5.6;0.8;115;3.0;0.90
Pharmaceuticals;2834;325412;chemistry;2.6;0.4;480;3.6;1.55
Medical Devices;3841;339112;chemistry;2.5;-0.1;290;2.6;1.10
Industrial Machinery;3559;333248;industry;7.8;0.0;240;2.9;0.80
Automotive Components;3714;336390;industry;4.6;0.6;270;3.0;0.90
Chemicals;2869;325199;chemistry;3.4;0.1;510;3.1;0.85
Food and Beverage;2099;311999;food;5.2;0.2;320;2.7;0.70
Electronics;3679;334419;industry;4.0;0.2;310;2.8;1.05
Computer Software;7372;511210;tech;6.4;-0.9;250;2.1;1.45
IT Services;7373;541512;tech;4.4;-0.6;160;2.2;1.15
Telecommunications;4812;517312;tech;2.7;0.6;390;3.9;1.70
Media and Publishing;2711;511110;media;2.8;-0.4;210;2.6;0.95
Logistics and Transport;4213;484121;logistics;4.9;0.3;180;2.4;0.85
Utilities;4911;221122;energy;2.6;0.6;620;3.1;1.05
Oil, Gas and Mining;1311;211120;energy;2.1;0.3;980;3.2;1.00
Construction and Engineering;1541;236220;building;4.3;-0.1;260;2.3;0.50
Real Estate;6512;531120;building;2.3;-0.9;380;1.9;0.55
Professional Services;8742;541611;services;4.9;-0.8;170;2.1;0.80
Hospitality and Travel;7011;721110;travel;3.0;0.2;95;2.2;0.55""".splitlines()
)
