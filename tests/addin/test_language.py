"""Switching a workbook's language changes every caption and sentence, and no stored value (workbook.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from addin.session import Session
from addin.texts import what
from addin.texts.options import NAMES, option_named
from addin.usecases.check import check
from addin.usecases.language import language
from addin.usecases.report import Report
from tests.addin.conftest import ACCOUNTS, INVOICES, Association, add_invoice
from workbook.layout import (
    CHOICES,
    LANGUAGES,
    MAPPING_TABLES,
    OVERVIEW,
    SETTINGS_TABLE,
    SHEETS,
    TAX_MAP,
    Language,
    code_of,
    shown_code,
    tables,
)
from workbook.review import read, text_of


def switch(association: Association, to: Language) -> Report:
    def use_case(session: Session) -> Report:
        return language(session, to)

    return association.run(use_case)


@pytest.fixture
def reviewed(association: Association) -> Association:
    """Four invoices in four statuses, one of them with a problem; a setting typed."""
    association.files["accounts"][0]["url"] = "https://example.org/accounts/A1"
    for key in ("I2", "I3", "I4"):
        add_invoice(association, key, f"F-{key}")
    association.files["lines"][3]["amount"] = "90.00"
    association.init()
    association.pull()
    association.type(INVOICES, "I2", status="Do Not Sync")
    association.type(INVOICES, "I3", status="Stand By", reference=None)
    association.type(SETTINGS_TABLE, "all_when_paid", value="Yes")
    association.run(check)
    return association


def stored(association: Association) -> dict[str, list[dict[str, str]]]:
    """Every cell of every table; the code where it shows one, nothing where it shows a sentence."""
    book, content = association.book, {}
    for _, table in tables():
        columns = {column.key: column for column in table.columns}
        rows = []
        for row in book.read(table).rows:
            cells = {key: text_of(value) for key, value in row.values.items()}
            codes = {k: code_of(columns[k].choices, t) for k, t in cells.items() if columns[k].choices in CHOICES and t}
            if table in MAPPING_TABLES:
                codes["code"] = shown_code(table, cells["code"], "en")
            if table is SETTINGS_TABLE:
                codes["key"] = option_named(cells["key"])
            rows.append({k: codes.get(k) or t for k, t in cells.items() if k not in SAID[table.name]})
        content[table.name] = rows
    return content


SENTENCES = {"reason", "fix", "source_link", "ledger_link"}
SAID = {table.name: SENTENCES for _, table in tables()} | {
    "tblSettings": {"meaning", "default", "value"},
    "tblSetup": {"question", "value", "meaning", "example", "reason", "of"},
    "tblProblems": {"what", "fix", "owner", "place"},
    "tblOverview": {"key", "value"},
    "tblAsOf": {"key"},
    "tblPeriod": {"key"},
    "tblLog": {"time", "run", "action", "result", "message"},
    **{table.name: {"name", "reason"} for table in MAPPING_TABLES}, "tblIdentity": {"value"},
}  # fmt: skip
"""The columns of sentences, which are said anew."""


def test_everything_is_said_in_the_other_language_and_no_code_changes(reviewed: Association) -> None:
    before, english = stored(reviewed), reviewed.row(INVOICES, "I4")
    switch(reviewed, "fr")
    after = stored(reviewed)
    for name in before.keys() - {"tblLog"}:
        assert after[name] == before[name]
    assert reviewed.row(INVOICES, "I2")["status"] == "Ne pas synchroniser"
    french = reviewed.row(INVOICES, "I4")
    assert (french["kind"], french["origin"], french["sent"]) == ("Facture", "Manuelle", "Oui")
    assert french["reason"]
    assert french["reason"] != english["reason"]
    assert reviewed.row(ACCOUNTS, "A1")["source_link"] == "Ouvrir"
    assert reviewed.row(SETTINGS_TABLE, "Factures une fois payées")["value"] == "Oui"
    assert reviewed.book.read(INVOICES).sheet == "Factures"
    assert "Par défaut" in reviewed.book.read(TAX_MAP).rows[0].values["name"]
    problems = reviewed.run(check).problems
    assert {problem.place.sheet for problem in problems if problem.place} <= {s.caption.fr for s in SHEETS}


def test_there_and_back_leaves_every_cell_as_it_was(reviewed: Association) -> None:
    before = [reviewed.book.read(table) for _, table in tables() if table.name not in ("tblLog", "tblOverview")]
    switch(reviewed, "fr")
    switch(reviewed, "en")
    after = [reviewed.book.read(table) for _, table in tables() if table.name not in ("tblLog", "tblOverview")]
    assert after == before


def test_the_same_records_leave_after_the_switch(reviewed: Association) -> None:
    before = reviewed.run(check)
    after = switch(reviewed, "fr")
    assert [replace(p, place=None) for p in after.problems] == [replace(p, place=None) for p in before.problems]
    reviewed.sync()
    assert "F-1" in reviewed.ledger_text()
    assert "F-I2" not in reviewed.ledger_text()
    assert reviewed.row(INVOICES, "I1")["status"] == "Transfert complété"


@pytest.mark.parametrize("to", LANGUAGES)
def test_a_workbook_that_has_not_pulled_switches_too(association: Association, to: Language) -> None:
    association.init()
    switch(association, to)
    switch(association, "fr")
    keys = {text_of(row.values["key"]) for row in association.book.read(OVERVIEW).rows}
    assert keys == {"Entreprise", "Système comptable", "Prochaine étape"}


def test_settings_are_called_in_the_workbook_s_language_and_understood_in_either(association: Association) -> None:
    association.init()
    association.pull()
    association.run(lambda session: language(session, "fr"))
    names = [text_of(row.values["key"]) for row in association.book.read(SETTINGS_TABLE).rows]
    assert len(names) == len(NAMES)
    assert not {name for name in names if "_" in name}
    association.type(SETTINGS_TABLE, "Minutes d'inactivité", value="jamais")
    report = association.run(check)
    [wrong] = [problem for problem in report.problems if problem.code == "setting_invalid"]
    assert "Minutes d'inactivité" in what("fr", wrong)
    association.type(SETTINGS_TABLE, "Minutes d'inactivité", value="7")
    with Session.open(association.profile, association.book, "log") as session:
        assert session.options(read(session.book).settings)[0].idle_minutes == 7
    association.run(lambda session: language(session, "en"))
    assert association.row(SETTINGS_TABLE, "idle_minutes")["value"] == "7"
