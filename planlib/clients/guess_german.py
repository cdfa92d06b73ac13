"""German names of columns: the words of CRM and ERP exports, and how they are put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from planlib.tables import TABLES, Column

_SAME = 0.93  # weight of a word that means the column and nothing else
_LOOSE = 0.8  # of a word that may mean something else as well
_NUMBERS = ("nummer", "nr", "id", "kennung", "schlüssel", "code")
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
#: The word for a table's thing, its form at the head of a compound, and its plural.
_THINGS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "accounts": (
        ("kunde", "kunden", "kunden"), ("firma", "firmen", "firmen"),
        ("unternehmen", "unternehmens", "unternehmen"), ("debitor", "debitoren", "debitoren"),
        ("organisation", "organisations", "organisationen"), ("account", "account", "accounts"),
    ),
    "contacts": (
        ("kontakt", "kontakt", "kontakte"),
        ("ansprechpartner", "ansprechpartner", "ansprechpartner"),
    ),
    "reps": (
        ("mitarbeiter", "mitarbeiter", "mitarbeiter"), ("verkäufer", "verkäufer", "verkäufer"),
        ("vertriebsmitarbeiter", "vertriebsmitarbeiter", "vertriebsmitarbeiter"),
        ("vertreter", "vertreter", "vertreter"), ("benutzer", "benutzer", "benutzer"),
        ("aussendienst", "aussendienst", "aussendienst"), ("personal", "personal", "personal"),
    ),
    "opportunities": (
        ("verkaufschance", "verkaufschancen", "verkaufschancen"),
        ("vertriebschance", "vertriebschancen", "vertriebschancen"),
        ("chance", "chancen", "chancen"), ("opportunity", "opportunity", "opportunities"),
    ),
    "activities": (
        ("aktivität", "aktivitäts", "aktivitäten"), ("besuch", "besuchs", "besuche"),
    ),
    "products": (
        ("produkt", "produkt", "produkte"), ("artikel", "artikel", "artikel"),
        ("material", "material", "materialien"),
    ),
    "leads": (("lead", "lead", "leads"), ("interessent", "interessenten", "interessenten")),
    "campaigns": (("kampagne", "kampagnen", "kampagnen"),),
    "bookings": (
        ("auftrag", "auftrags", "aufträge"), ("bestellung", "bestell", "bestellungen"),
        ("rechnung", "rechnungs", "rechnungen"), ("beleg", "beleg", "belege"),
    ),
    "targets": (("ziel", "ziel", "ziele"), ("zielvorgabe", "ziel", "zielvorgaben")),
    "projects": (("projekt", "projekt", "projekte"),),
    "payments": (("zahlung", "zahlungs", "zahlungen"),),
    "partners": (("partner", "partner", "partner"),),
    "experts": (("experte", "experten", "experten"),),
    "territories": (("gebiet", "gebiets", "gebiete"),),
    "holidays": (("feiertag", "feiertags", "feiertage"),),
    "availability": (("abwesenheit", "abwesenheits", "abwesenheiten"),),
}  # fmt: skip
#: Words that exports in German have for a column of any table.
_WORDS: dict[str, tuple[str, ...]] = {
    "parent_id": ("muttergesellschaft", "konzernmutter", "konzern", "übergeordnete firma",
                  "übergeordneter kunde", "übergeordneter account"),
    "country": ("land", "rechnungsland", "land/region"),
    "region": ("vertriebsregion", "vertriebsgebiet", "verkaufsgebiet", "gebiet"),
    "province": ("bundesland", "kanton", "provinz"),
    "city": ("ort", "stadt", "wohnort", "rechnungsort", "standort"),
    "postcode": ("plz", "postleitzahl"),
    "latitude": ("breitengrad", "geografische breite"),
    "longitude": ("längengrad", "geografische länge"),
    "employees": ("mitarbeiterzahl", "mitarbeiteranzahl", "anzahl mitarbeiter",
                  "anzahl der mitarbeiter", "anzahl mitarbeitende", "beschäftigte",
                  "anzahl beschäftigte"),
    "revenue": ("jahresumsatz", "firmenumsatz", "umsatz des unternehmens"),
    "acv": ("jahresvertragswert", "jährlicher vertragswert"),
    "industry": ("branche", "wirtschaftszweig", "branchenbezeichnung"),
    "customer_type": ("kundentyp", "kundenart", "kundengruppe", "kundenkategorie"),
    "owner_id": ("besitzer", "inhaber", "accountinhaber", "opportunity inhaber",
                 "verantwortlicher", "verantwortlich", "zuständig", "zuständiger",
                 "zuständiger mitarbeiter", "betreuer", "kundenbetreuer", "account manager",
                 "vertriebsmitarbeiter", "verkäufer", "vertreter", "aussendienst",
                 "aussendienstmitarbeiter", "vertriebsbeauftragter"),
    "created_date": ("erstelldatum", "erstellungsdatum", "erstellt am", "angelegt am",
                     "anlagedatum", "erfasst am", "erfassungsdatum"),
    "updated_date": ("geändert am", "änderungsdatum", "letzte änderung", "zuletzt geändert",
                     "zuletzt geändert am", "aktualisiert am", "datum der letzten änderung"),
    "last_activity_date": ("letzte aktivität", "letzte aktivität am", "letzter kontakt",
                           "letzter kontakt am", "letzter besuch", "datum der letzten aktivität"),
    "website": ("webseite", "internetseite", "internetadresse", "homepage"),
    "is_customer": ("ist kunde", "bestandskunde"),
    "potential": ("potenzial", "jahrespotenzial", "kundenpotenzial", "umsatzpotenzial"),
    "segment": ("kundensegment",),
    "unit": ("geschäftsbereich", "geschäftseinheit", "sparte"),
    "title": ("berufsbezeichnung", "stellenbezeichnung", "position", "funktion"),
    "department": ("abteilung",),
    "email": ("e-mail-adresse", "mailadresse"),
    "is_active": ("aktiv",),
    "activity_type": ("aktivitätsart", "aktivitätstyp", "art der aktivität"),
    "activity_date": ("aktivitätsdatum", "besuchsdatum", "datum"),
    "topic": ("betreff", "thema"),
    "minutes": ("dauer", "dauer in minuten"),
    "manager_id": ("vorgesetzter", "vorgesetzte", "führungskraft", "teamleiter",
                   "vertriebsleiter"),
    "role": ("rolle", "funktion", "position"),
    "skills": ("fähigkeiten", "kenntnisse", "qualifikationen"),
    "languages": ("sprachen", "sprachkenntnisse"),
    "language": ("sprache",),
    "hire_date": ("eintrittsdatum", "eintritt", "eintritt am", "einstellungsdatum"),
    "leave_date": ("austrittsdatum", "austritt", "austritt am"),
    "leave_reason": ("austrittsgrund", "kündigungsgrund"),
    "quota": ("jahresziel", "umsatzziel", "verkaufsziel", "zielvorgabe"),
    "effective_from": ("gültig ab", "gültig von"),
    "effective_to": ("gültig bis",),
    "start_date": ("beginn", "startdatum", "anfangsdatum"),
    "end_date": ("ende", "enddatum"),
    "stage": ("phase", "verkaufsphase", "vertriebsphase", "verkaufsstufe", "vertriebsstufe",
              "chancenphase"),
    "probability": ("wahrscheinlichkeit", "abschlusswahrscheinlichkeit",
                    "gewinnwahrscheinlichkeit", "auftragswahrscheinlichkeit",
                    "erfolgswahrscheinlichkeit"),
    "forecast_category": ("prognosekategorie", "forecast-kategorie", "vorhersagekategorie"),
    "amount": ("betrag", "wert", "volumen", "nettobetrag", "nettowert",
               "auftragswert", "auftragsvolumen", "auftragssumme", "angebotswert",
               "angebotssumme", "geschäftswert", "geschätzter umsatz", "gesch. umsatz",
               "geschätzter wert"),
    "close_date": ("abschlussdatum", "abschlusstermin", "schlusstermin", "abschluss",
                   "abschluss am", "erwarteter abschluss", "erwartetes abschlussdatum",
                   "voraussichtlicher abschluss", "voraussichtliches abschlussdatum",
                   "geplanter abschluss", "geplantes abschlussdatum", "gesch. abschlussdatum",
                   "geschätztes abschlussdatum"),
    "is_closed": ("geschlossen", "abgeschlossen", "ist geschlossen"),
    "is_won": ("gewonnen", "ist gewonnen"),
    "deal_type": ("geschäftsart", "auftragsart", "chancentyp", "opportunity-typ",
                  "art des geschäfts"),
    "currency": ("währung", "währungscode"),
    "discount_share": ("rabatt", "nachlass"),
    "source": ("quelle", "herkunft", "leadquelle", "leadherkunft"),
    "next_step": ("nächster schritt", "nächste schritte"),
    "next_step_date": ("nächster schritt am", "wiedervorlage", "wiedervorlagedatum"),
    "loss_reason": ("verlustgrund", "absagegrund", "ablehnungsgrund"),
    "quantity": ("menge", "anzahl", "stückzahl"),
    "list_price": ("listenpreis", "preis", "verkaufspreis"),
    "family": ("produktgruppe", "warengruppe", "artikelgruppe", "produktfamilie",
               "produktkategorie"),
    "business_line": ("geschäftsfeld", "sparte"),
    "margin_share": ("marge", "deckungsbeitrag"),
    "share": ("anteil",),
    "period": ("periode", "zeitraum", "quartal", "monat"),
    "measure": ("kennzahl", "messgröße"),
    "target_amount": ("ziel", "zielwert", "zielbetrag", "planwert", "soll", "sollwert",
                      "zielumsatz"),
    "product_family": ("produktgruppe", "warengruppe", "produktfamilie"),
    "booking_date": ("auftragsdatum", "buchungsdatum", "belegdatum", "rechnungsdatum",
                     "bestelldatum"),
    "booked_amount": ("auftragswert", "auftragssumme", "nettobetrag", "nettowert", "betrag",
                      "auftragseingang"),
    "company": ("firma", "firmenname", "unternehmen"),
    "contact_name": ("ansprechpartner", "kontakt", "kontaktname", "kontaktperson"),
    "created_at": ("erstellt am", "erstelldatum", "eingangsdatum", "eingegangen am"),
    "first_response_at": ("erste antwort", "erste reaktion", "erstreaktion"),
    "is_converted": ("konvertiert", "umgewandelt"),
    "converted_date": ("konvertiert am", "umgewandelt am", "konvertierungsdatum"),
    "lead_score": ("leadbewertung",),
    "channel": ("kanal", "vertriebskanal"),
    "cost_amount": ("kosten",),
    "contract_amount": ("vertragswert", "vertragssumme", "auftragswert", "auftragssumme"),
    "contract_date": ("vertragsdatum", "auftragsdatum"),
    "due_date": ("fällig am", "fälligkeitsdatum", "fälligkeit", "liefertermin"),
    "delivered_date": ("geliefert am", "lieferdatum"),
    "due_amount": ("fälliger betrag",),
    "received_date": ("zahlungsdatum", "bezahlt am"),
    "received_amount": ("zahlbetrag", "gezahlter betrag", "bezahlter betrag"),
    "since_date": ("seit", "zuständig seit"),
    "holiday_date": ("datum", "feiertag"),
    "note": ("bemerkung", "notiz", "anmerkung", "kommentar"),
}  # fmt: skip
#: Words that mean the column in one table only, or mean other things as well.
_LOOSELY: dict[str, tuple[str, ...]] = {
    "accounts.employees": ("mitarbeiter", "mitarbeitende"),
    "accounts.revenue": ("umsatz",),
    "leads.employees": ("mitarbeiter",),
    "opportunities.amount": ("umsatz", "summe"),
    "opportunities.deal_type": ("typ", "art"),
    "accounts.customer_type": ("typ", "art"),
    "bookings.booked_amount": ("umsatz", "wert", "summe"),
    "activities.activity_type": ("typ", "art"),
}
#: Table of which a column holds the id.
_KEYS = {TABLES[name].key[0]: name for name in _THINGS if len(TABLES[name].key) == 1} | {
    "owner_id": "reps"
}


def german_things(table: str) -> tuple[str, ...]:
    """Give the German words for what a table holds, as files are called: one, and many."""
    return tuple({word: "" for words in _THINGS.get(table, ()) for word in words})


def german_names(table: str, column: Column) -> Mapping[str, float]:
    """
    Give the German names by which a column may be called, with their weight.

    Parameters
    ----------
    table
        Name of an input table.
    column
        One of its columns.

    Returns
    -------
    Mapping
        Weight by name; one with umlauts is there spelt out as well.
    """
    found: dict[str, float] = {}
    words = _WORDS.get(column.name, ())
    _add(found, words, _SAME)
    if column.kind == "amount":
        _add(found, (f"{word} netto" for word in words), _SAME)
    _add(found, _LOOSELY.get(f"{table}.{column.name}", ()), _LOOSE)
    is_own = TABLES[table].key == (column.name,)
    for thing, head, _ in _THINGS.get(_KEYS.get(column.name, ""), ()):
        _add(found, (f"{head} {number}" for number in _NUMBERS), _SAME)
        _add(found, () if is_own else (thing, f"{head} name"), _LOOSE)
    if column.name == "name":
        for thing, head, _ in _THINGS.get(table, ()):
            _add(found, (thing, f"{head} name", f"{head} bezeichnung"), _SAME)
        _add(found, ("bezeichnung", "name 1"), _SAME)
    return found


def _add(found: dict[str, float], names: Iterable[str], weight: float) -> None:
    for name in names:
        for spelt in {name: 0, name.translate(_SPELT_OUT): 0}:
            found.setdefault(spelt, weight)
