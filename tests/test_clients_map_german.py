"""Column maps proposed for German exports: words of the trade, compounds, units of money."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planlib.clients.guess import SheetGuess, guess_sheet
from planlib.clients.guess_german import german_names
from planlib.clients.guess_values import unit_factor
from planlib.clients.propose import propose_map, write_proposal
from planlib.intake.maps import load_map
from planlib.intake.sheet import Sheet
from planlib.intake.strings import plain_name
from planlib.tables import TABLES, Column

#: Columns of an export of deals: cells, and the column of the table that they are.
DEALS: dict[str, tuple[list[str], str]] = {
    "Verkaufschancen-Nr.": (["VC-1", "VC-2", "VC-3"], "opportunity_id"),
    "Bezeichnung": (["Anlage 1", "Anlage 2", "Anlage 3"], "name"),
    "Kundennummer": (["K1", "K2", "K1"], "account_id"),
    "Verantwortlicher": (["Ines Voß", "Tim Fuchs", "Ines Voß"], "owner_id"),
    "Verkaufsphase": (["Angebot", "Gewonnen", "Verloren"], "stage"),
    "Abschlusswahrscheinlichkeit (%)": (["60,0", "100,0", "0,0"], "probability"),
    "Auftragswert netto": (["16.639,70", "306.335,56", "1.200,00"], "amount"),
    "Währung": (["EUR", "EUR", "EUR"], "currency"),
    "Voraussichtlicher Abschluss": (["31.12.2025", "17.04.2025", "27.04.2025"], "close_date"),
    "Angelegt am": (["02.01.2025", "13.01.2025", "23.01.2025"], "created_date"),
    "Abgeschlossen": (["Nein", "Ja", "Ja"], "is_closed"),
    "Gewonnen": (["Nein", "Ja", "Nein"], "is_won"),
    "Geschäftsart": (["Neugeschäft", "Bestand", "Neugeschäft"], "deal_type"),
    "Verlustgrund": (["", "", "Preis"], "loss_reason"),
}
ACCOUNTS: dict[str, tuple[list[str], str]] = {
    "Kd.-Nr.": (["K1", "K2"], "account_id"),
    "Firmenname": (["Möbelwerk GmbH", "Stahlbau AG"], "name"),
    "PLZ": (["80331", "04109"], "postcode"),
    "Ort": (["München", "Leipzig"], "city"),
    "Bundesland": (["Bayern", "Sachsen"], "province"),
    "Land": (["Deutschland", "Deutschland"], "country"),
    "Branche": (["Handel", "Chemie"], "industry"),
    "Anzahl Mitarbeiter": (["1.200", "45"], "employees"),
    "Jahresumsatz in TEUR": (["233.532", "37.194"], "revenue"),
    "Kundenbetreuer": (["Ines Voß", "Tim Fuchs"], "owner_id"),
    "Letzte Aenderung": (["31.12.2025", "17.04.2025"], "updated_date"),
}


def guess(columns: dict[str, tuple[list[str], str]], file: str) -> SheetGuess:
    """Guess the columns of a sheet with these cells."""
    frame = pd.DataFrame({header: cells for header, (cells, _) in columns.items()}, dtype="str")
    return guess_sheet(Sheet(frame=frame, rows=np.arange(2, len(frame) + 2), file=file))


@pytest.mark.parametrize("file", ["Verkaufschancen.csv", "x.csv"])
def test_an_export_of_deals_is_known_by_its_german_headers(file: str) -> None:
    """Every column is proposed, whatever the file is called; words and percent are seen."""
    found = guess(DEALS, file)
    assert found.table == "opportunities"
    assert {one.header: one.column for one in found.guesses} == {
        header: column for header, (_, column) in DEALS.items()
    }
    by_column = {one.column: one for one in found.guesses}
    assert by_column["probability"].scale == 0.01
    assert by_column["deal_type"].values == ("Bestand", "Neugeschäft")
    assert by_column["owner_id"].looks_up


def test_a_list_of_customers_is_known_with_umlauts_spelt_out_and_units() -> None:
    """Money in thousands gets its factor, an abbreviation is written out."""
    found = guess(ACCOUNTS, "Kundenliste.csv")
    assert found.table == "accounts"
    assert {one.header: one.column for one in found.guesses} == {
        header: column for header, (_, column) in ACCOUNTS.items()
    }
    assert {one.column: one.scale for one in found.guesses}["revenue"] == 1000


def test_a_proposal_for_a_file_in_latin_1_loads_as_a_map(tmp_path: Path) -> None:
    """Semicolons, decimal commas, days first and umlauts need no declaration."""
    frame = pd.DataFrame({header: cells for header, (cells, _) in DEALS.items()})
    path = tmp_path / "Verkaufschancen.csv"
    frame.to_csv(path, sep=";", index=False, encoding="latin-1")
    write_proposal(propose_map(path), tmp_path / "maps" / "deals.yaml")
    (part,) = load_map("maps/deals.yaml", tmp_path).tables["opportunities"]
    assert set(part.columns) == {column for _, column in DEALS.values()}


def test_no_german_name_is_sure_of_two_columns_of_a_table() -> None:
    """A name that may be two columns of one kind has the lower weight for one of them at least."""
    for name, table in TABLES.items():
        found = defaultdict(list)
        for column in table.columns if table.role == "input" else ():
            for word, weight in german_names(name, column).items():
                found[plain_name(word), column.kind].append(weight)
        assert all(weights.count(0.93) < 2 for weights in found.values()), name


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("Umsatz (TEUR)", 1e3), ("Umsatz in T€", 1e3), ("Umsatz in Mio. EUR", 1e6),
        ("Revenue (USD m)", 1e6), ("Revenue in thousands", 1e3), ("Revenue ($ bn)", 1e9),
        ("Revenue (m)", 1), ("Umsatz in EUR", 1), ("Revenue (USD)", 1), ("Umsatz", 1),
    ],
)  # fmt: skip
def test_units_of_money_in_a_header_give_its_factor(header: str, factor: float) -> None:
    """Thousands, millions and milliards count where the header says them clearly."""
    assert unit_factor(header, Column("revenue", "amount", "Revenue")) == factor
    assert unit_factor(header, Column("employees", "int", "Employees")) == 1
