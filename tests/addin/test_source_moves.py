"""What the source cancelled, replaced, gave a number or a currency to, and only wrote in another way."""

from __future__ import annotations

import pytest

from addin.usecases.answering import confirm
from addin.usecases.check import check
from addin.usecases.undo import Chosen
from connectors.records import Kind
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, Association, add_invoice, documents_in
from workbook.layout import ENTRIES, Table


def codes(association: Association) -> set[tuple[str, str]]:
    """The problems of a check, with the records that have them."""
    return {(problem.code, problem.key) for problem in association.run(check).problems}


def booked(association: Association) -> set[tuple[str, str]]:
    """What stands in the book after a sync."""
    association.sync()
    return set(documents_in(association.folder / "book.beancount"))


@pytest.fixture
def invoice(association: Association) -> Association:
    """One invoice and nothing that pays it, pulled."""
    association.files["payments"].clear()
    association.files["allocations"].clear()
    association.init()
    association.pull()
    return association


def test_what_the_source_cancelled_before_its_transfer_is_not_transferred(invoice: Association) -> None:
    """``docs/ledger-*.md``: a cancelled document is not transferred."""
    invoice.files["documents"][0]["cancelled"] = "yes"
    invoice.pull()
    assert codes(invoice) == {("cancelled_in_source", "I1")}
    assert booked(invoice) == set()
    assert invoice.row(INVOICES, "I1")["status"] == "To Be Transferred"


def test_what_the_source_cancelled_after_its_transfer_is_told_in_its_row_and_stays_booked(invoice: Association) -> None:
    """Nothing is voided by itself: a person makes a credit note, or reverses it in the ledger."""
    assert booked(invoice) == {("invoice", "I1")}
    invoice.files["documents"][0]["cancelled"] = "yes"
    invoice.pull()
    assert codes(invoice) == {("cancelled_after_transfer", "I1")}
    assert booked(invoice) == {("invoice", "I1")}
    row = invoice.row(INVOICES, "I1")
    assert (row["status"], row["reference"]) == ("Transfer Completed", "F-1")
    assert row["reason"] == "The source has cancelled this document, which is in the ledger as F-1."
    assert row["fix"] == "Make a credit note in the source, or reverse it in the ledger by hand."


@pytest.mark.parametrize(
    ("kind", "file", "column", "table", "key"),
    [
        ("payment", "payments", "amount", PAYMENTS, "P1"),
        ("journal_entry", "entry_lines", "debit", ENTRIES, "E1#1"),
    ],
)
def test_a_payment_or_an_entry_that_changed_after_its_transfer_is_told_and_not_sent_again(
    association: Association, kind: str, file: str, column: str, table: Table, key: str
) -> None:
    """What holds of an invoice (Membri 365: "is not sent again") holds of all that is booked."""
    association.add("journal_entries", key="E1", number="J-1", date="2025-03-01", currency="CAD", memo="")
    association.add("entry_lines", entry="E1", line="1", gl_account="4100", debit="10.00", credit="0.00")
    association.add("entry_lines", entry="E1", line="2", gl_account="4100", debit="0.00", credit="10.00")
    association.init()
    association.pull()
    assert (kind, key[:2]) in booked(association)
    before = association.ledger_text()
    association.files[file][0][column] = {"amount": "114.97", "debit": "9.00"}[column]
    if column == "amount":
        association.files["allocations"][0]["amount"] = "114.97"
    if column == "debit":
        association.files[file][1]["credit"] = "9.00"
    association.pull()
    assert ("changed_after_transfer", key[:2]) in codes(association)
    booked(association)
    assert association.ledger_text() == before
    row = association.row(table, key)
    assert row["status"] == "Transfer Completed"
    assert row["reason"].startswith("The source has changed it since it was transferred as ")


def test_a_document_that_became_one_of_another_kind_leaves_as_that_alone(invoice: Association) -> None:
    invoice.files["documents"][0]["kind"] = "credit_note"
    invoice.pull()
    assert codes(invoice) == {("replaced_in_source", "I1")}
    assert booked(invoice) == {("credit_note", "I1")}


def test_what_left_the_source_waits_until_a_person_confirms_that_it_leaves(invoice: Association) -> None:
    """An export may show a part of the source only; what was read before does not leave by itself."""
    add_invoice(invoice, "I2", "F-2")
    for name, owner in (("documents", "key"), ("lines", "document"), ("document_taxes", "document")):
        invoice.files[name] = [row for row in invoice.files[name] if row[owner] != "I1"]
    invoice.pull()
    assert codes(invoice) == {("left_source", "I1")}
    assert booked(invoice) == {("invoice", "I2")}
    invoice.run(lambda session: confirm(session, Chosen(kind=Kind.INVOICE, numbers=["F-1"])))
    assert booked(invoice) == {("invoice", "I1"), ("invoice", "I2")}


def test_a_number_is_free_again_once_its_unbooked_record_left_the_source(invoice: Association) -> None:
    for name, owner in (("documents", "key"), ("lines", "document"), ("document_taxes", "document")):
        invoice.files[name][0][owner] = "I2"
    invoice.files["document_taxes"][1]["document"] = "I2"
    invoice.pull()
    assert codes(invoice) == {("duplicate_number", "I1"), ("left_source", "I1")}
    assert booked(invoice) == {("invoice", "I2")}


def test_the_number_of_what_is_booked_stays_taken_when_the_source_drops_it(invoice: Association) -> None:
    invoice.sync()
    for name, owner in (("documents", "key"), ("lines", "document"), ("document_taxes", "document")):
        invoice.files[name][0][owner] = "I2"
    invoice.files["document_taxes"][1]["document"] = "I2"
    invoice.pull()
    assert ("duplicate_number", "I2") in codes(invoice)


def test_a_payment_counts_towards_its_invoice_only_if_it_leaves_or_was_transferred(association: Association) -> None:
    association.add("payments", key="P2", number="R-2", date="2025-02-02", account="A1", currency="CAD",
                    amount="114.98", method="cheque")  # fmt: skip
    association.add("allocations", payment="P2", invoice="I1", amount="114.98")
    association.init()
    association.pull()
    assert codes(association) == {("payment_over_balance", "P2")}
    association.type(PAYMENTS, "P1", status="Do Not Sync")
    assert codes(association) == set()
    assert booked(association) == {("invoice", "I1"), ("payment", "P2")}
    association.type(PAYMENTS, "P1", status="To Be Transferred")
    assert codes(association) == {("payment_over_balance", "P1")}  # though it is of an earlier date


@pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.CREDIT_NOTE])
def test_what_settles_an_invoice_is_in_its_currency(association: Association, kind: Kind) -> None:
    if kind is Kind.PAYMENT:
        association.files["payments"][0].update(currency="USD", rate="1.35")
        key = "P1"
    else:
        add_invoice(association, "C1", "C-1", kind="credit_note", invoice="I1", currency="USD", rate="1.35")
        key = "C1"
    association.init()
    association.pull()
    assert codes(association) == {("currency_differs", key)}
    assert (kind.value, key) not in booked(association)


def test_entries_that_a_shorter_schedule_no_longer_makes_do_not_leave(association: Association) -> None:
    association.files["lines"][0]["gl_account"] = "2400"
    association.add("gl_accounts", code="2400", name="Cotisations reportées")
    schedule = association.add("schedules", key="S1", invoice="I1", line="1", start="2025-01-01", months="4",
                               amount="100.00", deferred_account="2400", revenue_account="4100")  # fmt: skip
    association.init()
    association.pull()
    schedule["months"] = "2"
    association.pull()
    assert codes(association) == {("replaced_in_source", "S1/2025-03"), ("replaced_in_source", "S1/2025-04")}
    recognised = {(kind, key) for kind, key in booked(association) if kind == "journal_entry"}
    assert recognised == {("journal_entry", "S1/2025-01"), ("journal_entry", "S1/2025-02")}
    schedule["key"] = "S2"
    association.pull()
    assert ("replaced_in_source", "S1/2025-03") in codes(association)


@pytest.mark.parametrize("cancelled", ["no", "yes"], ids=["unpaid", "cancelled"])
def test_entries_of_dues_that_are_paid_no_longer_or_cancelled_do_not_leave(
    association: Association, cancelled: str
) -> None:
    association.add("schedules", key="S1", invoice="I1", line="1", start="2025-01-01", months="2", amount="100.00",
                    deferred_account="4100", revenue_account="4100")  # fmt: skip
    association.init()
    association.pull()
    association.type(ENTRIES, "S1/2025-01#1", status="Stand By")
    association.type(ENTRIES, "S1/2025-01#2", status="Stand By")
    association.type(ENTRIES, "S1/2025-02#1", status="Stand By")
    association.type(ENTRIES, "S1/2025-02#2", status="Stand By")
    assert booked(association) == {("invoice", "I1"), ("payment", "P1")}
    association.files["documents"][0]["cancelled"] = cancelled
    if cancelled == "no":
        association.files["allocations"].clear()
    association.pull()
    association.type(ENTRIES, "S1/2025-02#1", status="To Be Transferred")
    association.type(ENTRIES, "S1/2025-02#2", status="To Be Transferred")
    assert ("replaced_in_source", "S1/2025-02") in codes(association)
    assert booked(association) == {("invoice", "I1"), ("payment", "P1")}


def test_a_schedule_beyond_the_last_date_is_told_with_its_line(association: Association) -> None:
    """Systems write 9999-12-31 for "no end"."""
    association.add("schedules", key="S1", invoice="I1", line="1", start="9999-12-01", months="2", amount="100.00",
                    deferred_account="4100", revenue_account="4100")  # fmt: skip
    association.add("schedules", key="S2", invoice="I1", line="1", start="9999-12-01", months="1", amount="100.00",
                    deferred_account="4100", revenue_account="4100")  # fmt: skip
    association.init()
    told = association.pull().problems
    assert [(p.code, p.provenance.line) for p in told] == [("not_a_date", 2)]
    assert association.row(ENTRIES, "S2/9999-12#1")["date"] == "9999-12-01"


def test_any_blank_around_a_key_is_none_of_it(association: Association) -> None:
    """A sheet's cell is read without blanks around, a thin one included: so is a source's."""
    association.files["accounts"][0]["key"] = "A1\u2009"
    association.init()
    association.pull()
    association.pull()
    assert len(association.book.read(ACCOUNTS).rows) == 1
    assert booked(association) == {("invoice", "I1"), ("payment", "P1")}
