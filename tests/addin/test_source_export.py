"""An export as another system wrote it, from the first look to the books, without rebuilding it (first hour)."""

from __future__ import annotations

import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data

from addin.cli import main
from addin.usecases.check import check
from addin.usecases.pull import pull
from addin.usecases.source import Answers, confirm_source, look_at_source
from addin.usecases.sync import sync
from connectors.ledger import Connected
from connectors.problems import CannotRun
from connectors.records import Kind
from connectors.source import Pulled, Source, SourceCapabilities
from connectors.sources.exports.fields import TYPES
from connectors.sources.exports.reading import DRAFT, FILE
from connectors.sources.files.settings import FilesSettings
from tests.addin.conftest import Association
from tests.connectors.sources.exports.corpus import Style, held_by, write
from workbook.layout import ACCOUNT_MAP, CHOICES, SOURCE_COLUMNS, SOURCE_SHEETS, SOURCE_STATE, SOURCE_TAXES, TAX_MAP
from workbook.review import text_of

FIRM = Style("workbook", "fr", "xlsx", order="DMY", decimal=",", real=False, titles=True, totals=True, sign="$", seed=7)
"""French headings, title rows, local dates as text, amounts with a currency sign, a total row, TPS and TVQ in columns
and no lines, payments that name their invoice, customers only inside invoices, a negative row as a credit."""


def exported(association: Association, style: Style = FIRM) -> Path:
    """The firm's export in the company's folder, and the company made over it."""
    export = write(association.folder.parent / "exports", style)
    association.files.clear()
    association.settings["source.path"] = export.path.name
    association.folder.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if export.path.is_dir() else shutil.copy)(export.path, association.folder / export.path.name)
    association.init()
    return association.folder / export.path.name


@pytest.fixture
def firm(association: Association) -> Association:
    exported(association)
    return association


def cells(association: Association, table) -> list[dict[str, str]]:
    return [{k: text_of(v) for k, v in row.values.items()} for row in association.book.read(table).rows]


def test_the_export_as_it_came_ends_in_the_books_to_the_cent(firm: Association) -> None:
    with pytest.raises(CannotRun) as stopped:
        firm.run(pull)
    assert [problem.code for problem in stopped.value.problems] == ["not_confirmed"]
    looked = firm.run(look_at_source)
    assert looked.facts["columns"] == looked.facts["sure"] == 18
    assert firm.run(confirm_source).exit == 0
    pulled = firm.run(pull)
    assert {problem.code for problem in pulled.problems if problem.code != "columns_not_read"} <= {
        "rows_left_out",
        "unmapped",
    }
    map_by_hand(firm)
    checked = firm.run(check)
    done = firm.run(sync)
    held = held_by(FIRM)
    assert done.counts["posted"][Kind.INVOICE] == sum(invoice.sign > 0 for invoice in held.invoices), Counter(
        (p.code, str(p.params)) for p in checked.problems
    )
    assert done.counts["posted"][Kind.CREDIT_NOTE] == sum(invoice.sign < 0 for invoice in held.invoices)
    assert done.counts["posted"][Kind.PAYMENT] == len(held.payments)
    entries, errors, _ = loader.load_file(str(firm.folder / "book.beancount"))
    assert errors == []
    sums: dict[str, Decimal] = {}
    for entry in entries:
        for leg in entry.postings if isinstance(entry, data.Transaction) else ():
            top = next((name for name in ("Receivable", "TPS", "TVQ", "Consulting") if name in leg.account), "money")
            sums[top] = sums.get(top, Decimal(0)) + leg.units.number
    billed = sum(invoice.total for invoice in held.invoices)
    paid = sum(payment.amount for payment in held.payments)
    assert sums["Receivable"] == billed - paid
    assert sums["Consulting"] == -sum(invoice.subtotal for invoice in held.invoices)
    assert sums["TPS"] == -sum(invoice.taxes[0] for invoice in held.invoices)
    assert sums["TVQ"] == -sum(invoice.taxes[1] for invoice in held.invoices)
    assert sums["money"] == paid


def map_by_hand(firm: Association) -> None:
    """What is the accountant's own decision: which account sales go to, and which the taxes."""
    book = firm.folder / "book.beancount"
    accounts = {"9001": "Liabilities:TPS", "9002": "Liabilities:TVQ", "9003": "Income:Consulting"}
    opened = "".join(
        f'\n2000-01-01 open {name}\n  code: "{code}"\n  name: "{name}"\n' for code, name in accounts.items()
    )
    book.write_text(book.read_text(encoding="utf-8") + opened, encoding="utf-8")
    firm.run(pull)
    firm.type(ACCOUNT_MAP, "(default, sales)", ledger_code="9003")
    firm.type(TAX_MAP, "TPS", ledger_code="9001")
    firm.type(TAX_MAP, "TVQ", ledger_code="9002")


def test_the_source_sheet_shows_each_column_with_examples_and_why(firm: Association) -> None:
    firm.run(look_at_source)
    rows = cells(firm, SOURCE_COLUMNS)
    number = next(row for row in rows if row["heading"] == "No de facture")
    assert (number["sheet"], number["field"], number["sure"]) == ("Factures", "Invoice · number", "sure")
    assert number["example1"] == "F-2025000"
    assert number["ground"]
    assert next(row for row in rows if row["heading"] == "Saisie par")["field"] == "Not read"
    assert [row["kind"] for row in cells(firm, SOURCE_SHEETS)] == ["Invoices", "Payments"]
    assert [row["dates"] for row in cells(firm, SOURCE_SHEETS)] == ["Day, month, year"] * 2
    assert [(row["code"], row["rates"]) for row in cells(firm, SOURCE_TAXES)] == [("TPS", "5"), ("TVQ", "9.975")]
    assert cells(firm, SOURCE_STATE)[0]["state"] == "Waits to be confirmed"


def test_what_a_person_corrects_on_the_sheet_is_what_is_confirmed(firm: Association) -> None:
    firm.run(look_at_source)
    rows = cells(firm, SOURCE_COLUMNS)
    place = next(row for row in rows if row["heading"] == "Adresse")
    book = firm.book
    book.write(SOURCE_COLUMNS, {(place["sheet"], place["letter"]): {"field": "Not read"}})
    book.save()
    firm.run(confirm_source)
    kept = (firm.folder / FILE).read_text(encoding="utf-8")
    assert "accounts.billing_street" not in kept
    assert not (firm.folder / DRAFT).exists()
    assert cells(firm, SOURCE_STATE)[0]["state"] == "Confirmed"


def test_a_field_that_a_person_emptied_is_not_read_and_no_guess_stays(firm: Association) -> None:
    firm.run(look_at_source)
    place = next(row for row in cells(firm, SOURCE_COLUMNS) if row["heading"] == "Adresse")
    book = firm.book
    book.write(SOURCE_COLUMNS, {(place["sheet"], place["letter"]): {"field": ""}})
    book.save()
    firm.run(confirm_source)
    assert "accounts.billing_street" not in (firm.folder / FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rates", "wrong"), [("five",) * 2, ("NaN",) * 2, ("5; Infinity", "Infinity"), ("-5",) * 2, ("500",) * 2]
)
def test_a_rate_that_is_none_is_told_and_the_guessed_one_is_not_taken_for_it(
    firm: Association, rates: str, wrong: str
) -> None:
    firm.run(look_at_source)
    book = firm.book
    book.write(SOURCE_TAXES, {("TPS",): {"rates": rates}})
    book.save()
    with pytest.raises(CannotRun) as stopped:
        firm.run(confirm_source)
    assert [(p.code, p.params["value"]) for p in stopped.value.problems] == [("answer_unknown", wrong)]
    assert not (firm.folder / FILE).exists()


def test_a_choice_that_the_sheet_does_not_offer_is_told_and_the_guess_is_not_taken_for_it(firm: Association) -> None:
    firm.run(look_at_source)
    place = next(row for row in cells(firm, SOURCE_COLUMNS) if row["heading"] == "Adresse")
    book = firm.book
    book.write(SOURCE_COLUMNS, {(place["sheet"], place["letter"]): {"field": "Street"}})
    book.save()
    with pytest.raises(CannotRun) as stopped:
        firm.run(confirm_source)
    assert [problem.code for problem in stopped.value.problems] == ["answer_unknown"]


def test_the_rates_of_a_column_that_a_person_makes_a_tax_are_asked_on_the_sheet(firm: Association) -> None:
    firm.run(look_at_source)
    with pytest.raises(CannotRun) as stopped:
        firm.run(lambda session: confirm_source(session, Answers(fields={"Factures/Saisie par": "taxes.hst"})))
    assert [problem.code for problem in stopped.value.problems] == ["rates_asked"]
    assert ("Saisie par", "") in [(row["code"], row["rates"]) for row in cells(firm, SOURCE_TAXES)]


@pytest.mark.parametrize("table", [SOURCE_SHEETS, SOURCE_COLUMNS], ids=["sheets", "columns"])
def test_a_guess_that_the_sheet_does_not_show_is_not_confirmed(firm: Association, table) -> None:
    firm.run(look_at_source)
    book = firm.book
    book.replace(table, [])
    book.save()
    with pytest.raises(CannotRun) as stopped:
        firm.run(confirm_source)
    assert [problem.code for problem in stopped.value.problems] == ["not_confirmed"]
    assert not (firm.folder / FILE).exists()


def test_an_answer_that_names_nothing_is_told_and_confirms_nothing(firm: Association) -> None:
    firm.run(look_at_source)
    for wrong in ({"Factures/Nowhere": "documents.number"}, {"Factures/Total": "documents.nothing"}):
        with pytest.raises(CannotRun) as stopped:
            firm.run(lambda session, wrong=wrong: confirm_source(session, Answers(fields=wrong)))
        assert [problem.code for problem in stopped.value.problems] == ["answer_unknown"]
    assert not (firm.folder / FILE).exists()


def test_the_terminal_looks_and_confirms_too(
    association: Association, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(association, Style("quickbooks", "en", "csv", order="MDY", seed=3))
    workbook = str(association.profile.workbook)
    for arguments in (["look-at-source", workbook], ["confirm-source", workbook, "--dates", "mdy"]):
        monkeypatch.setattr("sys.argv", ["passerelle", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
    assert "Invoice · number" in capsys.readouterr().out
    assert association.run(pull).counts["pulled"][Kind.INVOICE] == 24


def test_the_sheet_offers_every_field_that_a_reading_knows_and_no_other() -> None:
    assert CHOICES["source_field"].keys() - {"unread"} == TYPES.keys()


class Known(Source):
    """A source whose columns are known."""

    name, label, Settings, capabilities = "known", "Known", FilesSettings, SourceCapabilities()

    def __init__(self, settings: object) -> None: ...

    def connect(self) -> Connected:
        return Connected(company="known")

    def pull(self) -> Pulled:
        return Pulled()

    def acknowledge(self, results: object) -> tuple[()]:
        return ()


def test_a_source_whose_columns_are_known_has_nothing_to_look_at(
    firm: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("addin.profile.source_type", lambda _: Known)
    for use_case in (look_at_source, confirm_source):
        with pytest.raises(CannotRun) as stopped:
            firm.run(use_case)
        assert [problem.code for problem in stopped.value.problems] == ["not_looked_at"]
